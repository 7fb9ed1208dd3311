/* SPDX-License-Identifier: BSD-2-Clause */
/* scard apdu: commands to a card, and its answers explained. */
#include "cli/apdu_pin.h"
#include "cli/apdu_run.h"
#include "cli/apdu_script.h"
#include "cli/apdu_wait.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/hex.h"
#include "cli/platform.h"
#include "cli/status_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_FILE = OPTION_OWN,
    OPTION_PROTOCOL,
    OPTION_EXCLUSIVE,
    OPTION_RESET,
    OPTION_RAW,
    OPTION_CONTINUE,
    OPTION_SECRETS,
    OPTION_WAIT,
    OPTION_TIMEOUT
};

static const struct option_spec apdu_options[] = {
    {OPTION_FILE, 'f', "file", "FILE", "commands from a file, one a line; # comments"},
    {OPTION_PROTOCOL, 'p', "protocol", "t0|t1|raw", "use this protocol alone"},
    {OPTION_EXCLUSIVE, 'x', "exclusive", NULL, "let no other program use the card"},
    {OPTION_RESET, 0, "reset", NULL,
     "reset the card before the first command and at the end"},
    {OPTION_RAW, 0, "raw", NULL, "do not follow 61xx and 6Cxx up"},
    {OPTION_CONTINUE, 'k', "continue", NULL, "go on after an error status"},
    {OPTION_SECRETS, 0, "show-secrets", NULL, "print PINs instead of **"},
    {OPTION_WAIT, 'w', "wait", NULL, "wait for the reader and for a card in it"},
    {OPTION_TIMEOUT, 't', "timeout", "SECONDS", "wait no longer than that"},
    {0, 0, NULL, NULL, NULL},
};

struct apdu {
    struct cli *cli;
    const char *wanted; /* reader */
    DWORD protocols;
    size_t least; /* bytes of a command */
    struct connection connection;
    struct apdu_script script;
    struct apdu_run run;
    struct apdu_pin pin;
    uint64_t end_ms; /* of waiting; UINT64_MAX: none */
    bool streaming;  /* from stdin, each line when it comes */
    bool all_good;
};

static int read_protocol(struct apdu *apdu)
{
    const char *value = apdu->cli->options.value[OPTION_PROTOCOL];
    apdu->protocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    apdu->least = 4;
    if (value == NULL)
        return CLI_OK;
    if (strcmp(value, "t0") == 0 || strcmp(value, "T0") == 0)
        apdu->protocols = SCARD_PROTOCOL_T0;
    else if (strcmp(value, "t1") == 0 || strcmp(value, "T1") == 0)
        apdu->protocols = SCARD_PROTOCOL_T1;
    else if (strcmp(value, "raw") == 0 || strcmp(value, "RAW") == 0)
        apdu->protocols = SCARD_PROTOCOL_RAW;
    else
        return cli_fail_plain(apdu->cli, CLI_USAGE, "--protocol is t0, t1 or raw, not %s",
                              value);
    if (apdu->protocols == SCARD_PROTOCOL_RAW)
        apdu->least = 1;
    return CLI_OK;
}

/* `where` is "argument" or "line". */
static int refuse_command(struct apdu *apdu, const char *where, unsigned long number,
                          enum apdu_script_result result, enum hex_result hex)
{
    return cli_fail_plain(apdu->cli, CLI_USAGE, "%s %lu: the command %s", where, number,
                          apdu_script_words(result, hex));
}

/* Adds one command to the script, with the PIN that it asks for. */
static int add_command(struct apdu *apdu, const char *where, unsigned long number,
                       const char *text)
{
    enum hex_result hex = HEX_OK;
    char *filled = NULL;
    if (apdu_pin_wanted(text)) {
        enum apdu_pin_result asked = apdu_pin_fill(&apdu->pin, text, &filled);
        if (asked != APDU_PIN_OK)
            return cli_fail_plain(apdu->cli, CLI_USAGE, "%s", apdu_pin_words(asked));
        text = filled;
    }
    enum apdu_script_result result =
        apdu_script_add(&apdu->script, text, apdu->least, &hex);
    if (filled != NULL && result == APDU_SCRIPT_OK)
        apdu->script.commands[apdu->script.count - 1].has_typed_pin = true;
    if (filled != NULL)
        hex_wipe(filled, strlen(filled));
    free(filled);
    return result == APDU_SCRIPT_OK ? CLI_OK
                                    : refuse_command(apdu, where, number, result, hex);
}

/* The next command of a file. CLI_NEGATIVE: there is none. */
static int add_script_line(struct apdu *apdu, FILE *file, unsigned long *line)
{
    char *text = NULL;
    enum apdu_script_result result = apdu_script_read_line(file, &text, line);
    int code = CLI_NEGATIVE;
    if (result == APDU_SCRIPT_OK)
        code = add_command(apdu, "line", *line, text);
    else if (result == APDU_SCRIPT_FILE)
        code = cli_fail_plain(apdu->cli, CLI_FAILED, "the commands cannot be read");
    else if (result != APDU_SCRIPT_END)
        code = refuse_command(apdu, "line", *line, result, HEX_OK);
    apdu_script_free_line(text);
    return code;
}

static int read_script_file(struct apdu *apdu, const char *name)
{
    unsigned long line = 0;
    int code = CLI_OK;
    FILE *file = fopen(name, "r");
    if (file == NULL)
        return cli_fail_plain(apdu->cli, CLI_FAILED, "cannot open %s: %s", name,
                              strerror(errno));
    while (code == CLI_OK)
        code = add_script_line(apdu, file, &line);
    fclose(file);
    return code == CLI_NEGATIVE ? CLI_OK : code;
}

/* Are these the bytes of one command, each by itself? PIN and PIN8 are words as well. */
static bool is_apart(char *const *words, size_t count)
{
    uint8_t byte;
    size_t size;
    for (size_t i = 0; i < count; i++)
        if (hex_read(words[i], &byte, 1, &size) != HEX_OK && strcmp(words[i], "PIN") != 0
            && strcmp(words[i], "PIN8") != 0)
            return false;
    return count > 1;
}

static int add_apart(struct apdu *apdu, char *const *words, size_t count)
{
    size_t room = 1;
    struct text text;
    for (size_t i = 0; i < count; i++)
        room += strlen(words[i]) + 1;
    char *joined = malloc(room);
    if (joined == NULL)
        return cli_fail(apdu->cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot begin");
    text_start(&text, joined, room);
    for (size_t i = 0; i < count; i++)
        text_add(&text, "%s ", words[i]);
    int code = add_command(apdu, "argument", 1, joined);
    hex_wipe(joined, room);
    free(joined);
    return code;
}

static int add_arguments(struct apdu *apdu, char *const *words, size_t count)
{
    int code = CLI_OK;
    if (apdu->least > 1 && is_apart(words, count))
        return add_apart(apdu, words, count);
    for (size_t i = 0; i < count && code == CLI_OK; i++)
        code = add_command(apdu, "argument", (unsigned long)i + 1, words[i]);
    return code;
}

/* Takes the whole command line in before anything is sent: a typing error in the last
 * command must not leave a card half written. */
static int read_script(struct apdu *apdu)
{
    const struct options *given = &apdu->cli->options;
    const char *file = given->value[OPTION_FILE];
    size_t first = apdu->cli->reader == NULL ? 1 : 0;
    if (given->positional_count < first)
        return cli_fail_plain(apdu->cli, CLI_USAGE,
                              "which reader? its name, its number, or - (see --help)");
    apdu->wanted = first == 1 ? given->positional[0] : apdu->cli->reader;
    bool has_hex = given->positional_count > first;
    if (has_hex && file != NULL)
        return cli_fail_plain(apdu->cli, CLI_USAGE,
                              "commands come from --file or from arguments, not both");
    apdu->streaming = !has_hex && (file == NULL || strcmp(file, "-") == 0);
    if (!has_hex && !apdu->streaming)
        return read_script_file(apdu, file);
    return add_arguments(apdu, given->positional + first,
                         given->positional_count - first);
}

static int read_wait_limit(struct apdu *apdu)
{
    const char *seconds = apdu->cli->options.value[OPTION_TIMEOUT];
    uint32_t number = 0;
    apdu->end_ms = UINT64_MAX;
    if (seconds == NULL)
        return CLI_OK;
    if (!apdu->cli->options.given[OPTION_WAIT])
        return cli_fail_plain(apdu->cli, CLI_USAGE, "--timeout goes with --wait alone");
    if (!text_number(seconds, 4000000, &number))
        return cli_fail_plain(apdu->cli, CLI_USAGE,
                              "--timeout needs seconds, up to 4000000");
    apdu->end_ms = platform_now_ms() + (uint64_t)number * 1000;
    return CLI_OK;
}

static int connect_and_begin(struct apdu *apdu)
{
    struct connection *connection = &apdu->connection;
    bool reset = apdu->cli->options.given[OPTION_RESET];
    DWORD share = apdu->cli->options.given[OPTION_EXCLUSIVE] ? SCARD_SHARE_EXCLUSIVE
                                                             : SCARD_SHARE_SHARED;
    int code = CLI_OK;
    if (apdu->cli->options.given[OPTION_WAIT])
        code = apdu_wait(apdu->cli, apdu->wanted, apdu->end_ms);
    if (code == CLI_OK)
        code = connection_choose(apdu->cli, connection, apdu->wanted);
    if (code != CLI_OK)
        return code;
    const char *reader = connection->readers.name[connection->index];
    LONG result = SCardConnectA(connection->context, reader, share, apdu->protocols,
                                &connection->card, &connection->protocol);
    if (result != SCARD_S_SUCCESS) {
        connection->card = 0;
        return cli_fail(apdu->cli, (uint32_t)result, "cannot use the card in %s", reader);
    }
    if (reset)
        result = SCardReconnect(connection->card, share, apdu->protocols,
                                SCARD_RESET_CARD, &connection->protocol);
    if (result == SCARD_S_SUCCESS)
        result = SCardBeginTransaction(connection->card);
    if (result != SCARD_S_SUCCESS)
        return cli_fail(apdu->cli, (uint32_t)result, "cannot begin with the card in %s",
                        reader);
    return CLI_OK;
}

static void print_head(struct apdu *apdu)
{
    const struct connection *connection = &apdu->connection;
    const char *reader = connection->readers.name[connection->index];
    const char *protocol = readers_protocol_name(connection->protocol);
    if (apdu->cli->json_wanted) {
        json_string(&apdu->cli->json, "reader", reader);
        json_string(&apdu->cli->json, "protocol", protocol);
        json_array(&apdu->cli->json, "exchanges");
        return;
    }
    text_print(apdu->cli->out, reader);
    fprintf(apdu->cli->out, " (%s)\n", protocol);
}

/* Sends the commands that are in the script. CLI_NEGATIVE: one of them did not succeed,
 * and nothing else was sent. */
static int send_script(struct apdu *apdu)
{
    for (size_t i = 0; i < apdu->script.count; i++) {
        const struct apdu_command *command = &apdu->script.commands[i];
        apdu->run.has_typed_pin = command->has_typed_pin;
        uint32_t result = apdu_run_command(&apdu->run, command->bytes, command->size);
        if (result != SCARD_S_SUCCESS)
            return cli_fail(apdu->cli, result, "the exchange with the card failed");
        if (status_is_success(apdu->run.sw)
            || (apdu->run.sw == 0 && apdu->connection.protocol == SCARD_PROTOCOL_RAW))
            continue;
        apdu->all_good = false;
        if (!apdu->cli->options.given[OPTION_CONTINUE])
            return CLI_NEGATIVE;
    }
    return CLI_OK;
}

static int send_stream(struct apdu *apdu)
{
    unsigned long line = 0;
    bool prompt = platform_is_typed(apdu->cli->in) && platform_is_typed(apdu->cli->err);
    if (prompt)
        fputs("One command a line, in hex; Ctrl+D ends.\n", apdu->cli->err);
    for (;;) {
        fflush(apdu->cli->out);
        if (prompt)
            fputs("apdu> ", apdu->cli->err);
        int code = add_script_line(apdu, apdu->cli->in, &line);
        if (code == CLI_NEGATIVE)
            return CLI_OK;
        if (code == CLI_OK)
            code = send_script(apdu);
        apdu_script_clear(&apdu->script);
        if (code != CLI_OK && !(prompt && code != CLI_FAILED))
            return code;
    }
}

static int send_all(struct apdu *apdu)
{
    const struct options *given = &apdu->cli->options;
    apdu->all_good = true;
    apdu->run.cli = apdu->cli;
    apdu->run.card = apdu->connection.card;
    apdu->run.protocol = apdu->connection.protocol;
    apdu->run.follow =
        !given->given[OPTION_RAW] && apdu->connection.protocol != SCARD_PROTOCOL_RAW;
    if (given->given[OPTION_SECRETS])
        apdu->run.record = APDU_RECORD_PLAIN;
    print_head(apdu);
    int code = apdu->streaming ? send_stream(apdu) : send_script(apdu);
    if (code == CLI_OK && !apdu->all_good)
        code = CLI_NEGATIVE;
    if (apdu->cli->json_wanted) {
        json_end_to(&apdu->cli->json, 1);
        json_bool(&apdu->cli->json, "success", code == CLI_OK);
    }
    return code;
}

static int run_apdu(struct apdu *apdu)
{
    DWORD disposition =
        apdu->cli->options.given[OPTION_RESET] ? SCARD_RESET_CARD : SCARD_LEAVE_CARD;
    int code = read_protocol(apdu);
    if (code == CLI_OK)
        code = read_wait_limit(apdu);
    if (code == CLI_OK)
        code = read_script(apdu);
    if (code != CLI_OK)
        return code;
    code = connect_and_begin(apdu);
    if (code == CLI_OK) {
        code = send_all(apdu);
        SCardEndTransaction(apdu->connection.card, SCARD_LEAVE_CARD);
    }
    connection_disconnect(&apdu->connection, disposition);
    connection_close(&apdu->connection);
    return code;
}

static int apdu_main(struct cli *cli)
{
    struct apdu *apdu = calloc(1, sizeof *apdu);
    if (apdu == NULL)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot begin");
    apdu->cli = cli;
    if (cli->json_wanted)
        json_object(&cli->json, NULL);
    int code = run_apdu(apdu);
    apdu_script_clear(&apdu->script);
    hex_wipe(apdu, sizeof *apdu);
    free(apdu);
    return code;
}

const struct command cmd_apdu = {
    .name = "apdu",
    .arguments = "READER [HEX...]",
    .summary = "sends commands to a card and explains the answers",
    .help =
        "READER is a name, a part of one, a number from \"scard list\", or - for the "
        "first\n"
        "reader with a card; it is left out with --reader. Each HEX is one command "
        "APDU,\n"
        "or all of them are the bytes of one. The word PIN (PIN8: filled up to 8 bytes "
        "with\n"
        "FF) stands for the length and the digits of a PIN that you are asked for.\n"
        "Without any HEX, commands are read from standard input, one a line. All of them "
        "run\n"
        "in one transaction. Answers 61xx are followed by GET RESPONSE, 6Cxx by the\n"
        "command with the right length. PINs are shown as **; still, give them in a "
        "file\n"
        "or on standard input, as other users can see the arguments of a program.\n"
        "Exit code 1: a status word was neither 9000 nor 61xx.\n\n"
        "  scard apdu - 00A4040007A0000003972543 00CA7F68\n",
    .options = apdu_options,
    .positional_max = APDU_SCRIPT_COMMANDS_MAX,
    .run = apdu_main,
};
