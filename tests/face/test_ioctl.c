/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's control codes by SCardControl: what they take, give and change, and what
 * other handles see of it. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <pthread.h>

/* By Windows' numbers, which both ABIs take. */
#define CODE(function) (0x00310000 + ((function) << 2))
enum {
    POWER = CODE(1),
    GET_ATTRIBUTE = CODE(2),
    SET_ATTRIBUTE = CODE(3),
    CONFISCATE = CODE(4),
    TRANSMIT = CODE(5),
    EJECT = CODE(6),
    SWALLOW = CODE(7),
    IS_PRESENT = CODE(10),
    IS_ABSENT = CODE(11),
    SET_PROTOCOL = CODE(12),
    GET_STATE = CODE(14),
    GET_LAST_ERROR = CODE(15)
};
enum { DOWN, COLD, WARM };
enum { ABSENT = 1, WAITING = 2, UNPOWERED = 3, NEGOTIABLE = 5, SPECIFIC = 6 };

#define NOT_SUPPORTED EITHER(50, 0x8010001F)
#define NO_FUNCTION   EITHER(1, 0x8010001F)

static SCARDCONTEXT context;
static BYTE out[300];
static DWORD out_size;

/* The status; what it gives is in out. */
static LONG control(SCARDHANDLE card, DWORD code, const void *in, DWORD size, DWORD room)
{
    out_size = 99;
    return SCardControl(card, code, in, size, room == 0 ? NULL : out, room, &out_size);
}

static LONG control_number(SCARDHANDLE card, DWORD code, uint32_t number, DWORD room)
{
    return control(card, code, &number, sizeof(number), room);
}

static uint32_t out_number(void)
{
    uint32_t number = 0;
    CHECK_EQ(out_size, sizeof(number));
    memcpy(&number, out, sizeof(number));
    return number;
}

static void check_state(SCARDHANDLE card, uint32_t state)
{
    EXPECT(control(card, GET_STATE, NULL, 0, 4), 0);
    CHECK_EQ(out_number(), state);
}

static SCARDHANDLE direct_card(void)
{
    SCARDHANDLE card = 0;
    DWORD active = 99;
    EXPECT(SCardConnect(context, READER_0, SCARD_SHARE_DIRECT, 0, &card, &active), 0);
    return card;
}

static void leave(SCARDHANDLE card)
{
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* --- Power -------------------------------------------------------------------------- */

static void check_power(void)
{
    SCARDHANDLE card = new_card(context, READER_0), other = new_card(context, READER_0);
    DWORD active;
    check_state(card, SPECIFIC);
    for (uint32_t how = COLD; how <= WARM; how++) {
        uint32_t resets = fake_counts(0).power;
        EXPECT(control_number(card, POWER, how, 33), 0);
        CHECK_EQ(out_size, fake_atr_size);
        CHECK_MEM(out, fake_atr, fake_atr_size);
        CHECK_EQ(fake_counts(0).power, resets + 1);
        /* This handle goes on with its protocol, the other one learns of the reset. */
        check_state(card, SPECIFIC);
        EXPECT(command(card), 0);
        EXPECT(command(other), SCARD_W_RESET_CARD);
        EXPECT(control_number(other, POWER, how, 0), SCARD_W_RESET_CARD);
        CHECK_EQ(fake_counts(0).power, resets + 1);
        EXPECT(SCardReconnect(other, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active),
               0);
        EXPECT(command(other), 0);
    }
    /* One byte is enough, and a place for the ATR is not needed. */
    EXPECT(control(card, POWER, "\2", 1, 1), 0);
    CHECK_EQ(out_size, 0);
    EXPECT(control(card, POWER, "\3", 1, 33), SCARD_E_INVALID_PARAMETER);
    EXPECT(control_number(card, POWER, 0x102, 33), SCARD_E_INVALID_PARAMETER);
    EXPECT(control(card, POWER, NULL, 0, 33), SCARD_E_INVALID_PARAMETER);
    leave(other);
    leave(card);
}

static void check_power_down(void)
{
    SCARDHANDLE card = new_card(context, READER_0), other = new_card(context, READER_0);
    DWORD active;
    EXPECT(control_number(card, POWER, DOWN, 33), 0);
    CHECK_EQ(out_size, 0);
    check_state(card, UNPOWERED);
    EXPECT(control_number(card, POWER, DOWN, 33), 0);
    EXPECT(command(card), SCARD_W_UNPOWERED_CARD);
    EXPECT(command(other), SCARD_W_RESET_CARD);
    EXPECT(control_number(card, POWER, COLD, 33), 0);
    check_state(card, NEGOTIABLE);
    EXPECT(command(card), SCARD_E_PROTO_MISMATCH);
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, SCARD_LEAVE_CARD,
                          &active),
           0);
    EXPECT(command(card), 0);
    fake_behaviour(0)->power = SC_W_UNRESPONSIVE_CARD;
    EXPECT(control_number(card, POWER, COLD, 33), SCARD_W_UNRESPONSIVE_CARD);
    check_state(card, WAITING);
    fake_behaviour(0)->power = SC_OK;
    leave(card);
    leave(other);
    card = direct_card();
    EXPECT(control_number(card, POWER, COLD, 33), 0);
    CHECK_EQ(out_size, fake_atr_size);
    check_state(card, NEGOTIABLE);
    leave(card);
}

/* --- Protocols ---------------------------------------------------------------------- */

static void check_protocol(void)
{
    enum { T1 = 2, RAW = 0x10000 };
    fake_remove(0);
    fake_insert(0);
    SCARDHANDLE card = direct_card();
    uint32_t count = fake_counts(0).protocol;
    EXPECT(control_number(card, SET_PROTOCOL, T1, 3), SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(out_size, 4);
    EXPECT(control(card, SET_PROTOCOL, "\2\0", 3, 4), SCARD_E_INVALID_PARAMETER);
    EXPECT(control_number(card, SET_PROTOCOL, 0, 4), NO_FUNCTION);
    CHECK_EQ(fake_counts(0).protocol, count);
    /* The card is without power so far. */
    EXPECT(control_number(card, SET_PROTOCOL, T1, 4), 0);
    CHECK_EQ(out_number(), T1);
    check_state(card, SPECIFIC);
    EXPECT(command(card), SCARD_E_PROTO_MISMATCH); /* it is sent with T=0 */
    EXPECT(control_number(card, SET_PROTOCOL, 3, 4), 0);
    CHECK_EQ(out_number(), T1);
    EXPECT(control_number(card, SET_PROTOCOL, 1, 4), SCARD_E_PROTO_MISMATCH);
    EXPECT(control_number(card, POWER, WARM, 0), 0);
    check_state(card, SPECIFIC);
    EXPECT(control_number(card, POWER, DOWN, 0), 0);
    EXPECT(control_number(card, SET_PROTOCOL, 0x80000003, 4), 0);
    CHECK_EQ(out_number(), 1); /* what the card begins with */
    EXPECT(command(card), 0);
    EXPECT(control_number(card, SET_PROTOCOL, RAW, 4), 0);
    CHECK_EQ(out_number(), RAW);
    /* Refused: the card is as after a reset, and the handle has none. */
    EXPECT(control_number(card, POWER, DOWN, 0), 0);
    fake_behaviour(0)->protocol = SC_E_PROTO_MISMATCH;
    EXPECT(control_number(card, SET_PROTOCOL, T1, 4), SCARD_E_PROTO_MISMATCH);
    CHECK_EQ(out_size, 0);
    fake_behaviour(0)->protocol = SC_OK;
    check_state(card, NEGOTIABLE);
    EXPECT(command(card), SCARD_E_PROTO_MISMATCH);
    leave(card);
}

/* --- Attributes and commands -------------------------------------------------------- */

static void check_attributes(void)
{
    static const BYTE set[] = {1, 0, 1, 0, 7};
    SCARDHANDLE card = new_card(context, READER_0);
    EXPECT(control_number(card, GET_ATTRIBUTE, SCARD_ATTR_ATR_STRING, 33), 0);
    CHECK_EQ(out_size, fake_atr_size);
    CHECK_MEM(out, fake_atr, fake_atr_size);
    EXPECT(control_number(card, GET_ATTRIBUTE, SCARD_ATTR_ATR_STRING, 4),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(out_size, fake_atr_size);
    EXPECT(control_number(card, GET_ATTRIBUTE, 0x12345678, 33), NOT_SUPPORTED);
    EXPECT(control(card, GET_ATTRIBUTE, "abc", 3, 33), SCARD_E_INVALID_PARAMETER);
    EXPECT(control(card, SET_ATTRIBUTE, set, sizeof(set), 0), NOT_SUPPORTED);
    EXPECT(control(card, SET_ATTRIBUTE, set, 4, 0), SCARD_E_INVALID_PARAMETER);
    leave(card);
}

static void check_transmit(void)
{
    static const BYTE ask[] = {1, 0, 0, 0, 8, 0, 0, 0, 0x00, 0x84, 0x00, 0x00, 0x08};
    static const BYTE answer[] = {1, 0, 0, 0, 8, 0, 0, 0, 0x90, 0x00};
    BYTE other[sizeof(ask)];
    SCARDHANDLE card = new_card(context, READER_0);
    EXPECT(control(card, TRANSMIT, ask, sizeof(ask), sizeof(answer)), 0);
    CHECK_EQ(out_size, sizeof(answer));
    CHECK_MEM(out, answer, sizeof(answer));
    memcpy(other, ask, sizeof(ask));
    other[0] = 0; /* the protocol in force */
    EXPECT(control(card, TRANSMIT, other, sizeof(ask), sizeof(out)), 0);
    CHECK_MEM(out, answer, sizeof(answer));
    other[0] = 2;
    EXPECT(control(card, TRANSMIT, other, sizeof(ask), sizeof(out)),
           SCARD_E_PROTO_MISMATCH);
    other[0] = 3;
    EXPECT(control(card, TRANSMIT, other, sizeof(ask), sizeof(out)),
           SCARD_E_INVALID_PARAMETER);
    memcpy(other, ask, sizeof(ask));
    for (unsigned length = 0; length < 8; length++) {
        other[4] = (BYTE)length;
        EXPECT(control(card, TRANSMIT, other, sizeof(ask), sizeof(out)),
               SCARD_E_INVALID_PARAMETER);
    }
    other[4] = sizeof(ask);
    EXPECT(control(card, TRANSMIT, other, sizeof(ask), sizeof(out)),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(control(card, TRANSMIT, ask, 8, sizeof(out)), SCARD_E_INVALID_PARAMETER);
    EXPECT(control(card, TRANSMIT, ask, sizeof(ask), 9), SCARD_E_INSUFFICIENT_BUFFER);
    fake_behaviour(0)->answer_size = 20;
    EXPECT(control(card, TRANSMIT, ask, sizeof(ask), 27), SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(out_size, 28);
    EXPECT(control(card, TRANSMIT, ask, sizeof(ask), 28), 0);
    CHECK_EQ(out_size, 28);
    fake_behaviour(0)->answer_size = 0;
    leave(card);
}

/* --- What a reader says of itself --------------------------------------------------- */

static void check_presence(void)
{
    fake_remove(0);
    fake_insert(0);
    SCARDHANDLE card = direct_card();
    EXPECT(control(card, IS_PRESENT, NULL, 0, 0), 0);
    CHECK_EQ(out_size, 0);
    EXPECT(control(card, IS_ABSENT, NULL, 0, 0), SCARD_E_NOT_READY);
    EXPECT(control(card, GET_STATE, NULL, 0, 3), SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(out_size, 4);
    EXPECT(control(card, EJECT, NULL, 0, 0), NOT_SUPPORTED);
    EXPECT(control(card, CONFISCATE, NULL, 0, 0), NOT_SUPPORTED);
    EXPECT(control(card, SWALLOW, NULL, 0, 0), NOT_SUPPORTED);
    fake_remove(0);
    check_state(card, ABSENT);
    EXPECT(control(card, IS_ABSENT, NULL, 0, 0), 0);
    EXPECT(control(card, IS_PRESENT, NULL, 0, 0), SCARD_E_NOT_READY);
    EXPECT(control(card, EJECT, NULL, 0, 0), SCARD_E_NO_SMARTCARD);
    EXPECT(control(card, CONFISCATE, NULL, 0, 0), SCARD_E_NO_SMARTCARD);
    EXPECT(control_number(card, POWER, COLD, 0), SCARD_E_NO_SMARTCARD);
    EXPECT(control_number(card, SET_PROTOCOL, 3, 4), SCARD_E_NO_SMARTCARD);
    fake_insert(0);
    check_state(card, WAITING);
    leave(card);
}

static void check_last_error(void)
{
    SCARDHANDLE card = new_card(context, READER_0), other = new_card(context, READER_0);
    EXPECT(control(card, GET_LAST_ERROR, NULL, 0, 4), 0);
    CHECK_EQ(out_number(), 0);
    EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    EXPECT(control(card, GET_LAST_ERROR, NULL, 0, 4), 0);
    EXPECT(out_number(), SCARD_E_NOT_TRANSACTED);
    EXPECT(control(card, GET_LAST_ERROR, NULL, 0, 3), SCARD_E_INSUFFICIENT_BUFFER);
    EXPECT(control(card, GET_LAST_ERROR, NULL, 0, 4), 0);
    EXPECT(out_number(), SCARD_E_NOT_TRANSACTED); /* asking changes nothing */
    EXPECT(control(other, GET_LAST_ERROR, NULL, 0, 4), 0);
    CHECK_EQ(out_number(), 0); /* each handle has its own */
    EXPECT(command(card), 0);
    EXPECT(control(card, GET_LAST_ERROR, NULL, 0, 4), 0);
    CHECK_EQ(out_number(), 0);
    leave(card);
    leave(other);
}

/* --- Transactions ------------------------------------------------------------------- */

static uint32_t powered;

static void *power_in_thread(void *argument)
{
    static const BYTE warm = WARM;
    DWORD size = 0;
    EXPECT(SCardControl(*(SCARDHANDLE *)argument, POWER, &warm, 1, NULL, 0, &size), 0);
    __atomic_store_n(&powered, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* The card is not switched while another handle has it to itself. */
static void check_transaction(void)
{
    SCARDHANDLE holder = new_card(context, READER_0), other = new_card(context, READER_0);
    pthread_t thread;
    EXPECT(SCardBeginTransaction(holder), 0);
    uint32_t before = inside_requests();
    CHECK_EQ(pthread_create(&thread, NULL, power_in_thread, &other), 0);
    while (inside_requests() <= before)
        pause_ms(1);
    EXPECT(command(holder), 0);
    CHECK_EQ(__atomic_load_n(&powered, __ATOMIC_ACQUIRE), 0);
    EXPECT(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    pthread_join(thread, NULL);
    EXPECT(command(holder), SCARD_W_RESET_CARD);
    /* The holder may, and stays it. */
    EXPECT(SCardBeginTransaction(other), 0);
    EXPECT(control_number(other, POWER, WARM, 0), 0);
    EXPECT(command(other), 0);
    EXPECT(SCardEndTransaction(other, SCARD_LEAVE_CARD), 0);
    leave(holder);
    leave(other);
}

/* pcsc-lite's number 1 is another code: bytes for the reader, which has no such. */
static void check_escape(void)
{
    SCARDHANDLE card = new_card(context, READER_0), other = new_card(context, READER_0);
    EXPECT(control(card, 0x42000001, "\1", 1, 33), NO_FUNCTION);
    EXPECT(control(card, CODE(16), NULL, 0, 33), NO_FUNCTION);
    EXPECT(command(other), 0);
    /* Their other numbers are the same. */
    EXPECT(control(card, 0x42000000 + 14, NULL, 0, 4), 0);
    CHECK_EQ(out_number(), SPECIFIC);
    leave(card);
    leave(other);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?cards=1", 1);
    context = new_context();
    check_power();
    check_power_down();
    check_protocol();
    check_attributes();
    check_transmit();
    check_presence();
    check_last_error();
    check_transaction();
    check_escape();
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
