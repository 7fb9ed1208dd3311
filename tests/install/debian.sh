#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# debian.sh SOURCE: builds the Debian packages, has lintian look at them, and installs, uses
# and removes them (debian_inside.sh, debian_wine.sh) in a small Debian made for the occasion,
# which is also booted (debian_boot.sh). Nothing changes on this machine. Needs root and
# Debian's mirrors.
set -euo pipefail
source_dir=$1
here=$(cd "$(dirname "$0")" && pwd)
if [ "$(id -u)" -ne 0 ]; then
    echo "SKIPPED: a Debian to install into is made by root alone"
    exit 77
fi
place=$(mktemp -d)
trap 'rm -rf --one-file-system "$place"' EXIT

# step WHAT COMMAND...: what it says is shown if it fails.
step()
{
    local what=$1 begin=$SECONDS
    shift
    if ! "$@" >"$place/log" 2>&1; then
        echo "$what failed:"
        tail -50 "$place/log"
        exit 1
    fi
    echo "$what: $((SECONDS - begin)) s"
}

step "packages" "$source_dir/packaging/make-deb" "$place/debs"
rm -f "$place"/debs/*-dbgsym_*.deb
# Also what lintian merely informs of has to be overridden with a reason.
step "lintian" lintian --allow-root --fail-on error,warning,info --display-info \
    "$place"/debs/*.deb
cat "$place/log"

# The release that the packages were built on, with what they depend on.
needed=$(for deb in "$place"/debs/*.deb; do dpkg-deb -f "$deb" Depends; echo; done |
    tr ',' '\n' | sed 's/^ *//; s/[ (|].*//' | grep -v '^$\|winscard' | sort -u | paste -sd,)
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
step "debootstrap $release" debootstrap --variant=minbase \
    --include="pcsc-tools,libpcsclite1,dbus,$needed" \
    "$release" "$place/debian"
mkdir "$place/debian/debs"
cp "$place"/debs/*.deb "$here"/debian_{inside,wine,booted}.sh "$place/debian/debs"
# The service that asks polkit, with the files that come with it.
with_polkit()
{
    cmake -G Ninja -S "$source_dir" -B "$place/polkit" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
        -DWITH_POLKIT=ON -DBUILD_TESTING=OFF -DCMAKE_INSTALL_PREFIX=/usr &&
        cmake --build "$place/polkit" --target winscardd &&
        cp "$place/polkit/service/winscardd" "$place/debian/debs/winscardd-polkit" &&
        install -D -m 644 "$source_dir/packaging/org.winscard.policy" \
            "$place/debian/usr/share/polkit-1/actions/org.winscard.policy"
}
step "with polkit" with_polkit
# As `cmake --install` leaves it in /usr/local, for debian_booted.sh to put there.
from_source()
{
    cmake -G Ninja -S "$source_dir" -B "$place/local" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
        -DBUILD_TESTING=OFF && cmake --build "$place/local" &&
        DESTDIR="$place/debian/debs/source" cmake --install "$place/local"
}
step "from source" from_source
# inside COMMAND...: mounts and processes of it end with it.
inside()
{
    # shellcheck disable=SC2016 # $1 is the inner shell's
    unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$1/proc" &&
        exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
            DEBIAN_FRONTEND=noninteractive "${@:2}"' - "$place/debian" "$@"
}
step "installed, used, removed" inside bash /debs/debian_inside.sh
cat "$place/log"
# A Windows program, as somebody has it who knows nothing of this tree.
windows_program()
{
    x86_64-w64-mingw32-dlltool -d "$source_dir/winscard.def" -D winscard.dll \
        -l "$place/libwinscard.a" &&
        x86_64-w64-mingw32-gcc -std=gnu11 -O1 -I"$source_dir/include/winscard" \
            -I"$source_dir" -o "$place/debian/debs/session.exe" \
            "$source_dir/tests/wine/session.c" "$place/libwinscard.a"
}
step "a Windows program" windows_program
step "under Wine" inside bash /debs/debian_wine.sh
cat "$place/log"
step "polkitd, ssh" inside apt-get install -y --no-install-recommends \
    polkitd openssh-server openssh-client

step "installed again" chroot "$place/debian" sh -c \
    'dpkg -i /debs/*.deb /var/cache/apt/archives/*pcsc*.deb'
booted()
{
    # The end of its first process is a poweroff, which is no status.
    timeout -s KILL 900 unshare --mount --pid --uts --ipc --cgroup --fork --kill-child \
        bash "$here/debian_boot.sh" "$place/debian" || true
    cat "$place/debian/debs/said"
    grep -q '^debian_booted: ' "$place/debian/debs/said"
}
step "booted" booted
grep '^debian_booted: ' "$place/debian/debs/said"
echo "debian: $SECONDS s"
