/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/ccid/quirks.h"

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

const struct ccid_quirk *ccid_quirk_table(size_t *count)
{
    *count = sizeof(table) / sizeof(table[0]);
    return table;
}

uint32_t ccid_quirks(uint16_t vendor, uint16_t product, uint16_t version)
{
    uint32_t quirks = 0;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const struct ccid_quirk *quirk = &table[i];
        if (quirk->vendor == vendor && quirk->product == product
            && version >= quirk->first_version && version <= quirk->last_version)
            quirks |= quirk->quirks;
    }
    return quirks;
}

bool ccid_pin_sizes(uint16_t vendor, uint16_t product, uint8_t *least, uint8_t *most)
{
    for (size_t i = 0; i < sizeof(pin_sizes) / sizeof(pin_sizes[0]); i++) {
        if (pin_sizes[i].vendor != vendor || pin_sizes[i].product != product)
            continue;
        *least = pin_sizes[i].least;
        *most = pin_sizes[i].most;
        return true;
    }
    return false;
}
