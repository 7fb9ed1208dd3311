/* SPDX-License-Identifier: BSD-2-Clause */
/* scard status: what SCardStatus says of a connection to each card. */
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/errors.h"

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

static uint32_t ask(struct connection *connection, const char *reader,
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

static void print_status(struct cli *cli, const char *reader, const struct status *status)
{
    char atr[120];
    struct text text;
    text_print(cli->out, reader);
    fprintf(cli->out, "\n  state     %s\n", state_words(status->state));
    fprintf(cli->out, "  protocol  %s\n", readers_protocol_name(status->protocol));
    if (status->atr_size > 0) {
        text_start(&text, atr, sizeof atr);
        text_add_hex(&text, status->atr, status->atr_size, " ");
        fprintf(cli->out, "  ATR       %s\n", atr);
    }
    if (status->has_transmits)
        fprintf(cli->out, "  commands  %u since the card got power\n",
                (unsigned)status->transmits);
}

static void write_status(struct cli *cli, const char *reader, const struct status *status)
{
    struct json *json = &cli->json;
    json_object(json, NULL);
    json_string(json, "name", reader);
    json_string(json, "state", state_name(status->state));
    json_string(json, "protocol", readers_protocol_name(status->protocol));
    if (status->atr_size > 0)
        json_hex(json, "atr", status->atr, status->atr_size);
    if (status->has_transmits)
        json_number(json, "transmits", status->transmits);
    json_end(json);
}

/* A reader that cannot be asked is told of, and the next one is asked. */
static int show(struct cli *cli, struct connection *connection, const char *reader)
{
    struct status status;
    uint32_t result = ask(connection, reader, &status);
    if (result != SCARD_S_SUCCESS)
        return cli_fail(cli, result, "%s", reader);
    if (cli->json_wanted)
        write_status(cli, reader, &status);
    else
        print_status(cli, reader, &status);
    return CLI_OK;
}

static int show_all(struct cli *cli, struct connection *connection)
{
    int code = CLI_OK;
    for (size_t i = 0; i < connection->readers.count; i++) {
        int shown = show(cli, connection, connection->readers.name[i]);
        code = shown != CLI_OK ? shown : code;
    }
    return code;
}

static int run(struct cli *cli)
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
        code = wanted == NULL
                   ? show_all(cli, &connection)
                   : show(cli, &connection, connection.readers.name[connection.index]);
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
    .run = run,
};
