#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# debian_wine.sh: runs in a Debian with the packages and session.exe (tests/wine/session.c) in
# /debs: by the README's commands the program, which is not changed, reads a card under Wine.
# Then it does so through winscardd, with the DLL for Windows.
set -euo pipefail
checks=0
export HOME=/tmp/home WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='

# check WHAT COMMAND...: to a file, as Wine's own processes would keep a pipe open.
check()
{
    local what=$1
    shift
    checks=$((checks + 1))
    timeout 600 "$@" >/tmp/said 2>&1 </dev/null ||
        { cat /tmp/said; echo "debian_wine: $what"; exit 1; }
}

mkdir -p "$HOME/A program"
program="$HOME/A program/session.exe"
cp /debs/session.exe "$program"
sum=$(sha256sum <"$program")
check "install" apt-get install -y --no-install-recommends wine \
    /debs/{winscard-wine,winscard,libwinscard1,libwinscard-common}_*.deb
# By what it says: the first program of a prefix may not be run at all while that is made, and
# Wine gives 0 then, too.
WINSCARD_READERS=soft: timeout 600 wine "$program" all >/tmp/said 2>&1 </dev/null || true
if grep '[1-9][0-9]* checks, 0 failed' /tmp/said; then
    echo "debian_wine: it has a reader without our DLL"
    exit 1
fi
check "winscard-wine" winscard-wine "$program"
check "a session" env WINSCARD_READERS=soft: wine "$program" all
grep '[1-9][0-9]* checks, 0 failed' /tmp/said
check "--remove" winscard-wine --remove "$program"
check "the program's folder as before" test "$(ls -A "${program%/*}")" = session.exe
check "the program as before" test "$(sha256sum <"$program")" = "$sum"

# All programs of a prefix.
check "--system" winscard-wine --system "$HOME/.wine"
check "a session by the prefix" env WINSCARD_READERS=soft: wine "$program" all
check "--remove, of a prefix" winscard-wine --remove "$HOME/.wine"

# The DLL for Windows, in the place of a 32-bit program's, which cannot be run everywhere: it
# finds the service by its endpoint, or starts the forwarder.
check "winscard-wine, the DLL for Windows" winscard-wine --pe "$program"
grep 'installed: .*(pe64/winscard.dll)' /tmp/said >/dev/null
export XDG_RUNTIME_DIR=/run/user/0 WINEDLLOVERRIDES="mscoree,mshtml=;winscard=n,b"
mkdir -p /run/user
mkdir -m 700 /run/user/0
winscardd --foreground --readers soft: &
service=$!
until [ -S /run/winscard/winscard.sock ]; do
    kill -0 "$service"
    sleep 0.1
done
check "a session by the service" env WINSCARD_CARRIER=service wine "$program" all
kill "$service"
wait "$service" || { echo "winscardd ended with $?"; exit 1; }
check "the processes end" wineserver -k
check "purge" dpkg -P winscard-wine
check "nothing of it is left" bash -c '! ls -d /usr/lib/*/winscard/wine'
echo "debian_wine: $checks checks"
