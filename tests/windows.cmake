# SPDX-License-Identifier: BSD-2-Clause
# Tests as programs for Windows, which Wine runs where they are built.

add_compile_options(-include ${PROJECT_SOURCE_DIR}/tests/support/windows/posix.h)
# The threads of tests are POSIX's there too: mingw-w64's library of them, for tests alone.
link_libraries(-static winpthread ws2_32)

if(CMAKE_CROSSCOMPILING)
    set(CMAKE_CROSSCOMPILING_EMULATOR
        bash ${PROJECT_SOURCE_DIR}/tests/support/windows/run.sh ${PROJECT_BINARY_DIR})
endif()
