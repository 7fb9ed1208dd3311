/* SPDX-License-Identifier: BSD-2-Clause */
/* The IFD handler, called as pcscd calls it, on the card of software: each call, and what it
 * answers to arguments that are none, to readers that are not there, and to a card that goes. */
#include "base/atomic.h"
#include "ifd/ifd.h"
#include "os/thread.h"
#include "tests/support/check.h"
#include "tests/support/hex.h"

#include <poll.h>
#include <string.h>

enum { READER = 0x00030000, OTHER = 0x00040000, ROOM = 300 };

static const char atr_text[] = "3B9C958031FE158031B873B421605473"
                               "6F667486";

static RESPONSECODE open_channel(DWORD lun, const char *name)
{
    char copy[200];
    (void)snprintf(copy, sizeof(copy), "%s", name);
    return IFDHCreateChannelByName(lun, copy);
}

static RESPONSECODE send(DWORD lun, DWORD protocol, const char *command, UCHAR *out,
                         DWORD *size)
{
    UCHAR in[ROOM];
    SCARD_IO_HEADER pci = {protocol, sizeof(pci)}, back = {9, sizeof(back)};
    DWORD in_size = hex(command, in, sizeof(in));
    RESPONSECODE code = IFDHTransmitToICC(lun, pci, in, in_size, out, size, &back);
    if (code == IFD_SUCCESS)
        CHECK_EQ(back.Protocol, protocol);
    return code;
}

static DWORD capability(DWORD lun, DWORD tag)
{
    UCHAR value[ROOM] = {0};
    DWORD size = sizeof(value);
    CHECK_EQ(IFDHGetCapabilities(lun, tag, &size, value), IFD_SUCCESS);
    CHECK_EQ(size, 1);
    return value[0];
}

static void check_session(DWORD protocol)
{
    UCHAR atr[33], wanted[33], out[ROOM];
    DWORD size = sizeof(atr), wanted_size = hex(atr_text, wanted, sizeof(wanted));
    CHECK_EQ(IFDHICCPresence(READER), IFD_ICC_PRESENT);
    CHECK_EQ(IFDHPowerICC(READER, IFD_POWER_UP, atr, &size), IFD_SUCCESS);
    CHECK_EQ(size, wanted_size);
    CHECK_MEM(atr, wanted, wanted_size);
    size = sizeof(atr);
    CHECK_EQ(IFDHGetCapabilities(READER, TAG_IFD_ATR, &size, atr), IFD_SUCCESS);
    CHECK_EQ(size, wanted_size);
    size = sizeof(out);
    CHECK(send(READER, protocol, "00A4040C05F0534F4654", out, &size) != IFD_SUCCESS);
    CHECK_EQ(size, 0);
    CHECK_EQ(IFDHSetProtocolParameters(READER, protocol + 1, 0, 0, 0, 0), IFD_SUCCESS);
    CHECK_EQ(IFDHSetProtocolParameters(READER, protocol + 1, 0, 0, 0, 0), IFD_SUCCESS);
    size = sizeof(out);
    CHECK_EQ(send(READER, protocol, "00A4040C05F0534F4654", out, &size), IFD_SUCCESS);
    CHECK(size == 2 && out[0] == 0x90);
    size = sizeof(out);
    CHECK_EQ(send(READER, protocol, "00B0820010", out, &size), IFD_SUCCESS);
    CHECK_EQ(size, 18);
    size = 10;
    CHECK_EQ(send(READER, protocol, "00B0820010", out, &size),
             IFD_ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 0);
    size = sizeof(atr);
    CHECK_EQ(IFDHPowerICC(READER, IFD_RESET, atr, &size), IFD_SUCCESS);
    CHECK_EQ(size, wanted_size);
    CHECK_EQ(IFDHPowerICC(READER, IFD_POWER_DOWN, atr, &size), IFD_SUCCESS);
    size = sizeof(atr);
    CHECK_EQ(IFDHGetCapabilities(READER, TAG_IFD_ATR, &size, atr), IFD_SUCCESS);
    CHECK_EQ(size, 0);
}

static void check_capabilities(void)
{
    UCHAR value[ROOM];
    DWORD size = sizeof(value);
    CHECK_EQ(capability(READER, TAG_IFD_SLOTS_NUMBER), 1);
    CHECK_EQ(capability(READER, TAG_IFD_SIMULTANEOUS_ACCESS), 16);
    CHECK_EQ(capability(READER, TAG_IFD_THREAD_SAFE), 1);
    CHECK_EQ(capability(READER, TAG_IFD_SLOT_THREAD_SAFE), 1);
    CHECK_EQ(capability(READER, TAG_IFD_POLLING_THREAD_KILLABLE), 0);
    CHECK_EQ(IFDHGetCapabilities(READER, 0x00010100, &size, value), IFD_SUCCESS);
    CHECK_STR((const char *)value, "WinSCard");
    size = 3;
    CHECK_EQ(IFDHGetCapabilities(READER, 0x00010100, &size, value),
             IFD_ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 9);
    size = sizeof(value);
    CHECK_EQ(IFDHGetCapabilities(READER, 0x12345678, &size, value), IFD_ERROR_TAG);
    CHECK_EQ(IFDHSetCapabilities(READER, 0x12345678, 1, value), IFD_ERROR_TAG);
}

/* The features' codes are pcsc-lite's. */
static void check_control(void)
{
    UCHAR out[ROOM];
    DWORD size = 0;
    CHECK_EQ(IFDHControl(READER, 0x42000000 + 3400, NULL, 0, out, sizeof(out), &size),
             IFD_SUCCESS);
    CHECK(size >= 6 && size % 6 == 0);
    CHECK_MEM(out + 1, "\x04\x42\x00", 3);
    CHECK_EQ(IFDHControl(READER, 0x42000000 + 3400, NULL, 0, out, 2, &size),
             IFD_ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(IFDHControl(READER, 0x42000001, NULL, 0, out, sizeof(out), &size),
             IFD_NOT_SUPPORTED);
    CHECK_EQ(size, 0);
}

static void check_bad_arguments(void)
{
    UCHAR out[ROOM];
    DWORD size = sizeof(out);
    SCARD_IO_HEADER pci = {1, sizeof(pci)};
    CHECK_EQ(IFDHCreateChannelByName(OTHER, NULL), IFD_COMMUNICATION_ERROR);
    CHECK_EQ(open_channel(OTHER, ""), IFD_COMMUNICATION_ERROR);
    CHECK_EQ(open_channel(OTHER, "nonsense:"), IFD_COMMUNICATION_ERROR);
    CHECK_EQ(open_channel(OTHER, "soft:?pin=x"), IFD_COMMUNICATION_ERROR);
    CHECK_EQ(open_channel(OTHER | 99, "soft:"), IFD_COMMUNICATION_ERROR);
    CHECK_EQ(IFDHCreateChannel(OTHER, 1), IFD_NOT_SUPPORTED);
    CHECK_EQ(IFDHGetCapabilities(READER, TAG_IFD_ATR, NULL, out),
             IFD_COMMUNICATION_ERROR);
    CHECK_EQ(IFDHGetCapabilities(READER, TAG_IFD_ATR, &size, NULL),
             IFD_COMMUNICATION_ERROR);
    CHECK_EQ(IFDHPowerICC(READER, IFD_POWER_UP, NULL, &size), IFD_COMMUNICATION_ERROR);
    CHECK_EQ(IFDHPowerICC(READER, IFD_POWER_UP, out, NULL), IFD_COMMUNICATION_ERROR);
    CHECK_EQ(IFDHPowerICC(READER, 7, out, &size), IFD_NOT_SUPPORTED);
    CHECK_EQ(IFDHSetProtocolParameters(READER, 4, 0, 0, 0, 0),
             IFD_PROTOCOL_NOT_SUPPORTED);
    CHECK_EQ(IFDHTransmitToICC(READER, pci, out, 5, out, NULL, NULL),
             IFD_COMMUNICATION_ERROR);
    CHECK_EQ(IFDHTransmitToICC(READER, pci, NULL, 5, out, &size, NULL),
             IFD_COMMUNICATION_ERROR);
    size = sizeof(out);
    CHECK_EQ(IFDHTransmitToICC(READER, pci, out, 1000000, out, &size, NULL),
             IFD_COMMUNICATION_ERROR);
    pci.Protocol = 7;
    size = sizeof(out);
    CHECK_EQ(IFDHTransmitToICC(READER, pci, out, 5, out, &size, NULL),
             IFD_PROTOCOL_NOT_SUPPORTED);
    CHECK_EQ(IFDHControl(READER, 1, NULL, 0, out, sizeof(out), NULL),
             IFD_COMMUNICATION_ERROR);
}

/* What is not open, or is not any more. */
static void check_not_open(DWORD lun)
{
    UCHAR out[ROOM];
    DWORD size = sizeof(out);
    SCARD_IO_HEADER pci = {1, sizeof(pci)};
    CHECK_EQ(IFDHICCPresence(lun), IFD_NO_SUCH_DEVICE);
    CHECK_EQ(IFDHPowerICC(lun, IFD_POWER_UP, out, &size), IFD_NO_SUCH_DEVICE);
    CHECK_EQ(IFDHSetProtocolParameters(lun, 2, 0, 0, 0, 0), IFD_NO_SUCH_DEVICE);
    CHECK_EQ(IFDHTransmitToICC(lun, pci, out, 5, out, &size, NULL), IFD_NO_SUCH_DEVICE);
    CHECK_EQ(IFDHControl(lun, 1, NULL, 0, out, sizeof(out), &size), IFD_NO_SUCH_DEVICE);
    CHECK_EQ(IFDHGetCapabilities(lun, TAG_IFD_SLOTS_NUMBER, &size, out),
             IFD_NO_SUCH_DEVICE);
    CHECK_EQ(IFDHSetCapabilities(lun, TAG_IFD_ATR, 1, out), IFD_NO_SUCH_DEVICE);
    CHECK_EQ(IFDHCloseChannel(lun), IFD_NO_SUCH_DEVICE);
}

/* Slots of one reader are opened and closed each by itself. */
static void check_slots(void)
{
    CHECK_EQ(open_channel(OTHER, "\"soft:?count=3\""), IFD_SUCCESS);
    CHECK_EQ(capability(OTHER, TAG_IFD_SLOTS_NUMBER), 3);
    CHECK_EQ(open_channel(OTHER | 2, "\"soft:?count=3\""), IFD_SUCCESS);
    CHECK_EQ(IFDHICCPresence(OTHER | 2), IFD_ICC_PRESENT);
    CHECK_EQ(IFDHICCPresence(OTHER | 1), IFD_NO_SUCH_DEVICE);
    CHECK_EQ(IFDHCloseChannel(OTHER), IFD_SUCCESS);
    CHECK_EQ(IFDHICCPresence(OTHER), IFD_NO_SUCH_DEVICE);
    CHECK_EQ(IFDHICCPresence(OTHER | 2), IFD_ICC_PRESENT);
    CHECK_EQ(IFDHCloseChannel(OTHER | 2), IFD_SUCCESS);
    check_not_open(OTHER | 2);
}

/* --- A reader that does not come ------------------------------------------------------- */

struct absent {
    uint32_t began, done; /* atomic */
    RESPONSECODE code;
};

static void open_absent(void *context)
{
    struct absent *absent = context;
    atomic_store_u32(&absent->began, 1);
    absent->code = open_channel(OTHER, "phoenix:/nowhere/line");
    atomic_store_u32(&absent->done, 1);
}

/* It is waited for, for seconds, in which others go on. */
static void check_absent(void)
{
    struct absent absent = {0};
    struct os_thread thread;
    uint32_t calls = 0;
    CHECK_EQ(os_thread_start(&thread, "absent", open_absent, &absent), SC_OK);
    while (atomic_load_u32(&absent.began) == 0)
        (void)poll(NULL, 0, 1);
    while (atomic_load_u32(&absent.done) == 0) {
        CHECK_EQ(IFDHICCPresence(READER), IFD_ICC_PRESENT);
        CHECK_EQ(IFDHICCPresence(OTHER), IFD_NO_SUCH_DEVICE);
        calls++;
        (void)poll(NULL, 0, 10);
    }
    os_thread_join(&thread);
    CHECK_EQ(absent.code, IFD_NO_SUCH_DEVICE);
    CHECK(calls > 20); /* a lock would have let one in before it, and one behind */
    check_not_open(OTHER);
}

/* --- Waiting for cards ---------------------------------------------------------------- */

typedef RESPONSECODE wait_call(DWORD Lun, int timeout_ms);
typedef RESPONSECODE stop_call(DWORD Lun);
static wait_call *wait_for_card;

static void wait_forever(void *context)
{
    RESPONSECODE *code = context;
    *code = wait_for_card(OTHER, 2000000000);
}

static void check_waits(void)
{
    stop_call *stop = NULL;
    UCHAR atr[33];
    DWORD size = sizeof(wait_for_card);
    RESPONSECODE code = 1;
    struct os_thread thread;
    CHECK_EQ(open_channel(OTHER, "soft:?blink=50"), IFD_SUCCESS);
    CHECK_EQ(IFDHGetCapabilities(OTHER, TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, &size,
                                 (UCHAR *)(void *)&wait_for_card),
             IFD_SUCCESS);
    size = sizeof(stop);
    CHECK_EQ(IFDHGetCapabilities(OTHER, TAG_IFD_STOP_POLLING_THREAD, &size,
                                 (UCHAR *)(void *)&stop),
             IFD_SUCCESS);
    /* The card goes and comes by itself. */
    for (int i = 0; i < 4; i++)
        CHECK_EQ(wait_for_card(OTHER, 2000000000), IFD_SUCCESS);
    CHECK_EQ(wait_for_card(READER, 1), IFD_SUCCESS); /* its time is over */
    while (IFDHICCPresence(OTHER) == IFD_ICC_PRESENT)
        CHECK_EQ(wait_for_card(OTHER, 2000000000), IFD_SUCCESS);
    size = sizeof(atr);
    code = IFDHPowerICC(OTHER, IFD_POWER_UP, atr, &size);
    CHECK(code == IFD_ICC_NOT_PRESENT || code == IFD_SUCCESS); /* it may be in again */
    CHECK_EQ(IFDHCloseChannel(OTHER), IFD_SUCCESS);
    CHECK_EQ(wait_for_card(OTHER, 1), IFD_NO_SUCH_DEVICE);
    CHECK_EQ(stop(OTHER), IFD_NO_SUCH_DEVICE);
    /* One that never moves: the wait is ended. */
    CHECK_EQ(open_channel(OTHER, "soft:"), IFD_SUCCESS);
    code = 1;
    CHECK_EQ(os_thread_start(&thread, "wait", wait_forever, &code), SC_OK);
    CHECK_EQ(stop(OTHER), IFD_SUCCESS);
    os_thread_join(&thread);
    CHECK_EQ(code, IFD_SUCCESS);
    CHECK_EQ(IFDHCloseChannel(OTHER), IFD_SUCCESS);
}

int main(void)
{
    check_not_open(READER);
    CHECK_EQ(open_channel(READER, "soft:"), IFD_SUCCESS);
    check_session(0);
    check_session(1);
    check_capabilities();
    check_control();
    check_bad_arguments();
    check_slots();
    check_absent();
    check_waits();
    CHECK_EQ(IFDHCloseChannel(READER), IFD_SUCCESS);
    check_not_open(READER);
    return check_result();
}
