/* SPDX-License-Identifier: BSD-2-Clause */
/* The software card: which command goes where, and the small ones. ISO/IEC 7816-4:2013.
 */
#include "drivers/soft/card.h"

#include "base/alloc.h"
#include "base/secret.h"
#include "os/random.h"

#include <string.h>

static unsigned p1p2(const struct apdu *apdu)
{
    return (unsigned)apdu->p1 << 8 | apdu->p2;
}

static uint16_t get_challenge(struct soft_card *card, const struct apdu *apdu,
                              struct soft_answer *answer)
{
    (void)card;
    if (p1p2(apdu) != 0)
        return SW_WRONG_P1P2;
    if (apdu->le == 0 || apdu->data_size != 0)
        return SW_WRONG_LENGTH;
    if (os_random(answer->data, apdu->le) != SC_OK)
        return SW_FAILURE;
    answer->size = apdu->le;
    return SW_OK;
}

static uint16_t get_data(struct soft_card *card, const struct apdu *apdu,
                         struct soft_answer *answer)
{
    /* Extended length information (12.7.1): longest command, longest response. */
    static const uint8_t lengths[] = {0x7F, 0x66, 0x0A, 0x02, 0x03, 0x01, 0x00,
                                      0x08, 0x02, 0x03, 0x01, 0x00, 0x02};
    (void)card;
    if (p1p2(apdu) != 0x7F66)
        return SW_NOT_FOUND;
    if (apdu->data_size != 0)
        return SW_WRONG_LENGTH;
    memcpy(answer->data, lengths, sizeof(lengths));
    answer->size = sizeof(lengths);
    return SW_OK;
}

static uint16_t test_give(struct soft_card *card, const struct apdu *apdu,
                          struct soft_answer *answer)
{
    (void)card;
    answer->size = p1p2(apdu);
    for (size_t i = 0; i < answer->size; i++)
        answer->data[i] = (uint8_t)i;
    return SW_OK;
}

static uint16_t test_wait(struct soft_card *card, const struct apdu *apdu,
                          struct soft_answer *answer)
{
    (void)card;
    answer->busy_ms += p1p2(apdu);
    return SW_OK;
}

static uint16_t test_echo(struct soft_card *card, const struct apdu *apdu,
                          struct soft_answer *answer)
{
    (void)card;
    if (p1p2(apdu) != 0)
        return SW_WRONG_P1P2;
    if (apdu->data_size != 0)
        memcpy(answer->data, apdu->data, apdu->data_size);
    answer->size = apdu->data_size;
    return SW_OK;
}

static uint16_t test_status(struct soft_card *card, const struct apdu *apdu,
                            struct soft_answer *answer)
{
    (void)card;
    (void)answer;
    return (uint16_t)p1p2(apdu);
}

static uint16_t test_short(struct soft_card *card, const struct apdu *apdu,
                           struct soft_answer *answer)
{
    (void)card;
    if (p1p2(apdu) != 0)
        return SW_WRONG_P1P2;
    answer->fault = SOFT_FAULT_SHORT;
    return SW_OK;
}

static uint16_t test_mute(struct soft_card *card, const struct apdu *apdu,
                          struct soft_answer *answer)
{
    (void)card;
    if (p1p2(apdu) != 0)
        return SW_WRONG_P1P2;
    answer->fault = SOFT_FAULT_MUTE;
    return SW_OK;
}

static uint16_t test_noise(struct soft_card *card, const struct apdu *apdu,
                           struct soft_answer *answer)
{
    (void)card;
    if (apdu->p1 != 0)
        return SW_WRONG_P1P2;
    answer->fault = SOFT_FAULT_NOISE;
    answer->noise = apdu->p2;
    return SW_OK;
}

static const struct {
    uint8_t cla, ins;
    soft_command *command;
} commands[] = {
    {0x00, 0x20, soft_card_verify}, {0x00, 0x24, soft_card_change_pin},
    {0x00, 0x84, get_challenge},    {0x00, 0xA4, soft_card_select},
    {0x00, 0xB0, soft_card_read},   {0x00, 0xB1, soft_card_read_odd},
    {0x00, 0xCA, get_data},         {0x00, 0xD6, soft_card_update},
    {0x80, 0xE0, test_give},        {0x00, 0xD7, soft_card_update_odd},
    {0x80, 0xE1, test_echo},        {0x80, 0xE2, test_wait},
    {0x80, 0xE3, test_short},       {0x80, 0xE4, test_mute},
    {0x80, 0xE5, test_noise},       {0x80, 0xE6, test_status},
};

/* 5.4.1: what a class byte asks for that this card has not. */
static uint16_t judge_class(uint8_t cla)
{
    if (cla == 0x00 || cla == 0x80)
        return SW_OK;
    if (cla >= 0x80 || (cla & 0xE0) == 0x20)
        return SW_NO_CLA;
    if ((cla & 0x10) != 0)
        return SW_NO_CHAINING;
    if ((cla & 0x40) != 0)
        return SW_NO_CHANNELS;
    return (cla & 0x0C) != 0 ? SW_NO_SECURE_MESSAGING : SW_NO_CHANNELS;
}

static uint16_t dispatch(struct soft_card *card, const struct apdu *apdu,
                         struct soft_answer *answer)
{
    uint16_t status = judge_class(apdu->cla);
    if (status != SW_OK)
        return status;
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        if (commands[i].cla == apdu->cla && commands[i].ins == apdu->ins)
            return commands[i].command(card, apdu, answer);
    return SW_NO_INS;
}

void soft_card_run(struct soft_card *card, const struct apdu *apdu,
                   struct soft_answer *answer)
{
    answer->size = 0;
    answer->busy_ms = card->delay_ms;
    answer->fault = SOFT_FAULT_NONE;
    answer->noise = 0;
    answer->status = dispatch(card, apdu, answer);
}

/* Le of the command and the data there is: 6Cxx names the right Le (5.6). */
static void apply_le(const struct apdu *apdu, struct soft_answer *answer)
{
    if (apdu->le == 0)
        answer->size = 0;
    if (answer->size <= apdu->le)
        return;
    answer->status = answer->size <= 256 ? (uint16_t)(SW_WRONG_LE | (answer->size & 0xFF))
                                         : SW_WRONG_LENGTH;
    answer->size = 0;
}

size_t soft_card_respond(struct soft_card *card, const uint8_t *command, size_t size,
                         bool keep_all, struct soft_answer *answer)
{
    struct apdu apdu;
    memset(answer, 0, sizeof(*answer));
    answer->data = card->response;
    answer->status = SW_WRONG_LENGTH;
    if (apdu_parse(command, size, &apdu)) {
        soft_card_run(card, &apdu, answer);
        if (!keep_all)
            apply_le(&apdu, answer);
    }
    card->response[answer->size] = (uint8_t)(answer->status >> 8);
    card->response[answer->size + 1] = (uint8_t)answer->status;
    if (answer->fault != SOFT_FAULT_SHORT)
        return answer->size + 2;
    card->response[0] = 0x90;
    return 1;
}

bool soft_card_init(struct soft_card *card, const char *pin, uint32_t delay_ms,
                    uint32_t number)
{
    static const uint8_t serial[] = {0x5A, 0x08, 'S', 'O', 'F', 'T'};
    memset(card, 0, sizeof(*card));
    card->command = mem_alloc(APDU_COMMAND_MAX);
    card->response = mem_alloc(APDU_RESPONSE_MAX);
    if (card->command == NULL || card->response == NULL) {
        soft_card_clear(card);
        return false;
    }
    card->pin_size = strlen(pin);
    memcpy(card->pin, pin, card->pin_size);
    card->tries = SOFT_PIN_TRIES;
    card->delay_ms = delay_ms;
    memcpy(card->serial, serial, sizeof(serial));
    for (size_t i = 0; i < 4; i++)
        card->serial[sizeof(serial) + i] = (uint8_t)(number >> (24 - 8 * i));
    soft_card_reset(card);
    return true;
}

void soft_card_clear(struct soft_card *card)
{
    for (size_t i = 0; i < SOFT_FILE_COUNT; i++) {
        if (card->contents[i] != NULL) /* some are behind the PIN */
            secret_clear(card->contents[i], soft_files[i].size);
        mem_free(card->contents[i]);
    }
    mem_free(card->command);
    mem_free(card->response);
    secret_clear(card, sizeof(*card));
}

void soft_card_reset(struct soft_card *card)
{
    card->verified = false;
    card->df = SOFT_FILE_MF;
    card->ef = SOFT_FILE_NONE;
}
