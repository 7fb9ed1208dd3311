/* SPDX-License-Identifier: BSD-2-Clause */
/* Keeps a log of what went to the card and came back, in a file of the folder for temporary
 * files, reads it again and removes it. */
#include <stdarg.h>
#include <windows.h>

#include <stdio.h>
#include <string.h>
#include <winscard.h>

static HANDLE hLog = INVALID_HANDLE_VALUE;

static BOOL LogLine(const char *format, ...)
{
    char line[256];
    DWORD size, written = 0;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = _vsnprintf(line, sizeof(line) - 2, format, arguments);
    va_end(arguments);
    if (length < 0)
        length = sizeof(line) - 2;
    line[length] = '\r';
    line[length + 1] = '\n';
    size = (DWORD)length + 2;
    return WriteFile(hLog, line, size, &written, NULL) && written == size;
}

static void LogBytes(const char *direction, const BYTE *bytes, DWORD size)
{
    char text[2 * 64 + 1];
    DWORD i;

    text[0] = '\0';
    for (i = 0; i < size && i < 64; i++)
        wsprintfA(text + 2 * i, "%02X", bytes[i]);
    LogLine("%s %lu %s", direction, size, text);
}

static LONG TracedTransmit(SCARDHANDLE card, const BYTE *command, DWORD size)
{
    BYTE answer[258];
    DWORD room = sizeof(answer);
    LONG status;

    LogBytes(">", command, size);
    status = SCardTransmit(card, SCARD_PCI_T1, command, size, NULL, answer, &room);
    if (status == SCARD_S_SUCCESS)
        LogBytes("<", answer, room);
    else
        LogLine("! %08lX", status);
    return status;
}

static void Session(void)
{
    static const BYTE select[] = {0x00, 0xA4, 0x04, 0x0C, 0x05,
                                  0xF0, 0x53, 0x4F, 0x46, 0x54};
    static const BYTE read[] = {0x00, 0xB0, 0x81, 0x00, 0x10};
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol, length;
    char reader[128];

    if (SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context) != SCARD_S_SUCCESS)
        return;
    length = sizeof(reader);
    if (SCardListReadersA(context, NULL, reader, &length) == SCARD_S_SUCCESS
        && SCardConnectA(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card,
                         &protocol)
               == SCARD_S_SUCCESS) {
        LogLine("# %s, protocol %lu", reader, protocol);
        TracedTransmit(card, select, sizeof(select));
        TracedTransmit(card, read, sizeof(read));
        SCardDisconnect(card, SCARD_LEAVE_CARD);
        LogLine("# status %08lX", TracedTransmit(card, read, sizeof(read)));
    }
    SCardReleaseContext(context);
}

/* The program's own name, without folder and ".exe". */
static void ProgramName(char *name, DWORD size)
{
    char path[MAX_PATH];
    char *last, *point;
    DWORD length = GetModuleFileNameA(NULL, path, sizeof(path));

    name[0] = '\0';
    if (length == 0 || length >= sizeof(path))
        return;
    last = strrchr(path, '\\');
    if (last == NULL)
        last = strrchr(path, '/');
    last = last == NULL ? path : last + 1;
    point = strrchr(last, '.');
    if (point != NULL && lstrcmpiA(point, ".exe") == 0)
        *point = '\0';
    lstrcpynA(name, last, (int)size);
}

static BOOL LogPath(char *path, DWORD size)
{
    char name[64];
    DWORD length = GetTempPathA(size, path);

    if (length == 0 || length > size - 80)
        return FALSE;
    printf("folder: %s\n",
           path[length - 1] == '\\' || path[length - 1] == '/' ? "ends as one" : "open");
    ProgramName(name, sizeof(name));
    printf("program: %.8s\n", name);
    wsprintfA(path + length, "%s-%lu.log", name, GetCurrentProcessId());
    return TRUE;
}

static void ShowLog(const char *path)
{
    char text[1024];
    DWORD size, got = 0, total = 0;
    HANDLE file;

    file = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                       FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        printf("cannot be read: %lu\n", GetLastError());
        return;
    }
    size = GetFileSize(file, NULL);
    while (ReadFile(file, text, 100, &got, NULL) && got > 0)
        total += got;
    printf("size %lu, read %s\n", size, total == size ? "all" : "less");
    printf("back to %lu\n", SetFilePointer(file, 2, NULL, FILE_BEGIN));
    ReadFile(file, text, 7, &got, NULL);
    printf("%lu bytes at 2: %.7s, now at %lu\n", got, text,
           SetFilePointer(file, 0, NULL, FILE_CURRENT));
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    ReadFile(file, text, sizeof(text) - 1, &got, NULL);
    text[got] = '\0';
    for (got = 0; text[got] != '\0'; got++)
        if (text[got] != '\r')
            putchar(text[got]);
    printf("writing to it: %s", WriteFile(file, "x", 1, &got, NULL) ? "done" : "refused");
    printf(", error %lu\n", GetLastError());
    CloseHandle(file);
}

int main(void)
{
    char path[MAX_PATH];
    DWORD end;

    if (!LogPath(path, sizeof(path)))
        return 1;
    hLog = CreateFileA(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    printf("not there: %s, error %lu\n", hLog == INVALID_HANDLE_VALUE ? "no" : "a handle",
           GetLastError());
    hLog = CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS,
                       FILE_ATTRIBUTE_NORMAL, NULL);
    if (hLog == INVALID_HANDLE_VALUE) {
        printf("cannot be made: %lu\n", GetLastError());
        return 1;
    }
    Session();
    end = SetFilePointer(hLog, 0, NULL, FILE_END);
    printf("flushed: %d, end is the size: %s\n", FlushFileBuffers(hLog),
           end == GetFileSize(hLog, NULL) ? "yes" : "no");
    printf("closed: %d\n", CloseHandle(hLog));
    ShowLog(path);
    hLog = CreateFileA(path, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    printf("reading what is for writing: %d",
           ReadFile(hLog, path + MAX_PATH - 1, 1, &end, NULL));
    printf(", error %lu\n", GetLastError());
    CloseHandle(hLog);
    hLog = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    printf("new: %s, error %lu\n", hLog == INVALID_HANDLE_VALUE ? "no" : "a handle",
           GetLastError());
    printf("attributes: %s\n",
           GetFileAttributesA(path) & FILE_ATTRIBUTE_DIRECTORY ? "a folder" : "a file");
    printf("deleted: %d\n", DeleteFileA(path));
    printf("deleted again: %d", DeleteFileA(path));
    printf(", error %lu\n", GetLastError());
    return 0;
}
