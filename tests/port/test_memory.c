/* SPDX-License-Identifier: BSD-2-Clause */
/* Heaps, local and global memory, pages, and the macros that fill and copy. Source: MS-Docs
 * "Heap Functions", "Global and Local Functions", VirtualLock. */
#include <windows.h>

#include "tests/port/fails.h"

#ifndef _WIN32
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#endif

static BOOL is_filled(const void *memory, BYTE value, SIZE_T size)
{
    for (SIZE_T i = 0; i < size; i++)
        if (((const BYTE *)memory)[i] != value)
            return FALSE;
    return TRUE;
}

/* --- Heaps -------------------------------------------------------------------------- */

static void use_heap(HANDLE heap)
{
    BYTE *memory = (BYTE *)HeapAlloc(heap, HEAP_ZERO_MEMORY, 1000);
    CHECK(memory != NULL && is_filled(memory, 0, 1000));
    CHECK_EQ((ULONG_PTR)memory % (2 * sizeof(void *)), 0);
    CHECK_EQ(HeapSize(heap, 0, memory), 1000);
    FillMemory(memory, 1000, 7);
    BYTE *grown = (BYTE *)HeapReAlloc(heap, HEAP_ZERO_MEMORY, memory, 100000);
    CHECK(grown != NULL && is_filled(grown, 7, 1000)
          && is_filled(grown + 1000, 0, 99000));
    CHECK_EQ(HeapSize(heap, 0, grown), 100000);
    BYTE *shrunk = (BYTE *)HeapReAlloc(heap, 0, grown, 10);
    CHECK(shrunk != NULL && is_filled(shrunk, 7, 10));
    CHECK_EQ(HeapSize(heap, 0, shrunk), 10);
    CHECK(HeapFree(heap, 0, shrunk));
    memory = (BYTE *)HeapAlloc(heap, 0, 64);
    CHECK(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, memory, 32) == memory);
    CHECK_EQ(HeapSize(heap, 0, memory), 32);
    CHECK(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, memory, 10000000) == NULL);
    CHECK_EQ(HeapSize(heap, 0, memory), 32);
    CHECK(HeapFree(heap, HEAP_NO_SERIALIZE, memory));
    memory = (BYTE *)HeapAlloc(heap, 0, 0); /* a block, too */
    CHECK(memory != NULL);
    CHECK_EQ(HeapSize(heap, 0, memory), 0);
    CHECK(HeapFree(heap, 0, memory));
    CHECK(HeapFree(heap, 0, NULL));
    CHECK(HeapAlloc(heap, 0, (SIZE_T)-1) == NULL);
    CHECK(HeapAlloc(heap, HEAP_ZERO_MEMORY, (SIZE_T)-1 / 2 - 8) == NULL);
}

static void heaps(void)
{
    CHECK(GetProcessHeap() != NULL && GetProcessHeap() == GetProcessHeap());
    use_heap(GetProcessHeap());
    HANDLE heap = HeapCreate(0, 0, 0);
    CHECK(heap != NULL && heap != GetProcessHeap());
    use_heap(heap);
    void *blocks[10];
    for (int i = 0; i < 10; i++)
        blocks[i] = HeapAlloc(heap, 0, 100);
    CHECK(HeapFree(heap, 0, blocks[0]) && HeapFree(heap, 0, blocks[5])
          && HeapFree(heap, 0, blocks[9]));
    HANDLE other = HeapCreate(HEAP_NO_SERIALIZE, 4096, 0);
#ifndef _WIN32 /* there, it breaks into the debugger or the program */
    CHECK_FAILS(HeapFree(other, 0, blocks[1]), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(HeapFree(NULL, 0, blocks[1]), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(HeapReAlloc(other, 0, blocks[1], 5), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(HeapReAlloc(heap, 0, NULL, 5), ERROR_INVALID_PARAMETER);
    CHECK_FAILS_AS(HeapSize(other, 0, blocks[1]), (SIZE_T)-1, ERROR_INVALID_PARAMETER);
    CHECK_FAILS_AS(HeapSize(GetProcessHeap(), 0, NULL), (SIZE_T)-1,
                   ERROR_INVALID_PARAMETER);
    CHECK_FAILS_AS(HeapAlloc(NULL, 0, 5), 0, NO_ERROR_SET);
    CHECK_FAILS_AS(HeapAlloc(heap, 0, (SIZE_T)-1), 0, NO_ERROR_SET);
    CHECK_FAILS(HeapDestroy(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(HeapDestroy(GetProcessHeap()), ERROR_INVALID_PARAMETER);
#endif
    CHECK(HeapDestroy(heap)); /* with seven blocks */
    CHECK(HeapDestroy(other));
}

#ifndef _WIN32
/* There, a maximum counts the heap's own memory, and blocks have a limit besides. */
static void heap_with_maximum(void)
{
    HANDLE heap = HeapCreate(0, 0, 1000);
    void *memory = HeapAlloc(heap, 0, 600);
    CHECK(memory != NULL);
    CHECK(HeapAlloc(heap, 0, 401) == NULL);
    void *rest = HeapAlloc(heap, 0, 400);
    CHECK(rest != NULL);
    CHECK(HeapAlloc(heap, 0, 1) == NULL);
    CHECK(HeapReAlloc(heap, 0, rest, 401) == NULL);
    CHECK_EQ(HeapSize(heap, 0, rest), 400);
    CHECK(HeapFree(heap, 0, rest));
    memory = HeapReAlloc(heap, 0, memory, 1000); /* the old one does not count */
    CHECK(memory != NULL);
    CHECK_EQ(HeapSize(heap, 0, memory), 1000);
    CHECK(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, memory, 1) == memory);
    rest = HeapAlloc(heap, 0, 999);
    CHECK(rest != NULL);
    CHECK(HeapFree(heap, 0, rest) && HeapFree(heap, 0, memory));
    CHECK(HeapDestroy(heap));
}
#endif

static HANDLE shared_heap;

static DWORD WINAPI use_shared_heap(LPVOID unused)
{
    (void)unused;
    void *blocks[50];
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 50; i++)
            blocks[i] = HeapAlloc(shared_heap, HEAP_ZERO_MEMORY, (SIZE_T)i);
        for (int i = 0; i < 50; i++)
            CHECK(HeapFree(shared_heap, 0, blocks[i]));
    }
    return 0;
}

static void heap_of_threads(void)
{
    HANDLE threads[4];
    shared_heap = HeapCreate(0, 0, 0);
    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, use_shared_heap, NULL, 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(4, threads, TRUE, CHECK_HANG_MS), WAIT_OBJECT_0);
    for (int i = 0; i < 4; i++)
        CHECK(CloseHandle(threads[i]));
    CHECK(HeapDestroy(shared_heap));
}

/* --- Local and global memory -------------------------------------------------------- */

static void local_memory(void)
{
    BYTE *memory = (BYTE *)LocalAlloc(LPTR, 500);
    CHECK(memory != NULL && is_filled(memory, 0, 500));
    CHECK_EQ(LocalSize(memory), 500);
    FillMemory(memory, 500, 3);
    CHECK(LocalLock(memory) == memory);
    memory = (BYTE *)LocalReAlloc(memory, 5000, LMEM_ZEROINIT | LMEM_MOVEABLE);
    CHECK(memory != NULL && is_filled(memory, 3, 500)
          && is_filled(memory + 500, 0, 4500));
    CHECK_EQ(LocalSize(memory), 5000);
    CHECK(LocalFree(memory) == NULL);
    CHECK(LocalFree(NULL) == NULL);
    memory = (BYTE *)LocalAlloc(LMEM_FIXED, 0);
    CHECK(memory != NULL);
    CHECK(LocalFree(memory) == NULL);
    CHECK_FAILS(LocalAlloc(LMEM_FIXED, (SIZE_T)-1), ERROR_NOT_ENOUGH_MEMORY);
    CHECK_FAILS(LocalSize(NULL), ERROR_INVALID_HANDLE);
    /* Movable, which has to be locked before it is used. */
    HLOCAL movable = LocalAlloc(LHND, 100);
    memory = (BYTE *)LocalLock(movable);
    CHECK(memory != NULL && is_filled(memory, 0, 100));
    CHECK_FAILS(LocalUnlock(movable), NO_ERROR); /* it is not locked any more */
    CHECK_EQ(LocalSize(movable), 100);
    CHECK(LocalFree(movable) == NULL);
}

static void global_memory(void)
{
    BYTE *memory = (BYTE *)GlobalAlloc(GPTR, 500);
    CHECK(memory != NULL && is_filled(memory, 0, 500));
    CHECK_EQ(GlobalSize(memory), 500);
    memory = (BYTE *)GlobalReAlloc(memory, 50, GMEM_MOVEABLE);
    CHECK(memory != NULL);
    CHECK_EQ(GlobalSize(memory), 50);
    CHECK(GlobalFree(memory) == NULL);
    HGLOBAL movable = GlobalAlloc(GHND, 100);
    memory = (BYTE *)GlobalLock(movable);
    CHECK(memory != NULL && is_filled(memory, 0, 100));
    CHECK_FAILS(GlobalUnlock(movable), NO_ERROR);
    movable = GlobalReAlloc(movable, 200, GMEM_MOVEABLE | GMEM_ZEROINIT);
    CHECK_EQ(GlobalSize(movable), 200);
    CHECK(GlobalFree(movable) == NULL);
    CHECK_FAILS(GlobalAlloc(GMEM_FIXED, (SIZE_T)-1), ERROR_NOT_ENOUGH_MEMORY);
}

#ifndef _WIN32
static void no_blocks(void)
{
    HANDLE heap = HeapCreate(0, 0, 0);
    void *memory = HeapAlloc(heap, 0, 5);
    CHECK_FAILS_AS(LocalFree(memory), (intptr_t)memory, ERROR_INVALID_HANDLE);
    CHECK_FAILS(LocalSize(memory), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GlobalSize(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(LocalReAlloc(NULL, 5, 0), ERROR_INVALID_HANDLE);
    CHECK_FAILS(LocalReAlloc(memory, 5, 0), ERROR_INVALID_HANDLE);
    CHECK_FAILS(LocalLock(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GlobalLock(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(LocalUnlock(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GlobalUnlock(NULL), ERROR_INVALID_HANDLE);
    CHECK(HeapDestroy(heap));
    memory = LocalAlloc(LMEM_FIXED, 100);
    CHECK_FAILS(LocalReAlloc(memory, (SIZE_T)-1, LMEM_MOVEABLE), ERROR_NOT_ENOUGH_MEMORY);
    CHECK_EQ(LocalSize(memory), 100);
    CHECK(LocalFree(memory) == NULL);
}
#endif

/* --- Pages -------------------------------------------------------------------------- */

static void pages(void)
{
    static BYTE secret[10000];
    CHECK(VirtualLock(secret, sizeof(secret)));
    CHECK(VirtualUnlock(secret, sizeof(secret)));
#ifndef _WIN32
    CHECK_FAILS(VirtualLock(secret, 0), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(VirtualUnlock(secret, 0), ERROR_INVALID_PARAMETER);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *gone =
        mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(gone != MAP_FAILED);
    CHECK(munmap(gone + page, page) == 0);
    CHECK(VirtualLock(gone + 1, page - 1));
    CHECK_FAILS(VirtualLock(gone + page, 1), ERROR_INVALID_ADDRESS);
    CHECK_FAILS(VirtualUnlock(gone + page, 1), ERROR_INVALID_ADDRESS);
    CHECK_FAILS(VirtualLock(gone + page - 1, 2), ERROR_INVALID_ADDRESS);
    CHECK_FAILS(VirtualLock(gone, (SIZE_T)-1), ERROR_INVALID_ADDRESS);
    CHECK(munmap(gone, page) == 0);
    /* Root may lock as much as there is, and a sanitizer leaves it out. */
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_MEMLOCK, &none) == 0 && mlock(secret, sizeof(secret)) != 0)
        CHECK_FAILS(VirtualLock(secret, sizeof(secret)), ERROR_WORKING_SET_QUOTA);
#endif
}

static void macros(void)
{
    BYTE from[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, to[10];
    CopyMemory(to, from, 10);
    CHECK_MEM(to, from, 10);
    MoveMemory(to + 1, to, 9);
    CHECK_EQ(to[9], 9);
    CHECK(RtlEqualMemory(to + 1, from, 9));
    FillMemory(to, 10, 0xAA);
    CHECK(is_filled(to, 0xAA, 10));
    ZeroMemory(to, 5);
    CHECK(is_filled(to, 0, 5) && is_filled(to + 5, 0xAA, 5));
    CHECK(SecureZeroMemory(to, 10) == to);
    CHECK(is_filled(to, 0, 10));
}

int main(void)
{
    heaps();
    heap_of_threads();
    local_memory();
    global_memory();
#ifndef _WIN32
    heap_with_maximum();
    no_blocks();
#endif
    pages();
    macros();
    return check_result();
}
