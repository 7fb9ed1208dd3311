#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# sizes.sh SOURCE: functions of 60 lines at most (but for a pure switch that says
# "tidy: table"), files of 600, lines of 100 columns; each file says its licence in its
# first two lines; calls that are banned do not occur; one version everywhere.
set -euo pipefail
cd "$1"
failed=0

complain()
{
    echo "$*"
    failed=$((failed + 1))
}

if ! ctags --version 2>/dev/null | grep Universal >/dev/null; then
    echo "universal ctags is missing: Debian package universal-ctags" >&2
    exit 1
fi
mapfile -t code < <(find src drivers service include tests -name '*.[ch]' | sort)
mapfile -t text < <(find CMakeLists.txt src drivers service tests packaging .ci \
    \( -name '*.sh' -o -name 'CMakeLists.txt' -o -name '*.cmake' -o -name 'try' \
    -o -name 'check' -o -name 'run' -o -name '*.py' -o -name '*.java' -o -name '*.awk' \) \
    -type f | sort)

while IFS=: read -r file start end name; do
    if ! sed -n "${start},${end}p" "$file" | grep 'tidy: table' >/dev/null; then
        complain "$file:$start $name: a function of more than 60 lines"
    fi
done < <(ctags -f - --fields=+ne --kinds-C=f --languages=C "${code[@]}" | awk -F'\t' '{
    start = 0; end = 0
    for (i = 4; i <= NF; i++) {
        if ($i ~ /^line:/) start = substr($i, 6)
        if ($i ~ /^end:/) end = substr($i, 5)
    }
    if (end - start >= 60) print $2 ":" start ":" end ":" $1 }')

while read -r lines file; do
    complain "$file: $lines lines"
done < <(wc -l "${code[@]}" | awk '$1 > 600 && $2 != "total"')
while IFS= read -r hit; do
    complain "$hit: a line of more than 100 columns"
done < <(grep -nE '^.{101,}' "${code[@]}" "${text[@]}" | cut -d: -f1,2)
while IFS= read -r file; do
    complain "$file: no SPDX line"
done < <(awk 'FNR == 1 { said = 0 }
    FNR <= 2 && /SPDX-License-Identifier: BSD-2-Clause/ { said = 1 }
    FNR == 2 && !said { print FILENAME }' "${code[@]}" "${text[@]}")
while IFS= read -r hit; do
    complain "$hit: a banned call"
done < <(grep -HnE '\b(v?sprintf|strcpy|strcat|atoi|gets|alloca|strtok)\(' "${code[@]}" |
    # Windows programs call them: what gives them these calls, and what tries that, names them.
    grep -vE '^(include/winscard/winscard/crt_[a-z_]+\.h|tests/port/[^:]+):')
while IFS= read -r hit; do
    complain "$hit: a path of somebody's machine"
done < <(grep -rnE '(/work/|/root/|/home/[a-z])' src drivers service include tests packaging \
    README.md --include='*' -I | grep -v '^tests/tidy/sizes.sh' | cut -d: -f1,2)

version=$(sed -n 's/^project(winscard VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
grep -q "^winscard ($version) " <(head -n 1 packaging/debian/changelog) ||
    complain "packaging/debian/changelog: not of version $version"
grep '^## ' CHANGELOG.md | head -n 1 | grep "^## $version\b" >/dev/null ||
    complain "CHANGELOG.md: does not begin with version $version"

echo "sizes: ${#code[@]} source files, ${#text[@]} scripts, $failed findings"
[ "$failed" -eq 0 ] && [ "${#code[@]}" -gt 150 ]
