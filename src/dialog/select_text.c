/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardUIDlgSelectCard and GetOpenCardName. Compiled for A and W. */
#include "dialog/error.h"
#include "dialog/prompt.h"

#include <string.h>

/* --- Arguments ---------------------------------------------------------------------- */

static LONG check_criteria(const dialog_criteria *wanted)
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
static bool is_room(const dialog_char *buffer, DWORD length)
{
    return buffer == NULL || length != SCARD_AUTOALLOCATE;
}

/* 0, or why the structure makes no sense. */
static LONG check_open(const dialog_open *open)
{
    DWORD flags = open->dwFlags;
    if (open->dwStructSize != sizeof(*open))
        return SCARD_E_INVALID_VALUE;
    if (flags != 0 && flags != SC_DLG_MINIMAL_UI && flags != SC_DLG_NO_UI
        && flags != SC_DLG_FORCE_UI)
        return SCARD_E_INVALID_VALUE;
    if (!is_room(open->lpstrRdr, open->nMaxRdr)
        || !is_room(open->lpstrCard, open->nMaxCard))
        return SCARD_E_INVALID_VALUE;
    return check_criteria(open->pOpenCardSearchCriteria);
}

/* --- Results ------------------------------------------------------------------------ */

/* The length is the caller's capacity, and receives what is needed if that is too small
 * or there is no buffer. */
static bool has_room(const dialog_char *name, const dialog_char *buffer, DWORD *length)
{
    size_t needed = text_length(name) + 1;
    bool room = buffer == NULL || needed <= *length;
    if (buffer == NULL || !room)
        *length = (DWORD)needed;
    return room;
}

static void give_name(const dialog_char *name, dialog_char *buffer)
{
    if (buffer != NULL)
        memcpy(buffer, name, (text_length(name) + 1) * sizeof(*name));
}

/* Connects last, so that no failure leaves a connection behind. */
static LONG give_card(const struct search *search, size_t seat, dialog_open *open)
{
    static const dialog_char none[1];
    const struct search_way way = {open->lpfnConnect, open->pvUserData, open->dwShareMode,
                                   open->dwPreferredProtocols};
    const dialog_char *reader = search->states[seat].szReader;
    const dialog_char *card = search->seats[seat].cards;
    SCARDHANDLE handle = 0;
    DWORD protocol = 0;
    if (card == NULL)
        card = none;
    bool room = has_room(reader, open->lpstrRdr, &open->nMaxRdr);
    room = has_room(card, open->lpstrCard, &open->nMaxCard) && room;
    if (!room)
        return SCARD_E_NO_MEMORY;
    if (open->lpfnConnect != NULL || open->dwShareMode != 0) {
        LONG status = DIALOG(search_connect)(search, seat, &way, &handle, &protocol);
        if (status != SCARD_S_SUCCESS)
            return status;
    }
    give_name(reader, open->lpstrRdr);
    give_name(card, open->lpstrCard);
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

static LONG choose(struct search *search, const dialog_open *open, size_t *seat)
{
    bool changed;
    LONG status = DIALOG(search_look)(search, &changed);
    if (status != SCARD_S_SUCCESS)
        return error_note(status, status);
    size_t count = DIALOG(search_count)(search, seat);
    if (open->dwFlags == SC_DLG_NO_UI)
        return count > 0 ? SCARD_S_SUCCESS : no_card(search, SCARD_E_NO_SMARTCARD);
    if (open->dwFlags != SC_DLG_FORCE_UI && count == 1)
        return SCARD_S_SUCCESS;
    status = DIALOG(prompt_choose)(search, seat);
    if (status == SCARD_E_UNSUPPORTED_FEATURE)
        return no_card(search, count > 0 ? status : SCARD_E_NO_SMARTCARD);
    return error_note(status, status);
}

static LONG find_card(dialog_open *open)
{
    struct search search;
    size_t seat = 0;
    LONG status = DIALOG(search_begin)(&search, open);
    if (status != SCARD_S_SUCCESS) {
        error_note(status, status);
    } else if ((status = choose(&search, open, &seat)) == SCARD_S_SUCCESS) {
        status = give_card(&search, seat, open);
        error_note(status, status);
    }
    DIALOG(search_end)(&search);
    return status;
}

LONG WINAPI DIALOG(SCardUIDlgSelectCard)(dialog_open *lpOpenCard)
{
    if (lpOpenCard == NULL)
        return error_note(SCARD_E_INVALID_PARAMETER, SCARD_E_INVALID_PARAMETER);
    LONG reason = check_open(lpOpenCard);
    if (reason != 0)
        return error_note(SCARD_E_INVALID_VALUE, reason);
    LONG status = SCardIsValidContext(lpOpenCard->hSCardContext);
    if (status != SCARD_S_SUCCESS)
        return error_note(status, status);
    return find_card(lpOpenCard);
}

/* --- The older form ----------------------------------------------------------------- */

static void read_old(const dialog_old *old, dialog_criteria *wanted, dialog_open *open)
{
    *wanted = (dialog_criteria){.dwStructSize = sizeof(*wanted),
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
    *open = (dialog_open){.dwStructSize = sizeof(*open),
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

LONG WINAPI DIALOG(GetOpenCardName)(dialog_old *lpOpenCard)
{
    dialog_criteria wanted;
    dialog_open open;
    if (lpOpenCard == NULL)
        return error_note(SCARD_E_INVALID_PARAMETER, SCARD_E_INVALID_PARAMETER);
    if (lpOpenCard->dwStructSize != sizeof(*lpOpenCard))
        return error_note(SCARD_E_INVALID_VALUE, SCARD_E_INVALID_VALUE);
    read_old(lpOpenCard, &wanted, &open);
    LONG status = DIALOG(SCardUIDlgSelectCard)(&open);
    lpOpenCard->nMaxRdr = open.nMaxRdr;
    lpOpenCard->nMaxCard = open.nMaxCard;
    lpOpenCard->dwActiveProtocol = open.dwActiveProtocol;
    lpOpenCard->hCardHandle = open.hCardHandle;
    return status;
}
