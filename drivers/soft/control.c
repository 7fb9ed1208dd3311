/* SPDX-License-Identifier: BSD-2-Clause */
/* Control codes and attributes of the software driver (soft.h; winsmcrd.h; PC/SC part 3,
 * 3.1 and part 10). */
#include "base/attribute.h"
#include "drivers/feature.h"
#include "drivers/soft/reader.h"
#include "drivers/soft/soft.h"
#include "os/time.h"

#include <string.h>

enum { NUMBER_SIZE = 4, TIME_MAX_MS = 3600000 };

/* --- Control ------------------------------------------------------------------------ */

/* From `least` to `most` numbers; *count says how many there were. */
static bool read_numbers(const struct transfer *t, size_t least, size_t most,
                         uint32_t *numbers, size_t *count)
{
    *count = t->in_size / NUMBER_SIZE;
    if (t->in_size % NUMBER_SIZE != 0 || *count < least || *count > most)
        return false;
    for (size_t i = 0; i < *count; i++) {
        const uint8_t *at = t->in + NUMBER_SIZE * i;
        numbers[i] =
            at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    }
    return true;
}

static enum sc_error set_timer(struct soft_reader *reader, struct soft_timer *timer,
                               const struct transfer *t)
{
    uint32_t times_ms[2] = {0};
    size_t count;
    if (!read_numbers(t, 1, ARRAY_SIZE(times_ms), times_ms, &count)
        || times_ms[0] > TIME_MAX_MS || times_ms[1] > TIME_MAX_MS)
        return SC_E_INVALID_PARAMETER;
    kit_reader_lock(&reader->kit);
    timer->out_ms = os_now_ms() + times_ms[1];
    timer->back_ms = OS_FOREVER;
    timer->pause_ms = times_ms[0];
    kit_reader_unlock(&reader->kit);
    return kit_attendant_start(&reader->soft->kit.attendant);
}

static enum sc_error set_hang(struct soft_reader *reader, const struct transfer *t)
{
    uint32_t hang_ms = TIME_MAX_MS; /* longer than any deadline */
    size_t count;
    if (!read_numbers(t, 0, 1, &hang_ms, &count) || hang_ms > TIME_MAX_MS)
        return SC_E_INVALID_PARAMETER;
    kit_reader_lock(&reader->kit);
    reader->hang_ms = hang_ms;
    kit_reader_unlock(&reader->kit);
    return SC_OK;
}

static enum sc_error set_failures(struct soft_reader *reader, const struct transfer *t)
{
    uint32_t failures;
    size_t count;
    if (!read_numbers(t, 1, 1, &failures, &count))
        return SC_E_INVALID_PARAMETER;
    kit_reader_lock(&reader->kit);
    reader->failures = failures;
    kit_reader_unlock(&reader->kit);
    return SC_OK;
}

static void set_mute(struct soft_reader *reader)
{
    kit_reader_lock(&reader->kit);
    reader->mute = true;
    kit_reader_unlock(&reader->kit);
}

/* T=0 carries short APDUs alone, unless the driver cuts them up. */
static bool takes_extended(const struct soft_reader *reader)
{
    const struct soft_options *options = &reader->soft->options;
    return options->whole_apdus || (options->protocols & PROTOCOL_T1) != 0;
}

enum sc_error soft_reader_control(void *self, uint32_t code, struct transfer *t)
{
    struct soft_reader *reader = self;
    t->out_size = 0;
    switch (code) {
    case SOFT_IOCTL_EJECT:
        (void)kit_reader_set_card(&reader->kit, false);
        return SC_OK;
    case SOFT_IOCTL_SWALLOW:
        (void)kit_reader_set_card(&reader->kit, true);
        return SC_OK;
    case SOFT_IOCTL_FEATURES:
        return feature_reply_list(t, SOFT_IOCTL_TLV_PROPERTIES);
    case SOFT_IOCTL_TLV_PROPERTIES:
        return feature_reply_properties(t, takes_extended(reader));
    case SOFT_IOCTL_UNPLUG:
        return set_timer(reader, &reader->reader_timer, t);
    case SOFT_IOCTL_EJECT_LATER:
        return set_timer(reader, &reader->card_timer, t);
    case SOFT_IOCTL_HANG:
        return set_hang(reader, t);
    case SOFT_IOCTL_FAIL:
        return set_failures(reader, t);
    case SOFT_IOCTL_MUTE:
        set_mute(reader);
        return SC_OK;
    default:
        return SC_E_UNSUPPORTED_FEATURE;
    }
}

/* --- Attributes --------------------------------------------------------------------- */

enum { SWALLOWS_AND_EJECTS = 1 | 2 };

/* What the reader can, whatever is in it. */
static bool mechanical_attribute(uint32_t id, uint32_t *value)
{
    switch (id) {
    case ATTR_ASYNC_PROTOCOLS:
        *value = PROTOCOL_T0 | PROTOCOL_T1;
        return true;
    case ATTR_DEFAULT_CLOCK:
    case ATTR_MAX_CLOCK:
        *value = SOFT_CLOCK_KHZ;
        return true;
    case ATTR_DEFAULT_DATA_RATE:
        *value = timing_baud(SOFT_CLOCK_KHZ, 372, 1);
        return true;
    case ATTR_MAX_DATA_RATE:
        *value = timing_baud(SOFT_CLOCK_KHZ, 512, 64);
        return true;
    case ATTR_MAX_IFSD:
        *value = SOFT_IFSD;
        return true;
    case ATTR_SYNC_PROTOCOLS:
    case ATTR_POWER_MGMT:
        *value = 0;
        return true;
    case ATTR_CHARACTERISTICS:
        *value = SWALLOWS_AND_EJECTS;
        return true;
    default:
        return false;
    }
}

static bool soft_t1_attribute(const struct soft_session *session, uint32_t id,
                              uint32_t *value)
{
    switch (id) {
    case ATTR_CURRENT_IFSC:
        *value = session->t1.ifsc;
        return true;
    case ATTR_CURRENT_IFSD:
        *value = session->t1.ifsd;
        return true;
    case ATTR_CURRENT_BWT:
        *value = (uint32_t)(timing_bwt_us(&session->timing) / 1000);
        return true;
    case ATTR_CURRENT_CWT:
        *value = (uint32_t)(timing_cwt_us(&session->timing) / 1000);
        return true;
    case ATTR_CURRENT_EBC:
        *value = 0; /* LRC */
        return true;
    default:
        return false;
    }
}

/* What is in force with the card. */
static bool current_attribute(const struct soft_session *session, uint32_t id,
                              uint32_t *value)
{
    if (session == NULL || session->phase == SOFT_OFF)
        return false;
    switch (id) {
    case ATTR_CURRENT_CLK:
        *value = SOFT_CLOCK_KHZ;
        return true;
    case ATTR_CURRENT_F:
        *value = session->timing.f;
        return true;
    case ATTR_CURRENT_D:
        *value = session->timing.d;
        return true;
    case ATTR_CURRENT_N:
        *value = session->timing.n;
        return true;
    case ATTR_CURRENT_W:
        *value = session->timing.wi;
        return session->protocol == PROTOCOL_T0;
    default:
        return session->protocol == PROTOCOL_T1 && soft_t1_attribute(session, id, value);
    }
}

enum sc_error soft_reader_get_attribute(void *self, uint32_t id, struct transfer *t)
{
    struct soft_reader *reader = self;
    uint32_t value;
    if (id == ATTR_SUPRESS_T1_IFS_REQUEST) {
        value = reader->no_ifs ? 1 : 0;
        return feature_reply(t, &value, sizeof(value));
    }
    if (!mechanical_attribute(id, &value)
        && !current_attribute(reader->session, id, &value))
        return SC_X_NOT_SUPPORTED;
    return feature_reply(t, &value, sizeof(value));
}

enum sc_error soft_reader_set_attribute(void *self, uint32_t id, struct transfer *t)
{
    struct soft_reader *reader = self;
    return id == ATTR_SUPRESS_T1_IFS_REQUEST ? feature_take_flag(t, &reader->no_ifs)
                                             : SC_X_NOT_SUPPORTED;
}
