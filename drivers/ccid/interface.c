/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening an interface, and commands to one of its slots. */
#include "drivers/ccid/interface.h"

#include "base/atomic.h"
#include "base/log.h"
#include "drivers/ccid/slot.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

enum {
    TYPE_CLASS_IN = 0xA1,
    REQUEST_GET_DATA_RATES = 0x03, /* CCID 5.3.3 */
    FIRST_TRIES = 3,
    FIRST_PAUSE_MS = 100,
    FIRST_PAUSE_SLOW_MS = 400,
    FIRST_STATUS_MS = 1000
};

/* --- Opening ------------------------------------------------------------------------ */

static void read_data_rates(struct ccid_interface *ccid)
{
    uint8_t bytes[4 * CCID_RATES_MAX];
    struct ccid_transport *transport = ccid->transport;
    /* Without a table it has every rate between the default and the highest (CCID 5.1,
     * bNumDataRatesSupported). Some of those answer the request all the same, with
     * nonsense. */
    uint32_t count = ccid->descriptor.rate_count;
    struct ccid_control control = {.type = TYPE_CLASS_IN,
                                   .request = REQUEST_GET_DATA_RATES,
                                   .bytes = bytes,
                                   .size = (uint16_t)(4 * count)};
    if (ccid->rate_table != NULL) {
        assert(ccid->rate_table_count <= CCID_RATES_MAX);
        memcpy(ccid->rates, ccid->rate_table, ccid->rate_table_count * sizeof(uint32_t));
        ccid->rate_count = ccid->rate_table_count;
        return;
    }
    if (ccid->kind != CCID_KIND_BULK || count == 0
        || (transport->capabilities & CCID_BUS_CONTROL) == 0)
        return;
    enum sc_error error =
        transport->control(transport, 0, &control, os_now_ms() + CCID_CONTROL_MS);
    if (error == SC_OK)
        ccid->rate_count = ccid_rates_parse(bytes, control.done, ccid->rates);
    log_debug("ccid: %u data rates", (unsigned)ccid->rate_count);
}

/* Texts for the display of a reader that has none of its own: ten of sixteen characters,
 * after "B2 A0 00 4D 4C" (observed: libccid). */
static void send_texts(struct ccid_slot *slot)
{
    static const char texts[] = "\xB2\xA0\x00\x4D\x4C"
                                "Enter PIN       "
                                "New PIN         "
                                "Confirm PIN     "
                                "PIN correct     "
                                "Wrong PIN!      "
                                "Time is up      "
                                "* tries left    "
                                "Insert card     "
                                "Card error      "
                                "PIN blocked     ";
    struct ccid_call call;
    if (ccid_slot_escape(slot, texts, sizeof(texts) - 1, &call) != SC_OK)
        log_info("ccid: the reader's display did not take its texts");
}

/* The first answers of some readers after they were plugged in are late, or garbage. */
static enum sc_error first_status(struct ccid_slot *slot)
{
    struct ccid_interface *ccid = slot->ccid;
    bool slow = (ccid->quirks & QUIRK_SLOW_STATUS) != 0;
    enum sc_error error = SC_OK;
    for (int i = 0; i < FIRST_TRIES; i++) {
        struct ccid_call call = {.type = CCID_GET_SLOT_STATUS,
                                 .timeout_ms = FIRST_STATUS_MS,
                                 .deadline_ms = os_now_ms() + FIRST_STATUS_MS};
        if (i > 0 || slow)
            error =
                kit_reader_pause(&slot->kit, slow ? FIRST_PAUSE_SLOW_MS : FIRST_PAUSE_MS);
        if (error == SC_OK)
            error = ccid_slot_call(slot, &call);
        if (error == SC_OK || error == SC_E_READER_UNAVAILABLE)
            return error;
        if (ccid_link_recover(&ccid->link, slot->index, OS_FOREVER) != SC_OK)
            return SC_E_READER_UNAVAILABLE;
        error = SC_OK;
    }
    return SC_F_COMM_ERROR;
}

static void correct_descriptor(struct ccid_interface *ccid)
{
    struct ccid_descriptor *d = &ccid->descriptor;
    if ((ccid->quirks & QUIRK_SHORT) != 0)
        d->level = CCID_SHORT_APDU;
    if ((ccid->quirks & QUIRK_EXTENDED) != 0)
        d->level = CCID_EXTENDED_APDU;
    if ((ccid->quirks & QUIRK_IFSD_254) != 0)
        d->max_ifsd = CCID_IFSD_MAX;
    if ((ccid->quirks & QUIRK_NO_PIN) != 0)
        d->pin = 0;
    if (ccid->kind == CCID_KIND_ICCD_A) {
        d->level = CCID_TPDU; /* whose commands are in iccd.c */
        d->protocols = ATR_PROTOCOL_T0;
    }
    /* ICCD 1.0 has the chaining of the extended level at the short one as well. */
    if (ccid->kind == CCID_KIND_ICCD_B && d->level == CCID_SHORT_APDU)
        d->level = CCID_EXTENDED_APDU;
    if (ccid->kind != CCID_KIND_BULK)
        d->slot_count = 1;
}

void ccid_interface_init(struct ccid_interface *ccid, struct kit_instance *instance)
{
    correct_descriptor(ccid);
    assert(ccid->descriptor.slot_count > 0
           && ccid->descriptor.slot_count <= CCID_SLOTS_MAX);
    instance->interrupt = ccid_slot_interrupt;
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++) {
        struct ccid_slot *slot = &ccid->slots[i];
        kit_reader_init(&slot->kit, instance);
        slot->ccid = ccid;
        slot->index = i;
    }
}

/* Nothing of the time before counts. */
static void begin_slot_anew(struct ccid_slot *slot)
{
    const size_t kept = offsetof(struct ccid_slot, doubtful); /* its first members */
    kit_reader_lock(&slot->kit);
    assert(slot->kit.state == KIT_AWAY);
    slot->kit.powered = false;
    kit_reader_unlock(&slot->kit);
    memset((uint8_t *)slot + kept, 0, sizeof(*slot) - kept);
    ccid_slot_make_line(slot);
}

static enum sc_error greet(struct ccid_interface *ccid)
{
    struct ccid_slot *first = &ccid->slots[0];
    enum sc_error error = SC_OK;
    if ((ccid->quirks & QUIRK_WAIT_OPEN) != 0)
        error = kit_reader_pause(&first->kit, 1000);
    read_data_rates(ccid);
    for (uint32_t i = 0; i < ccid->descriptor.slot_count && error == SC_OK; i++)
        error = first_status(&ccid->slots[i]);
    if (error == SC_OK && (ccid->quirks & QUIRK_PIN_TEXTS) != 0)
        send_texts(first);
    if (error == SC_OK)
        ccid_keypad_ask(first);
    return error;
}

enum sc_error ccid_interface_open(struct ccid_interface *ccid)
{
    assert(ccid->slots[0].kit.instance != NULL); /* ccid_interface_init() */
    enum sc_error error = ccid_link_init(&ccid->link, ccid->transport, &ccid->descriptor);
    if (error != SC_OK)
        return error;
    ccid->link.quirks = ccid->quirks;
    ccid->rate_count = 0;
    atomic_store_u32(&ccid->notifies, 0); /* set when somebody listens */
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++)
        begin_slot_anew(&ccid->slots[i]);
    ccid->transport->owner = ccid;
    ccid->transport->was_reset = ccid_interface_was_reset;
    error = greet(ccid);
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++)
        ccid->slots[i].quiet_ms = os_now_ms() + CCID_QUIET_MS; /* nobody tells yet */
    if (error != SC_OK)
        ccid_interface_close(ccid);
    return error;
}

void ccid_interface_close(struct ccid_interface *ccid)
{
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++)
        iso_card_clear(&ccid->slots[i].card);
    ccid_link_clear(&ccid->link);
}
