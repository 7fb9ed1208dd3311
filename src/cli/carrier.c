/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/carrier.h"

#include "cli/platform.h"
#include "cli/text.h"
#include "os/endpoint.h"
#include "os/setting.h"

#include <string.h>

/* The library has loaded Windows' own beside itself if that is its carrier, or could have
 * been. */
static bool is_system(const char *setting)
{
    const char *readers = os_setting(SETTING_READERS);
    bool chosen = strcmp(setting, "auto") == 0 && (readers == NULL || *readers == '\0');
    return (chosen || strcmp(setting, "system") == 0) && platform_system_answers();
}

/* No connection to anything was seen, and no service is named. */
static enum carrier_kind find_unconnected(const char *setting)
{
    const char *readers = os_setting(SETTING_READERS);
    bool named = readers != NULL && *readers != '\0';
    if (platform_library() == PLATFORM_LIBRARY_UNIX && strcmp(setting, "local") != 0
        && !named)
        return CARRIER_UNSEEN;
    return is_system(setting) ? CARRIER_SYSTEM : CARRIER_LOCAL;
}

enum carrier_kind carrier_find(char endpoint[CARRIER_ENDPOINT_ROOM])
{
    char peer[CARRIER_ENDPOINT_ROOM];
    struct text text;
    const char *pcscd = os_setting(SETTING_PCSCD_SOCKET);
    const char *service = os_setting(SETTING_SERVICE);
    const char *setting = os_setting(SETTING_CARRIER);
    text_start(&text, endpoint, CARRIER_ENDPOINT_ROOM);
    for (unsigned i = 0; platform_connected_socket(i, peer, sizeof peer); i++) {
        bool is_pcscd =
            strstr(peer, "pcscd") != NULL || (pcscd != NULL && strcmp(pcscd, peer) == 0);
        /* The library connects to nobody else by TCP. */
        bool is_service = strstr(peer, "winscard") != NULL
                          || strncmp(peer, "tcp:", 4) == 0
                          || (service != NULL && strstr(service, peer) != NULL);
        if (!is_pcscd && !is_service)
            continue;
        text_add(&text, "%s", peer);
        return is_service ? CARRIER_SERVICE : CARRIER_PCSCD;
    }
    /* One behind TCP is no such socket, but a service that is named is the one (client.h). */
    bool is_set = setting != NULL && *setting != '\0';
    bool is_named = service != NULL && *service != '\0';
    if (is_set ? strcmp(setting, "service") != 0 : !is_named)
        return find_unconnected(is_set ? setting : "auto");
    text_add(&text, "%s", service != NULL ? service : "its usual place");
    return CARRIER_SERVICE;
}

static void set_place(struct carrier_place *place, const char *path, bool file)
{
    struct text text;
    text_start(&text, place->path, sizeof place->path);
    text_add(&text, "%s", path);
    place->file = file;
}

_Static_assert((int)CARRIER_SERVICES_MAX >= (int)OS_ENDPOINTS, "all have room");

/* There are no Unix sockets. */
static size_t find_files(struct carrier_place places[CARRIER_SERVICES_MAX])
{
    char path[CARRIER_ENDPOINT_ROOM];
    size_t count = 0;
    for (size_t i = 0; i < OS_ENDPOINTS; i++)
        if (os_endpoint_at(i, path, sizeof path))
            set_place(&places[count++], path, true);
    return count;
}

size_t carrier_services(const char *setting,
                        struct carrier_place places[CARRIER_SERVICES_MAX])
{
    char path[CARRIER_ENDPOINT_ROOM];
    size_t count = 0;
    if (setting != NULL && *setting != '\0') {
        bool file = strncmp(setting, "file:", 5) == 0;
        if (!file && strncmp(setting, "unix:", 5) != 0)
            return 0;
        set_place(&places[0], setting + 5, file);
        return 1;
    }
    if (*os_machine_service() == '\0')
        return find_files(places);
    if (os_user_service(path, sizeof path))
        set_place(&places[count++], path, false);
    set_place(&places[count++], os_machine_service(), false);
    return count;
}

const char *carrier_name(enum carrier_kind carrier)
{
    switch (carrier) {
    case CARRIER_LOCAL:
        return "local";
    case CARRIER_PCSCD:
        return "pcscd";
    case CARRIER_SERVICE:
        return "service";
    case CARRIER_SYSTEM:
        return "system";
    case CARRIER_UNSEEN:
        return "unknown";
    case CARRIER_NONE:
        break;
    }
    return "none";
}
