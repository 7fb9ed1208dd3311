# SPDX-License-Identifier: BSD-2-Clause
# winscard.dll and scarddlg.dll as they are built for Windows, for programs under Wine that
# cannot use the DLL of winelib.cmake: 32-bit ones (pe32), and 64-bit ones where Wine loads no
# winelib DLL (pe64). They are built from this tree by mingw-w64, each in a folder of its own.

function(winscard_wine_pe architecture folder)
    set(tools ${architecture}-w64-mingw32)
    find_program(WINE_PE_GCC_${architecture} ${tools}-gcc)
    find_program(WINE_PE_STRIP_${architecture} ${tools}-strip)
    if(NOT WINE_PE_GCC_${architecture} OR NOT WINE_PE_STRIP_${architecture})
        string(REPLACE _ - package gcc-mingw-w64-${architecture}-win32)
        message(FATAL_ERROR "WITH_WINE_PE: ${tools}-gcc was not found.\n"
            "Debian's package is ${package}.\n"
            "Without the DLLs for 32-bit programs under Wine: -DWITH_WINE_PE=OFF")
    endif()
    # What a package's build asks of the compiler for this system is not for that one.
    set(clean ${CMAKE_COMMAND} -E env --unset=CFLAGS --unset=CPPFLAGS --unset=LDFLAGS
        ${CMAKE_COMMAND})
    set(build ${PROJECT_BINARY_DIR}/wine-${folder})
    set(result ${PROJECT_BINARY_DIR}/wine/${folder})
    file(MAKE_DIRECTORY ${result})
    add_custom_command(OUTPUT ${build}/CMakeCache.txt
        COMMAND ${clean} -G Ninja -S ${PROJECT_SOURCE_DIR} -B ${build}
            --toolchain ${PROJECT_SOURCE_DIR}/packaging/windows/${architecture}.cmake
            -DCMAKE_BUILD_TYPE=MinSizeRel -DBUILD_TESTING=OFF
            -DWARNINGS_AS_ERRORS=${WARNINGS_AS_ERRORS}
        COMMENT "Configuring ${folder}" VERBATIM)
    set(copies)
    set(dlls)
    foreach(dll winscard.dll scarddlg.dll)
        list(APPEND copies
            COMMAND ${WINE_PE_STRIP_${architecture}} -o ${build}/stripped ${build}/${dll}
            COMMAND ${CMAKE_COMMAND} -E copy_if_different ${build}/stripped ${result}/${dll})
        list(APPEND dlls ${result}/${dll})
    endforeach()
    # Whether it is out of date, that build itself knows.
    add_custom_target(wine_${folder} ALL
        COMMAND ${clean} --build ${build} --target winscard scarddlg -- --quiet
        ${copies}
        DEPENDS ${build}/CMakeCache.txt BYPRODUCTS ${dlls} ${build}/libwinscard.dll.a
        COMMENT "Building ${folder}" VERBATIM)
    install(FILES ${dlls} DESTINATION ${CMAKE_INSTALL_LIBDIR}/winscard/wine/${folder})
endfunction()

winscard_wine_pe(i686 pe32)
winscard_wine_pe(x86_64 pe64)
