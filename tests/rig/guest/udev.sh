# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Sourced in the guest by run.sh -u: udevd, as a system with one has it.
udevd=/lib/systemd/systemd-udevd
if [ ! -x "$udevd" ]; then
    echo "udev.sh: no $udevd: Debian package udev" >&2
    exit 1
fi
"$udevd" --daemon >/dev/null 2>&1
udevadm trigger --action=add --subsystem-match=usb
udevadm settle --timeout=300
