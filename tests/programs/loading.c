/* SPDX-License-Identifier: BSD-2-Clause */
/* The ways a program gets at libpcsclite.so.1, built against pcsc-lite's own headers:
 * `loading linked NAME` calls what it was linked with; `loading delegate NAME` stands in
 * for the libpcsclite.so.1 of pcsc-lite 2.1 and later (Debian 12 has 1.9.9), which loads
 * the library that LIBPCSCLITE_DELEGATE names and looks up each function; `loading quiet
 * FILE` sees that loading alone opens nothing and starts no thread. */
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

static const char *const functions[] = {
    "SCardEstablishContext", "SCardReleaseContext", "SCardIsValidContext",
    "SCardConnect",          "SCardReconnect",      "SCardDisconnect",
    "SCardBeginTransaction", "SCardEndTransaction", "SCardStatus",
    "SCardGetStatusChange",  "SCardControl",        "SCardTransmit",
    "SCardListReaderGroups", "SCardListReaders",    "SCardFreeMemory",
    "SCardCancel",           "SCardGetAttrib",      "SCardSetAttrib"};

static int linked(const char *wanted)
{
    static const unsigned char command[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    unsigned char answer[MAX_BUFFER_SIZE];
    DWORD size = sizeof(answer), active;
    SCARDCONTEXT context;
    SCARDHANDLE card;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS
        || SCardConnect(context, wanted, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card,
                        &active)
               != SCARD_S_SUCCESS
        || SCardTransmit(card, active == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1,
                         command, sizeof(command), NULL, answer, &size)
               != SCARD_S_SUCCESS)
        return 1;
    printf("linked: %lu bytes, %s\n", size, pcsc_stringify_error(SCARD_E_NO_SMARTCARD));
    return SCardReleaseContext(context) == SCARD_S_SUCCESS ? 0 : 1;
}

static int delegate(const char *wanted)
{
    const char *file = getenv("LIBPCSCLITE_DELEGATE");
    void *library = file != NULL ? dlopen(file, RTLD_LAZY) : NULL;
    unsigned found = 0;
    if (library == NULL)
        return 1;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        found += dlsym(library, functions[i]) != NULL;
    LONG (*establish)(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT);
    LONG (*list)(SCARDCONTEXT, LPCSTR, LPSTR, LPDWORD);
    *(void **)&establish = dlsym(library, functions[0]);
    *(void **)&list = dlsym(library, functions[13]);
    SCARDCONTEXT context;
    char readers[256];
    DWORD size = sizeof(readers);
    if (establish(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS
        || list(context, NULL, readers, &size) != SCARD_S_SUCCESS)
        return 1;
    printf("delegate: %u functions, %s\n", found, readers);
    return strcmp(readers, wanted) == 0 ? 0 : 1;
}

static unsigned entries(const char *directory)
{
    unsigned count = 0;
    DIR *open = opendir(directory);
    while (open != NULL && readdir(open) != NULL)
        count++;
    if (open != NULL)
        closedir(open);
    return count;
}

static int quiet(const char *file)
{
    unsigned files = entries("/proc/self/fd"), threads = entries("/proc/self/task");
    if (dlopen(file, RTLD_NOW) == NULL || files < 3 || threads < 3)
        return 1;
    printf("quiet: %u new files, %u new threads\n", entries("/proc/self/fd") - files,
           entries("/proc/self/task") - threads);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    if (strcmp(argv[1], "linked") == 0)
        return linked(argv[2]);
    return strcmp(argv[1], "delegate") == 0 ? delegate(argv[2]) : quiet(argv[2]);
}
