#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# run.sh WINE PLACE WHAT...: what the tests of this folder run.
#   prefix                        makes the prefix; its wineserver stays for the tests
#   end                           ends it
#   made                          makes the prefix, and leaves no process
#   program FOLDER NAME ARGS...   runs FOLDER/NAME.exe, whose exit code says what came of it
set -euo pipefail
# shellcheck source=tests/wine/common.sh
. "$(dirname "$0")/common.sh"
use_wine "$1" "$2"
shift 2
case $1 in
prefix) make_prefix ;;
end) end_server ;;
made)
    make_prefix
    end_server
    ;;
program)
    cd "$place/$2"
    windows "$3.exe" "${@:4}"
    ;;
*) exit 2 ;;
esac
