/* SPDX-License-Identifier: BSD-2-Clause */
/* File Hierarchy Standard 3.0 (/etc 3.7, /run 3.15, /usr/share 4.11, /var/lib 5.8); XDG
 * Base Directory Specification 0.8, by which a path that is not absolute counts as not
 * set; Linux's sysfs-bus-usb. */
#include "os/endpoint.h"

#include "os/setting.h"

#include <stdio.h>

/* BASE/END, where BASE is an absolute path. */
static bool join_path(const char *base, const char *end, char *path, size_t room)
{
    if (base == NULL || base[0] != '/')
        return false;
    int size = snprintf(path, room, "%s/%s", base, end);
    return size > 0 && (size_t)size < room;
}

bool os_user_service(char *path, size_t room)
{
    return join_path(os_setting(SETTING_USER_RUNTIME), "winscard/winscard.sock", path,
                     room);
}

bool os_user_endpoint(char *path, size_t room)
{
    return join_path(os_setting(SETTING_USER_RUNTIME), "winscard/tcp", path, room);
}

bool os_machine_endpoint(char *path, size_t room)
{
    (void)path;
    (void)room;
    return false;
}

bool os_lower_endpoint(char *path, size_t room)
{
    (void)path;
    (void)room;
    return false;
}

const char *os_endpoint_setting(bool machine)
{
    (void)machine;
    return os_setting_row(SETTING_USER_RUNTIME)->name;
}

bool os_start_endpoint(void)
{
    return false;
}

const char *os_user_service_setting(void)
{
    return os_setting_row(SETTING_USER_RUNTIME)->name;
}

const char *os_machine_service(void)
{
    return "/run/winscard/winscard.sock";
}

const char *os_pcscd_service(void)
{
    return "/run/pcscd/pcscd.comm";
}

const char *os_machine_config(void)
{
    return "/etc/winscard";
}

const char *os_machine_data(void)
{
    return "/var/lib/winscard";
}

const char *os_packaged_cards(void)
{
    return "/usr/share/winscard/cards.d";
}

static bool user_place(enum setting setting, const char *under_home, char *path,
                       size_t room)
{
    const char *base = os_setting(setting);
    if (base != NULL && base[0] == '/')
        return join_path(base, "winscard", path, room);
    return join_path(os_setting(SETTING_HOME), under_home, path, room);
}

bool os_user_config(char *path, size_t room)
{
    return user_place(SETTING_USER_CONFIG, ".config/winscard", path, room);
}

bool os_user_data(char *path, size_t room)
{
    return user_place(SETTING_USER_DATA, ".local/share/winscard", path, room);
}

const char *os_usb_devices(void)
{
    return "/sys/bus/usb/devices";
}

const char *os_usb_nodes(void)
{
    return "/dev/bus/usb";
}

const char *os_pcscd_readers(void)
{
    return "/etc/reader.conf.d";
}

const char *os_pcscd_bundles(void)
{
    return "/usr/lib/pcsc/drivers";
}

#ifndef WINSCARD_IFD_PROGRAM
#define WINSCARD_IFD_PROGRAM ""
#endif

const char *os_ifd_program(void)
{
    return WINSCARD_IFD_PROGRAM;
}
