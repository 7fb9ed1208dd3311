/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's control codes where a pcscd has the readers: what it is asked in place of
 * them. */
#include "client/pcscd_wire.h"
#include "tests/support/pcscd_setup.h"

static uint8_t out[64];
static size_t out_size;

static enum sc_error control(uint32_t card, uint32_t code, const void *in, size_t size,
                             size_t room)
{
    struct request request = {.kind = REQUEST_CONTROL, .number = code};
    request.transfer.in = in;
    request.transfer.in_size = size;
    request.transfer.out = out;
    request.transfer.out_room = room;
    enum sc_error error = pcscd->card_call(card, &request);
    CHECK_EQ(request.kind, REQUEST_CONTROL);
    CHECK_EQ(request.number, code);
    out_size = request.transfer.out_size;
    return error;
}

static enum sc_error control_number(uint32_t card, uint32_t code, uint32_t number,
                                    size_t room)
{
    return control(card, code, &number, sizeof(number), room);
}

static uint32_t out_number(void)
{
    uint32_t number;
    CHECK_EQ(out_size, sizeof(number));
    memcpy(&number, out, sizeof(number));
    return number;
}

/* A word of the last reconnection: 1 the share mode, 2 protocols, 3 what is done. */
static uint32_t reconnect_word(struct fake_pcscd *fake, unsigned number)
{
    uint8_t bytes[64];
    size_t size = fake_last(fake, 0x05, bytes, sizeof(bytes));
    return wire_word(bytes, size, number);
}

static void test_power(void)
{
    enum { DOWN, COLD, WARM };
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context);
    CHECK_EQ(control_number(card, IOCTL_POWER, COLD, 33), SC_OK);
    CHECK_EQ(out_size, sizeof(test_atr));
    CHECK_MEM(out, test_atr, sizeof(test_atr));
    CHECK_EQ(reconnect_word(fake, 1), SHARE_SHARED);
    CHECK_EQ(reconnect_word(fake, 2), PROTOCOL_T1);
    CHECK_EQ(reconnect_word(fake, 3), DISPOSITION_UNPOWER);
    CHECK_EQ(control(card, IOCTL_POWER, "\2", 1, 1), SC_OK);
    CHECK_EQ(out_size, 0);
    CHECK_EQ(reconnect_word(fake, 3), DISPOSITION_RESET);
    CHECK_EQ(control_number(card, IOCTL_POWER, DOWN, 33), SC_E_UNSUPPORTED_FEATURE);
    CHECK_EQ(control_number(card, IOCTL_POWER, 3, 33), SC_E_INVALID_PARAMETER);
    CHECK_EQ(fake_count(fake, 0x05), 2);
    fake_script(fake, 0x05, FAKE_ANSWER, RV(0x0C), 1);
    CHECK_EQ(control_number(card, IOCTL_POWER, COLD, 33), SC_E_NO_SMARTCARD);
    CHECK_EQ(control(card, IOCTL_GET_LAST_ERROR, NULL, 0, 4), SC_OK);
    CHECK_EQ(out_number(), SC_E_NO_SMARTCARD);
    CHECK_EQ(fake_count(fake, 0x0A), 0); /* nothing of it is sent to the driver */
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

/* A direct connection is a shared one for that moment. */
static void test_protocol(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context), direct = 0;
    CHECK_EQ(control_number(card, IOCTL_SET_PROTOCOL, 3, 4), SC_OK);
    CHECK_EQ(out_number(), PROTOCOL_T1);
    CHECK_EQ(control_number(card, IOCTL_SET_PROTOCOL, 1, 4), SC_E_PROTO_MISMATCH);
    CHECK_EQ(control_number(card, IOCTL_SET_PROTOCOL, 3, 3), SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(fake_count(fake, 0x05), 0);
    struct request request = {.share = SHARE_DIRECT};
    CHECK_EQ(pcscd->connect(context, "Acme Reader 0", &request, &direct), SC_OK);
    CHECK_EQ(request.active, PROTOCOL_UNDEFINED);
    CHECK_EQ(control_number(direct, IOCTL_SET_PROTOCOL, 3, 4), SC_OK);
    CHECK(out_number() == PROTOCOL_T0 || out_number() == PROTOCOL_T1);
    CHECK_EQ(fake_count(fake, 0x05), 2);
    CHECK_EQ(reconnect_word(fake, 1), SHARE_DIRECT);
    CHECK_EQ(reconnect_word(fake, 2), out_number());
    CHECK_EQ(reconnect_word(fake, 3), DISPOSITION_LEAVE);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

static void test_states(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context);
    CHECK_EQ(control(card, IOCTL_GET_STATE, NULL, 0, 4), SC_OK);
    CHECK_EQ(out_number(), 5); /* SCARD_NEGOTIABLE: pcscd's states name no protocol */
    CHECK_EQ(control(card, IOCTL_IS_PRESENT, NULL, 0, 0), SC_OK);
    CHECK_EQ(control(card, IOCTL_IS_ABSENT, NULL, 0, 0), SC_E_NOT_READY);
    fake_reader(fake, 0, "Acme Reader [CCID] (0815) 00 00", ABSENT, 2, 0, NULL, 0);
    CHECK_EQ(control(card, IOCTL_GET_STATE, NULL, 0, 4), SC_OK);
    CHECK_EQ(out_number(), 1);
    CHECK_EQ(control(card, IOCTL_IS_PRESENT, NULL, 0, 0), SC_E_NOT_READY);
    CHECK_EQ(control(card, IOCTL_IS_ABSENT, NULL, 0, 0), SC_OK);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

static void test_others(void)
{
    static const uint8_t ask[] = {2, 0, 0, 0, 8, 0, 0, 0, 0x00, 0x84, 0x00, 0x00};
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context);
    fake_payload(fake, "\x90\x00", 2);
    CHECK_EQ(control(card, IOCTL_TRANSMIT, ask, sizeof(ask), 10), SC_OK);
    CHECK_EQ(out_size, 10);
    CHECK_MEM(out, "\2\0\0\0\x08\0\0\0\x90\x00", 10);
    CHECK_EQ(fake_count(fake, 0x09), 1);
    CHECK_EQ(control_number(card, IOCTL_GET_ATTRIBUTE, 0x00090303, 33), SC_OK);
    CHECK_EQ(fake_count(fake, 0x0F), 1);
    fake_script(fake, 0x0F, FAKE_ANSWER, RV(0x1F), 1);
    CHECK_EQ(control_number(card, IOCTL_GET_ATTRIBUTE, 0x12345678, 33),
             SC_X_NOT_SUPPORTED);
    CHECK_EQ(control(card, IOCTL_SET_ATTRIBUTE, "\1\0\1\0x", 5, 0), SC_OK);
    CHECK_EQ(fake_count(fake, 0x10), 1);
    /* pcsc-lite's number 1 is an escape command, and goes to the driver. */
    CHECK_EQ(control(card, IOCTL_ESCAPE_PCSCLITE, "\2", 1, 33), SC_OK);
    CHECK_EQ(fake_count(fake, 0x0A), 1);
    CHECK_EQ(fake_count(fake, 0x05), 0);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

int main(void)
{
    set_up();
    test_power();
    test_protocol();
    test_states();
    test_others();
    rmdir(directory);
    return check_result();
}
