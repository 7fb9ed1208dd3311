#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# stress.sh BUILD [SECONDS [SEED [READERS]]]: stress.c with our library and all readers of
# the list that have one slot: up to READERS (24) at once, for SECONDS (60).
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/rig/guest/readers.sh
. "$(dirname "$0")/readers.sh"
seconds=${1:-60}
seed=${2:-$RANDOM}
specifications=()
for name in "${all_readers[@]}"; do
    [ "$(slots_of "$name")" -ne 1 ] || specifications+=("$name")
done
echo "stress: $seconds s, seed $seed, ${#specifications[@]} kinds of readers"
limit=$((seconds + 150)) on_ours "$programs/rig_stress" "$programs/rig_plug" "$seconds" \
    "${3:-24}" "$seed" "${specifications[@]}"
