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
        COMMAND ${CMAKE_LINKER} -r -o ${object} ${objects}
        COMMAND ${WINEGCC} -m64 -shared -nodefaultlibs -Wl,-z,now -Wl,-z,relro
            -o ${dll}.so ${object} ${def} -lwinecrt0 -lkernel32 ${needs}
        COMMAND ${CMAKE_COMMAND} -E rename ${dll}.so ${dll}
        DEPENDS ${objects} ${def} VERBATIM COMMAND_EXPAND_LISTS)
    add_custom_target(${target} ALL DEPENDS ${dll})
    set_target_properties(${target} PROPERTIES WINELIB ${dll})
endfunction()

winscard_winelib(winelib ${PROJECT_BINARY_DIR}/wine/winelib64
    ${PROJECT_SOURCE_DIR}/winscard.def
    winscard_face_winelib winscard_core winscard_readers winscard_cards)

# Where packaging/wine/install looks for it, which stands beside.
install(PROGRAMS ${PROJECT_BINARY_DIR}/wine/winelib64/winscard.dll
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/winscard/wine/winelib64)
install(PROGRAMS packaging/wine/install DESTINATION ${CMAKE_INSTALL_LIBDIR}/winscard/wine)
