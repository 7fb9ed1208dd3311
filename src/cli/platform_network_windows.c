/* SPDX-License-Identifier: BSD-2-Clause */
/* This process's TCP connections, for platform.h: MS-Docs "GetExtendedTcpTable". */
#define WIN32_LEAN_AND_MEAN
#include "cli/platform.h"

#include "cli/text.h"

#include <windows.h>
#include <winsock2.h>

#include <iphlpapi.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS_MAX = 65536, /* a machine with more connections is not looked at */
    TRIES_MAX = 5     /* while there are more at each look */
};

typedef DWORD WINAPI table_call(void *table, DWORD *size, BOOL in_order, ULONG family,
                                TCP_TABLE_CLASS kind, ULONG reserved);

/* NULL: the system does not say. The caller's to free(). */
static MIB_TCPTABLE_OWNER_PID *read_table(void)
{
    union {
        FARPROC found;
        table_call *get;
    } call;
    static const WCHAR name[] = L"\\iphlpapi.dll";
    WCHAR path[MAX_PATH];
    UINT length = GetSystemDirectoryW(path, MAX_PATH);
    if (length == 0 || length > MAX_PATH - sizeof name / sizeof name[0])
        return NULL;
    memcpy(path + length, name, sizeof name);
    HMODULE library = LoadLibraryW(path);
    call.found = library == NULL ? NULL : GetProcAddress(library, "GetExtendedTcpTable");
    if (call.found == NULL)
        return NULL;
    DWORD size = 0;
    MIB_TCPTABLE_OWNER_PID *table = NULL;
    for (int i = 0; i < TRIES_MAX; i++) {
        DWORD result = call.get(table, &size, FALSE, AF_INET, TCP_TABLE_OWNER_PID_ALL, 0);
        if (result == NO_ERROR && table != NULL)
            return table;
        free(table);
        table = NULL;
        if ((result != NO_ERROR && result != ERROR_INSUFFICIENT_BUFFER)
            || size > ROWS_MAX * sizeof table->table[0])
            return NULL;
        table = calloc(1, size);
        if (table == NULL)
            return NULL;
    }
    free(table);
    return NULL;
}

/* Somebody connected to this process there: it is not this process that connected. */
static bool is_own_port(const MIB_TCPTABLE_OWNER_PID *table, DWORD port)
{
    for (DWORD i = 0; i < table->dwNumEntries; i++) {
        const MIB_TCPROW_OWNER_PID *row = &table->table[i];
        if (row->dwState == MIB_TCP_STATE_LISTEN && row->dwLocalPort == port
            && row->dwOwningPid == GetCurrentProcessId())
            return true;
    }
    return false;
}

static void write_address(const MIB_TCPROW_OWNER_PID *row, char *path, size_t room)
{
    const unsigned char *address = (const unsigned char *)&row->dwRemoteAddr,
                        *port = (const unsigned char *)&row->dwRemotePort;
    struct text text;
    text_start(&text, path, room);
    text_add(&text, "tcp:%u.%u.%u.%u:%u", address[0], address[1], address[2], address[3],
             (unsigned)port[0] << 8 | port[1]);
}

bool platform_connected_socket(unsigned index, char *path, size_t room)
{
    MIB_TCPTABLE_OWNER_PID *table = read_table();
    bool found = false;
    for (DWORD i = 0; table != NULL && !found && i < table->dwNumEntries; i++) {
        const MIB_TCPROW_OWNER_PID *row = &table->table[i];
        if (row->dwState != MIB_TCP_STATE_ESTAB
            || row->dwOwningPid != GetCurrentProcessId()
            || is_own_port(table, row->dwLocalPort) || index-- > 0)
            continue;
        write_address(row, path, room);
        found = true;
    }
    free(table);
    return found;
}
