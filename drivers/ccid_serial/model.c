/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of readers, as their makers describe them (observed: libccid). */
#include "drivers/ccid/quirks.h"
#include "drivers/ccid_serial/serial.h"

#include <assert.h>
#include <string.h>

enum {
    VOLTAGES = 7, /* 5 V, 3 V and 1.8 V */
    DIVIDER = 372 /* ISO/IEC 7816-3:2006, 8.1: clocks in a bit, at first */
};

static const uint32_t iso_rates[] = {
    10753,  14337,  15625,  17204,  20833,  21505,  23438,  25806,  28674,  31250,
    32258,  34409,  39063,  41667,  43011,  46875,  52083,  53763,  57348,  62500,
    64516,  68817,  71685,  78125,  83333,  86022,  93750,  104167, 107527, 114695,
    125000, 129032, 143369, 156250, 166667, 172043, 215054, 229391, 250000, 344086};

static const uint32_t fast_rates[] = {
    10753,  14337,  15625,  17204,  20833,  21505,  23438,  25806,  28674,
    31250,  32258,  34409,  39063,  41667,  43011,  46875,  52083,  53763,
    57348,  62500,  64516,  68817,  71685,  78125,  83333,  86022,  93750,
    104167, 107527, 114695, 125000, 129032, 143369, 156250, 166667, 172043,
    215054, 229391, 250000, 344086, 500000};

const char *const serial_model_words[] = {
    "gempctwin",  "gempcpinpad", "gemcorepospro", "gemcoresimpro", "sec1210",
    "sec1210urt", NULL};

static const struct serial_model models[] = {
    {.vendor = "Gemalto",
     .product = "GemPC Twin",
     .slots = 1,
     .clock_khz = 4000,
     .max_rate = 344086,
     .features = 0x00010230,
     .rates = iso_rates,
     .rate_count = ARRAY_SIZE(iso_rates),
     .question = 0x02,
     .tells = true},
    {.vendor = "Gemalto",
     .product = "GemPC PinPad",
     .slots = 1,
     .pin = CCID_PIN_VERIFY | CCID_PIN_MODIFY,
     .clock_khz = 4000,
     .max_rate = 500000,
     .features = 0x00010230,
     .rates = fast_rates,
     .rate_count = ARRAY_SIZE(fast_rates),
     .question = 0x02,
     .tells = true},
    {.vendor = "Gemalto",
     .product = "GemCore POS Pro",
     .slots = 5,
     .quirks = QUIRK_SLOW_SLOTS,
     .clock_khz = 4000,
     .max_rate = 500000,
     .features = 0x00010230,
     .rates = fast_rates,
     .rate_count = ARRAY_SIZE(fast_rates),
     .question = 0x02,
     .tells = true},
    {.vendor = "Gemalto",
     .product = "GemCore SIM Pro",
     .slots = 2,
     .quirks = QUIRK_SLOW_SLOTS | QUIRK_BLIND_SLOTS,
     .clock_khz = 4000,
     .max_rate = 500000,
     .features = 0x00010230,
     .rates = fast_rates,
     .rate_count = ARRAY_SIZE(fast_rates),
     .question = 0x02,
     .tells = true},
    {.vendor = "SMSC",
     .product = "SEC1210",
     .slots = 2,
     .clock_khz = 4800,
     .max_rate = 826000,
     .features = 0x000100B2,
     .question = 0x06},
    {.vendor = "SMSC",
     .product = "SEC1210URT",
     .slots = 1,
     .clock_khz = 4800,
     .max_rate = 826000,
     .features = 0x000100B2,
     .question = 0x06}};

_Static_assert(ARRAY_SIZE(serial_model_words) == ARRAY_SIZE(models) + 1,
               "each kind of reader has its word");

const struct serial_model *serial_model(uint32_t number)
{
    assert(number < ARRAY_SIZE(models));
    return &models[number];
}

void serial_model_describe(const struct serial_model *model,
                           struct ccid_descriptor *descriptor)
{
    *descriptor =
        (struct ccid_descriptor){.bcd = 0x0100,
                                 .slot_count = model->slots,
                                 .voltages = VOLTAGES,
                                 .protocols = ATR_PROTOCOL_T0 | ATR_PROTOCOL_T1,
                                 .default_clock_khz = model->clock_khz,
                                 .max_clock_khz = model->clock_khz,
                                 .default_rate = model->clock_khz * 1000 / DIVIDER,
                                 .max_rate = model->max_rate,
                                 .max_ifsd_raw = CCID_IFSD_MAX,
                                 .max_ifsd = CCID_IFSD_MAX,
                                 .features = model->features,
                                 .level = CCID_TPDU,
                                 .message_max_raw = FRAME_MESSAGE_MAX,
                                 .message_max = FRAME_MESSAGE_MAX,
                                 .message_split = FRAME_MESSAGE_MAX,
                                 .pin = model->pin,
                                 .busy_slots = 1};
}
