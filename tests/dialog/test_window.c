/* SPDX-License-Identifier: BSD-2-Clause */
/* The dialog of Windows, used by a second thread as a person would: it waits for what it
 * wants to see, and presses buttons. */
#include "dialog_test.h"

#include "dialog/window.h"

#include <pthread.h>

#undef READERS
#define READERS                                                                          \
    "soft:?name=Alpha;soft:?name=Second&protocol=t1;soft:?name=Empty&card=absent"

static const WCHAR title[] = L"Which card?";

/* --- The person --------------------------------------------------------------------- */

/* Until something is so; a test that waits for ever is one that hangs. */
#define WAIT_UNTIL(condition)                                                            \
    do {                                                                                 \
        unsigned waited = 0;                                                             \
        while (!(condition) && waited++ < CHECK_HANG_MS / 10)                            \
            Sleep(10);                                                                   \
        CHECK(condition);                                                                \
    } while (0)

/* Of this process: another test may have its own open. */
static HWND find_own(const WCHAR *wanted)
{
    HWND found = NULL;
    DWORD process = 0;
    while ((found = FindWindowExW(NULL, found, NULL, wanted)) != NULL) {
        GetWindowThreadProcessId(found, &process);
        if (process == GetCurrentProcessId() && IsWindowVisible(found))
            return found;
    }
    return NULL;
}

static HWND find_dialog(const WCHAR *wanted)
{
    HWND found = NULL;
    WAIT_UNTIL((found = find_own(wanted)) != NULL);
    return found;
}

static bool reads(HWND dialog, int control, const WCHAR *wanted)
{
    WCHAR text[256] = {0};
    SendDlgItemMessageW(dialog, control, WM_GETTEXT, 256, (LPARAM)text);
    return wcscmp(text, wanted) == 0;
}

static bool row_reads(HWND dialog, unsigned row, const WCHAR *wanted)
{
    WCHAR text[2 * WINDOW_TEXT_MAX] = {0};
    SendDlgItemMessageW(dialog, WINDOW_LIST, LB_GETTEXT, row, (LPARAM)text);
    return wcscmp(text, wanted) == 0;
}

static LRESULT marked(HWND dialog)
{
    return SendDlgItemMessageW(dialog, WINDOW_LIST, LB_GETCURSEL, 0, 0);
}

static void mark(HWND dialog, unsigned row)
{
    SendDlgItemMessageW(dialog, WINDOW_LIST, LB_SETCURSEL, row, 0);
    SendMessageW(dialog, WM_COMMAND, MAKEWPARAM(WINDOW_LIST, LBN_SELCHANGE),
                 (LPARAM)GetDlgItem(dialog, WINDOW_LIST));
}

static bool may_press_ok(HWND dialog)
{
    return IsWindowEnabled(GetDlgItem(dialog, IDOK)) != 0;
}

static void press(HWND dialog, int button)
{
    CHECK(PostMessageW(dialog, WM_COMMAND, MAKEWPARAM(button, BN_CLICKED), 0));
}

/* --- What it does there ------------------------------------------------------------- */

/* Runs the dialog while `person` uses it. */
static LONG ask(OPENCARDNAME_EX *open, void *(*person)(void *))
{
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, person, NULL), 0);
    LONG status = SCardUIDlgSelectCard(open);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    return status;
}

static OPENCARDNAME_EX titled(DWORD flags)
{
    OPENCARDNAME_EX open = request(flags);
    open.lpstrTitle = TEXT("Which card?");
    open.lpstrSearchDesc = TEXT("Take & put in\t the grey one");
    return open;
}

static void *take_second(void *argument)
{
    HWND dialog = find_dialog(title);
    CHECK(reads(dialog, WINDOW_DESCRIPTION, L"Take & put in? the grey one"));
    CHECK_EQ(SendDlgItemMessageW(dialog, WINDOW_LIST, LB_GETCOUNT, 0, 0), 3);
    CHECK(reads(dialog, WINDOW_ADVICE, L"Choose the reader with the card."));
    CHECK(row_reads(dialog, 0, L"Alpha: card (WinSCard Software Card)")
          || row_reads(dialog, 0, L"Alpha: card"));
    CHECK(row_reads(dialog, 2, L"Empty: no card"));
    CHECK_EQ(marked(dialog), 0); /* the first that may be taken */
    CHECK(may_press_ok(dialog));
    mark(dialog, 2);
    CHECK(!may_press_ok(dialog));
    SendMessageW(dialog, WM_COMMAND, MAKEWPARAM(IDOK, BN_CLICKED), 0); /* in vain */
    mark(dialog, 1);
    CHECK(may_press_ok(dialog));
    press(dialog, IDOK);
    return argument;
}

static void test_choice(void)
{
    OPENCARDNAME_EX open = titled(0);
    open.dwShareMode = SCARD_SHARE_SHARED;
    open.dwPreferredProtocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    CHECK_EQ(ask(&open, take_second), SCARD_S_SUCCESS);
    CHECK(same(reader, TEXT("Second")));
    CHECK_EQ(open.dwActiveProtocol, SCARD_PROTOCOL_T1);
    CHECK_EQ(SCardDisconnect(open.hCardHandle, SCARD_LEAVE_CARD), 0);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_S_SUCCESS);
}

static void *press_cancel(void *argument)
{
    press(find_dialog(title), IDCANCEL);
    return argument;
}

static void *close_it(void *argument)
{
    CHECK(PostMessageW(find_dialog(L"Select a smart card"), WM_CLOSE, 0, 0));
    return argument;
}

static void test_cancel(void)
{
    OPENCARDNAME_EX open = titled(SC_DLG_FORCE_UI);
    open.hwndOwner = (HWND)(LONG_PTR)0x123456; /* no window: as none */
    CHECK_EQ(ask(&open, press_cancel), SCARD_W_CANCELLED_BY_USER);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_W_CANCELLED_BY_USER);
    CHECK_EQ(open.hCardHandle, 0);
    open.lpstrTitle = NULL;
    open.lpstrSearchDesc = NULL;
    CHECK_EQ(ask(&open, close_it), SCARD_W_CANCELLED_BY_USER);
}

/* Cards go and come while it is open; the mark stays with its reader. */
static void *pull_and_put_in(void *argument)
{
    HWND dialog = find_dialog(title);
    mark(dialog, 1);
    control(TEXT("Alpha"), SOFT_EJECT, 0, 0);
    WAIT_UNTIL(row_reads(dialog, 0, L"Alpha: no card"));
    CHECK_EQ(marked(dialog), 1);
    CHECK(may_press_ok(dialog));
    control(TEXT("Second"), SOFT_EJECT, 0, 0);
    WAIT_UNTIL(reads(dialog, WINDOW_ADVICE, L"Insert the card."));
    CHECK_EQ(marked(dialog), 1);
    CHECK(!may_press_ok(dialog));
    control(TEXT("Alpha"), SOFT_SWALLOW, 0, 0);
    return argument;
}

static void *go_on_and_press_ok(void *argument)
{
    pull_and_put_in(argument);
    HWND dialog = find_dialog(title);
    WAIT_UNTIL(reads(dialog, WINDOW_ADVICE, L"Choose the reader with the card."));
    mark(dialog, 0);
    press(dialog, IDOK);
    return argument;
}

static void test_changes(void)
{
    OPENCARDNAME_EX open = titled(SC_DLG_MINIMAL_UI);
    /* The card that comes is the answer, */
    CHECK_EQ(ask(&open, pull_and_put_in), SCARD_S_SUCCESS);
    CHECK(same(reader, ALPHA));
    control(TEXT("Second"), SOFT_SWALLOW, 0, 0);
    /* unless the user's own is asked for. */
    open = titled(SC_DLG_FORCE_UI);
    CHECK_EQ(ask(&open, go_on_and_press_ok), SCARD_S_SUCCESS);
    CHECK(same(reader, ALPHA));
    control(TEXT("Second"), SOFT_SWALLOW, 0, 0);
}

/* Nobody is asked where the search is the answer, or that is wanted. */
static void test_unasked(void)
{
    OPENCARDNAME_EX open = titled(SC_DLG_NO_UI);
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK(same(reader, ALPHA));
    control(ALPHA, SOFT_EJECT, 0, 0);
    open = titled(SC_DLG_MINIMAL_UI);
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_S_SUCCESS);
    CHECK(same(reader, TEXT("Second")));
    control(ALPHA, SOFT_SWALLOW, 0, 0);
}

/* The older call asks in the same window. */
static void test_old_form(void)
{
    pthread_t thread;
    OPENCARDNAME old = {.dwStructSize = sizeof(old),
                        .hSCardContext = context,
                        .lpstrTitle = (LPTSTR)(uintptr_t)TEXT("Which card?"),
                        .dwFlags = SC_DLG_FORCE_UI,
                        .lpstrRdr = reader,
                        .nMaxRdr = NAME_MAX_UNITS};
    CHECK_EQ(pthread_create(&thread, NULL, press_cancel, NULL), 0);
    CHECK_EQ(GetOpenCardName(&old), SCARD_W_CANCELLED_BY_USER);
    CHECK_EQ(pthread_join(thread, NULL), 0);
}

/* Another thread has its own reason. */
static void *ask_for_reason(void *argument)
{
    CHECK_EQ(SCardDlgExtendedError(), 0);
    CHECK_EQ(SCardUIDlgSelectCard(NULL), SCARD_E_INVALID_PARAMETER);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_E_INVALID_PARAMETER);
    return argument;
}

static void test_reasons(void)
{
    pthread_t thread;
    OPENCARDNAME_EX open = titled(0);
    open.dwStructSize = 1;
    CHECK_EQ(SCardUIDlgSelectCard(&open), SCARD_E_INVALID_VALUE);
    CHECK_EQ(pthread_create(&thread, NULL, ask_for_reason, NULL), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK_EQ(SCardDlgExtendedError(), SCARD_E_INVALID_VALUE);
}

int main(void)
{
    setenv("WINSCARD_READERS", READERS, 1);
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
    test_reasons();
    test_unasked();
    test_choice();
    test_cancel();
    test_changes();
    test_old_form();
    CHECK_EQ(SCardReleaseContext(context), 0);
    return check_result();
}
