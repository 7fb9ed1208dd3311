/* SPDX-License-Identifier: BSD-2-Clause */
/* exports.exe FILE: winscard.dll as a module. It exports what FILE, a .def, lists and nothing
 * else, each name leads somewhere, the PCI objects are data, and it survives being freed. */
#include "tests/support/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <windows.h>

enum { NAMES_MAX = 512, NAME_MAX_SIZE = 128 };

static char listed[NAMES_MAX][NAME_MAX_SIZE];
static unsigned ordinals[NAMES_MAX];
static unsigned listed_count;

/* The first word of each line below EXPORTS, and its ordinal. */
static void read_list(const char *path)
{
    char line[256];
    bool below = false;
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        char word[NAME_MAX_SIZE] = "";
        unsigned ordinal = 0;
        if (sscanf(line, " %127[A-Za-z0-9_] @%u", word, &ordinal) == 2 && below
            && listed_count < NAMES_MAX) {
            ordinals[listed_count] = ordinal;
            memcpy(listed[listed_count++], word, sizeof(word));
        }
        below = below || strcmp(word, "EXPORTS") == 0;
    }
    if (file != NULL)
        fclose(file);
    CHECK(listed_count >= 77);
}

static bool is_listed(const char *name)
{
    for (unsigned i = 0; i < listed_count; i++)
        if (strcmp(listed[i], name) == 0)
            return true;
    return false;
}

/* The export directory of the image in memory. */
static void check_names(HMODULE module)
{
    const BYTE *base = (const BYTE *)module;
    const IMAGE_DOS_HEADER *dos = (const void *)base;
    const IMAGE_NT_HEADERS *nt = (const void *)(base + dos->e_lfanew);
    const IMAGE_DATA_DIRECTORY *where =
        &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT];
    const IMAGE_EXPORT_DIRECTORY *exports = (const void *)(base + where->VirtualAddress);
    const DWORD *names = (const void *)(base + exports->AddressOfNames);
    CHECK_EQ(exports->NumberOfNames, listed_count);
    for (DWORD i = 0; i < exports->NumberOfNames; i++) {
        const char *name = (const char *)(base + names[i]);
        if (!is_listed(name))
            CHECK_FAILED("%s is exported, and not listed", name);
    }
    for (unsigned i = 0; i < listed_count; i++)
        if (GetProcAddress(module, listed[i]) == NULL)
            CHECK_FAILED("%s is listed, and not exported", listed[i]);
        else if (GetProcAddress(module, (LPCSTR)(ULONG_PTR)ordinals[i])
                 != GetProcAddress(module, listed[i]))
            CHECK_FAILED("%s is not number %u", listed[i], ordinals[i]);
}

static void check_data(HMODULE module)
{
    static const struct {
        const char *name;
        DWORD protocol;
    } objects[] = {
        {"g_rgSCardT0Pci", 1}, {"g_rgSCardT1Pci", 2}, {"g_rgSCardRawPci", 0x10000}};
    for (unsigned i = 0; i < 3; i++) {
        const DWORD *pci = (const void *)GetProcAddress(module, objects[i].name);
        CHECK(pci != NULL);
        CHECK_EQ(pci[0], objects[i].protocol);
        CHECK_EQ(pci[1], 8);
    }
}

typedef LONG(WINAPI *establish_call)(DWORD, const void *, const void *, ULONG_PTR *);
typedef LONG(WINAPI *release_call)(ULONG_PTR);

/* A program may free it and load it again, with and without a context in between. */
static void check_loading(void)
{
    for (unsigned i = 0; i < 4; i++) {
        ULONG_PTR context = 0;
        HMODULE module = LoadLibraryA("winscard.dll");
        CHECK(module != NULL);
        establish_call establish =
            (establish_call)(void *)GetProcAddress(module, "SCardEstablishContext");
        release_call release =
            (release_call)(void *)GetProcAddress(module, "SCardReleaseContext");
        CHECK(establish != NULL && release != NULL);
        if (i % 2 == 1) {
            CHECK_EQ(establish(0, NULL, NULL, &context), 0);
            CHECK_EQ(release(context), 0);
        }
        CHECK(FreeLibrary(module));
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    read_list(argv[1]);
    HMODULE module = LoadLibraryA("winscard.dll");
    CHECK(module != NULL);
    if (module != NULL) {
        check_names(module);
        check_data(module);
        FreeLibrary(module);
    }
    check_loading();
    return check_result();
}
