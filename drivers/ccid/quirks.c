/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/ccid/quirks.h"

#include "base/compiler.h"

static const struct ccid_quirk table[] = {
#define QUIRK(vendor, product, from, to, quirks, name, why, source)                      \
    {vendor, product, from, to, quirks, name, why, source},
#define PIN_SIZE(vendor, product, least, most, name, source)
#include "drivers/ccid/quirks.def"
#undef PIN_SIZE
#undef QUIRK
};

static const struct {
    uint16_t vendor, product;
    uint8_t least, most;
} pin_sizes[] = {
#define QUIRK(vendor, product, from, to, quirks, name, why, source)
#define PIN_SIZE(vendor, product, least, most, name, source)                             \
    {vendor, product, least, most},
#include "drivers/ccid/quirks.def"
#undef PIN_SIZE
#undef QUIRK
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
find_reader(const struct ccid_vendor_reader *readers, size_t count, uint16_t vendor,
            uint16_t product)
{
    for (size_t i = 0; i < count; i++)
        if (readers[i].vendor == vendor && readers[i].product == product)
            return &readers[i];
    return NULL;
}

bool ccid_vendor_class(uint16_t vendor, uint16_t product)
{
    return find_reader(vendor_class, ARRAY_SIZE(vendor_class), vendor, product) != NULL;
}

const char *ccid_left_out(uint16_t vendor, uint16_t product)
{
    const struct ccid_vendor_reader *found =
        find_reader(left_out, ARRAY_SIZE(left_out), vendor, product);
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
    *count = ARRAY_SIZE(table);
    return table;
}

uint32_t ccid_quirks(uint16_t vendor, uint16_t product, uint16_t version)
{
    uint32_t quirks = 0;
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        const struct ccid_quirk *quirk = &table[i];
        if (quirk->vendor == vendor && quirk->product == product
            && version >= quirk->first_version && version <= quirk->last_version)
            quirks |= quirk->quirks;
    }
    return quirks;
}

bool ccid_pin_sizes(uint16_t vendor, uint16_t product, uint8_t *least, uint8_t *most)
{
    for (size_t i = 0; i < ARRAY_SIZE(pin_sizes); i++) {
        if (pin_sizes[i].vendor != vendor || pin_sizes[i].product != product)
            continue;
        *least = pin_sizes[i].least;
        *most = pin_sizes[i].most;
        return true;
    }
    return false;
}
