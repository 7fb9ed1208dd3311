# SPDX-License-Identifier: BSD-2-Clause
# The two shared libraries, thin faces over the same objects, and that of the dialogs, which
# is a program like any other to the first.

set(core_objects)
foreach(folder base os proto message manager host database client drivers)
    list(APPEND core_objects $<TARGET_OBJECTS:winscard_${folder}>)
endforeach()

# A library with the exports that `exports` lists (a .def or a plain list), nothing else.
function(winscard_export_library name exports)
    set(map ${PROJECT_BINARY_DIR}/${name}.map)
    add_custom_command(OUTPUT ${map}
        COMMAND ${CMAKE_COMMAND} -DINPUT=${exports} -DOUTPUT=${map}
                -P ${PROJECT_SOURCE_DIR}/packaging/cmake/make-map.cmake
        DEPENDS ${exports} ${PROJECT_SOURCE_DIR}/packaging/cmake/make-map.cmake)
    add_custom_target(${name}_map DEPENDS ${map})
    add_library(${name} SHARED ${ARGN})
    add_dependencies(${name} ${name}_map)
    set_target_properties(${name} PROPERTIES VERSION 1.0.0 SOVERSION 1 LINK_DEPENDS ${map}
        LINKER_LANGUAGE C)
    # nodelete: threads and fork handlers must not outlive the code. -Bsymbolic-functions,
    # not -Bsymbolic: the PCI objects may be copied into a program.
    target_link_options(${name} PRIVATE -Wl,--version-script=${map} -Wl,-z,nodelete
        -Wl,-Bsymbolic-functions)
    if(NOT SANITIZE)
        target_link_options(${name} PRIVATE -Wl,-z,defs)
    endif()
endfunction()

function(winscard_library name face exports)
    winscard_export_library(${name} ${exports} $<TARGET_OBJECTS:${face}> ${core_objects})
    target_link_libraries(${name} PRIVATE Threads::Threads winscard_driver_libraries
        winscard_database_libraries)
endfunction()

winscard_library(winscard winscard_face_win ${PROJECT_SOURCE_DIR}/winscard.def)
winscard_library(pcsclite winscard_face_pcsc
    ${PROJECT_SOURCE_DIR}/packaging/libpcsclite.exports)
set_target_properties(pcsclite PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/pcsclite)
target_include_directories(winscard INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/winscard>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/winscard>)
target_include_directories(pcsclite INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/winscard/PCSC>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/winscard/PCSC>)

winscard_export_library(scarddlg ${PROJECT_SOURCE_DIR}/packaging/scarddlg.def
    $<TARGET_OBJECTS:winscard_dialog>)
target_link_libraries(scarddlg PUBLIC winscard)
