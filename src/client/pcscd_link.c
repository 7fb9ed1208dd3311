/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections to pcscd: opening them, and a request with its answer. */
#include "client/pcscd_link.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "client/trust.h"
#include "manager/limits.h"
#include "os/endpoint.h"
#include "os/fork.h"
#include "os/lock.h"
#include "os/setting.h"
#include "os/time.h"

#include <string.h>

/* Reused, never freed, and all in one list: so the child of a fork finds every socket
 * without a lock. A thread that forks while another is inside connect() or close() may
 * hand that one socket on; it is closed with the next program the child runs. */
struct pcscd_link {
    struct pcscd_link *all_next;
    bool used;
    struct os_mutex lock; /* over a request and its answer */
    struct os_socket socket;
    uint32_t references;
    uint32_t broken;
    uint32_t context;
    uint32_t minor;
    uint32_t records; /* of readers in each answer up to 4:5; 0: not known yet */
    uint8_t version[WIRE_VERSION_SIZE]; /* what it answered to ours */
};

static const struct os_socket no_socket = OS_SOCKET_NONE;

static struct os_mutex links_lock = OS_MUTEX_INIT;
static struct pcscd_link *all_links;
static bool links_forget_at_fork;
static uint32_t minor_known = WIRE_MINOR_MAX; /* what pcscd took the last time */

static void forget_links(void)
{
    struct pcscd_link *link = atomic_load_pointer(&all_links);
    for (; link != NULL; link = link->all_next)
        os_socket_close(&link->socket);
    all_links = NULL;
    os_mutex_init(&links_lock);
}

static struct pcscd_link *take_link(void)
{
    os_mutex_lock(&links_lock);
    if (!links_forget_at_fork) {
        os_at_fork_child(forget_links);
        links_forget_at_fork = true;
    }
    struct pcscd_link *link = all_links;
    while (link != NULL && link->used)
        link = link->all_next;
    if (link == NULL) {
        link = mem_alloc(sizeof(*link));
        if (link != NULL) {
            os_mutex_init(&link->lock);
            link->socket = no_socket;
            link->all_next = all_links;
            atomic_store_pointer(&all_links, link);
        }
    }
    if (link != NULL) {
        link->used = true;
        link->references = 1;
    }
    os_mutex_unlock(&links_lock);
    return link;
}

void link_hold(struct pcscd_link *link)
{
    assert(atomic_load_u32(&link->references) > 0);
    atomic_add_u32(&link->references, 1);
}

bool link_is_mine_alone(const struct pcscd_link *link)
{
    return atomic_load_u32(&link->references) == 1;
}

void link_close(struct pcscd_link *link)
{
    assert(atomic_load_u32(&link->references) > 0);
    if (atomic_sub_u32(&link->references, 1) > 0)
        return;
    /* In this order, so that a fork in between does not close another's descriptor. */
    struct os_socket socket = link->socket;
    link->socket = no_socket;
    os_socket_close(&socket);
    os_mutex_lock(&links_lock);
    link->used = false;
    os_mutex_unlock(&links_lock);
}

void link_shut(struct pcscd_link *link)
{
    atomic_store_u32(&link->broken, 1);
    os_socket_shut(link->socket);
}

bool link_is_broken(const struct pcscd_link *link)
{
    return atomic_load_u32(&link->broken) != 0;
}

bool link_is_dead(const struct pcscd_link *link)
{
    return link_is_broken(link) || os_socket_is_readable(link->socket);
}

uint32_t link_context(const struct pcscd_link *link)
{
    return link->context;
}

/* --- Bytes -------------------------------------------------------------------------- */

static enum sc_error break_link(struct pcscd_link *link, enum sc_error error)
{
    if (error == SC_OK)
        return SC_OK;
    atomic_store_u32(&link->broken, 1);
    if (error == SC_E_CANCELLED || error == SC_E_NO_MEMORY)
        return error;
    if (error == SC_E_TIMEOUT)
        log_error("pcscd does not answer");
    return SC_E_SERVICE_STOPPED;
}

static enum sc_error put_message(struct pcscd_link *link,
                                 const struct wire_message *message, const void *extra,
                                 size_t size, uint64_t deadline_ms)
{
    if (link_is_broken(link))
        return SC_E_SERVICE_STOPPED;
    return break_link(link, os_socket_write(link->socket, message->bytes, message->size,
                                            extra, size, deadline_ms, NULL));
}

static enum sc_error get(struct pcscd_link *link, void *bytes, size_t size,
                         uint64_t deadline_ms)
{
    return break_link(link, os_socket_read(link->socket, bytes, size, deadline_ms, NULL));
}

/* What came is not an answer to that command: nothing on this link can be believed. */
static enum sc_error distrust(struct pcscd_link *link, enum wire_command command)
{
    log_error("pcscd's answer to command 0x%02X is not one of its protocol 4:%u",
              (unsigned)command, (unsigned)link->minor);
    link_shut(link);
    return SC_F_COMM_ERROR;
}

static uint64_t deadline_in(uint64_t ms)
{
    return os_now_ms() + ms;
}

enum sc_error link_call(struct pcscd_link *link, const struct wire_message *request,
                        uint8_t *answer, size_t answer_size, uint64_t deadline_ms)
{
    os_mutex_lock(&link->lock);
    enum sc_error error = put_message(link, request, NULL, 0, deadline_ms);
    if (error == SC_OK)
        error = get(link, answer, answer_size, deadline_ms);
    os_mutex_unlock(&link->lock);
    return error;
}

enum sc_error link_transfer(struct pcscd_link *link, const struct link_transfer *t,
                            uint8_t *answer)
{
    uint64_t deadline_ms = deadline_in(LINK_CARD_MS);
    os_mutex_lock(&link->lock);
    enum sc_error error = put_message(link, t->request, t->in, t->in_size, deadline_ms);
    if (error == SC_OK)
        error = get(link, answer, t->answer_size, deadline_ms);
    if (error == SC_OK && wire_word(answer, t->answer_size, t->rv) == 0) {
        uint32_t size = wire_word(answer, t->answer_size, t->length);
        if (size > t->out_room) {
            uint32_t header[2];
            memcpy(header, t->request->bytes, sizeof(header));
            error = distrust(link, (enum wire_command)header[1]);
        } else if (size > 0) {
            error = get(link, t->out, size, deadline_ms);
        }
    }
    os_mutex_unlock(&link->lock);
    return error;
}

/* --- Opening ------------------------------------------------------------------------ */

static enum sc_error connect_link(struct pcscd_link *link, uint64_t deadline_ms)
{
    const char *path = os_setting_unless_empty(SETTING_PCSCD_SOCKET);
    struct os_socket socket;
    if (path == NULL)
        path = os_pcscd_service();
    enum sc_error error = os_unix_connect(path, deadline_ms, &socket);
    if (error != SC_OK)
        return error == SC_E_NO_MEMORY ? error : SC_E_NO_SERVICE;
    if (path != os_pcscd_service()
        && !client_trusts(socket, path, "PCSCLITE_CSOCK_NAME", "pcscd")) {
        os_socket_close(&socket);
        return SC_E_NO_SERVICE;
    }
    link->broken = 0;
    link->context = 0;
    link->records = 0;
    link->socket = socket;
    return SC_OK;
}

/* pcscd hangs up at once where it takes no more clients, or not this one. */
static enum sc_error opening_error(enum sc_error error, uint64_t deadline_ms)
{
    if (error != SC_E_SERVICE_STOPPED)
        return error;
    return os_ms_left(deadline_ms) == 0 ? SC_E_NO_SERVICE : SC_W_SECURITY_VIOLATION;
}

/* Offers one version. *theirs: the minor to offer next if this one is refused. */
static enum sc_error offer_version(struct pcscd_link *link, uint32_t minor,
                                   uint32_t *theirs, uint64_t deadline_ms)
{
    struct wire_message message;
    wire_begin(&message, WIRE_VERSION);
    wire_put_word(&message, WIRE_MAJOR);
    wire_put_word(&message, minor);
    wire_put_word(&message, 0);
    enum sc_error error =
        link_call(link, &message, link->version, sizeof(link->version), deadline_ms);
    if (error != SC_OK)
        return opening_error(error, deadline_ms);
    uint32_t rv = wire_word(link->version, WIRE_VERSION_SIZE, VERSION_RV);
    uint32_t major = wire_word(link->version, WIRE_VERSION_SIZE, VERSION_MAJOR);
    *theirs = wire_word(link->version, WIRE_VERSION_SIZE, VERSION_MINOR);
    link->minor = minor;
    if (rv == 0 && major == WIRE_MAJOR)
        return SC_OK;
    if (major != WIRE_MAJOR || *theirs < WIRE_MINOR_MIN || *theirs >= minor) {
        log_error("pcscd speaks version %u:%u, which this library does not",
                  (unsigned)major, (unsigned)*theirs);
        *theirs = 0;
    }
    return SC_E_NO_SERVICE;
}

static enum sc_error agree_on_version(struct pcscd_link *link, uint64_t deadline_ms)
{
    uint32_t minor = atomic_load_u32(&minor_known), theirs = 0;
    enum sc_error error = connect_link(link, deadline_ms);
    if (error == SC_OK)
        error = offer_version(link, minor, &theirs, deadline_ms);
    while (error == SC_E_NO_SERVICE && theirs != 0) {
        minor = theirs;
        os_socket_close(&link->socket);
        error = connect_link(link, deadline_ms);
        if (error == SC_OK)
            error = offer_version(link, minor, &theirs, deadline_ms);
    }
    atomic_store_u32(&minor_known, error == SC_OK ? minor : WIRE_MINOR_MAX);
    return error;
}

void link_forget_version(void)
{
    atomic_store_u32(&minor_known, WIRE_MINOR_MAX);
}

static enum sc_error establish_context(struct pcscd_link *link, uint64_t deadline_ms)
{
    enum { SCOPE_SYSTEM = 2 };
    struct wire_message message;
    uint8_t answer[WIRE_ESTABLISH_SIZE];
    wire_begin(&message, WIRE_ESTABLISH_CONTEXT);
    wire_put_word(&message, SCOPE_SYSTEM);
    wire_put_word(&message, 0);
    wire_put_word(&message, 0);
    enum sc_error error = link_call(link, &message, answer, sizeof(answer), deadline_ms);
    if (error != SC_OK)
        return opening_error(error, deadline_ms);
    link->context = wire_word(answer, sizeof(answer), ESTABLISH_CONTEXT);
    return wire_error(wire_word(answer, sizeof(answer), ESTABLISH_RV));
}

enum sc_error link_open(uint64_t deadline_ms, struct pcscd_link **link)
{
    struct pcscd_link *made = take_link();
    if (made == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = agree_on_version(made, deadline_ms);
    if (error == SC_OK)
        error = establish_context(made, deadline_ms);
    if (error != SC_OK) {
        link_close(made);
        return error;
    }
    *link = made;
    return SC_OK;
}

/* --- Readers ------------------------------------------------------------------------ */

static void make_version(const struct pcscd_link *link, struct wire_message *message)
{
    wire_begin(message, WIRE_VERSION);
    wire_put_word(message, WIRE_MAJOR);
    wire_put_word(message, link->minor);
    wire_put_word(message, 0);
}

/* Reads records up to the answer to a VERSION that was sent behind the question: the
 * number of readers may be another one than a moment ago. A record begins with text. */
static enum sc_error get_records(struct pcscd_link *link, enum wire_command command,
                                 struct wire_reader *readers, size_t room, size_t *count,
                                 uint64_t deadline_ms)
{
    uint8_t record[WIRE_RECORD_SIZE];
    for (*count = 0;; (*count)++) {
        enum sc_error error = get(link, record, WIRE_VERSION_SIZE, deadline_ms);
        if (error != SC_OK)
            return error;
        if (memcmp(record, link->version, WIRE_VERSION_SIZE) == 0)
            return SC_OK;
        if (*count == room)
            return distrust(link, command);
        error = get(link, record + WIRE_VERSION_SIZE, sizeof(record) - WIRE_VERSION_SIZE,
                    deadline_ms);
        if (error != SC_OK)
            return error;
        wire_get_reader(record, &readers[*count]);
    }
}

/* The first answer to GET_READERS_STATE tells how many records it has. */
static enum sc_error learn_fixed(struct pcscd_link *link, struct wire_reader **readers,
                                 size_t *count, uint64_t deadline_ms)
{
    struct wire_reader *made = mem_alloc_array(LIMIT_READERS, sizeof(*made));
    if (made == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = get_records(link, WIRE_GET_READERS_STATE, made, LIMIT_READERS,
                                      count, deadline_ms);
    if (error != SC_OK) {
        mem_free(made);
        return error;
    }
    link->records = (uint32_t)*count;
    *readers = made;
    return SC_OK;
}

/* Later ones are read at once. */
static enum sc_error read_fixed_records(struct pcscd_link *link,
                                        struct wire_reader **readers, size_t *count,
                                        uint64_t deadline_ms)
{
    size_t size = (size_t)link->records * WIRE_RECORD_SIZE;
    uint8_t *bytes = mem_alloc(size + WIRE_VERSION_SIZE);
    struct wire_reader *made = mem_alloc_array(link->records, sizeof(*made));
    enum sc_error error = bytes == NULL || made == NULL
                              ? break_link(link, SC_E_NO_MEMORY)
                              : get(link, bytes, size + WIRE_VERSION_SIZE, deadline_ms);
    if (error == SC_OK && memcmp(bytes + size, link->version, WIRE_VERSION_SIZE) != 0)
        error = distrust(link, WIRE_GET_READERS_STATE);
    for (size_t i = 0; i < link->records && error == SC_OK; i++)
        wire_get_reader(bytes + i * WIRE_RECORD_SIZE, &made[i]);
    mem_free(bytes);
    if (error != SC_OK) {
        mem_free(made);
        return error;
    }
    *readers = made;
    *count = link->records;
    return SC_OK;
}

/* Up to 4:5: always the same number of records, but pcscd says nowhere which: it is
 * built for so many readers, 16 as it comes and 48 in Fedora and RHEL. */
static enum sc_error get_fixed(struct pcscd_link *link, struct wire_reader **readers,
                               size_t *count, uint64_t deadline_ms)
{
    struct wire_message message, version;
    wire_begin(&message, WIRE_GET_READERS_STATE);
    make_version(link, &version);
    enum sc_error error =
        put_message(link, &message, version.bytes, version.size, deadline_ms);
    if (error != SC_OK)
        return error;
    return link->records == 0 ? learn_fixed(link, readers, count, deadline_ms)
                              : read_fixed_records(link, readers, count, deadline_ms);
}

/* From 4:6 on: first how many, then so many. */
static enum sc_error get_array(struct pcscd_link *link, struct wire_reader **readers,
                               size_t *count, uint64_t deadline_ms)
{
    enum { MORE = 16 }; /* readers that may come meanwhile */
    struct wire_message message;
    uint8_t answer[4];
    wire_begin(&message, WIRE_GET_READERS_STATE_SIZE);
    enum sc_error error = put_message(link, &message, NULL, 0, deadline_ms);
    if (error == SC_OK)
        error = get(link, answer, sizeof(answer), deadline_ms);
    if (error != SC_OK)
        return error;
    uint32_t announced = wire_word(answer, sizeof(answer), 0);
    if (announced > LIMIT_READERS)
        return distrust(link, WIRE_GET_READERS_STATE_SIZE);
    struct wire_reader *made = mem_alloc_array(announced + MORE, sizeof(*made));
    if (made == NULL)
        return SC_E_NO_MEMORY;
    wire_begin(&message, WIRE_GET_READERS_STATE_ARRAY);
    error = put_message(link, &message, NULL, 0, deadline_ms);
    make_version(link, &message);
    if (error == SC_OK)
        error = put_message(link, &message, NULL, 0, deadline_ms);
    if (error == SC_OK)
        error = get_records(link, WIRE_GET_READERS_STATE_ARRAY, made, announced + MORE,
                            count, deadline_ms);
    if (error != SC_OK) {
        mem_free(made);
        return error;
    }
    *readers = made;
    return SC_OK;
}

enum sc_error link_get_readers(struct pcscd_link *link, struct wire_reader **readers,
                               size_t *count)
{
    uint64_t deadline_ms = deadline_in(LINK_QUICK_MS);
    os_mutex_lock(&link->lock);
    enum sc_error error = link->minor >= WIRE_MINOR_MAX
                              ? get_array(link, readers, count, deadline_ms)
                              : get_fixed(link, readers, count, deadline_ms);
    os_mutex_unlock(&link->lock);
    return error;
}

/* --- Events ------------------------------------------------------------------------- */

/* A client is registered once it has the answer to a VERSION that it sent behind the
 * WAIT. Before it stand, up to 4:5, the states of all readers, which are dropped: an
 * event may come before or behind them, so they cannot be told apart. */
static enum sc_error arm(struct pcscd_link *link, uint8_t *bytes, size_t records,
                         bool *came, uint64_t deadline_ms)
{
    const size_t ends[] = {records + WIRE_VERSION_SIZE,
                           records + WIRE_VERSION_SIZE + WIRE_EVENT_SIZE};
    struct wire_message wait, version;
    size_t size = 0;
    wire_begin(&wait, WIRE_WAIT_READER_STATE_CHANGE);
    make_version(link, &version);
    enum sc_error error =
        put_message(link, &wait, version.bytes, version.size, deadline_ms);
    for (size_t i = 0; i < ARRAY_SIZE(ends) && error == SC_OK; i++) {
        error = get(link, bytes + size, ends[i] - size, deadline_ms);
        size = ends[i];
        *came = i != 0;
        if (error == SC_OK
            && memcmp(bytes + size - WIRE_VERSION_SIZE, link->version, WIRE_VERSION_SIZE)
                   == 0)
            return SC_OK;
    }
    return error == SC_OK ? distrust(link, WIRE_WAIT_READER_STATE_CHANGE) : error;
}

enum sc_error link_arm(struct pcscd_link *link, bool *came)
{
    uint64_t deadline_ms = deadline_in(LINK_QUICK_MS);
    struct wire_reader *readers = NULL;
    enum sc_error error = SC_OK;
    size_t count;
    os_mutex_lock(&link->lock);
    bool fixed = link->minor < WIRE_MINOR_MAX;
    if (fixed && link->records == 0) { /* how many come is to be known */
        error = get_fixed(link, &readers, &count, deadline_ms);
        mem_free(readers);
    }
    size_t records = fixed ? (size_t)link->records * WIRE_RECORD_SIZE : 0;
    uint8_t *bytes = mem_alloc(records + WIRE_VERSION_SIZE + WIRE_EVENT_SIZE);
    if (error == SC_OK)
        error =
            bytes == NULL ? SC_E_NO_MEMORY : arm(link, bytes, records, came, deadline_ms);
    os_mutex_unlock(&link->lock);
    mem_free(bytes);
    return error;
}

enum sc_error link_wait(struct pcscd_link *link, const struct os_wake *wake)
{
    uint8_t event[WIRE_EVENT_SIZE];
    os_mutex_lock(&link->lock);
    enum sc_error error = break_link(
        link, os_socket_read(link->socket, event, sizeof(event), OS_FOREVER, wake));
    os_mutex_unlock(&link->lock);
    return error;
}
