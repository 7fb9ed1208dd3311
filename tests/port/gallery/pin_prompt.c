/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks for a PIN at the console, without an echo where it is one, and verifies it: with the
 * checked calls of Microsoft's C library (_s), and with the PIN wiped after its use. */
#include <windows.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

#define PIN_MAX   8
#define LINE_SIZE 64

static DWORD g_dwOldMode;
static BOOL g_fEchoOff;

static void EchoOff(void)
{
    HANDLE hInput = GetStdHandle(STD_INPUT_HANDLE);
    DWORD dwMode = 0;

    g_fEchoOff = FALSE;
    if (hInput == INVALID_HANDLE_VALUE || !GetConsoleMode(hInput, &dwMode)) {
        printf("(standard input is no console)\n");
        return;
    }
    g_dwOldMode = dwMode;
    g_fEchoOff = SetConsoleMode(hInput, dwMode & ~(DWORD)ENABLE_ECHO_INPUT);
}

static void EchoBack(void)
{
    if (g_fEchoOff)
        SetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), g_dwOldMode);
}

/* A line without its end and the blanks around it; FALSE: there is none. */
static BOOL ReadLine(const char *szPrompt, char *szLine, size_t cchLine)
{
    char szRaw[LINE_SIZE];
    char *pszStart, *pszEnd;
    errno_t err;

    printf("%s: ", szPrompt);
    fflush(stdout);
    if (fgets(szRaw, sizeof(szRaw), stdin) == NULL) {
        printf("<end>\n");
        return FALSE;
    }
    pszStart = szRaw;
    while (isspace((unsigned char)*pszStart))
        pszStart++;
    pszEnd = pszStart + strlen(pszStart);
    while (pszEnd > pszStart && isspace((unsigned char)pszEnd[-1]))
        *--pszEnd = '\0';
    err = strcpy_s(szLine, cchLine, pszStart);
    SecureZeroMemory(szRaw, sizeof(szRaw));
    return err == 0;
}

static void Mask(const char *szPin, char *szMasked, size_t cchMasked)
{
    size_t i;

    szMasked[0] = '\0';
    for (i = 0; i < strnlen_s(szPin, PIN_MAX) && i + 1 < cchMasked; i++)
        strcat_s(szMasked, cchMasked, "*");
}

static WORD VerifyPin(SCARDHANDLE hCard, const char *szPin)
{
    BYTE abCommand[5 + PIN_MAX] = {0x00, 0x20, 0x00, 0x01};
    BYTE abAnswer[2];
    DWORD cbAnswer = sizeof(abAnswer);
    size_t cchPin = strlen(szPin);
    LONG lStatus;

    abCommand[4] = (BYTE)cchPin;
    memcpy_s(abCommand + 5, sizeof(abCommand) - 5, szPin, cchPin);
    lStatus = SCardTransmit(hCard, SCARD_PCI_T1, abCommand, (DWORD)(5 + cchPin), NULL,
                            abAnswer, &cbAnswer);
    SecureZeroMemory(abCommand, sizeof(abCommand));
    if (lStatus != SCARD_S_SUCCESS)
        return 0;
    return (WORD)(abAnswer[0] << 8 | abAnswer[1]);
}

static const char *StatusText(WORD wSw, char *szText, size_t cchText)
{
    if (wSw == 0x9000)
        strcpy_s(szText, cchText, "right");
    else if ((wSw & 0xFFF0) == 0x63C0)
        sprintf_s(szText, cchText, "wrong, %d left (%04X)", wSw & 0xF, wSw);
    else
        sprintf_s(szText, cchText, "status %#06x", wSw);
    return szText;
}

/* TRUE: a command; FALSE: a PIN. */
static BOOL IsCommand(char *szLine)
{
    char *szContext = NULL;
    char *szWord;

    if (_stricmp(szLine, "quit") != 0 && _strnicmp(szLine, "say ", 4) != 0)
        return FALSE;
    for (szWord = strtok_s(szLine, " ,", &szContext); szWord != NULL;
         szWord = strtok_s(NULL, " ,", &szContext)) {
        _strupr_s(szWord, strlen(szWord) + 1);
        printf("<%s>", szWord);
    }
    printf("\n");
    return TRUE;
}

static void Ask(SCARDHANDLE hCard)
{
    char szLine[LINE_SIZE], szMasked[PIN_MAX + 1], szText[32];
    size_t i, cchLine;
    WORD wSw;

    while (ReadLine("PIN", szLine, sizeof(szLine))) {
        if (IsCommand(szLine))
            continue;
        cchLine = strlen(szLine);
        if (cchLine < 4 || cchLine > PIN_MAX) {
            printf("a PIN has 4 to %d digits, not %lu\n", PIN_MAX,
                   (unsigned long)cchLine);
            continue;
        }
        Mask(szLine, szMasked, sizeof(szMasked));
        wSw = VerifyPin(hCard, szLine);
        SecureZeroMemory(szLine, sizeof(szLine));
        for (i = 0; i < sizeof(szLine); i++)
            if (szLine[i] != 0)
                printf("not wiped at %lu\n", (unsigned long)i);
        printf("%s: %s\n", szMasked, StatusText(wSw, szText, sizeof(szText)));
        if (wSw == 0x9000)
            break;
    }
}

int main(void)
{
    SCARDCONTEXT hContext;
    SCARDHANDLE hCard;
    DWORD dwProtocol, cch = 128;
    char szReader[128];
    LONG lStatus;

    lStatus = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &hContext);
    if (lStatus == SCARD_S_SUCCESS)
        lStatus = SCardListReadersA(hContext, NULL, szReader, &cch);
    if (lStatus == SCARD_S_SUCCESS)
        lStatus = SCardConnectA(hContext, szReader, SCARD_SHARE_EXCLUSIVE,
                                SCARD_PROTOCOL_T1, &hCard, &dwProtocol);
    if (lStatus != SCARD_S_SUCCESS) {
        fprintf(stdout, "error %lX\n", lStatus);
        return EXIT_FAILURE;
    }
    EchoOff();
    Ask(hCard);
    EchoBack();
    SCardDisconnect(hCard, SCARD_RESET_CARD);
    SCardReleaseContext(hContext);
    return EXIT_SUCCESS;
}
