/* SPDX-License-Identifier: BSD-2-Clause */
/* Specifications: the reader's name and its options (readers.h). */
#include "tests/rig/sim/internal.h"

#include "base/hex.h"
#include "base/uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DELAY_MAX = 60000, CLOCK_SANE_KHZ = 100000, LANGUAGE_ENGLISH = 1033 };

static const char *const keys[] = {
    "card",  "present", "atr",      "delay",     "pin",      "newpin",     "voltage",
    "zlp",   "case1",   "speed",    "serial",    "fault",    "emv",        "pps",
    "rates", "indexes", "features", "behind",    "message",  "dwfeatures", "select",
    "id",    "version", "blind",    "slotrates", "language", NULL};

/* The value of `key`, or `otherwise`; false if it is broken. */
static bool get_text(const char *uri, const char *key, const char *otherwise, char *value,
                     size_t room)
{
    enum sc_error error = uri_get_text(uri, key, value, room);
    if (error == SC_E_FILE_NOT_FOUND) {
        (void)snprintf(value, room, "%s", otherwise);
        return true;
    }
    return error == SC_OK;
}

/* One of `words` (ended by NULL); its place, or -1. */
static int find_word(const char *word, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

static bool parse_card(const char *uri, struct sim_device *device)
{
    static const char *const words[] = {"none", "t0", "t1", "both", NULL};
    static const char *const voltages[] = {"any", "5", "3", "1.8", NULL};
    struct sim_options *options = &device->options;
    struct sim_card_options *card = &options->card;
    char word[2 * SIM_ATR_MAX + 1];
    uint32_t all = 0;
    for (size_t i = 0; i < device->reader.interface_count; i++)
        all |= wire_u32(device->reader.interfaces[i].descriptor + 6) & 3;
    if (all == 0)
        all = 3;
    memcpy(card->soft.pin, "123456", 7);
    if (!get_text(uri, "card", words[all], word, sizeof(word))
        || find_word(word, words) < 0)
        return false;
    options->empty = find_word(word, words) == 0;
    card->soft.protocols = options->empty ? all : (uint32_t)find_word(word, words);
    if (!get_text(uri, "voltage", "any", word, sizeof(word))
        || find_word(word, voltages) < 0)
        return false;
    card->voltage = (uint8_t)find_word(word, voltages);
    return get_text(uri, "atr", "", word, sizeof(word))
           && hex_decode(word, strlen(word), card->atr, sizeof(card->atr),
                         &card->atr_size)
                  == SC_OK;
}

static bool get_digits(const char *uri, const char *key, const char *otherwise,
                       char digits[SIM_PIN_DIGITS + 1])
{
    return get_text(uri, key, otherwise, digits, SIM_PIN_DIGITS + 1)
           && strspn(digits, "0123456789") == strlen(digits);
}

static bool parse_pin(const char *uri, struct sim_options *options)
{
    char word[SIM_PIN_DIGITS + 1];
    if (!get_digits(uri, "newpin", "654321", options->new_pin)
        || !get_text(uri, "pin", "123456", word, sizeof(word)))
        return false;
    if (strcmp(word, "cancel") == 0)
        options->pin_error = WIRE_PIN_CANCELLED;
    else if (strcmp(word, "timeout") == 0)
        options->pin_error = WIRE_PIN_TIMEOUT;
    else
        return get_digits(uri, "pin", "123456", options->pin);
    return true;
}

/* Numbers with commas between. */
static bool parse_rates(const char *uri, const char *key, uint32_t rates[SIM_RATES_TOLD],
                        size_t *count)
{
    char word[SIM_RATES_TOLD * 11];
    if (!get_text(uri, key, "", word, sizeof(word)))
        return false;
    for (char *at = word; *at != '\0'; at += *at == ',') {
        char *number = at;
        if (*count == SIM_RATES_TOLD)
            return false;
        rates[(*count)++] = (uint32_t)strtoul(number, &at, 10);
        if (at == number || (*at != ',' && *at != '\0'))
            return false;
    }
    return true;
}

/* Another device with the same descriptors otherwise. */
static bool parse_ids(const char *uri, struct sim_reader_data *reader)
{
    char word[12];
    uint8_t id[4] = {(uint8_t)(reader->vendor >> 8), (uint8_t)reader->vendor,
                     (uint8_t)(reader->product >> 8), (uint8_t)reader->product};
    uint8_t version[2] = {(uint8_t)(reader->version >> 8), (uint8_t)reader->version};
    size_t size = sizeof(id);
    if (!get_text(uri, "id", "", word, sizeof(word))
        || (word[0] != '\0'
            && hex_decode(word, strlen(word), id, sizeof(id), &size) != SC_OK)
        || size != sizeof(id))
        return false;
    size = sizeof(version);
    if (!get_text(uri, "version", "", word, sizeof(word))
        || (word[0] != '\0'
            && hex_decode(word, strlen(word), version, sizeof(version), &size) != SC_OK)
        || size != sizeof(version))
        return false;
    reader->vendor = (uint16_t)(id[0] << 8 | id[1]);
    reader->product = (uint16_t)(id[2] << 8 | id[3]);
    reader->version = (uint16_t)(version[0] << 8 | version[1]);
    return true;
}

/* What single readers do in a way of their own; mostly said in readers.list. */
static bool parse_own(const char *uri, struct sim_device *device)
{
    struct sim_options *options = &device->options;
    char word[2 * SIM_FEATURES_MAX + 1];
    uint32_t pps = 1;
    if (uri_get_number(uri, "pps", 0, 1, &pps) != SC_OK
        || uri_get_number(uri, "indexes", 3, 3, &options->indexes) != SC_OK
        || !get_text(uri, "features", "", word, sizeof(word)))
        return false;
    options->card.no_pps = pps == 0;
    return parse_rates(uri, "rates", options->rates, &options->rate_count)
           && parse_rates(uri, "slotrates", options->slot_rates,
                          &options->slot_rate_count)
           && parse_ids(uri, &device->reader)
           && hex_decode(word, strlen(word), options->features, SIM_FEATURES_MAX,
                         &options->features_size)
                  == SC_OK;
}

/* Fields of the class descriptor. */
static bool parse_class(const char *uri, struct sim_device *device)
{
    struct sim_options *options = &device->options;
    char word[9];
    uint8_t features[4];
    size_t size = 0;
    uint32_t behind = 0, select = 0, blind = 0;
    if (uri_get_number(uri, "behind", 0, 1, &behind) != SC_OK
        || uri_get_number(uri, "blind", 0, 1, &blind) != SC_OK
        || uri_get_number(uri, "select", 0, 1, &select) != SC_OK
        || uri_get_number(uri, "message", WIRE_HEADER_SIZE + 1, WIRE_MESSAGE_MAX,
                          &options->message_max)
               != SC_OK
        || !get_text(uri, "dwfeatures", "", word, sizeof(word))
        || hex_decode(word, strlen(word), features, sizeof(features), &size) != SC_OK)
        return false;
    options->behind = behind != 0;
    options->blind = blind != 0;
    options->select_auto = select != 0;
    for (size_t i = 0; i < device->reader.interface_count; i++) {
        uint8_t *descriptor = device->reader.interfaces[i].descriptor;
        if (options->message_max != 0)
            wire_put_u32(descriptor + 44, options->message_max);
        for (size_t k = 0; size == 4 && k < size; k++)
            descriptor[40 + k] = features[3 - k];
    }
    return size == 0 || size == 4;
}

static bool parse_rest(const char *uri, struct sim_device *device)
{
    static const char *const speeds[] = {"full", "high", NULL};
    struct sim_options *options = &device->options;
    char word[256];
    uint32_t zlp = 1, case1 = 0, emv = 0;
    options->present = UINT32_MAX;
    options->language = LANGUAGE_ENGLISH;
    if (uri_get_number(uri, "present", 0, UINT32_MAX, &options->present) != SC_OK
        || uri_get_number(uri, "language", 1, UINT16_MAX, &options->language) != SC_OK
        || uri_get_number(uri, "zlp", 0, 1, &zlp) != SC_OK
        || uri_get_number(uri, "case1", 4, 5, &case1) != SC_OK
        || uri_get_number(uri, "emv", 0, 1, &emv) != SC_OK
        || uri_get_number(uri, "delay", 0, DELAY_MAX, &options->card.soft.delay_ms)
               != SC_OK)
        return false;
    options->emv = emv != 0;
    options->empty_packets = zlp != 0;
    options->case1 = (uint8_t)case1;
    if (!get_text(uri, "speed", "full", word, sizeof(word))
        || find_word(word, speeds) < 0)
        return false;
    options->speed = find_word(word, speeds) == 1 ? SIM_HIGH_SPEED : SIM_FULL_SPEED;
    if (!get_text(uri, "serial", device->reader.strings[2], word, SIM_STRING_ROOM))
        return false;
    memcpy(device->reader.strings[2], word, strlen(word) + 1);
    return get_text(uri, "fault", "", word, sizeof(word))
           && sim_fault_parse(word, options->faults);
}

bool sim_spec_parse(const char *specification, struct sim_device *device, char *why,
                    size_t why_room)
{
    char uri[URI_SIZE_MAX], name[SIM_NAME_ROOM], unknown[32];
    int size = snprintf(uri, sizeof(uri), "sim:%s", specification);
    if (size < 0 || (size_t)size >= sizeof(uri)
        || uri_get_path(uri, name, sizeof(name)) != SC_OK
        || !sim_reader_find(name, &device->reader)) {
        (void)snprintf(why, why_room, "no such reader: %s", specification);
        return false;
    }
    /* The first of two with one key counts, so the reader's own come last. */
    size =
        snprintf(uri, sizeof(uri), "sim:%s%c%s", specification,
                 strchr(specification, '?') != NULL ? '&' : '?', device->reader.options);
    if (size < 0 || (size_t)size >= sizeof(uri)) {
        (void)snprintf(why, why_room, "too long: %s", specification);
        return false;
    }
    if (uri_check_keys(uri, keys, unknown, sizeof(unknown)) != SC_OK) {
        (void)snprintf(why, why_room, "no such option: %s", unknown);
        return false;
    }
    if (!parse_card(uri, device) || !parse_pin(uri, &device->options)
        || !parse_own(uri, device) || !parse_class(uri, device)
        || !parse_rest(uri, device)) {
        (void)snprintf(why, why_room, "wrong value in %s", specification);
        return false;
    }
    return true;
}

void sim_class_parse(const uint8_t descriptor[SIM_CLASS_DESCRIPTOR_SIZE],
                     struct sim_class *class)
{
    memset(class, 0, sizeof(*class));
    class->slot_count = (uint8_t)(descriptor[4] + 1);
    class->voltages = descriptor[5] & 7;
    class->protocols = wire_u32(descriptor + 6) & 3;
    class->clock_khz = wire_u32(descriptor + 10);
    class->max_clock_khz = wire_u32(descriptor + 14);
    class->clock_count = descriptor[18];
    class->rate = wire_u32(descriptor + 19);
    class->max_rate = wire_u32(descriptor + 23);
    class->rate_count = descriptor[27];
    class->ifsd = wire_u32(descriptor + 28);
    class->mechanical = wire_u32(descriptor + 36);
    class->features = wire_u32(descriptor + 40);
    class->message_max = wire_u32(descriptor + 44);
    class->pin = descriptor[52];
    class->busy_slots = descriptor[53];
    /* Fields that one reader has a byte off, and those that say nothing. */
    if (class->protocols == 0)
        class->protocols = 3;
    if (class->clock_khz > CLOCK_SANE_KHZ)
        class->clock_khz /= 256;
    if (class->ifsd == 0 || class->ifsd > SIM_IFSD_MAX)
        class->ifsd = SIM_IFSD_MAX;
    if (class->busy_slots == 0)
        class->busy_slots = 1;
    /* Many say a few bytes less than they take; who says far less means it. */
    if (class->message_max >= 256 && class->message_max < WIRE_HEADER_SIZE + 261)
        class->message_max = WIRE_HEADER_SIZE + 261;
}
