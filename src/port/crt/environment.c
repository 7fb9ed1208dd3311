/* SPDX-License-Identifier: BSD-2-Clause */
/* The environment, the errors' texts and time by Microsoft's names. */
#include "port/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static errno_t invalid(void)
{
    errno = EINVAL;
    return EINVAL;
}

errno_t getenv_s(size_t *length, char *value, size_t size, const char *name)
{
    if (length == NULL || (value == NULL && size != 0) || name == NULL)
        return invalid();
    const char *found = getenv(name);
    *length = found == NULL ? 0 : strlen(found) + 1;
    if (value != NULL && size != 0)
        value[0] = '\0';
    if (found == NULL || size == 0)
        return 0;
    return *length > size ? ERANGE : strcpy_s(value, size, found);
}

errno_t _wgetenv_s(size_t *length, WCHAR *value, size_t size, const WCHAR *name)
{
    if (length == NULL || (value == NULL && size != 0) || name == NULL)
        return invalid();
    const WCHAR *found = _wgetenv(name);
    *length = found == NULL ? 0 : winport_utf16_length(found) + 1;
    if (value != NULL && size != 0)
        value[0] = 0;
    if (found == NULL || size == 0)
        return 0;
    return *length > size ? ERANGE : wcscpy_s(value, size, found);
}

errno_t _dupenv_s(char **value, size_t *length, const char *name)
{
    if (value == NULL || name == NULL)
        return invalid();
    const char *found = getenv(name);
    *value = _strdup(found);
    if (length != NULL)
        *length = *value == NULL ? 0 : strlen(*value) + 1;
    return found != NULL && *value == NULL ? ENOMEM : 0;
}

errno_t _wdupenv_s(WCHAR **value, size_t *length, const WCHAR *name)
{
    if (value == NULL || name == NULL)
        return invalid();
    const WCHAR *found = _wgetenv(name);
    *value = _wcsdup(found);
    if (length != NULL)
        *length = *value == NULL ? 0 : winport_utf16_length(*value) + 1;
    return found != NULL && *value == NULL ? ENOMEM : 0;
}

WCHAR *_wgetenv(const WCHAR *name)
{
    static _Thread_local WCHAR *last;
    char *narrow = name == NULL ? NULL : winport_utf8_copy(name);
    const char *found = narrow == NULL ? NULL : getenv(narrow);
    WCHAR *wide = found == NULL ? NULL : winport_utf16_copy(found);
    free(narrow);
    free(last);
    last = wide;
    return wide;
}

/* An empty value takes the variable away, as on Windows. */
errno_t _putenv_s(const char *name, const char *value)
{
    if (name == NULL || value == NULL || *name == '\0' || strchr(name, '=') != NULL)
        return invalid();
    const int result = *value == '\0' ? unsetenv(name) : setenv(name, value, 1);
    return result == 0 ? 0 : errno;
}

int _putenv(const char *setting)
{
    const char *sign = setting == NULL ? NULL : strchr(setting, '=');
    if (sign == NULL) {
        invalid();
        return -1;
    }
    char *name = _strdup(setting);
    if (name == NULL)
        return -1;
    name[sign - setting] = '\0';
    const errno_t code = _putenv_s(name, sign + 1);
    free(name);
    return code == 0 ? 0 : -1;
}

errno_t _wputenv_s(const WCHAR *name, const WCHAR *value)
{
    if (name == NULL || value == NULL)
        return invalid();
    char *narrow = winport_utf8_copy(name), *text = winport_utf8_copy(value);
    const errno_t code =
        narrow == NULL || text == NULL ? ENOMEM : _putenv_s(narrow, text);
    free(narrow);
    free(text);
    return code;
}

int _wputenv(const WCHAR *setting)
{
    char *narrow = setting == NULL ? NULL : winport_utf8_copy(setting);
    const int result = _putenv(narrow);
    free(narrow);
    return result;
}

int _wsystem(const WCHAR *command)
{
    if (command == NULL)
        return system(NULL); // NOLINT(cert-env33-c)
    char *narrow = winport_utf8_copy(command);
    // NOLINTNEXTLINE(cert-env33-c)
    const int result = narrow == NULL ? -1 : system(narrow);
    free(narrow);
    return result;
}

errno_t strerror_s(char *text, rsize_t size, int code)
{
    if (text == NULL || size == 0)
        return invalid();
    (void)strncpy_s(text, size, strerror(code), _TRUNCATE);
    return 0;
}

errno_t _wcserror_s(WCHAR *text, rsize_t size, int code)
{
    char found[256];
    if (text == NULL || size == 0)
        return invalid();
    (void)strerror_s(found, sizeof found, code);
    const errno_t result = mbstowcs_s(NULL, text, size, found, _TRUNCATE);
    return result == STRUNCATE ? 0 : result;
}

/* Fields of -1 where the time cannot be told, as Microsoft's. */
static errno_t told(struct tm *fields, const struct tm *made)
{
    if (made != NULL)
        return 0;
    memset(fields, 0xFF, sizeof *fields);
    return invalid();
}

errno_t localtime_s(struct tm *fields, const time_t *at)
{
    if (fields == NULL)
        return invalid();
    return told(fields, at == NULL || *at < 0 ? NULL : localtime_r(at, fields));
}

errno_t gmtime_s(struct tm *fields, const time_t *at)
{
    if (fields == NULL)
        return invalid();
    return told(fields, at == NULL || *at < 0 ? NULL : gmtime_r(at, fields));
}

errno_t _localtime64_s(struct tm *fields, const __time64_t *at)
{
    const time_t copy = at == NULL ? 0 : (time_t)*at;
    return localtime_s(fields, at == NULL ? NULL : &copy);
}

errno_t _gmtime64_s(struct tm *fields, const __time64_t *at)
{
    const time_t copy = at == NULL ? 0 : (time_t)*at;
    return gmtime_s(fields, at == NULL ? NULL : &copy);
}

__time64_t _time64(__time64_t *at)
{
    const __time64_t now = time(NULL);
    if (at != NULL)
        *at = now;
    return now;
}

/* In English whatever the locale is, with a day of two digits, as Microsoft has it:
 * "Wed Jan 02 02:03:55 1980\n", 26 characters with the NUL. */
static errno_t make_time(char made[32], const struct tm *fields)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (fields == NULL || (unsigned)fields->tm_wday > 6 || (unsigned)fields->tm_mon > 11
        || (unsigned)fields->tm_mday > 31 || (unsigned)fields->tm_hour > 23
        || (unsigned)fields->tm_min > 59 || (unsigned)fields->tm_sec > 60
        || fields->tm_year < 0 || fields->tm_year > 9999 - 1900)
        return invalid();
    snprintf(made, 32, "%.3s %.3s %02d %02d:%02d:%02d %04d\n",
             days + (ptrdiff_t)3 * fields->tm_wday,
             months + (ptrdiff_t)3 * fields->tm_mon, fields->tm_mday, fields->tm_hour,
             fields->tm_min, fields->tm_sec, fields->tm_year + 1900);
    return 0;
}

errno_t asctime_s(char *text, size_t size, const struct tm *fields)
{
    char made[32];
    if (text == NULL || size == 0)
        return invalid();
    text[0] = '\0';
    return size < 26 || make_time(made, fields) != 0 ? invalid()
                                                     : strcpy_s(text, size, made);
}

errno_t ctime_s(char *text, size_t size, const time_t *at)
{
    struct tm fields;
    if (text == NULL || size == 0)
        return invalid();
    text[0] = '\0';
    return localtime_s(&fields, at) != 0 ? EINVAL : asctime_s(text, size, &fields);
}

errno_t _wasctime_s(WCHAR *text, size_t size, const struct tm *fields)
{
    char made[32];
    if (text == NULL || size == 0)
        return invalid();
    text[0] = 0;
    if (size < 26 || make_time(made, fields) != 0)
        return invalid();
    return mbstowcs_s(NULL, text, size, made, _TRUNCATE);
}

errno_t _wctime_s(WCHAR *text, size_t size, const time_t *at)
{
    struct tm fields;
    if (text == NULL || size == 0)
        return invalid();
    text[0] = 0;
    return localtime_s(&fields, at) != 0 ? EINVAL : _wasctime_s(text, size, &fields);
}

/* strftime's format and result are UTF-8 here. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
size_t winport_wcsftime(WCHAR *text, size_t size, const WCHAR *format,
                        const struct tm *fields)
{
    char *narrow = winport_utf8_copy(format);
    char *made = narrow == NULL ? NULL : malloc(size * 3);
    size_t length = 0;
    if (made != NULL && strftime(made, size * 3, narrow, fields) != 0) {
        size_t count = 0;
        if (mbstowcs_s(&count, text, size, made, size) == 0)
            length = count - 1;
    }
    free(made);
    free(narrow);
    return length;
}
