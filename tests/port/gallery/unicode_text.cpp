/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of Windows in C++: std::wstring, strings of WCHAR, UTF-8 by WideCharToMultiByte and
 * MultiByteToWideChar, and the W calls with them. */
#ifndef UNICODE
#define UNICODE
#endif
#ifndef _UNICODE
#define _UNICODE
#endif
#include <windows.h>
#include <winscard.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <tchar.h>
#include <vector>

typedef std::basic_string<WCHAR> winstring;
typedef std::vector<winstring> winstrings;

static std::string Utf8FromWide(const winstring &wide)
{
    if (wide.empty())
        return "";
    int cb = WideCharToMultiByte(CP_UTF8, 0, wide.c_str(), (int)wide.length(), NULL, 0,
                                 NULL, NULL);
    std::vector<char> buffer(cb);
    cb = WideCharToMultiByte(CP_UTF8, 0, wide.c_str(), (int)wide.length(), &buffer[0], cb,
                             NULL, NULL);
    return std::string(buffer.begin(), buffer.begin() + cb);
}

static winstring WideFromUtf8(const std::string &narrow)
{
    int cch = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, narrow.data(),
                                  (int)narrow.size(), NULL, 0);
    winstring wide(cch, WCHAR());
    if (cch > 0)
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, narrow.data(),
                            (int)narrow.size(), &wide[0], cch);
    return wide;
}

static std::string Escaped(const winstring &wide)
{
    std::string result;
    for (winstring::const_iterator it = wide.begin(); it != wide.end(); ++it) {
        char unit[8];
        if (*it >= 0x20 && *it < 0x7f)
            result += static_cast<char>(*it);
        else {
            sprintf_s(unit, sizeof(unit), "\\u%04X", static_cast<unsigned>(*it));
            result += unit;
        }
    }
    return result;
}

static winstrings Split(LPCWSTR list)
{
    winstrings result;
    while (*list) {
        result.push_back(list);
        list += lstrlenW(list) + 1;
    }
    return result;
}

static winstrings Readers(SCARDCONTEXT context)
{
    DWORD size = 0;
    LONG rv = SCardListReaders(context, NULL, NULL, &size);
    if (rv != SCARD_S_SUCCESS)
        return winstrings();
    std::vector<WCHAR> buffer(size);
    rv = SCardListReaders(context, NULL, &buffer[0], &size);
    return rv == SCARD_S_SUCCESS ? Split(&buffer[0]) : winstrings();
}

static void Conversions()
{
    const std::string samples[] = {"plain", "Leseger\xC3\xA4t",
                                   "\xE8\xAF\xBB\xE5\x8D\xA1\xE5\x99\xA8",
                                   "\xF0\x9F\x94\x91 key", ""};
    for (const std::string &sample : samples) {
        winstring wide = WideFromUtf8(sample);
        std::cout << Escaped(wide) << ": " << wide.length() << " units, "
                  << (Utf8FromWide(wide) == sample ? "the same again" : "another text")
                  << "\n";
    }
    winstring broken = WideFromUtf8("half \xC3");
    std::cout << "broken: " << broken.length() << ", error " << GetLastError() << "\n";
    const WCHAR alone[] = {'<', 0xD83D, '>', 0};
    std::cout << "half a pair: " << Utf8FromWide(alone).length() << " bytes\n";
}

/* std::wstring: what a program keeps its settings in. */
static void Wide(const winstring &reader)
{
    std::wstring name(reader.begin(), reader.end());
    std::wstring::size_type blank = name.rfind(L' ');
    std::wstring model = name.substr(0, blank);
    winstring back(model.begin(), model.end());
    std::cout << "model: " << Utf8FromWide(back) << ", number: "
              << Utf8FromWide(winstring(name.begin() + blank + 1, name.end())) << "\n";
    std::cout << "lstrcmpW: " << lstrcmpW(back.c_str(), back.c_str()) << "\n";
}

static int Run(int count, TCHAR **arguments)
{
    SCARDCONTEXT context;
    LONG rv = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context);
    if (rv != SCARD_S_SUCCESS)
        return 1;
    for (int i = 1; i < count; i++)
        std::cout << "argument: " << Escaped(arguments[i]) << "\n";
    for (const winstring &reader : Readers(context)) {
        std::cout << "reader: " << Utf8FromWide(reader) << "\n";
        Wide(reader);
        SCARDHANDLE card;
        DWORD protocol;
        rv = SCardConnect(context, reader.c_str(), SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx,
                          &card, &protocol);
        if (rv == SCARD_S_SUCCESS) {
            std::cout << "connected\n";
            SCardDisconnect(card, SCARD_LEAVE_CARD);
        }
    }
    winstring missing = WideFromUtf8("Kein Leseger\xC3\xA4t");
    SCARD_READERSTATE state = {};
    state.szReader = missing.c_str();
    rv = SCardGetStatusChange(context, 0, &state, 1);
    std::cout << "missing: " << std::hex << rv << ", unknown "
              << ((state.dwEventState & SCARD_STATE_UNKNOWN) != 0) << std::dec << "\n";
    SCardReleaseContext(context);
    return 0;
}

int _tmain(int argc, TCHAR *argv[])
{
    Conversions();
    int code = Run(argc, argv);
    std::cout << "code " << code << std::endl;
    return code;
}
