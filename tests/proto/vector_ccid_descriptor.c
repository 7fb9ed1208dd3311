/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the class descriptors of readers that exist, and compares with
 * ccid_descriptor.txt; single fields with ccid_field.txt; finds descriptors as
 * ccid_find.txt says. */
#include "proto/ccid.h"
#include "tests/proto/vector.h"
#include "tests/rig/sim/readers.h"

/* "492>254": the number that stands there, and what it is taken for; else both are one.
 */
static void two_numbers(const char *text, int base, unsigned long number[2], char **end)
{
    number[0] = number[1] = strtoul(text, end, base);
    if (**end == '>')
        number[1] = strtoul(*end + 1, end, base);
}

static void check_two(const struct vector *v, unsigned field, uint32_t raw, uint32_t used)
{
    unsigned long want[2];
    char *end = NULL;
    two_numbers(v->fields[field], 10, want, &end);
    VECTOR_STR(v, end, "");
    VECTOR_EQ(v, raw, want[0]);
    VECTOR_EQ(v, used, want[1]);
}

/* The default, its maximum and the number of entries of a table. */
static void check_table(const struct vector *v, unsigned field, uint32_t usual,
                        uint32_t most, uint32_t count)
{
    unsigned long want[2];
    char *end = NULL;
    two_numbers(v->fields[field], 10, want, &end);
    VECTOR_EQ(v, usual, want[1]);
    two_numbers(end, 10, want, &end);
    VECTOR_EQ(v, most, want[1]);
    VECTOR_EQ(v, count, strtoul(end, &end, 10));
    VECTOR_STR(v, end, "");
}

static void check_protocols(const struct vector *v, uint32_t protocols)
{
    static const char *const names[] = {"", "0", "1", "01"};
    const char *used = strchr(v->fields[4], '>');
    VECTOR_STR(v, names[protocols & 3], used != NULL ? used + 1 : v->fields[4]);
    VECTOR_EQ(v, protocols & ~3u, 0);
}

static void check_fields(const struct vector *v, const struct ccid_descriptor *d)
{
    static const char *const levels[] = {"character", "TPDU", "short", "extended"};
    char text[32];
    unsigned long want[2];
    char *end = NULL;
    snprintf(text, sizeof(text), "%x.%02x", d->bcd >> 8, d->bcd & 0xFFu);
    VECTOR_STR(v, text, v->fields[1]);
    snprintf(text, sizeof(text), "%u %u", d->slot_count, d->busy_slots);
    VECTOR_STR(v, text, v->fields[2]);
    two_numbers(v->fields[3], 10, want, &end);
    VECTOR_EQ(v, d->voltages, want[1]);
    check_protocols(v, d->protocols);
    check_table(v, 5, d->default_clock_khz, d->max_clock_khz, d->clock_count);
    check_table(v, 6, d->default_rate, d->max_rate, d->rate_count);
    check_two(v, 7, d->max_ifsd_raw, d->max_ifsd);
    snprintf(text, sizeof(text), "%08" PRIX32 " %s", d->features, levels[d->level]);
    VECTOR_STR(v, text, v->fields[8]);
    check_two(v, 9, d->message_max_raw, d->message_max);
    snprintf(text, sizeof(text), "%02X %02X", d->class_get_response, d->class_envelope);
    VECTOR_STR(v, text, v->fields[10]);
    snprintf(text, sizeof(text), "%ux%u", d->lcd_lines, d->lcd_columns);
    VECTOR_STR(v, text, v->fields[11]);
    VECTOR_EQ(v, d->pin, vector_number(v, 12));
    snprintf(text, sizeof(text), "%" PRIX32 " %" PRIX32, d->synch, d->mechanical);
    VECTOR_STR(v, text, v->fields[13]);
}

static const struct sim_interface_data *find_interface(struct sim_reader_data *reader,
                                                       const char *text)
{
    char name[SIM_NAME_ROOM] = "";
    unsigned number = 0;
    if (sscanf(text, "%23s %u", name, &number) != 2 || !sim_reader_find(name, reader))
        return NULL;
    for (size_t i = 0; i < reader->interface_count; i++)
        if (reader->interfaces[i].number == number)
            return &reader->interfaces[i];
    return NULL;
}

static unsigned readers_taken;

static void take_reader(const struct vector *v)
{
    struct sim_reader_data reader;
    struct ccid_descriptor descriptor;
    const struct sim_interface_data *iface = find_interface(&reader, v->fields[0]);
    VECTOR_EQ(v, iface != NULL, true);
    if (iface == NULL)
        return;
    bool read = ccid_descriptor_parse(iface->descriptor, &descriptor);
    VECTOR_EQ(v, read, true);
    if (read)
        check_fields(v, &descriptor);
    readers_taken++;
}

/* Each interface of the list has its line. */
static void check_complete(void)
{
    struct sim_reader_data reader;
    unsigned interfaces = 0;
    for (size_t i = 0; sim_reader_get(i, &reader); i++)
        interfaces += (unsigned)reader.interface_count;
    CHECK_EQ(readers_taken, interfaces);
}

/* --- Single fields ------------------------------------------------------------------ */

static void take_descriptor(uint8_t out[CCID_DESCRIPTOR_SIZE])
{
    struct sim_reader_data reader;
    CHECK(sim_reader_find("scr331", &reader));
    memcpy(out, reader.interfaces[0].descriptor, CCID_DESCRIPTOR_SIZE);
}

#define FIELD(name, member)                                                              \
    if (strcmp(field, name) == 0)                                                        \
    return d->member

static uint64_t field_value(const struct ccid_descriptor *d, const char *field)
{
    /* tidy: table */
    FIELD("bcd", bcd);
    FIELD("slots", slot_count);
    FIELD("voltages", voltages);
    FIELD("protocols", protocols);
    FIELD("clock", default_clock_khz);
    FIELD("max_clock", max_clock_khz);
    FIELD("clocks", clock_count);
    FIELD("rate", default_rate);
    FIELD("max_rate", max_rate);
    FIELD("rates", rate_count);
    FIELD("ifsd_raw", max_ifsd_raw);
    FIELD("ifsd", max_ifsd);
    FIELD("synch", synch);
    FIELD("mechanical", mechanical);
    FIELD("features", features);
    FIELD("level", level);
    FIELD("message_raw", message_max_raw);
    FIELD("message", message_max);
    FIELD("get_response", class_get_response);
    FIELD("envelope", class_envelope);
    FIELD("lines", lcd_lines);
    FIELD("columns", lcd_columns);
    FIELD("pin", pin);
    FIELD("busy", busy_slots);
    CHECK_FAILED("no field \"%s\"", field);
    return UINT64_MAX;
}

static void take_field(const struct vector *v)
{
    uint8_t bytes[CCID_DESCRIPTOR_SIZE], patch[VECTOR_BYTES_MAX];
    struct ccid_descriptor d, untouched;
    take_descriptor(bytes);
    size_t at = vector_number(v, 0), size = vector_hex(v, 1, patch);
    VECTOR_EQ(v, size != 0 && at + size <= sizeof(bytes), true);
    if (at + size > sizeof(bytes))
        return;
    memcpy(bytes + at, patch, size);
    memset(&d, 0xEE, sizeof(d));
    untouched = d;
    bool refused = strcmp(v->fields[3], "refused") == 0;
    bool read = ccid_descriptor_parse(bytes, &d);
    VECTOR_EQ(v, read, !refused);
    if (refused)
        VECTOR_EQ(v, memcmp(&d, &untouched, sizeof(d)), 0);
    else if (read)
        VECTOR_EQ(v, field_value(&d, v->fields[2]), vector_number(v, 3));
}

/* --- Finding ------------------------------------------------------------------------ */

/* A word: D, V, D53 or a byte. Gives the new size. */
static size_t add_word(uint8_t *out, size_t size, const char *word)
{
    uint8_t descriptor[CCID_DESCRIPTOR_SIZE];
    take_descriptor(descriptor);
    if (word[0] == 'V')
        descriptor[1] = 0xFF;
    if (strcmp(word, "D") == 0 || strcmp(word, "V") == 0 || strcmp(word, "D53") == 0) {
        size_t more = word[1] == '5' ? 53 : sizeof(descriptor);
        memcpy(out + size, descriptor, more);
        return size + more;
    }
    out[size] = (uint8_t)strtoul(word, NULL, 16);
    return size + 1;
}

static void take_find(const struct vector *v)
{
    uint8_t bytes[VECTOR_LINE_MAX];
    char word[8];
    size_t size = 0;
    int used = 0;
    const char *at = v->fields[0];
    while (size + CCID_DESCRIPTOR_SIZE <= sizeof(bytes)
           && sscanf(at, "%7s%n", word, &used) == 1 && word[0] != '-') {
        size = add_word(bytes, size, word);
        at += used;
    }
    /* Of its exact size, so that a sanitizer sees a read beyond. */
    uint8_t *extra = malloc(size + (size == 0));
    CHECK(extra != NULL);
    if (extra == NULL)
        return;
    memcpy(extra, bytes, size);
    const uint8_t *found = ccid_descriptor_find(extra, size);
    bool none = strcmp(v->fields[1], "none") == 0;
    VECTOR_EQ(v, found == NULL, none);
    if (found != NULL && !none)
        VECTOR_EQ(v, found - extra, vector_number(v, 1));
    free(extra);
}

int main(void)
{
    CHECK(ccid_descriptor_find(NULL, 0) == NULL);
    vector_run("ccid_descriptor.txt", 14, take_reader);
    check_complete();
    vector_run("ccid_field.txt", 4, take_field);
    vector_run("ccid_find.txt", 2, take_find);
    return check_result();
}
