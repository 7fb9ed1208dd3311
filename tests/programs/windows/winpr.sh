#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# winpr.sh SOURCE BUILD COMPILER: FreeRDP's own tests of winscard (winpr's
# TestSmartCardListReaders and TestSmartCardStatus, of Debian's source package), as programs for
# Windows.
# shellcheck source=tests/programs/windows/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=packaging/packages.sh
. "$source_dir/packaging/packages.sh"

download()
{
    local place=$work/apt
    mkdir "$place"
    apt_apart "$place" <<END
deb-src MIRROR bookworm main
END
    (cd "$place" && apt-get -q -c apt/conf update && apt-get -q -c apt/conf source freerdp2)
    mv "$place"/freerdp2-*/winpr "$1"
}

command -v dpkg-source >/dev/null || skip "dpkg-source is missing: Debian package dpkg-dev"
fetch freerdp2-winpr || skip "FreeRDP's sources cannot be had by apt"
# What its CMake would make: the one header with settings, and a main for each test; and the
# one function of winpr's own that they call, for errors.
mkdir -p "$work/include/winpr" "$work/app"
sed 's/#cmakedefine /#define /' "$fetched/winpr/include/winpr/wtypes.h.in" \
    >"$work/include/winpr/wtypes.h"
cat >"$work/main.c" <<'END'
int TEST(int argc, char *argv[]);
const char *SCardGetErrorString(long code);
const char *SCardGetErrorString(long code)
{
    return code == 0 ? "no error" : "an error";
}
int main(int argc, char *argv[])
{
    return TEST(argc, argv);
}
END
cp "$build/winscard.dll" "$work/app"
for test in TestSmartCardListReaders TestSmartCardStatus; do
    "$compiler" -w -DTEST=$test -I"$work/include" -I"$fetched/winpr/include" \
        -o "$work/app/$test.exe" "$fetched/winpr/libwinpr/smartcard/test/$test.c" \
        "$work/main.c" "$build/libwinscard.dll.a"
done

run "$work/app/TestSmartCardListReaders.exe"
expect_code "the readers" 0
expect "the readers" "^Reader: WinSCard Software Card 0$"
run "$work/app/TestSmartCardStatus.exe"
expect_code "the card" 0
expect "the reader's name, in a buffer" "^Reader name: WinSCard Software Card 0 \(24/len 26\)$"
expect "the reader's name, in our memory" "^Reader name: WinSCard Software Card 0 \(24/26\)$"
expect "the card's state" "^status: 0x00000006$"
expect "the card's protocol" "^proto: 0x0000000[12]$"
expect "the card's ATR" "^atrlen: 20$"
finish
