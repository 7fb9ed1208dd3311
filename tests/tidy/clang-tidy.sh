#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# clang-tidy.sh SOURCE BUILD: over the product's files that BUILD compiles, as it compiles
# them (the face once for each ABI), with the checks of .clang-tidy; any finding fails.
set -euo pipefail
cd "$1"
if ! command -v clang-tidy >/dev/null; then
    echo "clang-tidy is missing: Debian package clang-tidy" >&2
    exit 1
fi
mapfile -t files < <(sed -nE 's/^ *"file": "(.*)",?$/\1/p' "$2/compile_commands.json" \
    | grep -E "^$PWD/(src|drivers|service)/" | sort -u)
echo "clang-tidy: ${#files[@]} files"
[ "${#files[@]}" -gt 80 ]
# Its count of warnings, in the system's headers too, is no finding.
printf '%s\0' "${files[@]}" | xargs -0 -n 6 -P "$(nproc)" clang-tidy -p "$2" --quiet \
    2> >(grep -vE 'warnings? generated\.$' >&2)
