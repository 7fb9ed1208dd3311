/* SPDX-License-Identifier: BSD-2-Clause */
/* scard control: a command to a reader's driver. */
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/hex.h"

#include <stdlib.h>
#include <string.h>

enum { FUNCTION_MAX = 0xFFFF };

struct control {
    struct cli *cli;
    struct connection connection;
    DWORD code;
    uint8_t in[API_TRANSFER_MAX];
    size_t in_size;
    uint8_t out[API_TRANSFER_MAX];
};

/* A number in decimal or, with 0x, in hex. */
static bool read_code(const char *text, uint32_t *code)
{
    char *end = NULL;
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    if (text[0] < '0' || text[0] > '9')
        return false;
    unsigned long long value = strtoull(hex ? text + 2 : text, &end, hex ? 16 : 10);
    if (*end != '\0' || value > UINT32_MAX || (hex && text[2] == '\0'))
        return false;
    *code = (uint32_t)value;
    return true;
}

/* The bytes may stand apart. */
static int read_data(struct control *control, size_t first)
{
    struct cli *cli = control->cli;
    for (size_t i = first; i < cli->options.positional_count; i++) {
        size_t size = 0;
        enum hex_result result =
            hex_read(cli->options.positional[i], control->in + control->in_size,
                     sizeof control->in - control->in_size, &size);
        if (result != HEX_OK)
            return cli_fail_plain(cli, CLI_USAGE, "the command %s",
                                  hex_result_words(result));
        control->in_size += size;
    }
    return CLI_OK;
}

static int read_arguments(struct control *control, const char **wanted)
{
    struct cli *cli = control->cli;
    size_t first = cli->reader == NULL ? 1 : 0;
    uint32_t code = 0;
    if (cli->options.positional_count < first + 1)
        return cli_fail_plain(cli, CLI_USAGE,
                              "a reader and a control code are needed (see --help)");
    *wanted = first == 1 ? cli->options.positional[0] : cli->reader;
    if (!read_code(cli->options.positional[first], &code))
        return cli_fail_plain(cli, CLI_USAGE, "%s is not a control code",
                              cli->options.positional[first]);
    control->code = code <= FUNCTION_MAX ? SCARD_CTL_CODE(code) : code;
    return read_data(control, first + 1);
}

static void show_answer(struct control *control, size_t size)
{
    struct cli *cli = control->cli;
    char code[12];
    struct text text;
    text_start(&text, code, sizeof code);
    text_add(&text, "0x%08X", (unsigned)control->code);
    if (cli->json_wanted) {
        json_string(&cli->json, "reader",
                    control->connection.readers.name[control->connection.index]);
        json_string(&cli->json, "code", code);
        json_hex(&cli->json, "data", control->out, size);
        return;
    }
    if (size == 0)
        fputs("Done; the reader gave no bytes.\n", cli->out);
    for (size_t i = 0; i < size; i++)
        fprintf(cli->out, "%02X%s", control->out[i],
                i % 16 == 15 || i + 1 == size ? "\n" : " ");
}

static int send_control_code(struct control *control)
{
    struct connection *connection = &control->connection;
    const char *reader = connection->readers.name[connection->index];
    DWORD size = 0;
    uint32_t opened = connection_open_any(connection, reader);
    if (opened != SCARD_S_SUCCESS)
        return cli_fail(control->cli, opened, "cannot use %s", reader);
    LONG result =
        SCardControl(connection->card, control->code, control->in,
                     (DWORD)control->in_size, control->out, sizeof control->out, &size);
    if (result != SCARD_S_SUCCESS)
        return cli_fail(control->cli, (uint32_t)result, "the reader does not do it");
    show_answer(control, size <= sizeof control->out ? size : 0);
    return CLI_OK;
}

static int control_main(struct cli *cli)
{
    const char *wanted = NULL;
    struct control *control = calloc(1, sizeof *control);
    if (control == NULL)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot begin");
    control->cli = cli;
    if (cli->json_wanted)
        json_object(&cli->json, NULL);
    int code = read_arguments(control, &wanted);
    if (code == CLI_OK) {
        code = connection_choose(cli, &control->connection, wanted);
        if (code == CLI_OK)
            code = send_control_code(control);
        connection_close(&control->connection);
    }
    hex_wipe(control, sizeof *control);
    free(control);
    return code;
}

const struct command cmd_control = {
    .name = "control",
    .arguments = "READER CODE [HEX...]",
    .summary = "sends a command to a reader, not to its card (SCardControl)",
    .help =
        "CODE is decimal, or hexadecimal with 0x; up to 65535 it is the function of\n"
        "SCARD_CTL_CODE, so 3400 asks for the features of PC/SC part 10. HEX is what "
        "the\n"
        "reader is sent. Some codes change the reader for good: look them up first.\n\n"
        "  scard control 1 3400\n",
    .options = NULL,
    .positional_max = API_TRANSFER_MAX,
    .run = control_main,
};
