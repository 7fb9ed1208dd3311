/* SPDX-License-Identifier: BSD-2-Clause */
/* What each call gives when its card or reader is not what it was, when the driver fails,
 * and when its context is released while it waits. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <pthread.h>

#ifdef WINSCARD_ABI_PCSCLITE
#define NAME(text) text
#define LETTER     char
#else
#define NAME(text) TEXT(text)
#define LETTER     TCHAR
#endif
#define FIRST         NAME(READER_0)
#define SEND          0x00310014 /* IOCTL_SMARTCARD_TRANSMIT */
#define COUNT(things) (sizeof(things) / sizeof((things)[0]))

static SCARDCONTEXT context, theirs;

/* --- The calls on a connection ------------------------------------------------------ */

static LONG begin(SCARDHANDLE card)
{
    LONG status = SCardBeginTransaction(card);
    if (status == 0)
        EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
    return status;
}

static LONG end(SCARDHANDLE card)
{
    return SCardEndTransaction(card, SCARD_LEAVE_CARD);
}

static LONG echo(SCARDHANDLE card)
{
    DWORD size = 0;
    return SCardControl(card, SCARD_CTL_CODE(2100), NULL, 0, NULL, 0, &size);
}

/* SCardTransmit by way of the driver's code. */
static LONG send_by_control(SCARDHANDLE card)
{
    static const BYTE in[] = {1, 0, 0, 0, 8, 0, 0, 0, 0x00, 0x84, 0x00, 0x00, 0x08};
    BYTE out[64];
    DWORD size = 0;
    return SCardControl(card, SEND, in, sizeof(in), out, sizeof(out), &size);
}

static LONG get_atr(SCARDHANDLE card)
{
    BYTE value[64];
    DWORD size = sizeof(value);
    return SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, value, &size);
}

static LONG set(SCARDHANDLE card)
{
    const BYTE value[4] = {0};
    return SCardSetAttrib(card, 1, value, sizeof(value));
}

static LONG status_of(SCARDHANDLE card)
{
    return SCardStatus(card, NULL, NULL, NULL, NULL, NULL, NULL);
}

static LONG reconnect(SCARDHANDLE card)
{
    DWORD active = 0;
    return SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, SCARD_RESET_CARD,
                          &active);
}

#if IS_WINDOWS
static LONG count(SCARDHANDLE card)
{
    DWORD transmissions = 0;
    return SCardGetTransmitCount(card, &transmissions);
}

static LONG state_of(SCARDHANDLE card)
{
    return SCardState(card, NULL, NULL, NULL, NULL);
}
#endif

#define UNSUPPORTED EITHER(50 /* ERROR_NOT_SUPPORTED */, SCARD_E_UNSUPPORTED_FEATURE)

/* SCardReconnect last: it ends what the others are told of. */
static const struct {
    LONG (*call)(SCARDHANDLE);
    LONG reset, removed, gone;
} rows[] = {
    {begin, SCARD_W_RESET_CARD, SCARD_W_REMOVED_CARD, SCARD_E_READER_UNAVAILABLE},
    {end, SCARD_W_RESET_CARD, SCARD_W_REMOVED_CARD, SCARD_E_READER_UNAVAILABLE},
    {command, SCARD_W_RESET_CARD, SCARD_W_REMOVED_CARD, SCARD_E_READER_UNAVAILABLE},
    {send_by_control, SCARD_W_RESET_CARD, SCARD_W_REMOVED_CARD,
     SCARD_E_READER_UNAVAILABLE},
    {echo, 0, 0, SCARD_E_READER_UNAVAILABLE},
    {get_atr, SCARD_W_RESET_CARD, SCARD_W_REMOVED_CARD, SCARD_E_READER_UNAVAILABLE},
    {set, UNSUPPORTED, UNSUPPORTED, SCARD_E_READER_UNAVAILABLE},
    {status_of, SCARD_W_RESET_CARD, SCARD_W_REMOVED_CARD, SCARD_E_READER_UNAVAILABLE},
#if IS_WINDOWS
    {state_of, SCARD_W_RESET_CARD, SCARD_W_REMOVED_CARD, SCARD_E_READER_UNAVAILABLE},
    {count, SCARD_W_RESET_CARD, SCARD_W_REMOVED_CARD, SCARD_E_READER_UNAVAILABLE},
#endif
    {reconnect, 0, SCARD_E_NO_SMARTCARD, SCARD_E_READER_UNAVAILABLE},
};

static void check_row(unsigned row, SCARDHANDLE card, LONG want)
{
    LONG got = rows[row].call(card);
    if ((uint32_t)got != (uint32_t)want)
        CHECK_FAILED("row %u: 0x%lx, want 0x%lx", row, (unsigned long)got,
                     (unsigned long)want);
}

static void check_card_errors(void)
{
    SCARDHANDLE card = new_card(context, FIRST), other = new_card(theirs, FIRST);
    EXPECT(reconnect(other), 0);
    for (unsigned i = 0; i < COUNT(rows); i++)
        check_row(i, card, rows[i].reset);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    fake_remove(0);
    for (unsigned i = 0; i < COUNT(rows); i++)
        check_row(i, card, rows[i].removed);
    fake_insert(0);
    fake_unplug(0);
    for (unsigned i = 0; i < COUNT(rows); i++)
        check_row(i, card, rows[i].gone);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    fake_plug_full(0);
}

/* --- Drivers that fail -------------------------------------------------------------- */

static void check_driver_errors(void)
{
    static const struct {
        enum sc_error error;
        LONG want;
    } fails[] = {{SC_E_NOT_READY, SCARD_E_NOT_READY},
                 {SC_E_COMM_DATA_LOST, SCARD_E_COMM_DATA_LOST},
                 {SC_E_TIMEOUT, SCARD_E_TIMEOUT}};
    SCARDHANDLE card = new_card(context, FIRST);
    for (unsigned i = 0; i < COUNT(fails); i++) {
        fake_behaviour(0)->error = fails[i].error;
        EXPECT(command(card), fails[i].want);
    }
    fake_behaviour(0)->error = SC_OK;
    EXPECT(command(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* A card that does not answer a reset, or has no power. */
static void check_mute(void)
{
    SCARDHANDLE card = new_card(context, FIRST), none = 1;
    DWORD active = 0;
    fake_behaviour(0)->power = SC_W_UNRESPONSIVE_CARD;
    EXPECT(reconnect(card), SCARD_W_UNRESPONSIVE_CARD);
    EXPECT(SCardConnect(context, FIRST, SCARD_SHARE_SHARED, T01, &none, &active),
           SCARD_W_UNRESPONSIVE_CARD);
    CHECK_EQ(none, 0);
    fake_behaviour(0)->power = SC_OK;
    EXPECT(reconnect(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* --- Waits that end ----------------------------------------------------------------- */

struct waiter {
    pthread_t thread;
    SCARDHANDLE card;
    LONG (*call)(SCARDHANDLE);
    LONG status;
    uint32_t ended; /* atomic */
};

static void *run_waiter(void *argument)
{
    struct waiter *waiter = argument;
    waiter->status = waiter->call(waiter->card);
    __atomic_store_n(&waiter->ended, 1, __ATOMIC_RELEASE);
    return NULL;
}

static bool has_ended(const struct waiter *waiter)
{
    return __atomic_load_n(&waiter->ended, __ATOMIC_ACQUIRE) != 0;
}

static void start_waiter(struct waiter *waiter, LONG (*call)(SCARDHANDLE),
                         SCARDHANDLE card)
{
    *waiter = (struct waiter){.card = card, .call = call};
    CHECK_EQ(pthread_create(&waiter->thread, NULL, run_waiter, waiter), 0);
}

static LONG end_waiter(struct waiter *waiter)
{
    pthread_join(waiter->thread, NULL);
    return waiter->status;
}

/* A call of a test's own, whose calling convention on 32-bit Windows is not the API's. */
static LONG begin_only(SCARDHANDLE card)
{
    return SCardBeginTransaction(card);
}

/* For another's transaction: not SCardCancel, but the release of its context ends it. */
static void check_turns(void)
{
    static LONG (*const calls[])(SCARDHANDLE) = {begin_only, command, echo, set,
                                                 reconnect};
    SCARDHANDLE holder = new_card(theirs, FIRST);
    EXPECT(SCardBeginTransaction(holder), 0);
    for (unsigned i = 0; i < COUNT(calls); i++) {
        struct waiter waiter;
        SCARDCONTEXT own = new_context();
        start_waiter(&waiter, calls[i], new_card(own, FIRST));
        while (!has_ended(&waiter) && !inside_waits_for_turn())
            pause_ms(1);
        EXPECT(SCardCancel(own), 0);
        pause_ms(20);
        CHECK(!has_ended(&waiter) && inside_waits_for_turn());
        EXPECT(SCardReleaseContext(own), 0);
        EXPECT(end_waiter(&waiter), SCARD_E_CANCELLED);
    }
    EXPECT(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
}

static LONG connect_first(SCARDHANDLE unused)
{
    SCARDHANDLE card = 0;
    DWORD active = 0;
    (void)unused;
    return SCardConnect(context, FIRST, SCARD_SHARE_SHARED, T01, &card, &active);
}

/* The reader goes while the card is powered for the connection. */
static void check_gone_meanwhile(void)
{
    struct waiter waiter;
    fake_unplug(0);
    fake_plug(0);
    fake_hang(0);
    fake_insert(0);
    start_waiter(&waiter, connect_first, 0);
    while (!has_ended(&waiter) && !inside_connects())
        pause_ms(1);
    fake_unplug(0);
    fake_answer(0);
    EXPECT(end_waiter(&waiter), SCARD_E_READER_UNAVAILABLE);
    fake_plug_full(0);
}

/* The context's, while it waits for a change. */
static LONG watch(SCARDHANDLE unused)
{
    SCARD_READERSTATE state = {.szReader = NAME("\\\\?PnP?\\Notification")};
    (void)unused;
    if (SCardGetStatusChange(context, 0, &state, 1) == 0 || !IS_WINDOWS)
        state.dwCurrentState = state.dwEventState;
    return SCardGetStatusChange(context, INFINITE, &state, 1);
}

#if IS_WINDOWS
/* They wait for the ATR of a card that was put in. */
static LONG locate(SCARDHANDLE unused)
{
    SCARD_READERSTATE state = {.szReader = FIRST};
    (void)unused;
    return SCardLocateCards(context, NAME("none\0"), &state, 1);
}

static LONG locate_by_atr(SCARDHANDLE unused)
{
    SCARD_READERSTATE state = {.szReader = FIRST};
    SCARD_ATRMASK mask = {.cbAtr = 2};
    (void)unused;
    return SCardLocateCardsByATR(context, &mask, 1, &state, 1);
}

static void check_locate(void)
{
    static LONG (*const calls[])(SCARDHANDLE) = {locate, locate_by_atr};
    for (unsigned i = 0; i < COUNT(calls); i++) {
        struct waiter waiter;
        fake_unplug(0);
        fake_plug(0);
        fake_hang(0);
        fake_insert(0);
        start_waiter(&waiter, calls[i], 0);
        while (!has_ended(&waiter)) {
            EXPECT(SCardCancel(context), 0);
            pause_ms(2);
        }
        EXPECT(end_waiter(&waiter), SCARD_E_CANCELLED);
        fake_answer(0);
    }
}
#endif

static void check_watch(void)
{
    SCARD_READERSTATE state = {.szReader = FIRST};
    struct waiter waiter;
    start_waiter(&waiter, watch, 0);
    while (!has_ended(&waiter)) { /* whoever waits by then is ended */
        EXPECT(SCardCancel(context), 0);
        pause_ms(2);
    }
    EXPECT(end_waiter(&waiter), SCARD_E_CANCELLED);
    EXPECT(SCardGetStatusChange(context, 0, NULL, 1), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetStatusChange((SCARDCONTEXT)-1, 0, &state, 1), BAD_HANDLE);
    fake_unplug(0);
    EXPECT(SCardGetStatusChange(context, 0, &state, 1), SCARD_E_UNKNOWN_READER);
    fake_plug_full(0);
}

/* --- Arguments ---------------------------------------------------------------------- */

static void check_connect(void)
{
    SCARDHANDLE card = 0;
    DWORD active = 0;
    EXPECT(SCardConnect(context, FIRST, SCARD_SHARE_SHARED, T01, NULL, &active),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardConnect(context, FIRST, 0, T01, &card, &active), SCARD_E_INVALID_VALUE);
    EXPECT(SCardConnect(context, FIRST, SCARD_SHARE_SHARED, 0, &card, &active),
           SCARD_E_PROTO_MISMATCH);
    EXPECT(SCardConnect((SCARDCONTEXT)-1, FIRST, SCARD_SHARE_SHARED, T01, &card, &active),
           BAD_HANDLE);
}

/* Rooms that are too small, by one. */
static void check_rooms(void)
{
    SCARDHANDLE card = new_card(context, FIRST);
    BYTE atr[64];
    DWORD size = 1;
    static LETTER text[256];
    EXPECT(SCardListReaders(context, NULL, text, &size), SCARD_E_INSUFFICIENT_BUFFER);
    size = 1;
    EXPECT(SCardListReaderGroups(context, text, &size), SCARD_E_INSUFFICIENT_BUFFER);
    size = 1;
    EXPECT(SCardStatus(card, text, &size, NULL, NULL, NULL, NULL),
           SCARD_E_INSUFFICIENT_BUFFER);
    size = (DWORD)fake_atr_size - 1;
    EXPECT(SCardStatus(card, NULL, NULL, NULL, NULL, atr, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    EXPECT(SCardStatus((SCARDHANDLE)-1, NULL, NULL, NULL, NULL, NULL, NULL), BAD_HANDLE);
#if !IS_WINDOWS
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardListReaders(context, NULL, NULL, &size), SCARD_E_INVALID_PARAMETER);
#else
    static const BYTE bytes[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    SCARD_IO_REQUEST pci = {SCARD_PROTOCOL_T0, sizeof(pci) - 1};
    size = sizeof(atr);
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, sizeof(bytes), &pci, atr, &size),
           SCARD_E_PCI_TOO_SMALL);
    size = 1;
    EXPECT(SCardGetReaderIcon(context, FIRST, atr, &size), SCARD_E_INSUFFICIENT_BUFFER);
    size = 1;
    EXPECT(SCardGetReaderDeviceInstanceId(context, FIRST, text, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
#endif
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=1&cards=1", 1);
    setenv("WINSCARD_TRANSACTION_MS", "600000", 1); /* none is taken away */
    context = new_context();
    theirs = new_context();
    check_card_errors();
    check_driver_errors();
    check_mute();
    check_turns();
    check_gone_meanwhile();
    check_watch();
#if IS_WINDOWS
    check_locate();
    fake_unplug(0);
    fake_plug_full(0);
#endif
    check_connect();
    check_rooms();
    EXPECT(SCardReleaseContext(theirs), 0);
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
