/* SPDX-License-Identifier: BSD-2-Clause */
/* The scripted library: just as much of winscard.h as the tool calls. */
#include "tests/cli/fake_scard.h"

#include "base/atomic.h"
#include "cli/demo_card.h"
#include "cli/hex.h"
#include "cli/platform.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>

struct fake fake;

void fake_reset(void)
{
    memset(&fake, 0, sizeof fake);
    fake.wait = SCARD_E_TIMEOUT;
}

void fake_add_reader(const char *name, DWORD state, const char *atr)
{
    fake.readers[fake.reader_count].name = name;
    fake.readers[fake.reader_count].state = state;
    fake.readers[fake.reader_count].gone = false;
    fake.readers[fake.reader_count].device = NULL;
    fake.readers[fake.reader_count++].atr = atr;
}

void fake_add_exchange(const char *command, const char *answer)
{
    fake.exchanges[fake.exchange_count].command = command;
    fake.exchanges[fake.exchange_count++].answer = answer;
}

static void note(const char *what, unsigned first, unsigned second)
{
    struct text text = {fake.log, sizeof fake.log, strlen(fake.log)};
    text_add(&text, "%s %u %u;", what, first, second);
}

static struct fake_reader *find(const char *name)
{
    for (size_t i = 0; i < fake.reader_count; i++)
        if (strcmp(fake.readers[i].name, name) == 0 && !fake.readers[i].gone)
            return &fake.readers[i];
    return NULL;
}

LONG WINAPI SCardEstablishContext(DWORD dwScope, LPCVOID pvReserved1, LPCVOID pvReserved2,
                                  LPSCARDCONTEXT phContext)
{
    (void)dwScope;
    (void)pvReserved1;
    (void)pvReserved2;
    if (fake.establish != SCARD_S_SUCCESS)
        return fake.establish;
    fake.contexts++;
    *phContext = 77;
    return SCARD_S_SUCCESS;
}

LONG WINAPI SCardReleaseContext(SCARDCONTEXT hContext)
{
    if (hContext != 77)
        return SCARD_E_INVALID_HANDLE;
    fake.contexts--;
    return SCARD_S_SUCCESS;
}

LONG WINAPI SCardCancel(SCARDCONTEXT hContext)
{
    atomic_store_u32(&fake.cancelled, hContext == 77 ? 1 : 0);
    return SCARD_S_SUCCESS;
}

LONG WINAPI SCardFreeMemory(SCARDCONTEXT hContext, LPCVOID pvMem)
{
    (void)hContext;
    fake.allocations--;
    free((void *)(uintptr_t)pvMem);
    return SCARD_S_SUCCESS;
}

LONG WINAPI SCardListReadersA(SCARDCONTEXT hContext, LPCSTR mszGroups, LPSTR mszReaders,
                              LPDWORD pcchReaders)
{
    char *names = calloc(1, 4096);
    size_t size = 0;
    (void)hContext;
    (void)mszGroups;
    if (names == NULL || fake.reader_count == 0 || fake.list != SCARD_S_SUCCESS) {
        free(names);
        return fake.list != SCARD_S_SUCCESS ? fake.list : SCARD_E_NO_READERS_AVAILABLE;
    }
    for (size_t i = 0; i < fake.reader_count; i++) {
        size_t length = strlen(fake.readers[i].name) + 1;
        memcpy(names + size, fake.readers[i].name, length);
        size += length;
    }
    *pcchReaders = (DWORD)size + 1;
    memcpy(mszReaders, &names, sizeof names);
    fake.allocations++;
    return SCARD_S_SUCCESS;
}

LONG WINAPI SCardListCardsA(SCARDCONTEXT hContext, LPCBYTE pbAtr,
                            LPCGUID rgquidInterfaces, DWORD cguidInterfaceCount,
                            LPSTR mszCards, LPDWORD pcchCards)
{
    char *names = calloc(1, 100);
    (void)hContext;
    (void)rgquidInterfaces;
    (void)cguidInterfaceCount;
    if (names == NULL)
        abort();
    for (size_t i = 0; i < fake.reader_count; i++) {
        uint8_t atr[36];
        size_t size = 0;
        const struct fake_reader *reader = &fake.readers[i];
        if (reader->card != NULL
            && hex_read(reader->atr, atr, sizeof atr, &size) == HEX_OK
            && memcmp(atr, pbAtr, size) == 0)
            memcpy(names, reader->card, strlen(reader->card) + 1);
    }
    *pcchCards = (DWORD)strlen(names) + (names[0] != '\0' ? 2 : 1);
    memcpy(mszCards, &names, sizeof names);
    fake.allocations++;
    return SCARD_S_SUCCESS;
}

/* True if the entry differs from what the caller knows. */
static bool report(LPSCARD_READERSTATEA entry)
{
    size_t size = 0;
    if (strstr(entry->szReader, "PnP") != NULL) {
        entry->dwEventState = (DWORD)(fake.reader_count << 16);
        return entry->dwCurrentState >> 16 != fake.reader_count;
    }
    const struct fake_reader *reader = find(entry->szReader);
    entry->cbAtr = 0;
    entry->dwEventState = reader != NULL ? reader->state : SCARD_STATE_UNKNOWN;
    if (reader != NULL && reader->atr != NULL
        && hex_read(reader->atr, entry->rgbAtr, sizeof entry->rgbAtr, &size) == HEX_OK)
        entry->cbAtr = (DWORD)size;
    if (entry->dwEventState == (entry->dwCurrentState & ~(DWORD)SCARD_STATE_CHANGED))
        return false;
    entry->dwEventState |= SCARD_STATE_CHANGED;
    return true;
}

static bool report_all(LPSCARD_READERSTATEA entries, DWORD count)
{
    bool changed = false;
    for (DWORD i = 0; i < count; i++)
        changed = report(&entries[i]) || changed;
    return changed;
}

LONG WINAPI SCardGetStatusChangeA(SCARDCONTEXT hContext, DWORD dwTimeout,
                                  LPSCARD_READERSTATEA rgReaderStates, DWORD cReaders)
{
    (void)hContext;
    if (dwTimeout == 0 && cReaders == 1 && find(rgReaderStates[0].szReader) == NULL)
        return SCARD_E_UNKNOWN_READER;
    if (report_all(rgReaderStates, cReaders))
        return SCARD_S_SUCCESS;
    if (dwTimeout == 0)
        return SCARD_E_TIMEOUT;
    if (fake.step != NULL && fake.step(fake.steps++))
        return report_all(rgReaderStates, cReaders) ? SCARD_S_SUCCESS : SCARD_E_TIMEOUT;
    if (dwTimeout == INFINITE && fake.wait == SCARD_E_TIMEOUT) {
        while (atomic_exchange_u32(&fake.cancelled, 0) == 0)
            platform_sleep_ms(1);
        return SCARD_E_CANCELLED;
    }
    platform_sleep_ms(dwTimeout == INFINITE ? 0 : dwTimeout);
    return fake.wait;
}

LONG WINAPI SCardConnectA(SCARDCONTEXT hContext, LPCSTR szReader, DWORD dwShareMode,
                          DWORD dwPreferredProtocols, LPSCARDHANDLE phCard,
                          LPDWORD pdwActiveProtocol)
{
    LONG result = dwShareMode == SCARD_SHARE_DIRECT ? fake.connect_direct : fake.connect;
    (void)hContext;
    note("connect", (unsigned)dwShareMode, (unsigned)dwPreferredProtocols);
    if (find(szReader) == NULL)
        return SCARD_E_UNKNOWN_READER;
    if (result != SCARD_S_SUCCESS)
        return result;
    fake.cards++;
    *phCard = 99;
    *pdwActiveProtocol = dwShareMode == SCARD_SHARE_DIRECT            ? 0
                         : dwPreferredProtocols == SCARD_PROTOCOL_T0  ? SCARD_PROTOCOL_T0
                         : dwPreferredProtocols == SCARD_PROTOCOL_RAW ? SCARD_PROTOCOL_RAW
                                                                      : SCARD_PROTOCOL_T1;
    return SCARD_S_SUCCESS;
}

LONG WINAPI SCardReconnect(SCARDHANDLE hCard, DWORD dwShareMode,
                           DWORD dwPreferredProtocols, DWORD dwInitialization,
                           LPDWORD pdwActiveProtocol)
{
    (void)hCard;
    (void)dwPreferredProtocols;
    *pdwActiveProtocol = SCARD_PROTOCOL_T1;
    note("reconnect", (unsigned)dwShareMode, (unsigned)dwInitialization);
    return SCARD_S_SUCCESS;
}

LONG WINAPI SCardDisconnect(SCARDHANDLE hCard, DWORD dwDisposition)
{
    if (hCard != 99)
        return SCARD_E_INVALID_HANDLE;
    fake.cards--;
    note("disconnect", (unsigned)dwDisposition, 0);
    return SCARD_S_SUCCESS;
}

LONG WINAPI SCardBeginTransaction(SCARDHANDLE hCard)
{
    (void)hCard;
    note("begin", 0, 0);
    return fake.begin;
}

LONG WINAPI SCardEndTransaction(SCARDHANDLE hCard, DWORD dwDisposition)
{
    (void)hCard;
    note("end", (unsigned)dwDisposition, 0);
    return SCARD_S_SUCCESS;
}

static LONG answer(const struct fake_exchange *exchange, LPBYTE out, LPDWORD size)
{
    size_t written = 0;
    const char *hex = exchange->answer;
    if (fake.verified && exchange->opened != NULL)
        hex = exchange->opened;
    if (hex == NULL)
        return exchange->result;
    if (hex_read(hex, out, *size, &written) != HEX_OK)
        return SCARD_E_INSUFFICIENT_BUFFER;
    *size = (DWORD)written;
    return SCARD_S_SUCCESS;
}

/* GET CHALLENGE for 8 bytes, of a card that is there: the one answer that must differ. */
static LONG challenge(LPBYTE out, LPDWORD size)
{
    memset(out, 0x5A, 10);
    fake.challenges += fake.dull ? 0 : 1;
    out[0] = (BYTE)fake.challenges;
    out[8] = 0x90;
    out[9] = 0x00;
    *size = 10;
    return SCARD_S_SUCCESS;
}

/* Notes a VERIFY that the script answers with success, and passes the result on. */
static LONG verify(LPCBYTE command, LONG result, LPCBYTE out)
{
    if (result == SCARD_S_SUCCESS && command[1] == 0x20 && out[0] == 0x90)
        fake.verified = true;
    return result;
}

LONG WINAPI SCardTransmit(SCARDHANDLE hCard, LPCSCARD_IO_REQUEST pioSendPci,
                          LPCBYTE pbSendBuffer, DWORD cbSendLength,
                          LPSCARD_IO_REQUEST pioRecvPci, LPBYTE pbRecvBuffer,
                          LPDWORD pcbRecvLength)
{
    static const struct fake_exchange unknown = {"", "6D00", 0, NULL};
    (void)hCard;
    (void)pioRecvPci;
    note("transmit", (unsigned)pioSendPci->dwProtocol, (unsigned)cbSendLength);
    if (fake.readers[0].device != NULL && (fake.readers[0].state & SCARD_STATE_EMPTY))
        return SCARD_W_REMOVED_CARD;
    if (cbSendLength == 5 && pbSendBuffer[1] == 0x84)
        return challenge(pbRecvBuffer, pcbRecvLength);
    for (size_t i = 0; i < fake.exchange_count; i++) {
        uint8_t bytes[600];
        size_t size = 0;
        if (hex_read(fake.exchanges[i].command, bytes, sizeof bytes, &size) == HEX_OK
            && size == cbSendLength && memcmp(bytes, pbSendBuffer, size) == 0)
            return verify(pbSendBuffer,
                          answer(&fake.exchanges[i], pbRecvBuffer, pcbRecvLength),
                          pbRecvBuffer);
    }
    return answer(&unknown, pbRecvBuffer, pcbRecvLength);
}

LONG WINAPI SCardStatusA(SCARDHANDLE hCard, LPSTR mszReaderName, LPDWORD pcchReaderLen,
                         LPDWORD pdwState, LPDWORD pdwProtocol, LPBYTE pbAtr,
                         LPDWORD pcbAtrLen)
{
    static const uint8_t atr[] = {0x3B, 0x80, 0x01, 0x81};
    (void)hCard;
    (void)mszReaderName;
    (void)pcchReaderLen;
    *pdwState = SCARD_SPECIFIC;
    *pdwProtocol = SCARD_PROTOCOL_T1;
    memcpy(pbAtr, atr, sizeof atr);
    *pcbAtrLen = sizeof atr;
    return SCARD_S_SUCCESS;
}

LONG WINAPI SCardGetTransmitCount(SCARDHANDLE hCard, LPDWORD pcTransmitCount)
{
    (void)hCard;
    *pcTransmitCount = 12;
    return SCARD_S_SUCCESS;
}

static LONG give(LPVOID out, DWORD room, LPDWORD size, const void *bytes, DWORD count)
{
    if (room < count)
        return SCARD_E_INSUFFICIENT_BUFFER;
    memcpy(out, bytes, count);
    *size = count;
    return SCARD_S_SUCCESS;
}

LONG WINAPI SCardControl(SCARDHANDLE hCard, DWORD dwControlCode, LPCVOID lpInBuffer,
                         DWORD nInBufferSize, LPVOID lpOutBuffer, DWORD nOutBufferSize,
                         LPDWORD lpBytesReturned)
{
    static const uint8_t features[] = {0x06, 4, 0x42, 0x33, 0, 6,
                                       0x12, 4, 0x42, 0x33, 0, 0x12};
    static const uint8_t properties[] = {0x0B, 2, 0xE6, 0x08, 0x0A, 4,   0,  0,
                                         1,    0, 0x08, 3,    'F',  'w', '1'};
    (void)hCard;
    (void)lpInBuffer;
    (void)nInBufferSize;
    if (dwControlCode == DEMO_REMOVE || dwControlCode == DEMO_INSERT) {
        fake.readers[0].state =
            dwControlCode == DEMO_REMOVE ? SCARD_STATE_EMPTY : SCARD_STATE_PRESENT;
        *lpBytesReturned = 0;
        return SCARD_S_SUCCESS;
    }
    if (dwControlCode == CM_IOCTL_GET_FEATURE_REQUEST)
        return give(lpOutBuffer, nOutBufferSize, lpBytesReturned, features,
                    sizeof features);
    if (dwControlCode == 0x42330012)
        return give(lpOutBuffer, nOutBufferSize, lpBytesReturned, properties,
                    sizeof properties);
    return SCARD_E_UNSUPPORTED_FEATURE;
}

LONG WINAPI SCardGetAttrib(SCARDHANDLE hCard, DWORD dwAttrId, LPBYTE pbAttr,
                           LPDWORD pcbAttrLen)
{
    (void)hCard;
    if (dwAttrId == SCARD_ATTR_VENDOR_NAME)
        return give(pbAttr, *pcbAttrLen, pcbAttrLen, "Maker", 6);
    if (dwAttrId == SCARD_ATTR_CHANNEL_ID)
        return give(pbAttr, *pcbAttrLen, pcbAttrLen, "\x04\x01\x20\x00", 4);
    return SCARD_E_UNSUPPORTED_FEATURE;
}

LONG WINAPI SCardGetDeviceTypeIdA(SCARDCONTEXT hContext, LPCSTR szReaderName,
                                  LPDWORD pdwDeviceTypeId)
{
    (void)hContext;
    *pdwDeviceTypeId = SCARD_READER_TYPE_USB;
    return find(szReaderName) != NULL ? SCARD_S_SUCCESS : SCARD_E_UNKNOWN_READER;
}

LONG WINAPI SCardGetReaderDeviceInstanceIdA(SCARDCONTEXT hContext, LPCSTR szReaderName,
                                            LPSTR szDeviceInstanceId,
                                            LPDWORD pcchDeviceInstanceId)
{
    (void)hContext;
    const struct fake_reader *reader = find(szReaderName);
    if (reader == NULL)
        return SCARD_E_UNKNOWN_READER;
    if (reader->device != NULL)
        return give(szDeviceInstanceId, *pcchDeviceInstanceId, pcchDeviceInstanceId,
                    reader->device, (DWORD)strlen(reader->device) + 1);
    return give(szDeviceInstanceId, *pcchDeviceInstanceId, pcchDeviceInstanceId,
                "USB\\VID_08E6&PID_3437\\1-2", 26);
}
