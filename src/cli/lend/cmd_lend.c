/* SPDX-License-Identifier: BSD-2-Clause */
/* scard lend: a reader for a virtual machine. */
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/lend/lend_session.h"
#include "cli/platform.h"
#include "os/time.h"

#include <stdlib.h>

enum { OPTION_WAIT = OPTION_OWN, OPTION_TIMEOUT };

enum { ADDRESS_ROOM = 64, TRY_AGAIN_MS = 1000 };

static const struct option_spec lend_options[] = {
    {OPTION_WAIT, 'w', "wait", NULL, "wait until the virtual machine listens"},
    {OPTION_TIMEOUT, 't', "timeout", "SECONDS", "wait no longer than that"},
    {0, 0, NULL, NULL, NULL},
};

struct lend {
    struct cli *cli;
    const char *wanted; /* reader */
    const char *place;
    char address[ADDRESS_ROOM];
    uint16_t port;
    uint64_t end_ms; /* of waiting for who listens; 0: do not */
    struct connection connection;
    struct os_wake wake;
    struct lend_session session;
};

static int read_wait(struct lend *lend)
{
    const char *seconds = lend->cli->options.value[OPTION_TIMEOUT];
    bool wait = lend->cli->options.given[OPTION_WAIT];
    uint32_t number = 0;
    lend->end_ms = wait ? OS_FOREVER : 0;
    if (seconds == NULL)
        return CLI_OK;
    if (!wait)
        return cli_fail_plain(lend->cli, CLI_USAGE, "--timeout goes with --wait alone");
    if (!text_number(seconds, 4000000, &number))
        return cli_fail_plain(lend->cli, CLI_USAGE,
                              "--timeout needs seconds, up to 4000000");
    lend->end_ms = os_deadline_ms((uint64_t)number * 1000);
    return CLI_OK;
}

static int read_arguments(struct lend *lend)
{
    const struct options *given = &lend->cli->options;
    size_t first = lend->cli->reader == NULL ? 1 : 0;
    if (given->positional_count != first + 1)
        return cli_fail_plain(lend->cli, CLI_USAGE,
                              "which reader, and to whom? READER ADDRESS:PORT (see "
                              "--help)");
    lend->wanted = first == 1 ? given->positional[0] : lend->cli->reader;
    lend->place = given->positional[first];
    if (os_address_split(lend->place, lend->address, sizeof lend->address, &lend->port)
            != SC_OK
        || lend->port == 0)
        return cli_fail_plain(lend->cli, CLI_USAGE,
                              "expected a numeric address or localhost, a colon and a "
                              "port, found %s",
                              lend->place);
    return read_wait(lend);
}

/* --- Connecting --------------------------------------------------------------------- */

/* False: it was interrupted meanwhile, or nothing can be waited for. */
static bool rest(struct lend *lend)
{
    uint64_t again_ms = os_deadline_ms(TRY_AGAIN_MS);
    enum sc_error error =
        os_poll(NULL, 0, &lend->wake, again_ms < lend->end_ms ? again_ms : lend->end_ms);
    return error == SC_E_TIMEOUT && !platform_interrupted();
}

static int fail_to_connect(struct lend *lend, enum sc_error error)
{
    if (error == SC_E_INVALID_VALUE)
        return cli_fail_plain(lend->cli, CLI_USAGE,
                              "%s is neither a numeric address nor localhost",
                              lend->address);
    if (error == SC_E_READER_UNAVAILABLE)
        return cli_fail_plain(lend->cli, CLI_FAILED, "nobody listens at %s%s",
                              lend->place,
                              lend->end_ms == 0 ? " (--wait waits for that)" : "");
    if (error == SC_E_TIMEOUT)
        return cli_fail_plain(lend->cli, CLI_FAILED, "%s does not answer to a connection",
                              lend->place);
    return cli_fail_plain(lend->cli, CLI_FAILED, "cannot connect to %s: %s", lend->place,
                          sc_error_words(error));
}

/* CLI_OK with a closed socket: it was interrupted. */
static int connect_to_place(struct lend *lend)
{
    char words[200];
    struct text text;
    struct lend_link *link = &lend->session.link;
    enum sc_error error = lend_link_open(link, lend->address, lend->port);
    bool waits = lend->end_ms > os_now_ms();
    if (waits && (error == SC_E_READER_UNAVAILABLE || error == SC_E_TIMEOUT)) {
        text_start(&text, words, sizeof words);
        text_add(&text, "until somebody listens at %s", lend->place);
        lend_show_event(lend->cli, LEND_WAITING, lend->session.reader, words, NULL, 0);
    }
    while ((error == SC_E_READER_UNAVAILABLE || error == SC_E_TIMEOUT)
           && os_now_ms() < lend->end_ms) {
        if (!rest(lend))
            return CLI_OK;
        error = lend_link_open(link, lend->address, lend->port);
    }
    return error == SC_OK ? CLI_OK : fail_to_connect(lend, error);
}

/* Commands carry PINs, and the protocol does not encrypt. */
static void warn_of_others(const struct lend *lend)
{
    if (!os_address_is_loopback(lend->address))
        fprintf(lend->cli->err,
                "scard: warning: what goes to %s is not encrypted: others on the way "
                "can see PINs, and use the card\n",
                lend->place);
}

/* --- The command -------------------------------------------------------------------- */

static void raise_wake(void *context)
{
    os_wake_raise(context);
}

static int lend_reader(struct lend *lend)
{
    struct lend_session *session = &lend->session;
    int code = connection_choose(lend->cli, &lend->connection, lend->wanted);
    if (code != CLI_OK)
        return code;
    session->cli = lend->cli;
    session->context = lend->connection.context;
    session->reader = lend->connection.readers.name[lend->connection.index];
    session->place = lend->place;
    session->wake = &lend->wake;
    warn_of_others(lend);
    code = connect_to_place(lend);
    if (code == CLI_OK && os_socket_is_open(session->link.socket))
        code = lend_session_run(session);
    return code;
}

static int lend_until_end(struct lend *lend)
{
    int code = read_arguments(lend);
    if (code != CLI_OK)
        return code;
    if (os_wake_init(&lend->wake) != SC_OK)
        return cli_fail(lend->cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot begin");
    /* Before the library may start threads, which inherit the blocked signals. */
    bool interruptible = platform_interrupt_begin();
    platform_interrupt_target(raise_wake, &lend->wake);
    code = lend_reader(lend);
    connection_close(&lend->connection);
    if (interruptible)
        platform_interrupt_end();
    os_wake_destroy(&lend->wake);
    return code;
}

static int lend_main(struct cli *cli)
{
    static const struct os_socket none = OS_SOCKET_NONE;
    struct lend *lend = calloc(1, sizeof *lend);
    if (lend == NULL)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot begin");
    lend->cli = cli;
    lend->session.link.socket = none;
    int code = lend_until_end(lend);
    free(lend);
    return code;
}

const struct command cmd_lend = {
    .name = "lend",
    .arguments = "READER ADDRESS:PORT",
    .summary = "gives a reader to a virtual machine until it ends",
    .help =
        "Connects to a virtual machine that listens there for a card in the VSCard "
        "protocol;\n"
        "QEMU does so by\n"
        "  -chardev socket,id=c,host=127.0.0.1,port=2001,server=on,wait=off\n"
        "  -device usb-ccid -device ccid-card-passthru,chardev=c\n"
        "The card is its alone meanwhile: while another program uses it, that is waited "
        "for.\n"
        "A card is reset before it is lent and when it is given back. Prints one line "
        "for each\n"
        "event, or with --json one object a line: waiting, lent, card-inserted, "
        "card-removed,\n"
        "card-busy, card-mute, reader-removed, reader-added, error, returned. Ctrl+C "
        "ends it,\n"
        "and so does the virtual machine. What is sent may be PINs and is not encrypted: "
        "for\n"
        "another machine's address, use a tunnel.\n"
        "Exit code 1: the virtual machine does not take the reader.\n",
    .options = lend_options,
    .positional_max = 2,
    .run = lend_main,
};
