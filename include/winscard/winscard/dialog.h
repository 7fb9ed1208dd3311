/* SPDX-License-Identifier: BSD-2-Clause */
/* The card selection dialogs of scarddlg.dll (Windows ABI only; MS-Docs
 * SCardUIDlgSelectCard, GetOpenCardName). libscarddlg.so.1 exports these calls, not
 * libwinscard. */
#ifndef WINSCARD_DIALOG_H
#define WINSCARD_DIALOG_H

#include "arguments.h"

#ifdef WINSCARD_ABI_WINDOWS

/* dwFlags: show the dialog only if the search does not find exactly one card (MINIMAL, or
 * 0), never (NO: the first card that fits is taken), or always (FORCE). */
#define SC_DLG_MINIMAL_UI 0x01
#define SC_DLG_NO_UI      0x02
#define SC_DLG_FORCE_UI   0x04

/* SCardDlgExtendedError: the caller gave no card names (never given here: that means any
 * card), or a number of interfaces without them. */
#define SCERR_NOCARDNAME 0x4000
#define SCERR_NOGUIDS    0x8000

/* The caller's own steps in place of the dialog's: connect (reader and card name are
 * given) returns a card handle or 0, check says TRUE if the card is the one wanted,
 * disconnect ends a connection. The last argument is the caller's pvUserData. */
typedef SCARDHANDLE(WINAPI *LPOCNCONNPROCA)(SCARDCONTEXT, LPSTR, LPSTR, PVOID);
typedef SCARDHANDLE(WINAPI *LPOCNCONNPROCW)(SCARDCONTEXT, LPWSTR, LPWSTR, PVOID);
typedef BOOL(WINAPI *LPOCNCHKPROC)(SCARDCONTEXT, SCARDHANDLE, PVOID);
typedef void(WINAPI *LPOCNDSCPROC)(SCARDCONTEXT, SCARDHANDLE, PVOID);
#define LPOCNCONNPROC WINSCARD_NAME_AW(LPOCNCONNPROC)

/* Which cards are wanted. dwStructSize: bytes of the structure. Names are multi-strings
 * of at most 65536 characters; their nMax is characters with all terminators, or 0. All
 * of it is the caller's.
 *
 * For lpfnCheck a card is connected, by lpfnConnect or by SCardConnect with dwShareMode
 * and dwPreferredProtocols, and disconnected again, by lpfnDisconnect or with
 * SCARD_LEAVE_CARD; without lpfnCheck these are not looked at. */
typedef struct {
    DWORD dwStructSize;
    LPSTR lpstrGroupNames; /* reader groups, or NULL: SCard$DefaultReaders */
    DWORD nMaxGroupNames;
    LPCGUID rgguidInterfaces; /* interfaces the card must have, or NULL */
    DWORD cguidInterfaces;
    LPSTR lpstrCardNames; /* card types, or NULL: any card */
    DWORD nMaxCardNames;
    LPOCNCHKPROC lpfnCheck; /* NULL, or the caller's check */
    LPOCNCONNPROCA lpfnConnect;
    LPOCNDSCPROC lpfnDisconnect;
    LPVOID pvUserData;
    DWORD dwShareMode;
    DWORD dwPreferredProtocols;
} OPENCARD_SEARCH_CRITERIAA, *POPENCARD_SEARCH_CRITERIAA, *LPOPENCARD_SEARCH_CRITERIAA;

typedef struct {
    DWORD dwStructSize;
    LPWSTR lpstrGroupNames;
    DWORD nMaxGroupNames;
    LPCGUID rgguidInterfaces;
    DWORD cguidInterfaces;
    LPWSTR lpstrCardNames;
    DWORD nMaxCardNames;
    LPOCNCHKPROC lpfnCheck;
    LPOCNCONNPROCW lpfnConnect;
    LPOCNDSCPROC lpfnDisconnect;
    LPVOID pvUserData;
    DWORD dwShareMode;
    DWORD dwPreferredProtocols;
} OPENCARD_SEARCH_CRITERIAW, *POPENCARD_SEARCH_CRITERIAW, *LPOPENCARD_SEARCH_CRITERIAW;

/* SCardUIDlgSelectCard's argument. lpstrRdr and lpstrCard receive names (of a card that
 * no type is known for, an empty one), or are NULL. nMaxRdr and nMaxCard are their
 * lengths in characters, and receive what is needed where that is more or the buffer is
 * NULL. hCardHandle and dwActiveProtocol receive the connection if lpfnConnect (protocol
 * 0) or else dwShareMode asks for one, otherwise 0. pOpenCardSearchCriteria may be NULL:
 * any card. hwndOwner and hIcon serve where there are windows. */
typedef struct {
    DWORD dwStructSize;
    SCARDCONTEXT hSCardContext;
    HWND hwndOwner;
    DWORD dwFlags; /* SC_DLG_* */
    LPCSTR lpstrTitle;
    LPCSTR lpstrSearchDesc;
    HICON hIcon;
    POPENCARD_SEARCH_CRITERIAA pOpenCardSearchCriteria;
    LPOCNCONNPROCA lpfnConnect;
    LPVOID pvUserData;
    DWORD dwShareMode;
    DWORD dwPreferredProtocols;
    LPSTR lpstrRdr;
    DWORD nMaxRdr;
    LPSTR lpstrCard;
    DWORD nMaxCard;
    DWORD dwActiveProtocol;
    SCARDHANDLE hCardHandle;
} OPENCARDNAME_EXA, *POPENCARDNAME_EXA, *LPOPENCARDNAME_EXA;

typedef struct {
    DWORD dwStructSize;
    SCARDCONTEXT hSCardContext;
    HWND hwndOwner;
    DWORD dwFlags;
    LPCWSTR lpstrTitle;
    LPCWSTR lpstrSearchDesc;
    HICON hIcon;
    POPENCARD_SEARCH_CRITERIAW pOpenCardSearchCriteria;
    LPOCNCONNPROCW lpfnConnect;
    LPVOID pvUserData;
    DWORD dwShareMode;
    DWORD dwPreferredProtocols;
    LPWSTR lpstrRdr;
    DWORD nMaxRdr;
    LPWSTR lpstrCard;
    DWORD nMaxCard;
    DWORD dwActiveProtocol;
    SCARDHANDLE hCardHandle;
} OPENCARDNAME_EXW, *POPENCARDNAME_EXW, *LPOPENCARDNAME_EXW;

/* GetOpenCardName's argument: search and result in one, the older form. */
typedef struct {
    DWORD dwStructSize;
    HWND hwndOwner;
    SCARDCONTEXT hSCardContext;
    LPSTR lpstrGroupNames;
    DWORD nMaxGroupNames;
    LPSTR lpstrCardNames;
    DWORD nMaxCardNames;
    LPCGUID rgguidInterfaces;
    DWORD cguidInterfaces;
    LPSTR lpstrRdr;
    DWORD nMaxRdr;
    LPSTR lpstrCard;
    DWORD nMaxCard;
    LPCSTR lpstrTitle;
    DWORD dwFlags;
    LPVOID pvUserData;
    DWORD dwShareMode;
    DWORD dwPreferredProtocols;
    DWORD dwActiveProtocol;
    LPOCNCONNPROCA lpfnConnect;
    LPOCNCHKPROC lpfnCheck;
    LPOCNDSCPROC lpfnDisconnect;
    SCARDHANDLE hCardHandle;
} OPENCARDNAMEA, *POPENCARDNAMEA, *LPOPENCARDNAMEA;

typedef struct {
    DWORD dwStructSize;
    HWND hwndOwner;
    SCARDCONTEXT hSCardContext;
    LPWSTR lpstrGroupNames;
    DWORD nMaxGroupNames;
    LPWSTR lpstrCardNames;
    DWORD nMaxCardNames;
    LPCGUID rgguidInterfaces;
    DWORD cguidInterfaces;
    LPWSTR lpstrRdr;
    DWORD nMaxRdr;
    LPWSTR lpstrCard;
    DWORD nMaxCard;
    LPCWSTR lpstrTitle;
    DWORD dwFlags;
    LPVOID pvUserData;
    DWORD dwShareMode;
    DWORD dwPreferredProtocols;
    DWORD dwActiveProtocol;
    LPOCNCONNPROCW lpfnConnect;
    LPOCNCHKPROC lpfnCheck;
    LPOCNDSCPROC lpfnDisconnect;
    SCARDHANDLE hCardHandle;
} OPENCARDNAMEW, *POPENCARDNAMEW, *LPOPENCARDNAMEW;

typedef WINSCARD_NAME_AW(OPENCARD_SEARCH_CRITERIA) OPENCARD_SEARCH_CRITERIA;
typedef WINSCARD_NAME_AW(POPENCARD_SEARCH_CRITERIA) POPENCARD_SEARCH_CRITERIA;
typedef WINSCARD_NAME_AW(LPOPENCARD_SEARCH_CRITERIA) LPOPENCARD_SEARCH_CRITERIA;
typedef WINSCARD_NAME_AW(OPENCARDNAME_EX) OPENCARDNAME_EX;
typedef WINSCARD_NAME_AW(POPENCARDNAME_EX) POPENCARDNAME_EX;
typedef WINSCARD_NAME_AW(LPOPENCARDNAME_EX) LPOPENCARDNAME_EX;
typedef WINSCARD_NAME_AW(OPENCARDNAME) OPENCARDNAME;
typedef WINSCARD_NAME_AW(POPENCARDNAME) POPENCARDNAME;
typedef WINSCARD_NAME_AW(LPOPENCARDNAME) LPOPENCARDNAME;

/* The older names. */
#define OPENCARDNAMEA_EX   OPENCARDNAME_EXA
#define OPENCARDNAMEW_EX   OPENCARDNAME_EXW
#define POPENCARDNAMEA_EX  POPENCARDNAME_EXA
#define POPENCARDNAMEW_EX  POPENCARDNAME_EXW
#define LPOPENCARDNAMEA_EX LPOPENCARDNAME_EXA
#define LPOPENCARDNAMEW_EX LPOPENCARDNAME_EXW
#define OPENCARDNAME_A     OPENCARDNAMEA
#define OPENCARDNAME_W     OPENCARDNAMEW
#define POPENCARDNAME_A    POPENCARDNAMEA
#define POPENCARDNAME_W    POPENCARDNAMEW
#define LPOPENCARDNAME_A   LPOPENCARDNAMEA
#define LPOPENCARDNAME_W   LPOPENCARDNAMEW

#ifdef __cplusplus
extern "C" {
#endif

/* Lets the user choose a card, or finds it without asking, and connects if asked to.
 *
 * The user is asked at the terminal: standard input and error, or /dev/tty; on Windows in
 * a window of hwndOwner's, with hIcon and lpstrTitle, where lpstrSearchDesc stands above
 * the readers. Where there is neither, as in a service, nobody can be asked, which is as
 * if no card had been found: for a program that is all it can know. SCardDlgExtendedError
 * tells the difference.
 *
 * - SCARD_W_CANCELLED_BY_USER: q, or Ctrl-D; Cancel.
 * - SCARD_E_NO_SMARTCARD: no card fits, or others have it, so that it cannot be connected
 *   as is asked for, and the user is not to be asked; or the user is to be, and there is
 *   no terminal, or screen (extended error SCARD_E_UNSUPPORTED_FEATURE if cards fit).
 * - SCARD_E_NO_READERS_AVAILABLE: none in these groups.
 * - SCARD_E_INVALID_VALUE: a dwStructSize that is wrong, flags that exclude each other or
 *   are unknown, interfaces that are NULL (extended error SCERR_NOGUIDS), a check without
 *   a way to connect, a list without end, SCARD_AUTOALLOCATE for a buffer's length.
 * - SCARD_E_NO_MEMORY: nMaxRdr or nMaxCard is too small and now says what is needed, as
 *   Microsoft's pages of OPENCARDNAME and OPENCARDNAME_EX have it; nothing was connected.
 * - SCARD_E_CARD_UNSUPPORTED: lpfnConnect gave no handle.
 * - SCARD_E_INVALID_PARAMETER: lpOpenCard is NULL.
 * - INVALID_HANDLE.
 * - SCARD_E_PROTO_MISMATCH: no protocol in common. What else SCardConnect says comes if
 *   others take the card, or it goes, after it was found.
 *
 * Source: MS-Docs SCardUIDlgSelectCard. */
WINSCARDAPI LONG WINAPI SCardUIDlgSelectCardA(LPOPENCARDNAMEA_EX lpOpenCard);
WINSCARDAPI LONG WINAPI SCardUIDlgSelectCardW(LPOPENCARDNAMEW_EX lpOpenCard);

/* The older form of the same.
 *
 * - The errors of SCardUIDlgSelectCard.
 *
 * Source: MS-Docs GetOpenCardName. */
WINSCARDAPI LONG WINAPI GetOpenCardNameA(LPOPENCARDNAMEA lpOpenCard);
WINSCARDAPI LONG WINAPI GetOpenCardNameW(LPOPENCARDNAMEW lpOpenCard);

/* Why the thread's last dialog gave what it gave, SCERR_* or a status code; 0: success.
 */
WINSCARDAPI LONG WINAPI SCardDlgExtendedError(void);

#ifdef __cplusplus
}
#endif

#define SCardUIDlgSelectCard WINSCARD_NAME_AW(SCardUIDlgSelectCard)
#define GetOpenCardName      WINSCARD_NAME_AW(GetOpenCardName)

#endif
#endif
