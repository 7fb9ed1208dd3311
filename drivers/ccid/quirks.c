/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/ccid/quirks.h"

#include "base/compiler.h"

#include <string.h>

#define QUIRK(vendor, product, from, to, quirks, name, why, source)                      \
    {vendor, product, from, to, quirks, name, why, source},
static const struct ccid_quirk device_quirks[] = {
#include "drivers/ccid/quirks.def"
};

#define PIN(vendor, product, what, name, why, source)                                    \
    {vendor, product, 0, 0xFFFF, what, name, why, source},
static const struct ccid_quirk pin_table[] = {
#include "drivers/ccid/quirks.def"
};

#define ESCAPE(vendor, product, bytes, size, name, what, source)                         \
    {vendor, product, bytes, sizeof(bytes) - 1, size, name, what, source},
static const struct ccid_escape escapes[] = {
#include "drivers/ccid/quirks.def"
};

#define PIN_SIZE(vendor, product, from, to, least, most, name, source)                   \
    {vendor, product, from, to, least, most},
static const struct {
    uint16_t vendor, product;
    uint16_t first_version, last_version;
    uint8_t least, most;
} pin_sizes[] = {
#include "drivers/ccid/quirks.def"
};

#define LEFT_OUT(vendor, product, name, why)
#define VENDOR_CLASS(vendor, product, name) {vendor, product, name, NULL},
static const struct ccid_vendor_reader vendor_class[] = {
#include "drivers/ccid/vendor_class.def"
};
#undef VENDOR_CLASS
#undef LEFT_OUT

#define LEFT_OUT(vendor, product, name, why) {vendor, product, name, why},
#define VENDOR_CLASS(vendor, product, name)
static const struct ccid_vendor_reader left_out[] = {
#include "drivers/ccid/vendor_class.def"
};
#undef VENDOR_CLASS
#undef LEFT_OUT

static const struct ccid_vendor_reader *
find_vendor_reader(const struct ccid_vendor_reader *readers, size_t count,
                   uint16_t vendor, uint16_t product)
{
    for (size_t i = 0; i < count; i++)
        if (readers[i].vendor == vendor && readers[i].product == product)
            return &readers[i];
    return NULL;
}

bool ccid_vendor_class(uint16_t vendor, uint16_t product)
{
    return find_vendor_reader(vendor_class, ARRAY_SIZE(vendor_class), vendor, product)
           != NULL;
}

const char *ccid_left_out(uint16_t vendor, uint16_t product)
{
    const struct ccid_vendor_reader *found =
        find_vendor_reader(left_out, ARRAY_SIZE(left_out), vendor, product);
    return found != NULL ? found->why : NULL;
}

const struct ccid_vendor_reader *ccid_vendor_class_table(size_t *count)
{
    *count = ARRAY_SIZE(vendor_class);
    return vendor_class;
}

const struct ccid_vendor_reader *ccid_left_out_table(size_t *count)
{
    *count = ARRAY_SIZE(left_out);
    return left_out;
}

const struct ccid_quirk *ccid_quirk_table(size_t *count)
{
    *count = ARRAY_SIZE(device_quirks);
    return device_quirks;
}

const struct ccid_quirk *ccid_pin_quirk_table(size_t *count)
{
    *count = ARRAY_SIZE(pin_table);
    return pin_table;
}

const struct ccid_escape *ccid_escape_table(size_t *count)
{
    *count = ARRAY_SIZE(escapes);
    return escapes;
}

static uint32_t add_up(const struct ccid_quirk *quirks, size_t count, uint16_t vendor,
                       uint16_t product, uint16_t version)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        if (quirks[i].vendor == vendor
            && (quirks[i].product == product || quirks[i].product == 0)
            && version >= quirks[i].first_version && version <= quirks[i].last_version)
            sum |= quirks[i].quirks;
    return sum;
}

uint32_t ccid_quirks(uint16_t vendor, uint16_t product, uint16_t version)
{
    return add_up(device_quirks, ARRAY_SIZE(device_quirks), vendor, product, version);
}

uint32_t ccid_pin_quirks(uint16_t vendor, uint16_t product)
{
    return add_up(pin_table, ARRAY_SIZE(pin_table), vendor, product, 0);
}

bool ccid_pin_sizes(uint16_t vendor, uint16_t product, uint16_t version, uint8_t *least,
                    uint8_t *most)
{
    for (size_t i = 0; i < ARRAY_SIZE(pin_sizes); i++) {
        if (pin_sizes[i].vendor != vendor || pin_sizes[i].product != product
            || version < pin_sizes[i].first_version
            || version > pin_sizes[i].last_version)
            continue;
        *least = pin_sizes[i].least;
        *most = pin_sizes[i].most;
        return true;
    }
    return false;
}

bool ccid_escape_allowed(uint16_t vendor, uint16_t product, const uint8_t *bytes,
                         size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
        const struct ccid_escape *escape = &escapes[i];
        if (escape->vendor == vendor
            && (escape->product == product || escape->product == 0)
            && escape->size == size
            && memcmp(escape->bytes, bytes, escape->bytes_size) == 0)
            return true;
    }
    return false;
}
