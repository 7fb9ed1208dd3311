#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# pages.sh SOURCE: what the manual says of the source is so: calls of the protocol and their
# fields, exports of both libraries, environment variables, options of the service, limits.
set -euo pipefail
cd "$1"
man=packaging/man
failed=0 checks=0
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# same WHAT SOURCE-LIST PAGE-LIST: two lists, the first of which is not empty.
same()
{
    checks=$((checks + $(wc -l <"$2")))
    if ! diff "$2" "$3" >"$place/diff" || [ ! -s "$2" ]; then
        echo "$1 (< source, > page):"
        cat "$place/diff"
        failed=$((failed + 1))
    fi
}
complain()
{
    echo "$*"
    failed=$((failed + 1))
}

# Names of the protocol's header that stand for a number, as a program for sed.
sed -nE 's/^ +(MESSAGE_[A-Z0-9_]+) = ([0-9]+)[,;]?( .*)?$/s\/\\<\1\\>\/\2\/g/p' \
    src/message/message.h >"$place/numbers"
sed -nE 's/^_Static_assert\(TRANSFER_MAX == ([0-9]+),.*$/s\/\\<MESSAGE_TRANSFER_MAX\\>\/\1\/g/p' \
    src/base/sizes.h >>"$place/numbers"

# --- winscard-protocol(7): each call of api.def as "NUMBER NAME", "request: ...", "response: ..."
sed '/^\/\*/d; /^ \*/d; /^#/d' src/message/api.def | sed -f "$place/numbers" |
    tr '\n' ' ' | sed 's/CALL(/\n&/g' | awk '
    function fields(text,    found, list, parts, kind) {
        while (match(text, /[A-Z0-9_]+\([a-z_0-9]+(, *[A-Z_0-9]+)?\)/)) {
            found = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            split(found, parts, /[(),] */)
            kind = tolower(parts[1])
            sub(/^field_/, "", kind)
            if (kind == "id") kind = "bytes"
            if (kind ~ /^(context|card|style|rule|below)$/) { kind = "u32"; parts[3] = "" }
            list = list (list == "" ? "" : ", ") parts[2] " " kind \
                (parts[3] == "" ? "" : " " parts[3])
        }
        return list == "" ? "none" : list
    }
    /^CALL\(/ {
        split($0, head, /[(,] */)
        rest = substr($0, index($0, "(") + 1)
        rest = substr(rest, index(rest, "("))
        depth = 0
        for (i = 1; i <= length(rest); i++) {
            c = substr(rest, i, 1)
            depth += (c == "(") - (c == ")")
            if (depth == 0) break
        }
        print head[2] " " head[3]
        print "request: " fields(substr(rest, 1, i))
        print "response: " fields(substr(rest, i + 1))
    }' >"$place/calls"
sed -n 's/^\.It \([0-9]*\) Cm \([a-z_]*\)$/\1 \2/p; s/^\.D1 \(request\|response\): /\1: /p' \
    $man/winscard-protocol.7 >"$place/page"
same "calls of the protocol" "$place/calls" "$place/page"

# number NAME FILE PAGE UNIT: a constant of FILE is in PAGE, as a person writes it.
grouped() { sed ':a; s/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/; ta'; }
number()
{
    local value
    value=$(tr '\n' ' ' <"$2" | grep -oE "\b$1 = +[A-Z0-9_+ ]+" | cut -d= -f2 |
        sed -f "$place/numbers" || true)
    checks=$((checks + 1))
    if [ -z "$value" ]; then
        complain "$2: there is no $1"
        return
    fi
    value=$(echo $((value / $4)) | grouped)
    grep -qw -- "$value" "$man/$3" || complain "$man/$3: $1 is $value there"
}
number MESSAGE_REQUEST_MAX src/message/message.h winscard-protocol.7 1
number MESSAGE_RESPONSE_MAX src/message/message.h winscard-protocol.7 1
number MESSAGE_HEADER_SIZE src/message/message.h winscard-protocol.7 1
number MESSAGE_SESSION_SIZE src/message/message.h winscard-protocol.7 1
number LIMIT_WATCH_ENTRIES src/manager/limits.h winscard-protocol.7 1
number MESSAGE_USERS_MAX src/message/message.h winscard-protocol.7 1
number HELLO_MS service/connection.h winscard-protocol.7 1000
number WRITE_MS service/connection.h winscard-protocol.7 1000
number TRANSACTION_IDLE_MS src/manager/limits.h winscardd.8 1000
number TRANSACTION_IDLE_PCSCLITE_MS src/manager/limits.h winscardd.8 1000
number POWER_OFF_MS src/manager/limits.h winscardd.8 1000
number MESSAGE_VERSION src/message/message.h winscard-protocol.7 1
number DATABASE_ATR_MAX src/database/database.h scard.1 1
number DATABASE_INTERFACES_MAX src/database/database.h scard.1 1
number PORT_FILE_MAX_MIB src/cli/port/port_text.h scard.1 1
number PORT_FINDINGS_MAX src/cli/port/port_look.h scard.1 1
number PORT_LINES_MAX src/cli/port/port_look.h scard.1 1
number PORT_LINES_SHOWN src/cli/port/port_show.h scard.1 1
number PORT_FILES_MAX src/cli/port/port_sources.h scard.1 1
number PORT_DEPTH_MAX src/cli/port/port_sources.h scard.1 1

# --- winscard(3): each export, with the kinds of text and whether pcsc-lite has it ---
sed '1,/^EXPORTS/d; s/^ *\([A-Za-z0-9_]*\).*/\1/' winscard.def >"$place/win"
sed 's/^/lite /' packaging/libpcsclite.exports | cat - "$place/win" | sort >"$place/exports"
sed -n 's/^\.It \([A-Za-z0-9_]*\) Ta \([^T]*\) Ta \([^ ]*\).*/\1 \3 \2/p' $man/winscard.3 |
    while read -r name lite text; do
        case $text in
        "A, W") printf '%sA\n%sW\n' "$name" "$name" ;;
        yes) echo "$name" ;;
        no) ;;
        esac
        [ "$lite" != lite ] || echo "lite $name"
    done | sort >"$place/page"
same "exports" "$place/exports" "$place/page"

# --- winscard(7), winscardd(8): each variable of the environment that is read. Those of the
# library are a table, as "VARIABLE KIND(VALUES) DEFAULT WHERE" ---
{
    sed 's,^/\*.*\*/$,,; /^\/\*/,/\*\//d' src/os/settings.def | tr '\n' ' '
    echo
} | sed 's/SETTING(/\n&/g' | sed 's/  */ /g' |
    sed -nE 's/^SETTING\(\w+, "(\w+)", (\w+\([^)]*\)), "([^"]*)", (\w+), .*/\1|\2|\3|\4/p' \
    >"$place/settings"
[ "$(grep -c '^SETTING(' src/os/settings.def)" -eq "$(wc -l <"$place/settings")" ] ||
    complain "src/os/settings.def: not every line of it can be read here"
named()
{
    grep -h '^\.It Ev ' "$man/$1" | sed 's/^\.It Ev //; s/ , /\n/g' | sort -u
}
cut -d'|' -f1 "$place/settings" | sort -u >"$place/read"
named winscard.7 >"$place/page"
same "variables of the library" "$place/read" "$place/page"
{
    grep -E '\|(MANAGER|ANYWHERE)$' "$place/settings" | cut -d'|' -f1
    grep -rhoE 'os_getenv\("[A-Z_]+"' service | cut -d'"' -f2
} | sort -u >"$place/read"
named winscardd.8 >"$place/page"
same "variables of the service" "$place/read" "$place/page"

# item VARIABLE: what winscard(7) says of it.
item()
{
    awk -v name="$1" '/^\.It/ && !/^\.It Cm/ { inside = 0 }
        /^\.It Ev/ { for (i = 3; i <= NF; i++) if ($i == name) inside = 1 }
        inside' "$man/winscard.7" | tr '\n' ' '
}
while IFS='|' read -r name kind holds _; do
    wanted=$holds
    case $kind in
    WORDS*) wanted+=" $(tr -d '"' <<<"${kind#WORDS}")" ;;
    NUMBERS*UINT32_MAX*) ;;
    NUMBERS*) wanted+=" ${kind#NUMBERS}" ;;
    esac
    text=$(item "$name")
    for word in $(tr -c 'a-z0-9_\n' ' ' <<<"$wanted"); do
        checks=$((checks + 1))
        grep -qw -- "$word" <<<"$text" || complain "winscard(7): $name does not say $word"
    done
done <"$place/settings"
# setting VARIABLE CONSTANT: the constant is what holds unless the variable is set.
setting()
{
    local value
    value=$(grep -ozE "\b$2 =\s+[0-9]+" src/manager/limits.h | tr -d '\0' | grep -oE '[0-9]+$')
    checks=$((checks + 1))
    grep "^$1|" "$place/settings" | cut -d'|' -f3 | grep -qw -- "$value" ||
        complain "src/os/settings.def: $1 is not $value, as $2 of limits.h"
}
setting WINSCARD_POWER_OFF_MS POWER_OFF_MS
setting WINSCARD_TRANSACTION_MS TRANSACTION_IDLE_MS
setting WINSCARD_TRANSACTION_MS TRANSACTION_IDLE_PCSCLITE_MS

# --- winscardd(8): each option ---
sed -n '/struct option known/,/};/s/.*{"\([a-z-]*\)", [a-z_]*, NULL, .\(.\).}.*/\1/p' \
    service/main_posix.c | sort >"$place/options"
sed -n 's/^\.It .*Fl -\([a-z-]*\).*/\1/p; s/^\.It Fl . , -\([a-z-]*\).*/\1/p' \
    $man/winscardd.8 | sort -u >"$place/page"
same "options of winscardd" "$place/options" "$place/page"

# --- scard(1): each option; each command, which the shell can complete ---
sed -nE 's/^    \{[A-Z_]*OPTION_[A-Z0-9_]+, [^,]*, "([a-z0-9-]+)", .*/\1/p' src/cli/*.c \
    src/cli/*/*.c | sort -u >"$place/options"
sed -n 's/^\.It .*Fl -\([a-z0-9-]*\).*/\1/p; s/^\.It Fl . , -\([a-z0-9-]*\).*/\1/p' \
    $man/scard.1 | grep -vx '' | sort -u >"$place/page"
same "options of scard" "$place/options" "$place/page"
sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/s/^\.Cm \([a-z]*\)$/\1/p' $man/scard.1 | sort -u >"$place/page"
sed -n 's/^ *commands="\(.*\)"/\1/p' packaging/completions/scard | tr ' ' '\n' | sort \
    >"$place/completed"
same "commands of scard" "$place/completed" "$place/page"
sed -n '/struct action actions/,/};/s/^    {"\([a-z-]*\)".*/\1/p' src/cli/db/cmd_db.c |
    sort -u >"$place/actions"
sed -nE 's/^\.It Cm db ([a-z-]+).*/\1/p' $man/scard.1 | sort -u >"$place/page"
same "actions of scard db" "$place/actions" "$place/page"
tr '\n' ' ' <packaging/completions/scard | sed 's/.*actions="\([^"]*\)".*/\1/' | xargs -n 1 |
    sort -u >"$place/completed"
same "completed actions of scard db" "$place/actions" "$place/completed"

# --- scard doctor: the library does say what there is a remedy for ---
while IFS= read -r part; do
    checks=$((checks + 1))
    grep -rqF --include='*.c' -- "$part" src/client src/host src/base src/os drivers ||
        complain "src/cli/doctor_service.c: the library does not say \"$part\""
done < <(sed -nE '/^} remedies\[\]/,/^};/s/^    \{"([^"]+)",.*/\1/p' src/cli/doctor_service.c)

# --- Pages are found where they are referred to ---
for page in "$man"/*.[1-9]; do
    while read -r name section; do
        checks=$((checks + 1))
        [ -e "$man/$name.$section" ] || complain "$page: no page $name($section)"
    done < <(sed -n 's/^\.Xr \(winscard[^ ]*\|scard\) \([1-9]\).*/\1 \2/p' "$page")
done
echo "pages: $checks checks, $failed findings"
[ "$failed" -eq 0 ]
