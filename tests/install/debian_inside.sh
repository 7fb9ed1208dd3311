#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# debian_inside.sh: runs in a Debian with pcsc-tools and libpcsclite1, and the packages in
# /debs: installs, uses, upgrades, removes and purges them, and looks at what is left.
set -euo pipefail
checks=0
libdir=$(dirname "$(readlink -f /usr/lib/*/libpcsclite.so.1)")
lite=$libdir/libpcsclite.so.1
soft="WinSCard Software Card"

fail()
{
    echo "debian_inside: $*"
    exit 1
}
# check WHAT COMMAND...
check()
{
    local what=$1
    shift
    checks=$((checks + 1))
    "$@" >/tmp/said 2>&1 || { cat /tmp/said; fail "$what"; }
}
shows()
{
    local wanted=$1
    shift
    "$@" >/tmp/shown 2>&1 || { cat /tmp/shown; return 1; }
    grep -q "$wanted" /tmp/shown || { cat /tmp/shown; return 1; }
}
# All files and their content, but for dpkg's records and what every installation changes.
snapshot()
{
    find / -xdev \( -path /proc -o -path /debs -o -path /tmp -o -path /var/lib/dpkg \
        -o -path /var/log -o -path /var/cache -o -path /run \) -prune \
        -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum |
        grep -v ' /etc/\(passwd\|group\|shadow\|gshadow\)-\?$\| /etc/ld.so.cache$'
    find / -xdev \( -path /proc -o -path /debs -o -path /tmp -o -path /var/lib/dpkg \
        -o -path /run \) -prune -o \( -type l -o -type d \) -printf '%p %l\n' | LC_ALL=C sort
}
is_ours()
{
    [ "$(readlink -f "$lite")" = "$libdir/winscard/libpcsclite.so.1.0.0" ] &&
        shows "$soft 00 00" env WINSCARD_READERS=soft: timeout 600 pcsc_scan -r
}
is_theirs()
{
    [ "$(readlink -f "$lite")" = "$libdir/libpcsclite.so.1.0.0" ] &&
        [ "$(sha256sum <"$lite")" = "$original" ] &&
        ! dpkg-divert --list '*pcsclite*' | grep .
}

original=$(sha256sum <"$lite")
snapshot >/tmp/before
check "the system's library at first" is_theirs

# --- Installed ---
check "install" dpkg -i /debs/*.deb
check "the library in the other's place" is_ours
check "the other's, where it went" test \
    "$(sha256sum <"$libdir/pcsc-lite/libpcsclite.so.1")" = "$original"
ldconfig
check "after ldconfig" is_ours
check "found by the linker as ours" shows "=> .*${lite#/usr}" ldd /usr/bin/pcsc_scan
check "scard demo" timeout 600 scard demo
check "types of cards" shows "^package  YubiKey 5" timeout 600 scard db list
check "whose they are" shows "^libwinscard-common: " dpkg -S /usr/share/winscard/cards.d/piv.reg
check "the system database" timeout 600 scard db add --system Badge --atr 3B00
check "which anybody reads" shows "^  source  *system" setpriv --reuid 65534 --clear-groups \
    timeout 600 scard db show badge
check "the user" shows nologin grep '^winscard:' /etc/passwd
check "the socket, enabled" test -L /etc/systemd/system/sockets.target.wants/winscardd.socket
check "no socket for pcscd's clients, enabled" test ! -e \
    /etc/systemd/system/sockets.target.wants/winscardd-pcscd.socket
check "no user's socket, enabled" test ! -e /etc/systemd/user/sockets.target.wants/winscardd.socket
winscardd --foreground --readers soft: &
service=$!
for _ in $(seq 200); do
    [ -S /run/winscard/winscard.sock ] && break
    sleep 0.1
done
check "scard by the service" shows "$soft 0" env WINSCARD_CARRIER=service timeout 600 scard list
check "pcsc_scan by the service" shows "$soft 00 00" env WINSCARD_CARRIER=service timeout 600 \
    pcsc_scan -r
kill $service
wait $service || fail "winscardd ended with $?"

# --- Installed anew, both sides ---
check "ours again" dpkg -i /debs/libpcsclite1-winscard_*.deb
check "after that" is_ours
check "the other's again" dpkg -i /var/cache/apt/archives/libpcsclite1_*.deb
check "after the other's" is_ours

# --- Removed: the system's library is back before anything is purged ---
ours=(winscard winscard-wine libwinscard-dev libwinscard1 libwinscard-common
    libpcsclite1-winscard)
check "remove" dpkg -r "${ours[@]}"
check "the system's library again" is_theirs
check "no directory left" test ! -e "$libdir/pcsc-lite"
check "purge" dpkg -P "${ours[@]}"
snapshot >/tmp/after
check "nothing is left" diff /tmp/before /tmp/after

# --- Without the other package, which comes later ---
check "without the other" dpkg -P pcsc-tools libpcsc-perl libpcsclite1
check "ours alone" dpkg -i /debs/libpcsclite1-winscard_*.deb
check "ours is there" test -e "$lite"
check "the other comes" dpkg -i /var/cache/apt/archives/libpcsclite1_*.deb
check "ours is first" test "$(readlink -f "$lite")" = "$libdir/winscard/libpcsclite.so.1.0.0"
check "ours goes" dpkg -P libpcsclite1-winscard
check "the system's library at last" is_theirs
echo "debian_inside: $checks checks"
