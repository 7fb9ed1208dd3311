/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is held to be able to read, write or replace a file, by its list of rights: of a
 * file's own Wine keeps what Unix has for it. */
#include "os/windows/rights.h"
#include "os/windows/text.h"
#include "tests/support/check.h"

#include <sddl.h>

static const char written[] = "may be written by other users";
static const char read[] = "may be read by other users";
static const char emptied[] = "may be emptied by other users";

#define USERS   "S-1-5-32-545"
#define SERVICE "S-1-5-80-2523295538-3610912603-565071149-679180614-2870195677"

/* The list of these rights, owned by `descriptor`; its entries of the kind "allowed" get the
 * kind `type`. */
static PACL make(const char *rights, BYTE type, PSECURITY_DESCRIPTOR *descriptor)
{
    PACL acl = NULL;
    BOOL present = FALSE, unused = FALSE;
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorA(rights, SDDL_REVISION_1,
                                                               descriptor, NULL));
    CHECK(GetSecurityDescriptorDacl(*descriptor, &present, &acl, &unused) && present);
    for (DWORD i = 0; acl != NULL && i < acl->AceCount; i++) {
        void *entry = NULL;
        CHECK(GetAce(acl, i, &entry));
        ACE_HEADER *header = entry;
        if (header->AceType == ACCESS_ALLOWED_ACE_TYPE)
            header->AceType = type;
    }
    return acl;
}

/* What is wrong with it as a file that is followed, as a secret, and as a place. */
static void expect(const char *rights, BYTE type, const char *trusted, const char *secret,
                   const char *place)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PACL acl = make(rights, type, &descriptor);
    const char *found[] = {os_list_fault(acl, OS_CARE_TRUSTED),
                           os_list_fault(acl, OS_CARE_SECRET),
                           os_list_place_fault(acl, OS_CARE_TRUSTED)};
    const char *wanted[] = {trusted, secret, place};
    for (size_t i = 0; i < 3; i++) {
        bool same = (found[i] == NULL) == (wanted[i] == NULL)
                    && (found[i] == NULL || strcmp(found[i], wanted[i]) == 0);
        if (!same)
            printf("%s, judgement %zu: expected %s, found %s\n", rights, i,
                   wanted[i] != NULL ? wanted[i] : "no fault",
                   found[i] != NULL ? found[i] : "no fault");
        CHECK(same);
    }
    LocalFree(descriptor);
}

/* The places above a program's, one by one, up to its drive. */
static void check_ways_up(void)
{
    static const struct {
        const wchar_t *path;
        const wchar_t *ups[4]; /* NULL: no more */
    } cases[] = {
        {L"C:\\a\\b\\c.exe", {L"C:\\a\\b\\", L"C:\\a\\", L"C:\\", NULL}},
        {L"\\\\?\\C:\\a.exe", {L"C:\\", NULL}},
        {L"D:\\a.exe", {L"D:\\", NULL}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wchar_t path[64];
        const char *why = NULL;
        wcscpy(path, cases[i].path);
        CHECK(os_path_is_of_drive(path, &why));
        for (size_t k = 0; cases[i].ups[k] != NULL; k++) {
            CHECK(os_path_go_up(path));
            CHECK(wcscmp(path, cases[i].ups[k]) == 0);
        }
        CHECK(!os_path_go_up(path));
    }
    static const wchar_t *const elsewhere[] = {L"\\\\?\\UNC\\server\\share\\a.exe",
                                               L"\\\\server\\share\\a.exe", L"a.exe"};
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        wchar_t path[64];
        const char *why = NULL;
        wcscpy(path, elsewhere[i]);
        CHECK(!os_path_is_of_drive(path, &why));
        CHECK(why != NULL && strstr(why, "not on a drive") != NULL);
    }
}

int main(void)
{
    check_ways_up();
    expect("D:P(A;;FA;;;SY)(A;;FA;;;BA)", 0, NULL, NULL, NULL);
    expect("D:P(A;;FA;;;BA)(A;;FR;;;" USERS ")", 0, NULL, read, NULL);
    expect("D:P(A;;FA;;;BA)(A;;FW;;;" USERS ")", 0, written, written, NULL);
    expect("D:P(A;;FA;;;BA)(A;;FA;;;WD)", 0, written, written, emptied);
    /* The right to remove a file, and what is in a directory, to change rights and owner. */
    expect("D:P(A;;FA;;;BA)(A;;0x10000;;;WD)", 0, written, written, emptied);
    expect("D:P(A;;FA;;;BA)(A;;0x40;;;WD)", 0, written, written, emptied);
    expect("D:P(A;;FA;;;BA)(A;;0x40000;;;WD)", 0, written, written, emptied);
    expect("D:P(A;;FA;;;BA)(A;;0x80000;;;WD)", 0, written, written, emptied);
    /* To make files and directories in a directory, or to write and to append. */
    expect("D:P(A;;FA;;;BA)(A;;0x2;;;WD)", 0, written, written, NULL);
    expect("D:P(A;;FA;;;BA)(A;;0x4;;;WD)", 0, written, written, NULL);
    /* What gives no right here, or takes one. */
    expect("D:P(A;;FA;;;BA)(A;OICIIO;FA;;;WD)", 0, NULL, NULL, NULL);
    expect("D:P(D;;FA;;;WD)(A;;FA;;;BA)", 0, NULL, NULL, NULL);
    /* Entries with conditions, and of other kinds. */
    expect("D:P(A;;FA;;;WD)", ACCESS_ALLOWED_CALLBACK_ACE_TYPE, written, written,
           emptied);
    expect("D:P(A;;FA;;;BA)", ACCESS_ALLOWED_CALLBACK_ACE_TYPE, NULL, NULL, NULL);
    expect("D:P(A;;FA;;;BA)", ACCESS_ALLOWED_OBJECT_ACE_TYPE, written, written, emptied);
    /* The machine's service may know secrets, and what is followed is not its to write. */
    expect("D:P(A;;FA;;;BA)(A;;FA;;;" SERVICE ")", 0, written, NULL, emptied);
    return check_result();
}
