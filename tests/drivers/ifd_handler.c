/* SPDX-License-Identifier: BSD-2-Clause */
/* An IFD handler for tests, which does what its device's name and its commands ask for: well or
 * badly. The name is words with a '+' between; commands with CLA 80 misbehave by their INS.
 *
 * Compiled with IFD_HANDLER_VERSION 2 it has no IFDHCreateChannelByName(), and is named by
 * its channel: 1 behaves, 2 is no device. */
#include "ifd/ifd.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef IFD_HANDLER_VERSION
#define IFD_HANDLER_VERSION 3
#endif

void log_msg(int priority, const char *format, ...);

enum { READERS = 16, SLOTS = 4, FOREVER_MS = 600000 };

static const UCHAR answer_to_reset[] = {0x3B, 0x80, 0x80, 0x01, 0x01};

static struct {
    char name[128];
    bool powered[SLOTS];
    int absent[SLOTS]; /* looks for which it says that no card is in; -1: always */
    unsigned tries[SLOTS];
    int moved[SLOTS]; /* atomic: ends the wait */
} readers[READERS];

static int inside;     /* atomic: calls that run */
static int overlapped; /* atomic: two have run at a time */

static void enter(void)
{
    if (__atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST) > 1)
        __atomic_store_n(&overlapped, 1, __ATOMIC_SEQ_CST);
}

static RESPONSECODE leave(RESPONSECODE code)
{
    (void)__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    return code;
}

static unsigned reader_of(DWORD lun)
{
    return (unsigned)(lun >> 16) % READERS;
}

static unsigned slot_of(DWORD lun)
{
    return (unsigned)(lun & 0xFFFF) % SLOTS;
}

static bool is_asked(DWORD lun, const char *word)
{
    return strstr(readers[reader_of(lun)].name, word) != NULL;
}

static void hang(void)
{
    for (;;)
        (void)poll(NULL, 0, FOREVER_MS);
}

static void crash(void)
{
    volatile int *nowhere = NULL;
    *nowhere = 1; // NOLINT: it is to crash
}

/* A process of its own that stays, and holds all descriptors. */
static void fork_one(void)
{
    if (fork() == 0)
        hang();
}

static RESPONSECODE open_reader(DWORD lun, const char *name)
{
    enter();
    (void)snprintf(readers[reader_of(lun)].name, sizeof(readers[0].name), "%s", name);
    readers[reader_of(lun)].absent[slot_of(lun)] = is_asked(lun, "empty") ? -1 : 0;
    log_msg(1, "opens %s", name);
    if (is_asked(lun, "openhang"))
        hang();
    if (is_asked(lun, "opencrash"))
        crash();
    if (is_asked(lun, "openexit"))
        exit(0);
    if (is_asked(lun, "openfork"))
        fork_one();
    return leave(is_asked(lun, "nodevice") ? IFD_NO_SUCH_DEVICE : IFD_SUCCESS);
}

#if IFD_HANDLER_VERSION == 3
RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
    return open_reader(Lun, DeviceName);
}
#endif

RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
    return open_reader(Lun, Channel == 2 ? "nodevice" : "behaves");
}

RESPONSECODE IFDHCloseChannel(DWORD Lun)
{
    enter();
    if (is_asked(Lun, "closehang"))
        hang();
    return leave(IFD_SUCCESS);
}

/* --- Capabilities ---------------------------------------------------------------------- */

static RESPONSECODE wait_for_card(DWORD Lun, int timeout_ms)
{
    int *moved = &readers[reader_of(Lun)].moved[slot_of(Lun)];
    if (is_asked(Lun, "killable"))
        hang();
    for (int ms = 0; ms < timeout_ms; ms += 5) {
        if (__atomic_exchange_n(moved, 0, __ATOMIC_SEQ_CST) != 0)
            return IFD_SUCCESS;
        (void)poll(NULL, 0, 5);
    }
    return IFD_SUCCESS;
}

static RESPONSECODE stop_waiting(DWORD Lun)
{
    __atomic_store_n(&readers[reader_of(Lun)].moved[slot_of(Lun)], 1, __ATOMIC_SEQ_CST);
    return IFD_SUCCESS;
}

static RESPONSECODE give(PDWORD length, PUCHAR value, const void *bytes, size_t size)
{
    *length = size;
    memcpy(value, bytes, size);
    return IFD_SUCCESS;
}

static RESPONSECODE give_byte(PDWORD length, PUCHAR value, int number)
{
    UCHAR byte = (UCHAR)number;
    return give(length, value, &byte, 1);
}

static RESPONSECODE get(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
    typedef RESPONSECODE wait_call(DWORD lun, int timeout_ms);
    typedef RESPONSECODE stop_call(DWORD lun);
    wait_call *const wait = wait_for_card;
    stop_call *const stop = stop_waiting;
    switch (Tag) {
    case TAG_IFD_SLOTS_NUMBER:
        return give_byte(Length, Value,
                         is_asked(Lun, "two")    ? 2
                         : is_asked(Lun, "many") ? 200
                                                 : 1);
    case TAG_IFD_SLOT_THREAD_SAFE:
    case TAG_IFD_THREAD_SAFE:
        return give_byte(Length, Value, is_asked(Lun, "safe") ? 1 : 0);
    case TAG_IFD_SIMULTANEOUS_ACCESS:
        return give_byte(Length, Value, READERS);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
        return is_asked(Lun, "wait") || is_asked(Lun, "killable")
                   ? give(Length, Value, &wait, sizeof(wait))
                   : IFD_ERROR_TAG;
    case TAG_IFD_POLLING_THREAD_KILLABLE:
        return give_byte(Length, Value, is_asked(Lun, "killable") ? 1 : 0);
    case TAG_IFD_STOP_POLLING_THREAD:
        return is_asked(Lun, "wait") ? give(Length, Value, &stop, sizeof(stop))
                                     : IFD_ERROR_TAG;
    case 0x00010100:
        return give(Length, Value, "Maker", 6);
    case 0x7FFF0001: /* more than there is room for, it says */
        *Length = 1000000;
        return IFD_SUCCESS;
    case 0x7FFF0002: /* and writes so */
        memset(Value, 7, *Length + 16);
        return IFD_SUCCESS;
    case 0x7FFF0003:
        return give_byte(Length, Value, __atomic_load_n(&overlapped, __ATOMIC_SEQ_CST));
    default:
        return IFD_ERROR_TAG;
    }
}

RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
    enter();
    return leave(get(Lun, Tag, Length, Value));
}

RESPONSECODE IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
    (void)Lun;
    enter();
    if (Tag == 0x7FFF0004)
        return leave(Length == 1 && Value[0] == 5 ? IFD_SUCCESS : IFD_ERROR_SET_FAILURE);
    return leave(Tag == 0x7FFF0005 ? IFD_ERROR_VALUE_READ_ONLY : IFD_ERROR_TAG);
}

RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1,
                                       UCHAR PTS2, UCHAR PTS3)
{
    (void)Flags;
    (void)PTS1;
    (void)PTS2;
    (void)PTS3;
    enter();
    if (is_asked(Lun, "nopts"))
        return leave(IFD_NOT_SUPPORTED);
    return leave(Protocol == 2 ? IFD_SUCCESS : IFD_PROTOCOL_NOT_SUPPORTED);
}

/* --- Cards ----------------------------------------------------------------------------- */

RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
    bool *powered = &readers[reader_of(Lun)].powered[slot_of(Lun)];
    enter();
    *powered = false;
    if (is_asked(Lun, "mute"))
        return leave(Action == IFD_POWER_DOWN ? IFD_SUCCESS : IFD_ERROR_POWER_ACTION);
    if (is_asked(Lun, "second") && Action != IFD_POWER_DOWN
        && readers[reader_of(Lun)].tries[slot_of(Lun)]++ % 2 == 0)
        return leave(IFD_COMMUNICATION_ERROR);
    *AtrLength = 0;
    if (Action == IFD_POWER_DOWN)
        return leave(IFD_SUCCESS);
    *powered = true;
    if (is_asked(Lun, "longatr")) {
        *AtrLength = 200;
        return leave(IFD_SUCCESS);
    }
    if (!is_asked(Lun, "noatr"))
        (void)give(AtrLength, Atr, answer_to_reset, sizeof(answer_to_reset));
    return leave(IFD_SUCCESS);
}

static void spoil_descriptors(bool close_them)
{
    for (int i = 3; i < 32; i++)
        if (close_them)
            (void)close(i);
        else if (write(i, "garbage, garbage, garbage", 25) < 0)
            continue;
}

/* The card is out for the next two looks. */
static RESPONSECODE pull(DWORD lun)
{
    readers[reader_of(lun)].absent[slot_of(lun)] = 2;
    __atomic_store_n(&readers[reader_of(lun)].moved[slot_of(lun)], 1, __ATOMIC_SEQ_CST);
    return IFD_ICC_NOT_PRESENT;
}

/* tidy: table */
static RESPONSECODE misbehave(DWORD lun, UCHAR how, PUCHAR out, PDWORD size)
{
    switch (how) {
    case 0x01:
        crash();
        break;
    case 0x02:
        hang();
        break;
    case 0x03:
        *size = 1000000;
        return IFD_SUCCESS;
    case 0x04:
        memset(out, 7, *size + 16);
        return IFD_SUCCESS;
    case 0x05:
        fork_one();
        break;
    case 0x06:
        exit(0);
    case 0x07:
        (void)poll(NULL, 0, 200);
        break;
    case 0x08:
        abort();
    case 0x09:
        return pull(lun);
    case 0x0A:
        return IFD_RESPONSE_TIMEOUT;
    case 0x0B:
        (void)raise(SIGSTOP);
        break;
    case 0x0C:
        spoil_descriptors(true);
        break;
    case 0x0D:
        spoil_descriptors(false);
        break;
    case 0x0E:
        return IFD_NO_SUCH_DEVICE;
    case 0x0F:
        return 12345;
    case 0x10:
        *size = 1;
        return IFD_SUCCESS;
    case 0x11:
        (void)puts("what a handler prints");
        (void)fflush(stdout);
        break;
    case 0x12:
        (void)poll(NULL, 0, 1);
        break;
    default:
        break;
    }
    out[0] = 0x90;
    out[1] = 0x00;
    *size = 2;
    return IFD_SUCCESS;
}

static RESPONSECODE transmit(DWORD Lun, const UCHAR *in, DWORD in_size, PUCHAR out,
                             PDWORD size)
{
    DWORD room = *size;
    if (!readers[reader_of(Lun)].powered[slot_of(Lun)])
        return IFD_COMMUNICATION_ERROR;
    if (in_size >= 2 && in[0] == 0x80)
        return misbehave(Lun, in[1], out, size);
    *size = 0;
    if (room < in_size + 2)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(out, in, in_size);
    out[in_size] = 0x90;
    out[in_size + 1] = 0x00;
    *size = in_size + 2;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer,
                               DWORD TxLength, PUCHAR RxBuffer, PDWORD RxLength,
                               PSCARD_IO_HEADER RecvPci)
{
    enter();
    RecvPci->Protocol = SendPci.Protocol;
    return leave(transmit(Lun, TxBuffer, TxLength, RxBuffer, RxLength));
}

#if IFD_HANDLER_VERSION == 3
RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
                         PUCHAR RxBuffer, DWORD RxLength, PDWORD pdwBytesReturned)
{
    static const UCHAR features[] = {0x12, 4, 0x42, 0x33, 0x00, 0x12};
    (void)Lun;
    enter();
    *pdwBytesReturned = 0;
    if (dwControlCode == 0x42000D48 && RxLength >= sizeof(features))
        return leave(give(pdwBytesReturned, RxBuffer, features, sizeof(features)));
    if (dwControlCode == 0x42330012 || dwControlCode == 0x42000001) {
        *pdwBytesReturned = TxLength;
        if (TxLength > RxLength)
            return leave(IFD_ERROR_INSUFFICIENT_BUFFER);
        memcpy(RxBuffer, TxBuffer, TxLength);
        return leave(IFD_SUCCESS);
    }
    return leave(IFD_ERROR_NOT_SUPPORTED);
}
#else
RESPONSECODE control_2(DWORD Lun, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer,
                       PDWORD RxLength) __asm__("IFDHControl");
__attribute__((visibility("default"))) RESPONSECODE
control_2(DWORD Lun, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer, PDWORD RxLength)
{
    (void)Lun;
    enter();
    if (TxLength > *RxLength)
        return leave(IFD_ERROR_INSUFFICIENT_BUFFER);
    memcpy(RxBuffer, TxBuffer, TxLength);
    *RxLength = TxLength;
    return leave(IFD_SUCCESS);
}
#endif

RESPONSECODE IFDHICCPresence(DWORD Lun)
{
    int *absent = &readers[reader_of(Lun)].absent[slot_of(Lun)];
    enter();
    if (*absent == 0)
        return leave(IFD_ICC_PRESENT);
    *absent -= *absent > 0 ? 1 : 0;
    __atomic_store_n(&readers[reader_of(Lun)].moved[slot_of(Lun)], 1, __ATOMIC_SEQ_CST);
    return leave(IFD_ICC_NOT_PRESENT);
}
