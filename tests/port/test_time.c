/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks and the calendar. Source: MS-Docs GetTickCount64, QueryPerformanceCounter,
 * FileTimeToSystemTime, SystemTimeToFileTime. */
#if defined(_WIN32) && !defined(_WIN32_WINNT)
#define _WIN32_WINNT 0x0600
#endif
#include <windows.h>

#include "tests/port/fails.h"

static ULONGLONG ticks_of(const FILETIME *time)
{
    return (ULONGLONG)time->dwHighDateTime << 32 | time->dwLowDateTime;
}

static FILETIME of_ticks(ULONGLONG ticks)
{
    FILETIME time;
    time.dwLowDateTime = (DWORD)ticks;
    time.dwHighDateTime = (DWORD)(ticks >> 32);
    return time;
}

/* They do not go back. */
static void clocks(void)
{
    ULONGLONG before = GetTickCount64();
    DWORD low = GetTickCount();
    CHECK(GetTickCount64() >= before);
    CHECK((DWORD)(GetTickCount() - low) < 0x80000000);
    LARGE_INTEGER frequency, first, second;
    CHECK(QueryPerformanceFrequency(&frequency));
    CHECK(frequency.QuadPart > 0);
    CHECK(QueryPerformanceCounter(&first) && QueryPerformanceCounter(&second));
    CHECK(second.QuadPart >= first.QuadPart);
    SYSTEMTIME system, local;
    FILETIME file, of_system;
    GetSystemTime(&system);
    GetSystemTimeAsFileTime(&file);
    CHECK(system.wYear >= 2024 && system.wMonth >= 1 && system.wMonth <= 12);
    CHECK(SystemTimeToFileTime(&system, &of_system));
    CHECK(ticks_of(&file) + 10000 >= ticks_of(&of_system)); /* a millisecond is cut off */
    GetLocalTime(&local);
    CHECK(SystemTimeToFileTime(&local, &of_system));
#ifndef _WIN32
    CHECK_EQ(frequency.QuadPart, 1000000000);
    CHECK_FAILS(QueryPerformanceCounter(NULL), ERROR_NOACCESS);
    CHECK_FAILS(QueryPerformanceFrequency(NULL), ERROR_NOACCESS);
#endif
}

static void is_moment(ULONGLONG ticks, WORD year, WORD month, WORD day, WORD weekday)
{
    SYSTEMTIME system;
    FILETIME file = of_ticks(ticks);
    CHECK(FileTimeToSystemTime(&file, &system));
    CHECK_EQ(system.wYear, year);
    CHECK_EQ(system.wMonth, month);
    CHECK_EQ(system.wDay, day);
    CHECK_EQ(system.wDayOfWeek, weekday);
    CHECK(SystemTimeToFileTime(&system, &file));
    CHECK_EQ(ticks_of(&file), ticks / 10000 * 10000);
}

#define DAY 864000000000ULL

static void calendar(void)
{
    is_moment(0, 1601, 1, 1, 1);
    is_moment(DAY - 1, 1601, 1, 1, 1);
    is_moment(DAY, 1601, 1, 2, 2);
    is_moment(116444736000000000, 1970, 1, 1, 4);
    is_moment(125963423990000000, 2000, 2, 29, 2);
    is_moment(125963424000000000, 2000, 3, 1, 3);
    is_moment(109207007990000000, 1947, 1, 24, 5);
    is_moment(0x7FFF35F4F06C7FFF, 30827, 12, 31, 5);
    SYSTEMTIME system;
    FILETIME file = of_ticks(116444736000000000 + 12345678901);
    CHECK(FileTimeToSystemTime(&file, &system));
    CHECK_EQ(system.wHour, 0);
    CHECK_EQ(system.wMinute, 20);
    CHECK_EQ(system.wSecond, 34);
    CHECK_EQ(system.wMilliseconds, 567);
    file = of_ticks(0x7FFFFFFFFFFFFFFF); /* the last */
    CHECK(FileTimeToSystemTime(&file, &system));
    CHECK_EQ(system.wYear, 30828);
    file = of_ticks(0x8000000000000000);
    CHECK_FAILS(FileTimeToSystemTime(&file, &system), ERROR_INVALID_PARAMETER);
    file = of_ticks(0xFFFFFFFFFFFFFFFF);
    CHECK_FAILS(FileTimeToSystemTime(&file, &system), ERROR_INVALID_PARAMETER);
}

/* Every day of 900 years, forwards. */
static void every_day(void)
{
    static const WORD days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    SYSTEMTIME system;
    WORD year = 1601, month = 1, day = 1;
    unsigned wrong = 0;
    for (unsigned i = 0; i < 900 * 365; i++) {
        FILETIME file = of_ticks(i * DAY + 5);
        if (!FileTimeToSystemTime(&file, &system) || system.wYear != year
            || system.wMonth != month || system.wDay != day
            || system.wDayOfWeek != (i + 1) % 7)
            wrong++;
        BOOL leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        WORD last = (WORD)(days[month - 1] + (month == 2 && leap ? 1 : 0));
        day = (WORD)(day == last ? 1 : day + 1);
        month = (WORD)(day > 1 ? month : month == 12 ? 1 : month + 1);
        year = (WORD)(day == 1 && month == 1 ? year + 1 : year);
    }
    CHECK_EQ(wrong, 0);
    CHECK_EQ(year, 2500);
}

static void no_moment(WORD year, WORD month, WORD day, WORD hour, WORD minute,
                      WORD second, WORD milliseconds)
{
    SYSTEMTIME system = {year, month, 0, day, hour, minute, second, milliseconds};
    FILETIME file;
    CHECK_FAILS(SystemTimeToFileTime(&system, &file), ERROR_INVALID_PARAMETER);
}

static void no_moments(void)
{
    no_moment(1600, 12, 31, 0, 0, 0, 0);
    no_moment(30828, 1, 1, 0, 0, 0, 0);
    no_moment(2024, 0, 1, 0, 0, 0, 0);
    no_moment(2024, 13, 1, 0, 0, 0, 0);
    no_moment(2024, 1, 0, 0, 0, 0, 0);
    no_moment(2024, 1, 32, 0, 0, 0, 0);
    no_moment(2024, 4, 31, 0, 0, 0, 0);
    no_moment(2023, 2, 29, 0, 0, 0, 0);
    no_moment(2100, 2, 29, 0, 0, 0, 0);
    no_moment(2024, 12, 32, 0, 0, 0, 0);
    no_moment(2024, 1, 1, 24, 0, 0, 0);
    no_moment(2024, 1, 1, 0, 60, 0, 0);
    no_moment(2024, 1, 1, 0, 0, 60, 0);
    no_moment(2024, 1, 1, 0, 0, 0, 1000);
    /* The day of the week is not looked at. */
    SYSTEMTIME system = {2024, 2, 9, 29, 23, 59, 59, 999};
    FILETIME file;
    CHECK(SystemTimeToFileTime(&system, &file));
    CHECK_EQ(ticks_of(&file), 133537247999990000);
#ifndef _WIN32
    CHECK_FAILS(SystemTimeToFileTime(NULL, &file), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(SystemTimeToFileTime(&system, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(FileTimeToSystemTime(NULL, &system), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(FileTimeToSystemTime(&file, NULL), ERROR_INVALID_PARAMETER);
#endif
}

int main(void)
{
    clocks();
    calendar();
    every_day();
    no_moments();
    return check_result();
}
