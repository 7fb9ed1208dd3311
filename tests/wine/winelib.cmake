# SPDX-License-Identifier: BSD-2-Clause
# The DLL for Wine: as it is shipped, and with the tests' own readers.

# --- The exported calls, by the tests of tests/face ---------------------------------------

# What the tests tell the readers, as exports beside winscard.def's.
set(fake_def ${CMAKE_CURRENT_BINARY_DIR}/fake.def)
file(READ ${PROJECT_SOURCE_DIR}/winscard.def exports)
file(READ fake.def more)
file(CONFIGURE OUTPUT ${fake_def} CONTENT "${exports}${more}" @ONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/winscard.def fake.def)
set(fake_imports ${CMAKE_CURRENT_BINARY_DIR}/libfake.a)
wine_import_library(${fake_imports} ${fake_def})
add_custom_target(wine_fake_imports DEPENDS ${fake_imports})

winscard_objects(wine_fake_objects fake_exports.c ../support/fake.c ../support/inside.c)
winscard_set(wine_fake_readers OBJECTS wine_fake_objects)
set(fake_sets winscard_face_winelib winscard_core winscard_cards wine_fake_readers)
set(fakes fake)
winscard_winelib(wine_fake ${CMAKE_CURRENT_BINARY_DIR}/fake ${fake_def} ${fake_sets})
if(TARGET winscard_service)
    list(APPEND fakes fake_service)
    winscard_objects(wine_running_objects ../support/in_service.c ../support/running.c)
    winscard_set(wine_running OBJECTS wine_running_objects)
    winscard_winelib(wine_fake_service ${CMAKE_CURRENT_BINARY_DIR}/fake_service ${fake_def}
        ${fake_sets} winscard_server wine_running)
endif()

# wine_face_test(TEST FLAGS...): tests/face/test_TEST.c in each of these folders.
function(wine_face_test test)
    set(suffix)
    if("-DUNICODE" IN_LIST ARGN)
        set(suffix _w)
    endif()
    foreach(folder IN LISTS fakes)
        set(flags ${ARGN})
        if(folder STREQUAL "fake_service")
            list(APPEND flags -DIN_SERVICE)
        endif()
        wine_program(${test}${suffix} ${CMAKE_CURRENT_BINARY_DIR}/${folder} ${fake_imports}
            "../face/test_${test}.c;posix.c" -include ${CMAKE_CURRENT_SOURCE_DIR}/posix.h
            ${flags})
        add_dependencies(wine_${folder}_${test}${suffix} wine_fake_imports)
        string(REPLACE "fake" "face" kind ${folder})
        wine_test(${kind}-${test}${suffix} program ${folder} ${test}${suffix})
    endforeach()
endfunction()

# Not those that look into the library, count its memory, take its log or fork.
set(tests arguments cache endings errors exchange ioctl new_card sharing states strict)
set(tests_w cache errors states)
if(WITH_DATABASE)
    list(APPEND tests aliases database_calls)
    list(APPEND tests_w aliases database_calls)
endif()
foreach(test IN LISTS tests)
    wine_face_test(${test})
endforeach()
foreach(test IN LISTS tests_w)
    wine_face_test(${test} -DUNICODE)
endforeach()

# Text and events, with what tells the fake readers too.
set(flags)
if(WITH_DATABASE)
    set(flags -DWITH_DATABASE)
endif()
wine_program(code_page ${CMAKE_CURRENT_BINARY_DIR}/fake ${fake_imports}
    "code_page.c;posix.c" -include ${CMAKE_CURRENT_SOURCE_DIR}/posix.h ${flags})
wine_program(events ${CMAKE_CURRENT_BINARY_DIR}/fake ${fake_imports}
    "events.c;posix.c" -include ${CMAKE_CURRENT_SOURCE_DIR}/posix.h)
wine_test(events program fake events)
wine_program(handles ${CMAKE_CURRENT_BINARY_DIR}/fake ${fake_imports}
    "../windows/test_handles.c;posix.c" -include ${CMAKE_CURRENT_SOURCE_DIR}/posix.h)
wine_test(handles program fake handles)
wine_program(terminated ${CMAKE_CURRENT_BINARY_DIR}/fake ${fake_imports}
    "../windows/test_terminated.c;posix.c" -include ${CMAKE_CURRENT_SOURCE_DIR}/posix.h)
wine_test(terminated program fake terminated)
# Wine takes the code page from the locale's name, be it installed or not.
foreach(page 1251:ru_RU 932:ja_JP 1252:en_US)
    string(REGEX MATCH "^([0-9]+):(.*)$" ignored ${page})
    wine_test(code_page-${CMAKE_MATCH_1} program fake code_page)
    set_tests_properties(wine-code_page-${CMAKE_MATCH_1} PROPERTIES
        ENVIRONMENT TEST_LOCALE=${CMAKE_MATCH_2}.UTF-8)
endforeach()

# --- The DLL as it is shipped --------------------------------------------------------------

set(folder ${CMAKE_CURRENT_BINARY_DIR}/winelib)
file(MAKE_DIRECTORY ${folder})
add_custom_command(OUTPUT ${folder}/winscard.dll
    COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_PROPERTY:winelib,WINELIB> ${folder}
    DEPENDS $<TARGET_PROPERTY:winelib,WINELIB> VERBATIM)
add_custom_target(wine_winelib_dll ALL DEPENDS ${folder}/winscard.dll)
set(imports ${CMAKE_CURRENT_BINARY_DIR}/libwinscard.a)
wine_import_library(${imports} ${PROJECT_SOURCE_DIR}/winscard.def)

wine_program(exports ${folder} "" exports.c)
wine_test(winelib-exports program winelib exports ${PROJECT_SOURCE_DIR}/winscard.def)
if(WITH_SOFT)
    wine_program(session ${folder} ${imports} session.c)
    wine_test(winelib-session program winelib session all)
    set_tests_properties(wine-winelib-session PROPERTIES ENVIRONMENT TEST_READERS=soft:)
    set(readers soft:)
    if(WITH_USB)
        set(readers "usb:\\;soft:")
    endif()
    add_test(NAME wine-winelib-threads COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/threads.sh
        ${WINE64} ${CMAKE_CURRENT_BINARY_DIR} winelib)
    set_tests_properties(wine-winelib-threads PROPERTIES LABELS wine TIMEOUT ${hang_s}
        FIXTURES_REQUIRED wine ENVIRONMENT "TEST_READERS=${readers}")
    if(TARGET winscardd)
        add_test(NAME wine-winelib-service COMMAND bash
            ${CMAKE_CURRENT_SOURCE_DIR}/service.sh ${WINE64} ${CMAKE_CURRENT_BINARY_DIR}
            winelib ${PROJECT_BINARY_DIR})
        set_tests_properties(wine-winelib-service PROPERTIES LABELS wine TIMEOUT ${hang_s}
            FIXTURES_REQUIRED wine)
    endif()
endif()
# --- It, the DLL for Windows and the Unix library at one card -------------------------------

# wine_turns(FOLDER ARCHITECTURE): turns.c for Windows, beside that DLL of build/wine.
function(wine_turns folder architecture dll)
    set(place ${CMAKE_CURRENT_BINARY_DIR}/turns/${folder})
    file(MAKE_DIRECTORY ${place})
    find_program(MINGW_GCC_${architecture} ${architecture}-w64-mingw32-gcc)
    set(imports ${PROJECT_BINARY_DIR}/wine-${folder}/libwinscard.dll.a)
    if(folder STREQUAL "elf")
        set(imports ${CMAKE_CURRENT_BINARY_DIR}/libwinscard.a)
    endif()
    add_custom_command(OUTPUT ${place}/turns.exe
        COMMAND ${MINGW_GCC_${architecture}} -std=c11 -O1 -Wall -Wextra -Werror
            -I${PROJECT_SOURCE_DIR}/include/winscard -o ${place}/turns.exe
            ${CMAKE_CURRENT_SOURCE_DIR}/turns.c ${imports}
        COMMAND ${CMAKE_COMMAND} -E copy_if_different ${dll} ${place}
        DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/turns.c ${dll} ${imports} VERBATIM)
    add_custom_target(wine_turns_${folder} ALL DEPENDS ${place}/turns.exe)
endfunction()

if(WITH_WINE_PE AND WITH_SOFT AND TARGET winscardd)
    add_executable(wine_turns turns.c)
    target_link_libraries(wine_turns PRIVATE winscard)
    wine_turns(elf x86_64 $<TARGET_PROPERTY:winelib,WINELIB>)
    wine_turns(pe32 i686 ${PROJECT_BINARY_DIR}/wine/pe32/winscard.dll)
    wine_turns(pe64 x86_64 ${PROJECT_BINARY_DIR}/wine/pe64/winscard.dll)
    add_test(NAME wine-turns COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/turns.sh
        ${WINE64} ${CMAKE_CURRENT_BINARY_DIR} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
    set_tests_properties(wine-turns PROPERTIES LABELS wine TIMEOUT ${hang_s}
        FIXTURES_REQUIRED wine RESOURCE_LOCK wine_prefix_pe)
    # Of the other width, in process too; it is built by the test.
    if(WITH_USB AND WITH_DATABASE)
        add_test(NAME wine-winelib32 COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/winelib32.sh
            ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
        set_tests_properties(wine-winelib32 PROPERTIES LABELS wine TIMEOUT ${hang_s}
            RESOURCE_LOCK wine_prefix_pe)
    endif()
endif()

if(WITH_SOFT)
    add_test(NAME wine-install COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/install.sh
        ${WINE64} ${CMAKE_CURRENT_BINARY_DIR} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
    set_tests_properties(wine-install PROPERTIES LABELS wine TIMEOUT ${hang_s}
        FIXTURES_REQUIRED wine)
endif()
# What it needs and shows as an ELF object.
add_test(NAME wine-winelib-elf COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/elf.sh
    ${folder}/winscard.dll)
set_tests_properties(wine-winelib-elf PROPERTIES LABELS wine TIMEOUT ${hang_s})
