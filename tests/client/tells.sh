#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What scard and winscardd --status tell of programs that hold readers, and what scard doctor
# tells of settings and services that are wrong.
# shellcheck source=tests/client/common.sh
. "$(dirname "$0")/common.sh"
scard=$build_dir/src/cli/scard
winscardd=$build_dir/service/winscardd
unset WINSCARD_READERS PCSCLITE_CSOCK_NAME
export XDG_RUNTIME_DIR=$work/run

# start_service POLICY: at $work/service, with two cards. The service's process is $daemon.
start_service()
{
    "$winscardd" --foreground --socket "$work/service" --pcscd-socket "$work/pcscd.comm" \
        --readers 'soft:?count=2' --policy "$1" 2>>"$work/service.log" &
    daemon=$!
    children+=("$daemon")
    until [ -S "$work/service" ] && [ -S "$work/pcscd.comm" ]; do
        kill -0 "$daemon" || exit 1
        sleep 0.02
    done
}
end_service()
{
    kill -TERM "$daemon"
    wait "$daemon" || true
}
asks() { timeout 60 "$scard" "$@" 2>&1 || true; }

# --- Programs that hold readers ---
echo 'allow everyone use any reader' >"$work/open"
start_service "$work/open"
export WINSCARD_SERVICE=unix:$work/service
mkfifo "$work/commands"
"$scard" apdu --exclusive 1 <"$work/commands" >"$work/answers" 2>&1 &
holder=$!
children+=("$holder")
exec 9>"$work/commands"
echo 00A4040C05F0534F4654 >&9
until grep -q '^<' "$work/answers"; do
    kill -0 "$holder" || exit 1
    sleep 0.02
done
by="scard \\(process $holder, user $(id -u)\\)"
out=$(asks list)
expect "list names the holder" "$out" "^     held   $by"
expect "list shows the other reader" "$out" "^  2  "
out=$(asks list --json | /usr/bin/python3 -m json.tool)
expect "list --json" "$out" "\"process\": $holder"
out=$(asks status 1)
expect "status names the holder" "$out" "held by $by"
out=$(asks doctor)
expect "doctor names the holder" "$out" "WinSCard Software Card 0 is held by $by"
expect "doctor counts the other one" "$out" "1 of 2 readers can be used"
out=$("$winscardd" --status --socket "$work/service")
expect "winscardd --status" "$out" "^ *$holder +$(id -u) +1  scard  .*: alone, in a transaction"
# The same reader by pcscd's protocol, which does not say who: the processes at the socket do.
out=$(WINSCARD_CARRIER=pcscd PCSCLITE_CSOCK_NAME=$work/pcscd.comm asks doctor)
expect "doctor by pcscd's protocol" "$out" "is held by a program; pcscd does not tell which"
exec 9>&-
wait "$holder" || true
out=$(asks doctor)
expect "doctor, nobody holds it" "$out" "2 of 2 readers can be used"
WINSCARD_CARRIER=pcscd PCSCLITE_CSOCK_NAME=$work/pcscd.comm "$scard" apdu --exclusive 1 \
    <"$work/commands" >"$work/answers" 2>&1 &
holder=$!
children+=("$holder")
exec 9>"$work/commands"
echo 00A4040C05F0534F4654 >&9
until grep -q '^<' "$work/answers"; do
    kill -0 "$holder" || exit 1
    sleep 0.02
done
out=$(WINSCARD_CARRIER=pcscd PCSCLITE_CSOCK_NAME=$work/pcscd.comm asks list)
expect "list by pcscd's protocol" "$out" "^     held   probably scard \\(process $holder,"
exec 9>&-
wait "$holder" || true
end_service

# --- Policies ---
if [ "$(id -u)" -eq 0 ]; then
    stranger() { setpriv --reuid 65534 --clear-groups timeout 60 "$scard" "$@" 2>&1 || true; }
    chmod a+rx "$work"
    echo 'deny everyone use and control any reader' >"$work/closed"
    start_service "$work/closed"
    out=$(stranger doctor)
    expect "a policy that hides all" "$out" "its policy shows none of them to this user"
    forbid "a policy that hides all" "$out" "Connect one"
    end_service
    echo 'alow everyone' >"$work/broken"
    start_service "$work/broken"
    expect "a broken policy" "$(stranger doctor)" "policy has a fault\\."
    expect "a broken policy, for root" "$(asks doctor)" "policy has a fault in line 1: "
    end_service
fi

# --- Services that are none ---
expect "a service that is not there" "$(asks doctor)" "names $work/service, and there is no"
cat >"$work/listen.py" <<'END'
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(5)
kept = []
while True:
    connection, _ = listener.accept()
    if sys.argv[2] == "keep":
        kept.append(connection)
    else:
        connection.close()
END
for kind in keep close; do
    /usr/bin/python3 "$work/listen.py" "$work/$kind" "$kind" &
    children+=("$!")
    until [ -S "$work/$kind" ]; do sleep 0.02; done
done
out=$(WINSCARD_SERVICE=unix:$work/close asks doctor)
expect "a service that fails" "$out" "closes each connection: the service behind"
out=$(WINSCARD_SERVICE=unix:$work/keep asks doctor)
expect "a mute service" "$out" "takes connections, but does not answer"
out=$(timeout 60 "$winscardd" --status --socket "$work/keep" 2>&1 || true)
expect "a mute service, --status" "$out" "accepts connections but does not answer"
unset WINSCARD_SERVICE

# --- Settings ---
export WINSCARD_CARRIER=local
expect "foo:" "$(WINSCARD_READERS=foo: asks doctor)" "foo: no such kind of reader"
expect "usb" "$(WINSCARD_READERS=usb asks doctor)" "usb: the colon is missing"
expect "soft:?pin=x" "$(WINSCARD_READERS='soft:?pin=x' asks doctor)" "pin is not 4 to 8 digits"
expect "vpcd:99999" "$(WINSCARD_READERS=vpcd:99999 asks doctor)" "is not a port, 0 to 65535"
for readers in foo: usb 'soft:?pin=x' vpcd:99999; do
    forbid "$readers" "$(WINSCARD_READERS=$readers asks doctor)" "Connect one"
done
expect "one reader" "$(WINSCARD_READERS=soft: asks doctor)" "^good +1 of 1 reader can be used"
expect "a carrier that is none" "$(WINSCARD_CARRIER=carrier asks doctor)" "no carrier 'carrier'"
done_with tells
