/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a type of card known, finds the readers with such a card, and forgets it; gives a
 * reader a name and a group of its own, and takes them away. As an installer of a card's
 * driver does; by the A calls, whatever UNICODE says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <winscard.h>

#define CARD_NAME     "Gallery Card"
#define READER_NAME   "Gallery Reader"
#define GALLERY_GROUP "Gallery$Group"

#ifndef SCARD_PROVIDER_KSP
#define SCARD_PROVIDER_KSP 3
#endif

static const GUID GalleryProvider = {
    0x6b7d3a10, 0x42c5, 0x4f11, {0x9a, 0x01, 0x5e, 0x2c, 0x7d, 0x88, 0x10, 0xfe}};
static const GUID GalleryInterface = {
    0x6b7d3a11, 0x42c5, 0x4f11, {0x9a, 0x01, 0x5e, 0x2c, 0x7d, 0x88, 0x10, 0xfe}};

static BYTE rgbAtr[] = {0x3B, 0x9C, 0x95, 0x80, 0x31, 0xFE, 0x15, 0x80, 0x31, 0xB8,
                        0x73, 0xB4, 0x21, 0x60, 0x54, 0x73, 0x6F, 0x66, 0x74, 0x00};
static BYTE rgbMask[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                         0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00};

static SCARDCONTEXT hContext;

static BOOL Report(LPCSTR szCall, LONG lStatus)
{
    if (lStatus == SCARD_S_SUCCESS)
        printf("%s: done\n", szCall);
    else
        printf("%s: error 0x%08lX\n", szCall, (DWORD)lStatus);
    return lStatus == SCARD_S_SUCCESS;
}

static void PrintGuid(LPCSTR szWhat, const GUID *pGuid)
{
    printf("%s {%08lX-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}\n", szWhat,
           (DWORD)pGuid->Data1, pGuid->Data2, pGuid->Data3, pGuid->Data4[0],
           pGuid->Data4[1], pGuid->Data4[2], pGuid->Data4[3], pGuid->Data4[4],
           pGuid->Data4[5], pGuid->Data4[6], pGuid->Data4[7]);
}

static void PrintNames(LPCSTR szWhat, LPCSTR mszNames)
{
    printf("%s:", szWhat);
    if (*mszNames == '\0')
        printf(" none");
    for (; *mszNames; mszNames += strlen(mszNames) + 1)
        printf(" [%s]", mszNames);
    printf("\n");
}

static void ListByAtr(void)
{
    LPSTR mszCards = NULL;
    DWORD cchCards = SCARD_AUTOALLOCATE;
    LONG lStatus;

    lStatus = SCardListCardsA(hContext, rgbAtr, NULL, 0, (LPSTR)&mszCards, &cchCards);
    if (Report("SCardListCards", lStatus)) {
        PrintNames("cards with that ATR", mszCards);
        SCardFreeMemory(hContext, mszCards);
    }
}

static void ShowCardType(void)
{
    GUID guid, rgGuid[4];
    DWORD cGuid = ARRAYSIZE(rgGuid);
    CHAR szProvider[64];
    DWORD cchProvider = sizeof(szProvider);
    LONG lStatus;

    ZeroMemory(&guid, sizeof(guid));
    if (Report("SCardGetProviderId", SCardGetProviderIdA(hContext, CARD_NAME, &guid)))
        PrintGuid("provider", &guid);
    lStatus = SCardListInterfacesA(hContext, CARD_NAME, rgGuid, &cGuid);
    if (Report("SCardListInterfaces", lStatus)) {
        printf("%lu interface(s)\n", cGuid);
        PrintGuid("interface", &rgGuid[0]);
    }
    Report("SCardSetCardTypeProviderName",
           SCardSetCardTypeProviderNameA(hContext, CARD_NAME, SCARD_PROVIDER_CSP,
                                         "Gallery Base Provider"));
    lStatus = SCardGetCardTypeProviderNameA(hContext, CARD_NAME, SCARD_PROVIDER_CSP,
                                            szProvider, &cchProvider);
    if (Report("SCardGetCardTypeProviderName", lStatus))
        printf("CSP: %s (%lu)\n", szProvider, cchProvider);
    cchProvider = sizeof(szProvider);
    Report("SCardGetCardTypeProviderName of no KSP",
           SCardGetCardTypeProviderNameA(hContext, CARD_NAME, SCARD_PROVIDER_KSP,
                                         szProvider, &cchProvider));
}

static void Locate(LPCSTR szReader)
{
    SCARD_READERSTATEA rgState[1];
    SCARD_ATRMASK mask;
    LONG lStatus;

    memset(rgState, 0, sizeof(rgState));
    rgState[0].szReader = szReader;
    rgState[0].dwCurrentState = SCARD_STATE_UNAWARE;
    lStatus = SCardLocateCardsA(hContext, CARD_NAME "\0", rgState, 1);
    if (Report("SCardLocateCards", lStatus))
        printf("%s: %s\n", szReader,
               (rgState[0].dwEventState & SCARD_STATE_ATRMATCH) ? "such a card" : "none");

    mask.cbAtr = sizeof(rgbAtr);
    CopyMemory(mask.rgbAtr, rgbAtr, sizeof(rgbAtr));
    FillMemory(mask.rgbMask, sizeof(mask.rgbMask), 0xFF);
    rgState[0].dwCurrentState = SCARD_STATE_UNAWARE;
    lStatus = SCardLocateCardsByATRA(hContext, &mask, 1, rgState, 1);
    if (Report("SCardLocateCardsByATR", lStatus))
        printf("%s: %s\n", szReader,
               (rgState[0].dwEventState & SCARD_STATE_ATRMATCH) ? "such a card" : "none");
}

static BOOL GetDeviceName(LPCSTR szReader, LPSTR szDevice, DWORD cchDevice)
{
    SCARDHANDLE hCard;
    DWORD dwProtocol;
    LONG lStatus;

    lStatus = SCardConnectA(hContext, szReader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx,
                            &hCard, &dwProtocol);
    if (!Report("SCardConnect", lStatus))
        return FALSE;
    lStatus = SCardGetAttrib(hCard, SCARD_ATTR_DEVICE_SYSTEM_NAME_A, (LPBYTE)szDevice,
                             &cchDevice);
    SCardDisconnect(hCard, SCARD_LEAVE_CARD);
    return Report("SCardGetAttrib", lStatus);
}

static void ListGroup(LPCSTR mszGroups)
{
    LPSTR mszReaders = NULL;
    DWORD cch = SCARD_AUTOALLOCATE;
    LONG lStatus = SCardListReadersA(hContext, mszGroups, (LPSTR)&mszReaders, &cch);

    if (Report("SCardListReaders", lStatus)) {
        PrintNames("readers of the group", mszReaders);
        SCardFreeMemory(hContext, mszReaders);
    }
}

static void NameReader(LPCSTR szReader)
{
    CHAR szDevice[128];
    LPSTR mszGroups = NULL;
    DWORD cch = SCARD_AUTOALLOCATE;

    if (!GetDeviceName(szReader, szDevice, sizeof(szDevice)))
        return;
    Report("SCardIntroduceReader",
           SCardIntroduceReaderA(hContext, READER_NAME, szDevice));
    Report("SCardIntroduceReader again",
           SCardIntroduceReaderA(hContext, READER_NAME, szDevice));
    Report("SCardIntroduceReaderGroup",
           SCardIntroduceReaderGroupA(hContext, GALLERY_GROUP));
    Report("SCardAddReaderToGroup",
           SCardAddReaderToGroupA(hContext, READER_NAME, GALLERY_GROUP));
    if (Report("SCardListReaderGroups",
               SCardListReaderGroupsA(hContext, (LPSTR)&mszGroups, &cch))) {
        PrintNames("groups", mszGroups);
        SCardFreeMemory(hContext, mszGroups);
    }
    ListGroup(GALLERY_GROUP "\0");
    Locate(READER_NAME);
    Report("SCardRemoveReaderFromGroup",
           SCardRemoveReaderFromGroupA(hContext, READER_NAME, GALLERY_GROUP));
    ListGroup(GALLERY_GROUP "\0");
    Report("SCardForgetReader", SCardForgetReaderA(hContext, READER_NAME));
    Report("SCardForgetReader again", SCardForgetReaderA(hContext, READER_NAME));
}

int main(void)
{
    CHAR mszReaders[256];
    DWORD cchReaders = sizeof(mszReaders);

    if (!Report("SCardEstablishContext",
                SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &hContext)))
        return EXIT_FAILURE;
    if (!Report("SCardListReaders",
                SCardListReadersA(hContext, NULL, mszReaders, &cchReaders)))
        return EXIT_FAILURE;
    ListByAtr();
    Report("SCardIntroduceCardType",
           SCardIntroduceCardTypeA(hContext, CARD_NAME, &GalleryProvider,
                                   &GalleryInterface, 1, rgbAtr, rgbMask,
                                   sizeof(rgbAtr)));
    ListByAtr();
    ShowCardType();
    Locate(mszReaders);
    NameReader(mszReaders);
    Report("SCardForgetCardType", SCardForgetCardTypeA(hContext, CARD_NAME));
    Report("SCardForgetCardType again", SCardForgetCardTypeA(hContext, CARD_NAME));
    ListByAtr();
    Report("SCardReleaseContext", SCardReleaseContext(hContext));
    return EXIT_SUCCESS;
}
