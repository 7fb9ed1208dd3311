# SPDX-License-Identifier: BSD-2-Clause
# For Windows on ARM64, by Debian's clang and lld (packages clang, lld, llvm) with mingw-w64's
# headers and libraries, which packaging/windows/make-arm64 makes of its sources:
#
#   cmake -S . -B build-arm64 --toolchain packaging/windows/arm64.cmake
#
# What is built cannot be run on other processors: nobody has run it so far.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR ARM64)
# Programs that CMake itself compiles read this file again.
if(NOT ARM64_FOLDER)
    execute_process(COMMAND bash ${CMAKE_CURRENT_LIST_DIR}/make-arm64
        OUTPUT_VARIABLE ARM64_FOLDER OUTPUT_STRIP_TRAILING_WHITESPACE
        COMMAND_ERROR_IS_FATAL ANY)
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ARM64_FOLDER)
set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET aarch64-w64-windows-gnu)
set(CMAKE_C_FLAGS_INIT "--sysroot=${ARM64_FOLDER} -isystem ${ARM64_FOLDER}/include")
foreach(kind EXE SHARED)
    set(CMAKE_${kind}_LINKER_FLAGS_INIT "-fuse-ld=lld -L${ARM64_FOLDER}/lib")
endforeach()
# CMake's list for Windows has libraries that are not made, as nothing here is in them.
set(CMAKE_C_STANDARD_LIBRARIES "-lkernel32 -luser32 -lshell32 -ladvapi32" CACHE STRING "")
set(CMAKE_AR llvm-ar)
set(CMAKE_RANLIB llvm-ranlib)
set(CMAKE_STRIP llvm-strip)
set(CMAKE_NM llvm-nm)
find_program(CMAKE_RC_COMPILER NAMES llvm-windres llvm-windres-14 REQUIRED)
set(CMAKE_RC_FLAGS_INIT "--target=aarch64-w64-mingw32 -I ${ARM64_FOLDER}/include")
set(CMAKE_DLLTOOL ${CMAKE_CURRENT_LIST_DIR}/arm64-dlltool)
set(CMAKE_FIND_ROOT_PATH ${ARM64_FOLDER})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
