/* SPDX-License-Identifier: BSD-2-Clause */
/* scard port: what it finds in sources and what it does not, what it makes of files that are
 * none, and its limits. */
#if !defined(_WIN32) && !defined(_XOPEN_SOURCE)
#define _XOPEN_SOURCE 700 /* mkdtemp, symlink, mkfifo */
#endif
#include "cli/port/port_condition.h"
#include "cli/port/port_known.h"
#include "cli/port/port_look.h"
#include "cli/port/port_ours.h"
#include "cli/port/port_text.h"

#include "tests/cli/runs.h"

#include <stdlib.h>
#ifndef _WIN32
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

static void put_bytes(const char *name, const char *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
}

static void put(const char *name, const char *text)
{
    put_bytes(name, text, strlen(text));
}

/* The exit code of a look at one text; the output stays. */
static int look_as(const char *name, const char *text)
{
    char line[80];
    struct text command;
    text_start(&command, line, sizeof line);
    text_add(&command, "port|%s", name);
    put(name, text);
    fake_reset();
    int code = run(line);
    remove(name);
    return code;
}

static int look_at(const char *text)
{
    return look_as("one.cpp", text);
}

static const char *const needs_nothing = "1 file: 1 needs nothing\n";

/* --- what is there ------------------------------------------------------------------ */

static void test_tables(void)
{
    static const char *const ours[] = {
        "SCardEstablishContext", "SCardConnectA", "SCardConnectW",
        "SCARD_READERSTATE",     "DWORD",         "SCARD_E_TIMEOUT"};
    CHECK(port_our_names_count > 500);
    CHECK(port_our_headers_count > 10);
    for (size_t i = 1; i < port_our_names_count; i++)
        CHECK(strcmp(port_our_names[i - 1], port_our_names[i]) < 0);
    for (size_t i = 1; i < port_our_headers_count; i++)
        CHECK(strcmp(port_our_headers[i - 1], port_our_headers[i]) < 0);
    for (size_t i = 0; i < TEXT_COUNT(ours); i++)
        CHECK(port_is_ours(ours[i], strlen(ours[i])));
    CHECK(!port_is_ours("SCardEstablishContex", 20));
    CHECK(!port_is_ours("SCardEstablishContext2", 22));
    CHECK(!port_is_ours("CryptAcquireContext", 19));
}

/* Nothing in these is Windows' own and missing. */
static void test_nothing(void)
{
    static const char *const texts[] = {
        "",
        "\n",
        "int main(void) { return 0; }",
        "#include <windows.h>\n#include <winscard.h>\n#include <stdio.h>\n"
        "int main(void) { SCARDCONTEXT c; DWORD n = SCARD_AUTOALLOCATE;\n"
        " return SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &c) != 0; }\n",
        "/* CryptGenRandom(h); */ // RegOpenKey(a)\nconst char *s = \"MessageBox(0)\";",
        "// a comment that goes on \\\nRegOpenKeyEx(a)\n",
        "const char *s = R\"x(CreateWindow(\")y\" RegOpenKey(1))x\";",
        "void f() { object.RegOpenKey(1); object->MessageBox(2); Own::CryptX(3); }",
        "struct Own { void RegOpenKey(); };\nvoid f() { RegOpenKey(); }",
        "static int CryptHelper(int a);\nvoid f() { CryptHelper(1); }",
        "int RegToInt(char *a) { return *a; }\nvoid f() { RegToInt(\"\"); }",
        "#define CertDump(x) (x)\nvoid f() { CertDump(1); }",
        "typedef int (*CryptFn)(int);\nvoid f(CryptFn CoCall) { CoCall(1); }",
        "enum { WM_FIRST = 1, WM_OTHER, HKEY_OWN };\nint a = WM_OTHER + HKEY_OWN;",
        "class CString { public: CString(int); };\nCString s(1);",
        "namespace N { class GoodName; }\nN::GoodName *MakeGoodName();\n"
        "void f() { MakeGoodName(); }",
        "void f() { Regular(1); Corner(2); Certainly(3); }",
        "#if 0\nCreateWindow(1);\n#endif\n",
        "#ifdef __cplusplus_cli\ngcnew X;\n#endif\n",
        "#ifndef GUARD_H\n#define GUARD_H\nint a = EXIT_FAILURE, b = SIGINT, c = "
        "EINVAL;\n"
        "#endif\n",
        "void f() { auto a = 1'000'000 ^ b; int x = a ^ b; }",
        "#include <vector>\n#include <sys/socket.h>\nint f() { _Exit(1); }\n",
        "BOOL f() { return SUCCEEDED(1); }\n#include <windows.h>\n",
        "int main(argc, argv) int argc; char **argv; { return argc; }",
    };
    for (size_t i = 0; i < TEXT_COUNT(texts); i++) {
        CHECK_EQ(look_at(texts[i]), CLI_OK);
        CHECK_STR(output, needs_nothing);
        CHECK_STR(errors, "");
    }
}

/* --- what is not -------------------------------------------------------------------- */

static void test_families(void)
{
    static const struct {
        const char *text, *name, *about;
    } rows[] = {
        {"void f() { CryptAcquireContext(&p, 0, 0, PROV_RSA_FULL, 0); }",
         "CryptAcquireContext", "CryptoAPI"},
        {"#include <wincrypt.h>\n", "<wincrypt.h>", "CryptoAPI"},
        {"#include <WinCrypt.h>\n", "<WinCrypt.h>", "CryptoAPI"},
        {"int f() { return ::BCryptOpenAlgorithmProvider(a); }",
         "BCryptOpenAlgorithmProvider", "CryptoAPI"},
        {"#include \"cardmod.h\"\n", "\"cardmod.h\"", "CryptoAPI"},
        {"void f() { CoInitialize(NULL); }", "CoInitialize", "COM"},
        {"ISCard *card;", "ISCard", "COM"},
        {"#import \"x.tlb\"\n", "#import", "COM"},
        {"#include <afxwin.h>\n", "<afxwin.h>", "MFC"},
        {"CString s;", "CString", "MFC"},
        {"void f(_bstr_t a);", "_bstr_t", "MFC"},
        {"void f() { MessageBox(0, a, b, MB_OK); }", "MessageBox", "windows, dialogs"},
        {"case WM_PAINT: break;", "WM_PAINT", "windows, dialogs"},
        {"PAINTSTRUCT p;", "PAINTSTRUCT", "windows, dialogs"},
        {"void f() { RegOpenKeyExA(HKEY_LOCAL_MACHINE, a); }", "RegOpenKeyExA",
         "the registry"},
        {"void f() { StartServiceCtrlDispatcher(t); }", "StartServiceCtrlDispatcher",
         "services"},
        {"void f() { SetupDiGetClassDevs(g); }", "SetupDiGetClassDevs", "SetupAPI"},
        {"void f() { __try { } __finally { } }", "__finally", "structured exceptions"},
        {"void f() { __asm { nop } }", "__asm", "inline assembler"},
        {"void f(DCB *d) { SetCommState(h, d); }", "SetCommState", "COM ports"},
        {"void f() { CreateNamedPipe(a); }", "CreateNamedPipe", "named pipes"},
        {"void f() { WSAStartup(1, 0); }", "WSAStartup", "Windows' sockets"},
        {"void f() { TerminateThread(t, 0); }", "TerminateThread", "by force"},
        {"void f() { CreateToolhelp32Snapshot(1, 0); }", "CreateToolhelp32Snapshot",
         "processes"},
        {"void f() { SetConsoleCursorPosition(h, c); }", "SetConsoleCursorPosition",
         "the console"},
        {"void f() { x = gcnew Y(); }", "gcnew", "C++/CLI"},
        {"void f() { System::String ^s = nullptr; }", "^", "C++/CLI"},
        {"#using <mscorlib.dll>\n", "#using", "C++/CLI"},
        {"#include \"StdAfx.h\"\n", "\"StdAfx.h\"", "compiled first"},
        {"#include \"..\\own\\x.h\"\n", "\"..\\own\\x.h\"", "backslashes"},
        {"#ifndef _WIN32\n#error \"Windows alone\"\n#endif\n", "#error", "other than"},
        {"void f() { _spawnl(a, b, c); }", "_spawnl", "C library"},
        {"void f() { WriteIntoTheBlue(1); }", "WriteIntoTheBlue", "nobody here knows"},
        {"void f() { _unheard_of(1); }", "_unheard_of", "nobody here knows"},
        {"int a = SOME_CONSTANT;", "SOME_CONSTANT", "nobody here knows"},
        {"#include \"nowhere.h\"\n", "\"nowhere.h\"", "not found"},
        {"#include <wINSCARD.h>\n", "<wINSCARD.h>", "in other letters"},
        {"HANDLE h = CryptMake(1);", "CryptMake", "CryptoAPI"},
        {"#define GO() RegCloseKey(k)\n", "RegCloseKey", "the registry"},
    };
    for (size_t i = 0; i < TEXT_COUNT(rows); i++) {
        CHECK_EQ(look_at(rows[i].text), CLI_NEGATIVE);
        CHECK_OUTPUT(rows[i].name);
        CHECK_OUTPUT(rows[i].about);
        CHECK_OUTPUT("    -> ");
        CHECK(strstr(output, needs_nothing) == NULL);
    }
}

/* Good to know, and nothing that needs a change. */
static void test_notes(void)
{
    CHECK_EQ(look_at("#pragma comment(lib, \"winscard.lib\")\n#pragma once\n"), CLI_OK);
    CHECK_OUTPUT("note: #pragma comment");
    CHECK_OUTPUT("\"winscard.lib\"");
    CHECK_OUTPUT(needs_nothing);
    CHECK_EQ(look_at("int a;\n#ifdef _WIN32\nRegOpenKey(1);\n#else\nint b;\n#endif\n"),
             CLI_OK);
    CHECK_OUTPUT("note: parts for Windows");
    CHECK_OUTPUT("line 2\n");
    CHECK_EQ(look_at("#if !defined(WIN32)\nint b;\n#else\nRegOpenKey(1);\n#endif\n"),
             CLI_OK);
    CHECK_OUTPUT("line 3\n");
    CHECK_EQ(look_at("void f() { SCardListReadersW(0, L\"a\", 0, 0); }"), CLI_OK);
    CHECK_OUTPUT("-fshort-wchar");
    CHECK_EQ(look_at("void f() { LPWSTR a; SCardListReaders(0, 0, a, 0); }"), CLI_OK);
    CHECK_OUTPUT("-DUNICODE");
    CHECK_EQ(look_at("void f() { LPWSTR a; SCardListReadersW(0, 0, a, 0); }"), CLI_OK);
    CHECK_STR(output, needs_nothing);
    /* Wide text of the C++ library alone, and both kinds in one file. */
    CHECK_EQ(look_at("std::wstring a = L\"a\"; void f() { std::wcout << a; }"), CLI_OK);
    CHECK_STR(output, needs_nothing);
    CHECK_EQ(look_at("std::wstring a; void f() { SCardListReadersW(0, L\"a\", 0, 0); }"),
             CLI_NEGATIVE);
    CHECK_OUTPUT("wstring");
    CHECK_EQ(look_at("int a; /* no end\nRegOpenKey(1);"), CLI_OK);
    CHECK_OUTPUT("a comment that does not end");
}

static const struct {
    const char *condition;
    int seen; /* of what stands in it */
} conditions[] = {
    {"#if defined(_WIN32)", 0},
    {"#if defined _WIN32 || defined(_WIN64)", 0},
    {"#if !defined(_WIN32) || defined(X)", 1},
    {"#if defined(X) && defined(_MSC_VER)", 0},
    {"#if defined(X) || defined(_MSC_VER)", 1},
    {"#if _MSC_VER >= 1400", 0},
    {"#if _MSC_VER < 1400", 1},
    {"#if (_MSC_VER > 1000) && 1", 0},
    {"#if 1 == 1 && 2 != 3 && 0x10 >= 16 && 3 <= 3 && 2 > 1", 1},
    {"#if 0 || (0 && X)", 0},
    {"#if X(1, 2)", 1},
    {"#if (1", 1},
    {"#if )", 1},
    {"#if defined", 1},
    {"#if defined(", 1},
    {"#if", 1},
    {"#ifdef", 1},
    {"#if __has_include(<x.h>)", 1},
    {"#ifdef __cplusplus", 1},
    {"#if !!!0", 1},
    {"#if 1 ? 0 : 1", 1},
    {"#ifndef _WIN32", 1},
    {"#ifdef _WIN32\n#elif defined(_WIN64)", 0},
    {"#ifdef _WIN32\n#elif 1", 1},
    {"#ifdef X\n#else", 1},
    {"#if 1\n#elif X", 0},
    {"#if 1\n#else", 0},
    {"#if 0\n#if 1\n#else\n#endif", 0},
};

static void test_conditions(void)
{
    for (size_t i = 0; i < TEXT_COUNT(conditions); i++) {
        char text[300];
        struct text lines;
        text_start(&lines, text, sizeof text);
        text_add(&lines, "%s\nvoid f() { RegCloseKey(1); }\n#endif\n",
                 conditions[i].condition);
        if (look_at(text) != (conditions[i].seen != 0 ? CLI_NEGATIVE : CLI_OK))
            CHECK_FAILED("not so: %s: %s", conditions[i].condition, output);
        text_add(&lines, "void g() { WSACleanup(); }\n");
        CHECK_EQ(look_at(text), CLI_NEGATIVE);
        CHECK_OUTPUT("WSACleanup");
    }
    put("one.cpp",
        "#ifdef _WIN32\nint a = RegCloseKey(1);\n#else\nint a = WSACleanup();\n"
        "#endif\n#if WINVER >= 0x500\nint b = CoInitialize(0);\n#endif\n");
    CHECK_EQ(run("port|-D_WIN32|-D|WINVER=0x400|one.cpp"), CLI_NEGATIVE);
    CHECK_OUTPUT("RegCloseKey");
    CHECK(strstr(output, "WSACleanup") == NULL);
    CHECK(strstr(output, "CoInitialize") == NULL);
    CHECK(strstr(output, "note") == NULL);
    CHECK_EQ(run("port|--define=WINVER=0x600|one.cpp"), CLI_NEGATIVE);
    CHECK_OUTPUT("CoInitialize");
    CHECK_EQ(look_as("one.c", "#ifdef __cplusplus\nRegCloseKey(1);\n#endif\n"), CLI_OK);
    /* Both branches open a brace that is closed once. */
    CHECK_EQ(look_at("void f() {\n#ifdef X\nif (a) {\n#else\nif (b) {\n#endif\n}\n}\n"
                     "int RegOwn(int);\nvoid g() { RegOwn(1); }"),
             CLI_OK);
}

/* --- the form ----------------------------------------------------------------------- */

static void test_form(void)
{
    CHECK_EQ(look_at("void f() {\nRegCloseKey(1);\nRegCloseKey(1);\nRegCloseKey(1);\n"
                     "RegCloseKey(1);\nRegCloseKey(1);\nRegCloseKey(1);\n"
                     "WSACleanup();\nLostAndFound(1); }\n"),
             CLI_NEGATIVE);
    CHECK_OUTPUT(
        "one.cpp\n  the registry\n    RegCloseKey                 lines 2, 3, 4, "
        "5, 6 and 1 more\n    -> ");
    CHECK_OUTPUT("1 file: 1 needs changes: 2 names in 2 families, 1 that nobody here "
                 "knows\n");
    put("two.cpp", "int a;\n");
    put("three.cpp", "void f() { RegCloseKey(1); RegOpenKey(1); }\n");
    put("four.cpp", "void f() { LostAndFound(1); }\n");
    CHECK_EQ(run("port|two.cpp|three.cpp|four.cpp|three.cpp"), CLI_NEGATIVE);
    CHECK_OUTPUT(
        "3 files: 1 needs nothing, 1 needs changes, 1 is to be looked at: 2 names "
        "in 1 family, 1 that nobody here knows\n");
    CHECK(strstr(output, "two.cpp") == NULL);
    CHECK_EQ(run("port|--json|two.cpp|three.cpp"), CLI_NEGATIVE);
    CHECK_OUTPUT(
        "{\"files\":[{\"file\":\"two.cpp\",\"families\":[]},{\"file\":\"three.cpp\","
        "\"families\":[{\"family\":\"registry\",\"class\":\"missing\",");
    CHECK_OUTPUT("{\"name\":\"RegOpenKey\",\"count\":1,\"lines\":[1]}");
    CHECK_OUTPUT("\"file_count\":2,\"changed\":1,");
    remove("two.cpp");
    remove("three.cpp");
    remove("four.cpp");
    CHECK_EQ(run("port"), CLI_USAGE);
    CHECK_EQ(run("port|--include"), CLI_USAGE);
}

/* What a header defines is known in the files that include it. */
static void test_headers(void)
{
    CHECK(port_is_base("SCardReleaseContext", 19) && !port_is_base("_tcslen", 7));
    CHECK_EQ(look_at("#include <winscard.h>\n#include <stdio.h>\n"
                     "void f() { SCardReleaseContext(1); _tcslen(t); printf(t); }\n"),
             CLI_NEGATIVE);
    CHECK_OUTPUT("add #include <windows.h>");
    CHECK_OUTPUT("    _tcslen ");
    CHECK(strstr(output, "SCardReleaseContext") == NULL);
    CHECK(strstr(output, "printf") == NULL);
    CHECK_EQ(look_at("#include <Windows.h>\n#include <TCHAR.H>\n#include <WinSCard.h>\n"
                     "void f() { _tcslen(t); }\n"),
             CLI_OK);
    put("own.h", "#include <windows.h>\nvoid f() { RegCloseKey(1); }\n");
    CHECK_EQ(look_at("#include \"own.h\"\nvoid g() { Sleep(1); }\n"), CLI_NEGATIVE);
    CHECK_OUTPUT("own.h\n  the registry\n");
    CHECK_OUTPUT("2 files: 1 needs nothing, 1 needs changes: 1 name in 1 family\n");
    put("own.h", "#include \"own.h\"\nint RegOwn(int);\n");
    CHECK_EQ(look_at("#include \"own.h\"\nvoid f() { RegOwn(1); }"), CLI_OK);
    CHECK_EQ(look_at("#include \"Own.h\"\nint a;"), CLI_NEGATIVE);
    CHECK_OUTPUT("in other letters");
    CHECK_EQ(look_at("#include \".\\own.h\"\nvoid f() { RegOwn(1); }"), CLI_NEGATIVE);
    CHECK(strstr(output, "RegOwn") == NULL);
    CHECK_EQ(look_at("#include <own.h>\nint a = OWN_CONSTANT;"), CLI_NEGATIVE);
    CHECK(strstr(output, "OWN_CONSTANT") == NULL); /* it may be in there */
    put("one.cpp", "#include <own.h>\nvoid f() { RegOwn(1); }");
    CHECK_EQ(run("port|-I|.|one.cpp"), CLI_OK);
    CHECK_EQ(run("port|one.cpp|own.h"), CLI_OK);
    remove("own.h");
    put("stdafx.h", "#include <windows.h>\n");
    CHECK_EQ(look_at("#include \"stdafx.h\"\n"), CLI_OK);
    remove("stdafx.h");
}

/* --- files that are none ------------------------------------------------------------ */

static void test_encodings(void)
{
    static const char text[] = "void f() {\r\nRegCloseKey(1); }\r\n";
    char bytes[200] = "\xFF\xFE";
    size_t size = 2;
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        bytes[size++] = text[i];
        bytes[size++] = '\0';
    }
    put_bytes("wide.cpp", bytes, size);
    CHECK_EQ(run("port|wide.cpp"), CLI_NEGATIVE);
    CHECK_OUTPUT("RegCloseKey                 line 2\n");
    put_bytes("wide.cpp", bytes, size - 1);
    CHECK_EQ(run("port|wide.cpp"), CLI_NEGATIVE);
    for (size_t i = 0; i < size; i += 2) {
        char swapped = bytes[i];
        bytes[i] = bytes[i + 1];
        bytes[i + 1] = swapped;
    }
    put_bytes("wide.cpp", bytes, size);
    CHECK_EQ(run("port|wide.cpp"), CLI_NEGATIVE);
    CHECK_OUTPUT("RegCloseKey                 line 2\n");
    static const char halves[] = "\xFF\xFE\x00\xD8x\x00\x00\xDC\x3D\xD8\x00\xDE\x00\xD8";
    put_bytes("wide.cpp", halves, sizeof halves - 1);
    CHECK_EQ(run("port|wide.cpp"), CLI_OK);
    put_bytes("wide.cpp", "\xFF\xFE", 2);
    CHECK_EQ(run("port|wide.cpp"), CLI_OK);
    put("wide.cpp", "\xEF\xBB\xBF#include <windows.h>\n");
    CHECK_EQ(run("port|wide.cpp"), CLI_OK);
    put("wide.cpp", "// \xE4\xF6\xFC\nchar *a = \"\xE4\"; void gr\xFC\xDF() { "
                    "RegCloseKey(1); }");
    CHECK_EQ(run("port|wide.cpp"), CLI_NEGATIVE);
    CHECK_OUTPUT("line 2\n");
    put("wide.cpp", "int a;\rint b;\rvoid f() { RegCloseKey(1); }\r");
    CHECK_EQ(run("port|wide.cpp"), CLI_NEGATIVE);
    CHECK_OUTPUT("line 3\n");
    remove("wide.cpp");
}

static const char *const hostile[] = {
    "\"no end",
    "'",
    "/*",
    "//",
    "#",
    "#include",
    "#include <",
    "#include <>",
    "#include \"x",
    "R\"",
    "R\"(",
    "R\"x(",
    "#define",
    "#define A(",
    "#if",
    "#else",
    "#endif",
    "#elif",
    "\\",
    "#define A \\",
    "L\"",
    "(",
    "))))",
    "}}}}",
    "{{{{",
    "a::",
    "::",
    "#pragma",
    "#pragma comment(",
    "#pragma comment(lib,",
    "0x'",
    ".",
    "#include \"\"",
    "#if defined(",
    "^",
    "a ^",
    "#import",
    "#error",
    "typedef",
    "enum {",
    "struct",
    "=",
    "#\n#\n",
    "\\\n\\\n",
    "#if 1 +",
    "L",
    "1e+",
    "R\"aaaaaaaaaaaaaaaaaaaaaaa(",
};

static void test_hostile(void)
{
    for (size_t i = 0; i < TEXT_COUNT(hostile); i++) {
        int code = look_at(hostile[i]);
        CHECK(code == CLI_OK || code == CLI_NEGATIVE);
    }
    put_bytes("none.cpp",
              "\x7F"
              "ELF\0\1\2",
              7);
    CHECK_EQ(run("port|none.cpp"), CLI_FAILED);
    CHECK_STR(errors, "scard: none.cpp: is no text\n");
    CHECK_OUTPUT("1 file: 1 cannot be read\n");
    CHECK_EQ(run("port|--json|none.cpp"), CLI_FAILED);
    CHECK_OUTPUT("{\"file\":\"none.cpp\",\"error\":\"is no text\"}");
    CHECK_OUTPUT("\"error\":{\"message\":\"none.cpp: is no text\"}}\n");
    remove("none.cpp");
    CHECK_EQ(run("port|nowhere.cpp"), CLI_FAILED);
    CHECK_ERRORS("scard: nowhere.cpp: ");
}

/* Much of one thing: it ends, and soon. */
static void test_much(void)
{
    enum { MUCH = 1 << 16 };
    static const char *const parts[] = {"(",       "{",        "#if 1\n", "#if X\n",
                                        "#else\n", "R\"",      "a/*b*/",  "L\"x\" ",
                                        "f(\"",    "Create(1", "<>\n",    "!"};
    size_t room = (size_t)MUCH * 10;
    char *text = malloc(room);
    if (text == NULL)
        abort();
    for (size_t i = 0; i < TEXT_COUNT(parts); i++) {
        size_t size = strlen(parts[i]);
        for (size_t n = 0; n < MUCH; n++)
            memcpy(text + n * size, parts[i], size);
        put_bytes("much.cpp", text, size * MUCH);
        int code = run("port|much.cpp");
        CHECK(code == CLI_OK || code == CLI_NEGATIVE);
    }
    memset(text, 'A', room); /* one name */
    memcpy(text + room - 3, "(1)", 3);
    put_bytes("much.cpp", text, room);
    CHECK_EQ(run("port|much.cpp"), CLI_OK);
    struct text names;
    text_start(&names, text, room);
    for (unsigned n = 0; n < PORT_FINDINGS_MAX + 7; n++)
        text_add(&names, "RegKey%u(1);\n", n);
    put("much.cpp", text);
    CHECK_EQ(run("port|much.cpp"), CLI_NEGATIVE);
    CHECK_OUTPUT("  and 7 uses of more names than are listed here\n");
    CHECK_EQ(run("port|--json|much.cpp"), CLI_NEGATIVE);
    free(text);
    FILE *file = fopen("much.cpp", "wb");
    if (file == NULL)
        abort();
    fseek(file, (long)PORT_FILE_MAX_MIB * 1024 * 1024, SEEK_SET);
    fputc('\n', file);
    fclose(file);
    CHECK_EQ(run("port|much.cpp"), CLI_FAILED);
    CHECK_STR(errors, "scard: much.cpp: is longer than 16 MiB\n");
    remove("much.cpp");
}

#ifndef _WIN32
static void test_folders(void)
{
    CHECK_EQ(mkdir("tree", 0700), 0);
    CHECK_EQ(mkdir("tree/inner", 0700), 0);
    CHECK_EQ(mkdir("tree/.git", 0700), 0);
    CHECK_EQ(run("port|tree"), CLI_FAILED);
    CHECK_ERRORS("no C or C++ source is there");
    put("tree/b.CPP", "#include \"inner/c.hpp\"\nvoid f() { RegOwn(1); }\n");
    put("tree/a.c", "int a;\n");
    put("tree/inner/c.hpp", "int RegOwn(int);\n");
    put("tree/inner/d.txt", "void f() { RegCloseKey(1); }\n");
    put("tree/.git/e.c", "void f() { RegCloseKey(1); }\n");
    CHECK_EQ(symlink("..", "tree/inner/up"), 0);
    CHECK_EQ(symlink("nowhere", "tree/inner/lost.c"), 0);
    CHECK_EQ(mkfifo("tree/pipe.c", 0600), 0);
    CHECK_EQ(run("port|tree"), CLI_OK);
    CHECK_STR(output, "3 files: 3 need nothing\n");
    CHECK_EQ(run("port|tree/|--json"), CLI_OK);
    CHECK_OUTPUT("\"file\":\"tree/a.c\"");
    CHECK_EQ(run("port|tree/inner/up"), CLI_OK);
    CHECK_OUTPUT("3 files");
    CHECK_EQ(run("port|tree/pipe.c"), CLI_FAILED);
    CHECK_STR(errors, "scard: tree/pipe.c: is no regular file\n");
    put("tree/inner/f.cc", "void f() { RegCloseKey(1); }\n");
    CHECK_EQ(run("port|tree"), CLI_NEGATIVE);
    CHECK_OUTPUT("tree/inner/f.cc\n");
    CHECK_EQ(chmod("tree/inner/f.cc", 0), 0);
    if (geteuid() != 0) {
        CHECK_EQ(run("port|tree"), CLI_FAILED);
        CHECK_ERRORS("scard: tree/inner/f.cc: ");
    }
}

/* Headers that include one another by ever longer ways, and folders without a bottom. */
static void test_loops(void)
{
    char path[PORT_PATH_MAX] = "deep";
    CHECK_EQ(mkdir("loop", 0700), 0);
    put("loop/a.h", "#include \"../loop/b.h\"\n");
    put("loop/b.h", "#include \"../loop/../loop/./a.h\"\nint RegOwn(int);\n");
    CHECK_EQ(look_at("#include \"loop/a.h\"\nvoid f() { RegOwn(1); }"), CLI_OK);
    for (unsigned depth = 0; depth <= PORT_DEPTH_MAX + 1; depth++) {
        struct text text;
        CHECK_EQ(mkdir(path, 0700), 0);
        text_start(&text, path, sizeof path);
        text_add(&text, "deep");
        for (unsigned i = 0; i <= depth; i++)
            text_add(&text, "/d");
    }
    put("deep/a.c", "int a;\n");
    CHECK_EQ(run("port|deep"), CLI_FAILED);
    CHECK_ERRORS("more than 64 folders deep");
}
#endif

#ifndef _WIN32
static int remove_one(const char *path, const struct stat *status, int kind,
                      struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}
#endif

int main(void)
{
#ifndef _WIN32
    char root[] = "/tmp/scard-port-XXXXXX";
    if (mkdtemp(root) == NULL || chdir(root) != 0)
        return 1;
#endif
    test_tables();
    test_nothing();
    test_families();
    test_notes();
    test_conditions();
    test_form();
    test_headers();
    test_encodings();
    test_hostile();
    test_much();
#ifndef _WIN32
    test_folders();
    test_loops();
    CHECK_EQ(chdir("/"), 0);
    CHECK_EQ(nftw(root, remove_one, 20, FTW_DEPTH | FTW_PHYS), 0);
#endif
    return check_result();
}
