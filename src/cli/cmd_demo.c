/* SPDX-License-Identifier: BSD-2-Clause */
/* scard demo: a guided session with the software card, which also shows that the library
 * works. Each step says what is done, does it, and compares the outcome. */
#include "cli/apdu_run.h"
#include "cli/atr_words.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/demo_card.h"
#include "cli/errors.h"
#include "cli/platform.h"
#include "cli/status_words.h"
#include "os/setting.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct demo {
    struct cli *cli;
    struct connection connection;
    const char *reader;
    struct apdu_run run;
    unsigned step;
    int code; /* CLI_OK as long as all is as it should be */
};

static void say_below(struct demo *demo, const char *format, ...) TEXT_PRINTF(2, 3);

/* A line below the step's heading. */
static void say_below(struct demo *demo, const char *format, ...)
{
    char line[400];
    va_list values;
    va_start(values, format);
    if (vsnprintf(line, sizeof line, format, values) < 0)
        line[0] = '\0';
    va_end(values);
    fputs("   ", demo->cli->out);
    text_print(demo->cli->out, line);
    fputc('\n', demo->cli->out);
}

static void begin_step(struct demo *demo, const char *what)
{
    fprintf(demo->cli->out, "\n%u. %s\n", ++demo->step, what);
}

/* Notes that something is not as it should be. Always false. */
static bool surprise(struct demo *demo, const char *what, uint32_t result)
{
    demo->code = cli_fail(demo->cli, result, "step %u, %s", demo->step, what);
    return false;
}

static bool expect(struct demo *demo, const char *what, LONG got, LONG want)
{
    if (got == want)
        return true;
    return surprise(demo, what, (uint32_t)got);
}

/* Sends a command, shows both sides, and compares the status word. */
static bool send_and_expect(struct demo *demo, const uint8_t *command, size_t size,
                            uint16_t want)
{
    char line[200];
    char words[STATUS_WORDS_MAX];
    struct text text;
    size_t secret_size = 0;
    size_t shown = size;
    size_t secret = command_secret(command, size, &secret_size);
    uint32_t result = apdu_run_command(&demo->run, command, size);
    if (secret_size > 0)
        shown = secret;
    text_start(&text, line, sizeof line);
    text_add_hex(&text, command, shown, " ");
    for (size_t i = shown; i < size; i++)
        text_add(&text, " **");
    say_below(demo, "> %-36s %s", line, instruction_name(command[1]));
    if (result != SCARD_S_SUCCESS)
        return surprise(demo, "SCardTransmit", result);
    size_t data = demo->run.answer_size - (demo->run.sw != 0 ? 2 : 0);
    text_start(&text, line, sizeof line);
    text_add_hex(&text, demo->run.answer, data < 8 ? data : 8, " ");
    text_add(&text, data > 8 ? " ... " : data > 0 ? " " : "");
    text_add(&text, "%02X %02X", demo->run.sw >> 8, demo->run.sw & 0xFFU);
    status_words_write(demo->run.sw, words);
    say_below(demo, "< %-36s %s", line, words);
    if (demo->run.sw == want)
        return true;
    demo->code = cli_fail_plain(demo->cli, CLI_NEGATIVE,
                                "step %u: the card answered %04X, not %04X", demo->step,
                                demo->run.sw, want);
    return false;
}

/* The software card says what it is in its device's name, so that no wrong PIN ever
 * reaches a card of flesh and blood. */
static bool is_software(SCARDCONTEXT context, const char *reader)
{
    char id[256] = "";
    DWORD size = sizeof id - 1;
    LONG result = SCardGetReaderDeviceInstanceIdA(context, reader, id, &size);
    return result == SCARD_S_SUCCESS
           && strncmp(id, DEMO_DEVICE, strlen(DEMO_DEVICE)) == 0;
}

static bool step_list(struct demo *demo)
{
    struct connection *connection = &demo->connection;
    begin_step(demo,
               "Which readers are there? (SCardEstablishContext, SCardListReaders)");
    demo->code = connection_choose(demo->cli, connection, NULL);
    if (demo->code != CLI_OK)
        return false;
    for (size_t i = 0; i < connection->readers.count; i++) {
        bool ours = is_software(connection->context, connection->readers.name[i]);
        say_below(demo, "%s%s", connection->readers.name[i],
                  ours ? "  <- made of software" : "");
        if (ours && demo->reader == NULL)
            demo->reader = connection->readers.name[i];
    }
    if (demo->reader != NULL)
        return true;
    demo->code = cli_fail_plain(
        demo->cli, CLI_FAILED,
        "none of them is the software card; unset WINSCARD_READERS, or set it to "
        "soft: (no other card is touched)");
    return false;
}

/* The first line of the ATR's words says enough here; "scard list" has them all. */
struct first_line {
    struct demo *demo;
    bool said;
};

static void say_first_line(void *context, const char *words)
{
    struct first_line *first = context;
    if (!first->said)
        say_below(first->demo, "%s", words);
    first->said = true;
}

static bool step_look(struct demo *demo)
{
    SCARD_READERSTATEA state;
    char line[200];
    struct text text;
    begin_step(demo, "Is there a card in it? (SCardGetStatusChange)");
    memset(&state, 0, sizeof state);
    state.szReader = demo->reader;
    LONG result = SCardGetStatusChangeA(demo->connection.context, 0, &state, 1);
    if (!expect(demo, "SCardGetStatusChange", result, SCARD_S_SUCCESS))
        return false;
    text_start(&text, line, sizeof line);
    readers_state_words(state.dwEventState, &text);
    text_add(&text, "; its answer to reset: ");
    text_add_hex(&text, state.rgbAtr, readers_atr_size(&state), " ");
    say_below(demo, "%s", line);
    struct first_line first = {demo, false};
    atr_words_write(state.rgbAtr, readers_atr_size(&state), say_first_line, &first);
    if (state.dwEventState & SCARD_STATE_PRESENT)
        return true;
    return surprise(demo, "a card was expected", (uint32_t)SCARD_E_NO_SMARTCARD);
}

static bool step_connect(struct demo *demo)
{
    struct connection *connection = &demo->connection;
    begin_step(demo, "Connect to the card (SCardConnect)");
    LONG result = SCardConnectA(connection->context, demo->reader, SCARD_SHARE_SHARED,
                                SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &connection->card,
                                &connection->protocol);
    if (!expect(demo, "SCardConnect", result, SCARD_S_SUCCESS))
        return false;
    demo->run.cli = demo->cli;
    demo->run.card = connection->card;
    demo->run.protocol = connection->protocol;
    demo->run.follow = true;
    demo->run.record = APDU_RECORD_NONE;
    say_below(demo, "connected, shared with other programs, protocol %s",
              readers_protocol_name(connection->protocol));
    return true;
}

static bool step_select(struct demo *demo)
{
    static const uint8_t select[] = DEMO_SELECT;
    begin_step(demo, "Select the application on the card (SCardTransmit)");
    return send_and_expect(demo, select, sizeof select, 0x9000);
}

/* Shows the text that the last answer holds, up to its first zero. */
static void say_content(struct demo *demo)
{
    size_t data = demo->run.answer_size - 2;
    size_t size = 0;
    while (size < data && demo->run.answer[size] != 0)
        size++;
    say_below(demo, "it says: \"%.*s\"", (int)size, (const char *)demo->run.answer);
}

static bool step_read(struct demo *demo)
{
    static const uint8_t read[] = DEMO_READ;
    begin_step(demo, "Read a file that anybody may read");
    if (!send_and_expect(demo, read, sizeof read, 0x9000))
        return false;
    say_content(demo);
    return true;
}

static bool step_pin(struct demo *demo)
{
    static const uint8_t read[] = DEMO_READ_SECRET;
    static const uint8_t wrong[] = DEMO_VERIFY_WRONG;
    static const uint8_t right[] = DEMO_VERIFY_RIGHT;
    begin_step(demo,
               "Read a secret: it takes the PIN; a wrong one first, then the right one");
    if (!send_and_expect(demo, read, sizeof read, 0x6982)
        || !send_and_expect(demo, wrong, sizeof wrong, 0x63C0 | (DEMO_TRIES - 1))
        || !send_and_expect(demo, right, sizeof right, 0x9000)
        || !send_and_expect(demo, read, sizeof read, 0x9000))
        return false;
    say_content(demo);
    return true;
}

static bool step_challenge(struct demo *demo)
{
    static const uint8_t get[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    uint8_t first[8];
    begin_step(demo, "Ask for random numbers in a transaction (SCardBeginTransaction)");
    LONG result = SCardBeginTransaction(demo->connection.card);
    if (!expect(demo, "SCardBeginTransaction", result, SCARD_S_SUCCESS))
        return false;
    bool sent = send_and_expect(demo, get, sizeof get, 0x9000);
    if (sent)
        memcpy(first, demo->run.answer, sizeof first);
    sent = sent && send_and_expect(demo, get, sizeof get, 0x9000);
    result = SCardEndTransaction(demo->connection.card, SCARD_LEAVE_CARD);
    if (!sent || !expect(demo, "SCardEndTransaction", result, SCARD_S_SUCCESS))
        return false;
    if (demo->run.answer_size != 10 || memcmp(first, demo->run.answer, 8) == 0)
        return surprise(demo, "random numbers", (uint32_t)SCARD_E_UNEXPECTED);
    say_below(demo, "two different ones, and no other program could come between");
    return true;
}

/* Takes the card out or puts it in, and waits for the news of it. */
static bool move_card(struct demo *demo, DWORD code, DWORD before, DWORD after)
{
    SCARD_READERSTATEA state;
    DWORD returned = 0;
    memset(&state, 0, sizeof state);
    state.szReader = demo->reader;
    LONG result = SCardGetStatusChangeA(demo->connection.context, 0, &state, 1);
    if (!expect(demo, "SCardGetStatusChange", result, SCARD_S_SUCCESS))
        return false;
    state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    if ((state.dwCurrentState & before) == 0)
        return surprise(demo, "the card is not where it was",
                        (uint32_t)SCARD_E_UNEXPECTED);
    result = SCardControl(demo->connection.card, code, NULL, 0, NULL, 0, &returned);
    if (!expect(demo, "SCardControl", result, SCARD_S_SUCCESS))
        return false;
    while (result == SCARD_S_SUCCESS && (state.dwEventState & after) == 0) {
        result = SCardGetStatusChangeA(demo->connection.context, 3000, &state, 1);
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    }
    return expect(demo, "SCardGetStatusChange", result, SCARD_S_SUCCESS);
}

static bool step_remove(struct demo *demo)
{
    static const uint8_t get[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    begin_step(demo, "Somebody takes the card out (SCardGetStatusChange waits for it)");
    if (!move_card(demo, DEMO_REMOVE, SCARD_STATE_PRESENT, SCARD_STATE_EMPTY))
        return false;
    say_below(demo, "the reader says: no card");
    uint32_t result = apdu_run_command(&demo->run, get, sizeof get);
    if (result != (uint32_t)SCARD_W_REMOVED_CARD)
        return surprise(demo, "a command to a card that is gone", result);
    say_below(demo, "a command now fails: %s (%s)", error_words(result),
              error_name(result));
    return true;
}

static bool step_insert(struct demo *demo)
{
    static const uint8_t select[] = DEMO_SELECT;
    begin_step(demo, "The card comes back (SCardReconnect)");
    if (!move_card(demo, DEMO_INSERT, SCARD_STATE_EMPTY, SCARD_STATE_PRESENT))
        return false;
    LONG result = SCardReconnect(demo->connection.card, SCARD_SHARE_SHARED,
                                 SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_LEAVE_CARD,
                                 &demo->connection.protocol);
    if (!expect(demo, "SCardReconnect", result, SCARD_S_SUCCESS))
        return false;
    demo->run.protocol = demo->connection.protocol;
    return send_and_expect(demo, select, sizeof select, 0x9000);
}

/* Without a wish of the user's the demo looks at nothing but the software card, whatever
 * readers and services the machine has. Before the first context: the library reads its
 * settings then. */
static bool choose_software(void)
{
    if (os_setting(SETTING_READERS) != NULL)
        return true;
    return platform_set_environment(os_setting_row(SETTING_READERS)->name, "soft:")
           && platform_set_environment(os_setting_row(SETTING_CARRIER)->name, "local");
}

static void play(struct demo *demo)
{
    static bool (*const steps[])(struct demo *) = {
        step_list, step_look,      step_connect, step_select, step_read,
        step_pin,  step_challenge, step_remove,  step_insert,
    };
    fputs("A session with a card made of software, call by call.\n", demo->cli->out);
    demo->code = CLI_OK;
    for (size_t i = 0; i < TEXT_COUNT(steps); i++)
        if (!steps[i](demo))
            break;
    if (demo->code == CLI_OK)
        fprintf(demo->cli->out,
                "\nAll %u steps went as they should. Next: \"scard list\" for your own "
                "readers,\n\"scard help apdu\" for commands of your own.\n",
                demo->step);
    connection_close(&demo->connection);
}

static int demo_main(struct cli *cli)
{
    if (cli->json_wanted)
        return cli_fail_plain(cli, CLI_USAGE, "the demo is for people; it has no JSON");
    struct demo *demo = calloc(1, sizeof *demo);
    if (demo == NULL || !choose_software()) {
        free(demo);
        return cli_fail(cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot begin");
    }
    demo->cli = cli;
    play(demo);
    int code = demo->code;
    free(demo);
    return code;
}

const struct command cmd_demo = {
    .name = "demo",
    .arguments = "",
    .summary = "a guided session with a card made of software; begin here",
    .help =
        "Lists, connects, selects, reads, presents PINs, takes the card out and puts it\n"
        "back. Needs no hardware, and touches no card but the software one: unless\n"
        "WINSCARD_READERS is set, it is set to soft: for this command.\n"
        "Exit code 1 or 3: something was not as it should be.\n",
    .options = NULL,
    .positional_max = 0,
    .run = demo_main,
};
