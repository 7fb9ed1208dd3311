# SPDX-License-Identifier: BSD-2-Clause
# What is installed, and where. libpcsclite.so.1 goes into a directory of our own, which no
# program searches by itself: it takes the system's place only where somebody says so.

include(CMakePackageConfigHelpers)
set(private_libdir ${CMAKE_INSTALL_LIBDIR}/winscard)

install(TARGETS winscard scarddlg EXPORT winscard-targets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(WITH_PORT)
    install(TARGETS winport EXPORT winscard-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(TARGETS pcsclite LIBRARY DESTINATION ${private_libdir})
install(TARGETS scard RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY include/winscard DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${winscard_spellings}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/winscard)

install(FILES packaging/completions/scard
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES packaging/completions/_scard
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES packaging/completions/scard.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
# Card types; other packages add files of theirs, here or in /usr/share/winscard/cards.d.
install(DIRECTORY packaging/cards.d DESTINATION ${CMAKE_INSTALL_DATADIR}/winscard
    FILES_MATCHING PATTERN "*.reg")

install(FILES packaging/man/scard.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES packaging/man/winscard.3 packaging/man/scarddlg.3
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man3)
install(FILES packaging/man/winscard.7 packaging/man/winscard-protocol.7
        packaging/man/scard-json.7
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
if(WITH_IFD)
    install(DIRECTORY ${PROJECT_BINARY_DIR}/winscard-ifd.bundle
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/winscard PATTERN "*.so" EXCLUDE)
    install(FILES packaging/man/winscard-ifd.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
    install(TARGETS ifd DESTINATION
        ${CMAKE_INSTALL_LIBDIR}/winscard/winscard-ifd.bundle/Contents/Linux)
endif()
if(WITH_PORT)
    install(FILES packaging/man/winscard-port.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
endif()
if(WITH_HID)
    install(FILES packaging/man/winscard-hid.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
endif()
if(WITH_IFD_HOST)
    install(TARGETS winscard-ifd RUNTIME DESTINATION ${private_libdir})
    install(FILES packaging/man/winscard-ifdhost.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
endif()
if(WITH_SERIAL OR WITH_PHOENIX)
    install(FILES packaging/man/winscard-serial.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
endif()
if(WITH_USB)
    install(FILES packaging/man/winscard-usb.7 DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
endif()
if(WITH_WINELIB OR WITH_WINE_PE)
    install(PROGRAMS packaging/wine/install DESTINATION ${CMAKE_INSTALL_BINDIR}
        RENAME winscard-wine)
    install(FILES packaging/man/winscard-wine.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
if(WITH_SERVICE AND NOT WIN32)
    include(packaging/cmake/install-service.cmake)
endif()

# Where things stand as seen from each other, so that what was installed can be moved, and
# `cmake --install build --prefix elsewhere` is as good as a build for elsewhere.
file(RELATIVE_PATH pc_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH pc_to_include ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
    ${CMAKE_INSTALL_FULL_INCLUDEDIR})
file(RELATIVE_PATH bin_to_lib ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set_target_properties(scard PROPERTIES INSTALL_RPATH "$ORIGIN/${bin_to_lib}")
set_target_properties(scarddlg PROPERTIES INSTALL_RPATH "$ORIGIN")

set(WINSCARD_PC_REQUIRES)
set(WINSCARD_PC_LIBS "-lwinscard")
set(WINSCARD_PC_CFLAGS "")
if(WITH_PORT)
    # An archive: it stands before what it uses itself.
    string(PREPEND WINSCARD_PC_LIBS "-lwinport ")
else()
    set(WINSCARD_PC_CFLAGS " -DWINSCARD_HEADERS_ONLY")
endif()
if(NOT BUILD_SHARED_LIBS)
    list(JOIN WINSCARD_STATIC_MODULES " " WINSCARD_PC_REQUIRES)
endif()
if(WITH_PORT OR NOT BUILD_SHARED_LIBS)
    string(APPEND WINSCARD_PC_LIBS " -pthread")
    if(CMAKE_DL_LIBS)
        string(APPEND WINSCARD_PC_LIBS " -l${CMAKE_DL_LIBS}")
    endif()
endif()
configure_file(packaging/winscard.pc.in winscard.pc @ONLY)
configure_file(packaging/scarddlg.pc.in scarddlg.pc @ONLY)
configure_file(packaging/libpcsclite.pc.in libpcsclite.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/winscard.pc ${PROJECT_BINARY_DIR}/scarddlg.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${PROJECT_BINARY_DIR}/libpcsclite.pc
    DESTINATION ${private_libdir}/pkgconfig)

install(EXPORT winscard-targets NAMESPACE winscard::
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/winscard)
configure_package_config_file(packaging/cmake/winscard-config.cmake.in
    ${PROJECT_BINARY_DIR}/winscard-config.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/winscard)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/winscard-config-version.cmake
    COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/winscard-config.cmake
    ${PROJECT_BINARY_DIR}/winscard-config-version.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/winscard)

# uninstall: what `cmake --install` has put in place last, from install_manifest.txt. Not
# where this is part of another project, which has its own.
if(PROJECT_IS_TOP_LEVEL)
    add_custom_target(uninstall
        COMMAND ${CMAKE_COMMAND} -DMANIFEST=${PROJECT_BINARY_DIR}/install_manifest.txt
            -P ${PROJECT_SOURCE_DIR}/packaging/cmake/uninstall.cmake
        VERBATIM)
endif()
