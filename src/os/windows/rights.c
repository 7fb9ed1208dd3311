/* SPDX-License-Identifier: BSD-2-Clause */
/* MS-Docs "Access Control Lists", "Well-known SIDs". Every user can make folders in
 * %ProgramData%, so what stands there is judged by its owner and its rights. */
#include "os/windows/rights.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>

enum { SID_ROOM = SECURITY_MAX_SID_SIZE, USER_ROOM = sizeof(TOKEN_USER) + SID_ROOM };

#define WRITE_RIGHTS                                                                     \
    (FILE_WRITE_DATA | FILE_APPEND_DATA | WRITE_DAC | WRITE_OWNER | GENERIC_WRITE        \
     | GENERIC_ALL)
#define READ_RIGHTS (FILE_READ_DATA | GENERIC_READ | GENERIC_ALL)

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

/* Whether somebody else has one of these rights. */
static bool others_may(PACL acl, DWORD rights, enum os_care care)
{
    if (acl == NULL)
        return true; /* no list: everybody may everything */
    for (DWORD i = 0; i < acl->AceCount; i++) {
        void *entry;
        if (!GetAce(acl, i, &entry))
            return true;
        const ACE_HEADER *header = entry;
        ACCESS_ALLOWED_ACE *allowed = entry;
        if (header->AceType == ACCESS_ALLOWED_ACE_TYPE
            && (header->AceFlags & INHERIT_ONLY_ACE) == 0 && (allowed->Mask & rights) != 0
            && !is_trusted(&allowed->SidStart, care))
            return true;
    }
    return false;
}

static const char *judge(PSID owner, PACL acl, enum os_care care)
{
    if (owner == NULL || !is_trusted(owner, care))
        return "belongs neither to this user nor to the system";
    if (others_may(acl, WRITE_RIGHTS, care))
        return "may be written by other users";
    if (care == OS_CARE_SECRET && others_may(acl, READ_RIGHTS, care))
        return "may be read by other users";
    return NULL;
}

const char *os_rights_fault(HANDLE file, enum os_care care)
{
    PSID owner = NULL;
    PACL acl = NULL;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    if (GetSecurityInfo(file, SE_FILE_OBJECT,
                        OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner,
                        NULL, &acl, NULL, &descriptor)
        != ERROR_SUCCESS)
        return "has rights that cannot be read";
    const char *fault = judge(owner, acl, care);
    LocalFree(descriptor);
    return fault;
}

/* MS-Docs "Security Descriptor String Format". Wine makes the mode 0750 of it: the Unix group
 * may read as well. */
PSECURITY_DESCRIPTOR os_rights_of_own(bool directory)
{
    char sid[OS_SID_TEXT_MAX], text[2 * OS_SID_TEXT_MAX + 64];
    const char *flags = directory ? "OICI" : "";
    PSECURITY_DESCRIPTOR made = NULL;
    if (!os_own_sid(sid))
        return NULL;
    snprintf(text, sizeof(text), "O:%sD:P(A;%s;FA;;;SY)(A;%s;FA;;;BA)(A;%s;FA;;;%s)", sid,
             flags, flags, flags, sid);
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1,
                                                              &made, NULL))
        return NULL;
    return made;
}
