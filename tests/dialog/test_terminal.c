/* SPDX-License-Identifier: BSD-2-Clause */
/* The question at a pseudo-terminal. Each case is a program of its own at one, in which
 * `run` makes the calls; the user in front of it is `user`. */
#include "dialog_test.h"
#include "tests/support/hang.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum {
    WAIT_MS = CHECK_HANG_MS, /* for what has to come */
    AWAY_MS = 700, /* how long a card or reader is out: some looks of the dialog */
    SOFT_UNPLUG = 0x00312000
};

/* --- The user ----------------------------------------------------------------------- */

static int master;
static char seen[65536];
static size_t seen_size, seen_from; /* all that was shown; what expect() has not passed */

/* False: the program is gone. */
static bool see_more(void)
{
    struct pollfd wanted = {.fd = master, .events = POLLIN};
    if (seen_size == sizeof(seen) - 1 || poll(&wanted, 1, WAIT_MS) <= 0)
        return false;
    ssize_t got = read(master, seen + seen_size, sizeof(seen) - 1 - seen_size);
    if (got <= 0)
        return false;
    seen_size += (size_t)got;
    seen[seen_size] = '\0';
    return true;
}

static void expect(const char *text)
{
    char *found;
    while ((found = strstr(seen + seen_from, text)) == NULL && see_more())
        ;
    if (found == NULL)
        fprintf(stderr, "shown: %s\n", seen + seen_from);
    CHECK(found != NULL);
    if (found != NULL)
        seen_from = (size_t)(found - seen) + strlen(text);
}

static void say(const char *text)
{
    CHECK_EQ(write(master, text, strlen(text)), strlen(text));
}

/* --- The program -------------------------------------------------------------------- */

static void begin(void)
{
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
}

static void leave_one(void)
{
    begin();
    control(SECOND, SOFT_EJECT, 0, 0);
}

/* Takes Alpha's card out for a while, and comes back when it is out. */
static void take_out(void)
{
    SCARD_READERSTATE state = {.szReader = ALPHA, .dwCurrentState = SCARD_STATE_PRESENT};
    control(ALPHA, SOFT_EJECT_LATER, AWAY_MS, 4);
    do {
        CHECK_EQ(SCardGetStatusChange(context, WAIT_MS, &state, 1), 0);
        state.dwCurrentState = state.dwEventState;
    } while ((state.dwEventState & SCARD_STATE_EMPTY) == 0);
}

static void want(DWORD flags, LONG wanted, const TCHAR *name)
{
    OPENCARDNAME_EX open = request(flags);
    CHECK_EQ(SCardUIDlgSelectCard(&open), wanted);
    CHECK_EQ(SCardDlgExtendedError(), wanted);
    CHECK(name == NULL || same(reader, name));
}

static void run_choose(void)
{
    begin();
    want(SC_DLG_MINIMAL_UI, SCARD_S_SUCCESS, SECOND);
}

static void user_choose(void)
{
    char longer[300] = "";
    memset(longer, '1', sizeof(longer) - 2);
    longer[sizeof(longer) - 2] = '\n';
    expect("Select a smart card\r\n");
    expect("  1  Alpha: card\r\n");
    expect("  2  M\u00fcller \u20ac: card\r\n");
    expect("  3  Empty: no card\r\n");
    const char *wrong[] = {"0\n", "4\n", "x\n", "1x\n", "99999999999999999999\n", longer};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        expect("Number of the reader, or q to cancel: ");
        say(wrong[i]);
        expect("There is no such reader.\r\n");
    }
    expect("cancel: ");
    say("3\n");
    expect("That reader has no card that fits.\r\n");
    expect("cancel: ");
    say("\n");
    expect("cancel: ");
    say(" 2\t\n");
}

static void run_cancel(void)
{
    begin();
    want(SC_DLG_MINIMAL_UI, SCARD_W_CANCELLED_BY_USER, NULL);
    want(0, SCARD_W_CANCELLED_BY_USER, NULL);
    want(SC_DLG_FORCE_UI, SCARD_W_CANCELLED_BY_USER, NULL);
    OPENCARDNAME old;
    memset(&old, 0, sizeof(old));
    old.dwStructSize = sizeof(old);
    old.hSCardContext = context;
    CHECK_EQ(GetOpenCardName(&old), SCARD_W_CANCELLED_BY_USER);
}

static void user_cancel(void)
{
    expect("cancel: ");
    say("q\n");
    expect("cancel: ");
    say("q\n");
    expect("cancel: ");
    say(" Q \n");
    expect("cancel: ");
    say("\x04");
}

static void run_gone(void)
{
    signal(SIGHUP, SIG_IGN);
    begin();
    want(SC_DLG_MINIMAL_UI, SCARD_W_CANCELLED_BY_USER, NULL);
}

static void user_gone(void)
{
    expect("cancel: ");
    close(master);
    master = -1;
}

/* A terminal that a program made raw sends other ends of line and of file. */
static void run_raw(void)
{
    struct termios settings;
    begin();
    CHECK(tcgetattr(0, &settings) == 0);
    cfmakeraw(&settings);
    CHECK(tcsetattr(0, TCSANOW, &settings) == 0);
    want(SC_DLG_MINIMAL_UI, SCARD_S_SUCCESS, ALPHA);
    want(SC_DLG_MINIMAL_UI, SCARD_W_CANCELLED_BY_USER, NULL);
}

static void user_raw(void)
{
    expect("cancel: ");
    say("1\r");
    expect("cancel: ");
    say("\x04");
}

static void run_forced(void)
{
    leave_one();
    OPENCARDNAME_EX open = request(SC_DLG_FORCE_UI);
    open.lpstrTitle = TEXT("Which\033[2J \u202e?");
    open.lpstrSearchDesc = TEXT("The one\nwith a chip\x7f");
    open.dwShareMode = SCARD_SHARE_SHARED;
    open.dwPreferredProtocols = SCARD_PROTOCOL_T1;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK(same(reader, ALPHA) && open.hCardHandle != 0);
    CHECK_EQ(open.dwActiveProtocol, SCARD_PROTOCOL_T1);
}

static void user_forced(void)
{
    expect("Which?[2J ??\r\n");
    expect("The one?with a chip?\r\n");
    expect("  1  Alpha: card\r\n");
    expect("cancel: ");
    say("1\n");
}

/* Nobody types anything. */
static void run_inserted(void)
{
    leave_one();
    take_out();
    want(SC_DLG_MINIMAL_UI, SCARD_S_SUCCESS, ALPHA);
}

static void user_inserted(void)
{
    expect("  1  Alpha: no card\r\n");
    expect("Insert the card, or q to cancel: ");
}

static void run_inserted_forced(void)
{
    leave_one();
    take_out();
    want(SC_DLG_FORCE_UI, SCARD_S_SUCCESS, ALPHA);
}

static void user_inserted_forced(void)
{
    expect("  1  Alpha: no card\r\n");
    expect("cancel: ");
    expect("  1  Alpha: card\r\n");
    expect("Number of the reader, or q to cancel: ");
    say("1\n");
}

/* Half an answer when the readers change; the list is the one it is an answer to. */
static void run_unplugged(void)
{
    begin();
    control(EMPTY, SOFT_UNPLUG, AWAY_MS, 4);
    want(SC_DLG_FORCE_UI, SCARD_S_SUCCESS, SECOND);
}

static void user_unplugged(void)
{
    expect("cancel: ");
    say(" ");
    expect("Empty: no card\r\n");
    expect("cancel: ");
    say("2\n");
}

static void run_dev_tty(void)
{
    int null = open("/dev/null", O_RDWR);
    begin();
    CHECK(dup(0) > 2); /* a terminal that nobody has open hangs up */
    for (int file = 0; file < 3; file++)
        CHECK(dup2(null, file) == file);
    want(SC_DLG_MINIMAL_UI, SCARD_S_SUCCESS, ALPHA);
}

static void user_dev_tty(void)
{
    expect("cancel: ");
    say("1\n");
}

/* Reading would stop a program in the background. */
static void run_background(void)
{
    int status = 1;
    pid_t child = fork();
    if (child == 0) {
        CHECK(setpgid(0, 0) == 0);
        begin();
        OPENCARDNAME_EX open = request(SC_DLG_MINIMAL_UI);
        CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_SMARTCARD);
        CHECK_EQ(SCardDlgExtendedError(), SCARD_E_UNSUPPORTED_FEATURE);
        CHECK_EQ(SCardReleaseContext(context), 0);
        exit(check_result());
    }
    CHECK(waitpid(child, &status, WUNTRACED) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void user_background(void)
{
    expect("0 failed");
}

/* --- Both --------------------------------------------------------------------------- */

static void check_case(const char *name, void (*run)(void), void (*user)(void))
{
    int status = 1;
    seen_size = seen_from = 0;
    seen[0] = '\0';
    pid_t child = forkpty(&master, NULL, NULL, NULL);
    CHECK(child >= 0);
    if (child == 0) {
        check_failures = 0;
        run();
        CHECK(context == 0 || SCardReleaseContext(context) == 0);
        exit(check_result());
    }
    unsigned failed = check_failures;
    user();
    if (check_failures != failed)
        fprintf(stderr, "in case %s: %s\n", name, seen);
    while (master >= 0 && see_more()) /* a program whose output nobody takes waits */
        ;
    CHECK(waitpid(child, &status, 0) == child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        CHECK_FAILED("%s: status %x, shown: %s", name, (unsigned)status, seen);
    if (master >= 0)
        close(master);
}

#define CASE(name) check_case(#name, run_##name, user_##name)

int main(void)
{
    setenv("WINSCARD_READERS", READERS, 1);
    CASE(choose);
    CASE(cancel);
    CASE(gone);
    CASE(raw);
    CASE(forced);
    CASE(inserted);
    CASE(inserted_forced);
    CASE(unplugged);
    CASE(dev_tty);
    CASE(background);
    return check_result();
}
