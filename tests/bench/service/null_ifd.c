/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's null driver: IFD Handler 3.0 over the card of null_card.h, as little work as
 * there can be. With NULL_READER_EVENTS it has an event thread; without, pcscd polls. */
#include "tests/bench/service/null_card.h"

#include <ifdhandler.h>
#include <poll.h>
#include <reader.h>
#include <unistd.h>

struct null_reader {
    int events;  /* -1: no event thread */
    int stop[2]; /* a pipe that ends the wait for events */
    int absent;  /* atomic */
};

static struct null_reader readers[NULL_READERS_MAX];

static struct null_reader *find(DWORD lun)
{
    DWORD number = lun >> 16;
    return number < NULL_READERS_MAX && (lun & 0xFFFF) == 0 ? &readers[number] : NULL;
}

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel)
{
    struct null_reader *reader = find(lun);
    if (reader == NULL)
        return IFD_NO_SUCH_DEVICE;
    reader->events = null_card_events((unsigned)channel);
    if (reader->events >= 0 && pipe(reader->stop) != 0)
        return IFD_COMMUNICATION_ERROR;
    return IFD_SUCCESS;
}

/* The name is "null:N". */
RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name)
{
    const char *number = strchr(name, ':');
    return IFDHCreateChannel(lun, number != NULL ? strtoul(number + 1, NULL, 10) : 0);
}

RESPONSECODE IFDHCloseChannel(DWORD lun)
{
    struct null_reader *reader = find(lun);
    if (reader == NULL)
        return IFD_NO_SUCH_DEVICE;
    if (reader->events >= 0) {
        close(reader->events);
        close(reader->stop[0]);
        close(reader->stop[1]);
    }
    reader->events = -1;
    return IFD_SUCCESS;
}

/* pcscd's event thread calls this in a loop, and IFDHICCPresence() after it. It is
 * stopped not only at the end, but whenever a first client connects. */
static RESPONSECODE wait_event(DWORD lun, int timeout_ms)
{
    struct null_reader *reader = find(lun);
    struct pollfd waits[2] = {{.fd = reader->events, .events = POLLIN},
                              {.fd = reader->stop[0], .events = POLLIN}};
    char event;
    if (poll(waits, 2, timeout_ms) <= 0)
        return IFD_SUCCESS;
    if (waits[1].revents != 0 && read(reader->stop[0], &event, 1) != 1)
        return IFD_COMMUNICATION_ERROR;
    if (waits[0].revents != 0 && read(reader->events, &event, 1) == 1)
        __atomic_store_n(&reader->absent, event == 'r', __ATOMIC_RELEASE);
    return IFD_SUCCESS;
}

static RESPONSECODE stop_waiting(DWORD lun)
{
    struct null_reader *reader = find(lun);
    return write(reader->stop[1], "", 1) == 1 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

static RESPONSECODE give(const void *from, DWORD size, PDWORD length, PUCHAR value)
{
    if (*length < size)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(value, from, size);
    *length = size;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value)
{
    static const UCHAR yes = 1, slots = 1, many = NULL_READERS_MAX;
    RESPONSECODE (*const wait)(DWORD, int) = wait_event;
    RESPONSECODE (*const stop)(DWORD) = stop_waiting;
    const struct null_reader *reader = find(lun);
    if (reader == NULL)
        return IFD_NO_SUCH_DEVICE;
    switch (tag) {
    case TAG_IFD_ATR:
    case SCARD_ATTR_ATR_STRING:
        return give(null_atr, sizeof(null_atr), length, value);
    case SCARD_ATTR_VENDOR_NAME:
        return give("Null", 5, length, value);
    case TAG_IFD_SLOTS_NUMBER:
        return give(&slots, 1, length, value);
    case TAG_IFD_SIMULTANEOUS_ACCESS:
        return give(&many, 1, length, value);
    case TAG_IFD_THREAD_SAFE:
    case TAG_IFD_SLOT_THREAD_SAFE:
        return give(&yes, 1, length, value);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
        return reader->events < 0 ? IFD_ERROR_TAG
                                  : give(&wait, sizeof(wait), length, value);
    case TAG_IFD_STOP_POLLING_THREAD:
        return reader->events < 0 ? IFD_ERROR_TAG
                                  : give(&stop, sizeof(stop), length, value);
    default:
        return IFD_ERROR_TAG;
    }
}

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value)
{
    (void)lun, (void)tag, (void)length, (void)value;
    return IFD_ERROR_TAG;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1,
                                       UCHAR pts2, UCHAR pts3)
{
    (void)protocol, (void)flags, (void)pts1, (void)pts2, (void)pts3;
    return find(lun) != NULL ? IFD_SUCCESS : IFD_NO_SUCH_DEVICE;
}

RESPONSECODE IFDHICCPresence(DWORD lun)
{
    struct null_reader *reader = find(lun);
    if (reader == NULL)
        return IFD_NO_SUCH_DEVICE;
    return __atomic_load_n(&reader->absent, __ATOMIC_ACQUIRE) ? IFD_ICC_NOT_PRESENT
                                                              : IFD_ICC_PRESENT;
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD length)
{
    if (action == IFD_POWER_DOWN) {
        *length = 0;
        return find(lun) != NULL ? IFD_SUCCESS : IFD_NO_SUCH_DEVICE;
    }
    if (IFDHICCPresence(lun) != IFD_ICC_PRESENT)
        return IFD_ERROR_POWER_ACTION;
    memcpy(atr, null_atr, sizeof(null_atr));
    *length = sizeof(null_atr);
    return IFD_SUCCESS;
}

RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER send, PUCHAR in, DWORD in_size,
                               PUCHAR out, PDWORD out_size, PSCARD_IO_HEADER received)
{
    (void)received;
    (void)send;
    size_t size = null_card_size(in, in_size);
    if (IFDHICCPresence(lun) != IFD_ICC_PRESENT)
        return IFD_ICC_NOT_PRESENT;
    if (size == 0)
        return IFD_COMMUNICATION_ERROR;
    if (size > *out_size)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    null_card_answer(in, out, size);
    *out_size = size;
    return IFD_SUCCESS;
}

/* Echoes; knows no feature of part 10. */
RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR in, DWORD in_size, PUCHAR out,
                         DWORD out_room, LPDWORD out_size)
{
    *out_size = 0;
    if (find(lun) == NULL)
        return IFD_NO_SUCH_DEVICE;
    if (code == SCARD_CTL_CODE(3400))
        return IFD_ERROR_NOT_SUPPORTED;
    if (in_size > out_room)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    if (in_size > 0)
        memcpy(out, in, in_size);
    *out_size = in_size;
    return IFD_SUCCESS;
}
