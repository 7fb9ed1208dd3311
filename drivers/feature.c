/* SPDX-License-Identifier: BSD-2-Clause */
/* What simulated readers answer to control codes of PC/SC part 10. */
#include "drivers/feature.h"

#include "proto/part10.h"

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

enum sc_error feature_take_flag(const struct transfer *t, bool *flag)
{
    bool set = false;
    if (t->in_size != 1 && t->in_size != sizeof(uint32_t))
        return SC_E_INVALID_PARAMETER;
    for (size_t i = 0; i < t->in_size; i++)
        set |= t->in[i] != 0;
    *flag = set;
    return SC_OK;
}

enum sc_error feature_reply_list(struct transfer *t, uint32_t properties_code)
{
    struct part10_feature list = {PART10_GET_TLV_PROPERTIES, properties_code};
    return part10_features(&list, 1, t->out, t->out_room, &t->out_size);
}

enum sc_error feature_reply_properties(struct transfer *t, bool extended)
{
    struct part10_properties properties = {.present = 0};
    part10_set(&properties, PART10_LCD_LAYOUT, 0);
    part10_set(&properties, PART10_TIMEOUT2, 0);
    part10_set(&properties, PART10_PPDU, 0);
    part10_set(&properties, PART10_APDU_DATA_MAX, extended ? 65536 : 0);
    return part10_properties_build(&properties, t->out, t->out_room, &t->out_size);
}
