#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# exports_windows.sh FILE winscard|scarddlg|winscardd SOURCE OBJDUMP: what a DLL, or the service,
# shows to Windows' loader: its exports with their ordinals, no more and no fewer, the DLLs that
# it needs, and how it may be placed in memory.
set -euo pipefail
export LC_ALL=C
dll=$1 name=$2 source=$3 objdump=$4
def=$source/winscard.def
needed='kernel32.dll msvcrt.dll'
if [ "$name" = scarddlg ]; then
    def=$source/packaging/scarddlg.def
    needed="$needed winscard.dll"
fi
failures=0
complain()
{
    echo "exports: $dll: $*"
    failures=$((failures + 1))
}

"$objdump" -p "$dll" >"${dll}.shown"
wanted=$(sed -n 's/^ *\([A-Za-z_0-9]*\) @\([0-9]*\).*/\2 \1/p' "$def")
# "[   0] SCardConnectA", whose ordinal is that and the base.
shown=$(awk '/Ordinal Base/ { base = $NF }
    /Ordinal\/Name Pointer/ { names = 1; next }
    names && match($0, /\[ *[0-9]+\]/) {
        number = substr($0, RSTART + 1, RLENGTH - 2)
        print number + base, $NF
        next
    }
    names { names = 0 }' "${dll}.shown")
if [ "$name" = winscardd ]; then
    wanted=
fi
[ "$(wc -l <<<"$wanted")" -ge 5 ] || [ "$name" = winscardd ] || complain "$def was not understood"
if ! diff <(sort -n <<<"$wanted") <(sort -n <<<"$shown"); then
    complain "the exports are not those of $def"
fi

imported=$(sed -n 's/^\tDLL Name: //p' "${dll}.shown" | tr '[:upper:]' '[:lower:]' |
    sort -u | tr '\n' ' ')
for one in $imported; do
    case " $needed " in
    *" $one "*) ;;
    *) complain "it is loaded with $one" ;;
    esac
done

for feature in DYNAMIC_BASE NX_COMPAT; do
    grep -q "$feature" "${dll}.shown" || complain "not $feature"
done
if grep -q 'pei-x86-64' "${dll}.shown"; then
    grep -q HIGH_ENTROPY_VA "${dll}.shown" || complain "not HIGH_ENTROPY_VA"
fi
grep -q '^\.rsrc\|Resource Directory \[.rsrc\]' "${dll}.shown" || complain "no version resource"
echo "exports: $(wc -l <<<"$shown") names, needs $imported- $failures faults"
[ "$failures" -eq 0 ]
