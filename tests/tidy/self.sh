#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# self.sh SOURCE: the other scripts here find what they look for. Each fault is planted in a
# tree for the occasion and must be complained of, and of a clean file there must be nothing.
set -euo pipefail
scripts=$1/tests/tidy
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{src/{base,manager,face,client,os/posix},drivers/{soft,ccid,ccid_usb}} \
    "$tree"/{service,include,tests/rig/sim,packaging,.ci}
cd "$tree"
licence='/* SPDX-License-Identifier: BSD-2-Clause */'
touch README.md
echo '# SPDX-License-Identifier: BSD-2-Clause' | tee CMakeLists.txt >packaging/fine.sh
echo '# on purpose' >>CMakeLists.txt

# file NAME LINE...: a source file with these lines under its licence.
file()
{
    printf '%s\n' "$licence" "${@:2}" >"$1"
}

# lines COUNT
lines()
{
    for ((i = 0; i < $1; i++)); do
        echo '    f();'
    done
}

# found TEXT: the complaints have a line that begins with it.
checks=0
found()
{
    checks=$((checks + 1))
    if ! grep -qF -- "$1" <<<"$said"; then
        printf 'not found: %s\n--- among:\n%s\n' "$1" "$said"
        exit 1
    fi
}

# quiet NAME: no complaint names this file.
quiet()
{
    checks=$((checks + 1))
    if grep -F -- "$1" <<<"$said"; then
        echo "a complaint of $1, which is as it should be"
        exit 1
    fi
}

touch src/base/x.h src/os/lock.h src/manager/driver.h src/manager/manager.h
file src/base/up.c '#include "os/lock.h"'
file src/manager/spaced.c '  #  include <os/lock.h>'
file drivers/soft/deep.c '#include "manager/manager.h"'
file src/face/clock.c '#include <time.h>'
file src/base/thread.c '#include <pthread.h>'
file src/manager/number.c '#include <errno.h>'
file drivers/soft/fine.c '#include "manager/driver.h"' '#include "base/x.h"' '#include <stdio.h>'
file src/os/posix/fine.c '#include "base/x.h"' '#include <pthread.h>'
file src/client/native.c 'int a = socket.native;'
file src/client/place.c 'const char *a = "/run/somebody";'
file src/client/variable.c 'const char *a = os_getenv("WINSCARD_LOG");'
file service/fine_told.c 'const char *a = os_getenv("LISTEN_PID");'
file drivers/soft/mode.c 'FILE *a = fopen(name, "re");'
file drivers/ccid/usb.c '#include <libusb.h>'
file drivers/ccid_usb/fine.c '#include <libusb.h>'
file service/reach.c '#include "manager/manager.h"'
file service/thread.c '#include <pthread.h>'
file service/fine_posix.c '#include "os/lock.h"' '#include <pwd.h>'
said=$(bash "$scripts/layers.sh" "$tree" || true)
found 'src/base/up.c: includes os/lock.h'
found 'src/manager/spaced.c: includes os/lock.h'
found 'drivers/soft/deep.c: includes manager/manager.h'
found 'src/face/clock.c: includes time.h'
found 'src/base/thread.c: includes pthread.h'
found 'src/manager/number.c: includes errno.h'
found 'drivers/ccid/usb.c: includes libusb.h'
found 'service/reach.c: includes manager/manager.h'
found 'service/thread.c: includes pthread.h'
found 'src/client/native.c:2:'
found 'src/client/place.c:2:'
found 'drivers/soft/mode.c:2:'
found 'src/client/variable.c:2:'
quiet fine_told.c
quiet fine.c
quiet fine_posix.c

long=$(lines 60)
file src/base/long.c 'void longer(void)' '{' "$long" '}'
file src/base/fine.c 'void table(void)' '{' '    /* tidy: table */' "$long" '}' \
    'void short_enough(void)' '{' "$(lines 57)" '}' 'int x = snprintf(b, 1, "fgets(");'
printf '%s\n' "$licence" "$(lines 600)" >src/base/file.c
file src/base/wide.c "/* $(printf '%0100d' 0) */"
printf '\n\n%s\n' "$licence" >src/base/late.c
file src/base/banned.c 'char *x = strcpy(a, b);'
printf '# a script\n# %s\n' "of somebody's /"'home/me/' >packaging/path.sh
said=$(bash "$scripts/sizes.sh" "$tree" || true)
found 'src/base/long.c:2 longer: a function of more than 60 lines'
found 'src/base/file.c: 601 lines'
found 'src/base/wide.c:2: a line of more than 100 columns'
found 'src/base/late.c: no SPDX line'
found 'packaging/path.sh: no SPDX line'
found 'src/base/banned.c:2:char *x = strcpy(a, b);: a banned call'
found "packaging/path.sh:2: a path of somebody's machine"
quiet fine

printf '%s\n' 'QUIRK(0x08E6, 0x3437, 0x0200, 0x0200, QUIRK_X, "a", "b", "c")' \
    'PIN_SIZE(0x0982, 0x0008, 4, 8, "a", "c")' >drivers/ccid/quirks.def
echo 'reader scr331 04E6:E001 0525 "" "" ""' >tests/rig/sim/readers.list
file drivers/ccid/quirk.c 'int a = 0x08E6;'
file drivers/ccid/size.c 'case 0x0982:'
file drivers/ccid_usb/rig.c 'if (id == 0x04e6) {'
file drivers/ccid_usb/product.c 'bool b = d->product_id == 0x0001;'
file drivers/ccid_usb/vendor.c 'bool b = (d->vendor) != 1234;'
file drivers/ccid/fine.c 'int a = 0x08E61, b = 0x6E00;' 'bool c = vendor == 0;' \
    'bool e = vendor == d->vendor;'
said=$(bash "$scripts/ids.sh" "$tree" || true)
found 'drivers/ccid/quirk.c:2:int a = 0x08E6;: a reader by its number'
found 'drivers/ccid/size.c:2:'
found 'drivers/ccid_usb/rig.c:2:'
found 'drivers/ccid_usb/product.c:2:'
found 'drivers/ccid_usb/vendor.c:2:'
quiet fine.c
quiet quirks.def

# shellcheck disable=SC2016 # the backquotes are Markdown's
printf '%s\n' '| folder | what |' '| `base/` | x |' '| `gone/` | x |' \
    '| `../drivers/` | x |' >src/README.md
# shellcheck disable=SC2016
printf '%s\n' '| `ccid/` | x |' >drivers/README.md
mkdir -p src/base/inner src/stray
file src/base/inner/x.c 'int x;'
file src/stray/x.c 'int x;'
said=$(bash "$scripts/folders.sh" "$tree" || true)
found 'src/stray: no row'
found 'drivers/ccid_usb: no row'
found 'src/gone: a row in a README, and no folder'
quiet src/base
quiet 'drivers/ccid:'

# Objects of files that need each other in a ring of three, and of one that needs them all.
file src/manager/one.c 'int two(void);' 'int one(void) { return two(); }'
file src/manager/two.c 'int three(void);' 'int two(void) { return three(); }'
file src/manager/three.c 'int one(void);' 'int three(void) { return one(); }'
file src/client/fine.c 'int one(void);' 'int fine(void) { return one(); }'
for name in manager/one manager/two manager/three client/fine; do
    objects=build/src/$(dirname $name)/CMakeFiles/some.dir
    mkdir -p "$objects"
    "${CC:-cc}" -c -o "$objects/$(basename $name).c.o" "src/$name.c"
done
if said=$(bash "$scripts/circles.sh" "$tree" "$tree/build" 0 3); then
    echo "a circle more than may be is not complained of"
    exit 1
fi
found 'a circle of 3 files:'
found 'circles: 4 files, 4 times one needs another, 1 circles, the largest of 3'
quiet fine.c
if bash "$scripts/circles.sh" "$tree" "$tree/build" 1 2 >/dev/null; then
    echo "a circle larger than may be is not complained of"
    exit 1
fi
bash "$scripts/circles.sh" "$tree" "$tree/build" 1 3 >/dev/null
if bash "$scripts/circles.sh" "$tree" "$tree/nothing" 1 3 >/dev/null; then
    echo "a build without objects is not complained of"
    exit 1
fi
file src/base/there.c
printf "\`%s\`\n" src/base/there.c src/base/gone.c gone.def >README.md
said=$(bash "$scripts/names.sh" "$tree" || true)
found 'README.md: there is no src/base/gone.c'
found 'README.md: there is no gone.def'
found 'CONTRIBUTING.md is missing'
quiet 'src/base/there.c'

# A name that two files have, four bools in one struct, and no assertion.
file src/manager/first.c 'static int same(void) { return 1; }' 'int first(void) { return same(); }'
file src/client/second.c 'static int same(void) { return 2; }' 'int second(void) { return same(); }'
file src/manager/many.h 'struct many { bool a, b, c, d; };' 'struct few { bool a, b, c; };'
said=$(bash "$scripts/figures.sh" "$tree" 0 0 0 each || true)
found '2 same:'
found '4 src/manager/many.h many'
quiet 'many.h few'
for limits in '99 1 0' '100 0 0' '100 1 1'; do
    # shellcheck disable=SC2086
    if bash "$scripts/figures.sh" "$tree" $limits >/dev/null; then
        echo "a figure beyond its limit ($limits) is not complained of"
        exit 1
    fi
done
bash "$scripts/figures.sh" "$tree" 100 1 0 >/dev/null

echo "self: $((checks + 3)) checks"
