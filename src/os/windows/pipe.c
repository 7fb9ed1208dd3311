/* SPDX-License-Identifier: BSD-2-Clause */
/* The FIFOs of Unix, as Wine shows them to Windows programs: files of the kind "pipe",
 * whose end is a read of no bytes. Overlapped reads work too, and could have a limit of
 * time, but take four times as long, as the wineserver has a part in them. */
#include "os/windows/api.h"

#include "os/pipe.h"

#include "os/windows/text.h"
#include "os/windows/wine.h"

static HANDLE pipe_handle(struct os_socket pipe)
{
    return (HANDLE)pipe.native;
}

/* Windows has nothing of the kind that a service could make in a directory. */
enum sc_error os_pipes_make(const char *directory, struct os_pipes *pipes,
                            struct os_pipe_names *names)
{
    (void)directory;
    (void)pipes;
    (void)names;
    return SC_E_UNSUPPORTED_FEATURE;
}

void os_pipes_unlink(const struct os_pipe_names *names)
{
    (void)names;
}

void os_pipes_sweep(const char *directory)
{
    (void)directory;
}

bool os_pipes_help(void)
{
    return os_is_wine();
}

static enum sc_error open_pipe(const char *path, DWORD access, struct os_socket *pipe)
{
    char shown[OS_PIPE_PATH_MAX + sizeof(OS_WINE_UNIX)];
    wchar_t wide[sizeof(shown)];
    if (!os_wine_unix_path(path, shown, sizeof(shown))
        || !os_to_wide(shown, wide, sizeof(shown)))
        return SC_E_NO_ACCESS;
    HANDLE handle = CreateFileW(wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                OPEN_EXISTING, 0, NULL);
    if (handle == INVALID_HANDLE_VALUE)
        return SC_E_NO_ACCESS;
    if (GetFileType(handle) != FILE_TYPE_PIPE) {
        CloseHandle(handle);
        return SC_E_NO_ACCESS;
    }
    pipe->native = (intptr_t)handle;
    return SC_OK;
}

enum sc_error os_pipes_open(const struct os_pipe_names *names, struct os_pipes *pipes)
{
    struct os_pipes opened = OS_PIPES_NONE;
    enum sc_error error = open_pipe(names->to_client, GENERIC_READ, &opened.in);
    if (error == SC_OK)
        error = open_pipe(names->to_service, GENERIC_WRITE, &opened.out);
    if (error == SC_OK)
        *pipes = opened;
    else
        os_pipes_close(&opened);
    return error;
}

static void close_pipe(struct os_socket *pipe)
{
    if (pipe->native != -1)
        CloseHandle(pipe_handle(*pipe));
    pipe->native = -1;
}

void os_pipes_close(struct os_pipes *pipes)
{
    close_pipe(&pipes->in);
    close_pipe(&pipes->out);
}

enum sc_error os_pipe_send(struct os_socket pipe, const void *bytes, size_t size,
                           size_t *sent)
{
    const char *from = bytes;
    *sent = 0;
    while (*sent < size) {
        size_t left = size - *sent;
        DWORD put = 0, part = left < UINT32_MAX ? (DWORD)left : UINT32_MAX;
        if (!WriteFile(pipe_handle(pipe), from + *sent, part, &put, NULL) || put == 0)
            return SC_F_COMM_ERROR;
        *sent += put;
    }
    return SC_OK;
}

enum sc_error os_pipe_receive(struct os_socket pipe, void *bytes, size_t room,
                              size_t *size)
{
    DWORD got = 0, part = room < UINT32_MAX ? (DWORD)room : UINT32_MAX;
    bool read = ReadFile(pipe_handle(pipe), bytes, part, &got, NULL) != 0;
    *size = got;
    if (read && got > 0)
        return SC_OK;
    return read || GetLastError() == ERROR_BROKEN_PIPE ? SC_W_EOF : SC_F_COMM_ERROR;
}
