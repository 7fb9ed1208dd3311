/* SPDX-License-Identifier: BSD-2-Clause */
/* MS-Docs "Access Control Lists", "Well-known SIDs". Every user can make folders in
 * %ProgramData%, so what stands there is judged by its owner and its rights. */
#include "os/windows/rights.h"

#include "os/windows/wine.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>

enum { SID_ROOM = SECURITY_MAX_SID_SIZE, USER_ROOM = sizeof(TOKEN_USER) + SID_ROOM };

/* Whoever may remove a file, or a directory's, may put another one in its place. */
#define REPLACE_RIGHTS                                                                   \
    (DELETE | FILE_DELETE_CHILD | WRITE_DAC | WRITE_OWNER | GENERIC_ALL)
#define WRITE_RIGHTS (FILE_WRITE_DATA | FILE_APPEND_DATA | GENERIC_WRITE | REPLACE_RIGHTS)
#define READ_RIGHTS  (FILE_READ_DATA | GENERIC_READ | GENERIC_ALL)

/* Room for a user and its SID. */
union own_user {
    TOKEN_USER user;
    uint8_t room[USER_ROOM];
};

static bool find_own(union own_user *own)
{
    HANDLE handle;
    DWORD size = 0;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &handle))
        return false;
    bool known = GetTokenInformation(handle, TokenUser, own, sizeof(*own), &size) != 0;
    CloseHandle(handle);
    return known;
}

static bool is_own(PSID sid)
{
    union own_user own;
    return find_own(&own) && EqualSid(own.user.User.Sid, sid);
}

bool os_own_sid(char text[OS_SID_TEXT_MAX])
{
    union own_user own;
    char *found = NULL;
    if (!find_own(&own) || !ConvertSidToStringSidA(own.user.User.Sid, &found))
        return false;
    int size = snprintf(text, OS_SID_TEXT_MAX, "%s", found);
    LocalFree(found);
    return size > 0 && size < OS_SID_TEXT_MAX;
}

/* Users that have no number among the well-known: the one that installs Windows' own files,
 * and the one of the machine's service, "NT SERVICE\winscardd" (MS-Docs "Service security
 * identifiers": the SHA-1 of the name). */
static const char installer[] = "S-1-5-80-956008885-3418522649-1831038044-1853292631-"
                                "2271478464";
static const char service[] = "S-1-5-80-2523295538-3610912603-565071149-679180614-"
                              "2870195677";

static bool is_same(PSID sid, const char *as)
{
    char *text = NULL;
    bool same = ConvertSidToStringSidA(sid, &text) && lstrcmpA(text, as) == 0;
    if (text != NULL)
        LocalFree(text);
    return same;
}

/* Whoever is one of these can do what they like in any case, or, with secrets, is who made
 * them. */
static bool is_trusted(PSID sid, enum os_care care)
{
    return IsWellKnownSid(sid, WinLocalSystemSid)
           || IsWellKnownSid(sid, WinBuiltinAdministratorsSid) || is_own(sid)
           || is_same(sid, installer)
           || (care == OS_CARE_SECRET && is_same(sid, service));
}

/* MS-DTYP 2.4.4.1: what denies, and what is logged, gives no right. A callback entry's
 * condition may hold, and what an object's entry gives to whom is not looked at. */
static bool entry_gives(void *entry, DWORD rights, enum os_care care)
{
    const ACE_HEADER *header = entry;
    ACCESS_ALLOWED_ACE *allowed = entry;
    if ((header->AceFlags & INHERIT_ONLY_ACE) != 0 || (allowed->Mask & rights) == 0)
        return false;
    switch (header->AceType) {
    case ACCESS_ALLOWED_ACE_TYPE:
    case ACCESS_ALLOWED_CALLBACK_ACE_TYPE:
        return !is_trusted(&allowed->SidStart, care);
    case ACCESS_ALLOWED_COMPOUND_ACE_TYPE:
    case ACCESS_ALLOWED_OBJECT_ACE_TYPE:
    case ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE:
        return true;
    default:
        return false;
    }
}

/* Whether somebody else has one of these rights. */
static bool others_may(PACL acl, DWORD rights, enum os_care care)
{
    if (acl == NULL)
        return true; /* no list: everybody may everything */
    for (DWORD i = 0; i < acl->AceCount; i++) {
        void *entry;
        if (!GetAce(acl, i, &entry) || entry_gives(entry, rights, care))
            return true;
    }
    return false;
}

const char *os_list_fault(PACL acl, enum os_care care)
{
    if (others_may(acl, WRITE_RIGHTS, care))
        return "may be written by other users";
    if (care == OS_CARE_SECRET && others_may(acl, READ_RIGHTS, care))
        return "may be read by other users";
    return NULL;
}

const char *os_list_place_fault(PACL acl, enum os_care care)
{
    return others_may(acl, REPLACE_RIGHTS, care) ? "may be emptied by other users" : NULL;
}

static const char *judge_no_list(PACL acl, enum os_care care)
{
    (void)acl;
    (void)care;
    return NULL;
}

/* The owner, and the list by `judge`. */
static const char *fault_of(HANDLE file,
                            const char *(*judge)(PACL acl, enum os_care care),
                            enum os_care care)
{
    PSID owner = NULL;
    PACL acl = NULL;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    const char *fault = "belongs neither to this user nor to the system";
    if (GetSecurityInfo(file, SE_FILE_OBJECT,
                        OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner,
                        NULL, &acl, NULL, &descriptor)
        != ERROR_SUCCESS)
        return "has rights that cannot be read";
    if (owner != NULL && is_trusted(owner, care))
        fault = judge(acl, care);
    LocalFree(descriptor);
    return fault;
}

const char *os_rights_fault(HANDLE file, enum os_care care)
{
    return fault_of(file, os_list_fault, care);
}

const char *os_place_fault(HANDLE directory, enum os_care care)
{
    return fault_of(directory, os_list_place_fault, care);
}

const char *os_owner_fault(HANDLE file)
{
    return fault_of(file, judge_no_list, OS_CARE_SECRET);
}

/* --- New files ---------------------------------------------------------------------- */

/* The machine's belongs to the administrators, or to its service if that makes it, which
 * may not give it to them. */
static bool print_owner(enum os_owner owner, char text[OS_SID_TEXT_MAX])
{
    if (!os_own_sid(text))
        return false;
    if (owner == OS_OWNER_MACHINE && lstrcmpA(text, service) != 0)
        (void)lstrcpyA(text, "BA");
    return true;
}

/* All that the machine has. */
static const char users[] = "S-1-5-32-545";

/* MS-Docs "Security Descriptor String Format". Wine makes the mode 0750 of these: the Unix
 * group may read as well. */
PSECURITY_DESCRIPTOR os_rights_for(enum os_owner owner, enum os_kind kind)
{
    char sid[OS_SID_TEXT_MAX], text[3 * OS_SID_TEXT_MAX + 128];
    const char *flags = kind == OS_KIND_FILE ? "" : "OICI";
    PSECURITY_DESCRIPTOR made = NULL;
    if (!print_owner(owner, sid))
        return NULL;
    int size = snprintf(text, sizeof(text), "O:%sD:P(A;%s;FA;;;SY)(A;%s;FA;;;BA)", sid,
                        flags, flags);
    if (kind == OS_KIND_PLACE)
        (void)snprintf(text + size, sizeof(text) - (size_t)size,
                       "(A;OICI;FRFX;;;%s)(A;OICI;FRFX;;;%s)", users, service);
    else
        (void)snprintf(text + size, sizeof(text) - (size_t)size, "(A;%s;FA;;;%s)", flags,
                       owner == OS_OWNER_MACHINE ? service : sid);
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1,
                                                              &made, NULL))
        return NULL;
    return made;
}

/* What is in a directory loses what it has inherited: by SetSecurityInfo() alone, and that
 * of Wine would add what the directory inherits itself. */
static bool give(HANDLE file, SECURITY_INFORMATION what, PSECURITY_DESCRIPTOR rights)
{
    PSID owner = NULL;
    PACL acl = NULL;
    BOOL unused = FALSE, present = FALSE;
    if (os_is_wine())
        return SetKernelObjectSecurity(file, what, rights) != 0;
    if (!GetSecurityDescriptorOwner(rights, &owner, &unused)
        || !GetSecurityDescriptorDacl(rights, &present, &acl, &unused) || !present)
        return false;
    DWORD error = SetSecurityInfo(file, SE_FILE_OBJECT, what, owner, NULL, acl, NULL);
    SetLastError(error);
    return error == ERROR_SUCCESS;
}

bool os_rights_give(HANDLE file, PSECURITY_DESCRIPTOR rights)
{
    return give(file,
                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION
                    | PROTECTED_DACL_SECURITY_INFORMATION,
                rights);
}
