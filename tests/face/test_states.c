/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reader's state counts and leaves out: readers that come and go between two
 * looks, empty readers, and the count of transmissions. */
#include "tests/face/face_test.h"

#ifdef WINSCARD_ABI_PCSCLITE
#define NAME(text) text
#else
#define NAME(text) TEXT(text)
#endif
#define PNP    NAME("\\\\?PnP?\\Notification")
#define FIRST  NAME(READER_0)
#define SECOND NAME(READER_1)

enum { LONG_MS = 60000 /* that a call which returns at once does not wait */ };

static SCARDCONTEXT context;

/* dwEventState, as it has to be with this result. */
static DWORD look(LPCTSTR reader, DWORD current, DWORD timeout_ms, LONG want)
{
    SCARD_READERSTATE state = {.szReader = reader, .dwCurrentState = current};
    EXPECT(SCardGetStatusChange(context, timeout_ms, &state, 1), want);
    return state.dwEventState;
}

/* --- The entry for new readers ------------------------------------------------------ */

/* Windows: the high word is the number of readers; another number is news, 0 too. */
static void check_reader_count(void)
{
    if (!IS_WINDOWS)
        return;
    for (DWORD timeout_ms = 0; timeout_ms <= LONG_MS; timeout_ms += LONG_MS) {
        CHECK_EQ(look(PNP, 0, timeout_ms, 0), 2 << 16 | SCARD_STATE_CHANGED);
        CHECK_EQ(look(PNP, 1 << 16, timeout_ms, 0), 2 << 16 | SCARD_STATE_CHANGED);
        CHECK_EQ(look(PNP, 3 << 16, timeout_ms, 0), 2 << 16 | SCARD_STATE_CHANGED);
    }
    CHECK_EQ(look(PNP, 2 << 16, 30, SCARD_E_TIMEOUT), 2 << 16);
    fake_unplug(0);
    CHECK_EQ(look(PNP, 2 << 16, LONG_MS, 0), 1 << 16 | SCARD_STATE_CHANGED);
    fake_unplug(1);
    CHECK_EQ(look(PNP, 1 << 16, LONG_MS, 0), SCARD_STATE_CHANGED);
    CHECK_EQ(look(PNP, 0, 30, SCARD_E_TIMEOUT), 0);
    fake_plug(0);
    fake_plug(1);
}

/* pcsc-lite: it is that of changes, and 0 waits for the next. */
static void check_change_count(void)
{
    if (IS_WINDOWS)
        return;
    DWORD event = look(PNP, 0, 30, SCARD_E_TIMEOUT);
    CHECK_EQ(event & 0xFFFF, 0);
    CHECK_EQ(look(PNP, event, 30, SCARD_E_TIMEOUT), event);
    fake_unplug(0);
    fake_plug(0);
    CHECK_EQ(look(PNP, event, LONG_MS, 0), event + (2 << 16) + SCARD_STATE_CHANGED);
}

/* --- Readers that were away --------------------------------------------------------- */

/* Out and in again, with the card that is in it, while nobody looks. */
static void check_replugged(void)
{
    fake_unplug(0);
    fake_plug_full(0);
    DWORD event = look(FIRST, SCARD_STATE_UNAWARE, 0, 0);
    CHECK_EQ(event & 0xFFFF, SCARD_STATE_PRESENT | SCARD_STATE_CHANGED);
    event &= ~(DWORD)SCARD_STATE_CHANGED;
    CHECK(event >> 16 != 0);
    CHECK_EQ(look(FIRST, event, 0, SCARD_E_TIMEOUT), event);
    fake_unplug(0);
    fake_plug_full(0);
    DWORD later = look(FIRST, event, LONG_MS, 0);
    CHECK_EQ(later, event + (2 << 16) + SCARD_STATE_CHANGED);
    /* A handle that names the reader that left keeps nothing from going on. */
    SCARDHANDLE card = new_card(context, FIRST);
    event = (later & ~(DWORD)SCARD_STATE_CHANGED) | SCARD_STATE_INUSE;
    CHECK_EQ(look(FIRST, event, 0, SCARD_E_TIMEOUT), event);
    fake_unplug(0);
    fake_plug_full(0);
    later = look(FIRST, event & ~(DWORD)SCARD_STATE_INUSE, LONG_MS, 0);
    CHECK_EQ(later >> 16, (event >> 16) + 2);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* The last context of the process has been released: the reader was there all the time.
 */
static void check_served_again(void)
{
    DWORD event = look(FIRST, SCARD_STATE_UNAWARE, 0, 0) & ~(DWORD)SCARD_STATE_CHANGED;
    EXPECT(SCardReleaseContext(context), 0);
    context = new_context();
    fake_insert(0); /* the tests' readers begin empty */
    DWORD later = look(FIRST, SCARD_STATE_UNAWARE, 0, 0);
    CHECK_EQ(later >> 16, (event >> 16) + 2);
    EXPECT(SCardReleaseContext(context), 0);
    context = new_context();
    CHECK_EQ(look(FIRST, SCARD_STATE_UNAWARE, 0, 0) >> 16, (later >> 16) + 1);
    event = look(SECOND, SCARD_STATE_UNAWARE, 0, 0) & ~(DWORD)SCARD_STATE_CHANGED;
    EXPECT(SCardReleaseContext(context), 0);
    context = new_context();
    CHECK_EQ(look(SECOND, event, 0, SCARD_E_TIMEOUT), event);
}

/* --- Empty readers ------------------------------------------------------------------ */

/* The card is out: whoever is still connected shows no more. */
static void check_emptied(void)
{
    DWORD active;
    fake_insert(0);
    SCARDHANDLE card = new_card(context, FIRST), other = new_card(context, FIRST);
    fake_remove(0);
    DWORD event = look(FIRST, SCARD_STATE_PRESENT | SCARD_STATE_INUSE, LONG_MS, 0);
    CHECK_EQ(event & 0xFFFF, SCARD_STATE_EMPTY | SCARD_STATE_CHANGED);
    event &= ~(DWORD)SCARD_STATE_CHANGED;
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    CHECK_EQ(look(FIRST, event, 30, SCARD_E_TIMEOUT), event);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    CHECK_EQ(look(FIRST, event, 30, SCARD_E_TIMEOUT), event);
    EXPECT(SCardConnect(context, FIRST, SCARD_SHARE_DIRECT, 0, &card, &active), 0);
    CHECK_EQ(look(FIRST, event, 30, SCARD_E_TIMEOUT), event);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* What is claimed of an empty reader besides means nothing; in pcsc-lite a card does. */
static void check_claims(void)
{
    static const DWORD bits[] = {SCARD_STATE_EXCLUSIVE, SCARD_STATE_INUSE,
                                 SCARD_STATE_MUTE, SCARD_STATE_UNPOWERED,
                                 SCARD_STATE_ATRMATCH};
    DWORD event = look(FIRST, SCARD_STATE_UNAWARE, 0, 0) & ~(DWORD)SCARD_STATE_CHANGED;
    CHECK_EQ(event & 0xFFFF, SCARD_STATE_EMPTY);
    for (unsigned i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
        CHECK_EQ(look(FIRST, event | bits[i], 0, SCARD_E_TIMEOUT), event);
    look(FIRST, event | SCARD_STATE_PRESENT, 0, EITHER(SCARD_E_TIMEOUT, 0));
    /* The same of one that is not available, and that a card's bits need a card. */
    if (IS_WINDOWS) {
        look(FIRST, SCARD_STATE_UNAVAILABLE | SCARD_STATE_EMPTY, 0, 0);
        fake_insert(0);
        SCARDHANDLE card = new_card(context, FIRST);
        look(FIRST, SCARD_STATE_INUSE, 0, SCARD_E_TIMEOUT);
        look(FIRST, SCARD_STATE_INUSE | SCARD_STATE_ATRMATCH, 0, SCARD_E_TIMEOUT);
        EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
        look(FIRST, SCARD_STATE_ATRMATCH, 0, SCARD_E_TIMEOUT);
        fake_remove(0);
    }
}

/* --- Attributes --------------------------------------------------------------------- */

static void check_attribute(SCARDHANDLE card, DWORD id, LONG want)
{
    BYTE value[264];
    DWORD size = sizeof(value);
    EXPECT(SCardGetAttrib(card, id, value, &size), want);
}

static void check_attributes_of(SCARDHANDLE card, LONG stale)
{
    static const DWORD of_card[] = {SCARD_ATTR_ATR_STRING, SCARD_ATTR_ICC_TYPE_PER_ATR,
                                    SCARD_ATTR_CURRENT_PROTOCOL_TYPE,
                                    SCARD_ATTR_CURRENT_F};
    static const DWORD of_reader[] = {SCARD_ATTR_VENDOR_NAME, SCARD_ATTR_CHANNEL_ID,
                                      SCARD_ATTR_ICC_PRESENCE, SCARD_ATTR_DEVICE_IN_USE,
                                      SCARD_ATTR_MAXINPUT};
    for (unsigned i = 0; i < sizeof(of_card) / sizeof(of_card[0]); i++)
        check_attribute(card, of_card[i], stale);
    for (unsigned i = 0; i < sizeof(of_reader) / sizeof(of_reader[0]); i++)
        check_attribute(card, of_reader[i], EITHER(0, stale));
}

/* Of a card that another handle has reset, or that is out. */
static void check_attributes(void)
{
    DWORD active;
    fake_insert(0);
    SCARDHANDLE card = new_card(context, FIRST), other = new_card(context, FIRST);
    check_attributes_of(card, 0);
    EXPECT(SCardReconnect(other, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, SCARD_RESET_CARD,
                          &active),
           0);
    check_attributes_of(card, SCARD_W_RESET_CARD);
    check_attributes_of(other, 0);
    fake_remove(0);
    check_attributes_of(card, SCARD_W_REMOVED_CARD);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardConnect(context, FIRST, SCARD_SHARE_DIRECT, 0, &card, &active), 0);
    check_attribute(card, SCARD_ATTR_ICC_PRESENCE, 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* --- Transmissions ------------------------------------------------------------------ */

#if IS_WINDOWS
static DWORD count(SCARDHANDLE card)
{
    DWORD value = 12345;
    EXPECT(SCardGetTransmitCount(card, &value), 0);
    return value;
}

/* Since the reader came: for every handle, whatever becomes of the card. */
static void check_transmissions(void)
{
    DWORD active;
    fake_unplug(0);
    fake_plug_full(0);
    SCARDHANDLE card = new_card(context, FIRST);
    CHECK_EQ(count(card), 0);
    EXPECT(command(card), 0);
    EXPECT(command(card), 0);
    CHECK_EQ(count(card), 2);
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, SCARD_UNPOWER_CARD,
                          &active),
           0);
    CHECK_EQ(count(card), 2);
    EXPECT(command(card), 0);
    fake_remove(0);
    fake_insert(0);
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, SCARD_LEAVE_CARD,
                          &active),
           0);
    CHECK_EQ(count(card), 3);
    EXPECT(SCardDisconnect(card, SCARD_UNPOWER_CARD), 0);
    card = new_card(context, FIRST);
    CHECK_EQ(count(card), 3);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}
#else
static void check_transmissions(void)
{
}
#endif

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2", 1);
    context = new_context();
    check_reader_count();
    check_change_count();
    check_emptied();
    check_claims();
    check_attributes();
    check_replugged();
    check_transmissions();
    check_served_again();
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
