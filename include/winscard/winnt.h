/* SPDX-License-Identifier: BSD-2-Clause */
/* Constants, structures and macros of Microsoft's winnt.h. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <winnt.h>
#endif

#ifndef WINSCARD_WINNT_H
#define WINSCARD_WINNT_H

#ifndef WINSCARD_ON_WINDOWS

#include "guiddef.h"
#include "sal.h"
#include "windef.h"

#ifdef WINSCARD_OWN_WINDOWS

#include <string.h>

/* --- Numbers ------------------------------------------------------------------------ */

typedef union _LARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        LONG HighPart;
    };
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        DWORD HighPart;
    };
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

#define MAXCHAR 0x7f
#ifndef MAXSHORT
#define MAXSHORT 0x7fff
#endif
#ifndef MAXLONG
#define MAXLONG 0x7fffffff
#endif
#define MAXBYTE     0xff
#define MAXWORD     0xffff
#define MAXDWORD    0xffffffff
#define MAXLONGLONG 0x7fffffffffffffffLL

#define ANYSIZE_ARRAY 1
#define UNICODE_NULL  ((WCHAR)0)

/* --- Languages of messages ---------------------------------------------------------- */

typedef WORD LANGID;
typedef DWORD LCID;
#define LANG_NEUTRAL             0x00
#define LANG_INVARIANT           0x7f
#define LANG_ENGLISH             0x09
#define LANG_GERMAN              0x07
#define LANG_FRENCH              0x0c
#define LANG_SPANISH             0x0a
#define LANG_ITALIAN             0x10
#define LANG_RUSSIAN             0x19
#define LANG_JAPANESE            0x11
#define LANG_CHINESE             0x04
#define LANG_KOREAN              0x12
#define LANG_PORTUGUESE          0x16
#define LANG_TURKISH             0x1f
#define LANG_POLISH              0x15
#define LANG_CZECH               0x05
#define SUBLANG_NEUTRAL          0x00
#define SUBLANG_DEFAULT          0x01
#define SUBLANG_SYS_DEFAULT      0x02
#define SUBLANG_ENGLISH_US       0x01
#define SUBLANG_ENGLISH_UK       0x02
#define SUBLANG_GERMAN           0x01
#define SUBLANG_FRENCH           0x01
#define SUBLANG_SPANISH          0x01
#define SORT_DEFAULT             0x0
#define MAKELANGID(primary, sub) ((WORD)((((WORD)(sub)) << 10) | (WORD)(primary)))
#define PRIMARYLANGID(language)  ((WORD)((WORD)(language)&0x3ff))
#define SUBLANGID(language)      ((WORD)((WORD)(language) >> 10))
#define MAKELCID(language, sort)                                                         \
    ((DWORD)((((DWORD)((WORD)(sort))) << 16) | ((DWORD)((WORD)(language)))))
#define LANG_SYSTEM_DEFAULT   MAKELANGID(LANG_NEUTRAL, SUBLANG_SYS_DEFAULT)
#define LANG_USER_DEFAULT     MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT)
#define LOCALE_SYSTEM_DEFAULT MAKELCID(LANG_SYSTEM_DEFAULT, SORT_DEFAULT)
#define LOCALE_USER_DEFAULT   MAKELCID(LANG_USER_DEFAULT, SORT_DEFAULT)
#define LOCALE_NEUTRAL        MAKELCID(MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL), SORT_DEFAULT)
#define LOCALE_INVARIANT                                                                 \
    MAKELCID(MAKELANGID(LANG_INVARIANT, SUBLANG_NEUTRAL), SORT_DEFAULT)

/* --- Rights and kinds of objects ---------------------------------------------------- */

typedef DWORD ACCESS_MASK;
typedef PVOID PSECURITY_DESCRIPTOR;
typedef PVOID PSID;
typedef PVOID PACL;

#define DELETE                   0x00010000
#define READ_CONTROL             0x00020000
#define WRITE_DAC                0x00040000
#define WRITE_OWNER              0x00080000
#define SYNCHRONIZE              0x00100000
#define STANDARD_RIGHTS_REQUIRED 0x000F0000
#define STANDARD_RIGHTS_READ     READ_CONTROL
#define STANDARD_RIGHTS_ALL      0x001F0000
#define GENERIC_READ             0x80000000
#define GENERIC_WRITE            0x40000000
#define GENERIC_EXECUTE          0x20000000
#define GENERIC_ALL              0x10000000
#define MAXIMUM_ALLOWED          0x02000000

#define EVENT_MODIFY_STATE     0x0002
#define EVENT_ALL_ACCESS       (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x3)
#define MUTANT_QUERY_STATE     0x0001
#define MUTEX_MODIFY_STATE     MUTANT_QUERY_STATE
#define MUTEX_ALL_ACCESS       (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | MUTANT_QUERY_STATE)
#define SEMAPHORE_MODIFY_STATE 0x0002
#define SEMAPHORE_ALL_ACCESS   (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x3)

#define FILE_SHARE_READ          0x00000001
#define FILE_SHARE_WRITE         0x00000002
#define FILE_SHARE_DELETE        0x00000004
#define FILE_ATTRIBUTE_READONLY  0x00000001
#define FILE_ATTRIBUTE_HIDDEN    0x00000002
#define FILE_ATTRIBUTE_SYSTEM    0x00000004
#define FILE_ATTRIBUTE_DIRECTORY 0x00000010
#define FILE_ATTRIBUTE_ARCHIVE   0x00000020
#define FILE_ATTRIBUTE_NORMAL    0x00000080
#define FILE_ATTRIBUTE_TEMPORARY 0x00000100
#define FILE_APPEND_DATA         0x0004
#define DUPLICATE_CLOSE_SOURCE   0x00000001
#define DUPLICATE_SAME_ACCESS    0x00000002

#define HEAP_NO_SERIALIZE          0x00000001
#define HEAP_GROWABLE              0x00000002
#define HEAP_GENERATE_EXCEPTIONS   0x00000004
#define HEAP_ZERO_MEMORY           0x00000008
#define HEAP_REALLOC_IN_PLACE_ONLY 0x00000010

#define PAGE_NOACCESS  0x01
#define PAGE_READONLY  0x02
#define PAGE_READWRITE 0x04

/* Why DllMain is called. On Unix nobody calls it: a constructor, or the program, has to. */
#define DLL_PROCESS_DETACH 0
#define DLL_PROCESS_ATTACH 1
#define DLL_THREAD_ATTACH  2
#define DLL_THREAD_DETACH  3

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

/* --- Statuses (ntstatus.h) ---------------------------------------------------------- */

typedef LONG NTSTATUS;
#define STATUS_WAIT_0           ((DWORD)0x00000000)
#define STATUS_ABANDONED_WAIT_0 ((DWORD)0x00000080)
#define STATUS_USER_APC         ((DWORD)0x000000C0)
#define STATUS_TIMEOUT          ((DWORD)0x00000102)
#define STATUS_PENDING          ((DWORD)0x00000103)
#define STATUS_CONTROL_C_EXIT   ((DWORD)0xC000013A)

/* --- Macros of the language --------------------------------------------------------- */

#define DECLARE_HANDLE(name)                                                             \
    struct name##__;                                                                     \
    typedef struct name##__ *name
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define CONTAINING_RECORD(address, type, field)                                          \
    ((type *)(void *)((char *)(address)-offsetof(type, field)))
#define RTL_NUMBER_OF(array)        (sizeof(array) / sizeof((array)[0]))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#ifndef ARRAYSIZE
#define ARRAYSIZE(array) RTL_NUMBER_OF(array)
#endif
#ifdef __cplusplus
#define C_ASSERT(condition)                                                              \
    extern char winscard_assertion_[(condition) ? 1 : -1] __attribute__((__unused__))
#else
#define C_ASSERT(condition) _Static_assert(condition, #condition)
#endif
#define UNREFERENCED_PARAMETER(parameter)     ((void)(parameter))
#define UNREFERENCED_LOCAL_VARIABLE(variable) ((void)(variable))
#define DBG_UNREFERENCED_PARAMETER(parameter) ((void)(parameter))

/* --- Memory ------------------------------------------------------------------------- */

#define RtlZeroMemory(destination, size)         memset((destination), 0, (size))
#define RtlFillMemory(destination, size, value)  memset((destination), (value), (size))
#define RtlCopyMemory(destination, source, size) memcpy((destination), (source), (size))
#define RtlMoveMemory(destination, source, size) memmove((destination), (source), (size))
#define RtlEqualMemory(left, right, size)        (!memcmp((left), (right), (size)))

/* Zeroes `size` bytes and is never left out by a compiler. Gives `destination`. */
static __inline__ PVOID RtlSecureZeroMemory(PVOID destination, SIZE_T size)
{
    volatile unsigned char *byte = (volatile unsigned char *)destination;
    while (size-- > 0)
        *byte++ = 0;
    return destination;
}

#define MemoryBarrier() __sync_synchronize()

/* --- One counter for several threads (sequentially consistent) ---------------------- */

static __inline__ LONG InterlockedIncrement(volatile LONG *addend)
{
    return __sync_add_and_fetch(addend, 1);
}

static __inline__ LONG InterlockedDecrement(volatile LONG *addend)
{
    return __sync_sub_and_fetch(addend, 1);
}

/* Give what was there before. */
static __inline__ LONG InterlockedExchange(volatile LONG *target, LONG value)
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

static __inline__ LONG InterlockedExchangeAdd(volatile LONG *addend, LONG value)
{
    return __sync_fetch_and_add(addend, value);
}

static __inline__ LONG InterlockedCompareExchange(volatile LONG *destination,
                                                  LONG exchange, LONG comparand)
{
    return __sync_val_compare_and_swap(destination, comparand, exchange);
}

static __inline__ LONG InterlockedAnd(volatile LONG *destination, LONG value)
{
    return __sync_fetch_and_and(destination, value);
}

static __inline__ LONG InterlockedOr(volatile LONG *destination, LONG value)
{
    return __sync_fetch_and_or(destination, value);
}

static __inline__ LONGLONG InterlockedIncrement64(volatile LONGLONG *addend)
{
    return __sync_add_and_fetch(addend, 1);
}

static __inline__ LONGLONG InterlockedDecrement64(volatile LONGLONG *addend)
{
    return __sync_sub_and_fetch(addend, 1);
}

static __inline__ LONGLONG InterlockedExchangeAdd64(volatile LONGLONG *addend,
                                                    LONGLONG value)
{
    return __sync_fetch_and_add(addend, value);
}

static __inline__ LONGLONG InterlockedCompareExchange64(volatile LONGLONG *destination,
                                                        LONGLONG exchange,
                                                        LONGLONG comparand)
{
    return __sync_val_compare_and_swap(destination, comparand, exchange);
}

static __inline__ PVOID InterlockedExchangePointer(PVOID volatile *target, PVOID value)
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

static __inline__ PVOID InterlockedCompareExchangePointer(PVOID volatile *destination,
                                                          PVOID exchange, PVOID comparand)
{
    return __sync_val_compare_and_swap(destination, comparand, exchange);
}

#endif
#endif
#endif
