#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# init.sh: process 1 of the guest. Its root is the host's, read-only; it puts a throw-away
# layer above it, mounts what a system has, runs what run.sh left in $rig_state (from the
# kernel's command line), and ends the guest.
# The host's set-user-ID programs would take root's rights from us where the host does not
# show us who owns them (run.sh in a user namespace).
if [ -z "${rig_bound:-}" ]; then
    export rig_bound=yes
    exec /usr/bin/env PATH=/usr/bin:/bin setpriv --no-new-privs /bin/bash "$0"
fi
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
export -n rig_state rig_bound

# reboot(2) with LINUX_REBOOT_CMD_POWER_OFF: the guest is a program that returns then.
power_off()
{
    perl -e 'syscall(169, 0xfee1dead, 672274793, 0x4321fedc, 0)'
}

die()
{
    echo "init.sh: $*"
    power_off
}

mount -t proc proc /proc
# A mount over /tmp hides nothing from the overlay, whose lower layer is the file system.
mount -t tmpfs -o size=256M tmpfs /tmp || die "no tmpfs"
mkdir /tmp/upper /tmp/work /tmp/root
root=/tmp/root
mount -t overlay -o lowerdir=/,upperdir=/tmp/upper,workdir=/tmp/work overlay $root ||
    die "no overlay"
mount -t proc proc $root/proc
mount -t sysfs sysfs $root/sys
mount -t devtmpfs devtmpfs $root/dev || die "no devtmpfs"
mkdir -p $root/dev/pts $root/dev/shm
mount -t devpts devpts $root/dev/pts
mount -t tmpfs tmpfs $root/dev/shm
mount -t tmpfs -o mode=755 tmpfs $root/run
mount -t hostfs -o "$rig_state" hostfs "$root$rig_state" || die "no way back to the host"
ln -s /proc/self/fd $root/dev/fd
ln -s /proc/self/fd/0 $root/dev/stdin
ln -s /proc/self/fd/1 $root/dev/stdout
ln -s /proc/self/fd/2 $root/dev/stderr
ip link set lo up

# Not chroot: udevadm and others do nothing where process 1 has another root.
cd $root || die "no root"
mkdir -p tmp/old
pivot_root . tmp/old || die "no new root"
umount -l /tmp/old

/bin/bash "$rig_state/command" </dev/null
echo $? >"$rig_state/status"
sync
power_off
