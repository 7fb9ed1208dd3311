/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardUIDlgSelectCard and GetOpenCardName. Compiled for A and W. */
#include "dialog/error.h"
#include "dialog/prompt.h"

#include <string.h>

/* --- Arguments ---------------------------------------------------------------------- */

static LONG check_criteria(const OPENCARD_SEARCH_CRITERIA *wanted)
{
    if (wanted == NULL)
        return SCARD_S_SUCCESS;
    if (wanted->dwStructSize != sizeof(*wanted))
        return SCARD_E_INVALID_VALUE;
    if (wanted->cguidInterfaces > 0 && wanted->rgguidInterfaces == NULL)
        return SCERR_NOGUIDS;
    if (wanted->lpfnCheck != NULL && wanted->lpfnConnect == NULL
        && wanted->dwShareMode == 0)
        return SCARD_E_INVALID_VALUE; /* nothing to check would be connected */
    return SCARD_S_SUCCESS;
}

/* A length that stands for "allocate" elsewhere has no meaning here. */
static bool is_usable_room(const TCHAR *buffer, DWORD length)
{
    return buffer == NULL || length != SCARD_AUTOALLOCATE;
}

/* 0, or why the structure makes no sense. */
static LONG check_open(const OPENCARDNAME_EX *open)
{
    DWORD flags = open->dwFlags;
    if (open->dwStructSize != sizeof(*open))
        return SCARD_E_INVALID_VALUE;
    if (flags != 0 && flags != SC_DLG_MINIMAL_UI && flags != SC_DLG_NO_UI
        && flags != SC_DLG_FORCE_UI)
        return SCARD_E_INVALID_VALUE;
    if (!is_usable_room(open->lpstrRdr, open->nMaxRdr)
        || !is_usable_room(open->lpstrCard, open->nMaxCard))
        return SCARD_E_INVALID_VALUE;
    return check_criteria(open->pOpenCardSearchCriteria);
}

/* --- Results ------------------------------------------------------------------------ */

/* The length is the caller's capacity, and receives what is needed if that is too small
 * or there is no buffer. */
static bool has_room(const TCHAR *name, const TCHAR *buffer, DWORD *length)
{
    size_t needed = text_length(name) + 1;
    bool room = buffer == NULL || needed <= *length;
    if (buffer == NULL || !room)
        *length = (DWORD)needed;
    return room;
}

static void copy_chosen_name(const TCHAR *name, TCHAR *buffer)
{
    if (buffer != NULL)
        memcpy(buffer, name, (text_length(name) + 1) * sizeof(*name));
}

/* Connects last, so that no failure leaves a connection behind. */
static LONG give_card(const struct search *search, size_t seat, OPENCARDNAME_EX *open)
{
    static const TCHAR none[1];
    const struct search_way way = {open->lpfnConnect, open->pvUserData, open->dwShareMode,
                                   open->dwPreferredProtocols};
    const TCHAR *reader = search->states[seat].szReader;
    const TCHAR *card = search->seats[seat].cards;
    SCARDHANDLE handle = 0;
    DWORD protocol = 0;
    if (card == NULL)
        card = none;
    bool room = has_room(reader, open->lpstrRdr, &open->nMaxRdr);
    room = has_room(card, open->lpstrCard, &open->nMaxCard) && room;
    if (!room)
        return SCARD_E_NO_MEMORY;
    if (open->lpfnConnect != NULL || open->dwShareMode != 0) {
        LONG status = search_connect(search, seat, &way, &handle, &protocol);
        if (status != SCARD_S_SUCCESS)
            return status;
    }
    copy_chosen_name(reader, open->lpstrRdr);
    copy_chosen_name(card, open->lpstrCard);
    open->hCardHandle = handle;
    open->dwActiveProtocol = protocol;
    return SCARD_S_SUCCESS;
}

/* --- The search --------------------------------------------------------------------- */

/* What it means that no card was chosen, and why. */
static LONG no_card(const struct search *search, LONG reason)
{
    if (search->reason != 0
        && (search->names != NULL || search->wanted->cguidInterfaces > 0))
        reason = search->reason;
    return error_note(SCARD_E_NO_SMARTCARD, reason);
}

static LONG choose_seat(struct search *search, const OPENCARDNAME_EX *open, size_t *seat)
{
    bool changed;
    LONG status = search_look(search, &changed);
    if (status != SCARD_S_SUCCESS)
        return error_note(status, status);
    size_t count = search_count(search, seat);
    if (open->dwFlags == SC_DLG_NO_UI)
        return count > 0 ? SCARD_S_SUCCESS : no_card(search, SCARD_E_NO_SMARTCARD);
    if (open->dwFlags != SC_DLG_FORCE_UI && count == 1)
        return SCARD_S_SUCCESS;
    status = prompt_choose(search, seat);
    if (status == SCARD_E_UNSUPPORTED_FEATURE)
        return no_card(search, count > 0 ? status : SCARD_E_NO_SMARTCARD);
    return error_note(status, status);
}

static LONG select_card(OPENCARDNAME_EX *open)
{
    struct search search;
    size_t seat = 0;
    LONG status = search_begin(&search, open);
    if (status != SCARD_S_SUCCESS) {
        error_note(status, status);
    } else if ((status = choose_seat(&search, open, &seat)) == SCARD_S_SUCCESS) {
        status = give_card(&search, seat, open);
        error_note(status, status);
    }
    search_end(&search);
    return status;
}

LONG WINAPI SCardUIDlgSelectCard(OPENCARDNAME_EX *lpOpenCard)
{
    if (lpOpenCard == NULL)
        return error_note(SCARD_E_INVALID_PARAMETER, SCARD_E_INVALID_PARAMETER);
    LONG reason = check_open(lpOpenCard);
    if (reason != 0)
        return error_note(SCARD_E_INVALID_VALUE, reason);
    LONG status = SCardIsValidContext(lpOpenCard->hSCardContext);
    if (status != SCARD_S_SUCCESS)
        return error_note(status, status);
    return select_card(lpOpenCard);
}

/* --- The older form ----------------------------------------------------------------- */

static void read_old(const OPENCARDNAME *old, OPENCARD_SEARCH_CRITERIA *wanted,
                     OPENCARDNAME_EX *open)
{
    *wanted =
        (OPENCARD_SEARCH_CRITERIA){.dwStructSize = sizeof(*wanted),
                                   .lpstrGroupNames = old->lpstrGroupNames,
                                   .nMaxGroupNames = old->nMaxGroupNames,
                                   .rgguidInterfaces = old->rgguidInterfaces,
                                   .cguidInterfaces = old->cguidInterfaces,
                                   .lpstrCardNames = old->lpstrCardNames,
                                   .nMaxCardNames = old->nMaxCardNames,
                                   .lpfnCheck = old->lpfnCheck,
                                   .lpfnConnect = old->lpfnConnect,
                                   .lpfnDisconnect = old->lpfnDisconnect,
                                   .pvUserData = old->pvUserData,
                                   .dwShareMode = old->dwShareMode,
                                   .dwPreferredProtocols = old->dwPreferredProtocols};
    *open = (OPENCARDNAME_EX){.dwStructSize = sizeof(*open),
                              .hSCardContext = old->hSCardContext,
                              .hwndOwner = old->hwndOwner,
                              .dwFlags = old->dwFlags,
                              .lpstrTitle = old->lpstrTitle,
                              .pOpenCardSearchCriteria = wanted,
                              .lpfnConnect = old->lpfnConnect,
                              .pvUserData = old->pvUserData,
                              .dwShareMode = old->dwShareMode,
                              .dwPreferredProtocols = old->dwPreferredProtocols,
                              .lpstrRdr = old->lpstrRdr,
                              .nMaxRdr = old->nMaxRdr,
                              .lpstrCard = old->lpstrCard,
                              .nMaxCard = old->nMaxCard,
                              .dwActiveProtocol = old->dwActiveProtocol,
                              .hCardHandle = old->hCardHandle};
}

LONG WINAPI GetOpenCardName(OPENCARDNAME *lpOpenCard)
{
    OPENCARD_SEARCH_CRITERIA wanted;
    OPENCARDNAME_EX open;
    if (lpOpenCard == NULL)
        return error_note(SCARD_E_INVALID_PARAMETER, SCARD_E_INVALID_PARAMETER);
    if (lpOpenCard->dwStructSize != sizeof(*lpOpenCard))
        return error_note(SCARD_E_INVALID_VALUE, SCARD_E_INVALID_VALUE);
    read_old(lpOpenCard, &wanted, &open);
    LONG status = SCardUIDlgSelectCard(&open);
    lpOpenCard->nMaxRdr = open.nMaxRdr;
    lpOpenCard->nMaxCard = open.nMaxCard;
    lpOpenCard->dwActiveProtocol = open.dwActiveProtocol;
    lpOpenCard->hCardHandle = open.hCardHandle;
    return status;
}
