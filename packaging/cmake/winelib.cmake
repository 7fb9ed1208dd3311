# SPDX-License-Identifier: BSD-2-Clause
# winscard.dll for Windows programs that Wine runs, of the width that this is built for (32-bit
# ones by a Wine with 32-bit libraries, tests/wine/winelib32.sh): an ELF object, made by Wine's
# tools, which Wine loads as a DLL. It has the whole of the Unix library inside, and a face
# whose calls follow Windows' convention. Beside a program's .exe it is found without an
# override.

find_program(WINEGCC NAMES winegcc winegcc-stable winegcc-development)
if(SANITIZE)
    message(FATAL_ERROR "WITH_WINELIB: Wine's loader does not go with SANITIZE")
endif()
if(NOT WINEGCC OR WIN32)
    message(FATAL_ERROR "WITH_WINELIB: winegcc was not found.\n"
        "Debian's packages are wine64-tools and libwine-dev.\n"
        "Without the DLL for Wine: -DWITH_WINELIB=OFF")
endif()

set(winelib_width 64)
set(winelib_format elf_x86_64)
set(winelib_flags)
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
    set(winelib_width 32)
    set(winelib_format elf_i386)
    # Where the libraries of the other width are.
    separate_arguments(winelib_flags NATIVE_COMMAND "${CMAKE_C_FLAGS}")
    if(CMAKE_SYSROOT)
        list(APPEND winelib_flags --sysroot=${CMAKE_SYSROOT})
    endif()
endif()

# winscard_winelib(TARGET FOLDER DEF SETS...): FOLDER/winscard.dll of these sets of objects,
# with the exports that DEF lists.
#
# One object first, whose undefined names winegcc looks for in Wine's kernel32: libc's are
# not there, so nothing but what the face asks for (face/kernel32.h) comes from Wine.
# Not nodelete: what keeps the DLL loaded is src/face/module_wine.c.
function(winscard_winelib target folder def)
    set(objects)
    foreach(set IN LISTS ARGN)
        list(APPEND objects $<TARGET_PROPERTY:${set},INTERFACE_SOURCES>)
    endforeach()
    set(needs)
    if(WITH_USB)
        list(APPEND needs $<TARGET_PROPERTY:PkgConfig::LIBUSB,INTERFACE_LINK_LIBRARIES>)
    endif()
    if(WITH_DATABASE)
        list(APPEND needs $<TARGET_PROPERTY:PkgConfig::SQLITE,INTERFACE_LINK_LIBRARIES>)
    endif()
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${target}.o)
    set(dll ${folder}/winscard.dll)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(OUTPUT ${dll}
        COMMAND ${CMAKE_LINKER} -m ${winelib_format} -r -o ${object} ${objects}
        COMMAND ${WINEGCC} -m${winelib_width} ${winelib_flags} -shared -nodefaultlibs
            -Wl,-z,now -Wl,-z,relro -o ${dll}.so ${object} ${def} -lwinecrt0 -lkernel32 ${needs}
        COMMAND ${CMAKE_COMMAND} -E rename ${dll}.so ${dll}
        DEPENDS ${objects} ${def} VERBATIM COMMAND_EXPAND_LISTS)
    add_custom_target(${target} ALL DEPENDS ${dll})
    set_target_properties(${target} PROPERTIES WINELIB ${dll})
endfunction()

winscard_winelib(winelib ${PROJECT_BINARY_DIR}/wine/winelib${winelib_width}
    ${PROJECT_SOURCE_DIR}/winscard.def
    winscard_face_winelib winscard_core winscard_readers winscard_cards)

# What a program that winegcc compiles is linked with to call it: -lwinscard.
string(REPLACE winegcc winebuild winebuild_name "${WINEGCC}")
find_program(WINEBUILD NAMES ${winebuild_name} winebuild winebuild-stable
    winebuild-development)
if(NOT WINEBUILD)
    message(FATAL_ERROR "WITH_WINELIB: winebuild was not found beside winegcc.\n"
        "Debian's package is wine64-tools.")
endif()
# An ELF program takes calls from a DLL, not data: it has the three objects itself.
winscard_objects(winelib_data ${PROJECT_SOURCE_DIR}/src/face/data.c)
target_include_directories(winelib_data PRIVATE ${PROJECT_SOURCE_DIR}/include/winscard)
set(winelib_imports ${PROJECT_BINARY_DIR}/wine/winelib${winelib_width}/libwinscard.a)
add_custom_command(OUTPUT ${winelib_imports}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${winelib_imports}
    COMMAND ${WINEBUILD} -m${winelib_width} --implib -o ${winelib_imports}
        --export ${PROJECT_SOURCE_DIR}/winscard.def
    COMMAND ${CMAKE_AR} r ${winelib_imports} $<TARGET_OBJECTS:winelib_data>
    DEPENDS winelib winelib_data ${PROJECT_SOURCE_DIR}/winscard.def
    VERBATIM COMMAND_EXPAND_LISTS)
add_custom_target(winelib_imports ALL DEPENDS ${winelib_imports})
install(FILES ${winelib_imports}
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/winscard/wine/winelib${winelib_width})

# Where packaging/wine/install looks for it.
install(PROGRAMS ${PROJECT_BINARY_DIR}/wine/winelib${winelib_width}/winscard.dll
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/winscard/wine/winelib${winelib_width})
