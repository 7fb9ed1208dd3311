# SPDX-License-Identifier: BSD-2-Clause
# Turns the lines of INPUT into an array of C strings in OUTPUT.
file(STRINGS ${INPUT} lines)
set(text "/* made of readers.list */\nstatic const char *const sim_readers_text[] = {\n")
foreach(line IN LISTS lines)
    if(line MATCHES "^(reader|options|interface) ")
        string(REPLACE "\"" "\\\"" line "${line}")
        string(APPEND text "    \"${line}\",\n")
    endif()
endforeach()
string(APPEND text "};\n")
file(WRITE ${OUTPUT} "${text}")
