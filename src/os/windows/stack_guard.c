/* SPDX-License-Identifier: BSD-2-Clause */
/* What -fstack-protector calls and reads (GCC manual, "Program Instrumentation Options").
 * GCC's own, libssp, opens a cryptographic provider while a DLL is loaded, which takes up to
 * 190 ms and loads other DLLs under the loader's lock. */
#include "os/windows/api.h"

#include <stdint.h>

/* clang-format off */
uintptr_t __stack_chk_guard = (uintptr_t)UINT64_C(0x5A3C96E1F00D7BA9);
/* clang-format on */
void __stack_chk_fail(void) __attribute__((noreturn));

/* Nothing that looks like text, whose copying a guard is to stop, has its lowest byte 0. */
#define TEXT_STOP ((uintptr_t)0xFF)

/* Before any other code of this module. What it is made of no other program can foresee
 * without looking into this process, which is enough against overlong input. */
__attribute__((constructor(101), no_stack_protector)) static void choose_guard(void)
{
    enum { MIX_SHIFT = 29 };
    const uint64_t mix = UINT64_C(0x9E3779B97F4A7C15); /* 2^64 over the golden ratio */
    LARGE_INTEGER counter;
    FILETIME now;
    QueryPerformanceCounter(&counter);
    GetSystemTimeAsFileTime(&now);
    uint64_t value = (uint64_t)counter.QuadPart;
    value = (value ^ (uint64_t)(uintptr_t)&counter) * mix;
    value = (value ^ value >> MIX_SHIFT ^ now.dwLowDateTime) * mix;
    value = (value ^ value >> MIX_SHIFT ^ GetCurrentProcessId()) * mix;
    value = (value ^ value >> MIX_SHIFT ^ (uint64_t)(uintptr_t)&choose_guard) * mix;
    __stack_chk_guard = (uintptr_t)value & ~TEXT_STOP;
}

void __stack_chk_fail(void)
{
    TerminateProcess(GetCurrentProcess(), 0xC0000409); /* STATUS_STACK_BUFFER_OVERRUN */
    __builtin_trap();
}
