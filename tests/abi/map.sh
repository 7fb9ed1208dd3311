#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Checks packaging/cmake/make-map.cmake: both kinds of list, and lists it must refuse.
#
#   map.sh CMAKE SOURCE_DIR BUILD_DIR
set -u

cmake=$1
source_dir=$2
build_dir=$3
failures=0

rm -rf "$build_dir"
mkdir -p "$build_dir" || exit 1
cd "$build_dir" || exit 1

make_map()
{
    "$cmake" "-DINPUT=$1" "-DOUTPUT=$2" \
        -P "$source_dir/packaging/cmake/make-map.cmake" >messages 2>&1
}

complain()
{
    echo "map: $*"
    failures=$((failures + 1))
}

printf '; note\nLIBRARY a.dll\nEXPORTS\n    One @1\n    two @2 DATA\n\n' >good.def
printf '# note\nOne\n two\n' >good.exports
printf '{\n  global:\n    One;\n    two;\n  local:\n    *;\n};\n' >wanted
for list in good.def good.exports; do
    make_map $list $list.map || complain "$list: refused"
    cmp -s $list.map wanted || complain "$list: another map"
done
touch -d 2001-01-01 good.def.map
make_map good.def good.def.map
[ "$(date -r good.def.map +%Y)" = 2001 ] || complain "rewrites a map that does not change"

printf 'EXPORTS\nOne Two Three\n' >three.def
printf 'EXPORTS\nOne @one\n' >ordinal.def
printf 'One\n' >headless.def
printf '# nothing\n' >empty.exports
printf 'One;Two\n' >semicolon.exports
printf 'One\nTwo:\n' >colon.exports
for list in three.def ordinal.def headless.def empty.exports semicolon.exports \
    colon.exports none.def; do
    make_map $list bad.map && complain "$list: accepted"
    [ -e bad.map ] && complain "$list: wrote a map"
done

make_map "$source_dir/winscard.def" winscard.map || complain "winscard.def: refused"
[ "$(grep -c '^    [A-Za-z_]' winscard.map)" -eq 77 ] \
    || complain "winscard.def: not 77 names"
make_map "$source_dir/packaging/libpcsclite.exports" pcsclite.map \
    || complain "libpcsclite.exports: refused"
[ "$(grep -c '^    [A-Za-z_]' pcsclite.map)" -eq 22 ] \
    || complain "libpcsclite.exports: not 22"

echo "map: $failures faults"
[ $failures -eq 0 ]
