/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that has the rest of Windows from Wine, by winegcc, and its smart cards from this
 * library's winscard.dll for Wine. */
#include <windows.h>

#include <wincrypt.h>
#include <winscard.h>

#include <stdio.h>

/* A window class and a random number: of what libwinport has not. */
static int uses_more_of_windows(void)
{
    WNDCLASSA look = {0};
    HCRYPTPROV provider;
    BYTE random[8];
    look.lpfnWndProc = DefWindowProcA;
    look.lpszClassName = "cards";
    if (!RegisterClassA(&look))
        return 0;
    if (!CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_FULL, CRYPT_VERIFYCONTEXT))
        return 0;
    if (!CryptGenRandom(provider, sizeof(random), random))
        return 0;
    return CryptReleaseContext(provider, 0);
}

int main(void)
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    LPWSTR readers = NULL;
    DWORD length = SCARD_AUTOALLOCATE, protocol, size = 258;
    BYTE answer[258];
    static const BYTE command[] = {0x00, 0xA4, 0x04, 0x0C, 0x05,
                                   0xF0, 0x53, 0x4F, 0x46, 0x54};
    printf("LONG %d, WCHAR %d\n", (int)sizeof(LONG), (int)sizeof(WCHAR));
    printf("more of Windows: %s\n", uses_more_of_windows() ? "yes" : "no");
    if (SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context) != SCARD_S_SUCCESS)
        return 1;
    if (SCardListReadersW(context, NULL, (LPWSTR)&readers, &length) != SCARD_S_SUCCESS)
        return 2;
    if (SCardConnectW(context, readers, SCARD_SHARE_SHARED,
                      SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol)
        != SCARD_S_SUCCESS)
        return 3;
    SCardFreeMemory(context, readers);
    if (SCardTransmit(card, protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0,
                      command, sizeof(command), NULL, answer, &size)
        != SCARD_S_SUCCESS)
        return 4;
    printf("SELECT: %02X%02X\n", answer[size - 2], answer[size - 1]);
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    return SCardReleaseContext(context) == SCARD_S_SUCCESS ? 0 : 5;
}
