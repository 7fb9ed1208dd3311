#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# clang-tidy.sh SOURCE BUILD: BUILD has compile_commands.json.
set -euo pipefail
cd "$1"
if ! command -v clang-tidy >/dev/null; then
    echo "clang-tidy is missing: Debian package clang-tidy" >&2
    exit 1
fi
mapfile -t files < <(find src drivers -name '*.c' ! -name '*_wide.c' ! -name '*_windows.c' | sort)
echo "clang-tidy: ${#files[@]} files"
printf '%s\0' "${files[@]}" | xargs -0 -n 6 -P "$(nproc)" clang-tidy -p "$2" --quiet 2>/dev/null
