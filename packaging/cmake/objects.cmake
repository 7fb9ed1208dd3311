# SPDX-License-Identifier: BSD-2-Clause
# What programs and libraries of this project are made of. A folder of code is an object
# library; what belongs together is a set of them, with the include paths and the system's
# libraries that it needs. A target that links a set has its objects.

# Where "base/error.h", "drivers/registry.h" and "service/server.h" are found.
add_library(winscard_includes INTERFACE)
target_include_directories(winscard_includes INTERFACE
    ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
# What stands in a library needs nothing of libwinport, which is for programs.
target_compile_definitions(winscard_includes INTERFACE WINSCARD_HEADERS_ONLY)

# winscard_objects(NAME SOURCES...): a folder.
function(winscard_objects name)
    add_library(${name} OBJECT ${ARGN})
    target_link_libraries(${name} PUBLIC winscard_includes)
endfunction()

# winscard_set(NAME [OBJECTS folders...] [LIBRARIES sets and libraries...])
function(winscard_set name)
    cmake_parse_arguments(PARSE_ARGV 1 set "" "" "OBJECTS;LIBRARIES")
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE winscard_includes ${set_LIBRARIES})
    foreach(folder IN LISTS set_OBJECTS)
        target_sources(${name} INTERFACE $<TARGET_OBJECTS:${folder}>)
    endforeach()
endfunction()
