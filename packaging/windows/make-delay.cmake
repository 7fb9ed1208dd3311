# SPDX-License-Identifier: BSD-2-Clause
# A module-definition file of the calls of one DLL of the system's that objects make, for
# dlltool to make a library of that loads it when the first of them is made: a program starts
# sooner without advapi32.dll and ws2_32.dll, which it may never need.
#
#   cmake -DDLL=ws2_32.dll -DLIBRARY=libws2_32.a -DOUTPUT=file.def -DOPTIONS=file.options
#       -DNM=nm -DOBJECTS=file.rsp -P make-delay.cmake
#
# OPTIONS is for the linker: on 32-bit x86 its --gc-sections does not see that the table of
# addresses, which our calls go through, leads to the code that loads the DLL.
cmake_minimum_required(VERSION 3.16)

# The symbols that nm tells of; "__imp_" before one stands for the place of a call's address,
# and is left out: some headers of mingw-w64's ask for the call itself.
function(read_calls list)
    execute_process(COMMAND ${NM} --format=just-symbols ${ARGN} OUTPUT_VARIABLE symbols
        ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
    string(REPLACE "__imp_" "" symbols "${symbols}")
    string(REGEX MATCHALL "[^\r\n:]+" names "${symbols}")
    list(REMOVE_DUPLICATES names)
    set(${list} "${names}" PARENT_SCOPE)
endfunction()

file(STRINGS "${OBJECTS}" objects)
read_calls(wanted --undefined-only ${objects})
read_calls(offered --defined-only "${LIBRARY}")

set(text "LIBRARY \"${DLL}\"\nEXPORTS\n")
set(options "")
set(found 0)
foreach(name IN LISTS wanted)
    if(name IN_LIST offered)
        string(APPEND options "-Wl,-u,${name}\n")
        # 32-bit x86 has one more underline, and the bytes of the arguments behind an @.
        string(REGEX REPLACE "^_(.*@[0-9]+)$" "\\1" name "${name}")
        string(APPEND text "    ${name}\n")
        math(EXPR found "${found} + 1")
    endif()
endforeach()
if(found EQUAL 0)
    message(FATAL_ERROR "make-delay: no object calls ${DLL}")
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT "${text}" @ONLY)
file(CONFIGURE OUTPUT "${OPTIONS}" CONTENT "${options}" @ONLY)
