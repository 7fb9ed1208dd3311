#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# turns.sh WINE PLACE SOURCE BUILD: one reader of one winscardd, and three programs that take
# turns at its card (turns.c): a Windows program with the DLL for Wine in one prefix, a 32-bit
# one with the DLL for Windows in another prefix, and a Unix program. Each is killed in its
# transaction while the others wait for theirs, and then the service is.
set -euo pipefail
# shellcheck source=tests/wine/common.sh
. "$(dirname "$0")/common.sh"
use_wine "$1" "$2"
source=$3 build=$4
hang=600 # seconds; nothing takes so long but what hangs
work=$(mktemp -d)
declare -A process input said
members=(elf pe unix)
daemon=
finish()
{
    local child
    for child in "${process[@]}" $daemon; do
        kill -KILL "$child" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    env "${pe[@]}" "${pe_wine%/*}/wineserver" -k 2>/dev/null || true
    rm -rf "$work"
}

# The second prefix: for 32-bit programs, as tests/support/windows/run.sh has it.
pe=(WINEPREFIX="$place/prefix-pe" WINEDLLOVERRIDES="mscoree,mshtml=;winscard=n,b")
pe_wine=/usr/lib/wine/wine pe_folder=pe32
if ! "$pe_wine" --version >/dev/null 2>&1; then
    pe_wine=$(bash "$source/tests/support/windows/i386.sh")/usr/lib/wine/wine || pe_wine=
    pe[1]+=";explorer.exe,winemenubuilder.exe=d"
fi
if [ -n "$pe_wine" ]; then
    pe+=(WINEARCH=win32)
else
    echo "NO 32-BIT WINE is to be had here: the program in the second prefix has 64 bits"
    pe_wine=$wine pe_folder=pe64
    pe=(WINEPREFIX="$place/prefix-pe64" "${pe[1]}")
fi
trap finish EXIT
made=${pe[0]#WINEPREFIX=}/made
mkdir -p "${made%/*}"
# One that stays, as in make_prefix.
env "${pe[@]}" "${pe_wine%/*}/wineserver" -p600 >/dev/null 2>&1 </dev/null
if ! [ -e "$made" ]; then
    env "${pe[@]}" "$pe_wine" wineboot --init >"$work/boot" 2>&1 || { cat "$work/boot"; exit 1; }
    touch "$made"
fi

# wait_for COMMAND...: until it succeeds.
wait_for()
{
    local end=$((SECONDS + hang))
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || { echo "in vain: $*"; return 1; }
        sleep 0.02
    done
}

# Nobody else may keep a program's input open.
leave_inputs()
{
    local pipe
    for pipe in "${input[@]}"; do
        exec {pipe}>&-
    done
}

# No transaction is taken away for being idle: the end of a program is noticed, or nothing is.
run_service()
{
    leave_inputs
    WINSCARD_TRANSACTION_MS=0 exec "$build/service/winscardd" --foreground --readers soft: \
        --endpoint --socket "$socket"
}

serve()
{
    rm -f "$socket"
    run_service 2>>"$work/service.log" &
    daemon=$!
    wait_for status_of_service
}

status_of_service()
{
    kill -0 "$daemon" &&
        "$build/service/winscardd" --status --socket "$socket" >"$work/status" 2>&1
}

run_member()
{
    leave_inputs
    case $1 in
    elf) cd "$place/turns/elf" && exec "$wine" turns.exe ;;
    pe) cd "$place/turns/$pe_folder" && exec env "${pe[@]}" "$pe_wine" turns.exe ;;
    unix) exec "$build/tests/wine/wine_turns" ;;
    esac
}

# start MEMBER: its program, in a process whose number is that of the Windows program.
start()
{
    local member=$1 pipe=$work/$1.in
    said[$member]=$work/$member.out
    rm -f "$pipe"
    mkfifo "$pipe"
    : >"${said[$member]}"
    run_member "$member" <"$pipe" >>"${said[$member]}" 2>"$work/$member.err" &
    process[$member]=$!
    exec {descriptor}>"$pipe"
    input[$member]=$descriptor
}

# no_more MEMBER: its input ends.
no_more()
{
    descriptor=${input[$1]}
    exec {descriptor}>&-
    unset "input[$1]"
}

# tell MEMBER WORD, without waiting for its answer.
tell()
{
    echo "$2" >&"${input[$1]}"
    asked[$1]=$((${asked[$1]:-0} + 1))
}

answered()
{
    [ "$(wc -l <"${said[$1]}")" -eq "${asked[$1]}" ] || ! kill -0 "${process[$1]}" 2>/dev/null
}

one_answered()
{
    answered "$1" || answered "$2"
}

# heard MEMBER STATUS: what it was told last is answered, with that.
checks=0
heard()
{
    local last
    wait_for answered "$1"
    last=$(tail -n 1 "${said[$1]}" | tr -d '\r')
    if [ "${last##* }" != "$2" ]; then
        echo "$1: '$last', expected $2"
        cat "$work/$1.err" "$work/service.log"
        exit 1
    fi
    checks=$((checks + 1))
}

# does MEMBER WORD [STATUS]
does()
{
    tell "$1" "$2"
    heard "$1" "${3:-$success}"
}

# silent MEMBER: it has no answer yet.
silent()
{
    ! answered "$1" || { echo "$1 has a transaction beside another"; exit 1; }
}

others_of()
{
    local member
    for member in "${members[@]}"; do
        [ "$member" = "$1" ] || echo "$member"
    done
}

readonly success=00000000 reset_card=80100068 stopped=8010001E
declare -A asked
export XDG_RUNTIME_DIR=$work/run WINSCARD_CARRIER=service
mkdir -m 700 "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR/winscard"
socket=$XDG_RUNTIME_DIR/winscard/winscard.sock
serve
for member in "${members[@]}"; do
    start "$member"
    does "$member" open
done

# One has the card, and the others wait until it gives it back.
for member in "${members[@]}"; do
    does "$member" begin
    mapfile -t others < <(others_of "$member")
    tell "${others[0]}" begin
    tell "${others[1]}" begin
    does "$member" exchange
    silent "${others[0]}"
    silent "${others[1]}"
    does "$member" end
    wait_for one_answered "${others[@]}"
    answered "${others[0]}" || others=("${others[1]}" "${others[0]}")
    for other in "${others[@]}"; do
        heard "$other" $success
        does "$other" exchange
        does "$other" end
    done
done
echo "three programs took turns"

# Killed in its transaction: the card is reset, which each of the others is told.
for member in "${members[@]}"; do
    does "$member" begin
    does "$member" exchange
    mapfile -t others < <(others_of "$member")
    tell "${others[0]}" begin
    tell "${others[1]}" begin
    began=$(date +%s%N)
    kill -KILL "${process[$member]}"
    wait "${process[$member]}" 2>/dev/null || true
    for other in "${others[@]}"; do
        heard "$other" $reset_card
    done
    echo "killed: $member; the others were told after $((($(date +%s%N) - began) / 1000000)) ms"
    for other in "${others[@]}"; do
        does "$other" reconnect
        does "$other" begin
        does "$other" exchange
        does "$other" end
    done
    no_more "$member"
    asked[$member]=0
    start "$member"
    does "$member" open
done

# The service is killed: one has the card, one waits for it, one does nothing.
does elf begin
tell pe begin
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null || true
heard pe $stopped
does elf exchange $stopped
does unix begin $stopped
serve
for member in "${members[@]}"; do
    does "$member" open
    does "$member" begin
    does "$member" exchange
    does "$member" end
done
for member in "${members[@]}"; do
    does "$member" close
    no_more "$member"
    wait "${process[$member]}"
done
process=()
echo "the service was killed, and a new one served them: $checks checks, $pe_folder"
