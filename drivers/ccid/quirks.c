/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/ccid/quirks.h"

static const struct ccid_quirk table[] = {
#define QUIRK(vendor, product, from, to, quirks, name, why, source)                      \
    {vendor, product, from, to, quirks, name, why, source},
#include "drivers/ccid/quirks.def"
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
