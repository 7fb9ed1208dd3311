/* SPDX-License-Identifier: BSD-2-Clause */
/* How a command is followed up (ISO/IEC 7816-4:2013, 5.3.4 and 11.5) and recorded. */
#include "cli/apdu_run.h"

#include "cli/hex.h"
#include "cli/status_words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_A_LINE = 32, CHARACTERS_A_LINE = 16, READABLE_LEAST = 3 };

/* Which of a command's bytes are not to be shown. A PIN that was typed unseen is not,
 * whatever the command is for. */
static size_t find_secret(const struct apdu_run *run, const uint8_t *command, size_t size,
                          size_t *secret_size)
{
    enum { HEADER = 5 }; /* with Lc */
    *secret_size = 0;
    if (run->record == APDU_RECORD_PLAIN)
        return 0;
    if (!run->has_typed_pin || size <= HEADER)
        return command_secret(command, size, secret_size);
    *secret_size = size - HEADER;
    return HEADER;
}

/* Bytes of a command; those of a PIN as "**". */
static void print_command_bytes(const struct apdu_run *run, const uint8_t *command,
                                size_t size, const char *between)
{
    size_t secret_size = 0;
    size_t secret = find_secret(run, command, size, &secret_size);
    for (size_t i = 0; i < size; i++) {
        if (i > 0)
            fputs(i % BYTES_A_LINE == 0 && *between != '\0' ? "\n  " : between,
                  run->cli->out);
        if (i >= secret && i - secret < secret_size)
            fputs("**", run->cli->out);
        else
            fprintf(run->cli->out, "%02X", command[i]);
    }
}

static void print_command(const struct apdu_run *run, const uint8_t *command, size_t size)
{
    const char *name = size >= 4 ? instruction_name(command[1]) : "";
    fputs("> ", run->cli->out);
    print_command_bytes(run, command, size, " ");
    fprintf(run->cli->out, *name != '\0' ? "   %s\n" : "\n", name);
}

static bool is_readable(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7F;
}

/* Whether it pays to show the bytes as characters as well. */
static bool has_characters(const uint8_t *bytes, size_t size)
{
    size_t readable = 0;
    for (size_t i = 0; i < size; i++)
        readable += is_readable(bytes[i]) ? 1 : 0;
    return readable >= READABLE_LEAST;
}

/* A line of an answer: bytes, and beside them what can be read of them. */
static void print_data_line(FILE *out, const uint8_t *bytes, size_t size, bool aligned)
{
    for (size_t i = 0; i < size; i++)
        fprintf(out, "%s%02X", i == 0 ? "" : " ", bytes[i]);
    for (size_t i = size; aligned && i < CHARACTERS_A_LINE; i++)
        fputs("   ", out);
    fputs("   ", out);
    for (size_t i = 0; i < size; i++)
        fputc(is_readable(bytes[i]) ? bytes[i] : '.', out);
    fputc('\n', out);
}

static void print_data(FILE *out, const uint8_t *bytes, size_t size)
{
    if (has_characters(bytes, size)) {
        for (size_t i = 0; i < size; i += CHARACTERS_A_LINE) {
            size_t left = size - i;
            fputs(i == 0 ? "< " : "  ", out);
            print_data_line(out, bytes + i,
                            left < CHARACTERS_A_LINE ? left : CHARACTERS_A_LINE,
                            size > CHARACTERS_A_LINE);
        }
        return;
    }
    for (size_t i = 0; i < size; i++)
        fprintf(out, "%s%02X",
                i == 0                  ? "< "
                : i % BYTES_A_LINE == 0 ? "\n  "
                                        : " ",
                bytes[i]);
    if (size > 0)
        fputc('\n', out);
}

static void print_answer(const struct apdu_run *run)
{
    FILE *out = run->cli->out;
    char words[STATUS_WORDS_MAX];
    assert(run->sw == 0 || run->answer_size >= 2);
    print_data(out, run->answer, run->sw != 0 ? run->answer_size - 2 : run->answer_size);
    if (run->sw == 0)
        return;
    status_words_write(run->sw, words);
    fprintf(out, "< %02X %02X   %s\n", run->sw >> 8, run->sw & 0xFFU, words);
}

/* The masked command as a string, built for its size. */
static void write_command(const struct apdu_run *run, const uint8_t *command, size_t size)
{
    size_t secret_size = 0;
    size_t secret = find_secret(run, command, size, &secret_size);
    char *room = malloc(2 * size + 1);
    struct text text;
    assert(secret + secret_size <= size);
    if (room == NULL) {
        json_null(&run->cli->json, "command");
        return;
    }
    text_start(&text, room, 2 * size + 1);
    text_add_hex(&text, command, size, "");
    for (size_t i = 0; i < secret_size; i++)
        room[2 * (secret + i)] = room[2 * (secret + i) + 1] = '*';
    json_string(&run->cli->json, "command", room);
    hex_wipe(room, 2 * size + 1);
    free(room);
}

static void write_exchange(const struct apdu_run *run, const uint8_t *command,
                           size_t size, bool followed)
{
    struct json *json = &run->cli->json;
    char words[STATUS_WORDS_MAX];
    char sw[8];
    struct text text;
    json_object(json, NULL);
    write_command(run, command, size);
    if (size >= 4 && *instruction_name(command[1]) != '\0')
        json_string(json, "name", instruction_name(command[1]));
    json_bool(json, "automatic", followed);
    json_hex(json, "data", run->answer,
             run->sw != 0 ? run->answer_size - 2 : run->answer_size);
    if (run->sw != 0) {
        text_start(&text, sw, sizeof sw);
        text_add(&text, "%04X", run->sw);
        json_string(json, "sw", sw);
        status_words_write(run->sw, words);
        json_string(json, "meaning", words);
    }
    json_end(json);
}

/* One exchange, recorded. A status word begins with 6 or 9 (5.6); anything else that a
 * raw protocol may bring has none. */
static uint32_t exchange_once(struct apdu_run *run, const uint8_t *command, size_t size,
                              bool followed)
{
    const SCARD_IO_REQUEST pci = {run->protocol, sizeof pci};
    DWORD received = sizeof run->answer;
    bool recorded = run->record != APDU_RECORD_NONE;
    bool text = recorded && !run->cli->json_wanted;
    if (text)
        print_command(run, command, size);
    LONG result = SCardTransmit(run->card, &pci, command, (DWORD)size, NULL, run->answer,
                                &received);
    run->answer_size = 0;
    run->sw = 0;
    if (result != SCARD_S_SUCCESS)
        return (uint32_t)result;
    run->answer_size = received <= sizeof run->answer ? received : sizeof run->answer;
    if (run->answer_size >= 2) {
        const uint8_t *end = run->answer + run->answer_size - 2;
        if (end[0] >> 4 == 6 || end[0] >> 4 == 9)
            run->sw = (uint16_t)(end[0] << 8 | end[1]);
    }
    if (text)
        print_answer(run);
    else if (recorded)
        write_exchange(run, command, size, followed);
    fflush(run->cli->out);
    return (uint32_t)result;
}

/* The class byte for GET RESPONSE: the logical channel of the command's, without chaining
 * and secure messaging (5.4.1). GSM's class A0 is kept: those cards know no other. */
static uint8_t response_class(uint8_t class)
{
    if (class == 0xA0)
        return class;
    return (class & 0x40) ? (uint8_t)(class & 0x4F) : (uint8_t)(class & 0x03);
}

static uint32_t fetch_rest(struct apdu_run *run, uint8_t class)
{
    uint32_t result = (uint32_t)SCARD_S_SUCCESS;
    for (unsigned i = 0; i < APDU_ROUNDS_MAX; i++) {
        if (result != SCARD_S_SUCCESS || run->sw >> 8 != 0x61)
            return result;
        uint8_t command[5] = {response_class(class), 0xC0, 0, 0, (uint8_t)run->sw};
        result = exchange_once(run, command, sizeof command, true);
    }
    return result;
}

/* Sends a short command again with the length the card names as its Le (5.6, 6Cxx). The
 * Le stands last, or is missing yet. */
static uint32_t repeat_with_length(struct apdu_run *run, const uint8_t *command,
                                   size_t size)
{
    uint8_t again[4 + 1 + 255 + 1];
    size_t lc = size > 5 ? command[4] : 0;
    bool has_le = size == 5 || (size > 5 && size == 6 + lc);
    size_t body = has_le ? size - 1 : size;
    if (size < 4 || body >= sizeof again || (size > 5 && lc == 0))
        return (uint32_t)SCARD_S_SUCCESS; /* extended: the card's answer stands */
    assert(run->sw >> 8 == 0x6C);
    memcpy(again, command, body);
    again[body] = (uint8_t)run->sw;
    uint32_t result = exchange_once(run, again, body + 1, true);
    hex_wipe(again, sizeof again);
    return result;
}

uint32_t apdu_run_command(struct apdu_run *run, const uint8_t *command, size_t size)
{
    assert(run->cli != NULL && size > 0);
    uint32_t result = exchange_once(run, command, size, false);
    if (!run->follow || size < 4)
        return result;
    if (result == SCARD_S_SUCCESS && run->sw >> 8 == 0x6C)
        result = repeat_with_length(run, command, size);
    if (result == SCARD_S_SUCCESS && run->sw >> 8 == 0x61)
        result = fetch_rest(run, command[0]);
    return result;
}
