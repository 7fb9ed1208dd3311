# SPDX-License-Identifier: BSD-2-Clause
# Prints the macros of a peer that are no item of any peer: differences.list, items.list,
# macros, one a line.

FNR == 1 { file++ }

file == 1 {
    if ($0 !~ /^#/ && split($0, part, / *\| */) == 5 && part[1] == pair)
        known[part[2]] = 1
    next
}

file == 2 {
    if ($0 ~ /^#/)
        next
    if ($0 !~ /^[ \t]/) {
        kind = $1
        first = 3
        last = kind == "value" || kind == "type" ? NF : 3
    } else if (kind == "value" || kind == "type") {
        first = 1
        last = NF
    } else {
        next
    }
    for (i = first; i <= last; i++) {
        name = $i
        gsub(/^__typeof__\(|\)$/, "", name)
        known[name] = 1
    }
    next
}

{
    macros++
    if (!($1 in known)) {
        print pair ": " $1 " is not an item"
        failed = 1
    }
}

END {
    printf "%s: %d macros\n", pair, macros
    exit failed || macros == 0
}
