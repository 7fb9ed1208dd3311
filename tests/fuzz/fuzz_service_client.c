/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes what the carrier to the service makes of the service's replies: all of its
 * calls, over sockets of this file. Input: calls, a byte each with what they need, and
 * between them the replies: a byte that says of which kind, then their fields. */
#include "client/service.h"
#include "message/message.h"
#include "os/stream.h"
#include "os/unix_socket.h"
#include "tests/fuzz/property.h"

#include <stdlib.h>

enum { CALLS_MAX = 60, SOCKETS_MAX = 64, FIRST_FD = 1000, REPLY_ROOM = 70000 };

static struct input input;
static uint8_t reply[REPLY_ROOM];
static size_t reply_size, reply_at;
static unsigned sockets; /* open ones */

/* --- Sockets ------------------------------------------------------------------------ */

enum sc_error __wrap_os_unix_connect(const char *path, uint64_t deadline_ms,
                                     struct os_socket *connection);
enum sc_error __wrap_os_unix_connect(const char *path, uint64_t deadline_ms,
                                     struct os_socket *connection)
{
    (void)path;
    (void)deadline_ms;
    connection->native = -1;
    if (input.left == 0 || sockets == SOCKETS_MAX)
        return SC_E_FILE_NOT_FOUND;
    connection->native = FIRST_FD;
    sockets++;
    return SC_OK;
}

void __wrap_os_socket_close(struct os_socket *socket);
void __wrap_os_socket_close(struct os_socket *socket)
{
    PROPERTY(socket->native == FIRST_FD && sockets > 0);
    socket->native = -1;
    sockets--;
}

void __wrap_os_stream_set_blocking(struct os_socket socket);
void __wrap_os_stream_set_blocking(struct os_socket socket)
{
    PROPERTY(socket.native == FIRST_FD);
}

/* The reply to a message that was sent: with its right header, or whatever comes. */
static void make_reply(const struct message_header *ask)
{
    unsigned kind = input_byte(&input);
    struct message_header header = {.call = ask->call, .serial = ask->serial};
    struct message_writer writer = {.bytes = reply, .room = sizeof(reply)};
    size_t wanted = kind & 0x0F ? input_word(&input) % 600 : input_word(&input), size;
    uint8_t *bytes = input_copy(&input, wanted, &size);
    unsigned status = (kind & 0x40) != 0 ? input_byte(&input) : 0U;
    header.status =
        (uint16_t)(status | ((kind & 0x80) != 0 ? (unsigned)MESSAGE_BARE : 0));
    header.size = (uint32_t)size + ((kind & 0x30) == 0x30 ? input_byte(&input) : 0U);
    if (ask->call == MESSAGE_hello && (kind & 0x30) != 0x30) { /* mostly let in */
        struct message_response_hello hello = {.version = 1,
                                               .session = {reply + 4096, 16}};
        header.status = 0;
        message_put_header(&writer, &header);
        message_put_response_hello(&writer, &hello);
        header.size = (uint32_t)(writer.size - MESSAGE_HEADER_SIZE);
        struct message_writer front = {.bytes = reply, .room = MESSAGE_HEADER_SIZE};
        message_put_header(&front, &header);
    } else {
        if ((kind & 0x30) != 0x20)
            message_put_header(&writer, &header);
        message_put_bytes(&writer, bytes, size);
    }
    free(bytes);
    reply_at = 0;
    reply_size = writer.size < sizeof(reply) ? writer.size : sizeof(reply);
}

enum sc_error __wrap_os_stream_send(struct os_socket socket, const void *bytes,
                                    size_t size, size_t *sent);
enum sc_error __wrap_os_stream_send(struct os_socket socket, const void *bytes,
                                    size_t size, size_t *sent)
{
    struct message_header header;
    uint8_t *copy = property_copy(bytes, size);
    PROPERTY(socket.native == FIRST_FD && size >= MESSAGE_HEADER_SIZE);
    message_get_header(copy, &header);
    free(copy);
    PROPERTY(header.size == size - MESSAGE_HEADER_SIZE);
    PROPERTY(header.call > 0 && header.call < MESSAGE_CALL_END && header.status == 0);
    *sent = size;
    if (input.left == 0)
        return SC_F_COMM_ERROR;
    make_reply(&header);
    return SC_OK;
}

enum sc_error __wrap_os_stream_receive(struct os_socket socket, void *bytes, size_t room,
                                       size_t *size);
enum sc_error __wrap_os_stream_receive(struct os_socket socket, void *bytes, size_t room,
                                       size_t *size)
{
    size_t left = reply_size - reply_at, piece = input_byte(&input);
    PROPERTY(socket.native == FIRST_FD && room > 0);
    if (piece != 0 && piece < left)
        left = piece;
    *size = left < room ? left : room;
    if (*size == 0)
        return SC_W_EOF;
    memcpy(bytes, reply + reply_at, *size);
    reply_at += *size;
    return SC_OK;
}

/* --- Calls -------------------------------------------------------------------------- */

static void check_names(uint32_t context, enum name_style style)
{
    struct multistring names;
    multistring_init(&names, 1000000);
    if (carrier_service.list_readers(context, style, &names) == SC_OK)
        PROPERTY(multistring_size(names.bytes, names.size) == names.size);
    multistring_clear(&names);
}

static void check_watch(uint32_t context, unsigned count)
{
    struct watch_entry entries[4];
    memset(entries, 0xA5, sizeof(entries));
    for (unsigned i = 0; i < 4; i++) {
        entries[i].name = i % 2 == 0 ? "A B 0" : "\\\\?PnP?\\Notification";
        entries[i].atr_size = 0;
    }
    (void)carrier_service.watch(context, WATCH_WINDOWS, 100, entries, count);
    for (unsigned i = 0; i < 4; i++)
        PROPERTY(entries[i].atr_size <= DRIVER_ATR_MAX);
}

static void check_transfer(uint32_t card, enum request_kind kind, unsigned room)
{
    uint8_t *out = property_room(room);
    struct request request = {.kind = kind, .number = 0x00312004};
    request.transfer.in = (const uint8_t *)"abc";
    request.transfer.in_size = 3;
    request.transfer.out = out;
    request.transfer.out_room = room;
    enum sc_error error = carrier_service.card_call(card, &request);
    PROPERTY(error != SC_OK || request.transfer.out_size <= room);
    free(out);
}

static void check_status(uint32_t card)
{
    struct card_status status;
    memset(&status, 0xA5, sizeof(status));
    enum sc_error error = carrier_service.card_status(card, NAME_WINDOWS, &status);
    if (error == SC_OK) {
        PROPERTY(status.atr_size <= DRIVER_ATR_MAX && status.state <= CARD_SPECIFIC);
        PROPERTY(memchr(status.name, '\0', sizeof(status.name)) != NULL);
    }
}

static void check_info(uint32_t context)
{
    struct reader_info info;
    char shown[DRIVER_NAME_MAX];
    memset(&info, 0xA5, sizeof(info));
    if (carrier_service.reader_info(context, "A B 0", NAME_WINDOWS, &info, shown)
        == SC_OK)
        PROPERTY(memchr(shown, '\0', sizeof(shown)) != NULL
                 && memchr(info.vendor, '\0', sizeof(info.vendor)) != NULL
                 && memchr(info.device_id, '\0', sizeof(info.device_id)) != NULL);
}

static void check_values(uint32_t context, uint32_t card, unsigned room)
{
    static const uint8_t id[16] = {1};
    uint8_t value[DRIVER_ATTRIBUTE_MAX], *data = property_room(room);
    size_t size = 0;
    if (carrier_service.get_attribute(card, NAME_WINDOWS, 1, value, &size) == SC_OK)
        PROPERTY(size <= sizeof(value));
    size = room;
    if (carrier_service.read_cache(context, id, 0, "name", data, &size) == SC_OK)
        PROPERTY(size <= room);
    free(data);
    (void)carrier_service.write_cache(context, id, 0, "name", id, sizeof(id));
}

static void call(uint32_t *context, uint32_t *card)
{
    static const enum request_kind kinds[] = {REQUEST_RECONNECT, REQUEST_BEGIN,
                                              REQUEST_END, REQUEST_DISCONNECT,
                                              REQUEST_SET_ATTRIBUTE};
    struct request request = {.share = SHARE_SHARED, .protocols = PROTOCOL_T1};
    unsigned what = input_byte(&input), more = input_byte(&input);
    switch (what % 11) {
    case 0:
        if (carrier_service.establish(ABI_WINDOWS, context) == SC_OK)
            PROPERTY(*context != 0 && *context <= 0x7FFFFFFF);
        break;
    case 1:
        (void)carrier_service.release(*context);
        break;
    case 2:
        (void)carrier_service.check_context(*context);
        break;
    case 3:
        check_names(*context, (enum name_style)(more & 1));
        break;
    case 4:
        check_watch(*context, more % 5);
        break;
    case 5:
        if (carrier_service.connect(*context, "A B 0", &request, card) == SC_OK)
            PROPERTY(*card != 0 && *card <= 0x7FFFFFFF);
        break;
    case 6:
        check_transfer(*card, (more & 1) != 0 ? REQUEST_TRANSMIT : REQUEST_CONTROL,
                       more >> 1);
        break;
    case 7:
        check_status(*card);
        break;
    case 8:
        check_info(*context);
        break;
    case 9:
        check_values(*context, *card, more);
        break;
    default:
        request.kind = kinds[more % 5];
        (void)carrier_service.card_call(*card, &request);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = property_copy(data, size);
    uint32_t context = 0, card = 0;
    input = (struct input){bytes, size};
    (void)setenv("WINSCARD_SERVICE", "unix:/nowhere", 1);
    (void)setenv("WINSCARD_SERVICE_USER", "any", 1);
    (void)carrier_service.establish(ABI_WINDOWS, &context);
    for (int i = 0; i < CALLS_MAX && input.left > 0; i++)
        call(&context, &card);
    /* Nobody answers any more: the session ends with the next call, and nothing is left.
     */
    input.left = 0;
    (void)carrier_service.cancel(context); /* hears that the service stopped, */
    (void)carrier_service.cancel(context); /* and this that one begun since has */
    PROPERTY(carrier_service.check_context(context) == SC_E_INVALID_HANDLE);
    PROPERTY(sockets == 0);
    free(bytes);
    return 0;
}
