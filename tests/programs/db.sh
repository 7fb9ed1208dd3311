#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# db.sh SOURCE BUILD WITH_DATABASE: scard db, with databases in a directory of its own: what
# it says, exit codes, .reg files as regedit writes them and broken ones, two at once,
# databases that cannot be written or are damaged. SCARD_UNDER is put before the first command
# of each action that ends with each exit code, and before exports.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
with_database=$3
read -ra under <<<"${SCARD_UNDER:-}"
plain=("$build_dir/src/cli/scard" db)
scard=("${under[@]}" "${plain[@]}")
export WINSCARD_DATABASE_DIR=$work/system XDG_DATA_HOME=$work/user
export WINSCARD_CARDS_DIR=$work/cards.d
chmod 755 "$work"
mkdir "$work/cards.d"
calais='SOFTWARE\Microsoft\Cryptography\Calais'
atr=3B6500009C02020702
cat >"$work/cards.d/some.reg" <<END
Windows Registry Editor Version 5.00
[HKEY_LOCAL_MACHINE\\$calais\\SmartCards\\From a package]
"ATR"=hex:3b,65,00,00,9c,02,02,00,00
"ATRMask"=hex:ff,ff,ff,ff,ff,ff,ff,00,00
END

# gives WHAT STATUS PATTERN ARGUMENTS...: exit code, and a line of stdout or stderr; the
# output is left in $out. (json() takes what was on stdout.) The command is run as ${as[@]}
# does.
as=()
declare -A had=()
gives()
{
    local what=$1 wanted=$2 pattern=$3 status=0 command=("${plain[@]}")
    shift 3
    if [ -z "${had["${1:-} $wanted"]:-}" ]; then
        had["${1:-} $wanted"]=1
        command=("${scard[@]}")
    fi
    timeout 600 "${as[@]}" "${command[@]}" "$@" >"$work/out" 2>"$work/err" || status=$?
    out=$(cat "$work/out" "$work/err")
    if [ "$status" -ne "$wanted" ]; then
        printf '%s: exit code %s, not %s:\n%s\n' "$what" "$status" "$wanted" "$out" >&2
        exit 1
    fi
    expect "$what" "$out" "$pattern"
}
# json EXPRESSION: of the document d on the last stdout, as Python has it.
json()
{
    checks=$((checks + 1))
    if ! /usr/bin/python3 -c "import json, sys; d = json.load(sys.stdin); assert ($1), d" \
        <"$work/out"; then
        echo "not so: $1" >&2
        exit 1
    fi
}
# utf16 FILE: from standard input, as regedit writes it.
utf16()
{
    { printf '\xff\xfe' && sed 's/$/\r/' | iconv -f UTF-8 -t UTF-16LE; } >"$1"
}

# --- The command line ---
gives "no action" 2 "an action is missing"
gives "unknown action" 2 "no such action: lst" lst
gives "help" 0 "add NAME --atr HEX" --help
gives "no name" 2 "usage: scard db show NAME" show
gives "too many names" 2 "usage: scard db remove NAME" remove a b
gives "an option that does not go" 2 "mask does not go with db list" list --mask 00
gives "two scopes" 2 "only one of --user, --system and --packages" list -u -s
gives "packages cannot be written" 2 "packages does not go with db add" add a --packages
gives "no reader" 2 "reader does not go" list -r 1
gives "no ATR" 2 "atr is missing" add a
gives "a long ATR" 2 "the ATR has more than 36 bytes" add a -a "$(printf '%074d' 0)"
gives "half a byte" 2 "only one hex digit" add a -a 3B0
gives "not hex" 2 "not written in hex" add a -a 3BXX
gives "an empty ATR" 2 "the ATR is empty" add a -a ""
gives "another length" 2 "the mask has 1 byte, the ATR 2" add a -a 3B00 -m FF
gives "no GUID" 2 "12 is not a GUID" add a -a 3B00 -i 12
gives "no device" 2 "device is missing" add-reader a
gives "no JSON" 2 "export writes a .reg file" export --json
# shellcheck disable=SC2046
gives "65 interfaces" 2 "more than 64 interfaces" add a -a 3B00 \
    $(printf -- '-i 01234567-89AB-CDEF-0123-4567000000%02d ' $(seq 10 74))

# --- What packages brought; without a database that is all ---
gives "list" 0 "^package  From a package$" list
gives "names" 0 "^From a package$" list --names
gives "show" 0 "^  mask +FF FF FF FF FF FF FF 00 00$" show "from a PACKAGE"
gives "match" 0 "From a package" list --atr 3b:65:00:00:9c:02:02:aa:bb
gives "no match" 1 "" list --atr 3B65
gives "no readers" 1 "" readers
gives "unknown" 3 "no card type x.*SCARD_E_UNKNOWN_CARD" show x
printf 'Windows Registry Editor Version 5.00\nnonsense\n' >"$work/cards.d/broken.reg"
gives "a broken file of a package" 0 "broken.reg: line 2" list
expect "and the others" "$out" "From a package"
rm "$work/cards.d/broken.reg"
if [ "$with_database" != ON ]; then
    gives "nothing can be written" 3 "this build has no database.*SCARD_E_UNSUPPORTED" \
        add a -a 3B00
    gives "nothing can be exported" 3 "this build has no database" export
    done_with "db, without a database"
    exit
fi

# --- Card types ---
gives "add" 0 '^added Kärte "x" to the user database$' add 'Kärte "x"' -a "$atr" \
    -m FFFFFFFFFFFFFFFF00 -i 01234567-89AB-CDEF-0123-456789ABCDEF \
    -i '{fedcba98-7654-3210-fedc-ba9876543210}' -p 00000000-0000-0000-C000-000000000046 \
    --csp 'A CSP' --ksp 'A KSP' --module 'C:\a.dll'
cp -r "$work/user" "$work/first"
gives "add twice" 3 "already" add 'KäRTE "X"' -a 3B00
gives "and nothing changed" 0 '"atr":"3B6500009C02020700"' show 'KäRTE "X"' --json
json 'd["card"] == {"name": "Kärte \"x\"", "source": "user",
    "atr": "3B6500009C02020700", "mask": "FFFFFFFFFFFFFFFF00",
    "primary": "{00000000-0000-0000-C000-000000000046}",
    "interfaces": ["{01234567-89AB-CDEF-0123-456789ABCDEF}",
        "{FEDCBA98-7654-3210-FEDC-BA9876543210}"],
    "csp": "A CSP", "ksp": "A KSP", "module": "C:\\a.dll"}'
gives "matches of two layers" 0 "^package  From" list -a "$atr"
expect "the user's first" "$(head -1 <<<"$out")" "^user     Kärte"
gives "replace" 0 "added" add 'kärte "x"' -a 3B00 --replace
gives "replaced" 0 "ATR +3B 00$" show 'Kärte "X"'
forbid "all of it" "$out" "CSP|interface"
gives "hidden" 0 "added From a package to the system database" add "From a package" -a 3B01 -s
gives "the first of a name counts" 0 "^system   From a package" list
forbid "and no other" "$out" "^package"
gives "not by its ATR either" 1 "" list --atr "$atr"
gives "unless one asks for it" 0 "^package  From a package" list --packages
gives "remove from the wrong scope" 3 "SCARD_E_UNKNOWN_CARD" remove "From a package"
expect "with a hint" "$out" "the system database has it: try --system"
gives "remove" 0 "removed From a package from the system" remove "From a package" --system
gives "a package's" 3 "a package brought it" remove "From a package"
gives "no name" 3 "is not a name" add 'a\b' -a 3B00
gives "a long name" 3 "is not a name" add "$(printf '%0256d' 0)" -a 3B00
gives "JSON of an error" 3 '"name":"SCARD_E_UNKNOWN_CARD"' remove x --json
json '"has no card type x" in d["error"]["message"]'

# --- Readers ---
gives "add-reader" 0 "added My reader to the user" add-reader "My reader" -d "A device"
gives "add-reader twice" 3 "SCARD_E_DUPLICATE_READER" add-reader "my READER" -d x
gives "add-to-group" 0 "added my reader to group G in the user" add-to-group "my reader" G
gives "another" 0 "to group g in the system" add-to-group other g --system
# shellcheck disable=SC2016 # the $ is of the names
gives "the system's own" 3 'SCard.AllReaders is the system' add-to-group a 'SCard$AllReaders'
gives "readers" 0 "^  device +A device$" readers
gives "readers, JSON" 0 "My reader" readers --json
# shellcheck disable=SC2016
json '[r["name"] for r in d["readers"]] == ["My reader", "other"]
    and d["readers"][0]["groups"] == ["SCard$DefaultReaders", "G"]'
gives "readers of a group" 0 "^other$" readers g --names
gives "groups" 0 "SCard.Default" groups --json
json '{"name": "G", "readers": ["My reader", "other"]} in d["groups"]'
gives "remove-from-group" 0 "from group g in the user" remove-from-group "My reader" g
gives "who is in none" 3 "no reader nobody" remove-from-group nobody g
gives "remove-group" 0 "removed g from the system" remove-group g -s
gives "gone" 1 "" readers G
gives "remove-reader" 0 "removed My reader" remove-reader "My reader"
gives "remove-reader twice" 3 "SCARD_E_UNKNOWN_READER" remove-reader "My reader"

# --- .reg files: what goes out comes in ---
rm -r "$work/user" && mv "$work/first" "$work/user"
gives "a reader" 0 "added" add-reader "Lëser 😀" -d "A device"
timeout 600 "${scard[@]}" export "$work/1.reg"
expect "as regedit writes it" "$(od -An -tx1 -N6 "$work/1.reg")" '^ ff fe 57 00 69 00$'
iconv -f UTF-16LE -t UTF-8 "$work/1.reg" | tail -c +4 >"$work/1.text"
timeout 600 "${scard[@]}" export --utf8 | cmp - "$work/1.text"
expect "its key" "$(cat "$work/1.text")" "HKEY_CURRENT_USER.*SmartCards.Kärte \"x\"\\]"
expect "lines" "$(tail -1 "$work/1.text")" $'\r$'
gives "import" 0 "into the system database: 1 card type, 1 reader$" import -s "$work/1.reg"
timeout 600 "${scard[@]}" export -s - | iconv -f UTF-16LE -t UTF-8 | tail -c +4 |
    sed 's/HKEY_LOCAL_MACHINE/HKEY_CURRENT_USER/' | cmp - "$work/1.text"
rm -r "$work/system"
timeout 600 "${scard[@]}" import -s - --json <"$work/1.text" >"$work/out"
json 'd == {"cards": 1, "readers": 1, "removed": 0, "passed_over_count": 0, "passed_over": []}'
timeout 600 "${scard[@]}" export -s --utf8 | sed 's/HKEY_LOCAL_MACHINE/HKEY_CURRENT_USER/' |
    cmp - "$work/1.text"
checks=$((checks + 4))

# As an installer's: other keys, lines of bytes that go on, a key to be removed.
utf16 "$work/2.reg" <<END
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Some maker]
"Version"=dword:00000001

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Wow6432Node\\Microsoft\\Cryptography\\Calais\\SmartCards\\Été]
"ATR"=hex:3b,65,00,00,\\
  9c,02,02,07,02
"Unknown"="of no concern"

[-HKEY_LOCAL_MACHINE\\$calais\\SmartCards\\Kärte "x"]
END
gives "an installer's" 0 "1 card type, 0 readers; 1 key removed" import "$work/2.reg" -s
expect "what it left alone" "$out" '^skipped, line 3: HKEY_LOCAL_MACHINE.SOFTWARE.Some maker'
gives "its card" 0 "mask +FF FF FF FF FF FF FF FF FF$" show Été
native='HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography\Calais\SmartCards'
second='HKEY_LOCAL_MACHINE\SOFTWARE\Wow6432Node\Microsoft\Cryptography\Calais\SmartCards'
gives "both widths" 0 "1 card type, 0 readers" import - -s < <(printf '%s\n' \
    REGEDIT4 "[$native\\Two]" '"ATR"=hex:3b,00' '"80000001"="64.dll"' \
    "[$second\\Two]" '"ATR"=hex:3b,00' '"80000001"="32.dll"' "[-$second\\Two]" "[-$native\\]")
gives "the native one" 0 "module +64.dll" show Two
gives "no more of it" 0 "" remove Two -s
printf 'REGEDIT4\r\n[HKEY_CURRENT_USER\\%s\\SmartCards\\B\xe9lier]\r\n"ATR"=hex:3b,00\r\n' \
    "$calais" >"$work/3.reg"
gives "of old" 0 "1 card type" import "$work/3.reg"
gives "by its name" 0 "^Bélier$" show Bélier
gives "about something else" 1 "0 card types, 0 readers" import - \
    < <(printf 'REGEDIT4\n[HKEY_CURRENT_USER\\Console]\n')

# wrong WHAT PATTERN: the file broken.reg is refused, and nothing is changed.
timeout 600 "${scard[@]}" export >"$work/before"
wrong()
{
    gives "$1" 3 "broken.reg.*$2" import "$work/broken.reg"
    timeout 600 "${plain[@]}" export | cmp - "$work/before"
}
card="[HKCU\\$calais\\SmartCards\\a]"
printf 'REGEDIT4\n%s\n"ATR"=hex:%s00\n' "$card" "$(printf '00,%.0s' {1..36})" >"$work/broken.reg"
wrong "37 bytes" "line 3: .*at most 36 bytes"
printf 'REGEDIT4\n\n%s\n"ATR"=hex:1,2\n"ATRMask"=hex:1\n[HKCU]\n' "$card" >"$work/broken.reg"
wrong "a mask of another length" "line 3: the ATR and its mask"
printf 'REGEDIT4\n%s\n"ATR"="text"\n' "$card" >"$work/broken.reg"
wrong "an ATR of text" "line 3: this value"
printf 'REGEDIT4\n%s\n\n;\nx\n' "$card" >"$work/broken.reg"
wrong "garbage within" "line 5: this is not a key"
head -c 5000 /dev/urandom >"$work/broken.reg"
wrong "garbage" "line 1: this is not a .reg file"
: >"$work/broken.reg"
wrong "nothing" "line 1: this is not a .reg file"
printf 'REGEDIT4\n%s\n"AT\0R"=hex:1\n' "$card" >"$work/broken.reg"
wrong "a NUL" "line 3: "
head -c -1 "$work/2.reg" >"$work/broken.reg"
wrong "cut UTF-16" "line 1[0-9]: "
head -c 601 "$work/2.reg" >"$work/broken.reg"
wrong "UTF-16, cut within" "line [0-9]+: "
printf 'REGEDIT4\n[%05000d]\n' 0 >"$work/broken.reg"
wrong "a long key" "line 2: this is too long"
truncate -s 257M "$work/broken.reg"
[ -n "${SCARD_UNDER:-}" ] || wrong "a huge file" "is longer than 256 MiB"
gives "a missing file" 3 "cannot open .*/none.reg" import "$work/none.reg"
gives "a directory" 3 "cannot (open|read) $work" import "$work"
gives "a file that cannot be made" 4 "cannot write $work/none/x" export "$work/none/x"
if [ -w /dev/full ]; then
    gives "a full disk" 4 "cannot write /dev/full" export /dev/full
fi

# --- Two at once: one of each pair adds, the other finds it there ---
for i in $(seq 10); do
    timeout 600 "${plain[@]}" add "at once $i" -a 3B00 >"$work/one" 2>&1 &
    one=$! first=0 second=0
    timeout 600 "${plain[@]}" add "at once $i" -a 3B01 >"$work/two" 2>&1 || second=$?
    wait $one || first=$?
    expect "two at once" "$first $second" '^(0 3|3 0)$'
done
gives "all of them" 0 "at once 10" list --user --names
expect "ten" "$(grep -c 'at once' <<<"$out")" '^10$'

# --- No right to write; damage ---
gives "to look at" 0 "added" add seen -a 3B00 -s
if [ "$(id -u)" -eq 0 ]; then
    as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi
chmod 555 "$work/system"
chmod 444 "$work/system/cards.sqlite"
if "${as[@]}" test -x "$build_dir/src/cli/scard"; then
    gives "no right" 3 "cannot write the system database $work/system/cards.sqlite.*NO_ACCESS" \
        add a -a 3B00 --system
    gives "none to remove" 3 "SCARD_E_NO_ACCESS" remove seen --system
    gives "none to import" 3 "SCARD_E_NO_ACCESS" import - --system <"$work/1.reg"
    gives "to read there is" 0 "ATR +3B 00" show seen --system
    as+=(env -u HOME -u XDG_DATA_HOME)
    gives "no home" 3 "no home directory" add a -a 3B00
    gives "and yet" 0 "system   seen" list
fi
as=()
chmod 755 "$work/system"
chmod 644 "$work/system/cards.sqlite"
head -c 8192 /dev/urandom >"$work/system/cards.sqlite"
gives "damaged" 3 "cannot read the system database .*cards.sqlite: .*SCARD_F_INTERNAL" list
expect "the rest of it" "$out" "^user     at once 10"
gives "damaged, JSON" 3 "SCARD_F_INTERNAL_ERROR" list --json
gives "not to be written" 3 "cannot write the system .*SCARD_F_INTERNAL" add a -a 3B00 -s
gives "nor exported" 3 "cannot read the system" export -s "$work/damaged.reg"
expect "no file of it" "$(ls "$work")" "^system$"
[ ! -e "$work/damaged.reg" ]
done_with db
