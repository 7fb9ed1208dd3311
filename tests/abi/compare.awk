# SPDX-License-Identifier: BSD-2-Clause
# Compares two lists of "item<TAB>value": differences.list, theirs, ours.
#
# Prints each difference that differences.list does not state for this pair, and each one
# that it states and that is not there.

function globbed(pattern)
{
    gsub(/[.]/, "[.]", pattern)
    gsub(/[*]/, ".*", pattern)
    return "^(" pattern ")$"
}

FNR == 1 { file++ }

file == 1 {
    if ($0 ~ /^#/ || $0 == "")
        next
    if (split($0, part, / *\| */) != 5) {
        print "differences.list: cannot read: " $0
        failed = 1
        next
    }
    if (pair ~ globbed(part[1])) {
        intended[part[2]] = part[3] "\t" part[4]
    }
    next
}

file == 2 { theirs[$1] = $2; next }

{
    items++
    if (!($1 in theirs)) {
        print pair ": " $1 ": not asked of both"
        failed = 1
        next
    }
    if ($1 in intended) {
        if (intended[$1] != $2 "\t" theirs[$1]) {
            print pair ": " $1 ": ours " $2 ", theirs " theirs[$1] ", stated otherwise"
            failed = 1
        }
        found[$1] = 1
    } else if ($2 != theirs[$1] || $2 == "absent" || ($1 ~ /^type of/ && $2 != 1)) {
        # "type of" is 1 where the type is the one that items.list gives.
        print pair ": " $1 ": ours " $2 ", theirs " theirs[$1]
        failed = 1
    }
}

END {
    for (item in intended)
        if (!(item in found)) {
            print pair ": " item ": stated in differences.list, not asked"
            failed = 1
        }
    printf "%s: %d items, %d stated differences\n", pair, items, length(found)
    exit failed || items == 0
}
