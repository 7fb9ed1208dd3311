#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# column.sh BUILD FOLDER pcscd|ours|mixed full|quick: measures one service and writes its
# figures into FOLDER/COLUMN; mixed: ours, with clients on the system's libpcsclite, which
# takes it for pcscd. pcscd wants root and a mount name space of its own (unshare -m): its
# socket has a fixed place. bench.sh runs both.
set -euo pipefail
build=$1
folder=$2
column=$3
scale=$4
measure=$build/tests/bench/service/measure
figures=$folder/$column
cpu=${BENCH_CPU-0} # of both sides in the round trips; empty: anywhere
export NULL_READER_EVENTS=$folder/events-$column
mkdir -p "$NULL_READER_EVENTS"
mkfifo "$NULL_READER_EVENTS/0"
: >"$figures"

case $column in
pcscd)
    mkdir -p /run/pcscd "$folder/reader.conf.d"
    mount -t tmpfs tmpfs /run/pcscd
    printf '%s\n' 'FRIENDLYNAME "Null"' 'DEVICENAME null:0' \
        "LIBPATH $build/tests/bench/service/null_ifd.so" 'CHANNELID 0' \
        >"$folder/reader.conf.d/null"
    server=(pcscd -f -C -c "$folder/reader.conf.d")
    socket=/run/pcscd/pcscd.comm
    unset PCSCLITE_CSOCK_NAME
    ;;
ours)
    socket=$folder/winscard.sock
    server=("$build/tests/bench/service/winscardd_bench" --foreground "--socket=$socket"
        '--readers=null:?readers=1')
    export LD_LIBRARY_PATH=$build/pcsclite
    export WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$socket
    ;;
mixed)
    socket=$folder/pcscd.comm
    server=("$build/tests/bench/service/winscardd_bench" --foreground
        "--socket=$folder/winscard.sock" "--pcscd-socket=$socket" '--readers=null:?readers=1')
    export PCSCLITE_CSOCK_NAME=$socket
    ;;
esac

# step SECONDS COMMAND...: a measurement. What pcscd, or its library, cannot do is no failure
# of ours.
failed=0
step()
{
    if ! timeout "$@" >>"$figures"; then
        echo "bench: $column: ${*:2} failed" >&2
        [ "$column" != ours ] || failed=1
    fi
}

say()
{
    printf '%s\t-\t%s\n' "$1" "$2" >>"$figures"
}

# Wake-ups of all threads of the service so far.
wake_ups()
{
    cat "/proc/$pid"/task/*/status | awk '/^voluntary_ctxt/ { sum += $2 } END { print sum }'
}

# calls FILE: the system calls that perf counted.
calls()
{
    awk -F , '/raw_syscalls/ { print $1 }' "$1"
}

# count_calls COUNT: system calls that a client makes for COUNT transmits, and the service.
count_calls()
{
    local event=raw_syscalls:sys_enter
    perf stat -x, -e $event -o "$folder/service" -p "$pid" &
    local tracer=$!
    sleep 1
    timeout 60 perf stat -x, -e $event -o "$folder/client" "$measure" transmits "$1"
    sleep 0.1
    kill -INT $tracer
    wait $tracer || true
    echo "$(calls "$folder/client") $(calls "$folder/service")"
}

# The difference between many transmits and a few, so that what surrounds them is not in it.
system_calls()
{
    local few many
    few=$(count_calls 1000) && many=$(count_calls 3000) || return
    read -r -a few <<<"$few"
    read -r -a many <<<"$many"
    say calls-client "$(awk "BEGIN { printf \"%.2f\", ($((many[0] - few[0]))) / 2000 }")"
    say calls-service "$(awk "BEGIN { printf \"%.2f\", ($((many[1] - few[1]))) / 2000 }")"
}

# Ticks of processor time of the service so far.
ticks()
{
    awk '{ print $14 + $15 }' "/proc/$pid/stat"
}

idle_service()
{
    local seconds=$1 wakes spent
    "$measure" idle < <(sleep $((seconds + 3))) &
    local client=$!
    sleep 2
    say resident "$(awk '/^VmRSS/ { print $2, $3 }' "/proc/$pid/status")"
    wakes=$(wake_ups)
    spent=$(ticks)
    sleep "$seconds"
    wakes=$(($(wake_ups) - wakes))
    spent=$(($(ticks) - spent))
    say wake-ups "$wakes and $((spent * 1000 / $(getconf CLK_TCK))) ms of work in $seconds s"
    wait $client
}

# What the service says goes to a file: pcscd says much of what it refuses.
step 120 "$measure" start "${server[@]}" 2>"$folder/$column.log"
"${server[@]}" >>"$folder/$column.log" 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null; wait $pid || true' EXIT
for ((i = 0; i < 100; i++)); do
    if "$measure" transmits 1 2>/dev/null; then
        break
    fi
    sleep 0.05
done

idle_service "$([ "$scale" = quick ] && echo 1 || echo 10)"
# Before there was traffic, which leaves memory that idle clients would find.
if [ "$scale" = quick ]; then
    step 60 "$measure" clients 50 $pid
else
    step 120 "$measure" clients 100 $pid
    step 120 "$measure" clients 1000 $pid
    [ "$column" != ours ] || step 120 "$measure" clients 10000 $pid
fi
if [ -n "$cpu" ]; then
    taskset -acp "$cpu" $pid >"$folder/taskset"
    step 120 taskset -c "$cpu" "$measure" round-trips "$scale"
    taskset -acp "0-$(($(nproc --all) - 1))" $pid >"$folder/taskset"
else
    step 120 "$measure" round-trips "$scale"
fi
step 120 "$measure" latencies "$scale"
step 120 "$measure" throughput "$scale"
step 30 "$measure" fairness "$scale"
if [ "$scale" = quick ]; then
    step 30 "$measure" silent 100 "$socket"
else
    if perf stat -e raw_syscalls:sys_enter true 2>/dev/null; then
        system_calls || failed=1
    else
        echo "bench: no system calls are counted: that takes perf and root" >&2
    fi
    step 60 "$measure" silent 4000 "$socket"
fi
if kill -0 $pid 2>/dev/null; then
    say resident-after "$(awk '/^VmRSS/ { print $2, $3 }' "/proc/$pid/status")"
else
    wait $pid || echo "bench: $column: the service is gone ($?)" >&2
    failed=1
fi
exit $failed
