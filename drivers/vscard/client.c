/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection: its messages, and the readers that come and go by them. */
#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/utf.h"
#include "drivers/vscard/internal.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

enum {
    READS_MAX = 64 /* of one client, before it is another's turn */
};

enum sc_error vscard_send(struct vscard_client *client, uint32_t type, uint32_t reader_id,
                          const void *data, size_t size, uint64_t deadline_ms,
                          const struct os_wake *wake)
{
    const struct vscard_header header = {type, reader_id, (uint32_t)size};
    uint8_t head[VSCARD_HEADER_SIZE];
    enum sc_error error = SC_F_COMM_ERROR;
    vscard_write_header(&header, head);
    os_mutex_lock(&client->sending);
    if (atomic_load_u32(&client->broken) == 0)
        error = os_socket_write(client->socket, head, sizeof(head), data, size,
                                deadline_ms, wake);
    if (error != SC_OK && atomic_exchange_u32(&client->broken, 1) == 0) {
        log_info("vscard: a client takes no message: %s", sc_error_name(error));
        os_socket_shut(client->socket);
        kit_attendant_wake(&client->vscard->kit.attendant);
    }
    os_mutex_unlock(&client->sending);
    return error;
}

/* The attendant waits for no client. */
static bool send_at_once(struct vscard_client *client, uint32_t type, uint32_t reader_id,
                         const void *data, size_t size)
{
    return vscard_send(client, type, reader_id, data, size, 0, NULL) == SC_OK;
}

static bool send_code(struct vscard_client *client, uint32_t reader_id,
                      enum vscard_code code)
{
    uint8_t data[VSCARD_ERROR_SIZE];
    vscard_write_code(code, data);
    return send_at_once(client, VSCARD_ERROR, reader_id, data, sizeof(data));
}

/* --- Readers ------------------------------------------------------------------------ */

static void describe_reader(const struct vscard_reader *reader, struct reader_info *info)
{
    const struct vscard *vscard = reader->client->vscard;
    memcpy(info->name, vscard->name, sizeof(info->name));
    (void)snprintf(info->vendor, sizeof(info->vendor), "VSCard");
    memcpy(info->product, reader->name, sizeof(info->product));
    (void)snprintf(info->device_id, sizeof(info->device_id), "VSCARD\\%s\\%u\\%u",
                   vscard->address, (unsigned)vscard->port, (unsigned)reader->kit.number);
    info->version = 0x01000000;
    info->type = READER_TYPE_VENDOR;
    info->channel_id = info->type << 16 | vscard->port;
}

/* The name that the client gives its reader, as far as it can be shown. */
static void note_name(struct vscard_reader *reader, const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t length = utf8_length(text, size), room = sizeof(reader->name) - 1;
    length = length < room ? length : room;
    while (length > 0 && !utf8_is_valid(text, length))
        length--; /* cut within a character, at most three times if it is UTF-8 */
    memset(reader->name, 0, sizeof(reader->name));
    for (size_t i = 0; i < length; i++)
        if (data[i] >= ' ' && data[i] != 0x7F)
            reader->name[i] = text[i];
        else
            reader->name[i] = '?';
}

static bool is_away(struct vscard_reader *reader)
{
    kit_reader_lock(&reader->kit);
    bool away = reader->kit.state == KIT_AWAY;
    kit_reader_unlock(&reader->kit);
    return away;
}

static struct vscard_reader *find_free_reader(struct vscard *vscard)
{
    for (size_t i = 0; i < VSCARD_READERS_MAX; i++)
        if (vscard->readers[i].client == NULL && is_away(&vscard->readers[i]))
            return &vscard->readers[i];
    return NULL;
}

/* The reader of this number, if it is this client's. */
static struct vscard_reader *find_reader(struct vscard_client *client, uint32_t id)
{
    struct vscard_reader *readers = client->vscard->readers;
    return id < VSCARD_READERS_MAX && readers[id].client == client ? &readers[id] : NULL;
}

static bool add_reader(struct vscard_client *client, const uint8_t *name, size_t size)
{
    struct reader_info info = {.slot = 0};
    struct vscard_reader *reader = find_free_reader(client->vscard);
    if (reader == NULL) {
        log_error("vscard: more than %d readers", VSCARD_READERS_MAX);
        return send_code(client, VSCARD_NO_READER, VSCARD_NO_MORE_READERS);
    }
    reader->client = client;
    reader->asked = reader->flushing = false;
    note_name(reader, name, size);
    describe_reader(reader, &info);
    /* In front of the first command that the host may send. */
    if (!send_code(client, reader->kit.number, VSCARD_SUCCESS)) {
        reader->client = NULL;
        return false;
    }
    enum sc_error error = kit_reader_arrive(&reader->kit, &info);
    if (error != SC_OK) {
        log_error("vscard: reader \"%s\" was refused: %s", reader->name,
                  sc_error_words(error));
        reader->client = NULL;
        return false;
    }
    log_info("vscard: reader \"%s\" is number %u; resets do not reach its cards",
             reader->name, (unsigned)reader->kit.number);
    return true;
}

/* Jobs of it end, as it has left. */
static void remove_reader(struct vscard_reader *reader)
{
    log_info("vscard: reader \"%s\" has gone", reader->name);
    kit_reader_leave(&reader->kit);
    kit_reader_lock(&reader->kit);
    while (reader->kit.job != NULL)
        os_cond_wait(&reader->kit.changed, &reader->kit.lock, OS_FOREVER);
    (void)kit_reader_note_card(&reader->kit, false);
    kit_reader_unlock(&reader->kit);
    reader->client = NULL;
}

/* --- Cards and answers -------------------------------------------------------------- */

static void take_atr(struct vscard_reader *reader, const uint8_t *atr, size_t size)
{
    struct vscard *vscard = reader->client->vscard;
    kit_reader_lock(&reader->kit);
    memcpy(reader->atr, atr, size);
    reader->atr_size = size;
    if (kit_reader_has_card(&reader->kit))
        kit_reader_note_exchange(&reader->kit); /* its owner has reset it */
    else
        (void)kit_reader_note_card(&reader->kit, true);
    kit_reader_unlock(&reader->kit);
    os_mutex_lock(&vscard->lock);
    vscard->card_came = true;
    os_cond_broadcast(&vscard->came);
    os_mutex_unlock(&vscard->lock);
}

/* False: it is no answer to anything. */
static bool take_answer(struct vscard_reader *reader, const uint8_t *bytes, size_t size)
{
    kit_reader_lock(&reader->kit);
    bool awaited = reader->asked;
    if (awaited && size < 2)
        reader->result = SC_F_COMM_ERROR; /* SW1 SW2 are always there */
    else if (awaited && size > reader->room)
        reader->result = SC_E_INSUFFICIENT_BUFFER;
    else if (awaited)
        memcpy(reader->out, bytes, size);
    reader->size = size;
    reader->asked = false;
    bool expected = awaited || reader->flushing;
    os_cond_broadcast(&reader->kit.changed);
    kit_reader_unlock(&reader->kit);
    return expected;
}

/* Instead of an answer, or to no avail. */
static void take_code(struct vscard_reader *reader, uint32_t code)
{
    kit_reader_lock(&reader->kit);
    if (code != VSCARD_SUCCESS && reader->asked) {
        reader->result = SC_F_COMM_ERROR;
        reader->asked = false;
        os_cond_broadcast(&reader->kit.changed);
    }
    kit_reader_unlock(&reader->kit);
}

static void end_flush(struct vscard_reader *reader)
{
    kit_reader_lock(&reader->kit);
    reader->flushing = false;
    os_cond_broadcast(&reader->kit.changed);
    kit_reader_unlock(&reader->kit);
}

/* --- Messages ----------------------------------------------------------------------- */

static bool take_greeting(struct vscard_client *client, const uint8_t *data, size_t size)
{
    uint8_t init[VSCARD_INIT_SIZE];
    uint32_t version;
    if (client->greeted || !vscard_read_init(data, size, &version))
        return false;
    log_debug("vscard: a client of protocol version %08X", (unsigned)version);
    client->greeted = true;
    vscard_write_init(init);
    return send_at_once(client, VSCARD_INIT, VSCARD_NO_READER, init, sizeof(init));
}

/* A message about one reader. False: it has no place here. */
static bool take_reader_message(struct vscard_client *client,
                                const struct vscard_header *header, const uint8_t *data)
{
    struct vscard_reader *reader = find_reader(client, header->reader_id);
    /* What a client says of a reader that it has not, or has no more. */
    if (reader == NULL)
        return header->type == VSCARD_ERROR
               || send_code(client, header->reader_id, VSCARD_GENERAL_ERROR);
    /* In front of what the change makes jobs send. */
    bool is_change = header->type == VSCARD_READER_REMOVE || header->type == VSCARD_ATR
                     || header->type == VSCARD_CARD_REMOVE;
    if (is_change && !send_code(client, header->reader_id, VSCARD_SUCCESS))
        return false;
    switch (header->type) {
    case VSCARD_READER_REMOVE:
        remove_reader(reader);
        return true;
    case VSCARD_ATR:
        take_atr(reader, data, header->length);
        return true;
    case VSCARD_CARD_REMOVE:
        (void)kit_reader_set_card(&reader->kit, false);
        return true;
    case VSCARD_APDU:
        return take_answer(reader, data, header->length);
    case VSCARD_ERROR:
        take_code(reader, vscard_read_code(data));
        return true;
    case VSCARD_FLUSH_COMPLETE:
        end_flush(reader);
        return true;
    default:
        return false;
    }
}

static bool take_message(struct vscard_client *client)
{
    const struct vscard_header *header = &client->stream->header;
    const uint8_t *data = vscard_data(client->stream);
    bool sound;
    if (header->type == VSCARD_INIT || !client->greeted)
        sound =
            header->type == VSCARD_INIT && take_greeting(client, data, header->length);
    else if (header->type == VSCARD_READER_ADD)
        sound = add_reader(client, data, header->length);
    else
        sound = take_reader_message(client, header, data);
    if (!sound)
        log_info("vscard: message %u of %u bytes is not expected here",
                 (unsigned)header->type, (unsigned)header->length);
    return sound;
}

bool vscard_client_read(struct vscard_client *client)
{
    enum vscard_found found = VSCARD_MORE;
    bool sound = true;
    for (int i = 0; i < READS_MAX && sound; i++) {
        uint8_t *where;
        size_t size, wanted = vscard_want(client->stream, &where);
        enum sc_error error = os_socket_read_some(client->socket, where, wanted, &size);
        if (error != SC_OK)
            return error == SC_E_NOT_READY;
        found = vscard_take(client->stream, size);
        if (found == VSCARD_WRONG)
            log_info("vscard: message %u of %u bytes is none of the protocol",
                     (unsigned)client->stream->header.type,
                     (unsigned)client->stream->header.length);
        sound = found == VSCARD_MORE || (found == VSCARD_WHOLE && take_message(client));
        if (found == VSCARD_WHOLE)
            secret_clear(client->stream->bytes, client->stream->have);
    }
    return sound;
}

/* --- Connections -------------------------------------------------------------------- */

bool vscard_client_begin(struct vscard_client *client, struct os_socket socket)
{
    client->stream = mem_alloc(sizeof(*client->stream));
    if (client->stream == NULL)
        return false;
    client->socket = socket;
    client->greeted = false;
    client->greet_by_ms = os_deadline_ms(VSCARD_GREET_MS);
    atomic_store_u32(&client->broken, 0);
    return true;
}

void vscard_client_end(struct vscard_client *client)
{
    atomic_store_u32(&client->broken, 1);
    os_socket_shut(client->socket);
    for (size_t i = 0; i < VSCARD_READERS_MAX; i++)
        if (client->vscard->readers[i].client == client)
            remove_reader(&client->vscard->readers[i]);
    os_socket_close(&client->socket);
    secret_clear(client->stream, sizeof(*client->stream));
    mem_free(client->stream);
    client->stream = NULL;
}
