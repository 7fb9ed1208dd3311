#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What scard writes with --json is what scard-json(7) says, errors too; and output that
# cannot be written is told of.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
scard=$build_dir/src/cli/scard
page=$source_dir/packaging/man/scard-json.7
export XDG_DATA_HOME=$work/data WINSCARD_DATABASE_DIR=$work/system WINSCARD_CARRIER=local
export WINSCARD_CARDS_DIR=$source_dir/packaging/cards.d

# fits SECTION STATUS ARGUMENT...: scard says what the section says.
fits()
{
    local section=$1 wanted=$2 status=0
    shift 2
    timeout 60 "$scard" --json "$@" >"$work/out" 2>"$work/err" || status=$?
    checks=$((checks + 2))
    if [ "$status" != "$wanted" ]; then
        echo "scard --json $*: exit status $status, not $wanted:"
        cat "$work/out" "$work/err"
        exit 1
    fi
    /usr/bin/python3 "$source_dir/tests/programs/members.py" "$page" "$section" \
        "$work/out" || exit 1
}
fits list 0 list
fits status 0 status
fits watch 0 watch --timeout 0
fits apdu 0 apdu 1 00A4040C05F0534F4654 0084000008
fits apdu 1 apdu 1 00A4040C05F0534F4654 00B0830010
fits reset 0 reset 1
fits reset 0 reset --cold 1
fits control 0 control 1 3400
fits atr 0 atr 3B 9C 95 80 31 FE 15 80 31 B8 73 B4 21 60 54 73 6F 66 74 86
fits atr 1 atr 3B
fits features 0 features 1
fits version 0 version
fits doctor 0 doctor
printf '#include <windows.h>\nvoid f(void) { RegCloseKey(0); LostAndFound(1); }\n' \
    >"$work/one.c"
printf 'int a;\n' >"$work/two.c"
fits port 1 port "$work/one.c" "$work/two.c"
fits port 0 port -I "$work" "$work/two.c"
fits port 3 port "$work/two.c" "$work/nowhere.c"
if [ "$WITH_DATABASE" = ON ]; then
    fits "Other changes by db" 0 db add "My card" --atr 3B6800000073C84012009000 --module m.dll
    fits "db show" 0 db show "My card"
    fits "Other changes by db" 0 db add-reader "My reader" --device somewhere
    fits "Other changes by db" 0 db add-to-group "My reader" "My group"
    fits "db readers" 0 db readers
    fits "db groups" 0 db groups
    printf 'Windows Registry Editor Version 5.00\r\n\r\n%s\r\n"ATR"=hex:3b,00\r\n' \
        '[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography\Calais\SmartCards\One]' \
        >"$work/one.reg"
    fits "db import" 0 db import "$work/one.reg"
fi
fits "db list" 0 db list
out=$("$scard" atr 3BFD1300008131FE158073C021C057597562694B657940)
expect "a card of the database" "$out" "^card  YubiKey"

# Mistakes are errors in JSON as well.
for mistake in "nothing" "list --nothing" "list too many" "apdu" "apdu 1 0" "watch --count x" \
    "db" "db nothing" "atr" "control 1" "control 1 x" "reset" "list --json=1" "help nothing" \
    "port" "apdu --timeout 1 1 00B0000000"; do
    # shellcheck disable=SC2086 # words
    fits "All commands" 2 $mistake
    expect "$mistake" "$(cat "$work/out")" '^{.*"error":{.*"message":"'
done
WINSCARD_READERS=foo: fits list 1 list
WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/nobody fits list 3 list

# Output that cannot be written.
for command in help "help apdu" "apdu --help" --version -V "list" "--json list" "--json nothing"; do
    status=0
    # shellcheck disable=SC2086 # words
    timeout 20 "$scard" $command >/dev/full 2>/dev/null || status=$?
    checks=$((checks + 1))
    [ "$status" = 4 ] || {
        echo "scard $command >/dev/full: $status"
        exit 1
    }
done
expect "-V" "$("$scard" -V)" '^scard [0-9]'
# Nothing need be set to see the cards of the source tree from the build tree.
expect "db list" "$(env -u WINSCARD_CARDS_DIR "$scard" db list)" '^package  YubiKey'
expect "nothing there" "$("$scard" db list --user --atr 3B1096 || true)" "No card type"
done_with json
