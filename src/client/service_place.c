/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/service_place.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "client/trust.h"
#include "message/endpoint.h"
#include "os/endpoint.h"
#include "os/lock.h"
#include "os/setting.h"
#include "os/stop.h"
#include "os/time.h"
#include "os/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *named_place(void)
{
    return os_setting_unless_empty(SETTING_SERVICE);
}

bool service_is_named(void)
{
    return named_place() != NULL;
}

static bool set_place(struct service_place *place, enum service_place_kind kind,
                      const char *where, bool named)
{
    int size = snprintf(place->where, sizeof(place->where), "%s", where);
    place->kind = kind;
    place->named = named;
    place->starts = false;
    return size > 0 && (size_t)size < sizeof(place->where);
}

static size_t named_places(const char *where, struct service_place *place)
{
    static const struct {
        const char *word;
        enum service_place_kind kind;
    } kinds[] = {{"unix:", SERVICE_PLACE_UNIX},
                 {"tcp:", SERVICE_PLACE_TCP},
                 {"file:", SERVICE_PLACE_FILE}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t size = strlen(kinds[i].word);
        if (strncmp(where, kinds[i].word, size) == 0
            && set_place(place, kinds[i].kind, where + size, true))
            return 1;
    }
    log_error("WINSCARD_SERVICE: neither unix:PATH, tcp:ADDRESS:PORT nor file:PATH, or "
              "too long");
    return 0;
}

/* Where there are no Unix sockets. */
static size_t endpoint_places(struct service_place places[SERVICE_PLACES_MAX])
{
    char path[SERVICE_WHERE_MAX];
    size_t count = 0;
    for (size_t i = 0; i < OS_ENDPOINTS; i++) {
        if (!os_endpoint_at(i, path, sizeof(path))
            || !set_place(&places[count], SERVICE_PLACE_FILE, path, false))
            continue;
        places[count++].starts = i == OS_ENDPOINT_LOWER;
    }
    return count;
}

size_t service_places(struct service_place places[SERVICE_PLACES_MAX])
{
    const char *where = named_place(), *machine = os_machine_service();
    char path[SERVICE_WHERE_MAX];
    size_t count = 0;
    if (where != NULL)
        return named_places(where, &places[0]);
    if (*machine == '\0')
        return endpoint_places(places);
    if (os_user_service(path, sizeof(path))
        && set_place(&places[0], SERVICE_PLACE_UNIX, path, true))
        count = 1;
    if (set_place(&places[count], SERVICE_PLACE_UNIX, machine, false))
        count++;
    return count;
}

/* --- Tokens and endpoints ----------------------------------------------------------- */

/* A file that others may not read, in memory that mem_free() frees. `what` it is, for the
 * log; nothing is said of one that is not there unless it was asked for. */
static enum sc_error read_secret(const char *what, const char *path, bool asked,
                                 uint8_t **bytes, size_t *size)
{
    const char *why = NULL;
    enum sc_error error =
        os_read_own_file(path, OS_CARE_SECRET, ENDPOINT_FILE_MAX, bytes, size, &why);
    if (error != SC_OK && (asked || error != SC_E_FILE_NOT_FOUND))
        log_error("%s: %s %s", what, path, why);
    return error;
}

static void read_token(struct service_token *token)
{
    const char *path = os_setting(SETTING_TOKEN);
    uint8_t *bytes = NULL;
    size_t size = 0;
    token->size = 0;
    if (path == NULL || read_secret("WINSCARD_TOKEN", path, true, &bytes, &size) != SC_OK)
        return;
    token->size = size < sizeof(token->bytes) ? size : sizeof(token->bytes);
    memcpy(token->bytes, bytes, token->size);
    secret_clear(bytes, size);
    mem_free(bytes);
}

static enum sc_error read_endpoint(const struct service_place *place,
                                   struct endpoint *endpoint)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (read_secret("the service's endpoint", place->where, place->named, &bytes, &size)
        != SC_OK)
        return SC_E_NO_SERVICE;
    enum sc_error error = endpoint_parse(bytes, size, endpoint);
    secret_clear(bytes, size);
    mem_free(bytes);
    if (error == SC_OK && !os_address_is_loopback(endpoint->address))
        error = SC_E_INVALID_VALUE; /* nobody writes that */
    if (error == SC_OK)
        return SC_OK;
    log_error("the service's endpoint: %s %s", place->where,
              error == SC_E_UNSUPPORTED_FEATURE
                  ? "is of another version: the service and this library are to be of one"
                  : "is not what a service writes");
    return SC_E_NO_SERVICE;
}

/* --- Connecting --------------------------------------------------------------------- */

static enum sc_error connect_unix(const struct service_place *place, uint64_t deadline_ms,
                                  struct os_socket *socket)
{
    enum sc_error error = os_unix_connect(place->where, deadline_ms, socket);
    if (error != SC_OK || !place->named
        || client_trusts(*socket, place->where,
                         service_is_named() ? "WINSCARD_SERVICE"
                                            : os_user_service_setting(),
                         OS_SERVICE_USER))
        return error;
    os_socket_close(socket);
    return SC_E_NO_SERVICE;
}

static enum sc_error connect_tcp(const char *where, uint64_t deadline_ms,
                                 struct os_socket *socket, struct service_token *token)
{
    char address[ENDPOINT_ADDRESS_MAX];
    uint16_t port = 0;
    enum sc_error error = os_address_split(where, address, sizeof(address), &port);
    if (error != SC_OK || port == 0)
        return SC_E_INVALID_VALUE;
    error = os_socket_connect(address, port, deadline_ms, socket);
    if (error == SC_OK)
        read_token(token);
    return error;
}

static enum sc_error connect_endpoint(const struct service_place *place,
                                      uint64_t deadline_ms, struct os_socket *socket,
                                      struct service_token *token)
{
    struct endpoint endpoint;
    enum sc_error error = read_endpoint(place, &endpoint);
    if (error == SC_OK)
        error = os_socket_connect(endpoint.address, endpoint.port, deadline_ms, socket);
    if (error == SC_OK) {
        token->size = endpoint.token_size;
        memcpy(token->bytes, endpoint.token, token->size);
    }
    secret_clear(&endpoint, sizeof(endpoint));
    return error;
}

/* A service that has no endpoint is led to by a process that is started here, where that
 * can be (os_start_endpoint()), and that takes a moment. One thread does so, now and then;
 * others wait for what comes of it. */
static enum sc_error find_endpoint(const struct service_place *place,
                                   uint64_t deadline_ms, struct os_socket *socket,
                                   struct service_token *token)
{
    enum { LOOK_MS = 20, REST_MS = 30000 };
    static struct os_mutex lock = OS_MUTEX_INIT;
    static uint64_t started_ms;
    enum sc_error error = connect_endpoint(place, deadline_ms, socket, token);
    if (error == SC_OK || !place->starts)
        return error;
    os_mutex_lock(&lock);
    error = connect_endpoint(place, deadline_ms, socket, token);
    bool rested = started_ms == 0 || os_now_ms() - started_ms >= REST_MS;
    if (error != SC_OK && rested && os_start_endpoint()) {
        struct os_stop never = OS_STOP_INIT;
        started_ms = os_now_ms();
        while (error != SC_OK && !os_stop_wait(&never, os_now_ms() + LOOK_MS)
               && os_ms_left(deadline_ms) > 0)
            error = connect_endpoint(place, deadline_ms, socket, token);
    }
    os_mutex_unlock(&lock);
    return error;
}

enum sc_error service_place_connect(const struct service_place *place,
                                    uint64_t deadline_ms, struct os_socket *socket,
                                    struct service_token *token)
{
    enum sc_error error = SC_E_NO_SERVICE;
    token->size = 0;
    switch (place->kind) {
    case SERVICE_PLACE_UNIX:
        error = connect_unix(place, deadline_ms, socket);
        break;
    case SERVICE_PLACE_TCP:
        error = connect_tcp(place->where, deadline_ms, socket, token);
        break;
    case SERVICE_PLACE_FILE:
        error = find_endpoint(place, deadline_ms, socket, token);
        break;
    }
    return error == SC_OK || error == SC_E_TIMEOUT || error == SC_E_NO_MEMORY
               ? error
               : SC_E_NO_SERVICE;
}
