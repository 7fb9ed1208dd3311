#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# trixie.sh BUILD [ARGUMENT-OF-CTEST...]: runs tests of a build folder, as it was built here,
# with the Wine 10.0 of Debian 13: by default those labelled wine, or all of a build for
# Windows. By hand, for no other test needs it: it is made by root, and in a Debian 13 that
# debootstrap puts into the cache ($XDG_CACHE_HOME or ~/.cache) at the first time (1.5 GB, some
# minutes). Wine prefixes of the build folder are left alone.
set -euo pipefail
[ $# -ge 1 ] || { echo "trixie.sh: which build folder?" >&2; exit 2; }
source=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
shift
cache=${XDG_CACHE_HOME:-$HOME/.cache}/winscard
root=$cache/wine-trixie
packages=wine64,cmake,python3,libusb-1.0-0,libsqlite3-0,procps,binutils

mkdir -p "$cache"
exec 9>"$cache/wine-trixie.lock"
flock 9
if ! [ -d "$root" ]; then
    echo "trixie.sh: making $root" >&2
    rm -rf --one-file-system "$root.new"
    # shellcheck disable=SC2016 # the names are apt's
    mirror=$(apt-get indextargets --no-release-info --format '$(COMPONENT) $(REPO_URI)' \
        'Identifier: Packages' | sed -n '/security/d; s/^main \(.*\/debian\/*\)$/\1/p' |
        head -n 1)
    debootstrap --variant=minbase --include="$packages" trixie "$root.new" "$mirror" \
        >"$cache/wine-trixie.log" 2>&1 9>&- ||
        { tail -n 20 "$cache/wine-trixie.log" >&2; exit 1; }
    mv "$root.new" "$root"
fi
exec 9>&-

if [ $# -eq 0 ]; then
    set -- --output-on-failure
    if [ -d "$build/tests/wine" ]; then
        set -- "$@" -L wine -LE rig -E wine-winelib32
    else
        set -- "$@" -E '^abi-exports' # which looks into the DLLs, with mingw-w64's tools
    fi
fi
prefixes=$(mktemp -d)
trap 'rm -rf --one-file-system "$prefixes"' EXIT
# shellcheck disable=SC2016 # expands in the other shell
unshare --mount bash -euo pipefail -c '
    root=$1 source=$2 build=$3 cache=$4 prefixes=$5
    shift 5
    mount --make-rprivate /
    for folder in /proc /dev /tmp "$source" "$build" "$cache"; do
        mkdir -p "$root$folder"
        mount --rbind "$folder" "$root$folder"
    done
    prefixes_here=(wine-prefix)
    ! [ -d "$build/tests/wine" ] || prefixes_here=(tests/wine/prefix{,-pe,-pe64})
    for prefix in "${prefixes_here[@]}"; do
        mkdir -p "$build/$prefix" "$prefixes/$prefix"
        mount --bind "$prefixes/$prefix" "$root$build/$prefix"
    done
    exec chroot "$root" env -i HOME="${cache%/.cache*}" XDG_CACHE_HOME="${cache%/*}" \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 ctest --test-dir "$build" "$@"
    ' - "$root" "$source" "$build" "$cache" "$prefixes" "$@"
