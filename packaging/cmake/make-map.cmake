# SPDX-License-Identifier: BSD-2-Clause
# Turns a list of exports into an ELF version script without a version node, or, where
# OUTPUT ends in .names, into one name a line.
#
#   cmake -DINPUT=winscard.def|names.exports -DOUTPUT=file.map|file.names \
#       -P make-map.cmake
#
# INPUT is a module-definition file (names follow EXPORTS; ";" begins a comment) or plain
# text, one name a line ("#" begins a comment). OUTPUT is written only when it changes, so
# it may be a dependency. Programs linked against the library then carry no version need,
# as with the library whose place it takes.
cmake_minimum_required(VERSION 3.16)

foreach(argument INPUT OUTPUT)
  if(NOT DEFINED ${argument})
    message(FATAL_ERROR "make-map: -D${argument}=FILE is missing")
  endif()
endforeach()
if(NOT EXISTS "${INPUT}")
  message(FATAL_ERROR "make-map: no file ${INPUT}")
endif()

# A ";" would split CMake's lists, so it goes first, or ends the matter.
file(READ "${INPUT}" text)
if(INPUT MATCHES "\\.def$")
  string(REGEX REPLACE ";[^\n]*" "" text "${text}")
  if(NOT text MATCHES "(^|\n)EXPORTS[ \t\r]*\n")
    message(FATAL_ERROR "make-map: ${INPUT} has no EXPORTS")
  endif()
  string(REGEX REPLACE "^.*\n?EXPORTS[ \t\r]*\n" "" text "${text}")
else()
  string(REGEX REPLACE "#[^\n]*" "" text "${text}")
  if(text MATCHES ";")
    message(FATAL_ERROR "make-map: ${INPUT}: cannot read \";\"")
  endif()
endif()

string(REGEX REPLACE "[ \t\r]*\n[ \t\r\n]*" ";" lines "${text}")
set(names "")
foreach(line IN LISTS lines)
  string(STRIP "${line}" line)
  if(line STREQUAL "")
    continue()
  endif()
  if(NOT line MATCHES "^([A-Za-z_][A-Za-z0-9_]*)([ \t]+@[0-9]+)?([ \t]+DATA)?$")
    message(FATAL_ERROR "make-map: ${INPUT}: cannot read \"${line}\"")
  endif()
  list(APPEND names "${CMAKE_MATCH_1}")
endforeach()
if(names STREQUAL "")
  message(FATAL_ERROR "make-map: ${INPUT} names nothing")
endif()

set(map "{\n  global:\n")
foreach(name IN LISTS names)
  string(APPEND map "    ${name};\n")
endforeach()
string(APPEND map "  local:\n    *;\n};\n")
if(OUTPUT MATCHES "\\.names$")
  string(REPLACE ";" "\n" map "${names}\n")
endif()

set(before "")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" before)
endif()
if(NOT before STREQUAL map)
  file(WRITE "${OUTPUT}" "${map}")
endif()
