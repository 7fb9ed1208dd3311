# SPDX-License-Identifier: BSD-2-Clause
# libusb-1.0 for usb: on Windows, as an archive.
set(LIBUSB_FOLDER "" CACHE PATH
    "on Windows: libusb-1.0 with include/libusb-1.0 and lib; made of Debian's sources if empty")
set(folder "${LIBUSB_FOLDER}")
if(NOT folder)
    set(folder ${PROJECT_BINARY_DIR}/libusb)
    message(STATUS "libusb for Windows: ${folder}")
    execute_process(COMMAND bash ${PROJECT_SOURCE_DIR}/packaging/windows/make-libusb
            ${folder} ${CMAKE_C_COMPILER}
        RESULT_VARIABLE result)
    if(result)
        message(FATAL_ERROR "libusb for Windows could not be made. LIBUSB_FOLDER names one "
            "that is there; without USB readers: -DWITH_USB=OFF")
    endif()
endif()
set(LIBUSB_INCLUDE_DIRS ${folder}/include/libusb-1.0)
add_library(PkgConfig::LIBUSB STATIC IMPORTED GLOBAL)
set_target_properties(PkgConfig::LIBUSB PROPERTIES
    IMPORTED_LOCATION ${folder}/lib/libusb-1.0.a
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${LIBUSB_INCLUDE_DIRS})
if(EXISTS ${folder}/COPYING) # libusb's is the LGPL: its text goes with the DLL
    install(FILES ${folder}/COPYING DESTINATION . RENAME LICENSE-libusb.txt)
endif()
