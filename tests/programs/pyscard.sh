#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# python3-pyscard, and python's ctypes that load the library by name.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
if ! /usr/bin/python3 -c 'import smartcard' 2>/dev/null; then
    echo "smartcard is missing: Debian package python3-pyscard" >&2
    exit 1
fi
here=$source_dir/tests/programs
out=$(on_ours /usr/bin/python3 "$here/pyscard.py" "$soft_name" "$soft_atr")
expect pyscard "$out" "pyscard: 2[0-9] checks"

cat >"$work/load.py" <<'END'
import ctypes
library = ctypes.CDLL("libpcsclite.so.1")
context, size = ctypes.c_long(), ctypes.c_ulong(256)
readers = ctypes.create_string_buffer(256)
assert library.SCardEstablishContext(ctypes.c_ulong(2), None, None, ctypes.byref(context)) == 0
assert library.SCardListReaders(context, None, readers, ctypes.byref(size)) == 0
print(readers.value.decode(), size.value)
assert library.SCardReleaseContext(context) == 0
END
out=$(on_ours /usr/bin/python3 "$work/load.py")
expect "ctypes by name" "$out" "^$soft_name 30$"
done_with pyscard
