/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers of a hostile pcscd: lengths beyond any room, bytes of no meaning, counts of
 * readers without end. The library gives an error, and goes on. */
#include "tests/support/pcscd_setup.h"

static void test_lengths(unsigned command, enum request_kind kind)
{
    static const uint32_t lengths[] = {5, 265, 65549, 0x7FFFFFFF, 0xFFFFFFFF};
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish();
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        uint32_t card = connect_card(context);
        uint8_t answer[4];
        struct request request = {.kind = kind};
        request.transfer.in = answer;
        request.transfer.in_size = 1;
        request.transfer.out = answer;
        request.transfer.out_room = sizeof(answer);
        memset(answer, 0, sizeof(answer));
        fake_payload(fake, "abc", 3);
        fake_script(fake, command, FAKE_LENGTH, lengths[i], 1);
        enum sc_error error = pcscd->card_call(card, &request);
        CHECK(error == SC_F_COMM_ERROR || error == SC_E_INSUFFICIENT_BUFFER);
        (void)call(card, REQUEST_DISCONNECT, 0);
        CHECK_EQ(pcscd->check_context(context), SC_OK);
    }
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

/* A length with an error means nothing, save that the room was too small. */
static void test_length_of_errors(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context);
    static uint8_t large[70000];
    uint8_t answer[4] = {0};
    struct request request = {.kind = REQUEST_TRANSMIT};
    request.transfer.in = answer;
    request.transfer.in_size = 1;
    request.transfer.out = answer;
    request.transfer.out_room = sizeof(answer);
    fake_payload(fake, large, sizeof(large));
    CHECK_EQ(pcscd->card_call(card, &request), SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(request.transfer.out_size, 0);
    fake_payload(fake, large, 100);
    CHECK_EQ(pcscd->card_call(card, &request), SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(request.transfer.out_size, 100);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

static void use_all(struct fake_pcscd *fake)
{
    uint32_t context = 0, card = 0;
    struct request request = {.share = SHARE_SHARED, .protocols = PROTOCOL_T1};
    struct multistring names;
    struct card_status status;
    uint8_t value[DRIVER_ATTRIBUTE_MAX];
    size_t size;
    multistring_init(&names, 100000);
    if (pcscd->establish(ABI_WINDOWS, &context) != SC_OK)
        return;
    (void)pcscd->list_readers(context, NAME_WINDOWS, &names);
    struct watch_entry entry = {.name = "Acme Reader 1", .current = 0x10};
    (void)pcscd->watch(context, WATCH_PCSCLITE, 10, &entry, 1);
    if (pcscd->connect(context, "Acme Reader 0", &request, &card) == SC_OK) {
        (void)pcscd->card_status(card, NAME_WINDOWS, &status);
        (void)pcscd->get_attribute(card, NAME_WINDOWS, 0x00010100, value, &size);
        (void)transmit(card);
        (void)call(card, REQUEST_RECONNECT, 0);
        (void)call(card, REQUEST_BEGIN, 0);
        (void)call(card, REQUEST_END, 0);
    }
    (void)pcscd->release(context);
    multistring_clear(&names);
    CHECK(fake_connections(fake) < 10);
}

static void test_garbage(void)
{
    for (uint32_t minor = 4; minor <= 6; minor++) {
        for (unsigned command = 1; command < FAKE_COMMANDS; command++) {
            struct fake_pcscd *fake = start_fake(minor);
            fake_payload(fake, "\x90", 2);
            fake_script(fake, command, FAKE_GARBAGE, 0, 1);
            use_all(fake);
            fake_stop(fake);
        }
    }
}

static void test_records(void)
{
    struct fake_pcscd *fake = start_fake(6);
    char name[128];
    static const uint8_t atr[FAKE_ATR_MAX] = {0x3B};
    struct multistring names;
    uint32_t context = establish();
    memset(name, 'n', sizeof(name) - 1);
    name[127] = '\0';
    multistring_init(&names, 100000);
    /* Twice the same name, one without an end, one that is no text, a huge ATR. */
    fake_reader(fake, 0, "Same Name 00 00", CARD_IN, 0xFFFFFFFF, -77, atr, 4000);
    fake_reader(fake, 1, "Same Name 00 00", 0xFFFFFFFF, 0, 99, NULL, 0);
    fake_reader(fake, 2, name, ABSENT, 0, 0, NULL, 0);
    fake_reader(fake, 3, "\xFF\xFE\x80", ABSENT, 0, 0, NULL, 0);
    CHECK_EQ(pcscd->list_readers(context, NAME_PCSCLITE, &names), SC_OK);
    CHECK_EQ(multistring_count(names.bytes), 3);
    CHECK(multistring_contains(names.bytes, "???"));
    CHECK(multistring_contains(names.bytes, name));
    multistring_clear(&names);
    CHECK_EQ(pcscd->release(context), SC_OK);
    /* Counts that are not true, and one beyond every limit. */
    static const uint32_t counts[] = {0, 1, 100, 4096, 4097, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        context = establish();
        multistring_init(&names, 100000);
        fake_script(fake, 0x16, FAKE_LENGTH, counts[i], 1);
        enum sc_error error = pcscd->list_readers(context, NAME_WINDOWS, &names);
        CHECK_EQ(error, counts[i] <= 4096 ? SC_OK : SC_E_SERVICE_STOPPED);
        multistring_clear(&names);
        CHECK_EQ(pcscd->release(context), SC_OK);
    }
    fake_stop(fake);
}

int main(void)
{
    set_up();
    test_lengths(0x09, REQUEST_TRANSMIT);
    test_lengths(0x0A, REQUEST_CONTROL);
    test_lengths(0x0F, REQUEST_GET_ATTRIBUTE);
    test_length_of_errors();
    test_garbage();
    test_records();
    rmdir(directory);
    return check_result();
}
