/* SPDX-License-Identifier: BSD-2-Clause */
/* Overloads of windows.h for C++ programs whose text is wchar_t, as cplusplus.h has them of
 * the smart card calls. Calls that are not here take text of WCHAR alone. */
#ifndef WINSCARD_WIDE_CALLS_H
#define WINSCARD_WIDE_CALLS_H

#include "cplusplus.h"

#ifdef WINSCARD_WIDE_OVERLOADS

#include "../winbase.h"

#ifdef WINSCARD_WITH_PORT

/* What is a pointer to wchar_t is a template's, so that NULL is one to WCHAR. A code point
 * above U+FFFF is one wchar_t, and counts as one where the buffer is of wchar_t. */
template <class C>
inline int MultiByteToWideChar(UINT page, DWORD flags, LPCCH text, int size, C *wide,
                               int room, typename winscard_only<C, wchar_t>::type = 0)
{
    const int units =
        MultiByteToWideChar(page, flags, text, size, static_cast<LPWSTR>(nullptr), 0);
    std::u16string converted(units > 0 ? static_cast<size_t>(units) : 0, u'\0');
    if (units <= 0
        || MultiByteToWideChar(page, flags, text, size, &converted[0], units) <= 0)
        return 0;
    const std::wstring result = winscard::wide(converted);
    const int needed = static_cast<int>(result.size());
    if (room != 0 && (wide == nullptr || room < needed)) {
        SetLastError(wide == nullptr || room < 0 ? ERROR_INVALID_PARAMETER
                                                 : ERROR_INSUFFICIENT_BUFFER);
        return 0;
    }
    if (room != 0)
        memcpy(wide, result.data(), result.size() * sizeof(wchar_t));
    return needed;
}

template <class C>
inline int WideCharToMultiByte(UINT page, DWORD flags, const C *wide, int size,
                               LPSTR text, int room, LPCCH default_char,
                               LPBOOL used_default,
                               typename winscard_only<C, wchar_t>::type = 0)
{
    if (wide == nullptr || size == 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    const size_t length = size < 0 ? std::char_traits<wchar_t>::length(wide) + 1
                                   : static_cast<size_t>(size);
    const std::u16string units = winscard::utf16(wide, length);
    return WideCharToMultiByte(page, flags, units.data(), static_cast<int>(units.size()),
                               text, room, default_char, used_default);
}

template <class C>
inline int lstrlenW(const C *text, typename winscard_only<C, wchar_t>::type = 0)
{
    return text == nullptr ? 0
                           : static_cast<int>(std::char_traits<wchar_t>::length(text));
}

/* Text that is put in. */
inline int lstrcmpW(winscard_w_text left, winscard_w_text right)
{
    return lstrcmpW(static_cast<LPCWSTR>(left), static_cast<LPCWSTR>(right));
}

inline int lstrcmpiW(winscard_w_text left, winscard_w_text right)
{
    return lstrcmpiW(static_cast<LPCWSTR>(left), static_cast<LPCWSTR>(right));
}

inline void OutputDebugStringW(winscard_w_text text)
{
    OutputDebugStringW(static_cast<LPCWSTR>(text));
}

inline HMODULE LoadLibraryW(winscard_w_text name)
{
    return LoadLibraryW(static_cast<LPCWSTR>(name));
}

inline HMODULE GetModuleHandleW(winscard_w_text name)
{
    return GetModuleHandleW(static_cast<LPCWSTR>(name));
}

inline HANDLE CreateEventW(LPSECURITY_ATTRIBUTES attributes, BOOL manual_reset,
                           BOOL initial_state, winscard_w_text name)
{
    return CreateEventW(attributes, manual_reset, initial_state,
                        static_cast<LPCWSTR>(name));
}

inline HANDLE CreateMutexW(LPSECURITY_ATTRIBUTES attributes, BOOL initial_owner,
                           winscard_w_text name)
{
    return CreateMutexW(attributes, initial_owner, static_cast<LPCWSTR>(name));
}

inline HANDLE CreateSemaphoreW(LPSECURITY_ATTRIBUTES attributes, LONG initial,
                               LONG maximum, winscard_w_text name)
{
    return CreateSemaphoreW(attributes, initial, maximum, static_cast<LPCWSTR>(name));
}

inline HANDLE CreateFileW(winscard_w_text path, DWORD access, DWORD sharing,
                          LPSECURITY_ATTRIBUTES attributes, DWORD creation, DWORD flags,
                          HANDLE template_file)
{
    return CreateFileW(static_cast<LPCWSTR>(path), access, sharing, attributes, creation,
                       flags, template_file);
}

inline BOOL DeleteFileW(winscard_w_text path)
{
    return DeleteFileW(static_cast<LPCWSTR>(path));
}

inline DWORD GetFileAttributesW(winscard_w_text path)
{
    return GetFileAttributesW(static_cast<LPCWSTR>(path));
}

inline BOOL SetEnvironmentVariableW(winscard_w_text name, winscard_w_text value)
{
    return SetEnvironmentVariableW(static_cast<LPCWSTR>(name),
                                   static_cast<LPCWSTR>(value));
}

/* Text that comes out: where it does not fit, what is needed or was cut is told in units of
 * WCHAR, of which a wchar_t takes no more. */
inline DWORD winscard_put(const std::u16string &units, DWORD given, DWORD room,
                          wchar_t *text)
{
    if (given == 0 || given >= room || text == nullptr)
        return given;
    const std::wstring converted = winscard::wide(units.data(), given);
    memcpy(text, converted.c_str(), (converted.size() + 1) * sizeof(wchar_t));
    return static_cast<DWORD>(converted.size());
}

template <class C>
inline DWORD GetModuleFileNameW(HMODULE module, C *path, DWORD room,
                                typename winscard_only<C, wchar_t>::type = 0)
{
    std::u16string units(static_cast<size_t>(room) + 1, u'\0');
    return winscard_put(units, GetModuleFileNameW(module, &units[0], room), room, path);
}

template <class C>
inline DWORD GetEnvironmentVariableW(winscard_w_text name, C *value, DWORD room,
                                     typename winscard_only<C, wchar_t>::type = 0)
{
    std::u16string units(static_cast<size_t>(room) + 1, u'\0');
    return winscard_put(
        units, GetEnvironmentVariableW(static_cast<LPCWSTR>(name), &units[0], room), room,
        value);
}

template <class C>
inline DWORD GetTempPathW(DWORD room, C *path,
                          typename winscard_only<C, wchar_t>::type = 0)
{
    std::u16string units(static_cast<size_t>(room) + 1, u'\0');
    return winscard_put(units, GetTempPathW(room, &units[0]), room, path);
}

/* Into a buffer: with FORMAT_MESSAGE_ALLOCATE_BUFFER the pointer has to be one to WCHAR, as
 * what it gets is (ERROR_INVALID_PARAMETER). */
template <class C>
inline DWORD FormatMessageW(DWORD flags, LPCVOID source, DWORD code, DWORD language,
                            C *buffer, DWORD room, va_list *arguments,
                            typename winscard_only<C, wchar_t>::type = 0)
{
    if (flags & (FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_STRING)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    std::u16string units(static_cast<size_t>(room) + 1, u'\0');
    return winscard_put(
        units, FormatMessageW(flags, source, code, language, &units[0], room, arguments),
        room, buffer);
}

#endif
#endif
#endif
