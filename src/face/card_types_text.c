/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on card types. Compiled for A and W. */
#include "face/database.h"

enum { GUID_TEXT_SIZE = 38 }; /* {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx} */

/* --- GUIDs as text ------------------------------------------------------------------ */

/* Where the bytes of a GUID stand in its text: three numbers little-endian in memory. */
static const uint8_t guid_order[16] = {3, 2, 1,  0,  5,  4,  7,  6,
                                       8, 9, 10, 11, 12, 13, 14, 15};

static void guid_to_text(const uint8_t guid[16], char text[GUID_TEXT_SIZE + 1])
{
    static const char digits[] = "0123456789ABCDEF";
    size_t at = 0;
    text[at++] = '{';
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[at++] = '-';
        text[at++] = digits[guid[guid_order[i]] >> 4];
        text[at++] = digits[guid[guid_order[i]] & 15];
    }
    text[at++] = '}';
    text[at] = '\0';
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool guid_from_text(const char *text, uint8_t guid[16])
{
    size_t at = 1;
    if (strlen(text) != GUID_TEXT_SIZE || text[0] != '{'
        || text[GUID_TEXT_SIZE - 1] != '}')
        return false;
    for (int i = 0; i < 16; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-')
            return false;
        int high = digit_value(text[at++]), low = digit_value(text[at++]);
        if (high < 0 || low < 0)
            return false;
        guid[guid_order[i]] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* --- Writing ------------------------------------------------------------------------ */

struct introduction {
    LPCGUID primary, interfaces;
    uint64_t interface_count;
    LPCBYTE atr, mask;
    uint64_t atr_size;
};

static enum sc_error read_card_type(const struct introduction *from,
                                    struct database_card *card)
{
    if (from->atr == NULL || from->atr_size == 0 || from->atr_size > DATABASE_ATR_MAX
        || from->interface_count > DATABASE_INTERFACES_MAX
        || (from->interfaces == NULL && from->interface_count > 0))
        return SC_E_INVALID_PARAMETER;
    card->atr_size = (size_t)from->atr_size;
    memcpy(card->atr, from->atr, card->atr_size);
    memset(card->mask, 0xFF, card->atr_size);
    if (from->mask != NULL)
        memcpy(card->mask, from->mask, card->atr_size);
    card->has_primary = from->primary != NULL;
    if (card->has_primary)
        memcpy(card->primary, from->primary, sizeof(card->primary));
    card->interface_count = (size_t)from->interface_count;
    if (card->interface_count > 0)
        memcpy(card->interfaces, from->interfaces,
               card->interface_count * DATABASE_GUID_SIZE);
    return SC_OK;
}

/* One of that name has to be forgotten first, as programs on Windows know it (pyscard).
 */
static enum sc_error introduce(SCARDCONTEXT context, const TCHAR *name,
                               const struct introduction *from)
{
    struct database_entry entry;
    bool kept = false;
    memset(&entry, 0, sizeof(entry));
    enum sc_error error = face_check(context, true);
    if (error == SC_OK)
        error = face_name(name, entry.card.name);
    if (error == SC_OK)
        error = read_card_type(from, &entry.card);
    if (error != SC_OK)
        return error;
    error = face_written(database_add_entry(face_scope(context), &entry, false, &kept));
    return error == SC_OK && kept ? SC_X_ALREADY_EXISTS : error;
}

LONG WINAPI SCardIntroduceCardType(SCARDCONTEXT hContext, const TCHAR *szCardName,
                                   LPCGUID pguidPrimaryProvider, LPCGUID rgguidInterfaces,
                                   DWORD dwInterfaceCount, LPCBYTE pbAtr,
                                   LPCBYTE pbAtrMask, DWORD cbAtrLen)
{
    const struct introduction from = {pguidPrimaryProvider,
                                      rgguidInterfaces,
                                      dwInterfaceCount,
                                      pbAtr,
                                      pbAtrMask,
                                      cbAtrLen};
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = introduce(hContext, szCardName, &from);
    trace_end(&call, error, "context=%lx atr=%lu bytes", (unsigned long)hContext,
              (unsigned long)cbAtrLen);
    return face_status(error);
}

LONG WINAPI SCardForgetCardType(SCARDCONTEXT hContext, const TCHAR *szCardName)
{
    char name[DATABASE_NAME_MAX];
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = face_check(hContext, true);
    if (error == SC_OK)
        error = face_name(szCardName, name);
    if (error == SC_OK)
        error = face_written(database_remove_card(face_scope(hContext), name));
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

/* The primary provider is a GUID in the record, and its text here. */
static enum sc_error store_primary_provider(enum database_scope scope, const char *name,
                                            const char *value)
{
    uint8_t guid[DATABASE_GUID_SIZE];
    if (!guid_from_text(value, guid))
        return SC_E_INVALID_PARAMETER;
    return face_written(database_set_primary(scope, name, guid));
}

static enum sc_error set_provider_name(SCARDCONTEXT context, const TCHAR *card,
                                       uint32_t provider, const TCHAR *value)
{
    char name[DATABASE_NAME_MAX], text[DATABASE_VALUE_MAX];
    enum sc_error error = face_check(context, false);
    if (error == SC_OK)
        error = face_name(card, name);
    if (error != SC_OK)
        return error;
    if (value == NULL || face_text_in(value, text, sizeof(text)) != SC_OK)
        return SC_E_INVALID_PARAMETER;
    if (provider == SCARD_PROVIDER_PRIMARY)
        return store_primary_provider(face_scope(context), name, text);
    error = database_set_provider(face_scope(context), name,
                                  (enum database_provider)provider, text);
    return face_written(error);
}

LONG WINAPI SCardSetCardTypeProviderName(SCARDCONTEXT hContext, const TCHAR *szCardName,
                                         DWORD dwProviderId, const TCHAR *szProvider)
{
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error =
        set_provider_name(hContext, szCardName, (uint32_t)dwProviderId, szProvider);
    trace_end(&call, error, "context=%lx provider=%lx", (unsigned long)hContext,
              (unsigned long)dwProviderId);
    return face_status(error);
}

/* --- Reading ------------------------------------------------------------------------ */

static enum sc_error find_card_type(SCARDCONTEXT context, const TCHAR *card,
                                    struct database_card *found)
{
    char name[DATABASE_NAME_MAX];
    enum sc_error error = face_check(context, false);
    if (error == SC_OK)
        error = face_name(card, name);
    return error == SC_OK ? database_get_card(name, found) : error;
}

static enum sc_error get_provider(SCARDCONTEXT context, const TCHAR *card,
                                  uint32_t provider, TCHAR *value, LPDWORD length)
{
    struct database_card found;
    char text[DATABASE_VALUE_MAX];
    enum sc_error error = find_card_type(context, card, &found);
    if (error != SC_OK)
        return error;
    if (provider == SCARD_PROVIDER_PRIMARY && found.has_primary)
        guid_to_text(found.primary, text);
    else if (provider == SCARD_PROVIDER_PRIMARY)
        error = SC_E_FILE_NOT_FOUND;
    else
        error = database_get_provider(found.name, (enum database_provider)provider, text);
    if (error == SC_E_INVALID_VALUE)
        return SC_E_INVALID_PARAMETER; /* there is no such id */
    if (error == SC_E_FILE_NOT_FOUND)
        return SC_X_FILE_NOT_FOUND; /* the card type has none of it */
    if (error != SC_OK)
        return error;
    return face_text_out(face_handle(context), value, length, text, strlen(text) + 1);
}

LONG WINAPI SCardGetCardTypeProviderName(SCARDCONTEXT hContext, const TCHAR *szCardName,
                                         DWORD dwProviderId, TCHAR *szProvider,
                                         LPDWORD pcchProvider)
{
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = get_provider(hContext, szCardName, (uint32_t)dwProviderId,
                                       szProvider, pcchProvider);
    trace_end(&call, error, "context=%lx provider=%lx", (unsigned long)hContext,
              (unsigned long)dwProviderId);
    return face_status(error);
}

LONG WINAPI SCardGetProviderId(SCARDCONTEXT hContext, const TCHAR *szCard,
                               LPGUID pguidProviderId)
{
    struct database_card card;
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    trace_begin(&call, __func__);
    if (pguidProviderId != NULL)
        error = find_card_type(hContext, szCard, &card);
    if (error == SC_OK && !card.has_primary)
        error = SC_E_INVALID_TARGET; /* as tests of a binding saw on Windows */
    if (error == SC_OK)
        memcpy(pguidProviderId, card.primary, sizeof(card.primary));
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

LONG WINAPI SCardListInterfaces(SCARDCONTEXT hContext, const TCHAR *szCard,
                                LPGUID pguidInterfaces, LPDWORD pcguidInterfaces)
{
    struct database_card card;
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    trace_begin(&call, __func__);
    if (pcguidInterfaces != NULL)
        error = find_card_type(hContext, szCard, &card);
    if (error == SC_OK)
        error =
            face_buffer_out(face_handle(hContext), pguidInterfaces, pcguidInterfaces,
                            card.interfaces, card.interface_count, DATABASE_GUID_SIZE);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

/* The length of an ATR, which the call is not told, by its own interface bytes (ISO/IEC
 * 7816-3:2006, 8.2); 0: it is none. No byte behind its end is read. */
static size_t atr_length(const BYTE *atr)
{
    size_t at = 1;
    bool check_byte = false;
    if (atr[0] != 0x3B && atr[0] != 0x3F)
        return 0;
    unsigned historical = atr[1] & 15U, next = atr[1];
    for (at = 2; at < DATABASE_ATR_MAX;) {
        unsigned present = next >> 4;
        for (unsigned bit = 1; bit < 8; bit <<= 1)
            at += (present & bit) != 0 ? 1 : 0;
        if ((present & 8) == 0)
            break;
        if (at >= DATABASE_ATR_MAX)
            return 0;
        next = atr[at++];
        check_byte |= (next & 15) != 0;
    }
    at += historical + (check_byte ? 1 : 0);
    return at <= DATABASE_ATR_MAX ? at : 0;
}

static enum sc_error list_cards(SCARDCONTEXT context, LPCBYTE atr, LPCGUID interfaces,
                                uint64_t count, struct multistring *names)
{
    size_t size = atr != NULL ? atr_length(atr) : 0;
    enum sc_error error = face_check(context, false);
    if (error != SC_OK)
        return error;
    if (atr != NULL && size == 0)
        return SC_E_INVALID_ATR;
    if (interfaces == NULL || count == 0)
        return database_list_cards(atr, size, NULL, 0, names);
    if (count > DATABASE_INTERFACES_MAX)
        return SC_E_INVALID_PARAMETER;
    uint8_t wanted[DATABASE_INTERFACES_MAX][DATABASE_GUID_SIZE];
    memcpy(wanted, interfaces, (size_t)count * DATABASE_GUID_SIZE);
    return database_list_cards(atr, size, (const uint8_t(*)[DATABASE_GUID_SIZE])wanted,
                               (size_t)count, names);
}

LONG WINAPI SCardListCards(SCARDCONTEXT hContext, LPCBYTE pbAtr, LPCGUID rgquidInterfaces,
                           DWORD cguidInterfaceCount, TCHAR *mszCards, LPDWORD pcchCards)
{
    struct multistring names;
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    trace_begin(&call, __func__);
    multistring_init(&names, DATABASE_LIST_MAX);
    if (pcchCards != NULL)
        error =
            list_cards(hContext, pbAtr, rgquidInterfaces, cguidInterfaceCount, &names);
    if (error == SC_OK)
        error = face_list_out(hContext, &names, mszCards, pcchCards);
    multistring_clear(&names);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}
