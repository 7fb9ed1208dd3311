/* SPDX-License-Identifier: BSD-2-Clause */
/* How feature and property records are laid out (PC/SC part 10, 2.2 and 2.6.14). */
#include "cli/part10.h"

#include "cli/text.h"

#include <assert.h>

static const char *const feature_names[] = {
    [0x01] = "VERIFY_PIN_START",
    [0x02] = "VERIFY_PIN_FINISH",
    [0x03] = "MODIFY_PIN_START",
    [0x04] = "MODIFY_PIN_FINISH",
    [0x05] = "GET_KEY_PRESSED",
    [0x06] = "VERIFY_PIN_DIRECT",
    [0x07] = "MODIFY_PIN_DIRECT",
    [0x08] = "MCT_READER_DIRECT",
    [0x09] = "MCT_UNIVERSAL",
    [0x0A] = "IFD_PIN_PROPERTIES",
    [0x0B] = "ABORT",
    [0x0C] = "SET_SPE_MESSAGE",
    [0x0D] = "VERIFY_PIN_DIRECT_APP_ID",
    [0x0E] = "MODIFY_PIN_DIRECT_APP_ID",
    [0x0F] = "WRITE_DISPLAY",
    [0x10] = "GET_KEY",
    [0x11] = "IFD_DISPLAY_PROPERTIES",
    [0x12] = "GET_TLV_PROPERTIES",
    [0x13] = "CCID_ESC_COMMAND",
    [0x20] = "EXECUTE_PACE",
};

static const char *const property_names[] = {
    [1] = "wLcdLayout",   [2] = "bEntryValidationCondition",
    [3] = "bTimeOut2",    [4] = "wLcdMaxCharacters",
    [5] = "wLcdMaxLines", [6] = "bMinPINSize",
    [7] = "bMaxPINSize",  [8] = "sFirmwareID",
    [9] = "bPPDUSupport", [10] = "dwMaxAPDUDataSize",
    [11] = "wIdVendor",   [12] = "wIdProduct",
};

static const char *tag_name(const char *const *names, size_t count, uint8_t tag)
{
    return tag < count && names[tag] != NULL ? names[tag] : "unknown";
}

const char *part10_feature_name(uint8_t tag)
{
    return tag_name(feature_names, TEXT_COUNT(feature_names), tag);
}

bool part10_next_feature(const uint8_t *bytes, size_t size, size_t *at,
                         struct part10_feature *feature)
{
    assert(*at <= size);
    while (size - *at >= 2 && size - *at - 2 >= bytes[*at + 1]) {
        const uint8_t *record = bytes + *at;
        *at += 2 + (size_t)record[1];
        if (record[1] != 4)
            continue;
        feature->tag = record[0];
        feature->code = (uint32_t)record[2] << 24 | (uint32_t)record[3] << 16
                        | (uint32_t)record[4] << 8 | record[5];
        return true;
    }
    return false;
}

bool part10_next_property(const uint8_t *bytes, size_t size, size_t *at,
                          struct part10_property *property)
{
    assert(*at <= size);
    if (size - *at < 2 || size - *at - 2 < bytes[*at + 1])
        return false;
    const uint8_t *record = bytes + *at;
    *at += 2 + (size_t)record[1];
    property->tag = record[0];
    property->name = tag_name(property_names, TEXT_COUNT(property_names), record[0]);
    property->bytes = record + 2;
    property->size = record[1];
    property->is_text = record[0] == 8 || record[1] == 0 || record[1] > 4;
    property->number = 0;
    for (size_t i = property->size; !property->is_text && i-- > 0;)
        property->number = property->number << 8 | property->bytes[i];
    return true;
}
