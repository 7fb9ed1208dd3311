#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# names.sh SOURCE: each file and folder of this project that the pages for its readers name
# in backticks is there: from the top, from src/ or drivers/, from the page's own folder, or
# anywhere if no folder is named. Patterns match something; NAME stands for any.
set -euo pipefail
cd "$1"
failed=0
checked=0

# is_there PAGE NAME
is_there()
{
    local place
    if [[ $2 != */* ]]; then
        find src drivers service tests packaging -name "$2" -print -quit | grep . >/dev/null &&
            return 0
    fi
    for place in . src drivers "$(dirname "$1")"; do
        compgen -G "$place/$2" >/dev/null && return 0
    done
    return 1
}

folders='src|drivers|service|tests|packaging|include|base|os|proto|manager|host|client|face|cli'
for page in README.md CONTRIBUTING.md CHANGELOG.md src/README.md drivers/README.md; do
    if [ ! -f "$page" ]; then
        echo "$page is missing"
        failed=$((failed + 1))
        continue
    fi
    # Paths of our folders, and names of files that only we have.
    while IFS= read -r name; do
        checked=$((checked + 1))
        if ! is_there "$page" "${name%/}"; then
            echo "$page: there is no $name"
            failed=$((failed + 1))
        fi
    done < <(awk -F'`' '{ for (i = 2; i < NF; i += 2) print $i }' "$page" |
        grep -E "^((\.\./)?($folders)/[A-Za-z0-9_./*-]*|[A-Za-z0-9_*-]+\.(def|cmake|sh|md))$" |
        grep -v NAME | sort -u)
done
echo "names: $checked names, $failed wrong"
[ "$failed" -eq 0 ] && [ "$checked" -gt 60 ]
