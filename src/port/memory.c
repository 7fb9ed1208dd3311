/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: heaps, and the local and global blocks, which are of the process's heap. */
#include "port/port.h"

#include <assert.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A block is a head and what the program has of it. */
struct head {
    alignas(max_align_t) struct heap *heap;
    size_t bytes;
    struct head *before, *after; /* in a heap of HeapCreate()'s */
};

struct heap {
    pthread_mutex_t lock;
    struct head *blocks;
    size_t used, most; /* bytes; most 0: no maximum */
};

static struct heap process_heap = {.lock = PTHREAD_MUTEX_INITIALIZER};

HANDLE GetProcessHeap(void)
{
    return &process_heap;
}

HANDLE HeapCreate(DWORD options, SIZE_T initial_bytes, SIZE_T maximum_bytes)
{
    (void)options;
    (void)initial_bytes;
    struct heap *heap = calloc(1, sizeof(*heap));
    if (heap == NULL) {
        winport_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    pthread_mutex_init(&heap->lock, NULL);
    heap->most = maximum_bytes;
    return heap;
}

BOOL HeapDestroy(HANDLE handle)
{
    struct heap *heap = handle;
    if (heap == NULL || heap == &process_heap)
        return winport_fail(heap == NULL ? ERROR_INVALID_HANDLE
                                         : ERROR_INVALID_PARAMETER);
    while (heap->blocks != NULL) {
        struct head *block = heap->blocks;
        heap->blocks = block->after;
        free(block);
    }
    pthread_mutex_destroy(&heap->lock);
    free(heap);
    return TRUE;
}

static struct head *head_of(LPCVOID memory)
{
    return (struct head *)(uintptr_t)((const char *)memory - sizeof(struct head));
}

static LPVOID memory_of(struct head *head)
{
    return (char *)head + sizeof(*head);
}

/* With the heap's lock. While a block is moved, both are there. */
static bool heap_has_room(const struct heap *heap, size_t given_up, size_t bytes)
{
    size_t used = heap->used - given_up;
    return heap->most == 0 || (used <= heap->most && bytes <= heap->most - used);
}

static void link_block(struct heap *heap, struct head *head)
{
    head->before = NULL;
    head->after = heap->blocks;
    if (heap->blocks != NULL)
        heap->blocks->before = head;
    heap->blocks = head;
    heap->used += head->bytes;
}

static void unlink_block(struct heap *heap, struct head *head)
{
    if (head->before != NULL)
        head->before->after = head->after;
    else
        heap->blocks = head->after;
    if (head->after != NULL)
        head->after->before = head->before;
    assert(heap->used >= head->bytes);
    heap->used -= head->bytes;
}

/* `given_up` bytes of another block go when this one is there. */
static LPVOID allocate(struct heap *heap, DWORD flags, size_t bytes, size_t given_up)
{
    if (heap == NULL || bytes > PTRDIFF_MAX - sizeof(struct head))
        return NULL;
    struct head *head = malloc(sizeof(*head) + bytes);
    if (head == NULL)
        return NULL;
    head->heap = heap;
    head->bytes = bytes;
    if (flags & HEAP_ZERO_MEMORY)
        memset(memory_of(head), 0, bytes);
    if (heap == &process_heap) /* nobody frees its blocks all together */
        return memory_of(head);
    pthread_mutex_lock(&heap->lock);
    bool fits = heap_has_room(heap, given_up, bytes);
    if (fits)
        link_block(heap, head);
    pthread_mutex_unlock(&heap->lock);
    if (fits)
        return memory_of(head);
    free(head);
    return NULL;
}

LPVOID HeapAlloc(HANDLE heap, DWORD flags, SIZE_T bytes)
{
    return allocate(heap, flags, bytes, 0);
}

static bool is_of(HANDLE heap, LPCVOID memory)
{
    if (heap != NULL && memory != NULL && head_of(memory)->heap == heap)
        return true;
    winport_fail(ERROR_INVALID_PARAMETER);
    return false;
}

BOOL HeapFree(HANDLE handle, DWORD flags, LPVOID memory)
{
    (void)flags;
    if (memory == NULL)
        return TRUE;
    if (!is_of(handle, memory))
        return FALSE;
    struct heap *heap = handle;
    struct head *head = head_of(memory);
    if (heap != &process_heap) {
        pthread_mutex_lock(&heap->lock);
        unlink_block(heap, head);
        pthread_mutex_unlock(&heap->lock);
    }
    head->heap = NULL;
    free(head);
    return TRUE;
}

static LPVOID shrink_block(struct heap *heap, struct head *head, size_t bytes)
{
    pthread_mutex_lock(&heap->lock);
    if (heap != &process_heap)
        heap->used -= head->bytes - bytes;
    head->bytes = bytes;
    pthread_mutex_unlock(&heap->lock);
    return memory_of(head);
}

/* A new block with the old one's bytes: the old one stays where there is no memory. */
LPVOID HeapReAlloc(HANDLE handle, DWORD flags, LPVOID memory, SIZE_T bytes)
{
    if (!is_of(handle, memory))
        return NULL;
    struct head *head = head_of(memory);
    if (flags & HEAP_REALLOC_IN_PLACE_ONLY)
        return bytes <= head->bytes ? shrink_block(handle, head, bytes) : NULL;
    LPVOID grown = allocate(handle, flags, bytes, head->bytes);
    if (grown == NULL)
        return NULL;
    memcpy(grown, memory, bytes < head->bytes ? bytes : head->bytes);
    HeapFree(handle, 0, memory);
    return grown;
}

SIZE_T HeapSize(HANDLE heap, DWORD flags, LPCVOID memory)
{
    (void)flags;
    return is_of(heap, memory) ? head_of(memory)->bytes : (SIZE_T)-1;
}

/* --- Local and global memory -------------------------------------------------------- */

HLOCAL LocalAlloc(UINT flags, SIZE_T bytes)
{
    HLOCAL memory =
        HeapAlloc(&process_heap, (flags & LMEM_ZEROINIT) ? HEAP_ZERO_MEMORY : 0, bytes);
    if (memory == NULL)
        winport_fail(ERROR_NOT_ENOUGH_MEMORY);
    return memory;
}

HLOCAL LocalReAlloc(HLOCAL memory, SIZE_T bytes, UINT flags)
{
    if (memory == NULL || head_of(memory)->heap != &process_heap) {
        winport_fail(ERROR_INVALID_HANDLE);
        return NULL;
    }
    HLOCAL grown = HeapReAlloc(
        &process_heap, (flags & LMEM_ZEROINIT) ? HEAP_ZERO_MEMORY : 0, memory, bytes);
    if (grown == NULL)
        winport_fail(ERROR_NOT_ENOUGH_MEMORY);
    return grown;
}

HLOCAL LocalFree(HLOCAL memory)
{
    if (!HeapFree(&process_heap, 0, memory)) {
        winport_fail(ERROR_INVALID_HANDLE);
        return memory;
    }
    return NULL;
}

SIZE_T LocalSize(HLOCAL memory)
{
    if (memory == NULL || head_of(memory)->heap != &process_heap) {
        winport_fail(ERROR_INVALID_HANDLE);
        return 0;
    }
    return head_of(memory)->bytes;
}

LPVOID LocalLock(HLOCAL memory)
{
    if (memory == NULL)
        winport_fail(ERROR_INVALID_HANDLE);
    return memory;
}

/* It is as it was: not locked, which is no error. */
BOOL LocalUnlock(HLOCAL memory)
{
    return winport_fail(memory == NULL ? ERROR_INVALID_HANDLE : NO_ERROR);
}

HGLOBAL GlobalAlloc(UINT flags, SIZE_T bytes)
{
    return LocalAlloc(flags, bytes);
}

HGLOBAL GlobalReAlloc(HGLOBAL memory, SIZE_T bytes, UINT flags)
{
    return LocalReAlloc(memory, bytes, flags);
}

HGLOBAL GlobalFree(HGLOBAL memory)
{
    return LocalFree(memory);
}

SIZE_T GlobalSize(HGLOBAL memory)
{
    return LocalSize(memory);
}

LPVOID GlobalLock(HGLOBAL memory)
{
    return LocalLock(memory);
}

BOOL GlobalUnlock(HGLOBAL memory)
{
    return LocalUnlock(memory);
}

/* --- Pages -------------------------------------------------------------------------- */

/* FALSE, and the last error. The C library has one error for addresses that are not there
 * and for too many. */
static BOOL is_mapped(LPVOID address, SIZE_T bytes)
{
    if (bytes == 0)
        return winport_fail(ERROR_INVALID_PARAMETER);
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = (uintptr_t)address / page * page;
    size_t size = bytes + ((uintptr_t)address - begin);
    bool mapped = size >= bytes && size <= SIZE_MAX - page
                  && msync((void *)begin, size, MS_ASYNC) == 0;
    return mapped || winport_fail(ERROR_INVALID_ADDRESS);
}

BOOL VirtualLock(LPVOID address, SIZE_T bytes)
{
    if (!is_mapped(address, bytes))
        return FALSE;
    return mlock(address, bytes) == 0 || winport_fail(ERROR_WORKING_SET_QUOTA);
}

BOOL VirtualUnlock(LPVOID address, SIZE_T bytes)
{
    if (!is_mapped(address, bytes))
        return FALSE;
    return munlock(address, bytes) == 0 || winport_fail(ERROR_INVALID_ADDRESS);
}
