/* SPDX-License-Identifier: BSD-2-Clause */
/* scard list: the readers, their states, and what their cards' ATRs say. */
#include "cli/atr_words.h"
#include "cli/card_names.h"
#include "cli/commands.h"
#include "cli/holders.h"
#include "cli/readers.h"

#include <stdlib.h>
#include <string.h>

enum { OPTION_NAMES = OPTION_OWN };

static const struct option_spec list_options[] = {
    {OPTION_NAMES, 'n', "names", NULL, "only the names, one a line"},
    {0, 0, NULL, NULL, NULL},
};

struct kind {
    DWORD type;
    const char *name;
};

static const struct kind kinds[] = {
    {SCARD_READER_TYPE_SERIAL, "serial"},     {SCARD_READER_TYPE_PARALELL, "parallel"},
    {SCARD_READER_TYPE_KEYBOARD, "keyboard"}, {SCARD_READER_TYPE_SCSI, "SCSI"},
    {SCARD_READER_TYPE_IDE, "IDE"},           {SCARD_READER_TYPE_USB, "USB"},
    {SCARD_READER_TYPE_PCMCIA, "PCMCIA"},     {SCARD_READER_TYPE_TPM, "TPM"},
    {SCARD_READER_TYPE_NFC, "NFC"},           {SCARD_READER_TYPE_UICC, "UICC"},
    {SCARD_READER_TYPE_NGC, "NGC"},           {SCARD_READER_TYPE_EMBEDDEDSE, "embedded"},
    {SCARD_READER_TYPE_VENDOR, "vendor"},
};

/* NULL if it is not known. */
static const char *type_name(SCARDCONTEXT context, const char *reader)
{
    DWORD type = 0;
    if (SCardGetDeviceTypeIdA(context, reader, &type) != SCARD_S_SUCCESS)
        return NULL;
    for (size_t i = 0; i < TEXT_COUNT(kinds); i++)
        if (kinds[i].type == type)
            return kinds[i].name;
    return "other";
}

/* Leaves "" if it is not known. */
static void get_device_id(SCARDCONTEXT context, const char *reader, char *id, DWORD room)
{
    DWORD size = room - 1;
    id[0] = '\0';
    if (SCardGetReaderDeviceInstanceIdA(context, reader, id, &size) != SCARD_S_SUCCESS)
        id[0] = '\0';
    id[room - 1] = '\0';
}

static void print_atr_words(void *context, const char *words)
{
    struct cli *cli = context;
    fputs("            ", cli->out);
    text_print(cli->out, words);
    fputc('\n', cli->out);
}

/* What a reader is shown by. */
struct list {
    struct cli *cli;
    SCARDCONTEXT context;
    struct readers readers;
    SCARD_READERSTATEA *states; /* one for each of them; owned */
    struct holders holders;
};

static void print_words(struct cli *cli, const char *label, const char *words)
{
    if (*words == '\0')
        return;
    fprintf(cli->out, "     %-6s ", label);
    text_print(cli->out, words);
    fputc('\n', cli->out);
}

/* The card's ATR, and what is known of it. */
static void print_card_of_reader(struct list *list, const SCARD_READERSTATEA *state)
{
    char words[ATR_LINE_MAX];
    struct text text;
    size_t size = readers_atr_size(state);
    if (size == 0)
        return;
    text_start(&text, words, sizeof words);
    card_names_words(list->context, state->rgbAtr, size, &text);
    print_words(list->cli, "card", words);
    text_start(&text, words, sizeof words);
    text_add_hex(&text, state->rgbAtr, size, " ");
    print_words(list->cli, "ATR", words);
    atr_words_write(state->rgbAtr, size, print_atr_words, list->cli);
}

static void print_listed_reader(struct list *list, unsigned number,
                                const SCARD_READERSTATEA *state)
{
    struct cli *cli = list->cli;
    SCARDCONTEXT context = list->context;
    char words[ATR_LINE_MAX];
    char device[256];
    struct text text;
    const char *type = type_name(context, state->szReader);
    text_start(&text, words, sizeof words);
    readers_state_words(state->dwEventState, &text);
    fprintf(cli->out, "%3u  ", number);
    text_print(cli->out, state->szReader);
    fprintf(cli->out, "\n     state  %s\n", words);
    text_start(&text, words, sizeof words);
    holders_words(&list->holders, state, &text);
    print_words(cli, "held", words);
    get_device_id(context, state->szReader, device, sizeof device);
    if (device[0] != '\0' || type != NULL) {
        fputs("     device ", cli->out);
        text_print(cli->out, device);
        if (type != NULL)
            fprintf(cli->out, "%s(%s)", device[0] != '\0' ? " " : "", type);
        fputc('\n', cli->out);
    }
    print_card_of_reader(list, state);
}

static void add_atr_words(void *context, const char *words)
{
    json_string(context, NULL, words);
}

static void write_protocols(struct json *json, const struct atr_facts *facts)
{
    char name[8];
    struct text text;
    json_array(json, "protocols");
    for (unsigned t = 0; t < ATR_PROTOCOL_GLOBAL; t++) {
        if ((facts->protocols & (1U << t)) == 0)
            continue;
        text_start(&text, name, sizeof name);
        text_add(&text, "T=%u", t);
        json_string(json, NULL, name);
    }
    json_end(json);
}

static void write_listed_reader(struct list *list, unsigned number,
                                const SCARD_READERSTATEA *state)
{
    struct json *json = &list->cli->json;
    SCARDCONTEXT context = list->context;
    struct atr_facts facts;
    char device[256];
    size_t size = readers_atr_size(state);
    const char *type = type_name(context, state->szReader);
    json_object(json, NULL);
    json_number(json, "number", number);
    json_string(json, "name", state->szReader);
    readers_state_json(json, "state", state->dwEventState);
    json_number(json, "events", state->dwEventState >> 16);
    holders_json(&list->holders, json, "users", state->szReader);
    get_device_id(context, state->szReader, device, sizeof device);
    if (device[0] != '\0')
        json_string(json, "device", device);
    if (type != NULL)
        json_string(json, "type", type);
    if (size > 0) {
        json_hex(json, "atr", state->rgbAtr, size);
        card_names_json(context, state->rgbAtr, size, json, "cards");
        if (atr_facts_read(state->rgbAtr, size, &facts))
            write_protocols(json, &facts);
        json_array(json, "atr_words");
        atr_words_write(state->rgbAtr, size, add_atr_words, json);
        json_end(json);
    }
    json_end(json);
}

static void show_listed_reader(struct list *list, unsigned number,
                               const SCARD_READERSTATEA *state)
{
    struct cli *cli = list->cli;
    if (cli->json_wanted) {
        write_listed_reader(list, number, state);
    } else if (cli->options.given[OPTION_NAMES]) {
        text_print(cli->out, state->szReader);
        fputc('\n', cli->out);
    } else {
        print_listed_reader(list, number, state);
    }
}

static int show_list(struct list *list)
{
    struct cli *cli = list->cli;
    size_t first = 0;
    size_t end = list->readers.count;
    list->states = calloc(list->readers.count, sizeof *list->states);
    if (list->states == NULL)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot list the readers");
    if (cli->reader != NULL) {
        int code =
            readers_choose(cli, list->context, &list->readers, cli->reader, &first);
        if (code != CLI_OK)
            return code;
        end = first + 1;
    }
    uint32_t result = readers_states(list->context, &list->readers, list->states);
    if (result != SCARD_S_SUCCESS)
        return cli_fail(cli, result, "cannot ask the readers for their state");
    if (!cli->options.given[OPTION_NAMES])
        holders_find(&list->holders, list->context, list->states + first, end - first);
    for (size_t i = first; i < end; i++)
        show_listed_reader(list, (unsigned)i + 1, &list->states[i]);
    if (!cli->json_wanted && list->holders.cut)
        fprintf(cli->out, "%s\n", holders_cut_words(&list->holders));
    return CLI_OK;
}

static int list_all(struct list *list)
{
    struct cli *cli = list->cli;
    uint32_t result = readers_get(list->context, &list->readers);
    if (result != SCARD_S_SUCCESS)
        return cli_fail(cli, result, "cannot list the readers");
    if (list->readers.count > 0)
        return show_list(list);
    if (!cli->json_wanted && !cli->options.given[OPTION_NAMES])
        fputs("No reader is connected. \"scard doctor\" looks for the reason.\n",
              cli->out);
    return CLI_NEGATIVE;
}

static int list_main(struct cli *cli)
{
    struct list *list = calloc(1, sizeof *list);
    if (list == NULL)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot begin");
    list->cli = cli;
    int code = readers_open(cli, &list->context);
    if (cli->json_wanted) {
        json_object(&cli->json, NULL);
        json_array(&cli->json, "readers");
    }
    if (code == CLI_OK) {
        code = list_all(list);
        readers_free(&list->readers);
        SCardReleaseContext(list->context);
    }
    free(list->states);
    free(list);
    return code;
}

const struct command cmd_list = {
    .name = "list",
    .arguments = "",
    .summary = "the readers, their cards, and what the cards' ATRs say",
    .help =
        "Numbers the readers; other commands take the number in place of the name.\n"
        "With --reader only that one is shown. \"held\" names the program that keeps "
        "the\n"
        "reader from others, as far as the service or the system tells. Exit code 1:\n"
        "there is no reader.\n",
    .options = list_options,
    .positional_max = 0,
    .run = list_main,
};
