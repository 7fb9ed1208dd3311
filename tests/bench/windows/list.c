/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists the readers, as the first thing that a program does with winscard.dll: prints what
 * the calls gave and how many names there are. */
#include <windows.h>

#include <stdio.h>

typedef LONG WINAPI establish_call(DWORD, LPCVOID, LPCVOID, ULONG_PTR *);
typedef LONG WINAPI list_call(ULONG_PTR, LPCSTR, LPSTR, LPDWORD);

int main(void)
{
    HMODULE dll = LoadLibraryA("winscard.dll");
    if (dll == NULL) {
        fprintf(stderr, "list: winscard.dll cannot be loaded: %lu\n", GetLastError());
        return 1;
    }
    establish_call *establish =
        (establish_call *)(void *)GetProcAddress(dll, "SCardEstablishContext");
    list_call *list = (list_call *)(void *)GetProcAddress(dll, "SCardListReadersA");
    if (establish == NULL || list == NULL)
        return 1;
    ULONG_PTR context = 0;
    char names[4096] = "";
    DWORD size = sizeof names;
    unsigned count = 0;
    LONG established = establish(0, NULL, NULL, &context);
    LONG listed = list(context, NULL, names, &size);
    for (const char *name = names; listed == 0 && *name != '\0'; name++) {
        count++;
        while (*name != '\0')
            name++;
    }
    printf("%08lX, %08lX, %u readers\n", (unsigned long)established,
           (unsigned long)listed, count);
    return 0;
}
