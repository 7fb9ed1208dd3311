/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardUIDlgSelectCard and GetOpenCardName where nobody can be asked. */
#include "dialog_test.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- Callbacks that say what they were called with ---------------------------------- */

static struct {
    unsigned connects, checks, disconnects;
    TCHAR wanted[NAME_MAX_UNITS]; /* the reader whose card the check wants */
    TCHAR last[NAME_MAX_UNITS];
    bool fails;
} calls;

static void copy(TCHAR *to, const TCHAR *from)
{
    size_t i = 0;
    do
        to[i] = from[i];
    while (from[i++] != 0);
}

static void begin_calls(const TCHAR *wanted)
{
    memset(&calls, 0, sizeof(calls));
    copy(calls.wanted, wanted);
}

static SCARDHANDLE WINAPI connect_card(SCARDCONTEXT given, LPTSTR name, LPTSTR cards,
                                       PVOID data)
{
    SCARDHANDLE handle = 0;
    DWORD protocol;
    CHECK_EQ(given, context);
    CHECK(data == &calls && cards != NULL);
    calls.connects++;
    copy(calls.last, name);
    if (calls.fails)
        return 0;
    CHECK_EQ(SCardConnect(given, name, SCARD_SHARE_SHARED,
                          SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &handle, &protocol),
             0);
    return handle;
}

static BOOL WINAPI check_card(SCARDCONTEXT given, SCARDHANDLE handle, PVOID data)
{
    CHECK(given == context && handle != 0 && data == &calls);
    TCHAR name[NAME_MAX_UNITS];
    DWORD length = NAME_MAX_UNITS;
    calls.checks++;
    CHECK_EQ(SCardStatus(handle, name, &length, NULL, NULL, NULL, NULL), 0);
    return same(name, calls.wanted);
}

static void WINAPI disconnect_card(SCARDCONTEXT given, SCARDHANDLE handle, PVOID data)
{
    CHECK(given == context && data == &calls);
    calls.disconnects++;
    CHECK_EQ(SCardDisconnect(handle, SCARD_LEAVE_CARD), 0);
}

static OPENCARD_SEARCH_CRITERIA criteria(void)
{
    OPENCARD_SEARCH_CRITERIA wanted;
    memset(&wanted, 0, sizeof(wanted));
    wanted.dwStructSize = sizeof(wanted);
    wanted.pvUserData = &calls;
    return wanted;
}

/* --- Tests -------------------------------------------------------------------------- */

static void test_arguments(void)
{
    OPENCARDNAME_EX open = request(SC_DLG_NO_UI);
    OPENCARD_SEARCH_CRITERIA wanted = criteria();
    OPENCARDNAME old;
    memset(&old, 0, sizeof(old));
    CHECK_EQ(SCardUIDlgSelectCard(NULL), SCARD_E_INVALID_PARAMETER);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_E_INVALID_PARAMETER);
    CHECK_EQ(GetOpenCardName(NULL), SCARD_E_INVALID_PARAMETER);
    CHECK_EQ(GetOpenCardName(&old), SCARD_E_INVALID_VALUE);
    for (DWORD size = 0; size < 2 * sizeof(open); size++) {
        open.dwStructSize = size;
        CHECK_EQ(SCardUIDlgSelectCard(&open),
                 size == sizeof(open) ? SCARD_S_SUCCESS : SCARD_E_INVALID_VALUE);
    }
    for (DWORD flags = 0; flags < 16; flags++) {
        bool known = flags <= SC_DLG_NO_UI || flags == SC_DLG_FORCE_UI;
        open = request(flags);
        CHECK_EQ(SCardUIDlgSelectCard(&open) == SCARD_E_INVALID_VALUE, !known);
    }
    open = request(SC_DLG_NO_UI);
    open.hSCardContext = 0;
    CHECK_EQ(SCardUIDlgSelectCard(&open), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardDlgExtendedError(), ERROR_INVALID_HANDLE);
    open = request(SC_DLG_NO_UI);
    open.pOpenCardSearchCriteria = &wanted;
    wanted.dwStructSize--;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_INVALID_VALUE);
    wanted.dwStructSize++;
    wanted.cguidInterfaces = 1;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_INVALID_VALUE);
    CHECK_EQ(SCardDlgExtendedError(), SCERR_NOGUIDS);
    wanted.cguidInterfaces = 0;
    wanted.lpfnCheck = check_card;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_INVALID_VALUE);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_E_INVALID_VALUE);
}

static void test_flags(void)
{
    OPENCARDNAME_EX open = request(SC_DLG_NO_UI);
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK_EQ(SCardDlgExtendedError(), 0);
    CHECK(same(reader, ALPHA));
    CHECK(card[0] == 0);
    CHECK_EQ(open.hCardHandle, 0);
    const DWORD asking[] = {0, SC_DLG_MINIMAL_UI, SC_DLG_FORCE_UI};
    for (size_t i = 0; i < 3; i++) { /* two cards, nobody to ask */
        open = request(asking[i]);
        CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_SMARTCARD);
        CHECK_EQ(SCardDlgExtendedError(), SCARD_E_UNSUPPORTED_FEATURE);
        CHECK_EQ((uint8_t)reader[0], 0x55);
    }
    control(ALPHA, SOFT_EJECT, 0, 0); /* one card */
    open = request(SC_DLG_FORCE_UI);
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_SMARTCARD);
    for (size_t i = 0; i < 2; i++) {
        open = request(asking[i]);
        CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
        CHECK(same(reader, SECOND));
    }
    control(SECOND, SOFT_EJECT, 0, 0); /* none */
    open = request(SC_DLG_NO_UI);
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_SMARTCARD);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_E_NO_SMARTCARD);
    control(ALPHA, SOFT_SWALLOW, 0, 0);
    control(SECOND, SOFT_SWALLOW, 0, 0);
}

static void test_groups(void)
{
    OPENCARDNAME_EX open = request(SC_DLG_NO_UI);
    OPENCARD_SEARCH_CRITERIA wanted = criteria();
    TCHAR none[] = TEXT("No such group\0"), some[] = TEXT("Other\0SCard$AllReaders");
    open.pOpenCardSearchCriteria = &wanted;
    wanted.lpstrGroupNames = none;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_READERS_AVAILABLE);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_E_NO_READERS_AVAILABLE);
    /* Read as far as it is said to go, and complete there. */
    wanted.lpstrGroupNames = some;
    wanted.nMaxGroupNames = (DWORD)(sizeof(some) / sizeof(some[0])) - 1;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    wanted.nMaxGroupNames = 5;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_READERS_AVAILABLE);
    TCHAR *endless = malloc(70000 * sizeof(TCHAR));
    for (size_t i = 0; endless != NULL && i < 70000; i++)
        endless[i] = 'x';
    wanted.lpstrGroupNames = endless;
    wanted.nMaxGroupNames = 0;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_INVALID_VALUE);
    free(endless);
}

static void test_connection(void)
{
    OPENCARDNAME_EX open = request(SC_DLG_NO_UI);
    open.dwShareMode = SCARD_SHARE_EXCLUSIVE;
    open.dwPreferredProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK(same(reader, ALPHA));
    CHECK_EQ(open.dwActiveProtocol, SCARD_PROTOCOL_T0);
    SCARDHANDLE first = open.hCardHandle;
    CHECK(first != 0);
    /* That card is taken now. */
    open = request(SC_DLG_MINIMAL_UI);
    open.dwShareMode = SCARD_SHARE_SHARED;
    open.dwPreferredProtocols = SCARD_PROTOCOL_T1;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK(same(reader, SECOND));
    CHECK_EQ(open.dwActiveProtocol, SCARD_PROTOCOL_T1);
    CHECK_EQ(SCardDisconnect(open.hCardHandle, SCARD_LEAVE_CARD), 0);
    CHECK_EQ(SCardDisconnect(first, SCARD_LEAVE_CARD), 0);
    /* What SCardConnect gives is given; so is a routine that fails. */
    open = request(SC_DLG_NO_UI);
    open.dwShareMode = 9;
    open.dwPreferredProtocols = SCARD_PROTOCOL_T0;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_INVALID_VALUE);
    CHECK_EQ((uint8_t)reader[0], 0x55);
    begin_calls(ALPHA);
    open.pvUserData = &calls;
    open.lpfnConnect = connect_card; /* the share mode is not looked at then */
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK_EQ(calls.connects, 1);
    CHECK(same(calls.last, ALPHA));
    CHECK_EQ(SCardDisconnect(open.hCardHandle, SCARD_LEAVE_CARD), 0);
    calls.fails = true;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_CARD_UNSUPPORTED);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_E_CARD_UNSUPPORTED);
}

static void test_check(void)
{
    OPENCARDNAME_EX open = request(SC_DLG_MINIMAL_UI);
    OPENCARD_SEARCH_CRITERIA wanted = criteria();
    open.pOpenCardSearchCriteria = &wanted;
    wanted.lpfnCheck = check_card;
    wanted.lpfnConnect = connect_card;
    wanted.lpfnDisconnect = disconnect_card;
    begin_calls(SECOND);
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK(same(reader, SECOND));
    CHECK_EQ(calls.connects, 2);
    CHECK_EQ(calls.checks, 2);
    CHECK_EQ(calls.disconnects, 2);
    /* The library connects and disconnects. */
    wanted.lpfnConnect = NULL;
    wanted.lpfnDisconnect = NULL;
    wanted.dwShareMode = SCARD_SHARE_EXCLUSIVE;
    wanted.dwPreferredProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    begin_calls(ALPHA);
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK(same(reader, ALPHA));
    CHECK_EQ(calls.checks, 2);
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS); /* nothing stayed connected */
    /* Nothing passes. */
    begin_calls(TEXT("none"));
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_SMARTCARD);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_E_NO_SMARTCARD);
    wanted.lpfnConnect = connect_card;
    calls.fails = true;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_SMARTCARD);
}

static void test_buffers(void)
{
    DWORD needed = sizeof(ALPHA) / sizeof(TCHAR);
    OPENCARDNAME_EX open = request(SC_DLG_NO_UI);
    open.dwShareMode = SCARD_SHARE_EXCLUSIVE;
    open.dwPreferredProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    for (DWORD room = 0; room <= needed; room++) {
        open.nMaxRdr = room;
        open.hCardHandle = 0;
        CHECK_EQ(SCardUIDlgSelectCard(&open),
                 room < needed ? SCARD_E_NO_MEMORY : SCARD_S_SUCCESS);
        CHECK_EQ(open.nMaxRdr, needed);
        CHECK_EQ(open.hCardHandle != 0, room == needed);
        CHECK_EQ((uint8_t)reader[needed], 0x55);
    }
    CHECK_EQ(SCardDisconnect(open.hCardHandle, SCARD_LEAVE_CARD), 0);
    open = request(SC_DLG_NO_UI);
    open.nMaxCard = 0;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_MEMORY);
    CHECK_EQ(open.nMaxCard, 1);
    open.lpstrRdr = NULL;
    open.nMaxRdr = 0;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK_EQ(open.nMaxRdr, needed);
    open = request(SC_DLG_NO_UI);
    open.nMaxCard = SCARD_AUTOALLOCATE;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_INVALID_VALUE);
}

static void test_old(void)
{
    OPENCARDNAME old;
    request(0);
    memset(&old, 0, sizeof(old));
    old.dwStructSize = sizeof(old);
    old.hSCardContext = context;
    old.lpstrRdr = reader;
    old.nMaxRdr = NAME_MAX_UNITS;
    old.lpstrCard = card;
    old.nMaxCard = NAME_MAX_UNITS;
    old.pvUserData = &calls;
    old.lpfnConnect = connect_card;
    old.lpfnCheck = check_card;
    old.lpfnDisconnect = disconnect_card;
    begin_calls(SECOND);
    CHECK_EQ(GetOpenCardName(&old), SCARD_S_SUCCESS);
    CHECK(same(reader, SECOND) && card[0] == 0);
    CHECK_EQ(calls.connects, 3); /* two to check, one to keep */
    CHECK_EQ(calls.disconnects, 2);
    CHECK_EQ(SCardDisconnect(old.hCardHandle, SCARD_LEAVE_CARD), 0);
    old.nMaxRdr = 1;
    CHECK_EQ(GetOpenCardName(&old), SCARD_E_NO_MEMORY);
    CHECK(old.nMaxRdr > 1);
    old.nMaxRdr = NAME_MAX_UNITS;
    calls.fails = true;
    old.lpfnCheck = NULL;
    old.dwFlags = SC_DLG_NO_UI;
    CHECK_EQ(GetOpenCardName(&old), SCARD_E_CARD_UNSUPPORTED);
}

/* The old form's other errors, and those of connections that are asked for. */
static void test_old_errors(void)
{
    TCHAR none[] = TEXT("No such group\0");
    OPENCARDNAME old;
    request(0);
    memset(&old, 0, sizeof(old));
    old.dwStructSize = sizeof(old);
    old.hSCardContext = context;
    old.dwFlags = SC_DLG_NO_UI;
    old.lpstrGroupNames = none;
    CHECK_EQ(GetOpenCardName(&old), SCARD_E_NO_READERS_AVAILABLE);
    old.lpstrGroupNames = NULL;
    old.hSCardContext = 0;
    CHECK_EQ(GetOpenCardName(&old), ERROR_INVALID_HANDLE);
    old.hSCardContext = context;
    old.dwFlags = SC_DLG_FORCE_UI; /* nobody can be asked */
    CHECK_EQ(GetOpenCardName(&old), SCARD_E_NO_SMARTCARD);
}

static void test_refused(void)
{
    OPENCARDNAME_EX open = request(SC_DLG_NO_UI);
    SCARDHANDLE first, second;
    OPENCARDNAME old;
    DWORD active;
    memset(&old, 0, sizeof(old));
    old.dwStructSize = sizeof(old);
    old.hSCardContext = context;
    old.dwFlags = SC_DLG_NO_UI;
    open.dwShareMode = old.dwShareMode = SCARD_SHARE_SHARED;
    open.dwPreferredProtocols = old.dwPreferredProtocols = 0;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_PROTO_MISMATCH);
    CHECK_EQ(GetOpenCardName(&old), SCARD_E_PROTO_MISMATCH);
    CHECK_EQ(SCardConnect(context, ALPHA, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, &first,
                          &active),
             0);
    CHECK_EQ(SCardConnect(context, SECOND, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &second,
                          &active),
             0);
    open.dwShareMode = old.dwShareMode = SCARD_SHARE_EXCLUSIVE;
    open.dwPreferredProtocols = old.dwPreferredProtocols = SCARD_PROTOCOL_T0;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_SMARTCARD); /* that is free */
    CHECK_EQ(GetOpenCardName(&old), SCARD_E_NO_SMARTCARD);
    CHECK_EQ(SCardDisconnect(first, SCARD_LEAVE_CARD), 0);
    CHECK_EQ(SCardDisconnect(second, SCARD_LEAVE_CARD), 0);
}

/* Types of cards, if this library has a database; without one, a name is nobody's. */
static void test_names(void)
{
    SCARD_READERSTATE state = {.szReader = SECOND};
    static const GUID iface = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    TCHAR names[] = TEXT("No\0Dialog \u20ac card\0");
    OPENCARDNAME_EX open = request(SC_DLG_MINIMAL_UI);
    OPENCARD_SEARCH_CRITERIA wanted = criteria();
    open.pOpenCardSearchCriteria = &wanted;
    wanted.lpstrCardNames = names;
    wanted.nMaxCardNames = sizeof(names) / sizeof(names[0]);
    CHECK_EQ(SCardGetStatusChange(context, 0, &state, 1), 0);
    LONG status = SCardIntroduceCardType(context, names + 3, NULL, &iface, 1,
                                         state.rgbAtr, NULL, state.cbAtr);
    if (status != SCARD_S_SUCCESS) {
        CHECK_EQ(status, SCARD_E_UNSUPPORTED_FEATURE);
        CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_SMARTCARD);
        CHECK_EQ(SCardDlgExtendedError(), SCARD_E_UNSUPPORTED_FEATURE);
        return;
    }
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK(same(reader, SECOND) && same(card, names + 3));
    wanted.lpstrCardNames = NULL;
    wanted.rgguidInterfaces = &iface;
    wanted.cguidInterfaces = 1;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK(same(reader, SECOND) && same(card, names + 3));
    wanted.lpstrCardNames = names;
    names[3] = 'X';
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_SMARTCARD);
    names[3] = 'D';
    CHECK_EQ(SCardForgetCardType(context, names + 3), 0);
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_NO_SMARTCARD);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_E_NO_SMARTCARD);
}

static int run(void)
{
    char place[] = "/tmp/dialog.XXXXXX";
    CHECK(mkdtemp(place) != NULL);
    setenv("XDG_DATA_HOME", place, 1);
    setenv("WINSCARD_DATABASE_DIR", place, 1);
    setenv("WINSCARD_READERS", READERS, 1);
    /* Nobody to ask: a session without a terminal. */
    int null = open("/dev/null", O_RDWR);
    CHECK(setsid() > 0 && null >= 0 && dup2(null, STDIN_FILENO) == STDIN_FILENO);
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
    test_arguments();
    test_flags();
    test_groups();
    test_connection();
    test_check();
    test_buffers();
    test_old();
    test_old_errors();
    test_refused();
    test_names();
    CHECK_EQ(SCardReleaseContext(context), 0);
    CHECK_EQ(SCardUIDlgSelectCard(&(OPENCARDNAME_EX){0}), SCARD_E_INVALID_VALUE);
    char remove[64];
    snprintf(remove, sizeof(remove), "rm -rf %s", place);
    CHECK(system(remove) == 0);
    close(null);
    return check_result();
}

int main(void)
{
    pid_t child = fork(); /* the leader of a process group cannot begin a session */
    if (child == 0)
        return run();
    int status = 1;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status)
                                                                    : 1;
}
