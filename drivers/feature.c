/* SPDX-License-Identifier: BSD-2-Clause */
/* What simulated readers answer to control codes of PC/SC part 10. */
#include "drivers/feature.h"

#include <string.h>

enum sc_error feature_reply(struct transfer *t, const void *bytes, size_t size)
{
    if (size > t->out_room)
        return SC_E_INSUFFICIENT_BUFFER;
    if (size != 0)
        memcpy(t->out, bytes, size);
    t->out_size = size;
    return SC_OK;
}

enum sc_error feature_reply_list(struct transfer *t, uint32_t properties_code)
{
    uint8_t list[] = {FEATURE_GET_TLV_PROPERTIES,       4,
                      (uint8_t)(properties_code >> 24), (uint8_t)(properties_code >> 16),
                      (uint8_t)(properties_code >> 8),  (uint8_t)properties_code};
    return feature_reply(t, list, sizeof(list));
}

enum sc_error feature_reply_properties(struct transfer *t, bool extended)
{
    uint8_t properties[] = {
        0x01, 2, 0, 0,                     /* wLcdLayout: no display */
        0x03, 1, 0,                        /* bTimeOut2: not supported */
        0x09, 1, 0,                        /* bPPDUSupport: none */
        0x0A, 4, 0, 0, extended ? 1 : 0, 0 /* dwMaxAPDUDataSize: 65536, or 0 for short */
    };
    return feature_reply(t, properties, sizeof(properties));
}
