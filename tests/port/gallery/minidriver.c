/* SPDX-License-Identifier: BSD-2-Clause */
/* A library in the manner of card minidrivers, and its caller: the caller connects to the card
 * and hands over the handle and its own functions for memory; the library fills a table of
 * functions. */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

/* --- What both know --------------------------------------------------------------------- */

typedef LPVOID(WINAPI *PFN_GALLERY_ALLOC)(SIZE_T Size);
typedef LPVOID(WINAPI *PFN_GALLERY_REALLOC)(LPVOID Address, SIZE_T Size);
typedef void(WINAPI *PFN_GALLERY_FREE)(LPVOID Address);

typedef struct _GALLERY_CARD_DATA GALLERY_CARD_DATA, *PGALLERY_CARD_DATA;

typedef DWORD(WINAPI *PFN_CARD_DELETE_CONTEXT)(PGALLERY_CARD_DATA pCardData);
typedef DWORD(WINAPI *PFN_CARD_AUTHENTICATE_PIN)(PGALLERY_CARD_DATA pCardData,
                                                 LPWSTR pwszUserId, PBYTE pbPin,
                                                 DWORD cbPin, PDWORD pcAttemptsRemaining);
typedef DWORD(WINAPI *PFN_CARD_READ_FILE)(PGALLERY_CARD_DATA pCardData, LPSTR pszFileName,
                                          DWORD dwFlags, PBYTE *ppbData, PDWORD pcbData);
typedef DWORD(WINAPI *PFN_CARD_GET_ID)(PGALLERY_CARD_DATA pCardData, GUID *pguidCard);

struct _GALLERY_CARD_DATA {
    DWORD dwVersion;
    PBYTE pbAtr;
    DWORD cbAtr;
    LPWSTR pwszCardName;
    PFN_GALLERY_ALLOC pfnCspAlloc;
    PFN_GALLERY_REALLOC pfnCspReAlloc;
    PFN_GALLERY_FREE pfnCspFree;
    SCARDCONTEXT hSCardCtx;
    SCARDHANDLE hScard;
    PVOID pvVendorSpecific;
    PFN_CARD_DELETE_CONTEXT pfnCardDeleteContext;
    PFN_CARD_AUTHENTICATE_PIN pfnCardAuthenticatePin;
    PFN_CARD_READ_FILE pfnCardReadFile;
    PFN_CARD_GET_ID pfnCardGetId;
};

#define GALLERY_VERSION 4

/* --- The library ------------------------------------------------------------------------ */

typedef struct _VENDOR_CONTEXT {
    DWORD dwProtocol;
    GUID guidCard;
    BOOL fSelected;
} VENDOR_CONTEXT, *PVENDOR_CONTEXT;

static const struct {
    LPCSTR pszName;
    BYTE bSfi;
    DWORD cb;
} c_rgFiles[] = {{"text", 0x01, 24}, {"secret", 0x03, 34}};

static const BYTE c_rgbAtrStart[] = {0x3B, 0x9C, 0x95};
static const GUID c_guidFamily = {
    0x0b4a7d52, 0xe6a1, 0x4c0e, {0x8f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}};

/* The answer's data, and its status word in *pwSw. */
static DWORD Exchange(PGALLERY_CARD_DATA pCardData, const BYTE *pbCommand,
                      DWORD cbCommand, BYTE *pbAnswer, DWORD *pcbAnswer, WORD *pwSw)
{
    PVENDOR_CONTEXT pVendor = (PVENDOR_CONTEXT)pCardData->pvVendorSpecific;
    SCARD_IO_REQUEST ioSend;
    LONG lStatus;

    ioSend.dwProtocol = pVendor->dwProtocol;
    ioSend.cbPciLength = sizeof(ioSend);
    lStatus = SCardTransmit(pCardData->hScard, &ioSend, pbCommand, cbCommand, NULL,
                            pbAnswer, pcbAnswer);
    if (lStatus != SCARD_S_SUCCESS)
        return (DWORD)lStatus;
    if (*pcbAnswer < 2)
        return (DWORD)SCARD_F_COMM_ERROR;
    *pcbAnswer -= 2;
    *pwSw = MAKEWORD(pbAnswer[*pcbAnswer + 1], pbAnswer[*pcbAnswer]);
    return SCARD_S_SUCCESS;
}

static DWORD SelectApplication(PGALLERY_CARD_DATA pCardData)
{
    static const BYTE rgbSelect[] = {0x00, 0xA4, 0x04, 0x0C, 0x05,
                                     0xF0, 'S',  'O',  'F',  'T'};
    PVENDOR_CONTEXT pVendor = (PVENDOR_CONTEXT)pCardData->pvVendorSpecific;
    BYTE rgbAnswer[2];
    DWORD cbAnswer = sizeof(rgbAnswer), dwError;
    WORD wSw = 0;

    if (pVendor->fSelected)
        return SCARD_S_SUCCESS;
    dwError =
        Exchange(pCardData, rgbSelect, sizeof(rgbSelect), rgbAnswer, &cbAnswer, &wSw);
    if (dwError == SCARD_S_SUCCESS && wSw != 0x9000)
        dwError = (DWORD)SCARD_E_CARD_UNSUPPORTED;
    pVendor->fSelected = dwError == SCARD_S_SUCCESS;
    return dwError;
}

static DWORD WINAPI DriverDeleteContext(PGALLERY_CARD_DATA pCardData)
{
    if (pCardData == NULL)
        return ERROR_INVALID_PARAMETER;
    pCardData->pfnCspFree(pCardData->pvVendorSpecific);
    pCardData->pvVendorSpecific = NULL;
    return ERROR_SUCCESS;
}

static DWORD WINAPI DriverAuthenticatePin(PGALLERY_CARD_DATA pCardData, LPWSTR pwszUserId,
                                          PBYTE pbPin, DWORD cbPin,
                                          PDWORD pcAttemptsRemaining)
{
    BYTE rgbCommand[5 + 8] = {0x00, 0x20, 0x00, 0x81};
    BYTE rgbAnswer[2];
    DWORD cbAnswer = sizeof(rgbAnswer), dwError;
    WORD wSw = 0;

    if (pwszUserId == NULL || lstrlenW(pwszUserId) != 4)
        return (DWORD)SCARD_E_INVALID_PARAMETER;
    if (cbPin == 0 || cbPin > 8)
        return (DWORD)SCARD_E_INVALID_CHV;
    dwError = SelectApplication(pCardData);
    if (dwError != SCARD_S_SUCCESS)
        return dwError;
    rgbCommand[4] = (BYTE)cbPin;
    CopyMemory(rgbCommand + 5, pbPin, cbPin);
    dwError = Exchange(pCardData, rgbCommand, 5 + cbPin, rgbAnswer, &cbAnswer, &wSw);
    SecureZeroMemory(rgbCommand, sizeof(rgbCommand));
    if (dwError != SCARD_S_SUCCESS || wSw == 0x9000)
        return dwError;
    if (HIBYTE(wSw) == 0x63 && pcAttemptsRemaining != NULL)
        *pcAttemptsRemaining = LOBYTE(wSw) & 0x0F;
    return (DWORD)(wSw == 0x6983 ? SCARD_W_CHV_BLOCKED : SCARD_W_WRONG_CHV);
}

static DWORD WINAPI DriverReadFile(PGALLERY_CARD_DATA pCardData, LPSTR pszFileName,
                                   DWORD dwFlags, PBYTE *ppbData, PDWORD pcbData)
{
    BYTE rgbCommand[5] = {0x00, 0xB0, 0x00, 0x00, 0x00};
    DWORD i, cbAnswer, dwError;
    PBYTE pbAnswer;
    WORD wSw = 0;

    if (dwFlags != 0)
        return (DWORD)SCARD_E_INVALID_PARAMETER;
    for (i = 0; i < ARRAYSIZE(c_rgFiles); i++)
        if (strcmp(c_rgFiles[i].pszName, pszFileName) == 0)
            break;
    if (i == ARRAYSIZE(c_rgFiles))
        return (DWORD)SCARD_E_FILE_NOT_FOUND;
    dwError = SelectApplication(pCardData);
    if (dwError != SCARD_S_SUCCESS)
        return dwError;
    cbAnswer = c_rgFiles[i].cb + 2;
    pbAnswer = (PBYTE)pCardData->pfnCspAlloc(cbAnswer);
    if (pbAnswer == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    rgbCommand[2] = (BYTE)(0x80 | c_rgFiles[i].bSfi);
    rgbCommand[4] = (BYTE)c_rgFiles[i].cb;
    dwError =
        Exchange(pCardData, rgbCommand, sizeof(rgbCommand), pbAnswer, &cbAnswer, &wSw);
    if (dwError == SCARD_S_SUCCESS && wSw == 0x6982)
        dwError = (DWORD)SCARD_W_SECURITY_VIOLATION;
    else if (dwError == SCARD_S_SUCCESS && wSw != 0x9000)
        dwError = (DWORD)SCARD_E_UNEXPECTED;
    if (dwError != SCARD_S_SUCCESS) {
        pCardData->pfnCspFree(pbAnswer);
        return dwError;
    }
    *ppbData = (PBYTE)pCardData->pfnCspReAlloc(pbAnswer, cbAnswer + 1);
    (*ppbData)[cbAnswer] = 0;
    *pcbData = cbAnswer;
    return SCARD_S_SUCCESS;
}

static DWORD WINAPI DriverGetId(PGALLERY_CARD_DATA pCardData, GUID *pguidCard)
{
    *pguidCard = ((PVENDOR_CONTEXT)pCardData->pvVendorSpecific)->guidCard;
    return SCARD_S_SUCCESS;
}

DWORD WINAPI GalleryAcquireContext(IN OUT PGALLERY_CARD_DATA pCardData, IN DWORD dwFlags);

DWORD WINAPI GalleryAcquireContext(IN OUT PGALLERY_CARD_DATA pCardData, IN DWORD dwFlags)
{
    PVENDOR_CONTEXT pVendor;
    DWORD dwState, cch = 0;
    LONG lStatus;

    if (pCardData == NULL || dwFlags != 0 || pCardData->pfnCspAlloc == NULL)
        return (DWORD)SCARD_E_INVALID_PARAMETER;
    if (pCardData->dwVersion < GALLERY_VERSION)
        return ERROR_REVISION_MISMATCH;
    if (pCardData->cbAtr < sizeof(c_rgbAtrStart)
        || !RtlEqualMemory(pCardData->pbAtr, c_rgbAtrStart, sizeof(c_rgbAtrStart)))
        return (DWORD)SCARD_E_UNKNOWN_CARD;
    pVendor = (PVENDOR_CONTEXT)pCardData->pfnCspAlloc(sizeof(VENDOR_CONTEXT));
    if (pVendor == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    ZeroMemory(pVendor, sizeof(*pVendor));
    lStatus = SCardStatusA(pCardData->hScard, NULL, &cch, &dwState, &pVendor->dwProtocol,
                           NULL, NULL);
    if (lStatus != SCARD_S_SUCCESS) {
        pCardData->pfnCspFree(pVendor);
        return (DWORD)lStatus;
    }
    pVendor->guidCard = c_guidFamily;
    CopyMemory(pVendor->guidCard.Data4 + 1, pCardData->pbAtr + 4, 7);
    pCardData->pvVendorSpecific = pVendor;
    pCardData->pfnCardDeleteContext = DriverDeleteContext;
    pCardData->pfnCardAuthenticatePin = DriverAuthenticatePin;
    pCardData->pfnCardReadFile = DriverReadFile;
    pCardData->pfnCardGetId = DriverGetId;
    return SCARD_S_SUCCESS;
}

/* --- The caller ------------------------------------------------------------------------- */

static HANDLE g_hHeap;
static LONG g_cBlocks;

static LPVOID WINAPI CallerAlloc(SIZE_T Size)
{
    InterlockedIncrement(&g_cBlocks);
    return HeapAlloc(g_hHeap, HEAP_ZERO_MEMORY, Size);
}

static LPVOID WINAPI CallerReAlloc(LPVOID Address, SIZE_T Size)
{
    return HeapReAlloc(g_hHeap, HEAP_ZERO_MEMORY, Address, Size);
}

static void WINAPI CallerFree(LPVOID Address)
{
    if (Address == NULL)
        return;
    InterlockedDecrement(&g_cBlocks);
    HeapFree(g_hHeap, 0, Address);
}

static void ReadOne(PGALLERY_CARD_DATA pCardData, LPCSTR pszName)
{
    CHAR szName[16];
    PBYTE pbData = NULL;
    DWORD cbData = 0, dwError;

    lstrcpynA(szName, pszName, sizeof(szName));
    dwError = pCardData->pfnCardReadFile(pCardData, szName, 0, &pbData, &cbData);
    printf("%s: 0x%08lX", szName, dwError);
    if (dwError == SCARD_S_SUCCESS) {
        printf(", %lu bytes: %s", cbData, (const char *)pbData);
        pCardData->pfnCspFree(pbData);
    }
    printf("\n");
}

static void GivePin(PGALLERY_CARD_DATA pCardData, LPCSTR pszPin)
{
    WCHAR wszUser[] = {'u', 's', 'e', 'r', 0};
    BYTE rgbPin[16];
    DWORD cAttempts = (DWORD)-1, dwError;
    DWORD cbPin = (DWORD)lstrlenA(pszPin);

    CopyMemory(rgbPin, pszPin, cbPin);
    dwError =
        pCardData->pfnCardAuthenticatePin(pCardData, wszUser, rgbPin, cbPin, &cAttempts);
    SecureZeroMemory(rgbPin, sizeof(rgbPin));
    printf("PIN of %lu: 0x%08lX, tries left %ld, first byte now %u\n", cbPin, dwError,
           (LONG)cAttempts, rgbPin[0]);
}

static void UseDriver(PGALLERY_CARD_DATA pCardData)
{
    GUID guid;

    pCardData->pfnCardGetId(pCardData, &guid);
    printf("id %08lX-%04hX-%04hX, family's %s\n", (ULONG)guid.Data1, guid.Data2,
           guid.Data3, memcmp(&guid, &c_guidFamily, 8) == 0 ? "yes" : "no");
    ReadOne(pCardData, "text");
    ReadOne(pCardData, "secret");
    ReadOne(pCardData, "cardcf");
    GivePin(pCardData, "999999999");
    GivePin(pCardData, "0000");
    GivePin(pCardData, "123456");
    ReadOne(pCardData, "secret");
}

int main(void)
{
    GALLERY_CARD_DATA data;
    CHAR szReader[128];
    DWORD cch = sizeof(szReader), dwProtocol;
    BYTE rgbAtr[36];
    LONG lStatus;
    DWORD dwError;

    g_hHeap = GetProcessHeap();
    ZeroMemory(&data, sizeof(data));
    data.pfnCspAlloc = CallerAlloc;
    data.pfnCspReAlloc = CallerReAlloc;
    data.pfnCspFree = CallerFree;
    data.dwVersion = GALLERY_VERSION;
    data.pbAtr = rgbAtr;
    data.cbAtr = sizeof(rgbAtr);
    lStatus = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &data.hSCardCtx);
    if (lStatus == SCARD_S_SUCCESS)
        lStatus = SCardListReadersA(data.hSCardCtx, NULL, szReader, &cch);
    if (lStatus == SCARD_S_SUCCESS)
        lStatus = SCardConnectA(data.hSCardCtx, szReader, SCARD_SHARE_SHARED,
                                SCARD_PROTOCOL_Tx, &data.hScard, &dwProtocol);
    if (lStatus == SCARD_S_SUCCESS)
        lStatus = SCardGetAttrib(data.hScard, SCARD_ATTR_ATR_STRING, rgbAtr, &data.cbAtr);
    if (lStatus != SCARD_S_SUCCESS) {
        printf("no card: 0x%08lX\n", lStatus);
        return EXIT_FAILURE;
    }
    printf("flags: 0x%08lX\n", GalleryAcquireContext(&data, 1));
    dwError = GalleryAcquireContext(&data, 0);
    printf("context: 0x%08lX, blocks %ld\n", dwError, g_cBlocks);
    if (dwError == SCARD_S_SUCCESS) {
        UseDriver(&data);
        data.pfnCardDeleteContext(&data);
    }
    printf("blocks left %ld\n", g_cBlocks);
    SCardDisconnect(data.hScard, SCARD_RESET_CARD);
    SCardReleaseContext(data.hSCardCtx);
    return dwError == SCARD_S_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}
