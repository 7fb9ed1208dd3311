/* SPDX-License-Identifier: BSD-2-Clause */
/* Control codes: features of PC/SC part 10, and escape commands. */
#include "drivers/ccid/slot.h"
#include "drivers/feature.h"
#include "proto/part10.h"

#include <string.h>

/* Codes as Windows numbers them; those of features are our own choice, programs ask for
 * them (part 10, 2.2). */
#define CODE(function) (0x00310000U | (uint32_t)(function) << 2)
#define FEATURE(tag)   CODE(0xF00 + (tag))

enum {
    ESCAPE_PCSCLITE = 0x42000001, /* IOCTL_SMARTCARD_VENDOR_IFD_EXCHANGE, see driver.h */
    FUNCTION_FEATURES = 3400,     /* CM_IOCTL_GET_FEATURE_REQUEST */
    FUNCTION_CCID_ESCAPE = 3500,  /* IOCTL_CCID_ESCAPE of Windows' CCID driver */
    FEATURES_MAX = 8
};

/* --- Features and properties -------------------------------------------------------- */

static bool may_escape(const struct ccid_interface *ccid)
{
    return ccid->kind == CCID_KIND_BULK
           && (ccid->settings.escape || (ccid->quirks & QUIRK_ESCAPE) != 0);
}

/* The same for one command. */
static bool may_send(const struct ccid_interface *ccid, const struct transfer *t)
{
    return may_escape(ccid)
           || (ccid->kind == CCID_KIND_BULK
               && ccid_escape_allowed(ccid->identity.vendor_id, ccid->identity.product_id,
                                      t->in, t->in_size));
}

static uint16_t lcd_layout(const struct ccid_interface *ccid)
{
    const struct ccid_descriptor *d = &ccid->descriptor;
    return (uint16_t)(d->lcd_lines << 8 | d->lcd_columns);
}

static bool has_display(const struct ccid_interface *ccid)
{
    return lcd_layout(ccid) != 0;
}

static enum sc_error features(const struct ccid_interface *ccid, struct transfer *t)
{
    static const struct {
        enum part10_feature_tag tag;
        uint8_t pin; /* needs one of these */
        bool display, escape, mct;
    } known[] = {{PART10_VERIFY_PIN_DIRECT, CCID_PIN_VERIFY, false, false, false},
                 {PART10_MODIFY_PIN_DIRECT, CCID_PIN_MODIFY, false, false, false},
                 {PART10_IFD_PIN_PROPERTIES, CCID_PIN_VERIFY | CCID_PIN_MODIFY, false,
                  false, false},
                 {PART10_MCT_READER_DIRECT, 0, false, false, true},
                 {PART10_IFD_DISPLAY_PROPERTIES, 0, true, false, false},
                 {PART10_GET_TLV_PROPERTIES, 0, false, false, false},
                 {PART10_CCID_ESC_COMMAND, 0, false, true, false}};
    struct part10_feature list[FEATURES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if ((known[i].pin != 0 && (ccid->descriptor.pin & known[i].pin) == 0)
            || (known[i].display && !has_display(ccid))
            || (known[i].escape && !may_escape(ccid))
            || (known[i].mct && (ccid->quirks & QUIRK_MCT) == 0))
            continue;
        list[count].tag = known[i].tag;
        list[count++].code = FEATURE(known[i].tag);
    }
    return part10_features(list, count, t->out, t->out_room, &t->out_size);
}

/* The firmware's name for itself, "" if it has none. */
static enum sc_error read_firmware(struct ccid_slot *slot, const struct driver_job *job,
                                   char text[PART10_FIRMWARE_MAX + 1])
{
    static const uint8_t question[] = {0x02};
    struct ccid_call call;
    text[0] = '\0';
    if ((slot->ccid->quirks & QUIRK_GEMALTO) == 0)
        return SC_OK;
    enum sc_error error = ccid_slot_enter(slot, job);
    if (error != SC_OK)
        return error;
    if (ccid_slot_escape(slot, question, sizeof(question), &call) == SC_OK) {
        size_t size =
            call.reply.size < PART10_FIRMWARE_MAX ? call.reply.size : PART10_FIRMWARE_MAX;
        memcpy(text, call.reply.data, size);
        text[size] = '\0';
    }
    return ccid_slot_leave(slot, SC_OK);
}

static enum sc_error properties(struct ccid_slot *slot, struct transfer *t)
{
    const struct ccid_interface *ccid = slot->ccid;
    char firmware[PART10_FIRMWARE_MAX + 1];
    struct part10_properties p = {0};
    bool extended = ccid->descriptor.level != CCID_SHORT_APDU
                    && ccid->kind != CCID_KIND_ICCD_A; /* T=0, in steps */
    uint8_t least, most;
    uint8_t validation = ccid_keypad_validation(ccid);
    enum sc_error error = read_firmware(slot, &t->job, firmware);
    if (error != SC_OK)
        return error;
    if (firmware[0] != '\0')
        part10_set_firmware(&p, firmware);
    part10_set(&p, PART10_LCD_LAYOUT, lcd_layout(ccid));
    if (has_display(ccid)) {
        part10_set(&p, PART10_LCD_CHARACTERS, ccid->descriptor.lcd_columns);
        part10_set(&p, PART10_LCD_LINES, ccid->descriptor.lcd_lines);
    }
    if (ccid->descriptor.pin != 0
        && (ccid->keypad.told || validation != PART10_VALIDATION_DEFAULT))
        part10_set(&p, PART10_VALIDATION, validation);
    part10_set(&p, PART10_TIMEOUT2, 0);
    if (ccid_keypad_sizes(ccid, &least, &most)) {
        part10_set(&p, PART10_PIN_SIZE_MIN, least);
        part10_set(&p, PART10_PIN_SIZE_MAX, most);
    }
    part10_set(&p, PART10_PPDU, may_escape(ccid) ? 1 : 0);
    part10_set(&p, PART10_ID_VENDOR, ccid->identity.vendor_id);
    part10_set(&p, PART10_ID_PRODUCT, ccid->identity.product_id);
    part10_set(&p, PART10_APDU_DATA_MAX, extended ? 0x10000 : 0);
    return part10_properties_build(&p, t->out, t->out_room, &t->out_size);
}

static enum sc_error pin_properties(const struct ccid_interface *ccid, struct transfer *t)
{
    uint8_t bytes[PART10_PIN_PROPERTIES_SIZE];
    if (ccid->descriptor.pin == 0)
        return SC_E_UNSUPPORTED_FEATURE;
    part10_pin_properties(lcd_layout(ccid), ccid_keypad_validation(ccid), bytes);
    return feature_reply(t, bytes, sizeof(bytes));
}

static enum sc_error display_properties(const struct ccid_interface *ccid,
                                        struct transfer *t)
{
    uint8_t bytes[PART10_DISPLAY_PROPERTIES_SIZE];
    if (!has_display(ccid))
        return SC_E_UNSUPPORTED_FEATURE;
    part10_display_properties(lcd_layout(ccid), bytes);
    return feature_reply(t, bytes, sizeof(bytes));
}

/* --- Escape ------------------------------------------------------------------------- */

static enum sc_error escape(struct ccid_slot *slot, struct transfer *t)
{
    struct ccid_call call;
    enum sc_error error = ccid_slot_enter(slot, &t->job);
    if (error != SC_OK)
        return error;
    memset(&call, 0, sizeof(call));
    call.type = CCID_ESCAPE;
    call.data = t->in;
    call.size = t->in_size;
    call.timeout_ms = CCID_ESCAPE_MS;
    call.deadline_ms = t->job.deadline_ms;
    error = ccid_slot_call(slot, &call);
    /* Escape commands are for the reader: a slot without a card is not a failure. */
    if (error == SC_OK && call.reply.outcome != CCID_DONE)
        error = call.reply.error == CCID_ERROR_UNSUPPORTED ? SC_E_UNSUPPORTED_FEATURE
                                                           : SC_F_COMM_ERROR;
    if (error == SC_OK)
        error = feature_reply(t, call.reply.data, call.reply.size);
    return ccid_slot_leave(slot, error);
}

static enum sc_error mct(struct ccid_slot *slot, struct transfer *t)
{
    if ((slot->ccid->quirks & QUIRK_MCT) == 0)
        return SC_E_UNSUPPORTED_FEATURE;
    return part10_is_mct(t->in, t->in_size) ? escape(slot, t) : SC_E_INVALID_PARAMETER;
}

/* --- Codes -------------------------------------------------------------------------- */

enum sc_error ccid_slot_control(void *reader, uint32_t code, struct transfer *t)
{
    struct ccid_slot *slot = reader;
    const struct ccid_interface *ccid = slot->ccid;
    t->out_size = 0;
    switch (code) {
    case CODE(FUNCTION_FEATURES):
        return features(ccid, t);
    case FEATURE(PART10_GET_TLV_PROPERTIES):
        return properties(slot, t);
    case FEATURE(PART10_IFD_PIN_PROPERTIES):
        return pin_properties(ccid, t);
    case FEATURE(PART10_IFD_DISPLAY_PROPERTIES):
        return display_properties(ccid, t);
    case FEATURE(PART10_VERIFY_PIN_DIRECT):
        return ccid_slot_pin(slot, CCID_PIN_OP_VERIFY, t);
    case FEATURE(PART10_MODIFY_PIN_DIRECT):
        return ccid_slot_pin(slot, CCID_PIN_OP_MODIFY, t);
    case FEATURE(PART10_MCT_READER_DIRECT):
        return mct(slot, t);
    case ESCAPE_PCSCLITE:
    case CODE(FUNCTION_CCID_ESCAPE):
    case FEATURE(PART10_CCID_ESC_COMMAND):
        return may_send(ccid, t) ? escape(slot, t) : SC_E_UNSUPPORTED_FEATURE;
    default:
        return SC_E_UNSUPPORTED_FEATURE;
    }
}
