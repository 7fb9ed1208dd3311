# SPDX-License-Identifier: BSD-2-Clause
# The two shared libraries, faces over the same sets of objects, and that of the dialogs,
# which is a program like any other to the first.

# pcsc-lite has no database, so libpcsclite has none, and does not need SQLite.
set(winscard_parts winscard_face_win winscard_core winscard_readers winscard_cards)
set(pcsclite_parts winscard_face_pcsc winscard_core winscard_readers)

# The exports that `exports` lists (a .def or a plain list), for the linker (NAME.map) or as
# bare names (NAME.names).
function(winscard_export_list name exports output)
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DINPUT=${exports} -DOUTPUT=${output}
                -P ${PROJECT_SOURCE_DIR}/packaging/cmake/make-map.cmake
        DEPENDS ${exports} ${PROJECT_SOURCE_DIR}/packaging/cmake/make-map.cmake)
endfunction()

# An archive of one object, made of these sets, whose only global names are the exports:
# nothing of it can meet a name of the program's.
function(winscard_export_archive name exports)
    set(names ${PROJECT_BINARY_DIR}/${name}.names)
    set(all ${PROJECT_BINARY_DIR}/${name}.all.o)
    set(object ${PROJECT_BINARY_DIR}/${name}.o)
    winscard_export_list(${name} ${exports} ${names})
    set(parts)
    foreach(set IN LISTS ARGN)
        list(APPEND parts $<TARGET_PROPERTY:${set},INTERFACE_SOURCES>)
    endforeach()
    add_custom_command(OUTPUT ${object}
        COMMAND ${CMAKE_LINKER} -r -o ${all} ${parts}
        COMMAND ${CMAKE_OBJCOPY} --keep-global-symbols=${names} ${all} ${object}
        DEPENDS ${names} ${parts} VERBATIM COMMAND_EXPAND_LISTS)
    add_library(${name} STATIC ${object})
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
endfunction()

# A shared library of these sets, with these exports and nothing else.
function(winscard_export_library name exports)
    set(map ${PROJECT_BINARY_DIR}/${name}.map)
    winscard_export_list(${name} ${exports} ${map})
    add_custom_target(${name}_map DEPENDS ${map})
    add_library(${name} SHARED)
    target_link_libraries(${name} PRIVATE ${ARGN})
    add_dependencies(${name} ${name}_map)
    set_target_properties(${name} PROPERTIES VERSION ${PROJECT_VERSION}
        SOVERSION ${PROJECT_VERSION_MAJOR} LINK_DEPENDS ${map} LINKER_LANGUAGE C)
    # nodelete: threads and fork handlers must not outlive the code. -Bsymbolic-functions,
    # not -Bsymbolic: the PCI objects may be copied into a program.
    target_link_options(${name} PRIVATE -Wl,--version-script=${map} -Wl,-z,nodelete
        -Wl,-Bsymbolic-functions)
    if(NOT SANITIZE)
        target_link_options(${name} PRIVATE -Wl,-z,defs)
    endif()
endfunction()

# What a program with an archive is linked with besides, as the installed package names it.
set(WINSCARD_STATIC_MODULES)
if(NOT BUILD_SHARED_LIBS)
    if(WITH_USB)
        list(APPEND WINSCARD_STATIC_MODULES libusb-1.0)
    endif()
    if(WITH_DATABASE)
        list(APPEND WINSCARD_STATIC_MODULES sqlite3)
    endif()
    set(static_needs Threads::Threads ${CMAKE_DL_LIBS})
    if(WINSCARD_STATIC_MODULES)
        list(APPEND static_needs PkgConfig::WINSCARD_MODULES)
    endif()
endif()

if(BUILD_SHARED_LIBS)
    winscard_export_library(winscard ${PROJECT_SOURCE_DIR}/winscard.def ${winscard_parts})
    winscard_export_library(scarddlg ${PROJECT_SOURCE_DIR}/packaging/scarddlg.def
        winscard_dialogs)
else()
    winscard_export_archive(winscard ${PROJECT_SOURCE_DIR}/winscard.def ${winscard_parts})
    target_link_libraries(winscard INTERFACE
        "$<BUILD_INTERFACE:Threads::Threads;${CMAKE_DL_LIBS}>"
        "$<BUILD_INTERFACE:winscard_reader_needs;winscard_card_needs>"
        "$<INSTALL_INTERFACE:${static_needs}>")
    winscard_export_archive(scarddlg ${PROJECT_SOURCE_DIR}/packaging/scarddlg.def
        winscard_dialogs)
endif()
# pcsc-lite's place is taken by a shared library, whatever the others are.
winscard_export_library(pcsclite ${PROJECT_SOURCE_DIR}/packaging/libpcsclite.exports
    ${pcsclite_parts})
set_target_properties(pcsclite PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/pcsclite)
include(packaging/cmake/spellings.cmake)
target_include_directories(winscard INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/winscard>
    $<BUILD_INTERFACE:${winscard_spellings}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/winscard>)
target_include_directories(pcsclite INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/winscard/PCSC>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/winscard/PCSC>)

target_link_libraries(scarddlg PUBLIC winscard)
if(WITH_PORT)
    target_link_libraries(winscard INTERFACE winport)
else()
    target_compile_definitions(winscard INTERFACE WINSCARD_HEADERS_ONLY)
endif()

# As find_package(winscard) names them.
add_library(winscard::winscard ALIAS winscard)
add_library(winscard::scarddlg ALIAS scarddlg)
