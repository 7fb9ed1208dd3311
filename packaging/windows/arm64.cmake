# SPDX-License-Identifier: BSD-2-Clause
# For Windows on ARM64, by Zig's C compiler, which brings mingw-w64's headers and libraries for
# it; Debian has no compiler for it. `zig` is looked for in PATH:
#
#   cmake -S . -B build-arm64 --toolchain packaging/windows/arm64.cmake
#
# What is built cannot be run on other processors: nobody has run it so far.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR ARM64)
find_program(ZIG zig REQUIRED)
set(CMAKE_C_COMPILER ${ZIG} cc)
set(CMAKE_C_COMPILER_TARGET aarch64-windows-gnu)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
set(CMAKE_DLLTOOL ${CMAKE_CURRENT_LIST_DIR}/zig-dlltool)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
