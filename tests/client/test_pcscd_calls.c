/* SPDX-License-Identifier: BSD-2-Clause */
/* Every call of the carrier to pcscd: what is sent, and what is made of the answer. */
#include "tests/support/pcscd_setup.h"

#include "client/pcscd_wire.h"
#include "os/cancel.h"
#include "os/time.h"

#include <pthread.h>

static uint32_t sent_word(struct fake_pcscd *fake, unsigned command, unsigned word)
{
    uint8_t bytes[400];
    fake_last(fake, command, bytes, sizeof(bytes));
    return wire_word(bytes, sizeof(bytes), word);
}

static void test_readers(uint32_t minor)
{
    struct fake_pcscd *fake = start_fake(minor);
    struct multistring names;
    struct reader_info info;
    char shown[DRIVER_NAME_MAX];
    uint32_t context = establish();
    CHECK_EQ(pcscd->check_context(context), SC_OK);
    CHECK_EQ(pcscd->check_context(context + 1), SC_E_INVALID_HANDLE);
    multistring_init(&names, 1000);
    CHECK_EQ(pcscd->list_readers(context, NAME_PCSCLITE, &names), SC_OK);
    CHECK_MEM(names.bytes,
              "Acme Reader [CCID] (0815) 00 00\0Acme Reader [CCID] (0816) 01 00\0", 65);
    multistring_clear(&names);
    multistring_init(&names, 1000);
    CHECK_EQ(pcscd->list_readers(context, NAME_WINDOWS, &names), SC_OK);
    CHECK_MEM(names.bytes, "Acme Reader 0\0Acme Reader 1\0", 29);
    multistring_clear(&names);
    CHECK_EQ(pcscd->reader_info(context, "Acme Reader 1", NAME_PCSCLITE, &info, shown),
             SC_OK);
    CHECK_STR(shown, "Acme Reader [CCID] (0816) 01 00");
    CHECK_STR(info.vendor, "Acme");
    CHECK_STR(info.product, "Reader");
    CHECK_STR(info.serial, "0816");
    CHECK_STR(info.device_id, "");
    CHECK_EQ(pcscd->reader_info(context, "Nobody's", NAME_WINDOWS, &info, shown),
             SC_E_UNKNOWN_READER);
    fake_reader(fake, 0, "", 0, 0, 0, NULL, 0);
    fake_reader(fake, 1, "", 0, 0, 0, NULL, 0);
    multistring_init(&names, 1000);
    CHECK_EQ(pcscd->list_readers(context, NAME_WINDOWS, &names),
             SC_E_NO_READERS_AVAILABLE);
    if (minor >= 6) { /* more than sixteen of them */
        for (unsigned i = 0; i < FAKE_READERS; i++) {
            snprintf(shown, sizeof(shown), "Many Readers %02X 00", i);
            fake_reader(fake, i, shown, ABSENT, 0, 0, NULL, 0);
        }
        CHECK_EQ(pcscd->list_readers(context, NAME_WINDOWS, &names), SC_OK);
        CHECK_EQ(multistring_count(names.bytes), FAKE_READERS);
        CHECK(multistring_contains(names.bytes, "Many Readers 39"));
    }
    multistring_clear(&names);
    CHECK_EQ(pcscd->release(context), SC_OK);
    CHECK_EQ(pcscd->release(context), SC_E_INVALID_HANDLE);
    CHECK_EQ(pcscd->check_context(context), SC_E_INVALID_HANDLE);
    fake_stop(fake);
}

static void test_connect(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = 0;
    uint8_t bytes[160];
    struct request request = {.share = SHARE_EXCLUSIVE, .protocols = PROTOCOL_RAW};
    CHECK_EQ(pcscd->connect(context, "Acme Reader [CCID] (0815) 00 00", &request, &card),
             SC_OK);
    CHECK_EQ(request.active, PROTOCOL_RAW);
    CHECK_EQ(card >> 29, 2);
    CHECK_EQ(fake_last(fake, 0x04, bytes, sizeof(bytes)), 152);
    CHECK_EQ(wire_word(bytes, 152, 0), 0x1234);
    CHECK_STR((char *)bytes + 4, "Acme Reader [CCID] (0815) 00 00");
    CHECK_EQ(wire_word(bytes, 152, 33), SHARE_EXCLUSIVE);
    CHECK_EQ(wire_word(bytes, 152, 34), 4);

    request = (struct request){.kind = REQUEST_RECONNECT,
                               .share = SHARE_SHARED,
                               .protocols = PROTOCOL_T0 | PROTOCOL_T1,
                               .disposition = DISPOSITION_UNPOWER};
    CHECK_EQ(pcscd->card_call(card, &request), SC_OK);
    CHECK_EQ(request.active, PROTOCOL_T0);
    CHECK_EQ(sent_word(fake, 0x05, 0), 0x7001);
    CHECK_EQ(sent_word(fake, 0x05, 1), SHARE_SHARED);
    CHECK_EQ(sent_word(fake, 0x05, 2), 3);
    CHECK_EQ(sent_word(fake, 0x05, 3), DISPOSITION_UNPOWER);
    /* Somebody else's share, not a transaction: an answer at once. */
    request.share = SHARE_EXCLUSIVE;
    fake_script(fake, 0x05, FAKE_ANSWER, RV(0x0B), 1);
    CHECK_EQ(pcscd->card_call(card, &request), SC_E_SHARING_VIOLATION);

    CHECK_EQ(call(card, REQUEST_DISCONNECT, DISPOSITION_RESET), SC_OK);
    CHECK_EQ(sent_word(fake, 0x06, 1), DISPOSITION_RESET);
    CHECK_EQ(call(card, REQUEST_DISCONNECT, 0), SC_E_INVALID_HANDLE);
    CHECK_EQ(transmit(card), SC_E_INVALID_HANDLE);
    CHECK_EQ(call(card, REQUEST_PROBE, 0), SC_E_INVALID_HANDLE);

    fake_script(fake, 0x04, FAKE_ANSWER, RV(0x0C), 1);
    CHECK_EQ(pcscd->connect(context, "Acme Reader 1", &request, &card),
             SC_E_NO_SMARTCARD);
    CHECK_EQ(pcscd->connect(context, "Acme Reader 2", &request, &card),
             SC_E_UNKNOWN_READER);
    CHECK_EQ(pcscd->connect(0, "Acme Reader 0", &request, &card), SC_E_INVALID_HANDLE);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

/* Another holds the transaction: then a handle goes without a reset. */
static void test_disconnect_meanwhile(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context);
    fake_script(fake, 0x0B, FAKE_ANSWER, RV(0x0B), 1);
    CHECK_EQ(call(card, REQUEST_DISCONNECT, DISPOSITION_RESET), SC_OK);
    CHECK_EQ(sent_word(fake, 0x06, 1), DISPOSITION_LEAVE);
    /* The connection is used again. */
    unsigned versions = fake_count(fake, 0x11);
    card = connect_card(context);
    CHECK_EQ(fake_count(fake, 0x11), versions);
    /* A context that is released resets its cards, if nobody else has a transaction. */
    CHECK_EQ(pcscd->release(context), SC_OK);
    CHECK_EQ(sent_word(fake, 0x06, 1), DISPOSITION_RESET);
    CHECK_EQ(call(card, REQUEST_DISCONNECT, 0), SC_E_INVALID_HANDLE);
    context = establish();
    card = connect_card(context);
    fake_script(fake, 0x0B, FAKE_ANSWER, RV(0x0B), 1);
    CHECK_EQ(pcscd->release(context), SC_OK);
    CHECK_EQ(sent_word(fake, 0x06, 1), DISPOSITION_LEAVE);
    fake_stop(fake);
}

static void test_transfer(void)
{
    struct fake_pcscd *fake = start_fake(5);
    uint32_t context = establish(), card = connect_card(context);
    uint8_t bytes[100], answer[4];
    struct card_status status;
    struct request request = {.kind = REQUEST_TRANSMIT};
    static uint8_t large[DRIVER_TRANSFER_MAX + 1];
    fake_payload(fake, "\x61\x62\x90", 4);
    request.transfer.in = (const uint8_t *)"abc";
    request.transfer.in_size = 3;
    request.transfer.out = answer;
    request.transfer.out_room = sizeof(answer);
    CHECK_EQ(pcscd->card_call(card, &request), SC_OK);
    CHECK_EQ(request.transfer.out_size, 4);
    CHECK_EQ(request.active, PROTOCOL_T1);
    CHECK_MEM(answer, "\x61\x62\x90", 4);
    CHECK_EQ(fake_last(fake, 0x09, bytes, sizeof(bytes)), 35);
    CHECK_EQ(wire_word(bytes, 32, 1), 2);
    CHECK_EQ(wire_word(bytes, 32, 3), 3);
    CHECK_EQ(wire_word(bytes, 32, 6), 4);
    CHECK_MEM(bytes + 32, "abc", 3);
    request.transfer.out_room = 3;
    CHECK_EQ(pcscd->card_call(card, &request), SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(request.transfer.out_size, 4);
    CHECK_EQ(pcscd->card_status(card, NAME_WINDOWS, &status), SC_OK);
    CHECK_EQ(status.transmissions, 1);
    fake_script(fake, 0x09, FAKE_ANSWER, RV(0x16), 1);
    CHECK_EQ(pcscd->card_call(card, &request), SC_F_COMM_ERROR);
    fake_script(fake, 0x09, FAKE_ANSWER, RV(0x68), 1);
    CHECK_EQ(pcscd->card_call(card, &request), SC_W_RESET_CARD);
    fake_script(fake, 0x09, FAKE_ANSWER, RV(0x03), 1);
    CHECK_EQ(pcscd->card_call(card, &request), SC_E_READER_UNAVAILABLE);
    request.transfer.in = large;
    request.transfer.in_size = sizeof(large);
    CHECK_EQ(pcscd->card_call(card, &request), SC_E_INVALID_PARAMETER);
    request.transfer.in_size = DRIVER_TRANSFER_MAX;
    request.transfer.out = large;
    request.transfer.out_room = SIZE_MAX;
    fake_payload(fake, large, DRIVER_TRANSFER_MAX);
    CHECK_EQ(pcscd->card_call(card, &request), SC_OK);
    CHECK_EQ(request.transfer.out_size, DRIVER_TRANSFER_MAX);
    CHECK_EQ(sent_word(fake, 0x09, 6), DRIVER_TRANSFER_MAX);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

static void test_control(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context);
    uint8_t answer[16];
    struct request request = {.kind = REQUEST_CONTROL, .number = 0x00313520};
    static const uint8_t features[] = {0x12, 4, 0x42, 0, 0x0D, 0x48};
    static const uint8_t want[] = {0x12, 4, 0x00, 0x31, 0x35, 0x20};
    fake_payload(fake, features, sizeof(features));
    request.transfer.out = answer;
    request.transfer.out_room = sizeof(answer);
    CHECK_EQ(pcscd->card_call(card, &request), SC_OK);
    CHECK_EQ(request.transfer.out_size, 6);
    CHECK_MEM(answer, want, 6);
    CHECK_EQ(sent_word(fake, 0x0A, 1), 0x42000D48);
    request.number = 0x42330006;
    request.transfer.out = NULL;
    request.transfer.out_room = 0;
    fake_payload(fake, "", 0);
    CHECK_EQ(pcscd->card_call(card, &request), SC_OK);
    CHECK_EQ(sent_word(fake, 0x0A, 1), 0x42330006);
    fake_script(fake, 0x0A, FAKE_ANSWER, RV(0x1F), 1);
    CHECK_EQ(pcscd->card_call(card, &request), SC_E_UNSUPPORTED_FEATURE);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

static void test_attributes(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context);
    uint8_t value[DRIVER_ATTRIBUTE_MAX], bytes[300];
    size_t size = 0;
    fake_payload(fake, "\x11\x22", 2);
    CHECK_EQ(pcscd->get_attribute(card, NAME_WINDOWS, 0x00010100, value, &size), SC_OK);
    CHECK_EQ(size, 2);
    CHECK_MEM(value, "\x11\x22", 2);
    CHECK_EQ(sent_word(fake, 0x0F, 1), 0x00010100);
    CHECK_EQ(sent_word(fake, 0x0F, 68), 264);
    CHECK_EQ(pcscd->get_attribute(card, NAME_WINDOWS, 0x7FFF0003, value, &size), SC_OK);
    CHECK_STR((char *)value, "Acme Reader 0");
    CHECK_EQ(pcscd->get_attribute(card, NAME_PCSCLITE, 0x7FFF0003, value, &size), SC_OK);
    CHECK_STR((char *)value, "Acme Reader [CCID] (0815) 00 00");
    CHECK_EQ(fake_count(fake, 0x0F), 1);
    fake_script(fake, 0x0F, FAKE_ANSWER, RV(0x1F), 4);
    CHECK_EQ(pcscd->get_attribute(card, NAME_WINDOWS, 0x00090303, value, &size), SC_OK);
    CHECK_EQ(size, sizeof(test_atr));
    CHECK_EQ(pcscd->get_attribute(card, NAME_WINDOWS, 0x00010100, value, &size), SC_OK);
    CHECK_STR((char *)value, "Acme");
    CHECK_EQ(pcscd->get_attribute(card, NAME_WINDOWS, 0x00020110, value, &size),
             SC_X_NOT_SUPPORTED);
    CHECK_EQ(pcscd->get_attribute(card, NAME_WINDOWS, 0x12345678, value, &size),
             SC_X_NOT_SUPPORTED);
    CHECK_EQ(pcscd->get_attribute(1, NAME_WINDOWS, 0x00090303, value, &size),
             SC_E_INVALID_HANDLE);
    /* After another's reset pcscd tells nothing, but on Windows the reader is told of. */
    fake_script(fake, 0x0F, FAKE_ANSWER, RV(0x68), 3);
    CHECK_EQ(pcscd->get_attribute(card, NAME_WINDOWS, 0x00010100, value, &size), SC_OK);
    CHECK_STR((char *)value, "Acme");
    CHECK_EQ(pcscd->get_attribute(card, NAME_WINDOWS, 0x00090303, value, &size),
             SC_W_RESET_CARD);
    CHECK_EQ(pcscd->get_attribute(card, NAME_PCSCLITE, 0x00010100, value, &size),
             SC_W_RESET_CARD);
    struct request request = {.kind = REQUEST_SET_ATTRIBUTE, .number = 0x00010105};
    request.transfer.in = (const uint8_t *)"xyz";
    request.transfer.in_size = 3;
    CHECK_EQ(pcscd->card_call(card, &request), SC_OK);
    CHECK_EQ(fake_last(fake, 0x10, bytes, sizeof(bytes)), 280);
    CHECK_MEM(bytes + 8, "xyz\0", 4);
    CHECK_EQ(wire_word(bytes, 280, 68), 3);
    request.transfer.in_size = 265;
    CHECK_EQ(pcscd->card_call(card, &request), SC_E_INVALID_PARAMETER);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

static void test_status(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context);
    struct card_status status;
    CHECK_EQ(pcscd->card_status(card, NAME_PCSCLITE, &status), SC_OK);
    CHECK_STR(status.name, "Acme Reader [CCID] (0815) 00 00");
    CHECK_EQ(status.state, CARD_NEGOTIABLE);
    CHECK_EQ(status.protocol, PROTOCOL_T1);
    uint32_t events = status.events; /* 1, and what it counted in other tests */
    CHECK_EQ(status.atr_size, sizeof(test_atr));
    fake_script(fake, 0x0B, FAKE_ANSWER, RV(0x0B), 1);
    CHECK_EQ(pcscd->card_status(card, NAME_WINDOWS, &status), SC_OK);
    CHECK_STR(status.name, "Acme Reader 0");
    fake_script(fake, 0x0B, FAKE_ANSWER, RV(0x68), 1);
    CHECK_EQ(pcscd->card_status(card, NAME_WINDOWS, &status), SC_W_RESET_CARD);
    CHECK_EQ(status.atr_size, sizeof(test_atr));
    fake_reader(fake, 0, "Acme Reader [CCID] (0815) 00 00", ABSENT, 2, 0, NULL, 0);
    fake_script(fake, 0x0B, FAKE_ANSWER, RV(0x69), 1);
    CHECK_EQ(pcscd->card_status(card, NAME_WINDOWS, &status), SC_W_REMOVED_CARD);
    CHECK_EQ(status.state, CARD_ABSENT);
    CHECK_EQ(status.atr_size, 0);
    CHECK_EQ(status.events, events + 1);
    fake_reader(fake, 0, "", 0, 0, 0, NULL, 0);
    CHECK_EQ(pcscd->card_status(card, NAME_WINDOWS, &status), SC_E_READER_UNAVAILABLE);
    CHECK_STR(status.name, "Acme Reader 0");
    fake_script(fake, 0x06, FAKE_ANSWER, RV(0x03), 1);
    CHECK_EQ(call(card, REQUEST_DISCONNECT, 0), SC_OK);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

static void test_transaction(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context);
    uint64_t start_ms = os_now_ms();
    fake_script(fake, 0x07, FAKE_ANSWER, RV(0x0B), 6);
    CHECK_EQ(call(card, REQUEST_BEGIN, 0), SC_OK);
    CHECK(os_now_ms() - start_ms < 3000);
    CHECK_EQ(fake_count(fake, 0x07), 7);
    fake_script(fake, 0x09, FAKE_ANSWER, RV(0x0B), 2);
    CHECK_EQ(transmit(card), SC_OK);
    CHECK_EQ(fake_count(fake, 0x09), 3);
    fake_script(fake, 0x05, FAKE_ANSWER, RV(0x0B), 2);
    CHECK_EQ(call(card, REQUEST_RECONNECT, 0), SC_OK);
    CHECK_EQ(fake_count(fake, 0x05), 3);
    CHECK_EQ(fake_count(fake, 0x08), 1); /* on Windows that is the transaction's end */
    CHECK_EQ(sent_word(fake, 0x08, 1), DISPOSITION_LEAVE);
    CHECK_EQ(call(card, REQUEST_RECONNECT, 0), SC_OK);
    CHECK_EQ(fake_count(fake, 0x08), 1);
    CHECK_EQ(call(card, REQUEST_BEGIN, 0), SC_OK);
    CHECK_EQ(call(card, REQUEST_END, DISPOSITION_RESET), SC_OK);
    CHECK_EQ(sent_word(fake, 0x08, 1), DISPOSITION_RESET);
    fake_script(fake, 0x08, FAKE_ANSWER, RV(0x16), 1);
    CHECK_EQ(call(card, REQUEST_END, 0), SC_E_NOT_TRANSACTED);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

/* Another has the transaction: the error comes at once, and pcscd is asked once. */
static void test_end_without(void)
{
    for (int abi = 0; abi < ABI_KINDS; abi++) {
        struct fake_pcscd *fake = start_fake(4);
        uint32_t context = 0;
        CHECK_EQ(pcscd->establish((enum program_abi)abi, &context), SC_OK);
        uint32_t card = connect_card(context);
        fake_script(fake, 0x08, FAKE_ANSWER, RV(0x0B), 1000000);
        CHECK_EQ(call(card, REQUEST_END, 0),
                 abi == ABI_WINDOWS ? SC_E_NOT_TRANSACTED : SC_E_SHARING_VIOLATION);
        CHECK_EQ(fake_count(fake, 0x08), 1);
        CHECK_EQ(pcscd->release(context), SC_OK);
        fake_stop(fake);
    }
}

static void *wait_alone(void *card)
{
    static enum sc_error error;
    struct request request = {
        .kind = REQUEST_RECONNECT, .share = SHARE_EXCLUSIVE, .protocols = PROTOCOL_T0};
    error = pcscd->card_call(*(uint32_t *)card, &request);
    return &error;
}

/* pcsc-lite's SCardReconnect waits until nobody shares the card, or until SCardCancel. */
static void test_alone(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = 0;
    CHECK_EQ(pcscd->establish(ABI_PCSCLITE, &context), SC_OK);
    uint32_t card = connect_card(context);
    fake_script(fake, 0x05, FAKE_ANSWER, RV(0x0B), 3);
    CHECK_EQ(*(enum sc_error *)wait_alone(&card), SC_OK);
    CHECK_EQ(fake_count(fake, 0x05), 4);
    for (int way = 0; way < 2; way++) {
        pthread_t thread;
        void *result;
        unsigned before = fake_count(fake, 0x05);
        fake_script(fake, 0x05, FAKE_ANSWER, RV(0x0B), 1000000);
        pthread_create(&thread, NULL, wait_alone, &card);
        CHECK(fake_wait(fake, 0x05, before + 2));
        CHECK_EQ(way == 0 ? pcscd->cancel(context) : pcscd->release(context), SC_OK);
        pthread_join(thread, &result);
        CHECK(*(enum sc_error *)result == SC_E_CANCELLED
              || (way == 1 && *(enum sc_error *)result == SC_E_INVALID_HANDLE));
    }
    fake_stop(fake);
}

static void *begin_for_ever(void *card)
{
    static enum sc_error error;
    os_cancel_off(); /* as the faces do: it takes effect only where the call waits */
    error = call(*(uint32_t *)card, REQUEST_BEGIN, 0);
    os_cancel_restore();
    return &error;
}

/* Who waits for a transaction is woken by a disconnect, a release, a pthread_cancel. */
static void test_transaction_ends(void)
{
    struct fake_pcscd *fake = start_fake(4);
    for (int way = 0; way < 2 + CAN_CANCEL; way++) {
        uint32_t context = establish(), card = connect_card(context);
        pthread_t thread;
        void *result;
        unsigned before = fake_count(fake, 0x07);
        fake_script(fake, 0x07, FAKE_ANSWER, RV(0x0B), 1000000);
        pthread_create(&thread, NULL, begin_for_ever, &card);
        CHECK(fake_wait(fake, 0x07, before + 2));
        if (way == 0)
            CHECK_EQ(call(card, REQUEST_DISCONNECT, 0), SC_OK);
        else if (way == 1)
            CHECK_EQ(pcscd->release(context), SC_OK);
        else
            pthread_cancel(thread);
        pthread_join(thread, &result);
        if (way < 2)
            CHECK(*(enum sc_error *)result == SC_E_INVALID_HANDLE
                  || *(enum sc_error *)result == SC_E_CANCELLED);
        else
            CHECK(result == PTHREAD_CANCELED);
        if (way != 1)
            CHECK_EQ(pcscd->release(context), SC_OK);
    }
    fake_stop(fake);
}

static void *transmit_slowly(void *card)
{
    static enum sc_error error;
    error = transmit(*(uint32_t *)card);
    return &error;
}

/* While one card takes its time everything else goes on. */
static void test_slow_card(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), slow = connect_card(context);
    uint32_t other = connect_card(context);
    struct multistring names;
    pthread_t thread;
    void *result;
    fake_script(fake, 0x09, FAKE_MUTE, 0, 1);
    pthread_create(&thread, NULL, transmit_slowly, &slow);
    CHECK(fake_wait(fake, 0x09, 1));
    CHECK_EQ(transmit(other), SC_OK);
    multistring_init(&names, 1000);
    CHECK_EQ(pcscd->list_readers(context, NAME_WINDOWS, &names), SC_OK);
    multistring_clear(&names);
    struct watch_entry entry = {.name = "Acme Reader 0"};
    CHECK_EQ(pcscd->watch(context, WATCH_WINDOWS, 0, &entry, 1), SC_OK);
    CHECK_EQ(call(other, REQUEST_DISCONNECT, 0), SC_OK);
    fake_speak(fake);
    pthread_join(thread, &result);
    CHECK_EQ(*(enum sc_error *)result, SC_OK);
    /* A release ends what takes its time. */
    unsigned before = fake_count(fake, 0x09);
    fake_script(fake, 0x09, FAKE_MUTE, 0, 1);
    pthread_create(&thread, NULL, transmit_slowly, &slow);
    CHECK(fake_wait(fake, 0x09, before + 1));
    CHECK_EQ(pcscd->release(context), SC_OK);
    pthread_join(thread, &result);
    CHECK_EQ(*(enum sc_error *)result, SC_E_CANCELLED);
    fake_stop(fake);
}

static void *connect_slowly(void *context)
{
    static enum sc_error error;
    struct request request = {.share = SHARE_SHARED, .protocols = PROTOCOL_T1};
    uint32_t card;
    error = pcscd->connect(*(uint32_t *)context, "Acme Reader 0", &request, &card);
    return &error;
}

static void test_slow_connect(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish();
    pthread_t thread;
    void *result;
    fake_script(fake, 0x04, FAKE_MUTE, 0, 1);
    pthread_create(&thread, NULL, connect_slowly, &context);
    CHECK(fake_wait(fake, 0x04, 1));
    CHECK_EQ(pcscd->release(context), SC_OK);
    pthread_join(thread, &result);
    CHECK_EQ(*(enum sc_error *)result, SC_E_CANCELLED);
    fake_stop(fake);
}

static void test_cache(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish();
    static const uint8_t id[16] = {1};
    uint8_t data[4];
    size_t size = sizeof(data);
    CHECK_EQ(pcscd->write_cache(context, id, 1, "a", (const uint8_t *)"xyz", 3), SC_OK);
    CHECK_EQ(pcscd->read_cache(context, id, 1, "a", data, &size), SC_OK);
    CHECK_EQ(size, 3);
    CHECK_EQ(pcscd->read_cache(context, id, 1, "b", data, &size),
             SC_W_CACHE_ITEM_NOT_FOUND);
    size = 2;
    CHECK_EQ(pcscd->read_cache(context, id, 1, "a", data, &size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(pcscd->read_cache(0, id, 1, "a", data, &size), SC_E_INVALID_HANDLE);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

int main(void)
{
    uint32_t context;
    set_up();
    CHECK_EQ(pcscd->check_context(1), SC_E_INVALID_HANDLE);
    CHECK_EQ(pcscd->establish(ABI_WINDOWS, &context), SC_E_NO_SERVICE);
    CHECK(!client_finds_pcscd());
    for (uint32_t minor = 4; minor <= 6; minor++)
        test_readers(minor);
    test_connect();
    test_disconnect_meanwhile();
    test_transfer();
    test_control();
    test_attributes();
    test_status();
    test_transaction();
    test_end_without();
    test_alone();
    test_transaction_ends();
    test_slow_card();
    test_slow_connect();
    test_cache();
    rmdir(directory);
    return check_result();
}
