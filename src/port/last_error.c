/* SPDX-License-Identifier: BSD-2-Clause */
#include "port/port.h"

#include <errno.h>

static _Thread_local DWORD current_error;

DWORD GetLastError(void)
{
    return current_error;
}

void SetLastError(DWORD code)
{
    current_error = code;
}

BOOL winport_fail(DWORD code)
{
    current_error = code;
    return FALSE;
}

DWORD winport_error_of_errno(int number)
{
    static const struct {
        int number;
        DWORD code;
    } codes[] = {
        {ENOENT, ERROR_FILE_NOT_FOUND},
        {ENOTDIR, ERROR_PATH_NOT_FOUND},
        {EACCES, ERROR_ACCESS_DENIED},
        {EPERM, ERROR_ACCESS_DENIED},
        {EROFS, ERROR_WRITE_PROTECT},
        {EISDIR, ERROR_ACCESS_DENIED},
        {EEXIST, ERROR_FILE_EXISTS},
        {ENOSPC, ERROR_DISK_FULL},
        {EDQUOT, ERROR_DISK_FULL},
        {EFBIG, ERROR_DISK_FULL},
        {EMFILE, ERROR_TOO_MANY_OPEN_FILES},
        {ENFILE, ERROR_TOO_MANY_OPEN_FILES},
        {ENOMEM, ERROR_NOT_ENOUGH_MEMORY},
        {ENAMETOOLONG, ERROR_FILENAME_EXCED_RANGE},
        {EINVAL, ERROR_INVALID_PARAMETER},
        {EBADF, ERROR_INVALID_HANDLE},
        {EPIPE, ERROR_BROKEN_PIPE},
        {EBUSY, ERROR_BUSY},
        {EIO, ERROR_IO_DEVICE},
        {ENOTEMPTY, ERROR_DIR_NOT_EMPTY},
        {ETXTBSY, ERROR_SHARING_VIOLATION},
        {EFAULT, ERROR_NOACCESS},
        {ENXIO, ERROR_FILE_NOT_FOUND},
        {ENODEV, ERROR_FILE_NOT_FOUND},
        {ELOOP, ERROR_BAD_PATHNAME},
        {ESPIPE, ERROR_SEEK_ON_DEVICE},
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (codes[i].number == number)
            return codes[i].code;
    return ERROR_GEN_FAILURE;
}
