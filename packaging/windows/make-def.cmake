# SPDX-License-Identifier: BSD-2-Clause
# A module-definition file for the linker and dlltool, from one of names alone.
#
#   cmake -DINPUT=winscard.def -DOUTPUT=file.def -DDLL=winscard.dll -DNM=nm
#       -DOBJECTS=file.rsp -P make-def.cmake
#
# On 32-bit x86 a call's symbol has the bytes of its arguments behind it (_SCardConnect@24),
# which the linker has to be told, while programs look for the plain name. The objects, whose
# paths stand in OBJECTS, a line each, know how many they are. Elsewhere there is nothing to
# add.
cmake_minimum_required(VERSION 3.16)

file(STRINGS "${OBJECTS}" objects)
execute_process(COMMAND ${NM} --defined-only --extern-only ${objects}
    OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)

file(STRINGS "${INPUT}" lines)
set(text "LIBRARY \"${DLL}\"\nEXPORTS\n")
set(exports FALSE)
foreach(line IN LISTS lines)
    string(REGEX REPLACE "^[ \t]+|[ \t\r]+$|;.*" "" line "${line}")
    if(line STREQUAL "EXPORTS")
        set(exports TRUE)
    elseif(exports AND line MATCHES "^([A-Za-z_0-9]+)(.*)$")
        set(name ${CMAKE_MATCH_1})
        set(rest "${CMAKE_MATCH_2}")
        if(symbols MATCHES "[ ]_${name}(@[0-9]+)\n")
            string(APPEND name ${CMAKE_MATCH_1})
        elseif(NOT symbols MATCHES "[ ]_?${name}\n")
            message(FATAL_ERROR "make-def: no object defines ${name}")
        endif()
        string(APPEND text "    ${name}${rest}\n")
    endif()
endforeach()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT "${text}" @ONLY)
