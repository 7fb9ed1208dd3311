/* SPDX-License-Identifier: BSD-2-Clause */
/* Files, the environment and time, as in Microsoft's C library. */
#ifndef WINSCARD_CRT_SYSTEM_H
#define WINSCARD_CRT_SYSTEM_H

#include "crt_convert.h"

#include <unistd.h>

#ifdef WINSCARD_WITH_PORT

#define _MAX_PATH  260
#define _MAX_DRIVE 3
#define _MAX_DIR   256
#define _MAX_FNAME 256
#define _MAX_EXT   256

/* Files. The mode's `t` and `ccs=` are taken and change nothing: text is as it is, and wide
 * text UTF-8. Names are as this system has them. */
WINPORT_API(errno_t)
fopen_s(FILE **stream, const char *name, const char *mode) WINPORT_NAME(fopen_s);
WINPORT_API(errno_t)
_wfopen_s(FILE **stream, const WCHAR *name, const WCHAR *mode) WINPORT_NAME(_wfopen_s);
WINPORT_API(errno_t)
freopen_s(FILE **stream, const char *name, const char *mode, FILE *old)
    WINPORT_NAME(freopen_s);
WINPORT_API(errno_t)
_wfreopen_s(FILE **stream, const WCHAR *name, const WCHAR *mode, FILE *old)
    WINPORT_NAME(_wfreopen_s);
WINPORT_API(FILE *) _wfopen(const WCHAR *name, const WCHAR *mode) WINPORT_NAME(_wfopen);
WINPORT_API(FILE *)
_wfreopen(const WCHAR *name, const WCHAR *mode, FILE *old) WINPORT_NAME(_wfreopen);
WINPORT_API(int) _wremove(const WCHAR *name) WINPORT_NAME(_wremove);
WINPORT_API(int) _wrename(const WCHAR *from, const WCHAR *to) WINPORT_NAME(_wrename);
WINPORT_API(int) _access(const char *name, int mode) WINPORT_NAME(_access);
WINPORT_API(int) _waccess(const WCHAR *name, int mode) WINPORT_NAME(_waccess);
WINPORT_API(errno_t) _access_s(const char *name, int mode) WINPORT_NAME(_access_s);
WINPORT_API(errno_t) _waccess_s(const WCHAR *name, int mode) WINPORT_NAME(_waccess_s);
WINPORT_API(char *) _getcwd(char *path, int size) WINPORT_NAME(_getcwd);
WINPORT_API(WCHAR *) _wgetcwd(WCHAR *path, int size) WINPORT_NAME(_wgetcwd);
WINPORT_API(int) _chdir(const char *path) WINPORT_NAME(_chdir);
WINPORT_API(int) _mkdir(const char *path) WINPORT_NAME(_mkdir);
WINPORT_API(int) _rmdir(const char *path) WINPORT_NAME(_rmdir);
WINPORT_API(int) _unlink(const char *path) WINPORT_NAME(_unlink);
WINPORT_API(int)
_fseeki64(FILE *stream, int64_t offset, int origin) WINPORT_NAME(_fseeki64);
WINPORT_API(int64_t) _ftelli64(FILE *stream) WINPORT_NAME(_ftelli64);
WINPORT_API(FILE *) _popen(const char *command, const char *mode) WINPORT_NAME(_popen);
WINPORT_API(int) _pclose(FILE *stream) WINPORT_NAME(_pclose);
WINPORT_API(int) _fileno(FILE *stream) WINPORT_NAME(_fileno);
WINPORT_API(int) _isatty(int descriptor) WINPORT_NAME(_isatty);
WINPORT_API(int) _flushall(void) WINPORT_NAME(_flushall);
WINPORT_API(int) _putws(const WCHAR *text) WINPORT_NAME(_putws);

/* How a descriptor's text is written is no choice here: the older mode is returned, which is
 * that of the last call, or _O_TEXT. In every mode wide text is UTF-8. */
#define _O_TEXT    0x4000
#define _O_BINARY  0x8000
#define _O_WTEXT   0x10000
#define _O_U16TEXT 0x20000
#define _O_U8TEXT  0x40000
#ifndef O_BINARY
#define O_TEXT   _O_TEXT
#define O_BINARY _O_BINARY
#endif
WINPORT_API(int) _setmode(int descriptor, int mode) WINPORT_NAME(_setmode);
WINPORT_API(int) setmode(int descriptor, int mode) WINPORT_NAME(_setmode);

/* The environment. What _wgetenv returns stays until the thread's next call of it. */
WINPORT_API(errno_t)
getenv_s(size_t *length, char *value, size_t size, const char *name)
    WINPORT_NAME(getenv_s);
WINPORT_API(errno_t)
_dupenv_s(char **value, size_t *length, const char *name) WINPORT_NAME(_dupenv_s);
WINPORT_API(int) _putenv(const char *setting) WINPORT_NAME(_putenv);
WINPORT_API(errno_t)
_putenv_s(const char *name, const char *value) WINPORT_NAME(_putenv_s);
WINPORT_API(errno_t)
_wgetenv_s(size_t *length, WCHAR *value, size_t size, const WCHAR *name)
    WINPORT_NAME(_wgetenv_s);
WINPORT_API(errno_t)
_wdupenv_s(WCHAR **value, size_t *length, const WCHAR *name) WINPORT_NAME(_wdupenv_s);
WINPORT_API(int) _wputenv(const WCHAR *setting) WINPORT_NAME(_wputenv);
WINPORT_API(errno_t)
_wputenv_s(const WCHAR *name, const WCHAR *value) WINPORT_NAME(_wputenv_s);
WINPORT_API(WCHAR *) _wgetenv(const WCHAR *name) WINPORT_NAME(_wgetenv);
WINPORT_API(int) _wsystem(const WCHAR *command) WINPORT_NAME(_wsystem);

/* Time; the arguments stand as Microsoft has them, unlike C11's. */
typedef int64_t __time64_t;
WINPORT_API(errno_t)
localtime_s(struct tm *fields, const time_t *at) WINPORT_NAME(localtime_s);
WINPORT_API(errno_t) gmtime_s(struct tm *fields, const time_t *at) WINPORT_NAME(gmtime_s);
WINPORT_API(errno_t)
_localtime64_s(struct tm *fields, const __time64_t *at) WINPORT_NAME(_localtime64_s);
WINPORT_API(errno_t)
_gmtime64_s(struct tm *fields, const __time64_t *at) WINPORT_NAME(_gmtime64_s);
WINPORT_API(errno_t)
ctime_s(char *text, size_t size, const time_t *at) WINPORT_NAME(ctime_s);
WINPORT_API(errno_t)
asctime_s(char *text, size_t size, const struct tm *fields) WINPORT_NAME(asctime_s);
WINPORT_API(errno_t)
_wctime_s(WCHAR *text, size_t size, const time_t *at) WINPORT_NAME(_wctime_s);
WINPORT_API(errno_t)
_wasctime_s(WCHAR *text, size_t size, const struct tm *fields) WINPORT_NAME(_wasctime_s);
WINPORT_API(__time64_t) _time64(__time64_t *at) WINPORT_NAME(_time64);
WINPORT_API(void) _sleep(ULONG milliseconds) WINPORT_NAME(_sleep);

#ifdef __cplusplus
WINPORT_ARRAY1(errno_t, ctime_s, char, const time_t *)
WINPORT_ARRAY1(errno_t, asctime_s, char, const struct tm *)
WINPORT_ARRAY1(errno_t, _wctime_s, WCHAR, const time_t *)
WINPORT_ARRAY1(errno_t, _wasctime_s, WCHAR, const struct tm *)
template <size_t N>
inline errno_t getenv_s(size_t *length, char (&value)[N], const char *name)
{
    return getenv_s(length, (char *)value, N, name);
}
template <size_t N>
inline errno_t _wgetenv_s(size_t *length, WCHAR (&value)[N], const WCHAR *name)
{
    return _wgetenv_s(length, (WCHAR *)value, N, name);
}
#undef WINPORT_ARRAY0
#undef WINPORT_ARRAY1
#undef WINPORT_ARRAY2
#endif

#endif
#endif
