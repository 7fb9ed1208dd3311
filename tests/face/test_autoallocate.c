/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the library (SCARD_AUTOALLOCATE). On Windows it goes with its context, and
 * SCardFreeMemory refuses what is not the library's, or not any more, and never touches
 * it. With pcsc-lite it is malloc's: free() and SCardFreeMemory do the same, for the
 * program's own memory too, and it outlives its context. */
#include "tests/face/face_test.h"

#include <pthread.h>

/* The linker has the program's calls of free() come here (-Wl,--wrap=free). */
void __real_free(void *memory);
void __wrap_free(void *memory);

static void *_Atomic watched;
static _Atomic unsigned frees;

void __wrap_free(void *memory)
{
    if (memory != NULL && memory == watched)
        frees++;
    __real_free(memory);
}

static void watch(void *memory)
{
    watched = memory;
    frees = 0;
}

/* A list of the readers in a context, by the library's memory. */
static char *list(SCARDCONTEXT context)
{
    char *readers = NULL;
    DWORD size = SCARD_AUTOALLOCATE;
    EXPECT(SCardListReaders(context, NULL, (LPSTR)&readers, &size), 0);
    CHECK(readers != NULL && strcmp(readers, READER_0) == 0);
    return readers;
}

static BYTE *attribute(SCARDHANDLE card)
{
    BYTE *atr = NULL;
    DWORD size = SCARD_AUTOALLOCATE;
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, (LPBYTE)&atr, &size), 0);
    CHECK(atr != NULL && memcmp(atr, fake_atr, fake_atr_size) == 0);
    return atr;
}

static void check_freeing(void)
{
    SCARDCONTEXT context = new_context();
    char *readers = list(context);
    watch(readers);
    EXPECT(SCardFreeMemory(context, NULL), 0);
    EXPECT(SCardFreeMemory((SCARDCONTEXT)0x1234, readers), BAD_HANDLE);
    CHECK_EQ(frees, 0);
    EXPECT(SCardFreeMemory(context, readers), 0);
    CHECK_EQ(frees, 1);
    watch(NULL);
    EXPECT(SCardReleaseContext(context), 0);
    EXPECT(SCardFreeMemory(context, NULL), BAD_HANDLE);
}

#if IS_WINDOWS

/* What the card calls give belongs to the context that the card was connected in. */
static void check_card_memory(SCARDCONTEXT context, SCARDCONTEXT other)
{
    static const BYTE bytes[] = {0x00, 0xB0, 0x00, 0x00, 0x00};
    SCARDHANDLE card = new_card(context, READER_0);
    char *name = NULL;
    BYTE *given[4] = {attribute(card)};
    DWORD name_size = SCARD_AUTOALLOCATE, size = SCARD_AUTOALLOCATE;
    EXPECT(
        SCardStatus(card, (LPSTR)&name, &name_size, NULL, NULL, (LPBYTE)&given[1], &size),
        0);
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardState(card, NULL, NULL, (LPBYTE)&given[2], &size), 0);
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, NULL, (LPBYTE)&given[3], &size),
           0);
    watch(given[3]);
    EXPECT(SCardReleaseContext(context), 0);
    CHECK_EQ(frees, 1);
    watch(NULL);
    for (unsigned i = 0; i < 4; i++)
        EXPECT(SCardFreeMemory(other, given[i]), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardFreeMemory(other, name), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, (LPBYTE)&given[0], &size),
           BAD_HANDLE);
}

/* Released with its context, and harmless when it is freed once more. */
static void check_release(void)
{
    SCARDCONTEXT context = new_context(), other = new_context();
    char *mine = list(context), *kept = list(other), *nobodys = list(0);
    watch(kept);
    check_card_memory(new_context(), other);
    watch(mine);
    EXPECT(SCardReleaseContext(context), 0);
    CHECK_EQ(frees, 1);
    watch(NULL);
    EXPECT(SCardFreeMemory(context, mine), BAD_HANDLE);
    EXPECT(SCardFreeMemory(0, mine), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardFreeMemory(other, mine), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardReleaseContext(context), BAD_HANDLE); /* takes nothing else away */
    CHECK_STR(kept, READER_0);
    CHECK_STR(nobodys, READER_0);
    EXPECT(SCardFreeMemory(0, kept), 0);
    EXPECT(SCardFreeMemory(other, kept), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardReleaseContext(other), 0);
    EXPECT(SCardFreeMemory(0, nobodys), 0);
    EXPECT(SCardFreeMemory(0, nobodys), SCARD_E_INVALID_PARAMETER);
}

static void check_foreign(void)
{
    SCARDCONTEXT context = new_context();
    char *readers = list(context), local = 'x', *own = malloc(16);
    EXPECT(SCardFreeMemory(context, &local), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardFreeMemory(context, own), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardFreeMemory(context, readers + 1), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardFreeMemory(context, (void *)1), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardFreeMemory(context, (void *)(uintptr_t)-1), SCARD_E_INVALID_PARAMETER);
    free(own);
    EXPECT(SCardReleaseContext(context), 0);
}

#else

static void check_card_memory(void)
{
    SCARDCONTEXT context = new_context();
    SCARDHANDLE card = new_card(context, READER_0);
    BYTE *atr = attribute(card);
    EXPECT(SCardReleaseContext(context), 0);
    CHECK_MEM(atr, fake_atr, fake_atr_size);
    free(atr);
}

static void check_release(void)
{
    SCARDCONTEXT context = new_context();
    char *kept = list(context), *freed = list(context);
    free(freed);
    watch(kept);
    EXPECT(SCardReleaseContext(context), 0);
    CHECK_EQ(frees, 0);
    CHECK_STR(kept, READER_0);
    free(kept);
    watch(NULL);
    check_card_memory();
}

/* Memory that the program got for itself is freed likewise. */
static void check_foreign(void)
{
    SCARDCONTEXT context = new_context();
    char *own = malloc(16);
    watch(own);
    EXPECT(SCardFreeMemory(context, own), 0);
    CHECK_EQ(frees, 1);
    watch(NULL);
    EXPECT(SCardReleaseContext(context), 0);
}

#endif

/* --- Threads ------------------------------------------------------------------------ */

enum { THREADS = 4, ROUNDS = 40, LISTS = 8 };

/* Contexts come and go beside each other; some lists are freed, others are left. */
static void *use_contexts(void *argument)
{
    unsigned *wrong = argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        SCARDCONTEXT context;
        *wrong += SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context) != 0;
        for (unsigned j = 0; j < LISTS; j++) {
            char *readers = NULL;
            DWORD size = SCARD_AUTOALLOCATE;
            *wrong += SCardListReaders(context, NULL, (LPSTR)&readers, &size) != 0;
            if (!IS_WINDOWS || j % 2 == 0)
                *wrong += SCardFreeMemory(context, readers) != 0;
        }
        *wrong += SCardReleaseContext(context) != 0;
    }
    return NULL;
}

static void check_threads(void)
{
    pthread_t threads[THREADS];
    unsigned wrong[THREADS] = {0};
    for (unsigned i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, use_contexts, &wrong[i]), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_EQ(wrong[i], 0);
    }
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=1&cards=1", 1);
    SCARDCONTEXT first = new_context(); /* the readers stay meanwhile */
    check_freeing();
    check_release();
    check_foreign();
    check_threads();
    EXPECT(SCardReleaseContext(first), 0);
    return check_result();
}
