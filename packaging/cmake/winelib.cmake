# SPDX-License-Identifier: BSD-2-Clause
# winscard.dll for 64-bit Windows programs that Wine runs: an ELF object, made by Wine's
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

set(winelib_parts winscard_face_winelib winscard_core winscard_readers winscard_cards)
set(winelib_folder ${PROJECT_BINARY_DIR}/wine/winelib64)
set(winelib_dll ${winelib_folder}/winscard.dll)

set(winelib_objects)
foreach(set IN LISTS winelib_parts)
    list(APPEND winelib_objects $<TARGET_PROPERTY:${set},INTERFACE_SOURCES>)
endforeach()
set(winelib_needs)
if(WITH_USB)
    list(APPEND winelib_needs PkgConfig::LIBUSB)
endif()
if(WITH_DATABASE)
    list(APPEND winelib_needs PkgConfig::SQLITE)
endif()

list(TRANSFORM winelib_needs REPLACE "(.+)"
    "$<TARGET_PROPERTY:\\1,INTERFACE_LINK_LIBRARIES>")

# One object first, whose undefined names winegcc looks for in Wine's kernel32: libc's are
# not there, so nothing but what the face asks for (face/kernel32.h) comes from Wine.
set(winelib_object ${PROJECT_BINARY_DIR}/winelib.o)
file(MAKE_DIRECTORY ${winelib_folder})
# Not nodelete: what keeps it loaded is src/face/module_wine.c.
add_custom_command(OUTPUT ${winelib_dll}
    COMMAND ${CMAKE_LINKER} -r -o ${winelib_object} ${winelib_objects}
    COMMAND ${WINEGCC} -m64 -shared -nodefaultlibs -Wl,-z,now -Wl,-z,relro
        -o ${winelib_folder}/winscard.dll.so ${winelib_object}
        ${PROJECT_SOURCE_DIR}/winscard.def -lwinecrt0 -lkernel32 ${winelib_needs}
    COMMAND ${CMAKE_COMMAND} -E rename ${winelib_folder}/winscard.dll.so ${winelib_dll}
    DEPENDS ${winelib_objects} ${PROJECT_SOURCE_DIR}/winscard.def
    VERBATIM COMMAND_EXPAND_LISTS)
add_custom_target(winelib ALL DEPENDS ${winelib_dll})
