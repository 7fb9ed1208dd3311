/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/carrier.h"

#include "cli/platform.h"
#include "cli/text.h"
#include "os/setting.h"

#include <string.h>

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
        bool is_service = strstr(peer, "winscard") != NULL
                          || (service != NULL && strstr(service, peer) != NULL);
        if (!is_pcscd && !is_service)
            continue;
        text_add(&text, "%s", peer);
        return is_service ? CARRIER_SERVICE : CARRIER_PCSCD;
    }
    if (setting == NULL || strcmp(setting, "service") != 0)
        return CARRIER_LOCAL;
    text_add(&text, "%s", service != NULL ? service : "its usual place");
    return CARRIER_SERVICE;
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
    case CARRIER_NONE:
        break;
    }
    return "none";
}
