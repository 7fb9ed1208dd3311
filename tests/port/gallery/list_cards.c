/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists readers, the types of cards that are known and the cards that are there, and reads a
 * file of each: the flow of Microsoft's samples, for A and for UNICODE. */
#include <tchar.h>
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

#include <winscard.h>

#pragma comment(lib, "winscard.lib")

#define MAX_READERS 8

static const BYTE c_rgbSelectApp[] = {0x00, 0xA4, 0x04, 0x0C, 0x05,
                                      0xF0, 0x53, 0x4F, 0x46, 0x54};
static const BYTE c_rgbReadText[] = {0x00, 0xB0, 0x81, 0x00, 0x18};

/* Whether the system has words for a code; they are in the user's language, so they are not
 * shown. */
static BOOL HasErrorText(DWORD dwCode)
{
    LPTSTR szText = NULL;
    DWORD cchText;
    BOOL fText;

    cchText = FormatMessage(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM
                                | FORMAT_MESSAGE_IGNORE_INSERTS,
                            NULL, dwCode, MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT),
                            (LPTSTR)&szText, 0, NULL);
    fText = cchText != 0 && szText != NULL && (DWORD)lstrlen(szText) == cchText;
    if (szText != NULL)
        LocalFree(szText);
    return fText;
}

static void PrintFailure(LPCTSTR szCall, LONG lReturn)
{
    _tprintf(_T("%s failed: 0x%08lX\n"), szCall, lReturn);
}

static void PrintHex(LPCTSTR szWhat, LPCBYTE pbData, DWORD cbData)
{
    DWORD i;

    _tprintf(_T("  %-8s"), szWhat);
    for (i = 0; i < cbData; i++)
        _tprintf(_T(" %02X"), pbData[i]);
    _tprintf(_T("\n"));
}

static void PrintMultiString(LPCTSTR szWhat, LPCTSTR mszList)
{
    DWORD dwCount = 0;

    while (*mszList != _T('\0')) {
        _tprintf(_T("%s %lu: %s\n"), szWhat, ++dwCount, mszList);
        mszList += lstrlen(mszList) + 1;
    }
    _tprintf(_T("%lu in all\n"), dwCount);
}

static LONG ListCardTypes(SCARDCONTEXT hContext)
{
    LPTSTR pmszCards = NULL;
    DWORD cch = SCARD_AUTOALLOCATE;
    LONG lReturn;

    lReturn = SCardListCards(hContext, NULL, NULL, 0, (LPTSTR)&pmszCards, &cch);
    if (SCARD_S_SUCCESS != lReturn) {
        PrintFailure(_T("SCardListCards"), lReturn);
        return lReturn;
    }
    PrintMultiString(_T("Type of card"), pmszCards);
    return SCardFreeMemory(hContext, pmszCards);
}

static LONG ReadCard(SCARDHANDLE hCard, DWORD dwProtocol)
{
    LPCSCARD_IO_REQUEST pioSend;
    BYTE rgbAnswer[256 + 2];
    DWORD cbAnswer = sizeof(rgbAnswer);
    DWORD i;
    LONG lReturn;

    switch (dwProtocol) {
    case SCARD_PROTOCOL_T0:
        pioSend = SCARD_PCI_T0;
        break;
    case SCARD_PROTOCOL_T1:
        pioSend = SCARD_PCI_T1;
        break;
    default:
        pioSend = SCARD_PCI_RAW;
        break;
    }
    lReturn = SCardTransmit(hCard, pioSend, c_rgbSelectApp, sizeof(c_rgbSelectApp), NULL,
                            rgbAnswer, &cbAnswer);
    if (lReturn != SCARD_S_SUCCESS)
        return lReturn;
    PrintHex(_T("select:"), rgbAnswer, cbAnswer);
    cbAnswer = sizeof(rgbAnswer);
    lReturn = SCardTransmit(hCard, pioSend, c_rgbReadText, sizeof(c_rgbReadText), NULL,
                            rgbAnswer, &cbAnswer);
    if (lReturn != SCARD_S_SUCCESS)
        return lReturn;
    PrintHex(_T("read:"), rgbAnswer, cbAnswer);
    _tprintf(_T("  text:    "));
    for (i = 0; i + 2 < cbAnswer; i++)
        _puttchar((TCHAR)rgbAnswer[i]);
    _puttchar(_T('\n'));
    return SCARD_S_SUCCESS;
}

static LONG ShowStatus(SCARDCONTEXT hContext, SCARDHANDLE hCard)
{
    LPTSTR pmszNames = NULL;
    LPBYTE pbAttr = NULL;
    DWORD cchNames = SCARD_AUTOALLOCATE;
    DWORD cbAttr = SCARD_AUTOALLOCATE;
    DWORD dwState, dwProtocol;
    LONG lReturn;

    lReturn = SCardStatus(hCard, (LPTSTR)&pmszNames, &cchNames, &dwState, &dwProtocol,
                          (LPBYTE)&pbAttr, &cbAttr);
    if (lReturn != SCARD_S_SUCCESS)
        return lReturn;
    _tprintf(_T("  names:   %s (%lu characters with both ends)\n"), pmszNames, cchNames);
    _tprintf(_T("  state:   %lu, protocol %lu\n"), dwState, dwProtocol);
    PrintHex(_T("ATR:"), pbAttr, cbAttr);
    SCardFreeMemory(hContext, pmszNames);
    SCardFreeMemory(hContext, pbAttr);
    return SCARD_S_SUCCESS;
}

static void UseReader(SCARDCONTEXT hContext, LPCTSTR szReader)
{
    SCARDHANDLE hCard;
    DWORD dwAP;
    LONG lReturn;

    _tprintf(_T("Connecting to %s\n"), szReader);
    lReturn = SCardConnect(hContext, szReader, SCARD_SHARE_SHARED,
                           SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &hCard, &dwAP);
    if (SCARD_S_SUCCESS != lReturn) {
        PrintFailure(_T("SCardConnect"), lReturn);
        return;
    }
    lReturn = ShowStatus(hContext, hCard);
    if (lReturn != SCARD_S_SUCCESS)
        PrintFailure(_T("SCardStatus"), lReturn);
    lReturn = ReadCard(hCard, dwAP);
    if (lReturn != SCARD_S_SUCCESS)
        PrintFailure(_T("SCardTransmit"), lReturn);
    lReturn = SCardDisconnect(hCard, SCARD_LEAVE_CARD);
    if (SCARD_S_SUCCESS != lReturn)
        PrintFailure(_T("SCardDisconnect"), lReturn);
}

static void ShowStates(SCARDCONTEXT hContext, LPCTSTR mszReaders)
{
    SCARD_READERSTATE rgState[MAX_READERS];
    LPCTSTR pReader = mszReaders;
    DWORD cReaders = 0, i;
    LONG lReturn;

    ZeroMemory(rgState, sizeof(rgState));
    while (*pReader != 0 && cReaders < ARRAYSIZE(rgState)) {
        rgState[cReaders].szReader = pReader;
        rgState[cReaders].dwCurrentState = SCARD_STATE_UNAWARE;
        cReaders++;
        pReader += lstrlen(pReader) + 1;
    }
    lReturn = SCardGetStatusChange(hContext, INFINITE, rgState, cReaders);
    if (lReturn != SCARD_S_SUCCESS) {
        PrintFailure(_T("SCardGetStatusChange"), lReturn);
        return;
    }
    for (i = 0; i < cReaders; i++) {
        _tprintf(_T("%s:%s%s%s\n"), rgState[i].szReader,
                 rgState[i].dwEventState & SCARD_STATE_CHANGED ? _T(" changed") : _T(""),
                 rgState[i].dwEventState & SCARD_STATE_PRESENT ? _T(" present") : _T(""),
                 rgState[i].dwEventState & SCARD_STATE_EMPTY ? _T(" empty") : _T(""));
        PrintHex(_T("ATR:"), rgState[i].rgbAtr, rgState[i].cbAtr);
        rgState[i].dwCurrentState = rgState[i].dwEventState;
    }
    lReturn = SCardGetStatusChange(hContext, 20, rgState, cReaders);
    _tprintf(_T("nothing new: %s\n"), lReturn == SCARD_E_TIMEOUT ? _T("yes") : _T("no"));
}

int __cdecl _tmain(int argc, _TCHAR *argv[])
{
    SCARDCONTEXT hSC;
    LPTSTR pmszReaders = NULL, pReader;
    DWORD cch = SCARD_AUTOALLOCATE;
    SCARDHANDLE hCard;
    DWORD dwAP;
    LONG lReturn;

    UNREFERENCED_PARAMETER(argv);
    _tprintf(_T("%d argument(s)\n"), argc - 1);
    lReturn = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &hSC);
    if (SCARD_S_SUCCESS != lReturn) {
        PrintFailure(_T("SCardEstablishContext"), lReturn);
        return EXIT_FAILURE;
    }
    ListCardTypes(hSC);
    lReturn = SCardListReaders(hSC, NULL, (LPTSTR)&pmszReaders, &cch);
    switch (lReturn) {
    case SCARD_E_NO_READERS_AVAILABLE:
        _tprintf(_T("There is no reader.\n"));
        break;
    case SCARD_S_SUCCESS:
        PrintMultiString(_T("Reader"), pmszReaders);
        ShowStates(hSC, pmszReaders);
        for (pReader = pmszReaders; *pReader != 0; pReader += lstrlen(pReader) + 1)
            UseReader(hSC, pReader);
        SCardFreeMemory(hSC, pmszReaders);
        break;
    default:
        PrintFailure(_T("SCardListReaders"), lReturn);
        break;
    }
    lReturn = SCardConnect(hSC, TEXT("No such reader"), SCARD_SHARE_SHARED,
                           SCARD_PROTOCOL_Tx, &hCard, &dwAP);
    PrintFailure(_T("SCardConnect"), lReturn);
    _tprintf(_T("a text for ERROR_FILE_NOT_FOUND: %s\n"),
             HasErrorText(ERROR_FILE_NOT_FOUND) ? _T("yes") : _T("no"));
    SCardReleaseContext(hSC);
    return EXIT_SUCCESS;
}
