/* SPDX-License-Identifier: BSD-2-Clause */
/* The card selection dialogs of scarddlg.dll (Windows ABI only; MS-Docs
 * SCardUIDlgSelectCard, GetOpenCardName). libwinscard does not export these calls. */
#ifndef WINSCARD_DIALOG_H
#define WINSCARD_DIALOG_H

#include "manager.h"

#ifdef WINSCARD_ABI_WINDOWS

/* dwFlags: show the dialog only if the search does not find exactly one card (MINIMAL),
 * never (NO), or always (FORCE). */
#define SC_DLG_MINIMAL_UI 0x01
#define SC_DLG_NO_UI      0x02
#define SC_DLG_FORCE_UI   0x04

/* SCardDlgExtendedError: the caller gave no card names, or no interfaces. */
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

/* Which cards are wanted. dwStructSize: bytes of the structure. Names are multi-strings;
 * their nMax is characters with all terminators. All of it is the caller's. */
typedef struct {
    DWORD dwStructSize;
    LPSTR lpstrGroupNames; /* reader groups, or NULL */
    DWORD nMaxGroupNames;
    LPCGUID rgguidInterfaces; /* interfaces the card must have, or NULL */
    DWORD cguidInterfaces;
    LPSTR lpstrCardNames; /* card types, or NULL */
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

/* SCardUIDlgSelectCard's argument. lpstrRdr and lpstrCard receive names, nMaxRdr and
 * nMaxCard characters long; dwActiveProtocol and hCardHandle the connection, if
 * lpfnConnect or dwShareMode asks for one. */
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
 * - SCARD_W_CANCELLED_BY_USER.
 * - SCARD_E_NO_READERS_AVAILABLE.
 * - SCARD_E_INVALID_VALUE: a member of the structure makes no sense.
 * - SCARD_E_INVALID_PARAMETER, and what SCardConnect gives.
 *
 * Source: MS-Docs SCardUIDlgSelectCard. */
WINSCARDAPI LONG WINAPI SCardUIDlgSelectCardA(LPOPENCARDNAMEA_EX lpOpenCard);
WINSCARDAPI LONG WINAPI SCardUIDlgSelectCardW(LPOPENCARDNAMEW_EX lpOpenCard);

/* The older form of the same. Source: MS-Docs GetOpenCardName. */
WINSCARDAPI LONG WINAPI GetOpenCardNameA(LPOPENCARDNAMEA lpOpenCard);
WINSCARDAPI LONG WINAPI GetOpenCardNameW(LPOPENCARDNAMEW lpOpenCard);

/* The reason of the thread's last failed dialog, SCERR_* or a status code. */
WINSCARDAPI LONG WINAPI SCardDlgExtendedError(void);

#ifdef __cplusplus
}
#endif

#define SCardUIDlgSelectCard WINSCARD_NAME_AW(SCardUIDlgSelectCard)
#define GetOpenCardName      WINSCARD_NAME_AW(GetOpenCardName)

#endif
#endif
