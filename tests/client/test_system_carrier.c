/* SPDX-License-Identifier: BSD-2-Clause */
/* The carrier to Windows' own winscard.dll, which a fake one stands for: each member calls
 * what it should, and gives back what came of it. */
#include "tests/client/system_test.h"

#include "base/alloc.h"
#include "base/attribute.h"
#include "manager/limits.h"
#include "os/time.h"

#include <pthread.h>

static struct fake_system *fake;
static const struct carrier *carrier;
static const uint8_t id[16] = {0x78, 0x56, 0x34, 0x12};

/* What was called since the last question. */
#define CHECK_CALLED(text)                                                               \
    do {                                                                                 \
        CHECK_STR(fake->log, text);                                                      \
        fake->log[0] = '\0';                                                             \
    } while (0)

static void begin_fake(LONG result)
{
    fake->result = result;
    fake->check_result = SCARD_S_SUCCESS;
    fake->next_handle = 1;
    fake->protocol = SCARD_PROTOCOL_T1;
    fake->answer_size = 0;
    memset(fake->answer, 0, sizeof(fake->answer));
    fake->log[0] = '\0';
}

static uint32_t new_context(void)
{
    uint32_t context = 0;
    fake->next_handle = 1;
    CHECK_EQ(carrier->establish(ABI_WINDOWS, &context), SC_OK);
    fake->log[0] = '\0';
    return context;
}

static uint32_t new_card(uint32_t context)
{
    struct request request = {.kind = REQUEST_CONNECT, .share = 2, .protocols = 3};
    uint32_t card = 0;
    CHECK_EQ(carrier->connect(context, "Reader 0", &request, &card), SC_OK);
    fake->log[0] = '\0';
    return card;
}

static void test_contexts(void)
{
    uint32_t context = 0, other = 0;
    begin_fake(SCARD_S_SUCCESS);
    CHECK_EQ(carrier->establish(ABI_WINDOWS, &context), SC_OK);
    CHECK_CALLED("establish 0 1\n");
    CHECK(context != 0 && context <= 0x7FFFFFFF);
    CHECK_EQ(carrier->check_context(context), SC_OK);
    CHECK_EQ(carrier->cancel(context), SC_OK);
    CHECK_CALLED("check 1\ncancel 1\n");
    CHECK_EQ(carrier->release(context), SC_OK);
    CHECK_CALLED("release 1\n");
    CHECK_EQ(carrier->check_context(context), SC_E_INVALID_HANDLE);
    CHECK_EQ(carrier->cancel(context), SC_E_INVALID_HANDLE);
    CHECK_EQ(carrier->release(context), SC_E_INVALID_HANDLE);
    CHECK_EQ(carrier->release(0), SC_E_INVALID_HANDLE);
    CHECK_CALLED("");
    context = new_context();
    CHECK_EQ(carrier->release(new_card(context)), SC_E_INVALID_HANDLE);
    CHECK_EQ(carrier->release(context), SC_OK);
    begin_fake(SCARD_E_NO_SERVICE);
    CHECK_EQ(carrier->establish(ABI_WINDOWS, &other), SC_E_NO_SERVICE);
    CHECK_EQ(other, 0);
}

/* The service is stopped: what is none there any more is none here. */
static void test_stopped_service(void)
{
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context(), card = new_card(context);
    struct request request = {.kind = REQUEST_BEGIN};
    fake->result = SCARD_E_SERVICE_STOPPED;
    CHECK_EQ(carrier->card_call(card, &request), SC_E_SERVICE_STOPPED);
    CHECK_EQ(carrier->release(context), SC_E_SERVICE_STOPPED);
    fake->log[0] = '\0';
    CHECK_EQ(carrier->check_context(context), SC_OK); /* they still know it */
    fake->check_result = ERROR_INVALID_HANDLE;
    CHECK_EQ(carrier->check_context(context), SC_E_INVALID_HANDLE);
    CHECK_EQ(carrier->release(context), SC_E_SERVICE_STOPPED);
    CHECK_EQ(carrier->release(context), SC_E_INVALID_HANDLE);
    CHECK_EQ(carrier->card_call(card, &request), SC_E_INVALID_HANDLE);
    CHECK_CALLED("check 1\ncheck 1\nrelease 1\ncheck 1\n");
}

/* --- Readers ------------------------------------------------------------------------ */

static void test_list(void)
{
    struct multistring names;
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context();
    memcpy(fake->readers, L"Gerät 0\0Reader 1\0", sizeof(L"Gerät 0\0Reader 1\0"));
    multistring_init(&names, 4096);
    CHECK_EQ(carrier->list_readers(context, NAME_WINDOWS, &names), SC_OK);
    CHECK_CALLED("list 1 1 ffffffff\n");
    CHECK_EQ(multistring_count(names.bytes), 2);
    CHECK_MEM(names.bytes, "Ger\xC3\xA4t 0\0Reader 1\0", 19);
    multistring_clear(&names);
    CHECK_EQ(fake->allocated, 0);
    /* What nobody can name here is left out; none at all is an error. */
    for (size_t i = 0; i < DRIVER_NAME_MAX; i++)
        fake->readers[i] = L'x';
    fake->readers[DRIVER_NAME_MAX] = fake->readers[DRIVER_NAME_MAX + 1] = 0;
    CHECK_EQ(carrier->list_readers(context, NAME_WINDOWS, &names),
             SC_E_NO_READERS_AVAILABLE);
    fake->readers[0] = 0xD800;
    fake->readers[1] = 0;
    memcpy(fake->readers + 2, L"B\0", sizeof(L"B\0"));
    CHECK_EQ(carrier->list_readers(context, NAME_WINDOWS, &names), SC_OK);
    CHECK_EQ(names.size, 3);
    multistring_clear(&names);
    fake->result = SCARD_E_NO_READERS_AVAILABLE;
    CHECK_EQ(carrier->list_readers(context, NAME_WINDOWS, &names),
             SC_E_NO_READERS_AVAILABLE);
    CHECK_EQ(carrier->list_readers(0, NAME_WINDOWS, &names), SC_E_INVALID_HANDLE);
    CHECK_EQ(fake->allocated, 0);
    fake->result = SCARD_S_SUCCESS;
    CHECK_EQ(carrier->release(context), SC_OK);
}

static void test_info(void)
{
    struct reader_info info;
    char shown[DRIVER_NAME_MAX] = "";
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context();
    memcpy(fake->readers, L"Reader 0\0Reader 1\0", sizeof(L"Reader 0\0Reader 1\0"));
    fake->type = READER_TYPE_USB;
    CHECK_EQ(carrier->reader_info(context, "READER 1", NAME_WINDOWS, &info, shown),
             SC_OK);
    CHECK_CALLED("list 1 1 ffffffff\ntype 1 \"Reader 1\"\ndevice 1 \"Reader 1\" 200\n");
    CHECK_STR(shown, "Reader 1");
    CHECK_STR(info.device_id, "USB\\VID_08E6&PID_3437\\1");
    CHECK_EQ(info.type, READER_TYPE_USB);
    CHECK_EQ(carrier->reader_info(context, "Reader", NAME_WINDOWS, &info, shown),
             SC_E_UNKNOWN_READER);
    CHECK_EQ(carrier->reader_info(context, "Reader 10", NAME_WINDOWS, &info, shown),
             SC_E_UNKNOWN_READER);
    CHECK_EQ(carrier->reader_info(0, "Reader 1", NAME_WINDOWS, &info, shown),
             SC_E_INVALID_HANDLE);
    fake->result = SCARD_E_NO_READERS_AVAILABLE;
    CHECK_EQ(carrier->reader_info(context, "Reader 1", NAME_WINDOWS, &info, shown),
             SC_E_UNKNOWN_READER);
    fake->result = SCARD_E_SERVICE_STOPPED;
    CHECK_EQ(carrier->reader_info(context, "Reader 1", NAME_WINDOWS, &info, shown),
             SC_E_SERVICE_STOPPED);
    fake->result = SCARD_S_SUCCESS;
    CHECK_EQ(carrier->release(context), SC_OK);
    CHECK_EQ(fake->allocated, 0);
}

/* --- Waiting ------------------------------------------------------------------------ */

static void test_watch(void)
{
    char longest[2 * SYSTEM_NAME_MAX];
    begin_fake(SCARD_E_TIMEOUT);
    fake->result = SCARD_S_SUCCESS;
    uint32_t context = new_context();
    struct watch_entry entries[] = {{.name = "Ger\xC3\xA4t 0", .current = 0x20022},
                                    {.name = "\\\\?PnP?\\Notification", .current = 1}};
    fake->event = 0x30012;
    fake->answer_size = 36; /* more than an ATR has */
    fake->answer[0] = 0x3B;
    CHECK_EQ(carrier->watch(context, WATCH_WINDOWS, 1234, entries, 2), SC_OK);
    CHECK_CALLED(
        "watch 1 4d2 2\n  \"Ger\xE4t 0\" 20022\n  \"\\\\?PnP?\\Notification\" 1\n");
    CHECK_EQ(entries[0].event, 0x30012);
    CHECK_EQ(entries[1].event, 0x30013);
    CHECK_EQ(entries[0].atr_size, DRIVER_ATR_MAX);
    CHECK_EQ(entries[0].atr[0], 0x3B);
    fake->result = SCARD_E_TIMEOUT;
    CHECK_EQ(carrier->watch(context, WATCH_WINDOWS, OS_FOREVER, entries, 1),
             SC_E_TIMEOUT);
    CHECK_CALLED("watch 1 ffffffff 1\n  \"Ger\xE4t 0\" 20022\n");
    CHECK_EQ(carrier->watch(context, WATCH_WINDOWS, 0xFFFFFFFF, entries, 0),
             SC_E_TIMEOUT);
    CHECK_CALLED("watch 1 fffffffe 0\n");
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    entries[0].name = longest;
    CHECK_EQ(carrier->watch(context, WATCH_WINDOWS, 0, entries, 1), SC_E_TIMEOUT);
    CHECK_CALLED("watch 1 0 1\n  \"\x01\" 20022\n");
    CHECK_EQ(carrier->watch(0, WATCH_WINDOWS, 0, entries, 1), SC_E_INVALID_HANDLE);
    mem_fail_at(2);
    CHECK_EQ(carrier->watch(context, WATCH_WINDOWS, 0, entries, 1), SC_E_NO_MEMORY);
    mem_fail_at(0);
    CHECK_CALLED("");
    fake->result = SCARD_S_SUCCESS;
    CHECK_EQ(carrier->release(context), SC_OK);
}

static void *wait_for_news(void *argument)
{
    struct watch_entry entry = {.name = "Reader 0"};
    const uint32_t *context = argument;
    CHECK_EQ(carrier->watch(*context, WATCH_WINDOWS, OS_FOREVER, &entry, 1),
             SC_E_CANCELLED);
    return NULL;
}

/* A call that waits there holds up no other, and the library stays loaded for it. */
static void test_cancel(void)
{
    pthread_t thread;
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context(), other = new_context();
    fake->waits = true;
    fake->waiting = CreateEventW(NULL, TRUE, FALSE, NULL);
    fake->cancelled = CreateEventW(NULL, TRUE, FALSE, NULL);
    CHECK_EQ(pthread_create(&thread, NULL, wait_for_news, &context), 0);
    CHECK_EQ(WaitForSingleObject(fake->waiting, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(carrier->release(other), SC_OK);
    /* Not even a library that was loaded once and freed once too often goes. */
    HMODULE module = GetModuleHandleA("fake_system.dll");
    CHECK(module != NULL && FreeLibrary(module));
    CHECK(GetModuleHandleA("fake_system.dll") == module);
    CHECK_EQ(carrier->cancel(context), SC_OK);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK_EQ(carrier->release(context), SC_OK);
    CHECK(GetModuleHandleA("fake_system.dll") == module);
    fake->waits = false;
    CloseHandle(fake->waiting);
    CloseHandle(fake->cancelled);
    fake->waiting = fake->cancelled = NULL;
}

/* --- Cards -------------------------------------------------------------------------- */

static void test_connect(void)
{
    struct request request = {.kind = REQUEST_CONNECT, .share = 2, .protocols = 0x10003};
    uint32_t card = 0, none = 0;
    char longest[2 * SYSTEM_NAME_MAX];
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context();
    CHECK_EQ(carrier->connect(context, "Ger\xC3\xA4t 0", &request, &card), SC_OK);
    CHECK_CALLED("connect 1 \"Ger\xE4t 0\" 2 10003\n");
    CHECK_EQ(request.active, PROTOCOL_T1);
    CHECK(card != 0 && card <= 0x7FFFFFFF && card != context);
    fake->result = SCARD_E_SHARING_VIOLATION;
    CHECK_EQ(carrier->connect(context, "R", &request, &none), SC_E_SHARING_VIOLATION);
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    fake->result = SCARD_S_SUCCESS;
    fake->log[0] = '\0';
    CHECK_EQ(carrier->connect(context, longest, &request, &none), SC_E_UNKNOWN_READER);
    CHECK_EQ(carrier->connect(context, "\xFF", &request, &none), SC_E_UNKNOWN_READER);
    CHECK_EQ(carrier->connect(card, "R", &request, &none), SC_E_INVALID_HANDLE);
    CHECK_CALLED("");
    /* Without memory for the handle nobody has it. */
    mem_fail_at(1);
    CHECK_EQ(carrier->connect(context, "R", &request, &none), SC_E_NO_MEMORY);
    mem_fail_at(0);
    CHECK_CALLED("connect 1 \"R\" 2 10003\ndisconnect 3 0\n");
    CHECK_EQ(none, 0);
    CHECK_EQ(carrier->release(context), SC_OK);
    request.kind = REQUEST_BEGIN;
    CHECK_EQ(carrier->card_call(card, &request), SC_E_INVALID_HANDLE);
}

static enum sc_error call_card(uint32_t card, enum request_kind kind,
                               uint32_t disposition)
{
    struct request request = {.kind = kind, .disposition = disposition};
    return carrier->card_call(card, &request);
}

static void test_plain_calls(void)
{
    struct request request = {
        .kind = REQUEST_RECONNECT, .share = 1, .protocols = 2, .disposition = 1};
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context(), card = new_card(context);
    CHECK_EQ(call_card(card, REQUEST_BEGIN, 0), SC_OK);
    CHECK_EQ(call_card(card, REQUEST_END, 3), SC_OK);
    CHECK_EQ(carrier->card_call(card, &request), SC_OK);
    CHECK_EQ(request.active, PROTOCOL_T1);
    CHECK_CALLED("begin 2\nend 2 3\nreconnect 2 1 2 1\n");
    fake->result = SCARD_W_REMOVED_CARD;
    CHECK_EQ(call_card(card, REQUEST_BEGIN, 0), SC_W_REMOVED_CARD);
    CHECK_EQ(call_card(card, REQUEST_END, 0), SC_W_REMOVED_CARD);
    CHECK_EQ(carrier->card_call(card, &request), SC_W_REMOVED_CARD);
    /* A refused disconnect leaves the handle; one that is none there is none here. */
    CHECK_EQ(call_card(card, REQUEST_DISCONNECT, 1), SC_W_REMOVED_CARD);
    fake->log[0] = '\0';
    fake->result = ERROR_INVALID_HANDLE;
    CHECK_EQ(call_card(card, REQUEST_DISCONNECT, 2), SC_E_INVALID_HANDLE);
    CHECK_CALLED("disconnect 2 2\n");
    CHECK_EQ(call_card(card, REQUEST_DISCONNECT, 2), SC_E_INVALID_HANDLE);
    CHECK_CALLED("");
    fake->result = SCARD_S_SUCCESS;
    card = new_card(context);
    CHECK_EQ(call_card(card, REQUEST_DISCONNECT, 0), SC_OK);
    CHECK_EQ(call_card(card, REQUEST_BEGIN, 0), SC_E_INVALID_HANDLE);
    CHECK_EQ(call_card(new_card(context), REQUEST_PROBE, 0), SC_F_INTERNAL_ERROR);
    CHECK_EQ(carrier->release(context), SC_OK);
}

static void test_transmit(void)
{
    uint8_t in[5] = {0x00, 0xA4, 0x04, 0x00, 0x0C}, out[4] = {0};
    struct request request = {
        .kind = REQUEST_TRANSMIT,
        .protocols = PROTOCOL_T0,
        .transfer = {.in = in, .in_size = 5, .out = out, .out_room = 4}};
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context(), card = new_card(context);
    memcpy(fake->answer, "\x61\x02\x90\x00", 4);
    fake->answer_size = 2;
    CHECK_EQ(carrier->card_call(card, &request), SC_OK);
    CHECK_CALLED("transmit 2 1 5 00..0c 4\n");
    CHECK_EQ(request.active, PROTOCOL_T1); /* what they say */
    CHECK_EQ(request.transfer.out_size, 2);
    CHECK_MEM(out, "\x61\x02\0\0", 4);
    request.protocols = 0; /* the one in force */
    fake->protocol = SCARD_PROTOCOL_T0;
    CHECK_EQ(carrier->card_call(card, &request), SC_OK);
    CHECK_CALLED("transmit 2 ffff 5 00..0c 4\n");
    CHECK_EQ(request.active, PROTOCOL_T1); /* as when it was connected */
    fake->answer_size = 258;
    CHECK_EQ(carrier->card_call(card, &request), SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(request.transfer.out_size, 258);
    CHECK_MEM(out, "\x61\x02\0\0", 4);
    fake->result = SCARD_W_RESET_CARD;
    CHECK_EQ(carrier->card_call(card, &request), SC_W_RESET_CARD);
    fake->result = SCARD_S_SUCCESS;
    CHECK_EQ(carrier->release(context), SC_OK);
}

static void test_control(void)
{
    uint8_t in[3] = {1, 2, 3}, out[8] = {0};
    uint32_t number = 0;
    struct request request = {
        .kind = REQUEST_CONTROL,
        .number = 0x313520,
        .transfer = {.in = in, .in_size = 3, .out = out, .out_room = 8}};
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context(), card = new_card(context);
    memcpy(fake->answer, "abc", 3);
    fake->answer_size = 3;
    CHECK_EQ(carrier->card_call(card, &request), SC_OK);
    CHECK_CALLED("control 2 313520 3 1 8\n");
    CHECK_EQ(request.transfer.out_size, 3);
    CHECK_MEM(out, "abc\0", 4);
    fake->answer_size = 9;
    CHECK_EQ(carrier->card_call(card, &request), SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(request.transfer.out_size, 9);
    /* A status among the bytes is an error of ours there. */
    request.number = IOCTL_GET_LAST_ERROR;
    number = (uint32_t)SCARD_W_REMOVED_CARD;
    memcpy(fake->answer, &number, 4);
    fake->answer_size = 4;
    CHECK_EQ(carrier->card_call(card, &request), SC_OK);
    memcpy(&number, out, 4);
    CHECK_EQ(number, SC_W_REMOVED_CARD);
    fake->result = ERROR_INVALID_FUNCTION;
    CHECK_EQ(carrier->card_call(card, &request), SC_X_INVALID_FUNCTION);
    fake->result = SCARD_S_SUCCESS;
    CHECK_EQ(carrier->release(context), SC_OK);
}

static void test_status(void)
{
    struct card_status status;
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context(), card = new_card(context);
    memcpy(fake->names, L"Gerät 0\0Mine\0", sizeof(L"Gerät 0\0Mine\0"));
    memcpy(fake->answer, "\x3B\x02\x14\x50", 4);
    fake->answer_size = 4;
    fake->state = SCARD_SPECIFIC;
    fake->count = 77;
    CHECK_EQ(carrier->card_status(card, NAME_WINDOWS, &status), SC_OK);
    CHECK_CALLED("status 2\ncount 2\n");
    CHECK_STR(status.name, "Ger\xC3\xA4t 0");
    CHECK_EQ(status.state, CARD_SPECIFIC);
    CHECK_EQ(status.protocol, PROTOCOL_T1);
    CHECK_EQ(status.atr_size, 4);
    CHECK_MEM(status.atr, "\x3B\x02\x14\x50", 4);
    CHECK_EQ(status.transmissions, 77);
    /* What it says of a card that was reset is told too. */
    fake->result = SCARD_W_RESET_CARD;
    fake->state = SCARD_NEGOTIABLE;
    CHECK_EQ(carrier->card_status(card, NAME_WINDOWS, &status), SC_W_RESET_CARD);
    CHECK_EQ(status.state, CARD_NEGOTIABLE);
    CHECK_EQ(status.transmissions, 0);
    fake->result = SCARD_E_READER_UNAVAILABLE;
    CHECK_EQ(carrier->card_status(card, NAME_WINDOWS, &status), SC_E_READER_UNAVAILABLE);
    CHECK_EQ(status.state, CARD_NEGOTIABLE); /* as it was */
    fake->result = SCARD_S_SUCCESS;
    for (size_t i = 0; i < sizeof(fake->names) / sizeof(WCHAR); i++)
        fake->names[i] = L'x'; /* without an end */
    CHECK_EQ(carrier->card_status(card, NAME_WINDOWS, &status), SC_F_INTERNAL_ERROR);
    CHECK_EQ(carrier->card_status(0, NAME_WINDOWS, &status), SC_E_INVALID_HANDLE);
    CHECK_EQ(carrier->release(context), SC_OK);
}

static void test_attributes(void)
{
    uint8_t value[DRIVER_ATTRIBUTE_MAX] = {0}, wanted[2] = {7, 8};
    size_t size = 0;
    struct request request = {.kind = REQUEST_SET_ATTRIBUTE,
                              .number = ATTR_CHANNEL_ID,
                              .transfer = {.in = wanted, .in_size = 2}};
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context(), card = new_card(context);
    memcpy(fake->answer, "ACME", 5);
    fake->answer_size = 5;
    CHECK_EQ(carrier->get_attribute(card, NAME_WINDOWS, ATTR_VENDOR_NAME, value, &size),
             SC_OK);
    CHECK_CALLED("get 2 10100 264\n");
    CHECK_EQ(size, 5);
    CHECK_MEM(value, "ACME", 5);
    /* Names are asked for in UTF-16, and told in UTF-8. */
    memcpy(fake->answer, L"Gerät 0", sizeof(L"Gerät 0"));
    fake->answer_size = sizeof(L"Gerät 0");
    CHECK_EQ(carrier->get_attribute(card, NAME_WINDOWS, ATTR_DEVICE_FRIENDLY_NAME_A,
                                    value, &size),
             SC_OK);
    CHECK_EQ(carrier->get_attribute(card, NAME_WINDOWS, ATTR_DEVICE_SYSTEM_NAME_A, value,
                                    &size),
             SC_OK);
    CHECK_CALLED("get 2 7fff0005 528\nget 2 7fff0006 528\n");
    CHECK_EQ(size, 9);
    CHECK_MEM(value, "Ger\xC3\xA4t 0", 9);
    fake->answer_size = DRIVER_ATTRIBUTE_MAX + 1;
    CHECK_EQ(carrier->get_attribute(card, NAME_WINDOWS, ATTR_VENDOR_NAME, value, &size),
             SC_E_INSUFFICIENT_BUFFER);
    fake->result = ERROR_NOT_SUPPORTED;
    CHECK_EQ(carrier->get_attribute(card, NAME_WINDOWS, ATTR_VENDOR_NAME, value, &size),
             SC_X_NOT_SUPPORTED);
    fake->log[0] = '\0';
    CHECK_EQ(carrier->card_call(card, &request), SC_X_NOT_SUPPORTED);
    fake->result = SCARD_S_SUCCESS;
    CHECK_EQ(carrier->card_call(card, &request), SC_OK);
    CHECK_CALLED("set 2 20110 07 2\nset 2 20110 07 2\n");
    CHECK_EQ(carrier->get_attribute(0, NAME_WINDOWS, ATTR_VENDOR_NAME, value, &size),
             SC_E_INVALID_HANDLE);
    CHECK_EQ(carrier->release(context), SC_OK);
}

/* --- The cache, the event ----------------------------------------------------------- */

static void test_cache(void)
{
    uint8_t data[8] = {0};
    size_t size = sizeof(data);
    begin_fake(SCARD_S_SUCCESS);
    uint32_t context = new_context();
    memcpy(fake->answer, "item", 4);
    fake->answer_size = 4;
    CHECK_EQ(carrier->read_cache(context, id, 9, "Gr\xC3\xBC\xC3\x9F", data, &size),
             SC_OK);
    CHECK_CALLED("read 1 12345678 9 \"Gr\xFC\xDF\" 8\n");
    CHECK_EQ(size, 4);
    CHECK_MEM(data, "item", 4);
    fake->answer_size = 9;
    size = sizeof(data);
    CHECK_EQ(carrier->read_cache(context, id, 9, "n", data, &size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 9);
    fake->result = SCARD_W_CACHE_ITEM_STALE;
    size = sizeof(data);
    CHECK_EQ(carrier->read_cache(context, id, 9, "n", data, &size),
             SC_W_CACHE_ITEM_STALE);
    CHECK_EQ(size, sizeof(data));
    fake->log[0] = '\0';
    CHECK_EQ(carrier->write_cache(context, id, 1, "n", (const uint8_t *)"xyz", 3),
             SC_W_CACHE_ITEM_STALE);
    CHECK_CALLED("write 1 12345678 1 \"n\" 78 3\n");
    fake->result = SCARD_S_SUCCESS;
    CHECK_EQ(carrier->read_cache(context, id, 1, "\xFF", data, &size),
             SC_E_INVALID_PARAMETER);
    CHECK_EQ(carrier->write_cache(0, id, 1, "n", data, 3), SC_E_INVALID_HANDLE);
    CHECK_EQ(carrier->release(context), SC_OK);
}

static void test_event(void)
{
    fake->started = CreateEventW(NULL, TRUE, TRUE, NULL);
    CHECK(fake->started != NULL && carrier->started_event() == fake->started);
    CloseHandle(fake->started);
    fake->started = NULL;
}

/* --- Limits ------------------------------------------------------------------------- */

/* The last one too many is given back at once, and one that goes makes room for one. */
static void test_exhaustion(void)
{
    static uint32_t all[LIMIT_CARDS];
    struct request request = {.kind = REQUEST_CONNECT, .share = 2};
    unsigned wrong = 0;
    uint32_t one_more = 0;
    begin_fake(SCARD_S_SUCCESS);
    fake->silent = true;
    for (uint32_t i = 0; i < LIMIT_CONTEXTS; i++)
        wrong += carrier->establish(ABI_WINDOWS, &all[i]) != SC_OK;
    CHECK_EQ(wrong, 0);
    fake->released = 0;
    CHECK_EQ(carrier->establish(ABI_WINDOWS, &one_more), SC_E_NO_MEMORY);
    CHECK_EQ(fake->released, 1);
    for (uint32_t i = 1; i < LIMIT_CONTEXTS; i++)
        wrong += carrier->release(all[i]) != SC_OK;
    CHECK_EQ(wrong, 0);
    uint32_t context = all[0], card = 0;
    for (uint32_t i = 0; i < LIMIT_CARDS; i++)
        wrong += carrier->connect(context, "R", &request, &all[i]) != SC_OK;
    CHECK_EQ(wrong, 0);
    fake->silent = false;
    fake->log[0] = '\0';
    CHECK_EQ(carrier->connect(context, "R", &request, &card), SC_E_NO_MEMORY);
    CHECK(strstr(fake->log, "disconnect") != NULL);
    CHECK_EQ(call_card(all[5], REQUEST_DISCONNECT, 0), SC_OK);
    CHECK_EQ(carrier->connect(context, "R", &request, &card), SC_OK);
    CHECK(card != all[5]);
    CHECK_EQ(call_card(all[5], REQUEST_BEGIN, 0), SC_E_INVALID_HANDLE);
    CHECK_EQ(carrier->release(context), SC_OK);
    for (uint32_t i = 0; i < LIMIT_CARDS; i++)
        wrong += call_card(all[i], REQUEST_BEGIN, 0) != SC_E_INVALID_HANDLE;
    CHECK_EQ(wrong, 0);
}

int main(void)
{
    fake = use_fake("fake_system.dll");
    carrier = client_system();
    CHECK(fake != NULL && carrier != NULL);
    if (fake == NULL || carrier == NULL)
        return check_result();
    test_contexts();
    test_stopped_service();
    test_list();
    test_info();
    test_watch();
    test_cancel();
    test_connect();
    test_plain_calls();
    test_transmit();
    test_control();
    test_status();
    test_attributes();
    test_cache();
    test_event();
    test_exhaustion();
    return check_result();
}
