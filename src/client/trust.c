/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/trust.h"

#include "base/log.h"
#include "os/setting.h"
#include "os/trust.h"
#include "os/unix_socket.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 10 }; /* digits of a user's number */

/* A name, or a number. */
static bool is_user(const char *text, uint32_t uid)
{
    uint32_t found = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits > 0 && digits <= NUMBER_MAX && text[digits] == '\0')
        return strtoull(text, NULL, 10) == uid;
    return os_find_user(text, &found) == SC_OK && found == uid;
}

static bool is_trusted(uint32_t uid, const char *usual, const char *named)
{
    return uid == 0 || uid == os_own_user() || is_user(usual, uid)
           || (named != NULL && is_user(named, uid));
}

bool client_trusts(struct os_socket socket, const char *path, const char *setting,
                   const char *usual)
{
    const char *named = os_setting_unless_empty(SETTING_SERVICE_USER);
    uint32_t uid = 0;
    if (named != NULL && strcmp(named, "any") == 0)
        return true;
    if (os_unix_peer(socket, &uid, NULL, NULL) != SC_OK
        || !is_trusted(uid, usual, named)) {
        log_error(
            "%s: the program that listens at %s is of user %u, not of root, this user "
            "or %s; WINSCARD_SERVICE_USER names a further user to trust",
            setting, path, (unsigned)uid, usual);
        return false;
    }
    bool everybodys = os_is_everybodys_place(path);
    if (everybodys)
        log_error("%s: others could have put %s where it is, as everybody may write its "
                  "directory; WINSCARD_SERVICE_USER=any takes it all the same",
                  setting, path);
    return !everybodys;
}
