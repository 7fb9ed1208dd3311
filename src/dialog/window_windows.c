/* SPDX-License-Identifier: BSD-2-Clause */
/* MS-Docs "DLGTEMPLATE", "DLGITEMTEMPLATE": the dialog is made in memory, for a DLL that
 * needs no resources. */
#include "dialog/window.h"

#include <windows.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOOK_MS = 200, /* a user does not notice a fifth of a second */
    TIMER = 1,
    ENDED_CHOSEN = 1, /* results of the dialog; 0 and -1 are the system's */
    ENDED_CANCELLED,
    ENDED_FAILED,
    TEMPLATE_WORDS = 512,
    CLASS_BUTTON = 0x80,
    CLASS_STATIC = 0x82,
    CLASS_LIST = 0x83
};

/* --- Text --------------------------------------------------------------------------- */

/* C0, DEL and C1, and Unicode's bidirectional controls. */
static bool steers(WCHAR unit)
{
    return unit < 0x20 || (unit >= 0x7F && unit <= 0x9F)
           || (unit >= 0x202A && unit <= 0x202E) || (unit >= 0x2066 && unit <= 0x2069);
}

void window_textW(const WCHAR *text, WCHAR shown[WINDOW_TEXT_MAX])
{
    size_t size = 0;
    for (; text[size] != 0; size++) {
        if (size == WINDOW_TEXT_MAX - 4) {
            memcpy(shown + size, L"...", sizeof(L"..."));
            return;
        }
        shown[size] = steers(text[size]) ? L'?' : text[size];
    }
    shown[size] = 0;
}

void window_textA(const char *text, WCHAR shown[WINDOW_TEXT_MAX])
{
    WCHAR wide[WINDOW_TEXT_MAX + 1];
    size_t size = 0;
    while (size < WINDOW_TEXT_MAX && text[size] != '\0')
        size++; /* as many units at most */
    int made = MultiByteToWideChar(CP_ACP, 0, text, (int)size, wide, WINDOW_TEXT_MAX);
    wide[made > 0 ? made : 0] = 0;
    window_textW(wide, shown);
}

/* --- What it is made of ------------------------------------------------------------- */

struct template
{
    _Alignas(DWORD) WORD words[TEMPLATE_WORDS];
    size_t used;
};

static void put_word(struct template *template, unsigned word)
{
    assert(template->used < TEMPLATE_WORDS);
    template->words[template->used++] = (WORD)word;
}

static void put_bytes(struct template *template, const void *bytes, size_t size)
{
    assert(size % sizeof(WORD) == 0
           && template->used + size / sizeof(WORD) <= TEMPLATE_WORDS);
    memcpy(template->words + template->used, bytes, size);
    template->used += size / sizeof(WORD);
}

/* Places and sizes are in dialog units. */
static void put_control(struct template *template, unsigned class, WORD id,
                        const DLGITEMTEMPLATE *place, const WCHAR *text)
{
    DLGITEMTEMPLATE item = *place;
    item.style |= WS_CHILD | WS_VISIBLE;
    item.id = id;
    template->used += template->used % 2; /* of double words */
    put_bytes(template, &item, sizeof(item));
    put_word(template, 0xFFFF);
    put_word(template, class);
    put_bytes(template, text, (wcslen(text) + 1) * sizeof(*text));
    put_word(template, 0); /* nothing for its making */
}

static void make_template(struct template *template)
{
    static const WCHAR font[] = L"MS Shell Dlg";
    static const DLGTEMPLATE dialog = {.style = WS_POPUP | WS_CAPTION | WS_SYSMENU
                                                | DS_MODALFRAME | DS_SETFONT | DS_CENTER,
                                       .cdit = 5,
                                       .cx = 260,
                                       .cy = 150};
    static const DLGITEMTEMPLATE
        description = {SS_LEFT | SS_NOPREFIX, 0, 7, 7, 246, 18, 0},
        list = {LBS_NOTIFY | LBS_NOINTEGRALHEIGHT | WS_VSCROLL | WS_BORDER | WS_TABSTOP,
                0,
                7,
                28,
                246,
                80,
                0},
        advice = {SS_LEFT | SS_NOPREFIX, 0, 7, 112, 246, 10, 0},
        ok = {BS_DEFPUSHBUTTON | WS_TABSTOP | WS_DISABLED, 0, 149, 129, 50, 14, 0},
        cancel = {BS_PUSHBUTTON | WS_TABSTOP, 0, 203, 129, 50, 14, 0};
    *template = (struct template){.used = 0};
    put_bytes(template, &dialog, sizeof(dialog));
    put_word(template, 0); /* no menu */
    put_word(template, 0); /* the usual class */
    put_word(template, 0); /* the title comes later */
    put_word(template, 8); /* points */
    put_bytes(template, font, sizeof(font));
    put_control(template, CLASS_STATIC, WINDOW_DESCRIPTION, &description, L"");
    put_control(template, CLASS_LIST, WINDOW_LIST, &list, L"");
    put_control(template, CLASS_STATIC, WINDOW_ADVICE, &advice, L"");
    put_control(template, CLASS_BUTTON, IDOK, &ok, L"OK");
    put_control(template, CLASS_BUTTON, IDCANCEL, &cancel, L"Cancel");
}

/* --- What it shows ------------------------------------------------------------------ */

/* The row that is marked, if it may be chosen. */
static bool find_choice(HWND dialog, const struct window *window, size_t *index)
{
    struct window_row row;
    LRESULT marked = SendDlgItemMessageW(dialog, WINDOW_LIST, LB_GETCURSEL, 0, 0);
    if (marked < 0 || (size_t)marked >= window->count(window->asker))
        return false;
    *index = (size_t)marked;
    window->row(window->asker, *index, &row);
    return row.fits;
}

static void allow_choice(HWND dialog, const struct window *window)
{
    size_t index;
    EnableWindow(GetDlgItem(dialog, IDOK), find_choice(dialog, window, &index));
}

/* The mark stays with the reader that had it, or goes to the first that may be chosen. Its
 * text stands before the colon in the list, where the old rows still are. */
static void fill_list(HWND dialog, const struct window *window)
{
    static const WCHAR end[] = L": ";
    HWND list = GetDlgItem(dialog, WINDOW_LIST);
    WCHAR before[2 * WINDOW_TEXT_MAX] = {0};
    LRESULT marked = SendMessageW(list, LB_GETCURSEL, 0, 0), first = -1, same = -1;
    size_t count = window->count(window->asker);
    if (marked >= 0)
        SendMessageW(list, LB_GETTEXT, (WPARAM)marked, (LPARAM)before);
    SendMessageW(list, WM_SETREDRAW, FALSE, 0);
    SendMessageW(list, LB_RESETCONTENT, 0, 0);
    for (size_t i = 0; i < count && i < WINDOW_ROWS_MAX; i++) {
        struct window_row row;
        window->row(window->asker, i, &row);
        size_t length = wcslen(row.reader);
        SendMessageW(list, LB_ADDSTRING, 0, (LPARAM)row.text);
        if (row.fits && first < 0)
            first = (LRESULT)i;
        if (marked >= 0 && wcsncmp(before, row.reader, length) == 0
            && wcsncmp(before + length, end, 2) == 0)
            same = (LRESULT)i;
    }
    SendMessageW(list, LB_SETCURSEL, (WPARAM)(same >= 0 ? same : first), 0);
    SendMessageW(list, WM_SETREDRAW, TRUE, 0);
    InvalidateRect(list, NULL, TRUE);
    SetDlgItemTextA(dialog, WINDOW_ADVICE, window->advice(window->asker));
    allow_choice(dialog, window);
}

/* --- What happens in it ------------------------------------------------------------- */

/* Looking may call the program's own routines, which may take messages themselves. */
static void look_again(HWND dialog, struct window *window)
{
    if (window->looking)
        return;
    window->looking = true;
    enum window_news news = window->look(window->asker, &window->chosen);
    window->looking = false;
    if (news == WINDOW_CHANGED)
        fill_list(dialog, window);
    else if (news == WINDOW_SETTLED)
        EndDialog(dialog, ENDED_CHOSEN);
    else if (news == WINDOW_FAILED)
        EndDialog(dialog, ENDED_FAILED);
}

static void open_dialog(HWND dialog, struct window *window)
{
    window->opened = true;
    SetWindowLongPtrW(dialog, DWLP_USER, (LONG_PTR)window);
    SetWindowTextW(dialog, window->title);
    SetDlgItemTextW(dialog, WINDOW_DESCRIPTION, window->description);
    if (window->icon != NULL) {
        SendMessageW(dialog, WM_SETICON, ICON_BIG, (LPARAM)window->icon);
        SendMessageW(dialog, WM_SETICON, ICON_SMALL, (LPARAM)window->icon);
    }
    fill_list(dialog, window);
    if (SetTimer(dialog, TIMER, LOOK_MS, NULL) == 0)
        EndDialog(dialog, ENDED_CANCELLED); /* it would never see a card */
}

static void take_command(HWND dialog, struct window *window, WORD id, WORD event)
{
    bool chosen = id == IDOK || (id == WINDOW_LIST && event == LBN_DBLCLK);
    if (id == IDCANCEL)
        EndDialog(dialog, ENDED_CANCELLED);
    else if (chosen && !window->looking && find_choice(dialog, window, &window->chosen))
        EndDialog(dialog, ENDED_CHOSEN);
    else if (id == WINDOW_LIST && event == LBN_SELCHANGE && !window->looking)
        allow_choice(dialog, window);
}

static INT_PTR CALLBACK run_dialog(HWND dialog, UINT message, WPARAM one, LPARAM two)
{
    struct window *window = (struct window *)GetWindowLongPtrW(dialog, DWLP_USER);
    switch (message) {
    case WM_INITDIALOG:
        open_dialog(dialog, (struct window *)two);
        return TRUE;
    case WM_TIMER:
        look_again(dialog, window);
        return TRUE;
    case WM_COMMAND:
        take_command(dialog, window, LOWORD(one), HIWORD(one));
        return TRUE;
    default:
        return FALSE;
    }
}

/* A service has a window station of its own, which nobody sees: it would ask for ever. */
static bool has_user(void)
{
    USEROBJECTFLAGS flags = {.dwFlags = 0};
    DWORD size;
    return GetUserObjectInformationW(GetProcessWindowStation(), UOI_FLAGS, &flags,
                                     sizeof(flags), &size)
           && (flags.dwFlags & WSF_VISIBLE) != 0;
}

LONG window_ask(struct window *window)
{
    struct template template;
    HWND owner = IsWindow(window->owner) ? window->owner : NULL;
    if (!has_user())
        return SCARD_E_UNSUPPORTED_FEATURE;
    make_template(&template);
    window->opened = window->looking = false;
    INT_PTR ended = DialogBoxIndirectParamW(GetModuleHandleW(NULL),
                                            (const DLGTEMPLATE *)template.words, owner,
                                            run_dialog, (LPARAM)window);
    if (ended == ENDED_CHOSEN)
        return SCARD_S_SUCCESS;
    if (ended == ENDED_FAILED)
        return SCARD_F_UNKNOWN_ERROR;
    return window->opened ? SCARD_W_CANCELLED_BY_USER : SCARD_E_UNSUPPORTED_FEATURE;
}
