/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/service_place.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "client/trust.h"
#include "os/endpoint.h"
#include "os/setting.h"
#include "os/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_FILE_MAX = 4096 };

static const char *named_place(void)
{
    return os_setting_unless_empty(SETTING_SERVICE);
}

bool service_is_named(void)
{
    return named_place() != NULL;
}

static bool set_place(struct service_place *place, const char *where, bool named)
{
    int size = snprintf(place->where, sizeof(place->where), "%s", where);
    place->tcp = false;
    place->named = named;
    return size > 0 && (size_t)size < sizeof(place->where);
}

static size_t named_places(const char *where, struct service_place *place)
{
    bool tcp = strncmp(where, "tcp:", 4) == 0;
    bool known = tcp || strncmp(where, "unix:", 5) == 0;
    if (!known || !set_place(place, where + (tcp ? 4 : 5), true)) {
        log_error(
            "WINSCARD_SERVICE: neither unix:PATH nor tcp:ADDRESS:PORT, or too long");
        return 0;
    }
    place->tcp = tcp;
    return 1;
}

size_t service_places(struct service_place places[SERVICE_PLACES_MAX])
{
    const char *where = named_place();
    size_t count = 0;
    if (where != NULL)
        return named_places(where, &places[0]);
    if (os_user_service(places[0].where, sizeof(places[0].where))) {
        places[0].tcp = false;
        places[0].named = true;
        count = 1;
    }
    if (set_place(&places[count], os_machine_service(), false))
        count++;
    return count;
}

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
                                 struct os_socket *socket)
{
    char address[64];
    uint16_t port = 0;
    enum sc_error error = os_address_split(where, address, sizeof(address), &port);
    if (error != SC_OK || port == 0)
        return SC_E_INVALID_VALUE;
    return os_socket_connect(address, port, deadline_ms, socket);
}

enum sc_error service_place_connect(const struct service_place *place,
                                    uint64_t deadline_ms, struct os_socket *socket)
{
    enum sc_error error = place->tcp ? connect_tcp(place->where, deadline_ms, socket)
                                     : connect_unix(place, deadline_ms, socket);
    return error == SC_OK || error == SC_E_TIMEOUT || error == SC_E_NO_MEMORY
               ? error
               : SC_E_NO_SERVICE;
}

size_t service_token(uint8_t token[SERVICE_TOKEN_MAX])
{
    const char *path = os_setting(SETTING_TOKEN), *why = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (path == NULL)
        return 0;
    if (os_read_own_file(path, OS_CARE_SECRET, TOKEN_FILE_MAX, &bytes, &size, &why)
        != SC_OK) {
        log_error("WINSCARD_TOKEN: %s %s", path, why);
        return 0;
    }
    size_t taken = size < SERVICE_TOKEN_MAX ? size : SERVICE_TOKEN_MAX;
    memcpy(token, bytes, taken);
    secret_clear(bytes, size);
    mem_free(bytes);
    return taken;
}
