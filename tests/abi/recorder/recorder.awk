# SPDX-License-Identifier: BSD-2-Clause
# Turns the public headers' prototypes into a C source with a function __wrap_CALL for
# each exported call that gives a status: it makes the call, and keeps its status
# (recorder.h). The linker's --wrap puts it between a test and the library.
#
#   awk -v abi=windows|pcsclite -f recorder.awk EXPORTS HEADER... > calls.c
#   awk -v abi=windows|pcsclite -v wraps=1 -f recorder.awk EXPORTS HEADER... > options
#
# EXPORTS: winscard.def, scarddlg.def or libpcsclite.exports.

BEGIN {
    first = 1
    if (!wraps)
        print "#include \"tests/abi/recorder/recorder.h\"\n#include <winscard.h>\n"
}

FNR == 1 && NR != 1 { first = 0 }
first { exported[$1] = 1; next }

/^WINSCARDAPI LONG WINAPI/ { text = "" ; inside = 1 }
inside { text = text " " $0 }
inside && /;/ { inside = 0; prototype(text) }

function prototype(text, name, parameters, list, count, i, arguments)
{
    sub(/^ *WINSCARDAPI LONG WINAPI */, "", text)
    sub(/;.*/, "", text)
    gsub(/  +/, " ", text)
    if (text ~ /^WINSCARD_ANSI\(/) {
        name = text
        sub(/^WINSCARD_ANSI\(/, "", name)
        sub(/\).*/, "", name)
        sub(/^WINSCARD_ANSI\([A-Za-z0-9]*\)/, "", text)
        if (abi == "windows")
            name = name "A"
    } else {
        name = text
        sub(/\(.*/, "", name)
        sub(/^[A-Za-z0-9]*/, "", text)
    }
    # What it gives is not its own status but that of another call.
    if (!(name in exported) || name == "SCardDlgExtendedError")
        return
    if (wraps) {
        print "-Wl,--wrap=" name
        return
    }
    parameters = substr(text, 2, length(text) - 2)
    count = split(parameters, list, ",")
    for (i = 1; i <= count; i++) {
        sub(/.*[ *]/, "", list[i])
        arguments = arguments (i > 1 ? ", " : "") list[i]
    }
    printf "LONG WINAPI __real_%s(%s);\n", name, parameters
    printf "LONG WINAPI __wrap_%s(%s);\n", name, parameters
    printf "LONG WINAPI __wrap_%s(%s)\n{\n", name, parameters
    printf "    static struct recorder_call call = {.name = \"%s %s\"};\n", abi, name
    printf "    LONG status = __real_%s(%s);\n", name, arguments
    printf "    recorder_keep(&call, (uint32_t)status);\n    return status;\n}\n\n"
}
