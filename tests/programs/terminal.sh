#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# scard on a terminal: the prompt of apdu, a PIN that shows nowhere, narrow terminals; and
# watch when its service is started anew.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
scard=$build_dir/src/cli/scard
winscardd=$build_dir/service/winscardd
export WINSCARD_CARRIER=local

# on_terminal COLUMNS ARGUMENT...: with the steps on standard input.
on_terminal()
{
    local columns=$1
    shift
    /usr/bin/python3 "$source_dir/tests/programs/terminal.py" "$columns" "$scard" "$@"
}

out=$(printf 'apdu> \t%s\n' '00 A4 04 0C 05 F0 53 4F 46 54\n' 'mistake\n' '\x04' |
    on_terminal 80 apdu 1)
expect "a prompt" "$out" '^One command a line'
expect "a command" "$out" '^< 90 00   success'
expect "a mistake" "$out" 'line 2: the command is not written in hex digits'

out=$(printf 'PIN: \t%s\n' '123456\n' |
    on_terminal 80 apdu 1 00A4040C05F0534F4654 00200081PIN 00B0830010)
expect "a PIN, asked for" "$out" '^PIN: $'
expect "a PIN, sent" "$out" '^> 00 20 00 81 06 \*\* \*\* \*\* \*\* \*\* \*\*   VERIFY'
expect "a PIN, right" "$out" '^< 4F 6E 6C 79 20 .*Only '
expect "a PIN, in the end" "$out" '^exit status 0'
forbid "a PIN, shown" "$out" '123456|31 32 33'
# Not even where the command is none that is known to carry one.
out=$(printf 'PIN: \t%s\n' '123456\n' | on_terminal 80 apdu 1 80AA0000PIN)
expect "a PIN in another command" "$out" '^> 80 AA 00 00 06 \*\* \*\* \*\* \*\* \*\* \*\*$'
out=$(printf 'PIN: \t%s\n' '123456\n' | on_terminal 80 apdu --json 1 80AA0000PIN)
expect "a PIN in another command, JSON" "$out" '"command":"80AA000006\*{12}"'
out=$(printf 'PIN: \t%s\n' '\x03' | on_terminal 80 apdu 1 00200081PIN)
expect "no PIN" "$out" 'no PIN was typed'
out=$(printf 'PIN: \t%s\n' '123456789\n' | on_terminal 80 apdu 1 00200081PIN8)
expect "a PIN that is too long" "$out" 'the PIN is too long'
out=$(setsid timeout 60 "$scard" apdu 1 00200081PIN 2>&1 </dev/null || true)
expect "no terminal" "$out" 'there is no terminal to ask'

name="A reader with a name that is long, longer than a line of the terminal is wide"
out=$(WINSCARD_READERS="soft:?name=$name" on_terminal 40 watch --timeout 0 </dev/null)
plain=$(sed 's/\x1b\[[0-9]*[A-Z]//g; s/\r//g' <<<"$out")
expect "narrow, how to end it" "$plain" 'Ctrl\+C ends'
expect "narrow, a long name" "$(tr -d ' \n' <<<"$plain")" "$(tr -d ' ' <<<"$name")"
expect "narrow, the state" "$plain" '^ +card present'
forbid "narrow" "$plain" '^.{41}'
# Lines too long for the terminal go on in the next one, cards' ATRs and events too.
joined() { tr -d ' \n' <<<"$plain"; }
atr=$(WINSCARD_READERS=soft: "$scard" list --json | grep -oE '"atr":"[0-9A-F]+"' | cut -d'"' -f4)
for columns in 40 80; do
    out=$(WINSCARD_READERS="soft:?name=$name" on_terminal "$columns" watch --timeout 0 </dev/null)
    plain=$(sed 's/\x1b\[[0-9]*[A-Z]//g; s/\r//g' <<<"$out")
    expect "the ATR, $columns columns" "$(joined)" "ATR$atr"
done

if [ -x "$winscardd" ]; then
    export WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/service
    start()
    {
        "$winscardd" --foreground --socket "$work/service" --readers "$1" \
            --policy "$work/policy" 2>>"$work/service.log" &
        daemon=$!
        children+=("$daemon")
        until [ -S "$work/service" ]; do
            kill -0 "$daemon" || exit 1
            sleep 0.02
        done
    }
    # seen PATTERN: watch has said it, or says it soon.
    seen()
    {
        until grep -qE -- "$1" "$work/watched"; do
            kill -0 "$watcher" || { cat "$work/watched"; exit 1; }
            sleep 0.02
        done
        checks=$((checks + 1))
    }
    echo 'allow everyone use any reader' >"$work/policy"
    start soft:
    "$scard" watch >"$work/watched" 2>&1 &
    watcher=$!
    children+=("$watcher")
    seen 'present +WinSCard Software Card 0: '
    kill -TERM "$daemon"
    wait "$daemon" || true
    seen 'service-lost'
    start 'soft:;soft:?name=Another'
    seen 'service-back'
    seen 'reader-added +Another'
    kill -TERM "$watcher"
    wait "$watcher"
    kill -TERM "$daemon"
    wait "$daemon" || true
    forbid "the card stayed" "$(cat "$work/watched")" 'card-(inserted|removed)'
fi
done_with terminal
