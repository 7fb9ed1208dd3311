/* SPDX-License-Identifier: BSD-2-Clause */
/* Secure (CCID 1.1, 6.1.11): a PIN that somebody types at the reader, put into the
 * command that the host gave as a template. */
#include "tests/rig/sim/internal.h"

#include "base/secret.h"

#include <string.h>

enum {
    OP_VERIFY = 0,
    OP_MODIFY = 1,
    VERIFY_SIZE = 15, /* of the structure before the template, bPINOperation included */
    MODIFY_SIZE = 18, /* with one message index */
    APDU_ROOM = 5 + 255,
    TIMEOUT_MS = 300, /* for bTimeOut seconds: tests do not wait so long */
    CONFIRM_OLD = 2   /* bConfirmPIN: the old PIN is asked for */
};

struct template
{
    uint8_t format, block,
        length; /* bmFormatString, bmPINBlockString, bmPINLengthFormat */
    uint8_t min, max;
    const uint8_t *teo; /* bTeoPrologue */
    uint8_t apdu[APDU_ROOM];
    size_t size;
};

/* Bits are counted from the highest of the first byte. */
static void put_bits(uint8_t *bytes, size_t at, size_t count, unsigned value)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t mask = (uint8_t)(0x80 >> ((at + i) % 8));
        bool on = (value >> (count - 1 - i) & 1) != 0;
        uint8_t *byte = &bytes[(at + i) / 8];
        *byte = (uint8_t)(on ? *byte | mask : *byte & ~mask);
    }
}

/* Digits take 8 bits as numbers or ASCII, 4 as BCD. */
static bool put_pin(struct template *t, const char *pin, size_t offset)
{
    size_t count = strlen(pin), kind = t->format & 3U, digit = kind == 1 ? 4 : 8;
    size_t at = (t->format >> 3 & 15U) * ((t->format & 0x80) != 0 ? 8U : 1U) + 8 * offset;
    size_t block = 8 * (t->block & 15U), bits = count * digit;
    size_t end = at + (block > bits ? block : bits);
    if (5 + (end + 7) / 8 > APDU_ROOM || kind == 3)
        return false;
    size_t size = 5 + (end + 7) / 8;
    if (t->size < size) {
        memset(t->apdu + t->size, 0xFF, size - t->size);
        if (t->size < 5)
            t->apdu[4] = 0;
        t->size = size;
    }
    t->apdu[4] = (uint8_t)(t->size - 5);
    if ((t->block >> 4) != 0) {
        size_t where = (t->length & 15U) * ((t->length & 0x10) != 0 ? 8U : 1U);
        if (5 + (where + 15) / 8 > t->size)
            return false;
        put_bits(t->apdu + 5, where, t->block >> 4, (unsigned)count);
    }
    if ((t->format & 4) != 0 && block > bits)
        at += block - bits;
    for (size_t i = 0; i < count; i++)
        put_bits(t->apdu + 5, at + i * digit, digit,
                 kind == 2 ? (unsigned char)pin[i] : (unsigned)(pin[i] - '0'));
    return true;
}

/* Takes the structure apart; gives the size before the template, 0 if it is too short. */
static size_t read_structure(const struct sim_options *options, struct template *t,
                             const uint8_t *data, size_t size)
{
    bool modify = data[0] == OP_MODIFY;
    size_t head = VERIFY_SIZE, limits = 5;
    if (modify) {
        if (size < MODIFY_SIZE)
            return 0;
        /* More message indexes, as bNumberMessage says; FF counts as 3. */
        bool all = options->indexes == 3 || data[11] >= 3;
        head = MODIFY_SIZE + (all ? 2U : data[11] != 0 ? 1U : 0U);
        limits = 7;
    }
    if (size < head || size - head < 4 || size - head > APDU_ROOM)
        return 0;
    t->format = data[2];
    t->block = data[3];
    t->length = data[4];
    t->max = data[limits];
    t->min = data[limits + 1];
    t->teo = data + head - 3;
    t->size = size - head;
    memcpy(t->apdu, data + head, t->size);
    return head;
}

static bool fill_in(const struct sim_slot *slot, struct template *t, const uint8_t *data)
{
    const struct sim_options *options = &slot->iface->device->options;
    if (data[0] == OP_VERIFY)
        return put_pin(t, options->pin, 0);
    if ((data[9] & CONFIRM_OLD) != 0 && !put_pin(t, options->pin, data[5]))
        return false;
    return put_pin(t, options->new_pin, data[6]);
}

static void send_apdu(struct sim_slot *slot, const struct template *t,
                      struct sim_reply *reply)
{
    struct soft_card *soft = &slot->card->session->card;
    memcpy(soft->command, t->apdu, t->size);
    bool there = sim_xfr_apdu(slot, t->size, &reply->delay_ms);
    secret_clear(soft->command, t->size);
    if (there)
        sim_xfr_next_piece(slot, APDU_SHORT_RESPONSE_MAX, reply);
    else
        sim_reply_fail(reply, WIRE_MUTE);
}

static void send(struct sim_slot *slot, const struct template *t, struct sim_reply *reply)
{
    uint8_t block[T1_BLOCK_MAX];
    const uint32_t apdu = WIRE_LEVEL_SHORT | WIRE_LEVEL_EXTENDED;
    if ((slot->iface->class.features & apdu) != 0) {
        send_apdu(slot, t, reply);
    } else if (slot->line.protocol == 0) {
        sim_xfr_tpdu(slot, t->apdu, t->size, 0, reply);
    } else {
        size_t size =
            t1_block_build(t->teo[0], t->teo[1], t->apdu, t->size, T1_EDC_LRC, block);
        sim_xfr_tpdu(slot, block, size, 0, reply);
        secret_clear(block, sizeof(block));
    }
}

/* A PIN that is too short or too long (PC/SC part 10, 2.5.2: SW 64 03). */
static bool fits(const struct sim_options *options, const struct template *t, bool modify)
{
    size_t size = strlen(modify ? options->new_pin : options->pin);
    return size >= t->min && size <= t->max;
}

static uint8_t judge(const struct sim_command *command)
{
    uint8_t able = command->slot->iface->class.pin;
    if (command->size == 0)
        return WIRE_BAD_LENGTH;
    return command->data[0] > OP_MODIFY || (able >> command->data[0] & 1) == 0
               ? WIRE_BAD_DATA
               : 0;
}

void sim_secure(const struct sim_command *command, struct sim_reply *reply)
{
    static const uint8_t bad_size[] = {0x64, 0x03};
    struct sim_slot *slot = command->slot;
    const struct sim_options *options = &slot->iface->device->options;
    struct template t;
    if (slot->iface->class.pin == 0) {
        sim_reply_fail(reply, WIRE_UNSUPPORTED);
        return;
    }
    if (!slot->powered) {
        sim_reply_fail(reply, WIRE_MUTE);
        return;
    }
    uint8_t wrong = judge(command);
    if (wrong == 0 && read_structure(options, &t, command->data, command->size) == 0)
        wrong = WIRE_BAD_LENGTH;
    if (wrong == 0 && options->pin_error != 0) {
        wrong = options->pin_error;
        reply->delay_ms = wrong == WIRE_PIN_TIMEOUT ? TIMEOUT_MS : 0;
    }
    if (wrong != 0) {
        sim_reply_fail(reply, wrong);
        return;
    }
    if (!fits(options, &t, command->data[0] == OP_MODIFY)) {
        reply->data = bad_size;
        reply->size = sizeof(bad_size);
    } else if (!fill_in(slot, &t, command->data)) {
        sim_reply_fail(reply, WIRE_BAD_DATA + 2);
    } else {
        send(slot, &t, reply);
    }
    secret_clear(&t, sizeof(t));
}
