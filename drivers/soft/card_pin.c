/* SPDX-License-Identifier: BSD-2-Clause */
/* The software card's PIN, after ISO/IEC 7816-4:2013, 11.5.6 and 11.5.7. */
#include "drivers/soft/card.h"

#include "base/secret.h"

#include <string.h>

static uint16_t tries_left(const struct soft_card *card)
{
    return card->tries == 0 ? SW_BLOCKED : (uint16_t)(SW_TRIES | card->tries);
}

static bool is_pin_reference(uint8_t p2)
{
    return p2 == 0x00 || p2 == 0x01 || p2 == 0x81;
}

/* The bytes before the padding. */
static size_t without_padding(const uint8_t *pin, size_t size)
{
    while (size != 0 && pin[size - 1] == 0xFF)
        size--;
    return size;
}

/* Looks at every byte, so that the time tells nothing. */
static bool is_right(const struct soft_card *card, const uint8_t *pin, size_t size)
{
    unsigned difference = size == card->pin_size ? 0 : 1;
    for (size_t i = 0; i < card->pin_size; i++)
        difference |= (unsigned)card->pin[i] ^ pin[i < size ? i : 0];
    return difference == 0;
}

/* The try is taken before the comparison, as a card does that may lose its power. */
static uint16_t check_pin(struct soft_card *card, const uint8_t *pin, size_t size)
{
    if (card->tries == 0)
        return SW_BLOCKED;
    card->tries--;
    card->verified = is_right(card, pin, size);
    if (!card->verified)
        return tries_left(card);
    card->tries = SOFT_PIN_TRIES;
    return SW_OK;
}

uint16_t soft_card_verify(struct soft_card *card, const struct apdu *apdu,
                          struct soft_answer *answer)
{
    (void)answer;
    if (apdu->p1 != 0)
        return SW_WRONG_P1P2;
    if (!is_pin_reference(apdu->p2))
        return SW_NOT_FOUND;
    if (apdu->data_size == 0)
        return card->verified ? SW_OK : tries_left(card);
    size_t size = without_padding(apdu->data, apdu->data_size);
    if (apdu->data_size > SOFT_PIN_MAX || size < SOFT_PIN_MIN)
        return SW_WRONG_LENGTH;
    return check_pin(card, apdu->data, size);
}

static bool is_good_pin(const uint8_t *pin, size_t size)
{
    if (size < SOFT_PIN_MIN || size > SOFT_PIN_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        if (pin[i] < '0' || pin[i] > '9')
            return false;
    return true;
}

uint16_t soft_card_change_pin(struct soft_card *card, const struct apdu *apdu,
                              struct soft_answer *answer)
{
    (void)answer;
    if (apdu->p1 != 0)
        return SW_WRONG_P1P2;
    if (!is_pin_reference(apdu->p2))
        return SW_NOT_FOUND;
    bool padded = apdu->data_size == (size_t)2 * SOFT_PIN_MAX;
    size_t old_field = padded ? SOFT_PIN_MAX : card->pin_size;
    if (apdu->data_size < old_field + SOFT_PIN_MIN
        || apdu->data_size > old_field + SOFT_PIN_MAX)
        return SW_WRONG_LENGTH;
    const uint8_t *fresh = apdu->data + old_field;
    size_t fresh_size = without_padding(fresh, apdu->data_size - old_field);
    size_t old_size = padded ? without_padding(apdu->data, old_field) : old_field;
    if (old_size < SOFT_PIN_MIN)
        return SW_WRONG_LENGTH;
    uint16_t status = check_pin(card, apdu->data, old_size);
    if (status != SW_OK)
        return status;
    if (!is_good_pin(fresh, fresh_size))
        return SW_WRONG_DATA;
    secret_clear(card->pin, sizeof(card->pin));
    memcpy(card->pin, fresh, fresh_size);
    card->pin_size = fresh_size;
    return SW_OK;
}
