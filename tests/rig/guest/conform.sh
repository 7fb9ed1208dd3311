#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# winscard-conform on a USB reader, in the process and in a service.
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/conformance/hold.sh
. "$(dirname "$0")/../../conformance/hold.sh"
plug_start 'gempc_twin?card=t1'
check "the kernel configures it" wait_for present 08e6 3437 1
export LD_LIBRARY_PATH=$build_dir
WINSCARD_CARRIER=local hold_both "usb:"
unset WINSCARD_READERS
hold_in_service "usb:" usb:
[ "$failed" -eq 0 ] || exit 1
echo "conform: $checks checks"
