# SPDX-License-Identifier: BSD-2-Clause
# How everything for Windows is compiled and linked.

# The guard of the stack is our own (src/os/windows/stack_guard.c), as libssp is not wanted in
# a DLL; mingw-w64's fortified functions need it.
add_compile_options(-fstack-protector-strong -ffunction-sections
    -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
add_library(winscard_stack_guard STATIC src/os/windows/stack_guard.c)
target_include_directories(winscard_stack_guard PRIVATE src)
link_libraries(winscard_stack_guard)
# Addresses at random, no code in data, and the same bytes from the same sources.
add_link_options(-static-libgcc -Wl,--gc-sections -Wl,--dynamicbase -Wl,--nxcompat
    $<$<C_COMPILER_ID:GNU>:-Wl,--no-insert-timestamp>) # lld has no time in it by itself
if(CMAKE_SIZEOF_VOID_P EQUAL 8)
    add_link_options(-Wl,--high-entropy-va)
endif()

# The system's own threads need no library; mingw-w64's would be one more DLL.
add_library(Threads::Threads INTERFACE IMPORTED GLOBAL)
