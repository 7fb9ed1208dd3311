/* SPDX-License-Identifier: BSD-2-Clause */
/* The software driver: its URI, its readers' coming and going. */
#include "drivers/soft/soft.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "drivers/kit/settings.h"
#include "drivers/soft/reader.h"
#include "os/fork.h"
#include "os/lock.h"
#include "os/time.h"

#include <string.h>

static const char initial_pin[] = "123456";

enum { DELAY_MAX_MS = 60000, BLINK_MIN_MS = 10, BLINK_MAX_MS = 3600000 };

/* --- The URI ------------------------------------------------------------------------ */

static bool parse_pin(const char *text, void *pin)
{
    size_t size = strlen(text);
    bool fits = size >= SOFT_PIN_MIN && size <= SOFT_PIN_MAX
                && strspn(text, "0123456789") == size;
    if (fits)
        memcpy(pin, text, size + 1);
    return fits;
}

static const char *const protocols[] = {"t0", "t1", "both", NULL};
static const char *const apdu_choices[] = {"0", "1", NULL};
static const char *const card_choices[] = {"absent", "present", NULL};

#define AT(member) offsetof(struct soft, member)

static const struct kit_setting soft_settings[] = {
    {.key = "", .kind = KIT_TEXT, .offset = AT(name), .max = 1, .wanted = "empty"},
    {.key = "name",
     .kind = KIT_TEXT,
     .offset = AT(name),
     .max = DRIVER_NAME_MAX,
     .wanted = "a reader name"},
    {.key = "count", .offset = AT(count), .min = 1, .max = SOFT_COUNT_MAX},
    {.key = "protocol",
     .kind = KIT_WORD,
     .offset = AT(options.protocols),
     .min = PROTOCOL_T0,
     .words = protocols,
     .wanted = "t0, t1 or both"},
    {.key = "card",
     .kind = KIT_BOOL,
     .offset = AT(has_cards),
     .words = card_choices,
     .wanted = "present or absent"},
    {.key = "pin",
     .kind = KIT_PARSED,
     .offset = AT(options.pin),
     .parse = parse_pin,
     .wanted = "4 to 8 digits"},
    {.key = "apdu",
     .kind = KIT_BOOL,
     .offset = AT(options.whole_apdus),
     .words = apdu_choices,
     .max = 1},
    {.key = "delay", .offset = AT(options.delay_ms), .max = DELAY_MAX_MS},
    {.key = "blink", .offset = AT(blink_ms), .min = BLINK_MIN_MS, .max = BLINK_MAX_MS},
    {.key = NULL}};

/* --- Names -------------------------------------------------------------------------- */

/* The instances that are alive, so that no two of them are named alike. */
static struct os_mutex family_lock = OS_MUTEX_INIT;
static struct soft *family;

/* A child process begins without instances; the lock may have been held elsewhere. */
static void forget_family(void)
{
    os_mutex_init(&family_lock);
    family = NULL;
}

/* Names the instance in device ids and serial numbers, the same each time (FNV-1a). Of
 * the name alone: a PIN could be guessed from a number that it goes into. */
static uint32_t hash(const char *name)
{
    uint32_t value = 0x811C9DC5;
    for (; *name != '\0'; name++)
        value = (value ^ (uint8_t)*name) * 0x01000193U;
    return value;
}

static bool twin_taken(const struct soft *soft) NEEDS_LOCK(family_lock)
{
    for (const struct soft *other = family; other != NULL; other = other->next)
        if (other->name_hash == soft->name_hash && other->twin == soft->twin)
            return true;
    return false;
}

static void join_family(struct soft *soft)
{
    soft->name_hash = hash(soft->name);
    os_mutex_lock(&family_lock);
    while (twin_taken(soft))
        soft->twin++;
    soft->next = family;
    family = soft;
    os_mutex_unlock(&family_lock);
}

/* Also if it never joined. */
static void leave_family(struct soft *soft)
{
    os_mutex_lock(&family_lock);
    struct soft **link = &family;
    while (*link != NULL && *link != soft)
        link = &(*link)->next;
    if (*link != NULL)
        *link = soft->next;
    os_mutex_unlock(&family_lock);
}

/* --- Life --------------------------------------------------------------------------- */

static void destroy_soft(struct kit_instance *instance)
{
    struct soft *soft = (struct soft *)(void *)instance;
    leave_family(soft);
    for (uint32_t i = 0; soft->readers != NULL && i < soft->count; i++)
        soft_session_free(soft->readers[i].session);
    mem_free(soft->readers);
    secret_clear(soft, sizeof(*soft));
    mem_free(soft);
}

static enum sc_error arrive_all(struct soft *soft)
{
    soft->readers = mem_alloc_array(soft->count, sizeof(*soft->readers));
    if (soft->readers == NULL)
        return SC_E_NO_MEMORY;
    for (uint32_t i = 0; i < soft->count; i++)
        soft_reader_init(&soft->readers[i], soft);
    return kit_instance_arrive(&soft->kit, soft_reader_describe);
}

static enum sc_error soft_start(const char *uri, struct driver_host *host, void **self)
{
    struct soft *soft = mem_alloc(sizeof(*soft));
    if (soft == NULL)
        return SC_E_NO_MEMORY;
    soft->count = 1;
    soft->has_cards = true;
    soft->options.protocols = PROTOCOL_T0 | PROTOCOL_T1;
    memcpy(soft->options.pin, initial_pin, sizeof(initial_pin));
    kit_instance_init(&soft->kit, host, destroy_soft, "scard-soft", soft_look);
    os_at_fork_child(forget_family);
    enum sc_error error = kit_settings_read(uri, soft_settings, soft);
    if (error == SC_OK) {
        join_family(soft);
        error = arrive_all(soft);
    }
    if (error == SC_OK && soft->blink_ms != 0) {
        soft->blink_at_ms = os_now_ms() + soft->blink_ms;
        error = kit_attendant_start(&soft->kit.attendant);
    }
    if (error == SC_OK)
        *self = soft;
    else
        kit_instance_stop(soft);
    return error;
}

const struct driver soft_driver = {.scheme = "soft",
                                   .start = soft_start,
                                   .stop = kit_instance_stop,
                                   .power = soft_reader_power,
                                   .set_protocol = soft_reader_set_protocol,
                                   .transmit = soft_reader_transmit,
                                   .control = soft_reader_control,
                                   .get_attribute = soft_reader_get_attribute,
                                   .set_attribute = soft_reader_set_attribute,
                                   .close = kit_reader_close};
