/* SPDX-License-Identifier: BSD-2-Clause */
/* File Hierarchy Standard 3.0 (/run 3.15, /usr/share 4.11, /var/lib 5.8); XDG Base
 * Directory Specification 0.8 (XDG_RUNTIME_DIR). */
#include "os/endpoint.h"

#include "os/environment.h"

#include <stdio.h>

bool os_user_service(char *path, size_t room)
{
    const char *runtime = os_getenv("XDG_RUNTIME_DIR");
    if (runtime == NULL)
        return false;
    int size = snprintf(path, room, "%s/winscard/winscard.sock", runtime);
    return size > 0 && (size_t)size < room;
}

const char *os_user_service_setting(void)
{
    return "XDG_RUNTIME_DIR";
}

const char *os_machine_service(void)
{
    return "/run/winscard/winscard.sock";
}

const char *os_pcscd_service(void)
{
    return "/run/pcscd/pcscd.comm";
}

const char *os_machine_data(void)
{
    return "/var/lib/winscard";
}

const char *os_packaged_cards(void)
{
    return "/usr/share/winscard/cards.d";
}
