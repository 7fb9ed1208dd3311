/* SPDX-License-Identifier: BSD-2-Clause */
/* Who was told that the card is out finds it nowhere: not by calls that need no driver
 * either, and not for a moment. The drivers' own events come late here, as on a machine
 * that is busy; each source of a removal is tried in many rounds. Both ABIs. */
#include "tests/face/face_test.h"
#include "tests/support/check.h"
#include "tests/support/fake_vicc.h"

#include "drivers/registry.h"
#include "drivers/soft/soft.h"
#include "drivers/vpcd/vpcd.h"

#include <string.h>

enum { ROUNDS = 20, LATE_MS = 20, EJECT_MS = 5, BACK_MS = 1 };

#define SOFT_NAME "Soft"
#define VPCD_NAME "Vpcd"

/* --- Late events -------------------------------------------------------------------- */

const struct driver *__real_driver_find(const char *scheme);
const struct driver *__wrap_driver_find(const char *scheme);

static struct late {
    struct driver_host port; /* first: the driver hands it back */
    struct driver_host *host;
    struct driver driver;
} late_drivers[2];

static enum sc_error late_arrived(struct driver_host *port,
                                  const struct reader_info *info, void *reader,
                                  uint32_t *id)
{
    struct driver_host *host = ((struct late *)(void *)port)->host;
    return host->reader_arrived(host, info, reader, id);
}

static void late_gone(struct driver_host *port, uint32_t id)
{
    struct driver_host *host = ((struct late *)(void *)port)->host;
    host->reader_gone(host, id);
}

static void late_event(struct driver_host *port, uint32_t id, enum card_event event)
{
    struct driver_host *host = ((struct late *)(void *)port)->host;
    pause_ms(LATE_MS);
    host->card_event(host, id, event);
}

static enum sc_error start_late(struct late *late, const struct driver *real,
                                const char *uri, struct driver_host *host, void **self)
{
    late->port.reader_arrived = late_arrived;
    late->port.reader_gone = late_gone;
    late->port.card_event = late_event;
    late->host = host;
    return real->start(uri, &late->port, self);
}

static enum sc_error start_soft(const char *uri, struct driver_host *host, void **self)
{
    return start_late(&late_drivers[0], &soft_driver, uri, host, self);
}

static enum sc_error start_vpcd(const char *uri, struct driver_host *host, void **self)
{
    return start_late(&late_drivers[1], &vpcd_driver, uri, host, self);
}

const struct driver *__wrap_driver_find(const char *scheme)
{
    const struct driver *real = __real_driver_find(scheme);
    bool soft = strcmp(scheme, "soft") == 0;
    struct late *late = &late_drivers[soft ? 0 : 1];
    if (real == NULL)
        return NULL;
    late->driver = *real;
    late->driver.start = soft ? start_soft : start_vpcd;
    return &late->driver;
}

/* --- Rounds ------------------------------------------------------------------------- */

static SCARDCONTEXT context;

static DWORD look(const char *reader)
{
    SCARD_READERSTATE state = {.szReader = reader};
    (void)SCardGetStatusChange(context, 0, &state, 1);
    return state.dwEventState;
}

static bool wait_for(const char *reader, DWORD bit)
{
    uint64_t end = now_ms() + CHECK_HANG_MS;
    while ((look(reader) & bit) == 0 && now_ms() < end)
        pause_ms(1);
    return (look(reader) & bit) != 0;
}

static SCARDHANDLE connected(const char *reader)
{
    SCARDHANDLE card = 0;
    DWORD active;
    if (!wait_for(reader, SCARD_STATE_PRESENT)) {
        fprintf(stderr, "%s: no card came\n", reader);
        exit(1);
    }
    EXPECT(SCardConnect(context, reader, SCARD_SHARE_SHARED, T01, &card, &active), 0);
    return card;
}

static LONG transmit(SCARDHANDLE card)
{
    static const BYTE bytes[] = {0x80, 0x10, 0x00, 0x01};
    BYTE answer[300];
    DWORD size = sizeof(answer), state, protocol;
    LONG result = SCardStatus(card, NULL, NULL, &state, &protocol, NULL, NULL);
    if (result != SCARD_S_SUCCESS)
        return result;
    return SCardTransmit(card,
                         protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1,
                         bytes, sizeof(bytes), NULL, answer, &size);
}

/* The card is out, by `result`. */
static void check_out(SCARDHANDLE card, const char *reader, LONG result)
{
    DWORD state, protocol, active;
    EXPECT(result, SCARD_W_REMOVED_CARD);
    EXPECT(SCardBeginTransaction(card), SCARD_W_REMOVED_CARD);
    EXPECT(SCardStatus(card, NULL, NULL, &state, &protocol, NULL, NULL),
           SCARD_W_REMOVED_CARD);
    CHECK_EQ(look(reader) & (SCARD_STATE_EMPTY | SCARD_STATE_PRESENT), SCARD_STATE_EMPTY);
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active),
           SCARD_E_NO_SMARTCARD);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

static void soft_control(SCARDHANDLE card, DWORD code, DWORD first, DWORD second)
{
    const BYTE in[8] = {(BYTE)first,  (BYTE)(first >> 8),  0, 0,
                        (BYTE)second, (BYTE)(second >> 8), 0, 0};
    DWORD returned = 0;
    EXPECT(SCardControl(card, code, in, second == 0 ? 4 : 8, NULL, 0, &returned), 0);
}

static void put_back(void)
{
    SCARDHANDLE reader = 0;
    DWORD active;
    EXPECT(SCardConnect(context, SOFT_NAME, SCARD_SHARE_DIRECT, 0, &reader, &active), 0);
    soft_control(reader, SOFT_IOCTL_SWALLOW, 0, 0);
    EXPECT(SCardDisconnect(reader, SCARD_LEAVE_CARD), 0);
}

/* Pulled while a command runs: the timer's thread tells of it. */
static void try_soft(bool back)
{
    for (int round = 0; round < ROUNDS; round++) {
        SCARDHANDLE card = connected(SOFT_NAME);
        soft_control(card, SOFT_IOCTL_HANG, 30000, 0);
        soft_control(card, SOFT_IOCTL_EJECT_LATER, back ? BACK_MS : 0, EJECT_MS);
        LONG result = transmit(card);
        if (back) {
            EXPECT(result, SCARD_W_REMOVED_CARD);
            EXPECT(SCardBeginTransaction(card), SCARD_W_REMOVED_CARD);
            EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
        } else {
            check_out(card, SOFT_NAME, result);
            put_back();
        }
    }
}

static uint16_t vpcd_port(void)
{
    SCARDHANDLE reader = 0;
    DWORD active, size = 0;
    char text[16] = "";
    EXPECT(SCardConnect(context, VPCD_NAME, SCARD_SHARE_DIRECT, 0, &reader, &active), 0);
    EXPECT(SCardControl(reader, VPCD_IOCTL_PORT, NULL, 0, text, sizeof(text) - 1, &size),
           0);
    EXPECT(SCardDisconnect(reader, SCARD_LEAVE_CARD), 0);
    return (uint16_t)strtoul(text, NULL, 10);
}

/* It hangs up instead of answering. */
static void try_vpcd(void)
{
    static struct fake_vicc vicc;
    uint16_t port = vpcd_port();
    for (int round = 0; round < ROUNDS; round++) {
        fake_vicc_start(&vicc, port, VICC_ANSWER, VICC_CLOSE);
        SCARDHANDLE card = connected(VPCD_NAME);
        check_out(card, VPCD_NAME, transmit(card));
        fake_vicc_stop(&vicc);
    }
}

int main(void)
{
    setenv("WINSCARD_READERS", "soft:?name=Soft;vpcd:0?name=Vpcd", 1);
    context = new_context();
    try_soft(false);
    try_soft(true);
    try_vpcd();
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
