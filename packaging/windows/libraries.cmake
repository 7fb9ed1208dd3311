# SPDX-License-Identifier: BSD-2-Clause
# winscard.dll and scarddlg.dll, with import libraries that serve every program: mingw-w64's
# own lacks the PCI objects on 32-bit x86.

set(winscard_parts winscard_face_win winscard_core winscard_readers winscard_cards)

# What a file's properties show. RESOURCE_NAME is its name, RESOURCE_TEXT what it is.
function(winscard_version_resource target RESOURCE_NAME RESOURCE_TEXT type)
    set(RESOURCE_TYPE ${type}) # VFT_DLL or VFT_APP
    configure_file(${PROJECT_SOURCE_DIR}/packaging/windows/version.rc.in
        ${PROJECT_BINARY_DIR}/${target}.rc @ONLY)
    target_sources(${target} PRIVATE ${PROJECT_BINARY_DIR}/${target}.rc)
endfunction()

# These DLLs of the system's are loaded when `target` first calls them. OBJECTS is a file of
# the paths of its objects, which `parts` are.
function(winscard_delay_load target OBJECTS parts)
    foreach(dll IN LISTS ARGN)
        set(def ${PROJECT_BINARY_DIR}/${target}_${dll}.def)
        set(library ${PROJECT_BINARY_DIR}/lib${target}_${dll}.a)
        set(options ${PROJECT_BINARY_DIR}/${target}_${dll}.options)
        execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=lib${dll}.a
            OUTPUT_VARIABLE system_library OUTPUT_STRIP_TRAILING_WHITESPACE)
        add_custom_command(OUTPUT ${library} BYPRODUCTS ${options}
            COMMAND ${CMAKE_COMMAND} -DDLL=${dll}.dll -DLIBRARY=${system_library}
                -DOUTPUT=${def} -DOPTIONS=${options} -DNM=${CMAKE_NM} -DOBJECTS=${OBJECTS}
                -P ${PROJECT_SOURCE_DIR}/packaging/windows/make-delay.cmake
            COMMAND ${CMAKE_DLLTOOL} --kill-at -d ${def} -y ${library}
            DEPENDS ${parts} ${PROJECT_SOURCE_DIR}/packaging/windows/make-delay.cmake
            VERBATIM COMMAND_EXPAND_LISTS)
        target_sources(${target} PRIVATE ${library})
        target_link_libraries(${target} PRIVATE ${library})
        target_link_options(${target} PRIVATE @${options})
    endforeach()
    target_link_libraries(${target} PRIVATE delayimp)
endfunction()

# The same for the objects of `sets`, which it links.
function(winscard_delay_load_parts target sets)
    set(parts)
    foreach(set IN LISTS sets)
        if(TARGET ${set})
            list(APPEND parts $<TARGET_PROPERTY:${set},INTERFACE_SOURCES>)
        endif()
    endforeach()
    set(objects ${PROJECT_BINARY_DIR}/${target}.objects)
    file(GENERATE OUTPUT ${objects} CONTENT "$<JOIN:${parts},\n>\n")
    set(parts "${parts}" PARENT_SCOPE)
    set(objects ${objects} PARENT_SCOPE)
    if(CMAKE_SYSTEM_PROCESSOR STREQUAL "ARM64") # lld has no libraries of that kind
        target_link_libraries(${target} PRIVATE ${ARGN})
    elseif(ARGN)
        winscard_delay_load(${target} ${objects} "${parts}" ${ARGN})
    endif()
endfunction()

# A DLL of these sets, with these exports and nothing else.
function(winscard_export_library name exports text)
    add_library(${name} SHARED)
    target_link_libraries(${name} PRIVATE ${ARGN})
    set_target_properties(${name} PROPERTIES PREFIX "" LINKER_LANGUAGE C)
    winscard_version_resource(${name} ${name}.dll "${text}" VFT_DLL)

    set(def ${PROJECT_BINARY_DIR}/${name}.def)
    winscard_delay_load_parts(${name} "${ARGN}" ${delayed})
    add_custom_command(OUTPUT ${def}
        COMMAND ${CMAKE_COMMAND} -DINPUT=${exports} -DOUTPUT=${def} -DDLL=${name}.dll
            -DNM=${CMAKE_NM} -DOBJECTS=${objects}
            -P ${PROJECT_SOURCE_DIR}/packaging/windows/make-def.cmake
        DEPENDS ${exports} ${parts} ${PROJECT_SOURCE_DIR}/packaging/windows/make-def.cmake
        VERBATIM COMMAND_EXPAND_LISTS)
    # --kill-at: the exports are plain names. dlltool's library, unlike the linker's, then
    # has the symbols that compilers ask for.
    target_sources(${name} PRIVATE ${def})
    if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL "ARM64")
        target_link_options(${name} PRIVATE -Wl,--kill-at)
    endif()
    # Otherwise paths and process numbers become symbols of it.
    set(same_bytes)
    if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL "ARM64")
        set(same_bytes --deterministic-libraries --temp-prefix ${name})
    endif()
    add_custom_command(TARGET ${name} POST_BUILD
        COMMAND ${CMAKE_COMMAND} -E chdir ${PROJECT_BINARY_DIR} ${CMAKE_DLLTOOL} --kill-at
            ${same_bytes} -d ${name}.def -l $<TARGET_LINKER_FILE_NAME:${name}>
        VERBATIM)
    target_include_directories(${name} INTERFACE
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/winscard>)
endfunction()

set(delayed advapi32 ws2_32)
winscard_export_library(winscard ${PROJECT_SOURCE_DIR}/winscard.def "Smart card API"
    ${winscard_parts})
set(delayed user32)
winscard_export_library(scarddlg ${PROJECT_SOURCE_DIR}/packaging/scarddlg.def
    "Smart card dialogs" winscard_dialogs)
unset(delayed)
target_link_libraries(scarddlg PUBLIC winscard)
add_library(winscard::winscard ALIAS winscard)
add_library(winscard::scarddlg ALIAS scarddlg)
