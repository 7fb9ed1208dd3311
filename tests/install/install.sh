#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# install.sh SOURCE BUILD: installs BUILD into a directory for the occasion, and builds
# consumers there by pkg-config and by CMake's find_package, in C and in C++, and runs them;
# then one that has SOURCE in its own tree. BUILD has shared libraries, or archives.
set -euo pipefail
source_dir=$1
build_dir=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
prefix=$place/moved

cat >"$place/consumer.c" <<'END'
#include <winscard.h>
#include <stdio.h>

int main(void)
{
    SCARDCONTEXT context;
    char readers[256];
    DWORD size = sizeof(readers);

    if (SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context) != SCARD_S_SUCCESS)
        return 1;
    if (SCardListReaders(context, NULL, readers, &size) != SCARD_S_SUCCESS)
        return 2;
    printf("%s\n", readers);
    return SCardReleaseContext(context) == SCARD_S_SUCCESS ? 0 : 3;
}
END
cp "$place/consumer.c" "$place/consumer.cc"
# A program that uses more of Windows, and spells its headers as there.
cat >"$place/port.c" <<'END'
#include <Windows.h>
#include <WinSCard.h>
#include <tchar.h>

int _tmain(void)
{
    SCARDCONTEXT context;
    TCHAR readers[256];
    DWORD size = ARRAYSIZE(readers);

    Sleep(1);
    if (WaitForSingleObject(SCardAccessStartedEvent(), 60000) != WAIT_OBJECT_0)
        return 1;
    if (SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context) != SCARD_S_SUCCESS)
        return 2;
    if (SCardListReaders(context, NULL, readers, &size) != SCARD_S_SUCCESS)
        return 3;
    _tprintf(_T("%s, %lu\n"), readers, GetLastError());
    return SCardReleaseContext(context) == SCARD_S_SUCCESS ? 0 : 4;
}
END
mkdir "$place/project"
cat >"$place/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.20)
project(consumer C CXX)
find_package(winscard 1.0 REQUIRED)
add_executable(c_consumer ../consumer.c)
add_executable(cc_consumer ../consumer.cc)
target_link_libraries(c_consumer winscard::winscard)
target_link_libraries(cc_consumer winscard::winscard)
add_executable(dialog_consumer ../dialog.c)
target_link_libraries(dialog_consumer winscard::scarddlg)
add_executable(port_consumer ../port.c)
target_link_libraries(port_consumer winscard::winscard)
END

# check NAME PROGRAM WANTED [library directory]
checks=0
check()
{
    local got
    got=$(WINSCARD_READERS=soft: LD_LIBRARY_PATH=$4 timeout 600 "$2")
    if [ "$got" != "$3" ]; then
        echo "$1: '$got', want '$3'"
        exit 1
    fi
    checks=$((checks + 1))
}

# Installed elsewhere than it was configured for, and then moved: nothing may mind.
cmake --install "$build_dir" --prefix "$place/usr" >/dev/null
mv "$place/usr" "$prefix"
library=$(find "$prefix" -path '*/wine/*' -prune -o \
    \( -name libwinscard.so.1 -o -name libwinscard.a \) -print)
libdir=${library%/*}
for file in "$prefix/bin/scard" "$libdir/winscard/libpcsclite.so.1" \
    "$prefix/share/man/man1/scard.1" "$prefix/include/winscard/winscard.h" \
    "$prefix/include/winscard/PCSC/winscard.h"; do
    [ -e "$file" ] || { echo "not installed: $file"; exit 1; }
    checks=$((checks + 1))
done
[ ! -e "$libdir/libpcsclite.so.1" ] || { echo "libpcsclite.so.1 is in the way"; exit 1; }
archives=no
[ "${library##*.}" != a ] || archives=yes
env -u LD_LIBRARY_PATH "$prefix/bin/scard" demo >"$place/demo" || { cat "$place/demo"; exit 1; }
checks=$((checks + 1))

# Types of cards are found in the prefix that was configured, which holds for the occasion
# what was installed; and where the system's packages have theirs.
# shellcheck disable=SC2016 # $1 and the others are the inner shell's
in_place()
{
    unshare --map-root-user --mount sh -c \
        'mount --bind "$1" "$2" && shift 2 && exec timeout 600 "$@"' - "$@"
}
configured=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build_dir/CMakeCache.txt")
if [ -d "$configured/share" ] && in_place "$prefix/share" "$configured/share" true; then
    for share in "$configured/share" /usr/share; do
        in_place "$prefix/share" "$share" env -u WINSCARD_CARDS_DIR HOME="$place" \
            "$prefix/bin/scard" db list --packages |
            grep '^package  YubiKey 5$' >/dev/null
        checks=$((checks + 1))
    done
else
    echo "no mounts of one's own here: the search for cards.d is not tested"
fi

windows_name="WinSCard Software Card 0"
lite_name="WinSCard Software Card 00 00"
export PKG_CONFIG_PATH=$libdir/pkgconfig
read -ra flags < <(pkg-config --cflags --libs winscard)
cc "$place/consumer.c" "${flags[@]}" -o "$place/c1"
check "C by pkg-config" "$place/c1" "$windows_name" "$libdir"
c++ "$place/consumer.cc" "${flags[@]}" -o "$place/cc1"
check "C++ by pkg-config" "$place/cc1" "$windows_name" "$libdir"

for text in "" "-DUNICODE -D_UNICODE" "-DUNICODE -D_UNICODE -fshort-wchar"; do
    # shellcheck disable=SC2086 # none or several
    cc $text "$place/port.c" "${flags[@]}" -o "$place/port"
    check "more of Windows $text" "$place/port" "$windows_name, 0" "$libdir"
    # shellcheck disable=SC2086
    [ "$text" = "${text%wchar}" ] || continue
    # shellcheck disable=SC2086
    c++ $text -x c++ "$place/port.c" -x none "${flags[@]}" -o "$place/port"
    check "the same in C++ $text" "$place/port" "$windows_name, 0" "$libdir"
done

# The README's first program, as it stands there.
sed -n '/^    #include <windows.h>$/,/^    }$/s/^    //p' "$source_dir/README.md" >"$place/hello.c"
for text in "" -DUNICODE; do
    # shellcheck disable=SC2086 # none or one
    cc $text "$place/hello.c" "${flags[@]}" -o "$place/hello"
    check "the README's program $text" "$place/hello" "$windows_name" "$libdir"
done

# And by the command that stands there, from the build folder.
command=$(sed -n 's/^    \(cc hello\.c .*\)$/\1/p' "$source_dir/README.md")
[ -n "$command" ]
if [ "$archives" = no ]; then
    mkdir "$place/by_hand"
    ln -s "$source_dir/include" "$place/by_hand"
    ln -s "$build_dir" "$place/by_hand/build"
    (cd "$place/by_hand" && cp ../hello.c . && eval "$command")
    check "the README's command" "$place/by_hand/hello" "$windows_name" ""
fi

# A program of the dialogs', which are found as libwinscard is.
sed 's/^    return SCardRel/    OPENCARDNAME_EXA open = {sizeof open, context};\
    open.dwFlags = SC_DLG_NO_UI;\
    if (SCardUIDlgSelectCardA(\&open) != SCARD_S_SUCCESS)\
        return 4;\
&/' "$place/consumer.c" >"$place/dialog.c"
grep -q Dlg "$place/dialog.c"
read -ra flags < <(pkg-config --cflags --libs scarddlg)
cc "$place/dialog.c" "${flags[@]}" -o "$place/c3"
check "the dialogs by pkg-config" "$place/c3" "$windows_name" "$libdir"
[ -e "$prefix/share/man/man3/scarddlg.3" ]

export PKG_CONFIG_PATH=$libdir/winscard/pkgconfig
read -ra flags < <(pkg-config --cflags --libs libpcsclite)
cc "$place/consumer.c" "${flags[@]}" -o "$place/c2"
check "C by pkg-config, pcsc-lite's API" "$place/c2" "$lite_name" "$libdir/winscard"
[ "$(pkg-config --variable=usbdropdir libpcsclite)" = /usr/lib/pcsc/drivers ]
sed 's,<winscard.h>,<PCSC/winscard.h>,' "$place/consumer.c" >"$place/lite.c"
cc "$place/lite.c" "${flags[@]}" -MD -MF "$place/lite.d" -o "$place/c4"
grep -q "$prefix.*/PCSC/winscard.h" "$place/lite.d" # not the system's
check "the same, <PCSC/winscard.h>" "$place/c4" "$lite_name" "$libdir/winscard"

cmake -G Ninja -S "$place/project" -B "$place/project/build" -DCMAKE_PREFIX_PATH="$prefix" \
    >/dev/null
cmake --build "$place/project/build" -- --quiet
check "C by CMake" "$place/project/build/c_consumer" "$windows_name" "$libdir"
check "C++ by CMake" "$place/project/build/cc_consumer" "$windows_name" "$libdir"
check "the dialogs by CMake" "$place/project/build/dialog_consumer" "$windows_name" "$libdir"
check "more of Windows by CMake" "$place/project/build/port_consumer" "$windows_name, 0" \
    "$libdir"

# As a part of another project: the same names, and none of our tests.
mkdir "$place/whole"
cat >"$place/whole/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(whole C)
add_subdirectory($source_dir winscard EXCLUDE_FROM_ALL)
add_executable(consumer ../consumer.c)
target_link_libraries(consumer winscard::winscard)
if(BUILD_TESTING OR TARGET test_list)
    message(FATAL_ERROR "the tests of a part are not the whole's")
endif()
END
kind=ON
[ "$archives" = no ] || kind=OFF
cmake -G Ninja -S "$place/whole" -B "$place/whole/build" -DBUILD_SHARED_LIBS=$kind >/dev/null
cmake --build "$place/whole/build" -- --quiet
check "as a part of another project" "$place/whole/build/consumer" "$windows_name" "$libdir"

# Without libwinport: what needs it does not compile, the rest does as before.
cat >>"$place/whole/CMakeLists.txt" <<END
add_executable(port EXCLUDE_FROM_ALL ../port.c)
target_link_libraries(port winscard::winscard)
END
cmake -S "$place/whole" -B "$place/whole/build" -DWITH_PORT=OFF >/dev/null
cmake --build "$place/whole/build" --target consumer -- --quiet
check "without libwinport" "$place/whole/build/consumer" "$windows_name" "$libdir"
if cmake --build "$place/whole/build" --target port >"$place/said" 2>&1; then
    echo "a program that needs libwinport compiles without it"
    exit 1
fi
grep -q "WaitForSingleObject\|_tmain\|Sleep" "$place/said"
cmake -S "$place/whole" -B "$place/whole/build" -DWITH_PORT=ON >/dev/null
cmake --build "$place/whole/build" --target port -- --quiet
check "with it again" "$place/whole/build/port" "$windows_name, 0" "$libdir"

# An error of the configuration names the package and the option that does without.
for lack in "libusb-1.0 libusb-1.0-0-dev WITH_USB" "sqlite3 libsqlite3-dev WITH_DATABASE"; do
    read -r module package option <<<"$lack"
    mkdir "$place/$module"
    cp "$(pkg-config --variable=pcfiledir libusb-1.0)/libusb-1.0.pc" \
        "$(pkg-config --variable=pcfiledir sqlite3)/sqlite3.pc" "$place/$module"
    rm "$place/$module/$module.pc"
    said=$(env -u PKG_CONFIG_PATH PKG_CONFIG_LIBDIR="$place/$module" cmake -G Ninja \
        -S "$source_dir" -B "$place/$module/build" 2>&1 || true)
    for word in "$package" "-D$option=OFF"; do
        grep -q -- "$word" <<<"$said" || { echo "without $module: $said"; exit 1; }
        checks=$((checks + 1))
    done
    env -u PKG_CONFIG_PATH PKG_CONFIG_LIBDIR="$place/$module" cmake -G Ninja -S "$source_dir" \
        -B "$place/$module/build" "-D$option=OFF" >"$place/said" 2>&1 ||
        { cat "$place/said"; exit 1; }
    checks=$((checks + 1))
done

# Installed to stay, and taken away: nothing is left but what is not ours alone.
DESTDIR=$place/stay cmake --install "$build_dir" >/dev/null
[ -n "$(find "$place/stay" -name winscard.h)" ]
DESTDIR=$place/stay cmake --build "$build_dir" --target uninstall >/dev/null
left=$(find "$place/stay" ! -type d -o -name winscard)
[ -z "$left" ] || { echo "left after uninstalling: $left"; exit 1; }
checks=$((checks + 1))
echo "install: $checks checks"
