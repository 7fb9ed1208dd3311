#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# run.sh BUILD PROGRAM ARGUMENTS...: runs a program for Windows by Wine, with a registry and a
# drive of the build's own. Its status is the program's.
set -euo pipefail
build=$1
shift
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
if ! command -v "$wine" >/dev/null; then
    echo "wine64 is missing: Debian package wine64" >&2
    exit 1
fi
export WINEPREFIX=$build/wine-prefix WINEDEBUG=-all
export WINEDLLOVERRIDES="mscoree,mshtml=;winscard,scarddlg=n,b"
unset DISPLAY
# Of several tests that begin at once the first makes the prefix.
exec 9>"$build/wine-prefix.lock"
flock 9
if [ ! -e "$WINEPREFIX/made" ]; then
    "$wine" wineboot --init >"$build/wine-prefix.log" 2>&1 9>&-
    touch "$WINEPREFIX/made"
fi
exec 9>&-
exec "$wine" "$@"
