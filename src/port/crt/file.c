/* SPDX-License-Identifier: BSD-2-Clause */
/* Files by Microsoft's names. */
#include "port/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What the C standard knows of a mode; the C library would see a meaning in others. */
static void make_mode(char made[8], const char *mode)
{
    size_t count = 0;
    for (; *mode != '\0' && *mode != ',' && count < 6; mode++)
        if (strchr("rwa+bx", *mode) != NULL)
            made[count++] = *mode;
    made[count] = '\0';
}

static FILE *open_file(const char *name, const char *mode, FILE *old)
{
    char made[8];
    if (name == NULL || mode == NULL || *mode == '\0') {
        errno = EINVAL;
        return NULL;
    }
    make_mode(made, mode);
    return old == NULL ? fopen(name, made) : freopen(name, made, old);
}

static FILE *open_by_wide_name(const WCHAR *name, const WCHAR *mode, FILE *old)
{
    if (name == NULL || mode == NULL) {
        errno = EINVAL;
        return NULL;
    }
    char *narrow_name = winport_utf8_copy(name), *narrow_mode = winport_utf8_copy(mode);
    FILE *stream = NULL;
    if (narrow_name != NULL && narrow_mode != NULL)
        stream = open_file(narrow_name, narrow_mode, old);
    const int code = errno;
    free(narrow_name);
    free(narrow_mode);
    errno = code;
    return stream;
}

static errno_t told(FILE **to, FILE *stream)
{
    *to = stream;
    return stream == NULL ? errno : 0;
}

static errno_t invalid(void)
{
    errno = EINVAL;
    return EINVAL;
}

errno_t fopen_s(FILE **stream, const char *name, const char *mode)
{
    return stream == NULL ? invalid() : told(stream, open_file(name, mode, NULL));
}

errno_t freopen_s(FILE **stream, const char *name, const char *mode, FILE *old)
{
    return stream == NULL || old == NULL ? invalid()
                                         : told(stream, open_file(name, mode, old));
}

errno_t _wfopen_s(FILE **stream, const WCHAR *name, const WCHAR *mode)
{
    return stream == NULL ? invalid() : told(stream, open_by_wide_name(name, mode, NULL));
}

errno_t _wfreopen_s(FILE **stream, const WCHAR *name, const WCHAR *mode, FILE *old)
{
    return stream == NULL || old == NULL
               ? invalid()
               : told(stream, open_by_wide_name(name, mode, old));
}

FILE *_wfopen(const WCHAR *name, const WCHAR *mode)
{
    return open_by_wide_name(name, mode, NULL);
}

FILE *_wfreopen(const WCHAR *name, const WCHAR *mode, FILE *old)
{
    return open_by_wide_name(name, mode, old);
}

int _wremove(const WCHAR *name)
{
    char *narrow = winport_utf8_copy(name);
    const int result = narrow == NULL ? -1 : remove(narrow);
    free(narrow);
    return result;
}

int _wrename(const WCHAR *from, const WCHAR *to)
{
    char *old = winport_utf8_copy(from), *new = winport_utf8_copy(to);
    const int result = old == NULL || new == NULL ? -1 : rename(old, new);
    free(old);
    free(new);
    return result;
}

/* 0 asks whether it is there, 2 and 4 for writing and reading. */
int _access(const char *name, int mode)
{
    if (name == NULL || (mode & ~6) != 0) {
        errno = EINVAL;
        return -1;
    }
    return access(name, (mode & 2 ? W_OK : F_OK) | (mode & 4 ? R_OK : F_OK));
}

int _waccess(const WCHAR *name, int mode)
{
    char *narrow = name == NULL ? NULL : winport_utf8_copy(name);
    const int result = narrow == NULL ? -1 : _access(narrow, mode);
    free(narrow);
    return result;
}

errno_t _access_s(const char *name, int mode)
{
    return _access(name, mode) == 0 ? 0 : errno;
}

errno_t _waccess_s(const WCHAR *name, int mode)
{
    return _waccess(name, mode) == 0 ? 0 : errno;
}

/* NULL wants memory of at least `size` units, which the caller frees. */
char *_getcwd(char *path, int size)
{
    char whole[4096];
    if (getcwd(whole, sizeof whole) == NULL)
        return NULL;
    const size_t length = strlen(whole) + 1;
    if (path == NULL) {
        path = malloc(size > 0 && (size_t)size > length ? (size_t)size : length);
    } else if (size < 0 || (size_t)size < length) {
        errno = ERANGE;
        return NULL;
    }
    return path == NULL ? NULL : memcpy(path, whole, length);
}

WCHAR *_wgetcwd(WCHAR *path, int size)
{
    char whole[4096];
    if (getcwd(whole, sizeof whole) == NULL)
        return NULL;
    WCHAR *wide = winport_utf16_copy(whole);
    if (wide == NULL || path == NULL)
        return wide;
    const errno_t code = wcscpy_s(path, size < 0 ? 0 : (size_t)size, wide);
    free(wide);
    return code == 0 ? path : NULL;
}

int _chdir(const char *path)
{
    return chdir(path);
}

int _mkdir(const char *path)
{
    return mkdir(path, 0777);
}

int _rmdir(const char *path)
{
    return rmdir(path);
}

int _unlink(const char *path)
{
    return unlink(path);
}

int _fseeki64(FILE *stream, int64_t offset, int origin)
{
    return fseeko(stream, (off_t)offset, origin);
}

int64_t _ftelli64(FILE *stream)
{
    return ftello(stream);
}

FILE *_popen(const char *command, const char *mode)
{
    if (command == NULL || mode == NULL) {
        errno = EINVAL;
        return NULL;
    }
    const char made[2] = {mode[0], '\0'}; /* `t` and `b` are Windows' alone */
    return popen(command, made);          // NOLINT(cert-env33-c): it is what is asked for
}

int _pclose(FILE *stream)
{
    return pclose(stream);
}

int _fileno(FILE *stream)
{
    return fileno(stream);
}

int _isatty(int descriptor)
{
    return isatty(descriptor);
}

/* The number of open streams is not known; Windows has three at least. */
int _flushall(void)
{
    (void)fflush(NULL);
    return 3;
}

int _setmode(int descriptor, int mode)
{
    static int modes[64];
    const int known = _O_TEXT | _O_BINARY | _O_WTEXT | _O_U16TEXT | _O_U8TEXT;
    if (mode == 0 || (mode & ~known) != 0) {
        errno = EINVAL;
        return -1;
    }
    if (descriptor < 0 || descriptor >= 64)
        return descriptor < 0 ? (errno = EBADF, -1) : _O_TEXT;
    const int old = __atomic_exchange_n(&modes[descriptor], mode, __ATOMIC_RELAXED);
    return old == 0 ? _O_TEXT : old;
}

void _sleep(ULONG milliseconds)
{
    struct timespec rest = {(time_t)(milliseconds / 1000),
                            (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR)
        ;
}
