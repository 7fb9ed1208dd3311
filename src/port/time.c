/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks and times. */
#include "port/port.h"

#include <time.h>

#define NANOSECONDS 1000000000
/* From 1601-01-01, where Windows counts from, to 1970-01-01. */
#define EPOCH_SECONDS 11644473600LL
#define TICKS         10000000LL /* of 100 ns in a second */

ULONGLONG GetTickCount64(void)
{
    struct timespec time;
#ifdef CLOCK_BOOTTIME
    clock_gettime(CLOCK_BOOTTIME, &time);
#else
    clock_gettime(CLOCK_MONOTONIC, &time);
#endif
    return (ULONGLONG)time.tv_sec * 1000 + (ULONGLONG)time.tv_nsec / 1000000;
}

DWORD GetTickCount(void)
{
    return (DWORD)GetTickCount64();
}

BOOL QueryPerformanceCounter(LARGE_INTEGER *count)
{
    if (count == NULL)
        return winport_fail(ERROR_NOACCESS);
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    count->QuadPart = (LONGLONG)time.tv_sec * NANOSECONDS + time.tv_nsec;
    return TRUE;
}

BOOL QueryPerformanceFrequency(LARGE_INTEGER *frequency)
{
    if (frequency == NULL)
        return winport_fail(ERROR_NOACCESS);
    frequency->QuadPart = NANOSECONDS;
    return TRUE;
}

/* --- The calendar ------------------------------------------------------------------- */

static SYSTEMTIME system_time(const struct tm *parts, long nanoseconds)
{
    return (SYSTEMTIME){.wYear = (WORD)(parts->tm_year + 1900),
                        .wMonth = (WORD)(parts->tm_mon + 1),
                        .wDayOfWeek = (WORD)parts->tm_wday,
                        .wDay = (WORD)parts->tm_mday,
                        .wHour = (WORD)parts->tm_hour,
                        .wMinute = (WORD)parts->tm_min,
                        .wSecond = (WORD)(parts->tm_sec > 59 ? 59 : parts->tm_sec),
                        .wMilliseconds = (WORD)(nanoseconds / 1000000)};
}

void GetSystemTime(LPSYSTEMTIME time)
{
    struct timespec moment;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &moment);
    gmtime_r(&moment.tv_sec, &parts);
    *time = system_time(&parts, moment.tv_nsec);
}

void GetLocalTime(LPSYSTEMTIME time)
{
    struct timespec moment;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &moment);
    localtime_r(&moment.tv_sec, &parts);
    *time = system_time(&parts, moment.tv_nsec);
}

static FILETIME file_time(uint64_t ticks)
{
    return (FILETIME){.dwLowDateTime = (DWORD)ticks,
                      .dwHighDateTime = (DWORD)(ticks >> 32)};
}

void GetSystemTimeAsFileTime(LPFILETIME time)
{
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    *time = file_time((uint64_t)(moment.tv_sec + EPOCH_SECONDS) * TICKS
                      + (uint64_t)moment.tv_nsec / 100);
}

/* Days from 1601-01-01 to the first of a month, by the Gregorian calendar. */
static int64_t days_before(int64_t year, int64_t month)
{
    static const short before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t past = year - 1601;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return past * 365 + past / 4 - past / 100 + past / 400 + before[month - 1]
           + (leap && month > 2 ? 1 : 0);
}

static int64_t days_of_month(int64_t year, int64_t month)
{
    return month == 12 ? 31 : days_before(year, month + 1) - days_before(year, month);
}

#define LAST_YEAR 30827 /* of a SYSTEMTIME */

BOOL SystemTimeToFileTime(const SYSTEMTIME *system, LPFILETIME file)
{
    if (system == NULL || file == NULL || system->wYear < 1601
        || system->wYear > LAST_YEAR || system->wMonth < 1 || system->wMonth > 12
        || system->wDay < 1 || system->wDay > days_of_month(system->wYear, system->wMonth)
        || system->wHour > 23 || system->wMinute > 59 || system->wSecond > 59
        || system->wMilliseconds > 999)
        return winport_fail(ERROR_INVALID_PARAMETER);
    int64_t days = days_before(system->wYear, system->wMonth) + system->wDay - 1;
    int64_t seconds =
        ((days * 24 + system->wHour) * 60 + system->wMinute) * 60 + system->wSecond;
    *file = file_time((uint64_t)(seconds * TICKS + system->wMilliseconds * 10000LL));
    return TRUE;
}

BOOL FileTimeToSystemTime(const FILETIME *file, LPSYSTEMTIME system)
{
    if (file == NULL || system == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    uint64_t ticks = (uint64_t)file->dwHighDateTime << 32 | file->dwLowDateTime;
    if (ticks >> 63)
        return winport_fail(ERROR_INVALID_PARAMETER);
    int64_t seconds = (int64_t)(ticks / TICKS);
    int64_t days = seconds / 86400;
    int64_t year = 1601 + days / 366; /* or later: at most by a year in 1,400 */
    while (days_before(year + 1, 1) <= days)
        year++;
    int64_t month = 12;
    while (days_before(year, month) > days)
        month--;
    *system =
        (SYSTEMTIME){.wYear = (WORD)year,
                     .wMonth = (WORD)month,
                     .wDayOfWeek = (WORD)((days + 1) % 7), /* 1601-01-01 was a Monday */
                     .wDay = (WORD)(days - days_before(year, month) + 1),
                     .wHour = (WORD)(seconds / 3600 % 24),
                     .wMinute = (WORD)(seconds / 60 % 60),
                     .wSecond = (WORD)(seconds % 60),
                     .wMilliseconds = (WORD)(ticks / 10000 % 1000)};
    return TRUE;
}
