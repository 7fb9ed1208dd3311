/* SPDX-License-Identifier: BSD-2-Clause */
/* What is particular to the keys of a reader: by its quirks, and by what it tells itself.
 */
#include "drivers/ccid/slot.h"

#include "base/log.h"
#include "proto/part10.h"

/* Answer of Gemalto's firmware to escape 6A, as libccid 1.5.2 is observed to take it: of
 * this size exactly. */
enum {
    FEATURES_SIZE = 21,
    FEATURES_VALIDATION = 3, /* ends of a PIN, as in bEntryValidationCondition */
    FEATURES_FLAGS = 8,
    FLAG_MESSAGES = 0x04, /* bNumberMessage says how many indexes there are */
    FEATURES_PIN_MIN = 13,
    FEATURES_PIN_MAX = 14
};

static uint32_t pin_quirks(const struct ccid_interface *ccid)
{
    return ccid_pin_quirks(ccid->identity.vendor_id, ccid->identity.product_id);
}

void ccid_keypad_ask(struct ccid_slot *slot)
{
    static const uint8_t features[] = {0x6A};
    struct ccid_interface *ccid = slot->ccid;
    struct ccid_keypad *keypad = &ccid->keypad;
    struct ccid_call call;
    keypad->told = false;
    /* Those that want texts are older than the command. */
    if ((ccid->quirks & QUIRK_GEMALTO) == 0 || ccid->descriptor.pin == 0
        || (ccid->quirks & QUIRK_PIN_TEXTS) != 0)
        return;
    if (ccid_slot_escape(slot, features, sizeof(features), &call) != SC_OK
        || call.reply.size != FEATURES_SIZE) {
        log_debug("ccid: the firmware does not tell of its keypad");
        return;
    }
    const uint8_t *bytes = call.reply.data;
    keypad->told = true;
    keypad->validation = bytes[FEATURES_VALIDATION] & PART10_VALIDATION_DEFAULT;
    keypad->heeds_messages = (bytes[FEATURES_FLAGS] & FLAG_MESSAGES) != 0;
    keypad->digits_min = bytes[FEATURES_PIN_MIN];
    keypad->digits_max = bytes[FEATURES_PIN_MAX];
}

uint8_t ccid_keypad_validation(const struct ccid_interface *ccid)
{
    if (ccid->keypad.told)
        return ccid->keypad.validation;
    return (pin_quirks(ccid) & (PIN_KEY | PIN_TELL_KEY)) != 0 ? CCID_PIN_VALIDATION_KEY
                                                              : PART10_VALIDATION_DEFAULT;
}

bool ccid_keypad_sizes(const struct ccid_interface *ccid, uint8_t *least, uint8_t *most)
{
    const struct ccid_keypad *keypad = &ccid->keypad;
    const struct ccid_identity *identity = &ccid->identity;
    if (!keypad->told)
        return ccid_pin_sizes(identity->vendor_id, identity->product_id,
                              identity->version, least, most);
    *least = keypad->digits_min;
    *most = keypad->digits_max;
    return true;
}

static void verify_options(uint32_t quirks, struct ccid_pin_options *options)
{
    options->swap_digits = (quirks & PIN_VERIFY_SWAP) != 0;
    if ((quirks & PIN_VERIFY_0) != 0)
        options->messages = CCID_PIN_MESSAGES_0;
    if ((quirks & PIN_VERIFY_1) != 0)
        options->messages = CCID_PIN_MESSAGES_1;
}

static void modify_options(uint32_t quirks, struct ccid_pin_options *options)
{
    if ((quirks & PIN_MODIFY_INDEXES) != 0)
        options->indexes = CCID_PIN_INDEXES_ALL;
    if ((quirks & PIN_MODIFY_ZEROS) != 0)
        options->indexes = CCID_PIN_INDEXES_ZERO;
    if ((quirks & PIN_MODIFY_ZEROS) != 0)
        options->messages = CCID_PIN_MESSAGES_0;
    if ((quirks & PIN_MODIFY_3) != 0)
        options->messages = CCID_PIN_MESSAGES_3;
    if ((quirks & PIN_MODIFY_FF) != 0)
        options->messages = CCID_PIN_MESSAGES_SOME;
}

void ccid_keypad_options(const struct ccid_interface *ccid,
                         enum ccid_pin_operation operation,
                         struct ccid_pin_options *options)
{
    const struct ccid_keypad *keypad = &ccid->keypad;
    uint32_t quirks = pin_quirks(ccid);
    *options = (struct ccid_pin_options){.mend_validation = true};
    if (keypad->told)
        options->validation_mask = keypad->validation;
    else if ((quirks & PIN_KEY) != 0)
        options->validation_mask = CCID_PIN_VALIDATION_KEY;
    if (keypad->told && keypad->heeds_messages)
        quirks &= ~(uint32_t)PIN_MODIFY_INDEXES;
    if (operation == CCID_PIN_OP_VERIFY)
        verify_options(quirks, options);
    else
        modify_options(quirks, options);
}

enum sc_error ccid_keypad_prepare(struct ccid_slot *slot, const struct ccid_pin *pin)
{
    static const uint8_t case_1[] = {0x80, 0x02, 0x00};
    uint32_t quirks = pin_quirks(slot->ccid);
    struct ccid_call call;
    if ((quirks & PIN_WAIT) != 0)
        return kit_reader_pause(&slot->kit, CCID_PIN_WAIT_MS);
    if ((quirks & PIN_CASE_1) != 0 && pin->template_size == CCID_PIN_TEMPLATE_MIN
        && pin->block == 0)
        return ccid_slot_escape(slot, case_1, sizeof(case_1), &call);
    return SC_OK;
}
