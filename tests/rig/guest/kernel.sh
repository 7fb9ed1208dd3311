#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# kernel.sh: prints the path of a User Mode Linux kernel for the rig:
#   $WINSCARD_RIG_KERNEL, if it is set;
#   else the one in the cache ($XDG_CACHE_HOME or ~/.cache), named by the version of its
#   source and by its configuration;
#   else it builds that one from Debian's package linux-source-6.1, which takes minutes.
# What it says besides goes to standard error. Needs: linux-source-6.1 gcc make flex bison
# bc xz-utils tar.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
version=6.1
archive=/usr/src/linux-source-$version.tar.xz

fail()
{
    echo "kernel.sh: $*" >&2
    exit 1
}

if [ -n "${WINSCARD_RIG_KERNEL:-}" ]; then
    [ -x "$WINSCARD_RIG_KERNEL" ] || fail "not a program: $WINSCARD_RIG_KERNEL"
    echo "$WINSCARD_RIG_KERNEL"
    exit 0
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/winscard/rig
config=$(sha256sum <"$here/uml.config" | cut -c 1-8)
kernel=$cache/linux-$version-$config
mkdir -p "$cache"
# Two tests that start at once build it once.
exec 9>"$cache/lock"
flock 9
if [ -x "$kernel" ]; then
    echo "$kernel"
    exit 0
fi

[ -e "$archive" ] || fail "no $archive: install linux-source-$version, or set WINSCARD_RIG_KERNEL"
for tool in gcc make flex bison bc xz; do
    command -v "$tool" >/dev/null || fail "no $tool: install it, or set WINSCARD_RIG_KERNEL"
done

place=$(mktemp -d "${TMPDIR:-/tmp}/winscard-kernel-XXXXXX")
trap 'rm -rf "$place"' EXIT
echo "kernel.sh: building $kernel (some minutes, once)" >&2
began=$(date +%s)
# Sources that this configuration never looks at are most of the archive.
tar -C "$place" --strip-components=1 -xf "$archive" --exclude='*/Documentation/*/*' \
    --exclude='*/drivers/gpu/*/*.[ch]' --exclude='*/drivers/net/*/*.[ch]' \
    --exclude='*/sound/*/*.[ch]' --exclude='*/tools/testing/*' --exclude='*.dts*' \
    --exclude='*/drivers/media/*/*.[ch]'
{
    make -C "$place" ARCH=um KCONFIG_ALLCONFIG="$here/uml.config" allnoconfig &&
        make -C "$place" ARCH=um -j "$(nproc)" linux
} >"$place/log" 2>&1 9>&- || {
    tail -n 40 "$place/log" >&2
    fail "the kernel could not be built"
}
strip -o "$kernel.new" "$place/linux"
mv "$kernel.new" "$kernel"
echo "kernel.sh: built in $(($(date +%s) - began)) s" >&2
echo "$kernel"
