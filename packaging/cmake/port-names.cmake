# SPDX-License-Identifier: BSD-2-Clause
# The names that headers give, and those of the headers, as tables in C for scard port.
#
#   cmake -DHEADERS=folder [-DSPELLINGS=folder] -DOUTPUT=file.c -P port-names.cmake
#
# SPELLINGS has headers that stand for those in other letters (spellings.cmake).
# A name is any word of a header outside comments, strings, conditions and #include lines: the
# parameters' names, which are among them, do no harm. Words are sorted by their bytes.
cmake_minimum_required(VERSION 3.16)

foreach(argument HEADERS OUTPUT)
  if(NOT DEFINED ${argument})
    message(FATAL_ERROR "port-names: -D${argument}=... is missing")
  endif()
endforeach()
get_filename_component(HEADERS "${HEADERS}" ABSOLUTE)
file(GLOB_RECURSE headers RELATIVE "${HEADERS}" "${HEADERS}/*")
if(headers STREQUAL "")
  message(FATAL_ERROR "port-names: no headers in ${HEADERS}")
endif()

# What these bring: the smart card API, as far as no other header is included.
set(base winscard.h winsmcrd.h scarderr.h reader.h)
set(queue ${base})
while(NOT queue STREQUAL "")
  list(POP_FRONT queue header)
  get_filename_component(folder "${header}" DIRECTORY)
  file(STRINGS "${HEADERS}/${header}" lines REGEX "^[ \t]*#[ \t]*include[ \t]+\"")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^[^\"]*\"([^\"]*)\".*" "\\1" included "${line}")
    foreach(place "${folder}/${included}" "${included}")
      string(REGEX REPLACE "^/" "" place "${place}")
      list(FIND base "${place}" known)
      if(known EQUAL -1 AND EXISTS "${HEADERS}/${place}")
        list(APPEND base "${place}")
        list(APPEND queue "${place}")
        break()
      elseif(NOT known EQUAL -1)
        break()
      endif()
    endforeach()
  endforeach()
endwhile()

set(our_names "")
set(base_names "")
foreach(header IN LISTS base headers)
  if(NOT EXISTS "${HEADERS}/${header}" OR DEFINED "seen_${header}")
    continue()
  endif()
  set("seen_${header}" 1)
  list(FIND base "${header}" in_base)
  file(READ "${HEADERS}/${header}" text)
  # A ";" and brackets mean something in CMake's lists.
  string(REGEX REPLACE "[];[]" " " text "\n${text}")
  string(REGEX REPLACE "\\\\\n" " " text "${text}")
  string(REGEX REPLACE "/\\*[^*]*\\*+([^/*][^*]*\\*+)*/" " " text "${text}")
  string(REGEX REPLACE "//[^\n]*" "" text "${text}")
  string(REGEX REPLACE "\n[ \t]*#[ \t]*(include|if|el|endif|undef|pragma|error)[^\n]*" "\n"
      text "${text}")
  string(REGEX REPLACE "\"[^\"\n]*\"" " " text "${text}")
  string(REGEX REPLACE "'[^'\n]*'" " " text "${text}")
  # One macro makes the names of both calls, that for A and that for W.
  string(REGEX REPLACE "(WINSCARD_NAME_AW|WINSCARD_ANSI)\\(([A-Za-z0-9_]+)\\)" "\\2 \\2A \\2W \\1"
      text "${text}")
  string(REGEX MATCHALL "[A-Za-z0-9_]+" words "${text}")
  list(APPEND our_names ${words})
  if(NOT in_base EQUAL -1)
    list(APPEND base_names ${words})
  endif()
  list(REMOVE_DUPLICATES our_names)
endforeach()
set(our_headers ${headers})
if(SPELLINGS)
  file(GLOB spellings RELATIVE "${SPELLINGS}" "${SPELLINGS}/*.[hH]")
  list(APPEND our_headers ${spellings})
endif()
set(base_headers ${base})

set(source "/* Made by packaging/cmake/port-names.cmake. */\n#include \"cli/port/port_ours.h\"\n")
foreach(table our_names base_names our_headers base_headers)
  list(FILTER ${table} EXCLUDE REGEX "^[0-9]")
  list(REMOVE_DUPLICATES ${table})
  list(SORT ${table})
  list(LENGTH ${table} count)
  list(JOIN ${table} "\",\n    \"" rows)
  string(APPEND source "\nconst char *const port_${table}[] = {\n    \"${rows}\",\n};\n"
      "const size_t port_${table}_count = ${count};\n")
endforeach()

set(before "")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" before)
endif()
if(NOT before STREQUAL source)
  file(WRITE "${OUTPUT}" "${source}")
endif()
