#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# debian_boot.sh ROOT: in mount, process, cgroup and other namespaces of its own, boots
# systemd in the Debian at ROOT as far as debian_booted.sh needs it. Nothing of the machine
# can be written: /sys and /proc/sys are read-only, /dev is new. Ends with the poweroff.
set -euo pipefail
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs tmpfs dev
for device in null:3 zero:5 full:7 random:8 urandom:9; do
    mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}"
done
mkdir run/lock dev/shm old

cat >etc/systemd/system/check.service <<'END'
[Unit]
After=sockets.target
Wants=winscardd.socket dbus.socket
[Service]
Type=oneshot
StandardOutput=append:/debs/said
StandardError=inherit
ExecStart=/bin/bash /debs/debian_booted.sh
ExecStopPost=/bin/systemctl --force --force poweroff
END
mkdir -p etc/systemd/system/winscardd.service.d
cat >etc/systemd/system/winscardd.service.d/check.conf <<'END'
[Service]
Environment=WINSCARD_READERS=soft:
ExecStart=
ExecStart=/usr/sbin/winscardd --foreground --exit-idle 3
END
pivot_root . old
umount -l /old
rmdir /old
exec env -i container=check PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd \
    --log-target=console --log-level=warning --unit=check.service
