#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# debian_booted.sh: by systemd, with the packages installed: the service as the unit runs it,
# in its sandbox, with the software card.
set -Eeuo pipefail
export WINSCARD_CARRIER=service
soft="WinSCard Software Card"
checks=0
trap 'echo "line $LINENO"; journalctl --no-pager -o cat -n 30 -u winscardd.service' ERR

# check WHAT WANTED COMMAND...: the output has a line that fits, or soon has.
check()
{
    local what=$1 wanted=$2
    shift 2
    checks=$((checks + 1))
    for _ in $(seq 10); do
        timeout 600 "$@" >/tmp/said 2>&1 || true
        ! grep -q -- "$wanted" /tmp/said || return 0
        sleep 0.5
    done
    echo "$what:"
    cat /tmp/said
    false
}
state() { systemctl is-active winscardd.service; }
as_nobody() { setpriv --reuid nobody --regid nogroup --clear-groups "$@"; }
export -f state as_nobody
call() { check "$1" "$2" bash -c "$3"; }

check "the socket" '^active' systemctl is-active winscardd.socket
call "no service before its first client" '^inactive' state
check "a first client" "$soft 0" scard list
call "started by it" '^active' state
check "pcsc-lite's programs" "$soft 00 00" pcsc_scan -r
call "another user" "$soft 0" "as_nobody scard list"
pid=$(systemctl show -p MainPID --value winscardd.service)
check "its user" '^winscard$' stat -c %U "/proc/$pid"
check "no capabilities" '^CapBnd:[[:space:]]*0*$' cat "/proc/$pid/status"
check "no new ones" '^NoNewPrivs:[[:space:]]*1$' cat "/proc/$pid/status"
check "a filter of system calls" '^Seccomp:[[:space:]]*2$' cat "/proc/$pid/status"

# The policy, and reloading.
mkdir -p /etc/winscard
printf 'deny user nobody use and control any reader\nallow everyone use any reader\n' \
    >/etc/winscard/policy.conf
systemctl reload winscardd.service
call "who may not" "No reader" "as_nobody scard list"
check "who may" "$soft 0" scard list
rm -r /etc/winscard
check "the same process" "^$pid$" systemctl show -p MainPID --value winscardd.service

systemctl restart winscardd.service
check "after a restart" "$soft 0" scard list
# A client that waits keeps it; then it ends, and comes back.
scard watch -t 5 >/dev/null &
sleep 4.5
call "in use" '^active' state
wait
call "idle" '^inactive' state
check "started anew" "$soft 0" scard list

# An IFD handler in its process, in the same sandbox: the one that the package brings.
handler=$(echo /usr/lib/*/winscard/winscard-ifd.bundle/Contents/Linux/libwinscard-ifd.so)
mkdir -p /run/systemd/system/winscardd.service.d
printf '[Service]\nEnvironment="WINSCARD_READERS=ifd:%s?device=soft:"\n' "$handler" \
    >/run/systemd/system/winscardd.service.d/ifd.conf
systemctl daemon-reload
systemctl restart winscardd.service
call "a handler's card" "90 00   success" "scard apdu 1 0084000008"
pid=$(pidof winscard-ifd)
check "the handler's user" '^winscard$' stat -c %U "/proc/$pid"
check "its filter of system calls" '^Seccomp:[[:space:]]*2$' cat "/proc/$pid/status"
rm -r /run/systemd/system/winscardd.service.d
systemctl daemon-reload
systemctl restart winscardd.service

# Through ssh, the cards of this end (-L) and of the other (-R), as the README and
# winscardd(8) show it. sshd serves a pipe, so that no port of the machine is taken.
useradd --create-home --password '*' visitor
mkdir -p /run/sshd ~visitor/.ssh
ssh-keygen -q -t ed25519 -N '' -f /tmp/key
cp /tmp/key.pub ~visitor/.ssh/authorized_keys
chown -R visitor: ~visitor/.ssh
forwarding=()
# forward HOW SOCKET TO: it is there at the end.
forward()
{
    ssh -N -i /tmp/key -o StrictHostKeyChecking=no -o LogLevel=ERROR \
        -o ExitOnForwardFailure=yes \
        -o ProxyCommand='/usr/sbin/sshd -i -o UsePAM=no' "$1" "$2:$3" visitor@desk &
    forwarding+=($!)
    for _ in $(seq 100); do
        [ ! -S "$2" ] || break
        sleep 0.1
    done
}
mkdir -p /run/user/0
install -d -m 0700 -o visitor /run/user/visitor
forward -L /run/user/0/cards.sock /run/winscard/winscard.sock
forward -R /run/user/visitor/there.sock /run/winscard/winscard.sock
call "ssh -L" "$soft 0" "WINSCARD_SERVICE=unix:/run/user/0/cards.sock scard list"
call "ssh -L, a command" "90 00   success" \
    "WINSCARD_SERVICE=unix:/run/user/0/cards.sock scard apdu 1 0084000008"
as_visitor() { setpriv --reuid visitor --regid visitor --clear-groups "$@"; }
export -f as_visitor
call "ssh -R" "90 00   success" \
    "WINSCARD_SERVICE=unix:/run/user/visitor/there.sock as_visitor scard apdu 1 0084000008"
mkdir -p /etc/winscard
printf 'deny user visitor use any reader\nallow everyone use any reader\n' \
    >/etc/winscard/policy.conf
systemctl reload winscardd.service
call "ssh -L is the user there" "No reader" \
    "WINSCARD_SERVICE=unix:/run/user/0/cards.sock scard list"
call "ssh -R is the user here" "$soft 0" \
    "WINSCARD_SERVICE=unix:/run/user/visitor/there.sock as_visitor scard list"
rm -r /etc/winscard
kill "${forwarding[@]}"
wait

# The library that the other package brings, by the socket for pcscd's clients.
systemctl stop winscardd.service
systemctl start winscardd-pcscd.socket
call "pcscd's clients start it" "$soft 00 00" \
    "LD_LIBRARY_PATH=$(echo /usr/lib/*/pcsc-lite) WINSCARD_CARRIER=none pcsc_scan -r"
call "both protocols" '^active' state
check "both sockets" "$soft 0" scard list
systemctl stop winscardd-pcscd.socket
systemctl stop winscardd.socket winscardd.service

# The real polkitd, asked about who comes.
mkdir -p /etc/winscard /etc/polkit-1/rules.d /run/systemd/system/winscardd.service.d
echo 'ask polkit use any reader' >/etc/winscard/policy.conf
cat >/etc/polkit-1/rules.d/10-check.rules <<'END'
polkit.addRule(function(action, subject) {
    if (action.id == "org.winscard.use")
        return subject.user == "daemon" ? polkit.Result.YES : polkit.Result.NO;
});
END
cat >/run/systemd/system/winscardd.service.d/polkit.conf <<'END'
[Service]
ProtectProc=default
ExecStart=
ExecStart=/debs/winscardd-polkit --foreground
END
systemctl daemon-reload
systemctl start winscardd.socket
as_daemon() { setpriv --reuid daemon --regid daemon --clear-groups "$@"; }
export -f as_daemon
call "who would be asked sees it" "$soft 0" "as_nobody scard list"
call "whom polkit refuses" "SCARD_W_SECURITY_VIOLATION" "as_nobody scard apdu 1 0084000008 2>&1"
call "whom polkit lets in" "90 00   success" "as_daemon scard apdu 1 0084000008 2>&1"
check "polkitd was there" '^active' systemctl is-active polkit.service
systemctl stop winscardd.socket winscardd.service
rm -r /etc/winscard
check "all stopped" '^0$' bash -c 'ls /run/winscard | wc -l'
check "without a complaint" '^0$' bash -c \
    'systemctl list-units --failed --no-legend "winscardd*" | wc -l'

# From source, in the place of the packages, by the commands of the README.
dpkg --purge winscard libwinscard1 libwinscard-common libwinscard-dev \
    libpcsclite1-winscard >/dev/null
userdel winscard
rm -r /run/systemd/system/winscardd.service.d
cp -a /debs/source/usr/local/. /usr/local/
hash -r
ldconfig
systemd-sysusers
systemctl daemon-reload
mkdir -p /etc/systemd/system/winscardd.service.d
sed 's,/usr/sbin,/usr/local/sbin,' /etc/systemd/system/winscardd.service.d/check.conf \
    >/run/check.conf
cp /run/check.conf /etc/systemd/system/winscardd.service.d/check.conf
systemctl daemon-reload
systemctl enable --now winscardd.socket
check "from source" "$soft 0" /usr/local/bin/scard list
call "from source, the service" '^active' state
pid=$(systemctl show -p MainPID --value winscardd.service)
check "from source, its user" '^winscard$' stat -c %U "/proc/$pid"
check "from source, without a complaint" '^0$' bash -c \
    'systemctl list-units --failed --no-legend "winscardd*" | wc -l'
systemctl disable --now winscardd.socket
systemctl stop winscardd.service
echo "debian_booted: $checks checks"
