/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls with text that only Windows has, and that need no database: what a reader is, and
 * the card cache. Compiled for A and W. */
#include "base/log.h"
#include "base/secret.h"
#include "face/database.h"
#include "face/groups.h"
#include "face/icon.h"
#include "face/readers.h"
#include "face/text.h"
#include "manager/limits.h"

static enum sc_error find_reader_of_name(SCARDCONTEXT handle, const TCHAR *reader,
                                         struct reader_info *info)
{
    const struct carrier *carrier = client_carrier();
    char name[FACE_NAME_MAX], shown[DRIVER_NAME_MAX], device[DRIVER_NAME_MAX];
    uint32_t context = face_handle((uint64_t)handle);
    enum sc_error error = face_check(handle, true);
    if (error != SC_OK)
        return error;
    if (reader == NULL)
        return SC_E_INVALID_PARAMETER;
    if (face_text_in(reader, name, sizeof(name)) != SC_OK)
        return SC_E_UNKNOWN_READER;
    error = carrier->reader_info(context, name, FACE_STYLE, info, shown);
    if (error == SC_E_UNKNOWN_READER && face_find_device(name, device) == SC_OK)
        error = carrier->reader_info(context, device, FACE_STYLE, info, shown);
    return error;
}

LONG WINAPI SCardGetDeviceTypeId(SCARDCONTEXT hContext, const TCHAR *szReaderName,
                                 LPDWORD pdwDeviceTypeId)
{
    struct reader_info info;
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    trace_begin(&call, __func__);
    if (pdwDeviceTypeId != NULL)
        error = find_reader_of_name(hContext, szReaderName, &info);
    if (error == SC_OK)
        face_put(pdwDeviceTypeId, info.type);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

LONG WINAPI SCardGetReaderDeviceInstanceId(SCARDCONTEXT hContext,
                                           const TCHAR *szReaderName,
                                           TCHAR *szDeviceInstanceId,
                                           LPDWORD pcchDeviceInstanceId)
{
    struct reader_info info;
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    trace_begin(&call, __func__);
    if (pcchDeviceInstanceId != NULL)
        error = find_reader_of_name(hContext, szReaderName, &info);
    if (error == SC_OK)
        error =
            face_text_out(face_handle(hContext), szDeviceInstanceId, pcchDeviceInstanceId,
                          info.device_id, strlen(info.device_id) + 1);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

/* --- Pictures and devices ----------------------------------------------------------- */

LONG WINAPI SCardGetReaderIcon(SCARDCONTEXT hContext, const TCHAR *szReaderName,
                               LPBYTE pbIcon, LPDWORD pcbIcon)
{
    struct reader_info info;
    uint8_t icon[FACE_ICON_SIZE];
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    trace_begin(&call, __func__);
    if (pcbIcon != NULL)
        error = find_reader_of_name(hContext, szReaderName, &info);
    if (error == SC_OK) {
        face_draw_icon(icon); /* no driver has one of its own */
        error = face_buffer_out(face_handle(hContext), pbIcon, pcbIcon, icon,
                                sizeof(icon), 1);
    }
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

LONG WINAPI SCardListReadersWithDeviceInstanceId(SCARDCONTEXT hContext,
                                                 const TCHAR *szDeviceInstanceId,
                                                 TCHAR *mszReaders, LPDWORD pcchReaders)
{
    struct multistring found;
    char device[DRIVER_ID_MAX];
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    trace_begin(&call, __func__);
    multistring_init(&found, DATABASE_LIST_MAX);
    if (szDeviceInstanceId != NULL && pcchReaders != NULL)
        error = face_check(hContext, true);
    if (error == SC_OK
        && face_text_in(szDeviceInstanceId, device, sizeof(device)) != SC_OK)
        error = SC_E_NO_READERS_AVAILABLE; /* no device is called so */
    if (error == SC_OK)
        error = face_list_device(face_handle((uint64_t)hContext), device, &found);
    if (error == SC_OK)
        error = face_list_out(hContext, &found, mszReaders, pcchReaders);
    multistring_clear(&found);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

/* --- The card cache ----------------------------------------------------------------- */

struct cache_key {
    SCARDCONTEXT context;
    const UUID *card;
    const TCHAR *lookup;
};

static enum sc_error cache_name(const struct cache_key *key, char *name, size_t room)
{
    if (client_carrier() == NULL)
        return SC_E_INVALID_HANDLE;
    if (key->card == NULL || key->lookup == NULL
        || face_text_in(key->lookup, name, room) != SC_OK)
        return SC_E_INVALID_PARAMETER;
    return SC_OK;
}

static enum sc_error read_item(const struct cache_key *key, uint32_t freshness,
                               uint8_t *room, size_t *size)
{
    char name[LIMIT_CACHE_NAME];
    uint8_t card[16];
    enum sc_error error = cache_name(key, name, sizeof(name));
    if (error != SC_OK)
        return error;
    memcpy(card, key->card, sizeof(card));
    return client_carrier()->read_cache(face_handle(key->context), card, freshness, name,
                                        room, size);
}

static enum sc_error read_cached(const struct cache_key *key, uint32_t freshness,
                                 uint8_t *data, LPDWORD length)
{
    size_t size = LIMIT_CACHE_ITEM;
    if (length == NULL)
        return SC_E_INVALID_PARAMETER;
    uint8_t *item = mem_alloc(LIMIT_CACHE_ITEM);
    if (item == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = read_item(key, freshness, item, &size);
    if (error == SC_OK)
        error = face_buffer_out(face_handle(key->context), data, length, item, size, 1);
    secret_clear(item, LIMIT_CACHE_ITEM);
    mem_free(item);
    return error;
}

LONG WINAPI SCardReadCache(SCARDCONTEXT hContext, UUID *CardIdentifier,
                           DWORD FreshnessCounter, TCHAR *LookupName, PBYTE Data,
                           DWORD *DataLen)
{
    const struct cache_key key = {hContext, CardIdentifier, LookupName};
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = read_cached(&key, FreshnessCounter, Data, DataLen);
    trace_end(&call, error, "context=%lx freshness=%lu", (unsigned long)hContext,
              (unsigned long)FreshnessCounter);
    return face_status(error);
}

static enum sc_error write_cached(const struct cache_key *key, uint32_t freshness,
                                  const uint8_t *data, size_t size)
{
    char name[LIMIT_CACHE_NAME];
    uint8_t card[16];
    enum sc_error error = cache_name(key, name, sizeof(name));
    if (error == SC_OK && data == NULL && size > 0)
        error = SC_E_INVALID_PARAMETER;
    if (error != SC_OK)
        return error;
    memcpy(card, key->card, sizeof(card));
    return client_carrier()->write_cache(face_handle(key->context), card, freshness, name,
                                         data, size);
}

LONG WINAPI SCardWriteCache(SCARDCONTEXT hContext, UUID *CardIdentifier,
                            DWORD FreshnessCounter, TCHAR *LookupName, PBYTE Data,
                            DWORD DataLen)
{
    const struct cache_key key = {hContext, CardIdentifier, LookupName};
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = write_cached(&key, FreshnessCounter, Data, DataLen);
    trace_end(&call, error, "context=%lx freshness=%lu size=%lu", (unsigned long)hContext,
              (unsigned long)FreshnessCounter, (unsigned long)DataLen);
    return face_status(error);
}
