/* SPDX-License-Identifier: BSD-2-Clause */
/* Which carrier this process uses. */
#include "client/client.h"

#include "base/atomic.h"
#include "base/log.h"
#include "os/os.h"

#include <string.h>

enum choice { CHOICE_OPEN, CHOICE_LOCAL, CHOICE_NONE };

static enum choice choose(void)
{
    const char *wanted = os_getenv("WINSCARD_CARRIER");
    if (wanted == NULL || strcmp(wanted, "auto") == 0 || strcmp(wanted, "local") == 0)
        return CHOICE_LOCAL;
    log_error("WINSCARD_CARRIER: there is no carrier '%s' in this build", wanted);
    return CHOICE_NONE;
}

const struct carrier *client_carrier(void)
{
    static uint32_t choice = CHOICE_OPEN;
    uint32_t made = atomic_load_u32(&choice);
    if (made == CHOICE_OPEN) {
        made = (uint32_t)choose();
        atomic_store_u32(&choice, made);
    }
    return made == CHOICE_LOCAL ? &carrier_local : NULL;
}
