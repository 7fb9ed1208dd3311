/* SPDX-License-Identifier: BSD-2-Clause */
/* scard reset: resets a card, and shows what it answers. */
#include "cli/card_names.h"
#include "cli/commands.h"
#include "cli/connect.h"

enum { OPTION_COLD = OPTION_OWN };

static const struct option_spec reset_options[] = {
    {OPTION_COLD, 0, "cold", NULL, "take the card's power away for it"},
    {0, 0, NULL, NULL, NULL},
};

static void print_reset_card(struct cli *cli, const struct connection *connection,
                             const uint8_t *atr, size_t size)
{
    char words[400];
    struct text text;
    const char *protocol = readers_protocol_name(connection->protocol);
    text_print(cli->out, connection->readers.name[connection->index]);
    fprintf(cli->out, "\n  protocol  %s\n", protocol);
    text_start(&text, words, sizeof words);
    text_add_hex(&text, atr, size, " ");
    fprintf(cli->out, "  ATR       %s\n", words);
}

static int show_reset_card(struct cli *cli, const struct connection *connection)
{
    BYTE atr[36];
    DWORD size = sizeof atr, state = 0, protocol = 0;
    LONG result =
        SCardStatusA(connection->card, NULL, NULL, &state, &protocol, atr, &size);
    if (result != SCARD_S_SUCCESS)
        return cli_fail(cli, (uint32_t)result, "the card was reset, but says nothing");
    if (size > sizeof atr)
        size = 0;
    if (!cli->json_wanted) {
        print_reset_card(cli, connection, atr, size);
        return CLI_OK;
    }
    json_string(&cli->json, "reader", connection->readers.name[connection->index]);
    json_string(&cli->json, "protocol", readers_protocol_name(connection->protocol));
    json_hex(&cli->json, "atr", atr, size);
    card_names_json(connection->context, atr, size, &cli->json, "cards");
    return CLI_OK;
}

static int reset_and_show(struct cli *cli, struct connection *connection)
{
    const char *reader = connection->readers.name[connection->index];
    DWORD protocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    DWORD how = cli->options.given[OPTION_COLD] ? SCARD_UNPOWER_CARD : SCARD_RESET_CARD;
    LONG result = SCardConnectA(connection->context, reader, SCARD_SHARE_SHARED,
                                protocols, &connection->card, &connection->protocol);
    if (result != SCARD_S_SUCCESS) {
        connection->card = 0;
        return cli_fail(cli, (uint32_t)result, "cannot use the card in %s", reader);
    }
    result = SCardReconnect(connection->card, SCARD_SHARE_SHARED, protocols, how,
                            &connection->protocol);
    if (result != SCARD_S_SUCCESS)
        return cli_fail(cli, (uint32_t)result, "the card in %s cannot be reset", reader);
    return show_reset_card(cli, connection);
}

static int reset_main(struct cli *cli)
{
    struct connection connection;
    const char *wanted =
        cli->options.positional_count > 0 ? cli->options.positional[0] : cli->reader;
    if (cli->json_wanted)
        json_object(&cli->json, NULL);
    if (wanted == NULL)
        return cli_fail_plain(cli, CLI_USAGE,
                              "which reader? its name, its number, or - (see --help)");
    int code = connection_choose(cli, &connection, wanted);
    if (code == CLI_OK)
        code = reset_and_show(cli, &connection);
    connection_close(&connection);
    return code;
}

const struct command cmd_reset = {
    .name = "reset",
    .arguments = "READER",
    .summary = "resets a card and shows its answer",
    .help =
        "Other programs that use the card learn of it (SCARD_W_RESET_CARD). A verified "
        "PIN\n"
        "is forgotten. A program that has a transaction on the card is waited for.\n",
    .options = reset_options,
    .positional_max = 1,
    .run = reset_main,
};
