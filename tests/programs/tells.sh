#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# What scard and winscardd --status tell of programs that hold readers, and what scard doctor
# tells of settings and services that are wrong.
# shellcheck source=tests/programs/common.sh
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

# hold FILE [NAME=VALUE...]: a program has reader 1 to itself, with these settings besides,
# until descriptor 9 is closed; its process is $holder. FILE is one that no other run has
# written to: what is waited for is this run's answer.
hold()
{
    local answers=$work/$1
    shift
    env "$@" "$scard" apdu --exclusive 1 <"$work/commands" >"$answers" 2>&1 &
    holder=$!
    children+=("$holder")
    exec 9>"$work/commands"
    echo 00A4040C05F0534F4654 >&9
    until grep -qs '^<' "$answers"; do
        kill -0 "$holder" || exit 1
        sleep 0.02
    done
}

# --- Programs that hold readers ---
echo 'allow everyone use any reader' >"$work/open"
start_service "$work/open"
export WINSCARD_SERVICE=unix:$work/service
mkfifo "$work/commands"
hold answers
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
# A program's name is its own choice: no byte of it steers the terminal.
ln -s "$scard" "$work/$(printf 'x\23331m\302\205')"
plain=$scard scard=$work/$(printf 'x\23331m\302\205')
hold answers-name
scard=$plain
out=$("$winscardd" --status --socket "$work/service" | od -An -v -tx1 | tr -d ' \n')
expect "winscardd --status, a name with control bytes" "$out" '2078(efbfbd|3f)33316d(3f|efbfbd)'
exec 9>&-
wait "$holder" || true
hold answers-pcscd WINSCARD_CARRIER=pcscd PCSCLITE_CSOCK_NAME="$work/pcscd.comm"
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
    out=$("$winscardd" --status --socket "$work/service")
    expect "a broken policy, --status" "$out" "in line 1: .*; only root and the service's own user"
    end_service
fi

# A reload with a broken one: it says so, and serves as before.
start_service "$work/open"
echo 'alow everyone' >>"$work/open"
kill -HUP "$daemon"
until out=$("$winscardd" --status --socket "$work/service") && grep -q fault <<<"$out"; do
    kill -0 "$daemon" || exit 1
    sleep 0.02
done
expect "a policy kept, --status" "$out" "fault in line 2: .*; the policy that was read before stays"
out=$(asks doctor)
expect "a policy kept" "$out" "fault in line 2: .*; the policy that was read before is in force"
expect "a policy kept, readers" "$out" "2 of 2 readers can be used"
end_service

# --- What winscardd says of a policy, and of where it cannot listen ---
# says WHAT STATUS PATTERN ARGUMENT...: winscardd ends with the status, and says that.
says()
{
    local what=$1 wanted=$2 pattern=$3 status=0
    shift 3
    out=$(timeout $hang "$winscardd" "$@" 2>&1) || status=$?
    expect "$what, status" "$status" "^$wanted\$"
    expect "$what" "$out" "$pattern"
    forbid "$what, codes" "$out" "SC(ARD)?_[EFW]_"
}
says "a good policy" 0 "^\$" --check-policy "$source_dir/packaging/policy.conf"
printf '%s\n' 'alow everyone' 'allow everyone use any reader' 'deny root use any reader' \
    >"$work/wrong"
says "a wrong policy" 1 "^winscardd: $work/wrong:1: expected allow, .*" --check-policy "$work/wrong"
expect "a wrong policy, the other fault" "$out" "^winscardd: $work/wrong:3: comes too late"
says "no policy" 1 "$work/none: there is no such file" --check-policy "$work/none"
for where in 0.0.0.0:0 192.0.2.1:0 host.example:0; do
    says "--tcp $where" 1 "expected localhost or a numeric address of this machine" \
        --foreground --readers soft: --socket "$work/tcp" --tcp "$where" --token "$work/token"
done
for where in 127.0.0.1 127.0.0.1:65536 :1; do
    says "--tcp $where" 1 "expected ADDRESS:PORT" \
        --foreground --readers soft: --socket "$work/tcp" --tcp "$where" --token "$work/token"
done
says "no directory" 1 "$work/none/s: there is no such directory" \
    --foreground --readers soft: --socket "$work/none/s"
says "another file" 1 "has another file of this name" \
    --foreground --readers soft: --socket "$work/wrong"
says "readers" 1 "nosuch: no such kind of reader" --foreground --readers 'soft:;nosuch:'
# Who does not start leaves no token, and no other service's without one.
expect "no token" "$(ls "$work/token" 2>&1)" "No such file"
echo kept >"$work/token"
says "no directory, and a token" 1 "$work/none/s: there is no such directory" --foreground \
    --readers soft: --socket "$work/none/s" --tcp 127.0.0.1:0 --token "$work/token"
says "readers, and a token" 1 "nosuch: no such kind of reader" --foreground \
    --readers 'soft:;nosuch:' --socket "$work/tcp" --tcp 127.0.0.1:0 --token "$work/token"
expect "the token of another service" "$(cat "$work/token")" '^kept$'
says "no room for a token" 1 "$work/none/token: " --foreground --readers soft: \
    --socket "$work/tcp" --tcp 127.0.0.1:0 --token "$work/none/token"
# A port that the system chooses is told, and clients get there by the same name.
for where in '[::1]' localhost 127.0.0.1; do
    if [ "$where" = '[::1]' ] && ! grep -qs ' lo$' /proc/net/if_inet6; then
        echo "no IPv6 on this machine: $where is not tried"
        continue
    fi
    "$winscardd" --foreground --readers soft: --socket "$work/tcp" --tcp "$where:0" \
        --token "$work/token" 2>"$work/tcp.log.$where" &
    daemon=$!
    children+=("$daemon")
    until port=$(sed -n 's/.*listening at .* port \([0-9]*\)$/\1/p' \
        "$work/tcp.log.$where" 2>/dev/null) && [ -n "$port" ]; do
        kill -0 "$daemon" || exit 1
        sleep 0.02
    done
    out=$(WINSCARD_SERVICE=tcp:$where:$port WINSCARD_TOKEN=$work/token asks list)
    expect "$where:0" "$out" "WinSCard Software Card"
    end_service
done

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
out=$(WINSCARD_SERVICE=unix:$work/keep asks list)
expect "a mute service, list" "$out" "connections, but does not answer \\(SCARD_E_NO_SERVICE\\)"
out=$(WINSCARD_SERVICE=unix:$work/none/s asks list)
expect "no service, list" "$out" "is not running \\(SCARD_E_NO_SERVICE\\)"
# Whoever listens where everybody may put a socket is told nothing.
mkdir -m 1777 "$work/everybody"
/usr/bin/python3 "$work/listen.py" "$work/everybody/s" close &
children+=("$!")
until [ -S "$work/everybody/s" ]; do sleep 0.02; done
out=$(timeout 60 "$winscardd" --status --socket "$work/everybody/s" 2>&1 || true)
expect "everybody's place, --status" "$out" "everybody may write the directory: nothing was asked"
for carrier in auto service; do
    out=$(WINSCARD_SERVICE=unix:$work/everybody/s WINSCARD_CARRIER=$carrier asks doctor)
    expect "everybody's place, $carrier" "$out" "$work/everybody/s"
    forbid "everybody's place, $carrier: a fault of the service" "$out" "closes each connection"
done
unset WINSCARD_SERVICE

# --- What winscardd does not take ---
# refused TEXT OPTION...
refused()
{
    local status=0 out
    out=$(timeout 60 "$winscardd" "${@:2}" 2>&1) || status=$?
    expect "winscardd ${*:2}" "$out (exit status $status)" "$1"
    expect "winscardd ${*:2}: the status" "$status" '^2$'
}
refused '--readers wants URIs' --readers ''
refused '--readers wants URIs' --readers ' ; # soft:'
refused 'loud is not a log level' --log loud
refused '1 to 86400 seconds' --exit-idle 0
refused '--tcp needs --token' --tcp 127.0.0.1:0
refused '--token is for --tcp' --token x
refused 'a number from 1 to' --pcscd-records 0
refused 'name one' --status --forward
refused 'usage: winscardd' word
refused 'usage: winscardd' --nonsense

# --- Settings ---
export WINSCARD_CARRIER=local
expect "foo:" "$(WINSCARD_READERS=foo: asks doctor)" "foo: no such kind of reader"
expect "usb" "$(WINSCARD_READERS=usb asks doctor)" "usb: the colon is missing"
expect "soft:?pin=x" "$(WINSCARD_READERS='soft:?pin=x' asks doctor)" "pin is not 4 to 8 digits"
for place in 1/4 001/256 000/001 001/0004 001-004; do
    expect "usb:?device=$place" "$(WINSCARD_READERS="usb:?device=$place" asks doctor)" \
        "device is not BUS/ADDRESS, three digits each|no such kind of reader"
done
expect "vpcd:99999" "$(WINSCARD_READERS=vpcd:99999 asks doctor)" "is not a port, 0 to 65535"
for readers in foo: usb 'soft:?pin=x' vpcd:99999; do
    forbid "$readers" "$(WINSCARD_READERS=$readers asks doctor)" "Connect one"
done
expect "one reader" "$(WINSCARD_READERS=soft: asks doctor)" "^good +1 of 1 reader can be used"
expect "a carrier that is none" "$(WINSCARD_CARRIER=carrier asks doctor)" "no carrier 'carrier'"
done_with tells
