# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Sourced by try and check: installs Debian packages that are missing, and says so.

# install_missing package...: does nothing, and needs no rights, when all are there.
install_missing()
{
    local missing=() package as_root=()
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        echo "This is not Debian: nothing is installed, and its packages would be: $*" >&2
        return 0
    fi
    for package in "$@"; do
        if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
            missing+=("$package")
        fi
    done
    if [ "${#missing[@]}" -eq 0 ]; then
        return 0
    fi
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
    fi
    echo "Installing: ${missing[*]}"
    if ! "${as_root[@]}" apt-get -qq update || ! "${as_root[@]}" env \
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
        "${missing[@]}" >/dev/null; then
        echo "These packages are missing and could not be installed: ${missing[*]}" >&2
        echo "Install them (as root, or with sudo), then run this again." >&2
        return 1
    fi
}
