/* SPDX-License-Identifier: BSD-2-Clause */
/* A library that takes care of its text, as those written after Microsoft's security pushes:
 * strsafe.h and the generic calls with _s, HRESULT throughout, marks of SAL at each argument,
 * __declspec at each export. Includes winsock2.h, as what is spoken of may be a network's. */
#define WIN32_LEAN_AND_MEAN
#include <tchar.h>

#include <winsock2.h>

#include <windows.h>

#include <stdio.h>

#include <strsafe.h>
#include <winscard.h>

#define GALLERY_API __declspec(dllexport)

#ifdef __cplusplus
extern "C" {
#endif

_Success_(return == S_OK) GALLERY_API HRESULT WINAPI
    GalleryFirstReader(_In_ SCARDCONTEXT hContext,
                       _Out_writes_(cchReader) LPTSTR pszReader, _In_ size_t cchReader);
_Check_return_ GALLERY_API HRESULT WINAPI GalleryDescribe(_In_z_ LPCTSTR pszReader,
                                                          _In_ DWORD dwState,
                                                          _Out_writes_z_(cch)
                                                              LPTSTR pszText,
                                                          _In_ size_t cch);
GALLERY_API HRESULT WINAPI GalleryRead(_In_ SCARDCONTEXT hContext,
                                       _In_z_ LPCTSTR pszReader,
                                       _Out_writes_bytes_(*pcbData) BYTE *pbData,
                                       _Inout_ DWORD *pcbData);

#ifdef __cplusplus
}
#endif

#define BAIL_ON_FAILURE(hr)                                                              \
    do {                                                                                 \
        if (FAILED(hr))                                                                  \
            goto Cleanup;                                                                \
    } while (0)

static HRESULT FromScard(LONG lResult)
{
    if (lResult == SCARD_S_SUCCESS)
        return S_OK;
    /* Those of smart cards are HRESULTs already. */
    return lResult < 0 ? (HRESULT)lResult : HRESULT_FROM_WIN32((DWORD)lResult);
}

HRESULT WINAPI GalleryFirstReader(_In_ SCARDCONTEXT hContext, LPTSTR pszReader,
                                  _In_ size_t cchReader)
{
    LPTSTR mszReaders = NULL;
    DWORD cch = SCARD_AUTOALLOCATE;
    HRESULT hr;

    if (pszReader == NULL || cchReader == 0)
        return E_INVALIDARG;
    hr = FromScard(SCardListReaders(hContext, NULL, (LPTSTR)&mszReaders, &cch));
    BAIL_ON_FAILURE(hr);
    hr = StringCchCopy(pszReader, cchReader, mszReaders);
    BAIL_ON_FAILURE(hr);

Cleanup:
    if (mszReaders != NULL)
        SCardFreeMemory(hContext, mszReaders);
    return hr;
}

HRESULT WINAPI GalleryDescribe(_In_z_ LPCTSTR pszReader, _In_ DWORD dwState,
                               LPTSTR pszText, _In_ size_t cch)
{
    static const struct {
        DWORD dwBit;
        LPCTSTR pszName;
    } rgNames[] = {{SCARD_STATE_PRESENT, _T("present")},
                   {SCARD_STATE_EMPTY, _T("empty")},
                   {SCARD_STATE_INUSE, _T("in use")}};
    HRESULT hr;
    size_t i;

    hr = StringCchPrintf(pszText, cch, _T("%s:"), pszReader);
    for (i = 0; SUCCEEDED(hr) && i < ARRAYSIZE(rgNames); i++) {
        if ((dwState & rgNames[i].dwBit) == 0)
            continue;
        hr = StringCchCat(pszText, cch, _T(" "));
        if (SUCCEEDED(hr))
            hr = StringCchCat(pszText, cch, rgNames[i].pszName);
    }
    return hr;
}

HRESULT WINAPI GalleryRead(_In_ SCARDCONTEXT hContext, _In_z_ LPCTSTR pszReader,
                           BYTE *pbData, _Inout_ DWORD *pcbData)
{
    static const BYTE rgbRead[] = {0x00, 0xB0, 0x9E, 0x00, 0x15};
    SCARDHANDLE hCard = 0;
    DWORD dwProtocol = 0;
    HRESULT hr;

    hr = FromScard(SCardConnect(hContext, pszReader, SCARD_SHARE_SHARED,
                                SCARD_PROTOCOL_T1, &hCard, &dwProtocol));
    BAIL_ON_FAILURE(hr);
    hr = FromScard(SCardTransmit(hCard, SCARD_PCI_T1, rgbRead, sizeof(rgbRead), NULL,
                                 pbData, pcbData));
    BAIL_ON_FAILURE(hr);
    if (*pcbData < 2)
        hr = E_UNEXPECTED;

Cleanup:
    if (hCard != 0)
        SCardDisconnect(hCard, SCARD_LEAVE_CARD);
    return hr;
}

static void Show(LPCTSTR pszWhat, HRESULT hr)
{
    _tprintf(_T("%s: 0x%08lX, %s, facility %ld, code %ld\n"), pszWhat, hr,
             SUCCEEDED(hr) ? _T("succeeded") : _T("failed"), (LONG)HRESULT_FACILITY(hr),
             (LONG)HRESULT_CODE(hr));
}

static void CheckedCalls(LPCTSTR pszReader)
{
    TCHAR szText[32], szCopy[8];
    TCHAR *pszContext = NULL, *pszWord;
    size_t cch = 0;
    int n;

    Show(_T("StringCchLength"), StringCchLength(pszReader, STRSAFE_MAX_CCH, &cch));
    _tprintf(_T("%lu characters\n"), (ULONG)cch);
    Show(_T("StringCchLength of less"), StringCchLength(pszReader, 4, &cch));
    Show(_T("StringCchCopy of too much"),
         StringCchCopy(szCopy, ARRAYSIZE(szCopy), pszReader));
    _tprintf(_T("[%s]\n"), szCopy);
    Show(_T("StringCbPrintf"),
         StringCbPrintf(szText, sizeof(szText), _T("%lX-%s"), 0xC0FFEEUL, _T("x")));
    _tprintf(_T("[%s]\n"), szText);
    Show(_T("StringCchPrintf of too much"),
         StringCchPrintf(szCopy, ARRAYSIZE(szCopy), _T("%d%d"), 12345, 67890));
    _tprintf(_T("[%s]\n"), szCopy);

    _tcscpy_s(szText, ARRAYSIZE(szText), _T("one;two"));
    _tcscat_s(szText, ARRAYSIZE(szText), _T(";three"));
    _tcsncpy_s(szCopy, ARRAYSIZE(szCopy), szText, 3);
    _tprintf(_T("%s, %s\n"), szText, szCopy);
    for (pszWord = _tcstok_s(szText, _T(";"), &pszContext); pszWord != NULL;
         pszWord = _tcstok_s(NULL, _T(";"), &pszContext))
        _tprintf(_T("<%s>"), pszWord);
    n = _stprintf_s(szText, ARRAYSIZE(szText), _T("%03d|%-4s|%c"), 7, _T("ab"), _T('z'));
    _tprintf(_T("\n%d [%s]\n"), n, szText);
}

int main(void)
{
    SCARDCONTEXT hContext = 0;
    SCARD_READERSTATE state;
    TCHAR szReader[64], szText[128], szSmall[8];
    BYTE rgbData[64];
    DWORD cbData = sizeof(rgbData);
    HRESULT hr;

    _tprintf(_T("a port has %d bytes, a socket address %d\n"), (int)sizeof(USHORT),
             (int)sizeof(SOCKADDR));
    hr = FromScard(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &hContext));
    Show(_T("context"), hr);
    Show(_T("no room"), GalleryFirstReader(hContext, NULL, 0));
    Show(_T("too little room"),
         GalleryFirstReader(hContext, szSmall, ARRAYSIZE(szSmall)));
    hr = GalleryFirstReader(hContext, szReader, ARRAYSIZE(szReader));
    Show(_T("reader"), hr);
    if (SUCCEEDED(hr)) {
        ZeroMemory(&state, sizeof(state));
        state.szReader = szReader;
        SCardGetStatusChange(hContext, 0, &state, 1);
        Show(_T("text"),
             GalleryDescribe(szReader, state.dwEventState, szText, ARRAYSIZE(szText)));
        _tprintf(_T("%s\n"), szText);
        Show(_T("card"), GalleryRead(hContext, szReader, rgbData, &cbData));
        _tprintf(_T("%lu bytes, the last %02X%02X\n"), cbData, rgbData[cbData - 2],
                 rgbData[cbData - 1]);
        CheckedCalls(szReader);
    }
    Show(_T("no such reader"), GalleryRead(hContext, _T("none"), rgbData, &cbData));
    Show(_T("no context"), FromScard(SCardReleaseContext(0)));
    Show(_T("file"), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    SCardReleaseContext(hContext);
    return 0;
}
