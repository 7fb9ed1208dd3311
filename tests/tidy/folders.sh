#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# folders.sh SOURCE: every folder of src/ and drivers/ that has files has its row in a table of
# src/README.md or drivers/README.md, and every row has its folder.
set -euo pipefail
cd "$1"
failed=0

# rows README: what its tables name in the first column, as a path from here.
rows()
{
    local name
    # shellcheck disable=SC2016 # these backticks are text
    sed -nE 's/^\| `([^`]*\/)` \|.*/\1/p' "$1" | while IFS= read -r name; do
        realpath -m --relative-to=. "$(dirname "$1")/$name"
    done
}

mapfile -t named < <({ rows src/README.md && rows drivers/README.md; } | sort -u)
mapfile -t folders < <(find src drivers -mindepth 2 -type f -name '*.[ch]' -printf '%h\n' | sort -u)
for folder in "${folders[@]}"; do
    # A folder within one of src/ that has a row may be told of there.
    case " ${named[*]} " in
    *" $folder "*) ;;
    *" src/$(basename "$(dirname "$folder")") "*) ;;
    *)
        echo "$folder: no row in src/README.md or drivers/README.md"
        failed=$((failed + 1))
        ;;
    esac
done
for folder in "${named[@]}"; do
    if [ ! -d "$folder" ]; then
        echo "$folder: a row in a README, and no folder"
        failed=$((failed + 1))
    fi
done
echo "folders: ${#folders[@]} folders, ${#named[@]} rows, $failed findings"
[ "$failed" -eq 0 ] && [ "${#folders[@]}" -gt 15 ]
