# SPDX-License-Identifier: BSD-2-Clause
# Removes the files that the last `cmake --install` has written, and the directories of our
# own that are empty then.
#
#   cmake -DMANIFEST=build/install_manifest.txt -P uninstall.cmake
#
# DESTDIR of the environment is heeded as it is by `cmake --install`.
cmake_minimum_required(VERSION 3.25)

if(NOT EXISTS "${MANIFEST}")
    message(FATAL_ERROR "There is no ${MANIFEST}: nothing was installed from this build.")
endif()
file(STRINGS "${MANIFEST}" files)
set(left)
foreach(file IN LISTS files)
    set(path "$ENV{DESTDIR}${file}")
    if(EXISTS "${path}" OR IS_SYMLINK "${path}")
        message(STATUS "Removing ${path}")
        file(REMOVE "${path}")
        if(EXISTS "${path}" OR IS_SYMLINK "${path}")
            list(APPEND left "${path}")
        endif()
    endif()
    # Ours alone: .../winscard and what is below it, as deep as files are installed.
    get_filename_component(folder "${path}" DIRECTORY)
    while(folder MATCHES "/winscard(/|$)")
        file(GLOB inside LIST_DIRECTORIES true "${folder}/*")
        if(inside OR NOT IS_DIRECTORY "${folder}")
            break()
        endif()
        file(REMOVE_RECURSE "${folder}")
        get_filename_component(folder "${folder}" DIRECTORY)
    endwhile()
endforeach()
if(left)
    message(FATAL_ERROR "These could not be removed (are the rights missing?): ${left}")
endif()
file(REMOVE "${MANIFEST}")
