#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# figures.sh SOURCE [NAMES BOOLS ASSERTIONS [each]]: figures of the product's structure, each
# with a limit:
#   NAMES       percent of the static names of files that stand again in another file: who
#               searches for one finds several, and a debugger cannot tell them apart
#   BOOLS       structs with four or more bools: most such are states that exclude each other
#   ASSERTIONS  in 1,000 lines, at least
# With "each", also says which they are. Needs universal-ctags.
set -euo pipefail
names=${2:-10} bools=${3:-2} assertions=${4:-4} each=${5:-}
cd "$1"
list=$(mktemp)
trap 'rm -f "$list"' EXIT
failed=0

# worse FIGURE OPERATOR LIMIT
worse()
{
    awk "BEGIN { exit !($1 $2 $3) }"
}

# "NAME FILE" for each static function or variable.
ctags -R -x --languages=C --kinds-C=fv --fields=+f --extras=+F --_xformat='%N %F %f' \
    src drivers service 2>/dev/null | awk '$2 ~ /\.c$/ && $3 == "file" { print $1, $2 }' |
    sort -u >"$list"
again=$(awk '{ n[$1]++ } END { for (name in n) if (n[name] > 1) s += n[name]; print s + 0 }' \
    "$list")
all=$(wc -l <"$list")
share=$(awk "BEGIN { printf \"%.1f\", 100 * $again / $all }")
echo "$again of $all static names stand again in another file: $share % (at most $names %)"
if [ -n "$each" ]; then
    awk '{ n[$1]++; f[$1] = f[$1] " " $2 } END { for (name in n) if (n[name] > 1)
        print n[name], name ":" f[name] }' "$list" | sort -rn
fi
if worse "$share" '>' "$names"; then
    failed=$((failed + 1))
fi

# Structs without those inside of them, and each bool that they declare.
ctags -R -x --languages=C --langmap=C:+.h --kinds-C=m --_xformat='%F %s %t %N' \
    src drivers service 2>/dev/null |
    awk '$3 ~ /bool/ && $2 !~ /__anon/ { n[$1 " " $2]++ }
         END { for (name in n) if (n[name] > 3) print n[name], name }' | sort -rn >"$list"
count=$(wc -l <"$list")
echo "$count structs have four or more bools (at most $bools)"
if [ -n "$each" ]; then
    cat "$list"
fi
if [ "$count" -gt "$bools" ]; then
    failed=$((failed + 1))
fi

lines=$(find src drivers service -name '*.[ch]' -exec cat {} + | wc -l)
asserted=$(find src drivers service -name '*.[ch]' -exec cat {} + |
    grep -cE '^ +(assert|CHECKED)\(' || true)
share=$(awk "BEGIN { printf \"%.2f\", 1000 * $asserted / $lines }")
echo "$asserted assertions in $lines lines: $share in 1,000 (at least $assertions)"
if worse "$share" '<' "$assertions"; then
    failed=$((failed + 1))
fi
exit $((failed > 0))
