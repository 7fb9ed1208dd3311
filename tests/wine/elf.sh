#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# elf.sh DLL: the DLL for Wine as an ELF object. It needs the C library, libusb and SQLite
# alone, shows nothing but what Wine's loader asks for, and takes no more of Wine than
# src/face/kernel32.h declares, so that no thread of ours calls it.
set -euo pipefail
dll=$1
header=$(dirname "$0")/../../src/face/kernel32.h
failed=0
complain()
{
    echo "$dll: $*"
    failed=1
}

needed=$(readelf -d "$dll" | sed -nE 's/.*NEEDED.*\[(.*)\]/\1/p' |
    grep -vE '^(libc\.so\.6|ld-linux-x86-64\.so\.2|libusb-1\.0\.so\.0|libsqlite3\.so\.0)$' || true)
[ -z "$needed" ] || complain "needs $needed"
shown=$(nm -D --defined-only "$dll" | awk '{ print $3 }' | tr '\n' ' ')
[ "$shown" = "__wine_spec_nt_header _end " ] || complain "shows $shown"
taken=$(nm "$dll" | sed -n 's/.* __imp_//p' | sort)
[ -n "$taken" ] || complain "takes nothing of Wine?"
for name in $taken; do
    grep -qE "WINAPI $name\(" "$header" || complain "takes $name of Wine"
done
readelf -d "$dll" | grep -q BIND_NOW || complain "is not bound when it is loaded"
readelf -lW "$dll" | grep -q GNU_RELRO || complain "has no RELRO"
readelf -lW "$dll" | grep 'GNU_STACK' | grep -q 'RWE' && complain "has an executable stack"
exit $failed
