# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What these scripts share, each of which is called with SOURCE BUILD COMPILER: the project's
# source, its build for Windows, and the compiler of that. They download what somebody else
# wrote into ~/.cache/winscard, once, and compile it against our import library.
set -euo pipefail
source_dir=$1
build=$(cd "$2" && pwd)
# shellcheck disable=SC2034 # for the scripts that source this
compiler=$3
hang=600
checks=0 failed=0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/winscard
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export WINSCARD_CARRIER=local WINSCARD_READERS=soft:
unset WINSCARD_SERVICE WINSCARD_TOKEN

# skip REASON...: this cannot be tried here, and says why.
skip()
{
    echo "skipped: $*"
    exit 77
}

# fetch NAME: the folder $cache/NAME, which download() makes in $1 when it is not there, under
# a lock, since tests of two builds may want it at once.
fetch()
{
    local folder=$cache/$1 new
    mkdir -p "$cache"
    exec 9>"$folder.lock"
    flock 9
    if [ ! -d "$folder" ]; then
        new=$(mktemp -d "$folder.XXXXXX")
        if ! download "$new" >"$work/download.log" 2>&1; then
            rm -rf "$new"
            tail -n 5 "$work/download.log"
            exec 9>&-
            return 1
        fi
        mv "$new" "$folder"
    fi
    exec 9>&-
    # shellcheck disable=SC2034 # as above
    fetched=$folder
}

# run PROGRAM ARGUMENT...: by Wine; its output is in $out, its exit code in $code.
run()
{
    code=0
    timeout $hang bash "$source_dir/tests/support/windows/run.sh" "$build" "$@" \
        >"$work/out" 2>"$work/errors" </dev/null || code=$?
    out=$(tr -d '\r' <"$work/out")
}

# expect WHAT PATTERN: a line of $out.
expect()
{
    checks=$((checks + 1))
    if ! grep -qE -- "$2" <<<"$out"; then
        echo "$1: expected $2, found:"
        echo "$out"
        tail -n 5 "$work/errors"
        failed=$((failed + 1))
    fi
}

# expect_code WHAT CODE
expect_code()
{
    checks=$((checks + 1))
    if [ "$code" -ne "$2" ]; then
        echo "$1: exit code $code, expected $2"
        tail -n 5 "$work/errors"
        failed=$((failed + 1))
    fi
}

# Last of all.
finish()
{
    echo "$(basename "$0"): $checks checks, $failed failed"
    [ "$failed" -eq 0 ]
}
