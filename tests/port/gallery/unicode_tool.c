/* SPDX-License-Identifier: BSD-2-Clause */
/* A console tool that is UNICODE throughout: _tmain, commands, names of readers that are not
 * ASCII, conversions. What is not ASCII is shown as code units, as consoles differ. */
#ifndef UNICODE
#define UNICODE
#endif
#ifndef _UNICODE
#define _UNICODE
#endif
#include <tchar.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <winscard.h>

#define MAX_NAME 128

typedef int (*COMMAND)(SCARDCONTEXT hContext, LPCTSTR pszArgument);

static void PrintUnits(LPCTSTR pszWhat, LPCTSTR pszText)
{
    size_t i, cch = _tcslen(pszText);

    _tprintf(_T("%s, %d:"), pszWhat, (int)cch);
    for (i = 0; i < cch; i++)
        if (pszText[i] > 0x20 && pszText[i] < 0x7f)
            _tprintf(_T(" %c"), pszText[i]);
        else
            _tprintf(_T(" <%04X>"), pszText[i]);
    _tprintf(_T("\n"));
}

static int List(SCARDCONTEXT hContext, LPCTSTR pszArgument)
{
    TCHAR mszReaders[512], *pszReader;
    DWORD cch = ARRAYSIZE(mszReaders);
    LONG lReturn = SCardListReaders(hContext, pszArgument, mszReaders, &cch);

    if (lReturn != SCARD_S_SUCCESS) {
        _ftprintf(stdout, _T("SCardListReaders: %#lx\n"), lReturn);
        return EXIT_FAILURE;
    }
    for (pszReader = mszReaders; *pszReader; pszReader += wcslen(pszReader) + 1)
        PrintUnits(_tcschr(pszReader, _T('W')) ? _T("reader") : _T("other"), pszReader);
    return EXIT_SUCCESS;
}

/* Gives the first reader another name, and uses it by that. */
static int Name(SCARDCONTEXT hContext, LPCTSTR pszArgument)
{
    TCHAR szReader[MAX_NAME], szDevice[MAX_NAME], szTitle[2 * MAX_NAME];
    DWORD cch = MAX_NAME, cb = sizeof(szDevice), dwProtocol;
    SCARDHANDLE hCard;
    LONG lReturn;

    lReturn = SCardListReaders(hContext, NULL, szReader, &cch);
    if (lReturn == SCARD_S_SUCCESS)
        lReturn = SCardConnect(hContext, szReader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx,
                               &hCard, &dwProtocol);
    if (lReturn != SCARD_S_SUCCESS)
        return EXIT_FAILURE;
    lReturn = SCardGetAttrib(hCard, SCARD_ATTR_DEVICE_SYSTEM_NAME, (LPBYTE)szDevice, &cb);
    SCardDisconnect(hCard, SCARD_LEAVE_CARD);
    if (lReturn == SCARD_S_SUCCESS)
        lReturn = SCardIntroduceReader(hContext, pszArgument, szDevice);
    _tprintf(_T("introduced: %08lX\n"), lReturn);
    List(hContext, NULL);
    lReturn = SCardConnect(hContext, pszArgument, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx,
                           &hCard, &dwProtocol);
    _tprintf(_T("connected: %08lX\n"), lReturn);
    if (lReturn == SCARD_S_SUCCESS) {
        cch = MAX_NAME;
        lReturn = SCardStatus(hCard, szReader, &cch, NULL, NULL, NULL, NULL);
        _tprintf(_T("status: %08lX, the same name: %s\n"), lReturn,
                 _tcscmp(szReader, pszArgument) == 0 ? _T("yes") : _T("no"));
        SCardDisconnect(hCard, SCARD_LEAVE_CARD);
    }
    _tcscpy(szTitle, _T(""));
    _tcscat(szTitle, szReader);
    PrintUnits(_T("title"), szTitle);
    lReturn = SCardForgetReader(hContext, pszArgument);
    _tprintf(_T("forgotten: %08lX\n"), lReturn);
    return EXIT_SUCCESS;
}

/* To UTF-8 and back. */
static int Convert(SCARDCONTEXT hContext, LPCTSTR pszArgument)
{
    char szUtf8[256];
    WCHAR wszBack[256];
    int cb, cch, i;

    (void)hContext;
    cb = WideCharToMultiByte(CP_UTF8, 0, pszArgument, -1, NULL, 0, NULL, NULL);
    cch = WideCharToMultiByte(CP_UTF8, 0, pszArgument, -1, szUtf8, sizeof(szUtf8), NULL,
                              NULL);
    _tprintf(_T("UTF-8, %d, %s:"), cb, cb == cch ? _T("as told") : _T("not as told"));
    for (i = 0; i + 1 < cch; i++)
        _tprintf(_T(" %02X"), (BYTE)szUtf8[i]);
    _tprintf(_T("\n"));
    cch = MultiByteToWideChar(CP_UTF8, 0, szUtf8, -1, wszBack, ARRAYSIZE(wszBack));
    _tprintf(_T("back, %d: %s\n"), cch,
             wcscmp(wszBack, pszArgument) == 0 ? _T("the same") : _T("another"));
    cch = WideCharToMultiByte(CP_UTF8, 0, pszArgument, -1, szUtf8, 3, NULL, NULL);
    _tprintf(_T("too small: %d, %s\n"), cch,
             GetLastError() == ERROR_INSUFFICIENT_BUFFER ? _T("insufficient")
                                                         : _T("else"));
    return EXIT_SUCCESS;
}

static const struct {
    LPCTSTR pszName;
    COMMAND pfn;
} c_rgCommands[] = {
    {_T("/list"), List},
    {_T("/name"), Name},
    {_T("/convert"), Convert},
};

static void Numbers(void)
{
    TCHAR szText[64], *pszEnd;
    size_t i;

    for (i = 0; i < ARRAYSIZE(c_rgCommands); i++)
        _tprintf(_T("[%-9s][%9.4s][%3lu]\n"), c_rgCommands[i].pszName,
                 c_rgCommands[i].pszName + 1, (ULONG)i);
    _sntprintf(szText, ARRAYSIZE(szText), _T("%d|%5u|%-5d|%05ld|%x"), -1, 2u, 3, -4L,
               0xABCu);
    _tprintf(_T("%s\n"), szText);
    _tprintf(_T("%ld "), _tcstol(_T("-12kg"), &pszEnd, 10));
    _tprintf(_T("%s %lX\n"), pszEnd, _tcstoul(_T("ffffffff"), NULL, 16));
    _tprintf(_T("%d %d %d\n"), _tcsicmp(_T("Card"), _T("cARD")),
             _tcsncmp(_T("reader 1"), _T("reader 2"), 7),
             _tcsstr(szText, _T("none")) != NULL);
    _tprintf(_T("wide %ls, narrow %hs\n"), _T("text"), "text");
}

int _tmain(int argc, TCHAR *argv[])
{
    SCARDCONTEXT hContext;
    int i, nReturn = EXIT_SUCCESS;
    size_t n;

    if (SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &hContext) != SCARD_S_SUCCESS)
        return EXIT_FAILURE;
    for (i = 1; i < argc; i++) {
        PrintUnits(_T("argument"), argv[i]);
        for (n = 0; n < ARRAYSIZE(c_rgCommands); n++)
            if (_tcscmp(argv[i], c_rgCommands[n].pszName) == 0)
                break;
        if (n < ARRAYSIZE(c_rgCommands))
            nReturn |= c_rgCommands[n].pfn(hContext, n == 0 ? NULL : argv[++i]);
    }
    Numbers();
    SCardReleaseContext(hContext);
    return nReturn;
}
