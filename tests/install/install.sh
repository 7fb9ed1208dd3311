#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# install.sh SOURCE BUILD: installs into a directory for the occasion, and builds consumers
# there by pkg-config and by CMake's find_package, in C and in C++, and runs them.
set -euo pipefail
source_dir=$1
build_dir=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
prefix=$place/usr

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
mkdir "$place/project"
cat >"$place/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.20)
project(consumer C CXX)
find_package(winscard 0.1 REQUIRED)
add_executable(c_consumer ../consumer.c)
add_executable(cc_consumer ../consumer.cc)
target_link_libraries(c_consumer winscard::winscard)
target_link_libraries(cc_consumer winscard::winscard)
END

# check NAME PROGRAM WANTED [library directory]
checks=0
check()
{
    local got
    got=$(WINSCARD_READERS=soft: LD_LIBRARY_PATH=$4 timeout 20 "$2")
    if [ "$got" != "$3" ]; then
        echo "$1: '$got', want '$3'"
        exit 1
    fi
    checks=$((checks + 1))
}

# Built for another prefix, so the tree is configured once more for this one.
cmake -G Ninja -S "$source_dir" -B "$place/build" -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_TESTING=OFF >/dev/null
cmake --build "$place/build" -- --quiet
cmake --install "$place/build" >/dev/null
for file in bin/scard lib/libwinscard.so.1 lib/winscard/libpcsclite.so.1 share/man/man1/scard.1 \
    include/winscard/winscard.h include/winscard/PCSC/winscard.h; do
    [ -e "$prefix/$file" ] || { echo "not installed: $file"; exit 1; }
    checks=$((checks + 1))
done
[ ! -e "$prefix/lib/libpcsclite.so.1" ] || { echo "libpcsclite.so.1 is in the way"; exit 1; }

windows_name="WinSCard Software Card 0"
lite_name="WinSCard Software Card 00 00"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
read -ra flags < <(pkg-config --cflags --libs winscard)
cc "$place/consumer.c" "${flags[@]}" -o "$place/c1"
check "C by pkg-config" "$place/c1" "$windows_name" "$prefix/lib"
c++ "$place/consumer.cc" "${flags[@]}" -o "$place/cc1"
check "C++ by pkg-config" "$place/cc1" "$windows_name" "$prefix/lib"

export PKG_CONFIG_PATH=$prefix/lib/winscard/pkgconfig
read -ra flags < <(pkg-config --cflags --libs libpcsclite)
cc "$place/consumer.c" "${flags[@]}" -o "$place/c2"
check "C by pkg-config, pcsc-lite's API" "$place/c2" "$lite_name" "$prefix/lib/winscard"
[ "$(pkg-config --variable=usbdropdir libpcsclite)" = /usr/lib/pcsc/drivers ]

cmake -G Ninja -S "$place/project" -B "$place/project/build" -DCMAKE_PREFIX_PATH="$prefix" \
    >/dev/null
cmake --build "$place/project/build" -- --quiet
check "C by CMake" "$place/project/build/c_consumer" "$windows_name" "$prefix/lib"
check "C++ by CMake" "$place/project/build/cc_consumer" "$windows_name" "$prefix/lib"
echo "install: $checks checks; built in $build_dir, installed anew"
