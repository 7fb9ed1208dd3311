/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of heaps. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <heapapi.h>
#endif

#ifndef WINSCARD_HEAPAPI_H
#define WINSCARD_HEAPAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

/* Memory of the C library's. HeapCreate() makes a heap whose blocks HeapDestroy() frees, its
 * sizes are hints; a maximum is kept: 0 is none. NULL: ERROR_NOT_ENOUGH_MEMORY. */
WINPORT_API(HANDLE)
HeapCreate(DWORD options, SIZE_T initial_bytes, SIZE_T maximum_bytes)
    WINPORT_NAME(HeapCreate);
WINPORT_API(BOOL) HeapDestroy(HANDLE heap) WINPORT_NAME(HeapDestroy);
/* The process's, which is not to be destroyed (FALSE, ERROR_INVALID_PARAMETER). */
WINPORT_API(HANDLE) GetProcessHeap(void) WINPORT_NAME(GetProcessHeap);
/* NULL without a last error on failure, as on Windows. HEAP_ZERO_MEMORY: zeroed. */
WINPORT_API(LPVOID)
HeapAlloc(HANDLE heap, DWORD flags, SIZE_T bytes) WINPORT_NAME(HeapAlloc);
/* HEAP_ZERO_MEMORY zeroes what is added; HEAP_REALLOC_IN_PLACE_ONLY gives NULL where the
 * block has to grow. */
WINPORT_API(LPVOID)
HeapReAlloc(HANDLE heap, DWORD flags, LPVOID memory, SIZE_T bytes)
    WINPORT_NAME(HeapReAlloc);
/* FALSE, ERROR_INVALID_PARAMETER: the block is another heap's. NULL is freed. */
WINPORT_API(BOOL)
HeapFree(HANDLE heap, DWORD flags, LPVOID memory) WINPORT_NAME(HeapFree);
/* (SIZE_T)-1: the block is another heap's. */
WINPORT_API(SIZE_T)
HeapSize(HANDLE heap, DWORD flags, LPCVOID memory) WINPORT_NAME(HeapSize);

#endif
#endif
#endif
