/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver: its URI, the line that comes and goes, the card's own line, the jobs. */
#include "drivers/phoenix/phoenix.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "drivers/feature.h"
#include "drivers/kit/settings.h"
#include "drivers/phoenix/reader.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

enum {
    CLOCK_HZ = 3571200,
    CLOCK_MIN_HZ = 1000000,
    CLOCK_MAX_HZ = 20000000,
    HZ_IN_MHZ = 1000000,
    RATE_MAX = 115200,
    RATE_MOST = 4000000,
    APDU_TIMEOUT_MS = 600000,
    APDU_TIMEOUT_MAX_MS = 3600000,
    REVIVE_MS = 1000,
    REVIVE_MAX_MS = 60000,
    SETTLE_MS = 1000,
    IFSD = 254
};

struct phoenix {
    struct kit_instance kit; /* first */
    struct phoenix_settings settings;
    struct phoenix_reader reader;
    /* The attendant's. */
    bool open;
    bool seen; /* how the card's line was at the last look */
    uint32_t rest_ms;
    uint64_t due_ms; /* for the next try to open it */
    /* Under the reader's lock. */
    bool settled; /* the first try is over */
};

/* --- The URI ------------------------------------------------------------------------- */

/* "3.5712": up to six digits behind the point. */
static bool read_clock(const char *text, void *value)
{
    uint32_t hz = 0, unit = HZ_IN_MHZ, digits = 0;
    for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++)
        hz = hz * 10 + (uint32_t)(*text - '0') * HZ_IN_MHZ;
    if (digits > 0 && *text == '.')
        for (text++; *text >= '0' && *text <= '9' && unit > 1; text++) {
            unit /= 10;
            hz += (uint32_t)(*text - '0') * unit;
        }
    *(uint32_t *)value = hz;
    return *text == '\0' && digits > 0 && hz >= CLOCK_MIN_HZ && hz <= CLOCK_MAX_HZ;
}

static bool read_wire(const char *text, uint32_t among, struct phoenix_wire *wire)
{
    static const struct {
        const char *name;
        uint32_t mask;
    } known[] = {{"dtr", OS_SERIAL_DTR}, {"rts", OS_SERIAL_RTS}, {"cts", OS_SERIAL_CTS},
                 {"dsr", OS_SERIAL_DSR}, {"cd", OS_SERIAL_CD},   {"ri", OS_SERIAL_RI}};
    wire->inverted = *text == '-';
    text += wire->inverted ? 1 : 0;
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        wire->mask = known[i].mask;
        if ((wire->mask & among) != 0 && strcmp(known[i].name, text) == 0)
            return true;
    }
    return false;
}

static bool read_output(const char *text, void *value)
{
    return read_wire(text, OS_SERIAL_DTR | OS_SERIAL_RTS, value);
}

static bool read_power(const char *text, void *value)
{
    *(struct phoenix_wire *)value = (struct phoenix_wire){0};
    return strcmp(text, "none") == 0 || read_output(text, value);
}

static bool read_detect(const char *text, void *value)
{
    *(struct phoenix_wire *)value = (struct phoenix_wire){0};
    return strcmp(text, "none") == 0
           || read_wire(text, OS_SERIAL_CTS | OS_SERIAL_DSR | OS_SERIAL_CD | OS_SERIAL_RI,
                        value);
}

#define AT(member) offsetof(struct phoenix_settings, member)
static const char *const levels[] = {"tpdu", "apdu", NULL};
static const struct kit_setting phoenix_settings[] = {
    {"", KIT_TEXT, AT(path), .max = PHOENIX_PATH_MAX,
     .wanted = "a path of fewer than 256 bytes"},
    {"clock", KIT_PARSED, AT(clock_hz), .parse = read_clock,
     .wanted = "a number of MHz from 1 to 20"},
    {"reset", KIT_PARSED, AT(reset), .parse = read_output,
     .wanted = "rts or dtr, with or without a minus"},
    {"power", KIT_PARSED, AT(power), .parse = read_power,
     .wanted = "rts or dtr, with or without a minus, or none"},
    {"detect", KIT_PARSED, AT(detect), .parse = read_detect,
     .wanted = "cd, dsr, cts or ri, with or without a minus, or none"},
    {"max", .offset = AT(max_rate), .min = 1, .max = RATE_MOST},
    {"t0", KIT_BOOL, AT(whole_apdus), .words = levels, .wanted = "tpdu or apdu"},
    {"apdu_timeout", .offset = AT(apdu_timeout_ms), .min = 1, .max = APDU_TIMEOUT_MAX_MS},
    {.key = NULL}};

static enum sc_error read_phoenix_uri(const char *uri, struct phoenix_settings *settings)
{
    *settings = (struct phoenix_settings){.clock_hz = CLOCK_HZ,
                                          .reset = {.mask = OS_SERIAL_RTS},
                                          .power = {.mask = OS_SERIAL_DTR},
                                          .detect = {.mask = OS_SERIAL_CD},
                                          .max_rate = RATE_MAX,
                                          .apdu_timeout_ms = APDU_TIMEOUT_MS};
    enum sc_error error = kit_settings_read(uri, phoenix_settings, settings);
    if (error != SC_OK)
        return error;
    if (settings->path[0] == '\0')
        return kit_settings_refuse(uri, "what is behind the colon",
                                   "the path of a line, as /dev/ttyUSB0");
    if (settings->reset.mask == settings->power.mask)
        return kit_settings_refuse(uri, "the line for power",
                                   "another than that for reset");
    return SC_OK;
}

/* --- Jobs ----------------------------------------------------------------------------- */

static struct phoenix_reader *begin_job(struct kit_job *job, void *self,
                                        const struct driver_job *asked, uint32_t limit_ms)
{
    struct phoenix_reader *reader = self;
    kit_job_begin(job, self, asked, limit_ms);
    reader->job = job;
    return reader;
}

/* A card that has gone meanwhile is the reason for whatever failed. */
static enum sc_error end_job(struct kit_job *job, enum sc_error error)
{
    struct phoenix_reader *reader = (struct phoenix_reader *)(void *)job->reader;
    if (error == SC_E_READER_UNAVAILABLE) {
        atomic_store_u32(&reader->lost, 1);
        kit_attendant_wake(&reader->kit.instance->attendant);
    } else if (error == SC_F_COMM_ERROR || error == SC_W_UNRESPONSIVE_CARD) {
        enum sc_error now = kit_job_find_card(job);
        error = now == SC_E_NO_SMARTCARD ? now : error;
    }
    reader->job = NULL;
    return kit_job_end(job, error);
}

static enum sc_error phoenix_power(void *self, enum power_action action,
                                   const struct driver_job *asked,
                                   uint8_t atr[DRIVER_ATR_MAX], size_t *atr_size)
{
    struct kit_job job;
    bool off = action == POWER_OFF;
    struct phoenix_reader *reader = begin_job(&job, self, asked, APDU_TIMEOUT_MS);
    enum sc_error error = kit_job_find_card(&job);
    *atr_size = 0;
    if (off)
        phoenix_card_off(reader);
    else if (error == SC_OK)
        error =
            phoenix_card_reset(reader, action == POWER_WARM_RESET && kit_job_is_on(&job));
    kit_job_note_power(&job, error == SC_OK && !off);
    if (error == SC_W_REMOVED_CARD || error == SC_E_NO_SMARTCARD)
        error = off ? SC_OK : SC_E_NO_SMARTCARD;
    if (error == SC_OK && !off) {
        *atr_size = reader->atr_size < DRIVER_ATR_MAX ? reader->atr_size : DRIVER_ATR_MAX;
        memcpy(atr, reader->atr_bytes, *atr_size);
    }
    return end_job(&job, error);
}

static enum sc_error phoenix_set_protocol(void *self, uint32_t protocol,
                                          const struct driver_job *asked)
{
    struct kit_job job;
    struct phoenix_reader *reader = begin_job(&job, self, asked, APDU_TIMEOUT_MS);
    const struct phoenix_settings *settings = reader->settings;
    const struct iso_terms terms = {
        .protocols = PROTOCOL_T0 | PROTOCOL_T1,
        .negotiation = ISO_NEGOTIATE_ALL,
        .rates = {.clock_khz = settings->clock_hz / 1000, .max_baud = settings->max_rate},
        .ifs = ISO_IFS_REQUEST,
        .ifsd = IFSD,
        .inf_max = IFSD};
    const struct driver_job bounded = {.deadline_ms = job.deadline_ms, .stop = job.stop};
    enum sc_error error = kit_job_find_powered(&job);
    if (error == SC_OK)
        error = iso_negotiate(&reader->card, protocol, &terms, &bounded);
    return end_job(&job, error);
}

static enum sc_error phoenix_transmit(void *self, uint32_t protocol, struct transfer *t)
{
    struct kit_job job;
    struct phoenix_reader *reader = begin_job(
        &job, self, &t->job, ((struct phoenix_reader *)self)->settings->apdu_timeout_ms);
    enum sc_error error = kit_job_find_powered(&job);
    if (error == SC_OK && reader->card.protocol != protocol)
        error = SC_E_PROTO_MISMATCH;
    if (error == SC_OK)
        error = iso_transmit(&reader->card, reader->settings->whole_apdus, t);
    secret_clear(reader->line.in, sizeof(reader->line.in));
    return end_job(&job, error);
}

static enum sc_error phoenix_control(void *self, uint32_t code, struct transfer *t)
{
    (void)self;
    switch (code) {
    case PHOENIX_IOCTL_FEATURES:
        return feature_reply_list(t, PHOENIX_IOCTL_TLV_PROPERTIES);
    case PHOENIX_IOCTL_TLV_PROPERTIES:
        return feature_reply_properties(t, true);
    default:
        return SC_E_UNSUPPORTED_FEATURE;
    }
}

/* --- The line that comes and goes ------------------------------------------------------ */

static void describe(const struct kit_reader *kit, struct reader_info *info)
{
    const struct phoenix_reader *reader =
        (const struct phoenix_reader *)(const void *)kit;
    (void)snprintf(info->vendor, sizeof(info->vendor), "Phoenix");
    (void)snprintf(info->product, sizeof(info->product), "Serial Reader");
    (void)snprintf(info->device_id, sizeof(info->device_id), "PHOENIX\\%.180s",
                   reader->settings->path);
    info->type = READER_TYPE_SERIAL;
    info->channel_id = (uint32_t)READER_TYPE_SERIAL << 16;
    info->protocols = PROTOCOL_T0 | PROTOCOL_T1;
}

/* Whether a card is in. Errors: SC_E_READER_UNAVAILABLE. */
static enum sc_error look_for_card(const struct phoenix_reader *reader, bool *present)
{
    const struct phoenix_wire *detect = &reader->settings->detect;
    uint32_t lines = 0;
    *present = true;
    if (detect->mask == 0)
        return SC_OK;
    enum sc_error error = os_serial_get_lines(reader->line.port, &lines);
    *present = ((lines & detect->mask) != 0) != detect->inverted;
    if (error == SC_E_UNSUPPORTED_FEATURE)
        *present = false;
    return error == SC_E_READER_UNAVAILABLE ? error : SC_OK;
}

static void try_later(struct phoenix *phoenix, enum sc_error error)
{
    if (phoenix->rest_ms == REVIVE_MS)
        log_error("phoenix: %s: %s", phoenix->settings.path, sc_error_words(error));
    phoenix->due_ms = os_now_ms() + phoenix->rest_ms;
    phoenix->rest_ms =
        phoenix->rest_ms < REVIVE_MAX_MS / 2 ? phoenix->rest_ms * 2 : REVIVE_MAX_MS;
}

static void open_line(struct phoenix *phoenix)
{
    struct phoenix_reader *reader = &phoenix->reader;
    struct reader_info info = {.slot = 0};
    enum sc_error error = os_serial_open(phoenix->settings.path, &reader->line.port);
    if (error == SC_OK)
        error = phoenix_line_begin(reader);
    if (error == SC_OK) {
        phoenix_card_off(reader);
        error = look_for_card(reader, &phoenix->seen);
    }
    if (error == SC_OK) {
        atomic_store_u32(&reader->lost, 0);
        (void)kit_reader_set_card(&reader->kit, phoenix->seen);
        describe(&reader->kit, &info);
        error = kit_reader_arrive(&reader->kit, &info);
    }
    phoenix->open = error == SC_OK;
    if (phoenix->open) {
        phoenix->rest_ms = REVIVE_MS;
        return;
    }
    os_serial_close(&reader->line.port);
    try_later(phoenix, error);
}

static void close_line(struct phoenix *phoenix)
{
    struct kit_reader *reader = &phoenix->reader.kit;
    log_info("phoenix: %s has gone", phoenix->settings.path);
    kit_reader_leave(reader);
    kit_reader_await_close(reader);
    os_serial_close(&phoenix->reader.line.port);
    phoenix->open = false;
    phoenix->due_ms = os_now_ms() + phoenix->rest_ms;
}

/* Contacts bounce: a card is in, or out, when two looks say so. */
static void look_at_card(struct phoenix *phoenix)
{
    bool present = false;
    enum sc_error error = atomic_load_u32(&phoenix->reader.lost) != 0
                              ? SC_E_READER_UNAVAILABLE
                              : look_for_card(&phoenix->reader, &present);
    if (error != SC_OK) {
        close_line(phoenix);
        return;
    }
    if (present == phoenix->seen)
        (void)kit_reader_set_card(&phoenix->reader.kit, present);
    phoenix->seen = present;
}

static uint64_t look(void *context)
{
    struct phoenix *phoenix = context;
    if (phoenix->open)
        look_at_card(phoenix);
    else if (os_now_ms() >= phoenix->due_ms)
        open_line(phoenix);
    kit_reader_lock(&phoenix->reader.kit);
    phoenix->settled = true;
    os_cond_broadcast(&phoenix->reader.kit.changed);
    kit_reader_unlock(&phoenix->reader.kit);
    if (!phoenix->open)
        return phoenix->due_ms;
    return phoenix->settings.detect.mask != 0 ? os_now_ms() + PHOENIX_LOOK_MS
                                              : OS_FOREVER;
}

/* What the negotiation asks for. */
static enum sc_error reset_card(struct iso_line *iso, const struct driver_job *job)
{
    struct phoenix_line *line = CONTAINER_OF(iso, struct phoenix_line, iso);
    (void)job; /* the reader's */
    return phoenix_card_reset(CONTAINER_OF(line, struct phoenix_reader, line), false);
}

/* --- Beginning and end ----------------------------------------------------------------- */

static void destroy(struct kit_instance *instance)
{
    struct phoenix *phoenix = (struct phoenix *)(void *)instance;
    os_serial_close(&phoenix->reader.line.port);
    mem_free(phoenix);
}

static enum sc_error phoenix_start(const char *uri, struct driver_host *host, void **self)
{
    struct phoenix *phoenix = mem_alloc(sizeof(*phoenix));
    if (phoenix == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = read_phoenix_uri(uri, &phoenix->settings);
    if (error != SC_OK) {
        mem_free(phoenix);
        return error;
    }
    struct phoenix_reader *reader = &phoenix->reader;
    kit_instance_init(&phoenix->kit, host, destroy, "scard-phoenix", look);
    kit_reader_init(&reader->kit, &phoenix->kit);
    reader->settings = &phoenix->settings;
    phoenix_line_init(&reader->line, reset_card);
    reader->card.line = &reader->line.iso;
    phoenix->rest_ms = REVIVE_MS;
    error = kit_instance_add_wakes(&phoenix->kit);
    if (error == SC_OK)
        error = kit_attendant_start(&phoenix->kit.attendant);
    if (error == SC_OK)
        *self = phoenix;
    else
        kit_instance_stop(phoenix);
    return error;
}

/* Until the first try to open the line is over. */
static void phoenix_settle(void *self, bool cards, uint64_t deadline_ms)
{
    struct phoenix *phoenix = self;
    struct kit_reader *reader = &phoenix->reader.kit;
    uint64_t limit_ms = os_now_ms() + SETTLE_MS;
    (void)cards; /* the reader is posted with the card that is in */
    limit_ms = limit_ms < deadline_ms ? limit_ms : deadline_ms;
    kit_reader_lock(reader);
    while (!phoenix->settled && os_cond_wait(&reader->changed, &reader->lock, limit_ms)) {
    }
    kit_reader_unlock(reader);
}

const struct driver phoenix_driver = {.scheme = "phoenix",
                                      .start = phoenix_start,
                                      .settle = phoenix_settle,
                                      .stop = kit_instance_stop,
                                      .power = phoenix_power,
                                      .set_protocol = phoenix_set_protocol,
                                      .transmit = phoenix_transmit,
                                      .control = phoenix_control,
                                      .close = kit_reader_close};
