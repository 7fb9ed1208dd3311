# SPDX-License-Identifier: BSD-2-Clause
# winscard-ifd.bundle: a driver for pcscd with all our readers (src/ifd), as pcscd wants it.
set(bundle ${PROJECT_BINARY_DIR}/winscard-ifd.bundle)
set(ifd_map ${PROJECT_BINARY_DIR}/winscard-ifd.map)
winscard_export_list(ifd ${PROJECT_SOURCE_DIR}/packaging/winscard-ifd.exports ${ifd_map})
add_custom_target(ifd_map DEPENDS ${ifd_map})
winscard_set(winscard_ifd_parts LIBRARIES Threads::Threads ${CMAKE_DL_LIBS}
    OBJECTS winscard_ifd winscard_base winscard_bundle winscard_os winscard_proto
        winscard_message)
add_library(ifd MODULE)
add_dependencies(ifd ifd_map)
target_link_libraries(ifd PRIVATE winscard_ifd_parts winscard_readers)
set_target_properties(ifd PROPERTIES OUTPUT_NAME winscard-ifd LINKER_LANGUAGE C
    LINK_DEPENDS ${ifd_map} LIBRARY_OUTPUT_DIRECTORY ${bundle}/Contents/Linux)
# nodelete: pcscd closes a driver with its last reader, and threads must not outlive the code.
target_link_options(ifd PRIVATE -Wl,--version-script=${ifd_map} -Wl,-z,nodelete
    -Wl,-Bsymbolic-functions)
if(NOT SANITIZE)
    target_link_options(ifd PRIVATE -Wl,-z,defs)
endif()
configure_file(packaging/Info.plist.in ${bundle}/Contents/Info.plist @ONLY)
