/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that has the rest of Windows from WinPR, and its smart cards from this library. */
#include <windows.h>
#include <winscard.h>

#include <winpr/crypto.h>

#include <stdio.h>
#include <string.h>

static DWORD WINAPI list_readers(LPVOID argument)
{
    HANDLE listed = argument;
    SCARDCONTEXT context;
    LPSTR readers = NULL;
    DWORD length = SCARD_AUTOALLOCATE;
    LONG code = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context);
    if (code == SCARD_S_SUCCESS)
        code = SCardListReadersA(context, NULL, (LPSTR)&readers, &length);
    if (code == SCARD_S_SUCCESS) {
        printf("reader: %s\n", readers);
        SCardFreeMemory(context, readers);
        SCardReleaseContext(context);
    }
    SetEvent(listed);
    return (DWORD)code;
}

int main(void)
{
    HANDLE listed = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, list_readers, listed, 0, NULL);
    DWORD code = 1;
    BYTE digest[WINPR_SHA1_DIGEST_LENGTH] = {0};
    if (thread == NULL || WaitForSingleObject(listed, INFINITE) != WAIT_OBJECT_0)
        return 1;
    WaitForSingleObject(thread, INFINITE);
    if (!GetExitCodeThread(thread, &code))
        return 1;
    CloseHandle(thread);
    CloseHandle(listed);
    printf("code: %u\n", (unsigned)code);
    if (winpr_Digest(WINPR_MD_SHA1, (const BYTE *)"abc", 3, digest, sizeof(digest)))
        printf("digest: %02x%02x\n", digest[0], digest[1]);
    return code == SCARD_S_SUCCESS ? 0 : 1;
}
