/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver: its URI, and the connections that the attendant takes and watches. */
#include "drivers/vscard/vscard.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "drivers/kit/settings.h"
#include "drivers/vscard/internal.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

enum {
    APDU_TIMEOUT_MS = 300000,
    APDU_TIMEOUT_MAX_MS = 3600000,
    SETTLE_MS = 1500,
    SETTLE_MAX_MS = 5000,
    ACCEPT_PAUSE_MS = 1000
};

#define AT(member) offsetof(struct vscard, member)

static const struct kit_setting vscard_settings[] = {
    {"", .offset = AT(wanted_port), .max = UINT16_MAX, .wanted = "a port, 0 to 65535"},
    {"apdu_timeout", .offset = AT(apdu_timeout_ms), .min = 1, .max = APDU_TIMEOUT_MAX_MS},
    {"settle", .offset = AT(settle_ms), .max = SETTLE_MAX_MS},
    {"bind", KIT_TEXT, AT(address), .max = 64, .wanted = "a numeric address"},
    {"name", KIT_TEXT, AT(name), .max = DRIVER_NAME_MAX, .wanted = "a reader name"},
    {.key = NULL}};

static enum sc_error read_vscard_uri(const char *uri, struct vscard *vscard)
{
    vscard->wanted_port = VSCARD_PORT_DEFAULT;
    vscard->apdu_timeout_ms = APDU_TIMEOUT_MS;
    vscard->settle_ms = SETTLE_MS;
    (void)snprintf(vscard->address, sizeof(vscard->address), "127.0.0.1");
    return kit_settings_read(uri, vscard_settings, vscard);
}

/* --- Connections -------------------------------------------------------------------- */

static struct vscard_client *find_free_client(struct vscard *vscard)
{
    for (size_t i = 0; i < VSCARD_CLIENTS_MAX; i++)
        if (vscard->clients[i].stream == NULL)
            return &vscard->clients[i];
    return NULL;
}

/* False: there are no descriptors or no memory for it. */
static bool take_client(struct vscard *vscard)
{
    struct os_socket socket;
    struct vscard_client *client = find_free_client(vscard);
    enum sc_error error = os_socket_accept(vscard->listener, &socket);
    if (error != SC_OK)
        return error != SC_E_NO_MEMORY;
    if (client != NULL && vscard_client_begin(client, socket))
        return true;
    log_error("vscard: a client is refused: %s",
              client == NULL ? "there are too many" : sc_error_words(SC_E_NO_MEMORY));
    os_socket_close(&socket);
    return client == NULL;
}

/* Reads what has come, and drops who is of no more use. */
static void look_after_client(struct vscard_client *client, bool ready)
{
    bool late = !client->greeted && os_now_ms() >= client->greet_by_ms;
    if (late)
        log_info("vscard: a client has said nothing for %d s", VSCARD_GREET_MS / 1000);
    if (late || atomic_load_u32(&client->broken) != 0
        || (ready && !vscard_client_read(client)))
        vscard_client_end(client);
}

/* When the first client that has not said who it is will be late. */
static uint64_t first_late_ms(const struct vscard *vscard)
{
    uint64_t first_ms = OS_FOREVER;
    for (size_t i = 0; i < VSCARD_CLIENTS_MAX; i++) {
        const struct vscard_client *client = &vscard->clients[i];
        if (client->stream != NULL && !client->greeted && client->greet_by_ms < first_ms)
            first_ms = client->greet_by_ms;
    }
    return first_ms;
}

/* The attendant's look: waits until connections come or go, or say something. */
static uint64_t watch_clients(void *context)
{
    struct vscard *vscard = context;
    struct os_poll_entry entries[1 + VSCARD_CLIENTS_MAX] = {{.want_read = false}};
    for (size_t i = 0; i <= VSCARD_CLIENTS_MAX; i++) {
        entries[i].socket = i == 0 ? vscard->listener : vscard->clients[i - 1].socket;
        entries[i].want_read = true;
    }
    enum sc_error error = os_poll(entries, ARRAY_SIZE(entries),
                                  &vscard->kit.attendant.wake, first_late_ms(vscard));
    if (error != SC_OK && error != SC_E_TIMEOUT) {
        log_error("vscard: connections cannot be watched any more");
        return OS_FOREVER;
    }
    for (size_t i = 0; i < VSCARD_CLIENTS_MAX; i++)
        if (vscard->clients[i].stream != NULL)
            look_after_client(&vscard->clients[i],
                              entries[i + 1].readable || entries[i + 1].hung_up);
    if (!entries[0].readable || take_client(vscard))
        return 0;
    return os_now_ms() + ACCEPT_PAUSE_MS;
}

/* --- Life --------------------------------------------------------------------------- */

static void destroy_vscard(struct kit_instance *instance)
{
    struct vscard *vscard = (struct vscard *)(void *)instance;
    for (size_t i = 0; i < VSCARD_CLIENTS_MAX; i++) {
        struct vscard_client *client = &vscard->clients[i];
        if (client->stream != NULL)
            secret_clear(client->stream, sizeof(*client->stream));
        mem_free(client->stream);
        os_socket_close(&client->socket);
        os_mutex_destroy(&client->sending);
    }
    os_socket_close(&vscard->listener);
    os_cond_destroy(&vscard->came);
    os_mutex_destroy(&vscard->lock);
    mem_free(vscard);
}

static void init_vscard(struct vscard *vscard, struct driver_host *host)
{
    kit_instance_init(&vscard->kit, host, destroy_vscard, "scard-vscard", watch_clients);
    vscard->listener = (struct os_socket)OS_SOCKET_NONE;
    os_mutex_init(&vscard->lock);
    os_cond_init(&vscard->came);
    for (size_t i = 0; i < VSCARD_CLIENTS_MAX; i++) {
        vscard->clients[i].vscard = vscard;
        vscard->clients[i].socket = (struct os_socket)OS_SOCKET_NONE;
        os_mutex_init(&vscard->clients[i].sending);
    }
    for (size_t i = 0; i < VSCARD_READERS_MAX; i++)
        kit_reader_init(&vscard->readers[i].kit, &vscard->kit);
}

static enum sc_error listen_at(struct vscard *vscard)
{
    enum sc_error error = kit_instance_add_wakes(&vscard->kit);
    if (error == SC_OK)
        error = os_socket_listen(vscard->address, (uint16_t)vscard->wanted_port,
                                 &vscard->listener, &vscard->port);
    if (error != SC_OK) {
        log_error("vscard: cannot listen on %s port %u: %s", vscard->address,
                  (unsigned)vscard->wanted_port, sc_error_words(error));
        return error;
    }
    log_info("vscard: readers may be lent to %s port %u", vscard->address, vscard->port);
    if (!os_address_is_loopback(vscard->address))
        log_error("vscard: other machines can be readers at %s, and see the PINs sent "
                  "there",
                  vscard->address);
    return SC_OK;
}

static enum sc_error vscard_start(const char *uri, struct driver_host *host, void **self)
{
    struct vscard *vscard = mem_alloc(sizeof(*vscard));
    if (vscard == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = read_vscard_uri(uri, vscard);
    if (error != SC_OK) {
        mem_free(vscard);
        return error;
    }
    init_vscard(vscard, host);
    error = listen_at(vscard);
    if (error == SC_OK)
        error = kit_attendant_start(&vscard->kit.attendant);
    if (error == SC_OK)
        *self = vscard;
    else
        kit_instance_stop(vscard);
    return error;
}

/* Clients learn of the port when they look for it next. */
static void vscard_settle(void *self, bool cards, uint64_t deadline_ms)
{
    static uint32_t in_vain; /* this process has waited for a card, and none came */
    struct vscard *vscard = self;
    uint64_t limit_ms = os_now_ms() + vscard->settle_ms;
    if (!cards || vscard->wanted_port == 0 || atomic_load_u32(&in_vain) != 0)
        return;
    limit_ms = limit_ms < deadline_ms ? limit_ms : deadline_ms;
    os_mutex_lock(&vscard->lock);
    while (!vscard->card_came && os_cond_wait(&vscard->came, &vscard->lock, limit_ms)) {
    }
    if (!vscard->card_came)
        atomic_store_u32(&in_vain, 1);
    os_mutex_unlock(&vscard->lock);
}

uint16_t vscard_port(const void *self)
{
    return ((const struct vscard *)self)->port;
}

const struct driver vscard_driver = {.scheme = "vscard",
                                     .start = vscard_start,
                                     .settle = vscard_settle,
                                     .stop = kit_instance_stop,
                                     .power = vscard_power,
                                     .set_protocol = vscard_set_protocol,
                                     .transmit = vscard_transmit,
                                     .control = vscard_control,
                                     .close = kit_reader_close};
