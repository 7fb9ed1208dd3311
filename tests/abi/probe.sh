#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Compares the public headers with Wine's, mingw-w64's and pcsc-lite's, item by item.
#
#   probe.sh SOURCE_DIR BUILD_DIR CC
#
# items.list names the items. For each pair of headers the same C source is compiled with
# ours and with theirs; nothing is run: the values are read out of the object files, so
# the 32-bit and Windows pairs work on every x86-64 machine. A difference that
# differences.list does not state fails, and so does a stated one that is gone, and too
# few items.
set -u
LC_ALL=C
export LC_ALL

source_dir=$1
build_dir=$2
cc=${3:-cc}
here=$source_dir/tests/abi
ours=$source_dir/include/winscard
wine=${WINE_INCLUDE:-/usr/include/wine/wine/windows}
pcsc=${PCSC_INCLUDE:-/usr/include/PCSC}
mingw64=${MINGW64_CC:-x86_64-w64-mingw32-gcc}
mingw32=${MINGW32_CC:-i686-w64-mingw32-gcc}
floor=8000

fail()
{
    echo "probe: $*" >&2
    exit 1
}

[ -f "$wine/winscard.h" ] || fail "no $wine/winscard.h: install libwine-dev"
[ -f "$pcsc/winscard.h" ] || fail "no $pcsc/winscard.h: install libpcsclite-dev"
command -v "$mingw64" >/dev/null || fail "no $mingw64: install gcc-mingw-w64-x86-64"
command -v "$mingw32" >/dev/null || fail "no $mingw32: install gcc-mingw-w64-i686"
command -v objcopy >/dev/null || fail "no objcopy: install binutils"
command -v "$cc" >/dev/null || fail "no compiler $cc"

# A 64-bit C library's headers want this one for -m32; it names missing calls, of no
# interest here.
rm -rf "$build_dir"
mkdir -p "$build_dir/m32/gnu" || fail "cannot write $build_dir"
: >"$build_dir/m32/gnu/stubs-32.h"
cd "$build_dir" || exit 1

multiarch=/usr/include/$("$cc" -print-multiarch 2>/dev/null || gcc -print-multiarch)
m32="-m32 -I$build_dir/m32 -idirafter $multiarch"
windows='#include <windows.h>\n#include <winscard.h>\n#define PROBE_CHAR TCHAR\n'
reader='#include <winscard.h>\n#include <reader.h>\n#define PROBE_CHAR char\n'
windows_reader='#include <windows.h>\n#include <winscard.h>\n#include <reader.h>\n'
windows_reader="$windows_reader#define PROBE_CHAR TCHAR\n"
finish='#include <stddef.h>\n#ifndef WINAPI\n#define WINAPI\n#endif\n'
finish="$finish#ifdef UNICODE\n#define AW(name) name##W\n"
finish="$finish#else\n#define AW(name) name##A\n#endif\n"

# values FILE SIDE PROLOGUE COMPILE... : writes FILE.values, "item<TAB>value" a line.
values()
{
    out=$1
    heading=$2
    probe=$3
    shift 3
    rm -rf "$out"
    mkdir "$out"
    printf '%b' "$heading$finish" >"$out/prologue.h"
    cp "$probe.c" "$out/probe.c"
    "$@" -std=gnu11 -w -I"$out" -c "$out/probe.c" -o "$out/probe.o" 2>"$out/errors" \
        || { cat "$out/errors" >&2; fail "$out: does not compile"; }
    objcopy -O binary -j .probe "$out/probe.o" "$out/probe.bin" \
        || fail "$out: cannot read the object file"
    items=$(wc -l <"$probe.names")
    od -An -v -t d8 -w16 "$out/probe.bin" | head -n "$items" \
        | awk '{ print $1 == 1 ? $2 : "absent" }' >"$out/numbers"
    [ "$(wc -l <"$out/numbers")" -eq "$items" ] || fail "$out: not $items values"
    paste "$probe.names" "$out/numbers" >"$out.values"
    lines=$(wc -l <"$probe.names.texts")
    [ "$lines" -eq 0 ] && return
    objcopy -O binary -j .text_ "$out/probe.o" "$out/texts.bin"
    width=$(($(wc -c <"$out/texts.bin") / lines / 24 * 24))
    od -An -v -t x1 -w$width "$out/texts.bin" | head -n "$lines" | tr -d ' ' >"$out/texts"
    [ "$(wc -l <"$out/texts")" -eq "$lines" ] || fail "$out: not $lines texts"
    paste "$probe.names.texts" "$out/texts" >>"$out.values"
}

# pair NAME PEER PROLOGUE -- THEIR COMPILE... -- OUR COMPILE...
# (no THEIR COMPILE: what the list itself states)
total=0
failures=0
pair()
{
    name=$1
    peer=$2
    prologue=$3
    their=$4
    our=$5
    awk -v peer="$peer" -v side=ask -v names="$name.names" -f "$here/probe.awk" \
        "$here/items.list" >"$name.c" || fail "$name: no probe"
    # shellcheck disable=SC2086
    values "$name.ours" "$prologue" "$name" $our
    if [ -n "$their" ]; then
        # shellcheck disable=SC2086
        values "$name.theirs" "$prologue" "$name" $their
    else
        awk -v peer="$peer" -v side=state -v names="$name.stated.names" \
            -f "$here/probe.awk" "$here/items.list" >"$name.stated.c" || fail "$name"
        # shellcheck disable=SC2086
        values "$name.theirs" "$prologue" "$name.stated" $our
    fi
    awk -F '\t' -v pair="$name" -f "$here/compare.awk" "$here/differences.list" \
        "$name.theirs.values" "$name.ours.values" || failures=$((failures + 1))
    total=$((total + $(wc -l <"$name.ours.values")))
}

ours_windows="$cc -I$ours"
ours_pcsc="$cc -I$ours/PCSC"
for text in A W; do
    u=
    [ $text = W ] && u="-DUNICODE"
    pair wine64-$text W "$windows" "$cc -fshort-wchar -I$wine $u" "$ours_windows $u"
    pair wine64-short-$text W "$windows" "$cc -fshort-wchar -I$wine $u" \
        "$ours_windows -fshort-wchar $u"
    pair wine32-$text W "$windows" "$cc $m32 -fshort-wchar -I$wine $u" \
        "$ours_windows $m32 $u"
    pair mingw64-$text M "$windows" "$mingw64 $u" "$ours_windows $u"
    pair mingw32-$text M "$windows" "$mingw32 $u" "$ours_windows $m32 $u"
    pair system64-$text M "$windows" "$mingw64 $u" "$mingw64 -I$ours $u"
    pair system32-$text M "$windows" "$mingw32 $u" "$mingw32 -I$ours $u"
    pair stated-$text D "$windows_reader" "" "$ours_windows $u"
    pair stated-mingw64-$text D "$windows_reader" "" "$mingw64 -I$ours $u"
    pair stated-mingw32-$text D "$windows_reader" "" "$mingw32 -I$ours $u"
done
pair reader64 R "$reader" "$cc -I$pcsc" "$ours_windows"
pair reader32 R "$reader" "$cc $m32 -I$pcsc" "$ours_windows $m32"
pair pcsclite64 L "$reader" "$cc -I$pcsc" "$ours_pcsc"
pair pcsclite32 L "$reader" "$cc $m32 -I$pcsc" "$ours_pcsc $m32"
pair pcsclite64-define L "$reader" "$cc -I$pcsc" \
    "$cc -I$ours -DWINSCARD_ABI_PCSCLITE"
pair stated-pcsclite P "$reader" "" "$ours_pcsc"

# The names of macros that belong to the API.
api='^(L?P?SCARD|SCERR|SC_DLG|FEATURE_|PCSC|IOCTL_SMARTCARD|CM_IOCTL|SCard|GetOpenCard'
api="$api|L?P?OPENCARD|LPOCN|MAXIMUM_(ATTR|SMART)|MAX_(ATR|READER|BUFFER))"

# covered NAME PROLOGUE COMPILE... : every macro of the API that the peer's headers define
# must be an item.
covered()
{
    name=$1
    prologue=$2
    shift 2
    printf '%b' "$prologue" >"$name.c"
    "$@" -dM -E "$name.c" | awk -v api="$api" '$2 ~ api && $2 !~ /\(/ { print $2 }' \
        | sort >"$name.macros"
    [ -s "$name.macros" ] || fail "$name: no macros"
    awk -v pair="$name" -f "$here/complete.awk" "$here/differences.list" \
        "$here/items.list" "$name.macros" || failures=$((failures + 1))
}
covered wine-macros "$windows" "$cc" -fshort-wchar "-I$wine"
covered mingw-macros "$windows" "$mingw64"
covered pcsclite-macros "$reader" "$cc" "-I$pcsc"

# Every exported call must be an item, so that none lacks a prototype.
for name in \
    $(sed -n '/^EXPORTS/,$s/^ *\([A-Za-z_0-9]*\) @[0-9]*$/\1/p' "$source_dir/winscard.def") \
    $(grep -v '^g_' "$source_dir/packaging/libpcsclite.exports"); do
    [ "$name" = EXPORTS ] && continue
    grep -q "^call [A-Z]* $name |" "$here/items.list" && continue
    echo "probe: $name is exported and not an item"
    failures=$((failures + 1))
done

echo "probe: $total items compared, $failures of the comparisons failed"
[ "$total" -ge $floor ] || fail "fewer than $floor items"
[ "$failures" -eq 0 ]
