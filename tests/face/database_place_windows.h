/* SPDX-License-Identifier: BSD-2-Clause */
/* A registry of a test's own, for the databases of user and machine: keys that stand for
 * the roots of the real one in this process alone. */
#ifndef TESTS_UNIT_FACE_DATABASE_PLACE_WINDOWS_H
#define TESTS_UNIT_FACE_DATABASE_PLACE_WINDOWS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <windows.h>

/* What is said of a database that cannot be read. */
#define PLACE_COMPLAINT "registry"

static WCHAR place[64];     /* below the real HKEY_CURRENT_USER */
static HKEY place_roots[2]; /* user's, machine's */

static inline HKEY place_predefined(unsigned which)
{
    return which == 0 ? HKEY_CURRENT_USER : HKEY_LOCAL_MACHINE;
}

static inline void place_must(LSTATUS status)
{
    if (status != ERROR_SUCCESS)
        abort();
}

static inline void place_use(unsigned which, HKEY key)
{
    place_must(RegOverridePredefKey(place_predefined(which), key));
}

/* Both are empty from now on. */
static inline void place_empty(void)
{
    static const WCHAR *const names[2] = {L"\\user", L"\\machine"};
    WCHAR path[80];
    for (unsigned i = 0; i < 2; i++)
        place_use(i, NULL);
    (void)RegDeleteTreeW(HKEY_CURRENT_USER, place);
    for (unsigned i = 0; i < 2; i++) {
        if (place_roots[i] != NULL)
            RegCloseKey(place_roots[i]);
        lstrcpyW(path, place);
        lstrcatW(path, names[i]);
        place_must(RegCreateKeyExW(HKEY_CURRENT_USER, path, 0, NULL, 0, KEY_ALL_ACCESS,
                                   NULL, &place_roots[i], NULL));
    }
    for (unsigned i = 0; i < 2; i++)
        place_use(i, place_roots[i]);
}

static inline void place_begin(void)
{
    static const char base[] = "Software\\winscard-test-";
    char number[16];
    size_t size = 0;
    snprintf(number, sizeof(number), "%lu", (unsigned long)GetCurrentProcessId());
    for (const char *from = base; *from != '\0'; from++)
        place[size++] = (WCHAR)*from;
    for (const char *from = number; *from != '\0'; from++)
        place[size++] = (WCHAR)*from;
    place_empty();
    SetEnvironmentVariableA("WINSCARD_CARDS_DIR", "C:\\nonexistent");
}

/* What stands where the registry stood is none. */
static inline void place_break(void)
{
    HANDLE no_key = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (unsigned i = 0; i < 2; i++)
        place_use(i, (HKEY)no_key);
}

/* A key may be read from now on, but not written, by anybody. */
static inline void place_lock_key(unsigned which, const WCHAR *path)
{
    SID_IDENTIFIER_AUTHORITY world = {SECURITY_WORLD_SID_AUTHORITY};
    SECURITY_DESCRIPTOR descriptor;
    PSID everybody;
    HKEY key;
    union {
        ACL list;
        BYTE bytes[256];
    } acl;
    place_must(RegCreateKeyExW(place_roots[which], path, 0, NULL, 0, KEY_ALL_ACCESS, NULL,
                               &key, NULL));
    if (!AllocateAndInitializeSid(&world, 1, SECURITY_WORLD_RID, 0, 0, 0, 0, 0, 0, 0,
                                  &everybody)
        || !InitializeAcl(&acl.list, sizeof(acl), ACL_REVISION)
        || !AddAccessAllowedAce(&acl.list, ACL_REVISION, KEY_READ, everybody)
        || !InitializeSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION)
        || !SetSecurityDescriptorDacl(&descriptor, TRUE, &acl.list, FALSE))
        abort();
    place_must(RegSetKeySecurity(key, DACL_SECURITY_INFORMATION, &descriptor));
    RegCloseKey(key);
    FreeSid(everybody);
}

static inline void place_set_read_only(unsigned which)
{
    place_lock_key(which, L"SOFTWARE\\Microsoft\\Cryptography\\Calais\\SmartCards");
    place_lock_key(which, L"SOFTWARE\\Microsoft\\Cryptography\\Calais\\Readers");
}

/* Both are empty, and nobody may write to them; nor look what can be forgotten, which is
 * done with the right to write. */
#define PLACE_TAKEN(forgetting) (SCARD_W_SECURITY_VIOLATION)
static inline void place_take_away(void)
{
    place_empty();
    for (unsigned i = 0; i < 2; i++)
        place_set_read_only(i);
}

static inline bool place_is_empty(void)
{
    bool empty = true;
    for (unsigned i = 0; i < 2; i++) {
        DWORD keys = 1;
        place_must(RegQueryInfoKeyW(place_roots[i], NULL, NULL, NULL, &keys, NULL, NULL,
                                    NULL, NULL, NULL, NULL, NULL));
        empty &= keys == 0;
    }
    return empty;
}

static inline void place_end(void)
{
    for (unsigned i = 0; i < 2; i++) {
        place_use(i, NULL);
        RegCloseKey(place_roots[i]);
    }
    (void)RegDeleteTreeW(HKEY_CURRENT_USER, place);
}

#endif
