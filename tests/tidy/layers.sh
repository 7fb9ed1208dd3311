#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# layers.sh SOURCE: which folder may include which (src/README.md has the table in prose).
set -euo pipefail
cd "$1"
failed=0
checked=0

# allowed FOLDER: a pattern of what its files may include.
allowed()
{
    case $1 in
    src/base) echo '^base/' ;;
    src/os) echo '^(os|base)/' ;;
    src/proto) echo '^(proto|base)/' ;;
    src/manager) echo '^(manager|base)/|^proto/atr\.h$' ;;
    src/host) echo '^(host|manager|os|base)/|^drivers/registry\.h$' ;;
    src/client) echo '^(client|host|manager|os|base)/' ;;
    src/face) echo '^(face|client|base)/|^manager/limits\.h$|^os/os\.h$|^winscard\.h$' ;;
    src/cli) echo '^cli/' ;;
    drivers*) echo '^(drivers|proto|os|base)/|^manager/driver\.h$' ;;
    *) echo '^$' ;;
    esac
}

while IFS= read -r file; do
    folder=$(dirname "$file")
    pattern=$(allowed "$folder")
    while IFS= read -r included; do
        checked=$((checked + 1))
        if ! [[ $included =~ $pattern ]]; then
            echo "$file: includes $included"
            failed=$((failed + 1))
        fi
    done < <(sed -nE 's/^#include "([^"]+)".*/\1/p' "$file")
done < <(find src drivers -name '*.[ch]' | sort)

# What belongs to one system stands in src/os and the tool's platform files alone.
system='pthread|sys/[a-z]+|netinet/[a-z]+|arpa/inet|time|unistd|poll|fcntl|signal|dirent'
system+='|windows'
while IFS= read -r hit; do
    echo "$hit: a system's header outside src/os"
    failed=$((failed + 1))
done < <(grep -rnE "^#include <($system)\.h>" src drivers --include='*.[ch]' \
    | grep -vE '^src/(os/|cli/platform)' || true)

echo "layers: $checked includes, $failed wrong"
[ "$failed" -eq 0 ] && [ "$checked" -gt 200 ]
