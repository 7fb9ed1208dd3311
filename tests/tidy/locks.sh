#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# locks.sh SOURCE: clang finds a lock that is not given back. Each folder that is compiled with
# -Wthread-safety has files that it finds nothing in; with one of their unlocks removed, and
# with a call of a function that needs the lock, it complains.
set -euo pipefail
cd "$1"
if ! command -v clang >/dev/null; then
    echo "locks: skipped, as clang is missing (Debian package clang)"
    exit 77
fi
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
checks=0 failed=0

# complains FILE: what clang says of locks in a file, which it compiles in any case.
complains()
{
    clang -std=c11 -D_GNU_SOURCE -Isrc -I. -fsyntax-only -Wthread-safety "$1" 2>&1 || echo error:
}

# plant FOLDER FILE: each unlock of FILE is left out, one at a time.
plant()
{
    local count=0 line text fault=$planted/fault.c
    while IFS=: read -r line text; do
        # As the whole body of an `if` it must leave a statement behind.
        awk -v line="$line" 'NR == line { sub(/os_mutex_unlock\([^;]*\);/, ";") } { print }' \
            "$2" >"$fault"
        count=$((count + 1))
        checks=$((checks + 1))
        if ! grep -q 'thread-safety' <<<"$(complains "$fault")"; then
            echo "$2:$line: not complained of without this:$text"
            failed=$((failed + 1))
        fi
        [ "$count" -lt 3 ] || break
    done < <(grep -n 'os_mutex_unlock(.*);' "$2")
}

# One file of each folder, the first that locks, and that clang knows all headers of.
while IFS= read -r cmake; do
    folder=$(dirname "$cmake")
    found=
    while IFS= read -r file; do
        said=$(complains "$file")
        if grep -q 'thread-safety' <<<"$said"; then
            echo "$file: $said"
            failed=$((failed + 1))
        elif [ -z "$found" ] && [ -z "$said" ]; then
            found=$file
        fi
    done < <(grep -rlE --include='*.c' 'os_mutex_unlock\(' "$folder" | sort)
    if [ -z "$found" ]; then
        echo "$folder: no file to plant a fault in"
        failed=$((failed + 1))
        continue
    fi
    plant "$folder" "$found"
done < <(grep -rl --include=CMakeLists.txt -- '-Wthread-safety' src service drivers)

# A function that needs the lock is called without it.
printf '%s\n' '#include "service/server.h"' 'void f(struct server *server);' \
    'void f(struct server *server) { server_need(server, 0); }' >"$planted/call.c"
checks=$((checks + 1))
if ! grep -q "requires holding mutex 'server->lock'" <<<"$(complains "$planted/call.c")"; then
    echo "server_need() without the lock: not complained of"
    failed=$((failed + 1))
fi

echo "locks: $checks planted faults, $failed wrong"
[ "$failed" -eq 0 ] && [ "$checks" -ge 7 ]
