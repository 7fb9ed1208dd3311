#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# layers.sh SOURCE: which folder may include which (src/README.md has the table in prose),
# and that what is of one system stands in src/os and src/port, the tool's platform files and the
# dialogs' and the service's *_posix.c and *_windows.c alone.
set -euo pipefail
cd "$1"
failed=0
checked=0

# allowed FOLDER: $ours becomes a pattern of what its files may include of ours.
allowed()
{
    case $1 in
    src/base) ours='^base/' ;;
    src/os) ours='^(os|base)/[^/]+$|^os/(posix|windows)/types\.h$' ;;
    src/os/*) ours='^(os|base)/' ;;
    src/proto) ours='^(proto|base)/[^/]+$' ;;
    src/manager) ours='^(manager|base)/[^/]+$|^proto/atr\.h$' ;;
    src/host) ours='^(host|manager|os|base)/[^/]+$|^drivers/registry\.h$' ;;
    src/bundle) ours='^(bundle|os|base)/[^/]+$' ;;
    src/database) ours='^(database|os|base)/[^/]+$' ;;
    src/message) ours='^(message|base)/[^/]+$' ;;
    src/client) ours='^(client|message|host|manager|os|base)/[^/]+$' ;;
    src/users) ours='^(users|message|os|base)/[^/]+$' ;;
    src/face)
        ours='^(face|client|base)/[^/]+$|^database/database\.h$|^manager/limits\.h$|^os/[^/]+$'
        ;;
    src/port | src/port/crt) ours='^port/' ;;
    src/ifd) ours='^(ifd|message|os|base)/[^/]+$|^manager/driver\.h$|^drivers/registry\.h$' ;;
    src/dialog) ours='^dialog/' ;;
    src/cli)
        ours='^cli/|^bundle/bundle\.h$|^os/(config|endpoint|setting|time)\.h$|^users/users\.h$'
        ;;
    src/cli/lend)
        ours='^cli/|^proto/vscard\.h$|^os/(lock|socket|thread|time)\.h$'
        ours+='|^base/(compiler|error|secret)\.h$'
        ;;
    src/cli/port) ours='^cli/|^base/utf\.h$' ;;
    src/cli/db) ours='^cli/|^database/database\.h$|^base/(error|log|multistring)\.h$' ;;
    service) ours='^(service|host|message|users|os|base)/[^/]+$' ;;
    drivers/iso) ours='^(drivers/iso|proto|os|base)/[^/]+$|^manager/driver\.h$' ;;
    drivers/ifd*)
        ours='^drivers/|^(bundle|proto|os|base)/[^/]+$|^manager/driver\.h$'
        ours+='|^ifd/ifd\.h$|^message/pcscd\.h$'
        ;;
    drivers*) ours='^drivers/|^(proto|os|base)/[^/]+$|^manager/driver\.h$' ;;
    *) ours='^$' ;;
    esac
}

# foreign FILE: $others becomes a pattern of the headers outside these folders that it may
# include. Of C11's there is no <errno.h> (errors are enum sc_error), <threads.h>, <time.h> or
# <signal.h> (src/os has what is needed), save where the system's own are welcome. libusb is
# known to the driver that is named for it alone, SQLite to the store that is; getopt_long(),
# which every C library here has, to the service's options.
foreign()
{
    local c11='^(assert|inttypes|limits|std(arg|bool|def|int|io|lib)|string)\.h$'
    case $1 in
    src/os/posix/* | src/os/windows/* | src/port/*) others=. ;;
    src/cli/platform_* | src/dialog/*_posix.c | src/dialog/*_windows.c) others=. ;;
    service/*_posix.c | service/*_windows.c) others=. ;;
    service/options.c) others="$c11|^getopt\.h$" ;;
    service/polkit.c) others="$c11|^(gio/gio|polkit/polkit)\.h$" ;;
    src/cli/*) others="$c11|^(errno|reader|winscard|winsmcrd)\.h$" ;;
    src/face/constants.c) others="$c11|^reader\.h$" ;;
    src/face/* | src/dialog/* | src/client/system*) others="$c11|^winscard\.h$" ;;
    src/database/registry*) others="$c11|^windows\.h$" ;;
    src/database/sqlite*) others="$c11|^sqlite3\.h$" ;;
    drivers/ccid_usb/*) others="$c11|^libusb\.h$" ;;
    *) others="$c11" ;;
    esac
}

# "FILE INCLUDED" for each that any file includes.
includes()
{
    find src drivers service -name '*.[ch]' -print0 | sort -z |
        xargs -0 sed -nE 's/^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">].*/\1/;T;F;p' |
        paste -d ' ' - -
}

last=
while read -r file included; do
    if [ "$file" != "$last" ]; then
        allowed "${file%/*}"
        foreign "$file"
        last=$file
    fi
    checked=$((checked + 1))
    pattern=$others
    if [ -e "src/$included" ] || [ -e "$included" ]; then
        pattern=$ours
    fi
    if ! [[ $included =~ $pattern ]]; then
        echo "$file: includes $included"
        failed=$((failed + 1))
    fi
done < <(includes)

# What only one system has: a handle's own type, an absolute path, a mode of fopen() that
# another C library refuses. The tools that are of one system by their name may, and
# src/port, which is Windows' calls on Unix.
while IFS= read -r found; do
    echo "$found: of one system, outside src/os"
    failed=$((failed + 1))
done < <(grep -rnE '(\.|->)native\b|"/(run|etc|dev|proc|sys|var|tmp|usr)/|fopen\([^)]*"[rwa]b?e' \
    --include='*.[ch]' src service drivers |
    grep -vE '^src/(os|port)/|^[^:]*_(posix|windows)\.[ch]:' || true)

# Wine's code is called from threads that Wine made: by the face alone, where it says so.
while IFS= read -r found; do
    echo "$found: calls Windows, and is none of the face's *_windows.c and *_wine.c"
    failed=$((failed + 1))
done < <(grep -rlE '"face/kernel32\.h"' --include='*.[ch]' src service drivers |
    grep -vE '^src/face/[a-z]+_(windows|wine)\.c$' || true)

# Settings are a table, src/os/settings.def, and what is not in it is not read; but for what
# systemd tells the service, what a terminal's programs are told, and the variables that a
# program asks src/port for.
while IFS= read -r found; do
    echo "$found: not by way of src/os/setting.h"
    failed=$((failed + 1))
done < <(grep -rnE 'getenv\(' --include='*.[ch]' src service drivers |
    grep -vE '^src/(os|port)/|^src/cli/platform_|"(LISTEN_[A-Z]+|NOTIFY_SOCKET)"' || true)

echo "layers: $checked includes, $failed wrong"
[ "$failed" -eq 0 ] && [ "$checked" -gt 400 ]
