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
        return is_system(is_set ? setting : "auto") ? CARRIER_SYSTEM : CARRIER_LOCAL;
    text_add(&text, "%s", service != NULL ? service : "its usual place");
    return CARRIER_SERVICE;
}

size_t carrier_services(const char *setting,
                        char paths[CARRIER_SERVICES_MAX][CARRIER_ENDPOINT_ROOM])
{
    struct text text;
    size_t count = 0;
    if (setting != NULL && *setting != '\0') {
        if (strncmp(setting, "unix:", 5) != 0)
            return 0;
        text_start(&text, paths[0], CARRIER_ENDPOINT_ROOM);
        text_add(&text, "%s", setting + 5);
        return 1;
    }
    if (os_user_service(paths[0], CARRIER_ENDPOINT_ROOM))
        count++;
    if (*os_machine_service() == '\0')
        return count; /* there are no Unix sockets */
    text_start(&text, paths[count++], CARRIER_ENDPOINT_ROOM);
    text_add(&text, "%s", os_machine_service());
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
    case CARRIER_NONE:
        break;
    }
    return "none";
}
