/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/trust.h"

#include "base/log.h"
#include "os/trust.h"

bool client_trusts(struct os_socket socket, const char *path, const char *setting,
                   const char *usual)
{
    uint32_t uid = 0;
    switch (os_judge_service(socket, path, usual, &uid)) {
    case OS_TRUST_YES:
        return true;
    case OS_TRUST_STRANGER:
        log_error(
            "%s: the program that listens at %s is of user %u, not of root, this user "
            "or %s; WINSCARD_SERVICE_USER names a further user to trust",
            setting, path, (unsigned)uid, usual);
        break;
    case OS_TRUST_PLACE:
        log_error("%s: others could have put %s where it is, as everybody may write its "
                  "directory; WINSCARD_SERVICE_USER=any takes it all the same",
                  setting, path);
        break;
    }
    return false;
}
