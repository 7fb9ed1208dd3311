/* SPDX-License-Identifier: BSD-2-Clause */
/* Which carrier this process uses. */
#include "client/client.h"

#include "base/atomic.h"
#include "base/log.h"
#include "base/uri.h"
#include "client/service.h"
#include "client/service_place.h"
#include "os/config.h"
#include "os/library.h"
#include "os/setting.h"

#include <string.h>

enum choice {
    CHOICE_OPEN,
    CHOICE_LOCAL,
    CHOICE_SERVICE,
    CHOICE_PCSCD,
    CHOICE_SYSTEM,
    CHOICE_NONE
};

static void note_readers(void *context, const char *path, const char *text)
{
    bool *named = context;
    char uri[URI_SIZE_MAX];
    (void)path;
    if (uri_list_next(&text, uri, sizeof(uri)) != 0)
        *named = true;
}

/* Who wrote down which readers this machine's programs have means those, and not Windows'.
 */
static bool system_is_wanted(void)
{
    bool named = false;
    if (!client_may_have_system())
        return false;
    os_read_reader_config(note_readers, &named);
    return !named && client_finds_system();
}

/* Whatever has the readers already goes before the manager in this process, unless
 * somebody named this process's readers. */
static enum choice choose_by_itself(void)
{
    if (os_setting_unless_empty(SETTING_READERS) != NULL)
        return CHOICE_LOCAL;
    if (client_service_answers())
        return CHOICE_SERVICE;
    if (client_finds_pcscd())
        return CHOICE_PCSCD;
    return system_is_wanted() ? CHOICE_SYSTEM : CHOICE_LOCAL;
}

static enum choice choose_carrier(void)
{
    const char *wanted = os_setting_unless_empty(SETTING_CARRIER);
    log_take_setting(os_setting(SETTING_LOG));
    /* A user that names a service means its cards, and no others of the same reader's
     * name: it answers, or that is an error. */
    if (wanted == NULL && service_is_named())
        return CHOICE_SERVICE;
    if (wanted == NULL || strcmp(wanted, "auto") == 0)
        return choose_by_itself();
    if (strcmp(wanted, "local") == 0)
        return CHOICE_LOCAL;
    if (strcmp(wanted, "service") == 0)
        return CHOICE_SERVICE;
    if (strcmp(wanted, "pcscd") == 0 && client_pcscd() != NULL)
        return CHOICE_PCSCD;
    if (strcmp(wanted, "system") == 0 && client_system() != NULL)
        return CHOICE_SYSTEM;
    log_error("WINSCARD_CARRIER: there is no carrier '%s' in this build", wanted);
    return CHOICE_NONE;
}

static void log_choice(enum choice choice)
{
    static const char *const words[] = {[CHOICE_LOCAL] = "the manager in this process",
                                        [CHOICE_SERVICE] = "a service",
                                        [CHOICE_PCSCD] = "pcscd",
                                        [CHOICE_SYSTEM] = "the system's winscard.dll"};
    if ((size_t)choice < ARRAY_SIZE(words) && words[choice] != NULL)
        log_info("calls go to %s", words[choice]);
}

const struct carrier *client_carrier(void)
{
    static uint32_t choice = CHOICE_OPEN;
    uint32_t made = atomic_load_u32(&choice);
    if (made == CHOICE_OPEN) {
        os_library_keep(); /* contexts, and calls that wait, come back to this code */
        made = (uint32_t)choose_carrier();
        /* What another thread found meanwhile stands. */
        if (atomic_compare_exchange_u32(&choice, CHOICE_OPEN, made))
            log_choice((enum choice)made);
        else
            made = atomic_load_u32(&choice);
    }
    if (made == CHOICE_SERVICE)
        return &carrier_service;
    if (made == CHOICE_PCSCD)
        return client_pcscd();
    if (made == CHOICE_SYSTEM)
        return client_system();
    return made == CHOICE_LOCAL ? &carrier_local : NULL;
}
