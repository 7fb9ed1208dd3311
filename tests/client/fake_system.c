/* SPDX-License-Identifier: BSD-2-Clause */
/* The DLL of fake_system.h. FAKE_OLD: without the calls of later Windows. FAKE_POOR: without
 * one that every winscard.dll has. */
#include "tests/client/fake_system.h"

#include <windows.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fake_system fake = {.next_handle = 1};

__declspec(dllexport) struct fake_system *fake_system(void);
struct fake_system *fake_system(void)
{
    return &fake;
}

/* Handles that a program's 32 bits do not hold, where they are wider. */
static ULONG_PTR new_handle(void)
{
    return (ULONG_PTR)0xCD << (8 * (sizeof(ULONG_PTR) - 1)) | fake.next_handle++;
}

static unsigned number(ULONG_PTR handle)
{
    return (unsigned)(handle & 0xFFFFFF);
}

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    va_list arguments;
    size_t used = strlen(fake.log);
    if (fake.silent)
        return;
    va_start(arguments, format);
    vsnprintf(fake.log + used, sizeof(fake.log) - used, format, arguments);
    va_end(arguments);
}

/* Names of the tests are of Latin-1. */
static const char *narrow(LPCWSTR wide)
{
    static char text[1024];
    size_t i = 0;
    for (; wide != NULL && wide[i] != 0 && i < sizeof(text) - 1; i++)
        text[i] = (char)wide[i];
    text[i] = '\0';
    return text;
}

static LONG give(LPVOID out, DWORD *size)
{
    DWORD room = *size;
    *size = fake.answer_size;
    if (fake.result == 0 && fake.answer_size > room)
        return SCARD_E_INSUFFICIENT_BUFFER;
    if (fake.result == 0)
        memcpy(out, fake.answer, fake.answer_size);
    return fake.result;
}

#define CALL(result) __declspec(dllexport) result WINAPI

CALL(LONG)
SCardEstablishContext(DWORD scope, LPCVOID one, LPCVOID two, LPSCARDCONTEXT context)
{
    note("establish %lu %d\n", (unsigned long)scope, one == NULL && two == NULL);
    if (fake.result == 0)
        *context = new_handle();
    return fake.result;
}

CALL(LONG) SCardReleaseContext(SCARDCONTEXT context)
{
    note("release %u\n", number(context));
    fake.released++;
    return fake.result;
}

CALL(LONG) SCardIsValidContext(SCARDCONTEXT context)
{
    note("check %u\n", number(context));
    return fake.check_result;
}

CALL(LONG) SCardCancel(SCARDCONTEXT context)
{
    note("cancel %u\n", number(context));
    if (fake.cancelled != NULL)
        SetEvent(fake.cancelled);
    return fake.result;
}

CALL(LONG) SCardFreeMemory(SCARDCONTEXT context, LPCVOID memory)
{
    (void)context;
    fake.allocated--;
    free((void *)(uintptr_t)memory);
    return SCARD_S_SUCCESS;
}

CALL(LONG)
SCardListReadersW(SCARDCONTEXT context, LPCWSTR groups, LPWSTR readers, LPDWORD size)
{
    note("list %u %d %lx\n", number(context), groups == NULL, (unsigned long)*size);
    if (fake.result != 0)
        return fake.result;
    void *memory = malloc(sizeof(fake.readers));
    if (memory == NULL)
        return SCARD_E_NO_MEMORY;
    fake.allocated++;
    memcpy(memory, fake.readers, sizeof(fake.readers));
    memcpy(readers, &memory, sizeof(memory));
    *size = sizeof(fake.readers) / sizeof(WCHAR);
    return SCARD_S_SUCCESS;
}

CALL(LONG)
SCardGetStatusChangeW(SCARDCONTEXT context, DWORD timeout, LPSCARD_READERSTATEW states,
                      DWORD count)
{
    note("watch %u %lx %lu\n", number(context), (unsigned long)timeout,
         (unsigned long)count);
    for (DWORD i = 0; i < count; i++) {
        note("  \"%s\" %lx\n", narrow(states[i].szReader),
             (unsigned long)states[i].dwCurrentState);
        states[i].dwEventState = fake.event + i;
        states[i].cbAtr = fake.answer_size;
        memcpy(states[i].rgbAtr, fake.answer, sizeof(states[i].rgbAtr));
    }
    if (!fake.waits)
        return fake.result;
    SetEvent(fake.waiting);
    WaitForSingleObject(fake.cancelled, INFINITE);
    return SCARD_E_CANCELLED;
}

CALL(LONG)
SCardConnectW(SCARDCONTEXT context, LPCWSTR reader, DWORD share, DWORD protocols,
              LPSCARDHANDLE card, LPDWORD active)
{
    note("connect %u \"%s\" %lu %lx\n", number(context), narrow(reader),
         (unsigned long)share, (unsigned long)protocols);
    if (fake.result == 0) {
        *card = new_handle();
        *active = fake.protocol;
    }
    return fake.result;
}

CALL(LONG)
SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD initialization,
               LPDWORD active)
{
    note("reconnect %u %lu %lx %lu\n", number(card), (unsigned long)share,
         (unsigned long)protocols, (unsigned long)initialization);
    if (fake.result == 0)
        *active = fake.protocol;
    return fake.result;
}

CALL(LONG) SCardDisconnect(SCARDHANDLE card, DWORD disposition)
{
    note("disconnect %u %lu\n", number(card), (unsigned long)disposition);
    return fake.result;
}

CALL(LONG) SCardBeginTransaction(SCARDHANDLE card)
{
    note("begin %u\n", number(card));
    return fake.result;
}

CALL(LONG) SCardEndTransaction(SCARDHANDLE card, DWORD disposition)
{
    note("end %u %lu\n", number(card), (unsigned long)disposition);
    return fake.result;
}

CALL(LONG)
SCardStatusW(SCARDHANDLE card, LPWSTR names, LPDWORD size, LPDWORD state,
             LPDWORD protocol, LPBYTE atr, LPDWORD atr_size)
{
    note("status %u\n", number(card));
    memcpy(names, fake.names, sizeof(fake.names));
    *size = sizeof(fake.names) / sizeof(WCHAR);
    *state = fake.state;
    *protocol = fake.protocol;
    memcpy(atr, fake.answer, *atr_size);
    *atr_size = fake.answer_size;
    return fake.result;
}

CALL(LONG)
SCardTransmit(SCARDHANDLE card, LPCSCARD_IO_REQUEST send_pci, LPCBYTE in, DWORD in_size,
              LPSCARD_IO_REQUEST receive_pci, LPBYTE out, LPDWORD out_size)
{
    note("transmit %u %lx %lu %02x..%02x %lu\n", number(card),
         send_pci != NULL ? (unsigned long)send_pci->dwProtocol : 0xFFFF,
         (unsigned long)in_size, in[0], in[in_size - 1], (unsigned long)*out_size);
    if (receive_pci != NULL)
        receive_pci->dwProtocol = fake.protocol;
    LONG result = give(out, out_size);
    return result == SCARD_E_INSUFFICIENT_BUFFER ? ERROR_INSUFFICIENT_BUFFER : result;
}

CALL(LONG)
SCardControl(SCARDHANDLE card, DWORD code, LPCVOID in, DWORD in_size, LPVOID out,
             DWORD out_room, LPDWORD out_size)
{
    note("control %u %lx %lu %d %lu\n", number(card), (unsigned long)code,
         (unsigned long)in_size, in != NULL, (unsigned long)out_room);
    *out_size = out_room;
    return give(out, out_size);
}

CALL(LONG) SCardGetAttrib(SCARDHANDLE card, DWORD id, LPBYTE value, LPDWORD size)
{
    note("get %u %lx %lu\n", number(card), (unsigned long)id, (unsigned long)*size);
    return give(value, size);
}

#ifndef FAKE_POOR
CALL(LONG) SCardSetAttrib(SCARDHANDLE card, DWORD id, LPCBYTE value, DWORD size)
{
    note("set %u %lx %02x %lu\n", number(card), (unsigned long)id, value[0],
         (unsigned long)size);
    return fake.result;
}
#endif

#ifndef FAKE_OLD
CALL(LONG) SCardGetTransmitCount(SCARDHANDLE card, LPDWORD count)
{
    note("count %u\n", number(card));
    *count = fake.count;
    return fake.result;
}

CALL(LONG)
SCardReadCacheW(SCARDCONTEXT context, UUID *id, DWORD freshness, LPWSTR name, PBYTE data,
                DWORD *size)
{
    note("read %u %08lx %lu \"%s\" %lu\n", number(context), (unsigned long)id->Data1,
         (unsigned long)freshness, narrow(name), (unsigned long)*size);
    return give(data, size);
}

CALL(LONG)
SCardWriteCacheW(SCARDCONTEXT context, UUID *id, DWORD freshness, LPWSTR name, PBYTE data,
                 DWORD size)
{
    note("write %u %08lx %lu \"%s\" %02x %lu\n", number(context),
         (unsigned long)id->Data1, (unsigned long)freshness, narrow(name), data[0],
         (unsigned long)size);
    return fake.result;
}

CALL(LONG) SCardGetDeviceTypeIdW(SCARDCONTEXT context, LPCWSTR reader, LPDWORD type)
{
    note("type %u \"%s\"\n", number(context), narrow(reader));
    *type = fake.type;
    return fake.result;
}

CALL(LONG)
SCardGetReaderDeviceInstanceIdW(SCARDCONTEXT context, LPCWSTR reader, LPWSTR device,
                                LPDWORD size)
{
    static const WCHAR id[] = L"USB\\VID_08E6&PID_3437\\1";
    note("device %u \"%s\" %lu\n", number(context), narrow(reader), (unsigned long)*size);
    memcpy(device, id, sizeof(id));
    *size = sizeof(id) / sizeof(id[0]);
    return fake.result;
}

CALL(HANDLE) SCardAccessStartedEvent(void)
{
    return fake.started;
}
#endif
