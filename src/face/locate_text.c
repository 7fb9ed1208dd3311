/* SPDX-License-Identifier: BSD-2-Clause */
/* Which readers hold a card of some type. Compiled for A and W. */
#include "face/database.h"
#include "manager/limits.h"

enum { LIST_UNITS_MAX = LIMIT_LOCATE_CARDS * DATABASE_NAME_MAX };

static bool matches(const SCARD_ATRMASK *pattern, const BYTE *atr, size_t size)
{
    return database_fits(atr, size, pattern->rgbAtr, pattern->rgbMask, pattern->cbAtr);
}

static enum sc_error locate(SCARDCONTEXT context, const SCARD_ATRMASK *patterns,
                            size_t pattern_count, SCARD_READERSTATE *states, size_t count)
{
    enum sc_error error = face_watch(context, 0, states, count);
    if (error != SC_OK && error != SC_E_TIMEOUT)
        return error;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < pattern_count; j++)
            if (matches(&patterns[j], states[i].rgbAtr, states[i].cbAtr))
                states[i].dwEventState |= SCARD_STATE_ATRMATCH;
    return SC_OK;
}

LONG WINAPI SCardLocateCardsByATR(SCARDCONTEXT hContext, LPSCARD_ATRMASK rgAtrMasks,
                                  DWORD cAtrs, SCARD_READERSTATE *rgReaderStates,
                                  DWORD cReaders)
{
    enum sc_error error = SC_OK;
    struct trace_call call;
    trace_begin(&call, __func__);
    if (rgAtrMasks == NULL || rgReaderStates == NULL || cReaders > LIMIT_WATCH_ENTRIES)
        error = SC_E_INVALID_PARAMETER;
    for (DWORD i = 0; error == SC_OK && i < cAtrs; i++)
        if (rgAtrMasks[i].cbAtr > sizeof(rgAtrMasks[i].rgbAtr))
            error = SC_E_INVALID_PARAMETER;
    if (error == SC_OK)
        error = locate(hContext, rgAtrMasks, cAtrs, rgReaderStates, cReaders);
    trace_end(&call, error, "context=%lx atrs=%lu readers=%lu", (unsigned long)hContext,
              (unsigned long)cAtrs, (unsigned long)cReaders);
    return face_status(error);
}

static void take_pattern(const struct database_card *card, SCARD_ATRMASK *pattern)
{
    memset(pattern, 0, sizeof(*pattern));
    pattern->cbAtr = (DWORD)card->atr_size;
    memcpy(pattern->rgbAtr, card->atr, card->atr_size);
    memcpy(pattern->rgbMask, card->mask, card->atr_size);
}

/* The patterns of types, to be freed. */
struct patterns {
    SCARD_ATRMASK *at;
    size_t count, room;
};

/* One that nobody knows is skipped (MS-RDPESC, 2.2.2.9: "ignored"). */
static enum sc_error add_pattern(struct patterns *patterns, const TCHAR *text)
{
    struct database_card card;
    char name[DATABASE_NAME_MAX];
    if (face_name(text, name) != SC_OK)
        return SC_OK;
    enum sc_error error = database_get_card(name, &card);
    if (error != SC_OK)
        return error == SC_E_UNKNOWN_CARD ? SC_OK : error;
    if (patterns->count == patterns->room) {
        size_t room = patterns->room == 0 ? 8 : 2 * patterns->room;
        SCARD_ATRMASK *larger = mem_resize(patterns->at, room * sizeof(*larger));
        if (larger == NULL)
            return SC_E_NO_MEMORY;
        patterns->at = larger;
        patterns->room = room;
    }
    take_pattern(&card, &patterns->at[patterns->count++]);
    return SC_OK;
}

static enum sc_error find_patterns(const TCHAR *names, struct patterns *patterns)
{
    size_t at = 0;
    enum sc_error error = SC_OK;
    for (size_t count = 0; error == SC_OK && names[at] != 0; count++) {
        if (count == LIMIT_LOCATE_CARDS)
            return SC_E_INVALID_PARAMETER;
        error = add_pattern(patterns, names + at);
        while (names[at] != 0)
            if (++at >= LIST_UNITS_MAX)
                return SC_E_INVALID_PARAMETER;
        at++;
    }
    return error;
}

LONG WINAPI SCardLocateCards(SCARDCONTEXT hContext, const TCHAR *mszCards,
                             SCARD_READERSTATE *rgReaderStates, DWORD cReaders)
{
    struct patterns patterns = {NULL, 0, 0};
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    trace_begin(&call, __func__);
    if (mszCards != NULL && rgReaderStates != NULL && cReaders <= LIMIT_WATCH_ENTRIES)
        error = face_check(hContext, true);
    if (error == SC_OK)
        error = find_patterns(mszCards, &patterns);
    if (error == SC_OK)
        error = locate(hContext, patterns.at, patterns.count, rgReaderStates, cReaders);
    mem_free(patterns.at);
    trace_end(&call, error, "context=%lx cards=%lu readers=%lu", (unsigned long)hContext,
              (unsigned long)patterns.count, (unsigned long)cReaders);
    return face_status(error);
}
