# SPDX-License-Identifier: BSD-2-Clause
# The two shared libraries, thin faces over the same objects, and that of the dialogs, which
# is a program like any other to the first.

set(core_objects)
foreach(folder base os proto message manager host database client drivers)
    list(APPEND core_objects $<TARGET_OBJECTS:winscard_${folder}>)
endforeach()

# The exports that `exports` lists (a .def or a plain list), for the linker (NAME.map) or as
# bare names (NAME.names).
function(winscard_export_list name exports output)
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DINPUT=${exports} -DOUTPUT=${output}
                -P ${PROJECT_SOURCE_DIR}/packaging/cmake/make-map.cmake
        DEPENDS ${exports} ${PROJECT_SOURCE_DIR}/packaging/cmake/make-map.cmake)
endfunction()

# An archive of one object, whose only global names are the exports: nothing of it can meet
# a name of the program's.
function(winscard_export_archive name exports)
    set(names ${PROJECT_BINARY_DIR}/${name}.names)
    set(all ${PROJECT_BINARY_DIR}/${name}.all.o)
    set(object ${PROJECT_BINARY_DIR}/${name}.o)
    winscard_export_list(${name} ${exports} ${names})
    add_custom_command(OUTPUT ${object}
        COMMAND ${CMAKE_LINKER} -r -o ${all} ${ARGN}
        COMMAND ${CMAKE_OBJCOPY} --keep-global-symbols=${names} ${all} ${object}
        DEPENDS ${names} ${ARGN} VERBATIM COMMAND_EXPAND_LISTS)
    add_library(${name} STATIC ${object})
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
endfunction()

# A shared library with these exports and nothing else.
function(winscard_export_library name exports)
    set(map ${PROJECT_BINARY_DIR}/${name}.map)
    winscard_export_list(${name} ${exports} ${map})
    add_custom_target(${name}_map DEPENDS ${map})
    add_library(${name} SHARED ${ARGN})
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

set(core_libraries Threads::Threads winscard_driver_libraries winscard_database_libraries)

# What a program with an archive is linked with besides, as the installed package names it.
set(WINSCARD_STATIC_MODULES)
if(NOT BUILD_SHARED_LIBS)
    if(WITH_USB)
        list(APPEND WINSCARD_STATIC_MODULES libusb-1.0)
    endif()
    if(WITH_DATABASE)
        list(APPEND WINSCARD_STATIC_MODULES sqlite3)
    endif()
    set(static_needs Threads::Threads)
    if(WINSCARD_STATIC_MODULES)
        list(APPEND static_needs PkgConfig::WINSCARD_MODULES)
    endif()
endif()

if(BUILD_SHARED_LIBS)
    winscard_export_library(winscard ${PROJECT_SOURCE_DIR}/winscard.def ${core_objects})
    target_link_libraries(winscard PRIVATE winscard_face_win ${core_libraries})
    winscard_export_library(scarddlg ${PROJECT_SOURCE_DIR}/packaging/scarddlg.def
        $<TARGET_OBJECTS:winscard_dialog> $<TARGET_OBJECTS:winscard_dialog_wide>)
else()
    winscard_export_archive(winscard ${PROJECT_SOURCE_DIR}/winscard.def
        $<TARGET_OBJECTS:winscard_face_windows> $<TARGET_OBJECTS:winscard_face_windows_wide>
        ${core_objects})
    target_link_libraries(winscard INTERFACE
        "$<BUILD_INTERFACE:${core_libraries}>" "$<INSTALL_INTERFACE:${static_needs}>")
    winscard_export_archive(scarddlg ${PROJECT_SOURCE_DIR}/packaging/scarddlg.def
        $<TARGET_OBJECTS:winscard_dialog> $<TARGET_OBJECTS:winscard_dialog_wide>)
endif()
# pcsc-lite's place is taken by a shared library, whatever the others are.
winscard_export_library(pcsclite ${PROJECT_SOURCE_DIR}/packaging/libpcsclite.exports
    ${core_objects})
target_link_libraries(pcsclite PRIVATE winscard_face_pcsc ${core_libraries})
set_target_properties(pcsclite PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/pcsclite)
target_include_directories(winscard INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/winscard>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/winscard>)
target_include_directories(pcsclite INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/winscard/PCSC>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/winscard/PCSC>)

target_link_libraries(scarddlg PUBLIC winscard)

# As find_package(winscard) names them.
add_library(winscard::winscard ALIAS winscard)
add_library(winscard::scarddlg ALIAS scarddlg)
