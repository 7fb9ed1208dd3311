/* SPDX-License-Identifier: BSD-2-Clause */
/* scard atr: what an ATR says, without a reader. */
#include "cli/api.h"
#include "cli/atr_words.h"
#include "cli/card_names.h"
#include "cli/commands.h"
#include "cli/hex.h"

#include <stdlib.h>
#include <string.h>

enum { ATR_ROOM = 64 };

static void print_indented(void *context, const char *words)
{
    struct cli *cli = context;
    fputs("  ", cli->out);
    text_print(cli->out, words);
    fputc('\n', cli->out);
}

static void add_words(void *context, const char *words)
{
    json_string(context, NULL, words);
}

static void show_atr(struct cli *cli, const uint8_t *atr, size_t size)
{
    char words[ATR_LINE_MAX];
    struct text text;
    if (cli->json_wanted) {
        json_hex(&cli->json, "atr", atr, size);
        card_names_json(0, atr, size, &cli->json, "cards");
        json_array(&cli->json, "atr_words");
        atr_words_write(atr, size, add_words, &cli->json);
        json_end(&cli->json);
        return;
    }
    text_start(&text, words, sizeof words);
    text_add_hex(&text, atr, size, " ");
    fprintf(cli->out, "ATR   %s\n", words);
    text_start(&text, words, sizeof words);
    card_names_words(0, atr, size, &text);
    fputs("card  ", cli->out);
    text_print(cli->out, text.size > 0 ? words : "none that the database knows");
    fputc('\n', cli->out);
    atr_words_write(atr, size, print_indented, cli);
}

static int atr_main(struct cli *cli)
{
    char line[4 * ATR_ROOM] = "";
    uint8_t atr[ATR_ROOM];
    size_t size = 0;
    struct atr_facts facts;
    struct text text;
    text_start(&text, line, sizeof line);
    for (size_t i = 0; i < cli->options.positional_count; i++)
        text_add(&text, "%s ", cli->options.positional[i]);
    if (cli->json_wanted)
        json_object(&cli->json, NULL);
    if (text.size + 1 >= sizeof line)
        return cli_fail_plain(cli, CLI_USAGE, "the ATR is too long");
    enum hex_result result = hex_read(line, atr, sizeof atr, &size);
    if (result != HEX_OK)
        return cli_fail_plain(cli, CLI_USAGE, "the ATR %s", hex_result_words(result));
    show_atr(cli, atr, size);
    return atr_facts_read(atr, size, &facts) ? CLI_OK : CLI_NEGATIVE;
}

const struct command cmd_atr = {
    .name = "atr",
    .arguments = "HEX...",
    .summary = "what an ATR says, and which card it belongs to; needs no reader",
    .help = "HEX is the ATR; spaces, colons, commas and 0x are skipped. Exit code 1:\n"
            "these bytes are not an ATR.\n\n"
            "  scard atr 3B 8C 80 01 59 75 62 69 6B 65 79 4E 45 4F 72 33 58\n",
    .options = NULL,
    .positional_max = ATR_ROOM,
    .run = atr_main,
};
