/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads winscard.dll when it is needed, as programs do that also run where there is none: all
 * calls by GetProcAddress, and the objects for protocols, too. */
#include <windows.h>

#include <stdio.h>
#include <string.h>
#include <tchar.h>

#include <winscard.h>

typedef LONG(WINAPI *PFN_ESTABLISH)(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT);
typedef LONG(WINAPI *PFN_RELEASE)(SCARDCONTEXT);
typedef LONG(WINAPI *PFN_LIST_READERS)(SCARDCONTEXT, LPCTSTR, LPTSTR, LPDWORD);
typedef LONG(WINAPI *PFN_CONNECT)(SCARDCONTEXT, LPCTSTR, DWORD, DWORD, LPSCARDHANDLE,
                                  LPDWORD);
typedef LONG(WINAPI *PFN_DISCONNECT)(SCARDHANDLE, DWORD);
typedef LONG(WINAPI *PFN_TRANSMIT)(SCARDHANDLE, LPCSCARD_IO_REQUEST, LPCBYTE, DWORD,
                                   LPSCARD_IO_REQUEST, LPBYTE, LPDWORD);

#ifdef UNICODE
#define AW(name) name "W"
#else
#define AW(name) name "A"
#endif

static struct {
    HMODULE hModule;
    PFN_ESTABLISH pfnEstablishContext;
    PFN_RELEASE pfnReleaseContext;
    PFN_LIST_READERS pfnListReaders;
    PFN_CONNECT pfnConnect;
    PFN_DISCONNECT pfnDisconnect;
    PFN_TRANSMIT pfnTransmit;
    const SCARD_IO_REQUEST *pT0Pci;
    const SCARD_IO_REQUEST *pT1Pci;
} g_WinSCard;

static FARPROC Find(LPCSTR szName)
{
    FARPROC pfn = GetProcAddress(g_WinSCard.hModule, szName);

    if (pfn == NULL)
        printf("%s is not there: error %lu\n", szName, GetLastError());
    return pfn;
}

static BOOL LoadWinSCard(void)
{
    g_WinSCard.hModule = LoadLibrary(_T("winscard.dll"));
    if (g_WinSCard.hModule == NULL) {
        printf("winscard.dll is not there: error %lu\n", GetLastError());
        return FALSE;
    }
    g_WinSCard.pfnEstablishContext = (PFN_ESTABLISH)Find("SCardEstablishContext");
    g_WinSCard.pfnReleaseContext = (PFN_RELEASE)Find("SCardReleaseContext");
    g_WinSCard.pfnListReaders = (PFN_LIST_READERS)Find(AW("SCardListReaders"));
    g_WinSCard.pfnConnect = (PFN_CONNECT)Find(AW("SCardConnect"));
    g_WinSCard.pfnDisconnect = (PFN_DISCONNECT)Find("SCardDisconnect");
    g_WinSCard.pfnTransmit = (PFN_TRANSMIT)Find("SCardTransmit");
    g_WinSCard.pT0Pci = (const SCARD_IO_REQUEST *)Find("g_rgSCardT0Pci");
    g_WinSCard.pT1Pci = (const SCARD_IO_REQUEST *)Find("g_rgSCardT1Pci");
    return g_WinSCard.pfnEstablishContext != NULL && g_WinSCard.pfnReleaseContext != NULL
           && g_WinSCard.pfnListReaders != NULL && g_WinSCard.pfnConnect != NULL
           && g_WinSCard.pfnDisconnect != NULL && g_WinSCard.pfnTransmit != NULL
           && g_WinSCard.pT0Pci != NULL && g_WinSCard.pT1Pci != NULL;
}

static LONG Talk(SCARDCONTEXT hContext, LPCTSTR szReader, DWORD dwProtocol)
{
    static const BYTE rgbCommand[] = {0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00};
    BYTE rgbAnswer[16];
    DWORD cbAnswer = sizeof(rgbAnswer), dwActive = 0;
    SCARDHANDLE hCard;
    LONG lResult;

    lResult = g_WinSCard.pfnConnect(hContext, szReader, SCARD_SHARE_EXCLUSIVE, dwProtocol,
                                    &hCard, &dwActive);
    if (lResult != SCARD_S_SUCCESS)
        return lResult;
    lResult = g_WinSCard.pfnTransmit(
        hCard, dwActive == SCARD_PROTOCOL_T1 ? g_WinSCard.pT1Pci : g_WinSCard.pT0Pci,
        rgbCommand, sizeof(rgbCommand), NULL, rgbAnswer, &cbAnswer);
    if (lResult == SCARD_S_SUCCESS && cbAnswer == 2)
        printf("protocol %lu: %02X%02X\n", dwActive, rgbAnswer[0], rgbAnswer[1]);
    g_WinSCard.pfnDisconnect(hCard, SCARD_RESET_CARD);
    return lResult;
}

int main(void)
{
    TCHAR mszReaders[128];
    DWORD cchReaders = ARRAYSIZE(mszReaders);
    SCARDCONTEXT hContext = 0;
    HMODULE hOther;
    LONG lResult;

    hOther = LoadLibraryA("no-such-library-of-the-gallery.dll");
    printf("a library that is not there: %s, error %lu\n",
           hOther == NULL ? "NULL" : "a handle", GetLastError());
    printf("before it is loaded: %s\n",
           GetModuleHandle(_T("no-such-library-of-the-gallery.dll")) == NULL
               ? "NULL"
               : "a handle");
    if (!LoadWinSCard())
        return 1;
    printf("loaded: %s\n", GetModuleHandle(_T("winscard.dll")) == g_WinSCard.hModule
                               ? "the same"
                               : "not");
    Find("SCardNoSuchCall");
    printf("T=0: protocol %lu, %lu bytes\n", g_WinSCard.pT0Pci->dwProtocol,
           g_WinSCard.pT0Pci->cbPciLength);
    printf("T=1: protocol %lu, %lu bytes\n", g_WinSCard.pT1Pci->dwProtocol,
           g_WinSCard.pT1Pci->cbPciLength);

    lResult = g_WinSCard.pfnEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &hContext);
    if (lResult == SCARD_S_SUCCESS)
        lResult = g_WinSCard.pfnListReaders(hContext, NULL, mszReaders, &cchReaders);
    if (lResult == SCARD_S_SUCCESS)
        lResult = Talk(hContext, mszReaders, SCARD_PROTOCOL_T0);
    if (lResult == SCARD_S_SUCCESS)
        lResult = Talk(hContext, mszReaders, SCARD_PROTOCOL_T1);
    printf("result 0x%08lX\n", (DWORD)lResult);
    if (hContext != 0)
        g_WinSCard.pfnReleaseContext(hContext);
    printf("freed: %s\n", FreeLibrary(g_WinSCard.hModule) ? "yes" : "no");
    memset(&g_WinSCard, 0, sizeof(g_WinSCard));
    SetLastError(ERROR_SUCCESS);
    printf("freed again: %s\n", FreeLibrary(NULL) ? "yes" : "no");
    return 0;
}
