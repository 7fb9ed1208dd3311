# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Sourced by scripts that need packages of Debian: installs those that are missing, and says
# so, or downloads them to be used apart.

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

# apt_apart PLACE <SOURCES: an apt of its own below PLACE, for packages that are downloaded and
# not installed. Neither the machine's settings of apt nor its lists are changed, and no rights
# are needed: apt-get -c PLACE/apt/conf. SOURCES are lines of sources.list, in which MIRROR
# stands for the mirror of Debian that this machine uses, and its key.
apt_apart()
{
    local place=$1 mirror tool keys=/usr/share/keyrings/debian-archive-keyring.gpg
    for tool in apt-get dpkg-deb; do
        command -v "$tool" >/dev/null || {
            echo "no $tool: this needs Debian's packages, and can be done on Debian alone" >&2
            return 1
        }
    done
    [ -e "$keys" ] || {
        echo "no $keys: Debian package debian-archive-keyring" >&2
        return 1
    }
    # shellcheck disable=SC2016 # the names are apt's
    mirror=$(apt-get indextargets --no-release-info --format '$(COMPONENT) $(REPO_URI)' \
        'Identifier: Packages' |
        sed -n '/security/d; s/^main \(.*\/debian\/*\)$/\1/p' | head -n 1)
    [ -n "$mirror" ] || {
        echo "apt's sources name no mirror of Debian's" >&2
        return 1
    }
    mkdir -p "$place"/apt/{state/lists/partial,cache/archives/partial}
    sed "s|MIRROR|[signed-by=$keys] $mirror|" >"$place/apt/sources"
    : >"$place/apt/status"
    # Read after the machine's own settings, which may name a proxy.
    cat >"$place/apt/conf" <<END
#clear APT::Update;
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::Etc::sourcelist "$place/apt/sources";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$place/apt/state";
Dir::State::status "$place/apt/status";
Dir::Cache "$place/apt/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
END
}
