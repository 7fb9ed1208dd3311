/* SPDX-License-Identifier: BSD-2-Clause */
/* The transport of drivers/ccid over a serial line. */
#include "base/log.h"
#include "base/secret.h"
#include "drivers/ccid_serial/serial.h"
#include "os/lock.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

enum {
    NO_SLOT = SERIAL_SLOTS_MAX, /* on behalf of none */
    PACKET = 64,                /* whatever: each message is one transfer */
    RESPONSES = 0x80,           /* types of messages from a reader, and above */
    EXTENSION = 0x80            /* bStatus: the card needs more time */
};

static struct serial_port *port_of(struct ccid_transport *transport)
{
    return CONTAINER_OF(transport, struct serial_port, transport);
}

/* --- What may go on ------------------------------------------------------------------ */

/* SC_OK, or why nothing may be done on behalf of the slot. */
static enum sc_error why_not(struct serial_port *port, uint32_t slot)
{
    enum sc_error error = SC_OK;
    os_mutex_lock(&port->lock);
    if (port->leaving)
        error = SC_E_READER_UNAVAILABLE;
    else if ((port->interrupted >> slot & 1) != 0)
        error = SC_E_CANCELLED;
    os_mutex_unlock(&port->lock);
    return error;
}

/* A wait that ended by a wake-up: that of the slot's interruption, or of the end. */
static enum sc_error meaning(struct serial_port *port, uint32_t slot, enum sc_error error)
{
    if (error != SC_E_CANCELLED)
        return error;
    enum sc_error why = why_not(port, slot);
    return why != SC_OK ? why : SC_E_CANCELLED;
}

static const struct os_wake *wake_of(const struct serial_port *port, uint32_t slot)
{
    return &port->wakes[slot < SERIAL_SLOTS_MAX ? slot : 0];
}

/* --- Frames -------------------------------------------------------------------------- */

static enum sc_error write_frame(struct serial_port *port, uint32_t slot,
                                 const uint8_t *frame, size_t size, uint64_t deadline_ms)
{
    enum sc_error error =
        os_serial_write(port->line, frame, size, deadline_ms, wake_of(port, slot));
    return meaning(port, slot, error);
}

/* What was sent last came damaged: once more, but not for ever. */
static enum sc_error send_again(struct serial_port *port, uint32_t slot,
                                uint64_t deadline_ms)
{
    uint8_t frame[FRAME_MAX];
    os_mutex_lock(&port->lock);
    size_t size = port->resends++ < SERIAL_RESENDS_MAX ? port->sent_size : 0;
    memcpy(frame, port->sent, size);
    os_mutex_unlock(&port->lock);
    enum sc_error error = SC_F_COMM_ERROR;
    if (size > 0)
        error = write_frame(port, slot, frame, size, deadline_ms);
    log_info("serial: %s: a command came to the reader damaged%s", port->path,
             size > 0 ? ", and is sent again" : " again, and is given up");
    secret_clear(frame, sizeof(frame));
    return error;
}

/* A time extension of CCID's, for the command that was sent last. False: there is none. */
static bool make_extension(struct serial_port *port, uint8_t *bytes, size_t *size)
{
    os_mutex_lock(&port->lock);
    bool awaited = port->sent_size > 0;
    memset(bytes, 0, CCID_HEADER_SIZE);
    bytes[0] = CCID_DATA_BLOCK;
    bytes[5] = port->sent[2 + 5]; /* bSlot and bSeq behind SYNC and ACK */
    bytes[6] = port->sent[2 + 6];
    bytes[7] = EXTENSION;
    bytes[8] = 1;
    os_mutex_unlock(&port->lock);
    *size = awaited ? CCID_HEADER_SIZE : 0;
    return awaited;
}

static void note_event(struct serial_port *port)
{
    const uint8_t event[] = {CCID_NOTIFY_SLOT_CHANGE, port->reader.present ? 3 : 2};
    if (port->greeted) /* the interface is open, or about to be */
        ccid_interface_notify(&port->port.ccid, event, sizeof(event));
}

/* The message that has come; false: it is none for the link. Some readers send back each
 * command before they answer it. */
static bool take_message(struct serial_port *port, uint8_t *bytes, size_t room,
                         size_t *size)
{
    struct frame_reader *reader = &port->reader;
    bool fits = reader->message[0] >= RESPONSES && reader->size <= room;
    *size = fits ? reader->size : 0;
    memcpy(bytes, reader->message, *size);
    secret_clear(reader->message, sizeof(reader->message));
    if (!fits)
        return false;
    os_mutex_lock(&port->lock);
    secret_clear(port->sent, sizeof(port->sent));
    port->sent_size = 0;
    os_mutex_unlock(&port->lock);
    return true;
}

/* Whether what a byte ended is for the link: *error, or *size bytes. */
static bool heed(struct serial_port *port, enum frame_found found, uint32_t slot,
                 uint8_t *bytes, size_t room, size_t *size, enum sc_error *error,
                 uint64_t deadline_ms)
{
    switch (found) {
    case FRAME_NOTHING:
        break;
    case FRAME_MESSAGE:
        return take_message(port, bytes, room, size);
    case FRAME_EVENT:
        note_event(port);
        break;
    case FRAME_TIME:
        return room >= CCID_HEADER_SIZE && make_extension(port, bytes, size);
    case FRAME_REFUSED:
        *error = send_again(port, slot, deadline_ms);
        return *error != SC_OK;
    case FRAME_BROKEN:
        log_info("serial: %s: what came is damaged", port->path);
        *error = SC_F_COMM_ERROR;
        return true;
    }
    return false;
}

static void drop_come(struct serial_port *port)
{
    secret_clear(port->come, sizeof(port->come));
    port->come_size = port->come_at = 0;
}

static void begin_anew_if_due(struct serial_port *port)
{
    os_mutex_lock(&port->lock);
    bool anew = port->anew;
    port->anew = false;
    os_mutex_unlock(&port->lock);
    if (!anew)
        return;
    frame_forget(&port->reader);
    drop_come(port);
}

static enum sc_error fill(struct serial_port *port, uint32_t slot, uint64_t deadline_ms)
{
    port->come_at = 0;
    enum sc_error error =
        os_serial_read(port->line, port->come, sizeof(port->come), &port->come_size,
                       deadline_ms, wake_of(port, slot));
    return meaning(port, slot, error);
}

/* --- The transport ------------------------------------------------------------------- */

static enum sc_error port_send(struct ccid_transport *transport, uint32_t slot,
                               const uint8_t *bytes, size_t size, uint64_t deadline_ms)
{
    struct serial_port *port = port_of(transport);
    uint8_t frame[FRAME_MAX];
    if (size > FRAME_MESSAGE_MAX)
        return SC_E_INVALID_PARAMETER;
    enum sc_error error = why_not(port, slot);
    if (error != SC_OK)
        return error;
    size_t frame_size = frame_put(frame, bytes, size);
    os_mutex_lock(&port->lock);
    memcpy(port->sent, frame, frame_size);
    port->sent_size = frame_size;
    port->resends = 0;
    os_mutex_unlock(&port->lock);
    error = write_frame(port, slot, frame, frame_size, deadline_ms);
    secret_clear(frame, sizeof(frame));
    return error;
}

/* A line that never falls silent does not outlast the limit: what is read when it is over is
 * the last. */
static enum sc_error port_receive(struct ccid_transport *transport, uint32_t slot,
                                  uint8_t *bytes, size_t room, size_t *size,
                                  uint64_t deadline_ms)
{
    struct serial_port *port = port_of(transport);
    enum sc_error error = why_not(port, slot);
    bool found = false, late = false;
    *size = 0;
    begin_anew_if_due(port);
    while (error == SC_OK && !found) {
        if (port->come_at == port->come_size) {
            drop_come(port);
            error = late ? SC_E_TIMEOUT : fill(port, slot, deadline_ms);
            late = os_ms_left(deadline_ms) == 0;
        } else {
            enum frame_found what =
                frame_take(&port->reader, port->come[port->come_at++]);
            found = heed(port, what, slot, bytes, room, size, &error, deadline_ms);
        }
    }
    return error;
}

static void port_interrupt(struct ccid_transport *transport, uint32_t slot)
{
    struct serial_port *port = port_of(transport);
    assert(slot < SERIAL_SLOTS_MAX);
    os_mutex_lock(&port->lock);
    port->interrupted |= UINT32_C(1) << slot;
    os_wake_raise(&port->wakes[slot]);
    os_mutex_unlock(&port->lock);
}

static void port_resume(struct ccid_transport *transport, uint32_t slot)
{
    struct serial_port *port = port_of(transport);
    assert(slot < SERIAL_SLOTS_MAX);
    os_mutex_lock(&port->lock);
    port->interrupted &= ~(UINT32_C(1) << slot);
    if (!port->leaving)
        os_wake_lower(&port->wakes[slot]);
    os_mutex_unlock(&port->lock);
}

/* What is on its way belongs to what has failed. */
static enum sc_error port_clear_halt(struct ccid_transport *transport)
{
    struct serial_port *port = port_of(transport);
    os_serial_flush(port->line);
    os_mutex_lock(&port->lock);
    port->anew = true;
    os_mutex_unlock(&port->lock);
    return SC_OK;
}

/* Notifications come with answers alone, so that cards are asked for as well. */
static enum sc_error port_listen(struct ccid_transport *transport,
                                 enum ccid_hearing *hearing)
{
    *hearing = CCID_HEARS_NOTHING;
    return why_not(port_of(transport), NO_SLOT);
}

static void port_leave(struct ccid_transport *transport)
{
    struct serial_port *port = port_of(transport);
    os_mutex_lock(&port->lock);
    port->leaving = true;
    for (uint32_t i = 0; i < SERIAL_SLOTS_MAX; i++)
        os_wake_raise(&port->wakes[i]);
    os_mutex_unlock(&port->lock);
}

/* --- Opening ------------------------------------------------------------------------- */

/* An escape command, for which the link is not there yet. The answer's data is at the end of
 * `answer`. */
static enum sc_error ask(struct serial_port *port, const uint8_t *data, size_t size,
                         uint8_t seq, uint8_t answer[FRAME_MESSAGE_MAX],
                         size_t *answer_size)
{
    uint8_t command[CCID_HEADER_SIZE + 8] = {CCID_ESCAPE, (uint8_t)size, 0, 0, 0, 0, seq};
    uint64_t deadline_ms = os_now_ms() + SERIAL_GREETING_MS;
    assert(size <= sizeof(command) - CCID_HEADER_SIZE);
    memcpy(command + CCID_HEADER_SIZE, data, size);
    enum sc_error error =
        port_send(&port->transport, 0, command, CCID_HEADER_SIZE + size, deadline_ms);
    do {
        if (error == SC_OK)
            error = port_receive(&port->transport, 0, answer, FRAME_MESSAGE_MAX,
                                 answer_size, deadline_ms);
    } while (error == SC_OK && (answer[0] != CCID_ESCAPE_REPLY || answer[6] != seq));
    return error;
}

static void log_firmware(const struct serial_port *port, const uint8_t *answer,
                         size_t size)
{
    log_info("serial: %s: firmware %.*s", port->path, (int)(size - CCID_HEADER_SIZE),
             (const char *)answer + CCID_HEADER_SIZE);
}

/* Whether a reader of this kind is there; then, that it is to tell of cards that move: behind
 * a command, before its answer. */
static enum sc_error greet(struct serial_port *port)
{
    static const uint8_t tell[] = {0x01, 0x01, 0x01};
    uint8_t answer[FRAME_MESSAGE_MAX];
    size_t size = 0;
    enum sc_error error = ask(port, &port->model->question, 1, 0, answer, &size);
    if (error == SC_OK)
        log_firmware(port, answer, size);
    if (error == SC_OK && port->model->tells)
        error = ask(port, tell, sizeof(tell), 1, answer, &size);
    return error == SC_E_TIMEOUT ? SC_F_COMM_ERROR : error;
}

static void begin(struct serial_port *port)
{
    frame_forget(&port->reader);
    drop_come(port);
    os_mutex_lock(&port->lock);
    port->interrupted = 0;
    port->anew = false;
    for (uint32_t i = 0; i < SERIAL_SLOTS_MAX && !port->leaving; i++)
        os_wake_lower(&port->wakes[i]);
    os_mutex_unlock(&port->lock);
}

static void port_close(struct ccid_transport *transport)
{
    struct serial_port *port = port_of(transport);
    os_serial_close(&port->line);
    begin(port);
    os_mutex_lock(&port->lock);
    secret_clear(port->sent, sizeof(port->sent));
    port->sent_size = 0;
    os_mutex_unlock(&port->lock);
}

/* A line that is not there may come: nothing here means that the device has left. */
static enum sc_error port_open(struct ccid_transport *transport)
{
    static const struct os_serial_format format = {.rate = 115200, .stop_bits = 2};
    struct serial_port *port = port_of(transport);
    enum sc_error error = os_serial_open(port->path, &port->line);
    if (error == SC_OK) {
        begin(port);
        /* Asserted, RTS has a reader say who it is, as a mouse does. */
        os_serial_set_lines(port->line, OS_SERIAL_RTS, false);
        error = os_serial_set_format(port->line, &format);
    }
    if (error == SC_OK) {
        os_serial_flush(port->line);
        error = greet(port);
    }
    port->greeted = error == SC_OK;
    if (error != SC_OK)
        port_close(transport);
    bool leaving = why_not(port, NO_SLOT) != SC_OK;
    return error == SC_E_READER_UNAVAILABLE && !leaving ? SC_F_COMM_ERROR : error;
}

enum sc_error serial_port_init(struct serial_port *port)
{
    port->transport = (struct ccid_transport){.capabilities = CCID_BUS_HALT,
                                              .open = port_open,
                                              .close = port_close,
                                              .listen = port_listen,
                                              .leave = port_leave,
                                              .send = port_send,
                                              .receive = port_receive,
                                              .interrupt = port_interrupt,
                                              .resume = port_resume,
                                              .clear_halt = port_clear_halt,
                                              .packet_size = PACKET};
    port->line = (struct os_serial)OS_SERIAL_NONE;
    for (uint32_t i = 0; i < SERIAL_SLOTS_MAX; i++) {
        if (os_wake_init(&port->wakes[i]) == SC_OK)
            continue;
        while (i-- > 0)
            os_wake_destroy(&port->wakes[i]);
        return SC_E_NO_MEMORY;
    }
    os_mutex_init(&port->lock);
    return SC_OK;
}

void serial_port_destroy(struct serial_port *port)
{
    for (uint32_t i = 0; i < SERIAL_SLOTS_MAX; i++)
        os_wake_destroy(&port->wakes[i]);
    os_mutex_destroy(&port->lock);
}
