/* SPDX-License-Identifier: BSD-2-Clause */
/* The software driver: its URI, its readers' coming and going. */
#include "drivers/soft/soft.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/uri.h"
#include "drivers/soft/reader.h"
#include "os/fork.h"
#include "os/lock.h"

#include <string.h>

enum { DELAY_MAX_MS = 60000, BLINK_MIN_MS = 10, BLINK_MAX_MS = 3600000 };

/* --- The URI ------------------------------------------------------------------------ */

static enum sc_error reject(const char *key, const char *wanted)
{
    log_error("soft: parameter %s is not %s", key, wanted);
    return SC_E_INVALID_VALUE;
}

static enum sc_error read_number(const char *uri, const char *key, uint32_t min,
                                 uint32_t max, uint32_t *number)
{
    if (uri_get_number(uri, key, min, max, number) == SC_OK)
        return SC_OK;
    log_error("soft: parameter %s is not a number from %u to %u", key, (unsigned)min,
              (unsigned)max);
    return SC_E_INVALID_VALUE;
}

/* One of several words, by its index; *chosen stays as it is without the parameter. */
static bool read_word(const char *uri, const char *key, const char *const *words,
                      size_t count, size_t *chosen)
{
    char text[16];
    enum sc_error error = uri_get_text(uri, key, text, sizeof(text));
    if (error == SC_E_FILE_NOT_FOUND)
        return true;
    for (size_t i = 0; i < count && error == SC_OK; i++) {
        *chosen = i;
        if (strcmp(text, words[i]) == 0)
            return true;
    }
    return false;
}

static enum sc_error read_pin(const char *uri, char pin[SOFT_PIN_MAX + 1])
{
    static const char initial[] = "123456";
    enum sc_error error = uri_get_text(uri, "pin", pin, SOFT_PIN_MAX + 1);
    if (error == SC_E_FILE_NOT_FOUND) {
        memcpy(pin, initial, sizeof(initial));
        return SC_OK;
    }
    size_t size = error == SC_OK ? strlen(pin) : 0;
    if (size < SOFT_PIN_MIN || strspn(pin, "0123456789") != size)
        return reject("pin", "4 to 8 digits");
    return SC_OK;
}

static enum sc_error read_words(const char *uri, struct soft *soft, bool *present)
{
    static const char *const protocols[] = {"undefined", "t0", "t1", "both"};
    static const char *const cards[] = {"absent", "present"};
    size_t protocol = PROTOCOL_T0 | PROTOCOL_T1, card = 1;
    if (!read_word(uri, "protocol", protocols, ARRAY_SIZE(protocols), &protocol)
        || protocol == PROTOCOL_UNDEFINED)
        return reject("protocol", "t0, t1 or both");
    if (!read_word(uri, "card", cards, ARRAY_SIZE(cards), &card))
        return reject("card", "present or absent");
    enum sc_error error = uri_get_text(uri, "name", soft->name, sizeof(soft->name));
    if (error != SC_OK && error != SC_E_FILE_NOT_FOUND)
        return reject("name", "a reader name");
    soft->options.protocols = (uint32_t)protocol;
    *present = card == 1;
    return SC_OK;
}

static enum sc_error read_uri(const char *uri, struct soft *soft, bool *present)
{
    static const char *const keys[] = {"name", "count", "protocol", "card", "pin",
                                       "apdu", "delay", "blink",    NULL};
    char text[64];
    uint32_t whole = 0;
    if (uri_get_path(uri, text, sizeof(text)) != SC_OK || text[0] != '\0') {
        log_error("soft: nothing stands between the colon and the question mark");
        return SC_E_INVALID_VALUE;
    }
    if (uri_check_keys(uri, keys, text, sizeof(text)) != SC_OK) {
        log_error("soft: there is no parameter %s", text);
        return SC_E_INVALID_VALUE;
    }
    soft->count = 1;
    enum sc_error error = read_number(uri, "count", 1, SOFT_COUNT_MAX, &soft->count);
    if (error == SC_OK)
        error = read_number(uri, "apdu", 0, 1, &whole);
    if (error == SC_OK)
        error = read_number(uri, "delay", 0, DELAY_MAX_MS, &soft->options.delay_ms);
    if (error == SC_OK)
        error = read_number(uri, "blink", BLINK_MIN_MS, BLINK_MAX_MS, &soft->blink_ms);
    if (error == SC_OK)
        error = read_words(uri, soft, present);
    if (error == SC_OK)
        error = read_pin(uri, soft->options.pin);
    soft->options.whole_apdus = whole != 0;
    return error;
}

/* --- Who is who --------------------------------------------------------------------- */

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

static bool twin_taken(const struct soft *soft)
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

static void destroy(struct soft *soft)
{
    leave_family(soft);
    for (uint32_t i = 0; soft->readers != NULL && i < soft->count; i++)
        soft_reader_clear(&soft->readers[i]);
    mem_free(soft->readers);
    os_cond_destroy(&soft->wake);
    os_mutex_destroy(&soft->lock);
    secret_clear(soft, sizeof(*soft));
    mem_free(soft);
}

/* The last user frees: the host may close a reader after it stopped the driver. */
static void release(struct soft *soft)
{
    os_mutex_lock(&soft->lock);
    bool last = --soft->users == 0;
    os_mutex_unlock(&soft->lock);
    if (last)
        destroy(soft);
}

static enum sc_error arrive_all(struct soft *soft)
{
    for (uint32_t i = 0; i < soft->count; i++) {
        enum sc_error error = soft_reader_arrive(&soft->readers[i]);
        if (error == SC_OK)
            continue;
        log_error("soft: %u readers of %u: %s", (unsigned)i, (unsigned)soft->count,
                  sc_error_words(error));
        return i == 0 ? error : SC_OK;
    }
    return SC_OK;
}

static void soft_stop(void *self)
{
    struct soft *soft = self;
    soft_timer_stop(soft);
    for (uint32_t i = 0; i < soft->count; i++)
        soft_reader_leave(&soft->readers[i]);
    release(soft);
}

static enum sc_error soft_start(const char *uri, struct driver_host *host, void **self)
{
    bool present = true;
    struct soft *soft = mem_alloc(sizeof(*soft));
    if (soft == NULL)
        return SC_E_NO_MEMORY;
    soft->host = host;
    soft->users = 1;
    os_at_fork_child(forget_family);
    os_mutex_init(&soft->lock);
    os_cond_init(&soft->wake);
    enum sc_error error = read_uri(uri, soft, &present);
    if (error != SC_OK)
        goto out;
    error = SC_E_NO_MEMORY;
    soft->readers = mem_alloc_array(soft->count, sizeof(*soft->readers));
    if (soft->readers == NULL)
        goto out;
    for (uint32_t i = 0; i < soft->count; i++)
        soft_reader_init(&soft->readers[i], soft, i, present);
    join_family(soft);
    error = arrive_all(soft);
    if (error == SC_OK && soft->blink_ms != 0)
        error = soft_timer_kick(soft);
    if (error == SC_OK)
        *self = soft;
out:
    if (error != SC_OK && soft->readers != NULL)
        soft_stop(soft);
    else if (error != SC_OK)
        release(soft);
    return error;
}

static void soft_close(void *self)
{
    struct soft_reader *reader = self;
    struct soft *soft = reader->soft;
    os_mutex_lock(&reader->lock);
    reader->open = false;
    os_mutex_unlock(&reader->lock);
    release(soft);
}

const struct driver soft_driver = {.scheme = "soft",
                                   .start = soft_start,
                                   .stop = soft_stop,
                                   .power = soft_reader_power,
                                   .set_protocol = soft_reader_set_protocol,
                                   .transmit = soft_reader_transmit,
                                   .control = soft_reader_control,
                                   .get_attribute = soft_reader_get_attribute,
                                   .set_attribute = soft_reader_set_attribute,
                                   .close = soft_close};
