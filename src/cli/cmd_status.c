/* SPDX-License-Identifier: BSD-2-Clause */
/* scard status: what SCardStatus says of a connection to each card. */
#include "cli/card_names.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/errors.h"
#include "cli/holders.h"

#include <stdlib.h>
#include <string.h>

struct status {
    DWORD state;
    DWORD protocol;
    BYTE atr[36];
    DWORD atr_size;
    DWORD transmits;
    bool has_transmits;
};

static const char *state_words(DWORD state)
{
    static const char *const words[] = {
        [SCARD_UNKNOWN] = "not known",
        [SCARD_ABSENT] = "no card",
        [SCARD_PRESENT] = "a card, not in position",
        [SCARD_SWALLOWED] = "a card in position, without power",
        [SCARD_POWERED] = "a card with power",
        [SCARD_NEGOTIABLE] = "a card that was reset; its protocol is open",
        [SCARD_SPECIFIC] = "a card that is ready; its protocol is set",
    };
    return state < TEXT_COUNT(words) ? words[state] : words[SCARD_UNKNOWN];
}

static const char *state_name(DWORD state)
{
    static const char *const names[] = {
        [SCARD_UNKNOWN] = "unknown",   [SCARD_ABSENT] = "absent",
        [SCARD_PRESENT] = "present",   [SCARD_SWALLOWED] = "swallowed",
        [SCARD_POWERED] = "powered",   [SCARD_NEGOTIABLE] = "negotiable",
        [SCARD_SPECIFIC] = "specific",
    };
    return state < TEXT_COUNT(names) ? names[state] : names[SCARD_UNKNOWN];
}

static uint32_t ask_for_status(struct connection *connection, const char *reader,
                               struct status *status)
{
    memset(status, 0, sizeof *status);
    status->atr_size = sizeof status->atr;
    uint32_t opened = connection_open_any(connection, reader);
    if (opened != SCARD_S_SUCCESS)
        return opened;
    LONG result = SCardStatusA(connection->card, NULL, NULL, &status->state,
                               &status->protocol, status->atr, &status->atr_size);
    status->has_transmits =
        SCardGetTransmitCount(connection->card, &status->transmits) == SCARD_S_SUCCESS;
    connection_disconnect(connection, SCARD_LEAVE_CARD);
    if (result == SCARD_S_SUCCESS && status->atr_size > sizeof status->atr)
        status->atr_size = 0;
    return (uint32_t)result;
}

static void print_status(struct cli *cli, SCARDCONTEXT context, const char *reader,
                         const struct status *status)
{
    char atr[400];
    struct text text;
    text_print(cli->out, reader);
    fprintf(cli->out, "\n  state     %s\n", state_words(status->state));
    fprintf(cli->out, "  protocol  %s\n", readers_protocol_name(status->protocol));
    if (status->atr_size > 0) {
        text_start(&text, atr, sizeof atr);
        card_names_words(context, status->atr, status->atr_size, &text);
        if (text.size > 0) {
            fputs("  card      ", cli->out);
            text_print(cli->out, atr);
            fputc('\n', cli->out);
        }
        text_start(&text, atr, sizeof atr);
        text_add_hex(&text, status->atr, status->atr_size, " ");
        fprintf(cli->out, "  ATR       %s\n", atr);
    }
    if (status->has_transmits)
        fprintf(cli->out, "  commands  %u since the card got power\n",
                (unsigned)status->transmits);
}

static void write_status(struct cli *cli, SCARDCONTEXT context, const char *reader,
                         const struct status *status)
{
    struct json *json = &cli->json;
    json_object(json, NULL);
    json_string(json, "name", reader);
    json_string(json, "state", state_name(status->state));
    json_string(json, "protocol", readers_protocol_name(status->protocol));
    if (status->atr_size > 0) {
        json_hex(json, "atr", status->atr, status->atr_size);
        card_names_json(context, status->atr, status->atr_size, json, "cards");
    }
    if (status->has_transmits)
        json_number(json, "transmits", status->transmits);
    json_end(json);
}

/* The reader is held alone, or cannot be reached: by whom. */
static void say_holder(struct cli *cli, SCARDCONTEXT context, const char *reader)
{
    char words[400];
    struct text text;
    SCARD_READERSTATEA state = {.szReader = reader};
    struct holders *holders = calloc(1, sizeof *holders);
    LONG result = SCardGetStatusChangeA(context, 0, &state, 1);
    if (holders == NULL || (result != SCARD_S_SUCCESS && result != SCARD_E_TIMEOUT)) {
        free(holders);
        return;
    }
    holders_find(holders, context, &state, 1);
    text_start(&text, words, sizeof words);
    holders_words(holders, &state, &text);
    if (text.size > 0) {
        fputs("scard: it is held by ", cli->err);
        text_print(cli->err, words);
        fputc('\n', cli->err);
    }
    if (holders->cut)
        fprintf(cli->err, "scard: %s\n", holders_cut_words(holders));
    if (cli->json_wanted) {
        json_object(&cli->json, NULL);
        json_string(&cli->json, "name", reader);
        readers_state_json(&cli->json, "reader_state", state.dwEventState);
        holders_json(holders, &cli->json, "users", reader);
        json_end(&cli->json);
    }
    free(holders);
}

/* A reader that cannot be asked is reported, and the next one is asked. */
static int show_status(struct cli *cli, struct connection *connection, const char *reader)
{
    struct status status;
    uint32_t result = ask_for_status(connection, reader, &status);
    if (result != SCARD_S_SUCCESS) {
        int code = cli_fail(cli, result, "%s", reader);
        say_holder(cli, connection->context, reader);
        return code;
    }
    if (cli->json_wanted)
        write_status(cli, connection->context, reader, &status);
    else
        print_status(cli, connection->context, reader, &status);
    return CLI_OK;
}

static int show_all_statuses(struct cli *cli, struct connection *connection)
{
    int code = CLI_OK;
    for (size_t i = 0; i < connection->readers.count; i++) {
        int shown = show_status(cli, connection, connection->readers.name[i]);
        code = shown != CLI_OK ? shown : code;
    }
    return code;
}

static int status_main(struct cli *cli)
{
    struct connection connection;
    const char *wanted =
        cli->options.positional_count > 0 ? cli->options.positional[0] : cli->reader;
    if (cli->json_wanted) {
        json_object(&cli->json, NULL);
        json_array(&cli->json, "readers");
    }
    int code = connection_choose(cli, &connection, wanted);
    if (code == CLI_OK)
        code = wanted == NULL ? show_all_statuses(cli, &connection)
                              : show_status(cli, &connection,
                                            connection.readers.name[connection.index]);
    connection_close(&connection);
    return code;
}

const struct command cmd_status = {
    .name = "status",
    .arguments = "[READER]",
    .summary = "connects to a card and shows its state, protocol and counters",
    .help = "Without READER every reader is asked. The connection is shared, and the "
            "card is\n"
            "left as it is, but it gets power if it had none.\n",
    .options = NULL,
    .positional_max = 1,
    .run = status_main,
};
