/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads commands in hexadecimal, sends them and dumps the answers; and what such tools use
 * beside: times, formats of DWORD and LONG, control codes, attributes. */
#include <stdio.h>
#include <windows.h>

#include <stdlib.h>
#include <string.h>
#include <winioctl.h>
#include <winscard.h>

#define IOCTL_GALLERY_UNKNOWN                                                            \
    CTL_CODE(FILE_DEVICE_SMARTCARD, 3999, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define CM_FEATURES SCARD_CTL_CODE(3400)

static const char *c_rgszScript[] = {
    "00A4040C05F0534F4654", "00 B0 81 00 20",       "80E0001313",
    "00 C0 00 00 00",       "80E1000004DEADbeef00", "80E10000037Fa5zz",
};

/* Bytes of a line, until something is none. */
static DWORD ParseHex(const char *szLine, BYTE *pbOut, DWORD cbMax)
{
    DWORD cb = 0;
    unsigned int uByte;
    int nRead;

    while (cb < cbMax && sscanf(szLine, "%2x%n", &uByte, &nRead) == 1) {
        pbOut[cb++] = (BYTE)uByte;
        szLine += nRead;
    }
    return cb;
}

static void Dump(const BYTE *pb, DWORD cb)
{
    char szHex[3 * 16 + 1], szText[16 + 1];
    DWORD dwOffset, i;

    for (dwOffset = 0; dwOffset < cb; dwOffset += 16) {
        szHex[0] = 0;
        for (i = 0; i < 16 && dwOffset + i < cb; i++) {
            _snprintf(szHex + 3 * i, sizeof(szHex) - 3 * i, " %02X", pb[dwOffset + i]);
            szText[i] = (pb[dwOffset + i] >= 0x20 && pb[dwOffset + i] < 0x7F)
                            ? (char)pb[dwOffset + i]
                            : '.';
        }
        szText[i] = 0;
        printf("%08lX %-48s |%s|\n", dwOffset, szHex, szText);
    }
}

static void SendScript(SCARDHANDLE hCard)
{
    BYTE abCommand[64], abAnswer[258], abCopy[258];
    DWORD cbCommand, cbAnswer, i;
    LONG lResult;

    for (i = 0; i < sizeof(c_rgszScript) / sizeof(c_rgszScript[0]); i++) {
        cbCommand = ParseHex(c_rgszScript[i], abCommand, sizeof(abCommand));
        printf("> %lu of \"%s\"\n", cbCommand, c_rgszScript[i]);
        cbAnswer = sizeof(abAnswer);
        lResult = SCardTransmit(hCard, SCARD_PCI_T1, abCommand, cbCommand, NULL, abAnswer,
                                &cbAnswer);
        if (lResult != SCARD_S_SUCCESS) {
            printf("< error %ld, 0x%lX\n", lResult, lResult);
            continue;
        }
        MoveMemory(abCopy, abAnswer, cbAnswer);
        printf("< %lu\n", cbAnswer);
        Dump(abCopy, cbAnswer);
    }
}

static void Formats(void)
{
    DWORD dwValue = 0, dwMost = 0xFFFFFFFF;
    LONG lValue = -2, lLeast = (LONG)0x80000000;
    ULONGLONG ullValue = 0x123456789ABCDEF0ULL;
    char szSmall[8];
    short nShort = 0;
    int n;

    printf("%lu %ld %lX %08lx\n", dwMost, lValue, lValue, (DWORD)lLeast);
    printf("%ld %li %+ld [%12ld] [%-12ld] [%012ld]\n", lLeast, lValue, 5L, lValue, lValue,
           lValue);
    printf("%I64u %I64X %I64d\n", ullValue, ullValue, (LONGLONG)-1);
    printf("%hu %hd %c %5s|%-5s|%.2s\n", (WORD)65535, (SHORT)-3, 'x', "ab", "cd", "efg");
    n = sscanf("0x80100009 -77 4000000000", "%lx %ld %lu", &dwValue, &lValue, &dwMost);
    printf("%d: %08lX %ld %lu\n", n, dwValue, lValue, dwMost);
    n = sscanf("80100009 123", "%lx %hd", &lLeast, &nShort);
    printf("%d: %ld %d %s\n", n, lLeast, nShort,
           lLeast == SCARD_E_UNKNOWN_READER ? "SCARD_E_UNKNOWN_READER" : "another");
    memset(szSmall, 'z', sizeof(szSmall));
    n = _snprintf(szSmall, sizeof(szSmall), "%lu", 12345678UL);
    printf("%d %.8s\n", n, szSmall);
    n = _snprintf(szSmall, sizeof(szSmall), "%lu", 123456789UL);
    printf("%d %.8s\n", n, szSmall);
    printf("%lX %lu\n", strtoul("FFFFFFFF", NULL, 16), strtoul("4294967295", NULL, 0));
    printf("%04X %02X %02X %04X %04X %08lX\n", MAKEWORD(0x34, 0x12), LOBYTE(0xABCD),
           HIBYTE(0xABCD), LOWORD(0x12345678), HIWORD(0x12345678),
           (DWORD)MAKELONG(0x5678, 0x1234));
}

static void Times(void)
{
    LARGE_INTEGER liFrequency, liStart, liEnd;
    DWORD dwStart, dwEnd;
    SYSTEMTIME st;

    QueryPerformanceFrequency(&liFrequency);
    QueryPerformanceCounter(&liStart);
    dwStart = GetTickCount();
    Sleep(30);
    dwEnd = GetTickCount();
    QueryPerformanceCounter(&liEnd);
    printf("frequency: %s\n", liFrequency.QuadPart > 0 ? "positive" : "none");
    printf("counter: %s\n", liEnd.QuadPart > liStart.QuadPart ? "goes on" : "stands");
    printf("30 ms: %s, %s\n", dwEnd - dwStart >= 15 ? "by ticks" : "too few ticks",
           (liEnd.QuadPart - liStart.QuadPart) * 1000 / liFrequency.QuadPart >= 15
               ? "by the counter"
               : "too early");
    GetLocalTime(&st);
    printf("date: %s\n", st.wYear >= 2020 && st.wMonth >= 1 && st.wMonth <= 12
                                 && st.wDay >= 1 && st.wDay <= 31
                             ? "likely"
                             : "wrong");
}

static void Controls(SCARDHANDLE hCard)
{
    BYTE abOut[64];
    DWORD cbOut = 0, dwState = 0;
    LONG lResult;

    printf("codes: %08lX %08lX\n", (DWORD)CM_FEATURES, (DWORD)IOCTL_GALLERY_UNKNOWN);
    lResult = SCardControl(hCard, CM_FEATURES, NULL, 0, abOut, sizeof(abOut), &cbOut);
    printf("features: %08lX\n", lResult);
    if (lResult == SCARD_S_SUCCESS)
        Dump(abOut, cbOut);
    lResult =
        SCardControl(hCard, IOCTL_GALLERY_UNKNOWN, NULL, 0, abOut, sizeof(abOut), &cbOut);
    printf("unknown: %ld\n", lResult);
    cbOut = sizeof(abOut);
    lResult = SCardGetAttrib(hCard, SCARD_ATTR_VENDOR_NAME, abOut, &cbOut);
    printf("vendor: %08lX\n", lResult);
    if (lResult == SCARD_S_SUCCESS)
        Dump(abOut, cbOut);
    cbOut = sizeof(dwState);
    lResult =
        SCardGetAttrib(hCard, SCARD_ATTR_CURRENT_PROTOCOL_TYPE, (LPBYTE)&dwState, &cbOut);
    printf("protocol: %08lX, %lu in %lu bytes\n", lResult, dwState, cbOut);
    cbOut = 2;
    lResult = SCardGetAttrib(hCard, SCARD_ATTR_ATR_STRING, abOut, &cbOut);
    printf("too small: %08lX, %lu bytes\n", lResult, cbOut);
}

int main(void)
{
    SCARDCONTEXT hContext;
    SCARDHANDLE hCard;
    DWORD dwProtocol, cchReader = 100;
    CHAR szReader[100];
    LONG lResult;

    Formats();
    Times();
    lResult = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &hContext);
    if (lResult != SCARD_S_SUCCESS)
        return EXIT_FAILURE;
    lResult = SCardListReadersA(hContext, NULL, szReader, &cchReader);
    if (lResult == SCARD_S_SUCCESS)
        lResult = SCardConnectA(hContext, szReader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1,
                                &hCard, &dwProtocol);
    if (lResult == SCARD_S_SUCCESS) {
        SendScript(hCard);
        Controls(hCard);
        SCardDisconnect(hCard, SCARD_UNPOWER_CARD);
    }
    printf("%ld\n", lResult);
    SCardReleaseContext(hContext);
    return EXIT_SUCCESS;
}
