#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# stress.sh BUILD [SECONDS [SEED [READERS [NAME...]]]]: stress.c with our library and the
# readers of these names, or all of the list that have one slot: up to READERS (24) at
# once, for SECONDS (60).
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/rig/guest/readers.sh
. "$(dirname "$0")/readers.sh"
seconds=${1:-60}
seed=${2:-$RANDOM}
specifications=()
if [ $# -gt 3 ]; then
    all_readers=("${@:4}")
fi
for name in "${all_readers[@]}"; do
    [ "$(slots_of "$name")" -eq 1 ] || continue
    if is_token "$name"; then
        name="=$name"
    fi
    specifications+=("$name")
done
echo "stress: $seconds s, seed $seed, ${#specifications[@]} kinds of readers"
on_ours "$programs/rig_stress" "$programs/rig_plug" "$seconds" \
    "${3:-24}" "$seed" "${specifications[@]}"
