#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Checks what a built library shows to the loader: its exports, no more and no fewer, the
# PCI objects, soname, versions, needed libraries and hardening.
#
#   exports.sh LIBRARY winscard|pcsclite|scarddlg SOURCE_DIR
set -u
LC_ALL=C
export LC_ALL

library=$1
face=$2
source_dir=$3
failures=0
fewest=22

complain()
{
    echo "exports: $library: $*"
    failures=$((failures + 1))
}

for tool in nm readelf objdump; do
    command -v $tool >/dev/null || { echo "exports: no $tool: install binutils"; exit 1; }
done
[ -f "$library" ] || { echo "exports: no $library: it was not built"; exit 1; }

# Words of the two PCI members, as objdump prints little-endian memory.
class=$(readelf -h "$library" | sed -n 's/^ *Class: *//p')
readelf -h "$library" | grep -q 'little endian' \
    || { echo "exports: a big-endian library is not understood"; exit 1; }
case $face in
winscard)
    soname=libwinscard.so.1
    wanted=$(sed -n '/^EXPORTS/,$s/^ *\([A-Za-z_0-9]*\) @[0-9]*\( DATA\)\{0,1\}$/\1/p' \
        "$source_dir/winscard.def" | grep -v '^EXPORTS$')
    size=0000000000000008
    t0="01000000 08000000" t1="02000000 08000000" raw="00000100 08000000"
    ;;
pcsclite)
    soname=libpcsclite.so.1
    wanted=$(cat "$source_dir/packaging/libpcsclite.exports")
    size=0000000000000010
    t0="01000000 00000000 10000000 00000000"
    t1="02000000 00000000 10000000 00000000"
    raw="04000000 00000000 10000000 00000000"
    ;;
scarddlg)
    soname=libscarddlg.so.1
    wanted=$(sed -n '/^EXPORTS/,$s/^ *\([A-Za-z_0-9]*\) @[0-9]*$/\1/p' \
        "$source_dir/packaging/scarddlg.def" | grep -v '^EXPORTS$')
    fewest=5
    ;;
*)
    echo "exports: no face $face"
    exit 1
    ;;
esac
if [ "$class" = ELF32 ]; then
    size=00000008
    [ "$face" = pcsclite ] && t0="01000000 08000000" t1="02000000 08000000" \
        raw="04000000 08000000"
fi

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
nm -D --defined-only -S "$library" >"$scratch/symbols" || complain "nm failed"
awk '{ print $NF }' "$scratch/symbols" | sort >"$scratch/got"
printf '%s\n' "$wanted" | sort >"$scratch/wanted"
comm -23 "$scratch/wanted" "$scratch/got" >"$scratch/missing"
comm -13 "$scratch/wanted" "$scratch/got" >"$scratch/extra"
while read -r name; do complain "does not export $name"; done <"$scratch/missing"
while read -r name; do complain "exports $name"; done <"$scratch/extra"
[ "$(wc -l <"$scratch/wanted")" -ge $fewest ] || complain "the list of exports is too short"

# A name of a version would be needed by every program linked with the library.
readelf -V "$library" | grep -q 'Version definition' && complain "defines versions"

# Programs copy these objects (copy relocations), so place, size and bytes matter.
pci()
{
    line=$(awk -v name="$1" '$NF == name' "$scratch/symbols")
    # shellcheck disable=SC2086
    set -- "$1" "$2" $line
    [ $# -eq 6 ] || { complain "$1: no size"; return; }
    [ "$4" = "$size" ] || complain "$1 has $4 bytes (hex), not $size"
    [ "$5" = R ] || complain "$1 is not read-only data but $5"
    bytes=$(objdump -s --start-address=0x"$3" --stop-address=$((0x$3 + 0x$4)) "$library" \
        | sed -n 's/^ [0-9a-f]* \(\([0-9a-f]* \)*\) .*/\1/p' | head -n 1 | sed 's/ *$//')
    [ "$bytes" = "$2" ] || complain "$1 is $bytes, not $2"
}
if [ "$face" != scarddlg ]; then
    pci g_rgSCardT0Pci "$t0"
    pci g_rgSCardT1Pci "$t1"
    pci g_rgSCardRawPci "$raw"
fi

readelf -dW "$library" >"$scratch/dynamic"
grep -q "(SONAME).*\[$soname\]" "$scratch/dynamic" || complain "soname is not $soname"
grep -q TEXTREL "$scratch/dynamic" && complain "has text relocations"
grep -q 'FLAGS_1.*NODELETE' "$scratch/dynamic" \
    || complain "may be unloaded: no -z nodelete"
grep -q 'FLAGS.*NOW' "$scratch/dynamic" || complain "binds late: no -z now"
readelf -lW "$library" | grep -q GNU_RELRO || complain "no -z relro"
readelf -lW "$library" | grep -q 'GNU_STACK.*RWE' && complain "has an executable stack"

# What may be needed: the C library, what drivers are linked with, and for the Windows face
# SQLite, which its database is kept in. pcsc-lite has no database. The dialogs need the API,
# and nothing that is behind it.
sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' "$scratch/dynamic" >"$scratch/needed"
while read -r needed; do
    case $face:$needed in
    *:libc.so.* | *:ld-linux* | *:libpthread.so.* | *:libdl.so.* | *:libm.so.*) ;;
    *:librt.so.* | scarddlg:libwinscard.so.1) ;;
    scarddlg:*) complain "needs $needed" ;;
    *:libusb-1.0.so.* | winscard:libsqlite3.so.*) ;;
    *) complain "needs $needed" ;;
    esac
done <"$scratch/needed"

# Nor is there code of the database in it, as long as nobody has stripped the library.
if [ "$face" = pcsclite ]; then
    nm "$library" >"$scratch/all" 2>/dev/null
    grep -q ' [Tt] carrier_\| [Tt] client_' "$scratch/all" \
        || complain "is stripped: whether it has a database cannot be seen"
    sed -n 's/.* [Tt] \(database_.*\)/\1/p' "$scratch/all" >"$scratch/database"
    while read -r name; do complain "has the database's $name()"; done <"$scratch/database"
fi

# A library that takes another's place must not call that one.
nm -D --undefined-only "$library" \
    | awk -v face="$face" 'face != "scarddlg" && $NF ~ /^(SCard|g_rgSCard|pcsc_)/ { print $NF }' \
    >"$scratch/asked"
while read -r name; do complain "wants $name from elsewhere"; done <"$scratch/asked"

echo "exports: $library: $(wc -l <"$scratch/got") symbols, $failures faults"
[ $failures -eq 0 ]
