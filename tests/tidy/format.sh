#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# format.sh SOURCE: clang-format, shellcheck, codespell and mandoc have nothing to say.
set -euo pipefail
cd "$1"
for tool in clang-format shellcheck codespell mandoc; do
    if ! command -v "$tool" >/dev/null; then
        echo "$tool is missing: Debian package $tool" >&2
        exit 1
    fi
done
mapfile -t code < <(find src drivers service include tests -name '*.[ch]' | sort)
mapfile -t scripts < <(find tests packaging .ci -name '*.sh' -o -path packaging/try \
    -o -path packaging/check -o -path packaging/make-deb -o -path packaging/wine/install \
    -o -path .ci/run -o -path "packaging/debian/*.p*" | sort)
clang-format --dry-run -Werror "${code[@]}"
shellcheck -x "${scripts[@]}"
codespell --ignore-words tests/tidy/words.txt --skip '*/corpus/*,*.hex' \
    README.md CMakeLists.txt .clang-tidy src drivers service include tests packaging
mandoc -Tlint -Wwarning packaging/man/*
echo "format: ${#code[@]} source files, ${#scripts[@]} scripts"
