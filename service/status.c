/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/status.h"

#include "base/utf.h"
#include "os/endpoint.h"
#include "os/files.h"
#include "os/process.h"
#include "os/time.h"
#include "os/trust.h"
#include "service/policy_store.h"
#include "users/users.h"

#include <stdio.h>
#include <string.h>

enum { PATIENCE_MS = 5000, PATH_ROOM = 1024 };

/* Bytes of the character at the beginning of the text, and its first unit in UTF-16; 0:
 * there is none, for these bytes are no UTF-8. */
static size_t first_character(const char *text, uint16_t *unit)
{
    uint16_t units[2];
    size_t count, left = utf8_length(text, 4);
    for (size_t size = 1; size <= left; size++) {
        if (utf8_to_utf16(text, size, units, 2, &count) != SC_OK)
            continue;
        *unit = units[0];
        return size;
    }
    return 0;
}

/* C0 and C1 controls and DEL; and the marks that turn the writing direction around. */
static bool is_control_unit(uint16_t unit)
{
    return unit < 0x20 || (unit >= 0x7F && unit < 0xA0)
           || (unit >= 0x202A && unit <= 0x202E) || (unit >= 0x2066 && unit <= 0x2069);
}

/* Names are a program's or a reader's choice: none may steer the terminal, neither by a
 * character nor by a byte that is none, such as 0x9B, which some terminals take for CSI.
 */
static void print_safely(const char *name)
{
    while (*name != '\0') {
        uint16_t unit = 0;
        size_t size = first_character(name, &unit);
        if (size == 0)
            (void)fputs("\xEF\xBF\xBD", stdout);
        else if (is_control_unit(unit))
            (void)putchar('?');
        else
            (void)fwrite(name, 1, size, stdout);
        name += size > 0 ? size : 1;
    }
}

/* A service in a sandbox does not see the processes of others; this one may. */
static void find_program(struct reader_user *user)
{
    if (user->program[0] == '\0' && user->pid != 0)
        os_process_name(user->pid, os_process_start_time(user->pid), user->program,
                        sizeof(user->program));
}

static void print_user(const struct reader_user *user)
{
    static const char *const shares[] = {"", "alone", "shared", "direct"};
    if (user->pid != 0)
        printf("%8u %6u ", (unsigned)user->pid, (unsigned)user->uid);
    else
        printf("%8s %6u ", "TCP", (unsigned)user->uid);
    if (user->contexts != 0 || user->share == 0)
        printf("%8u  ", (unsigned)user->contexts);
    else
        printf("%8s  ", "?");
    print_safely(user->program[0] != '\0' ? user->program : "(not known)");
    if (user->share != 0) {
        printf("  ");
        print_safely(user->reader);
        printf(": %s%s", user->share < 4 ? shares[user->share] : "?",
               user->holds ? ", in a transaction" : "");
    }
    (void)putchar('\n');
}

static void print_policy(const struct users_policy *policy)
{
    if (policy->file != USERS_POLICY_SOUND) {
        printf("Its policy file has a fault");
        if (policy->line != 0)
            printf(" in line %u", (unsigned)policy->line);
        if (policy->fault[0] != '\0') {
            printf(": ");
            print_safely(policy->fault);
        }
        printf("; %s.\n",
               policy_state_words(policy->file == USERS_POLICY_KEPT ? POLICY_KEPT
                                                                    : POLICY_CLOSED));
    }
    if (policy->hides)
        printf("Its policy does not show all readers to this user.\n");
}

static const char *file_error_words(enum sc_error error)
{
    switch ((int)error) {
    case SC_E_FILE_NOT_FOUND:
        return "there is no such file: no program finds a service by it";
    case SC_E_READER_UNAVAILABLE:
    case SC_E_NO_SERVICE: /* a forwarder that was left alone */
        return "the file is there, but the service that it leads to has ended";
    case SC_E_NO_ACCESS:
        return "the file belongs to another user, or others may read or write it, or "
               "this user may not: nothing was asked";
    case SC_W_SECURITY_VIOLATION:
        return "another program listens where the file says";
    case SC_E_INVALID_VALUE:
        return "the file is not what a service writes";
    default:
        return NULL;
    }
}

static const char *status_error_words(enum sc_error error, bool file)
{
    const char *words = file ? file_error_words(error) : NULL;
    if (words != NULL)
        return words;
    switch ((int)error) {
    case SC_E_FILE_NOT_FOUND:
        return "no service listens there";
    case SC_E_READER_UNAVAILABLE:
        return "the socket is there, but no service listens at it";
    case SC_E_NO_ACCESS:
        return "the permissions of the socket do not allow it";
    case SC_E_NO_SERVICE:
        return "the listener there is neither root, this user nor " OS_SERVICE_USER
               ", or everybody may write the directory: nothing was asked; "
               "WINSCARD_SERVICE_USER says whom else to trust";
    case SC_E_TIMEOUT:
        return "the service accepts connections but does not answer";
    case SC_E_UNSUPPORTED_FEATURE:
        return "the service is an older one, which does not tell";
    case SC_F_COMM_ERROR:
        return "what answers is not this service";
    default:
        return sc_error_words(error);
    }
}

static void print_users(const char *path, struct reader_users *users)
{
    printf("winscardd runs at %s.\n", path);
    print_policy(&users->policy);
    if (users->count == 0)
        printf("No program uses it.\n");
    else
        printf(" PROCESS   USER CONTEXTS  PROGRAM  READER\n");
    for (size_t i = 0; i < users->count; i++) {
        find_program(&users->users[i]);
        print_user(&users->users[i]);
    }
    if (users->cut)
        printf(
            "There may be more: a service lists %u uses at most, first those that keep "
            "a reader from others.\n",
            (unsigned)users->count);
    if (os_own_user() != 0)
        printf("Programs of other users are shown only while they keep a reader from "
               "you.\n");
}

static enum sc_error ask(const char *path, bool file)
{
    struct reader_users users;
    uint64_t deadline_ms = os_now_ms() + PATIENCE_MS;
    enum sc_error error = file ? users_ask_endpoint(path, deadline_ms, &users)
                               : users_ask(path, deadline_ms, &users);
    if (error == SC_OK)
        print_users(path, &users);
    users_clear(&users);
    return error;
}

static void complain(const char *path, enum sc_error error, bool file)
{
    fprintf(stderr, "winscardd: %s: %s\n", path, status_error_words(error, file));
}

/* Where there are no Unix sockets: as programs look for it. If no file leads to a service
 * it is said of each why not. */
static bool print_by_files(bool machine)
{
    char paths[OS_ENDPOINTS][PATH_ROOM];
    enum sc_error errors[OS_ENDPOINTS];
    size_t count = 0;
    for (size_t i = machine ? OS_ENDPOINT_MACHINE : 0; i < OS_ENDPOINTS; i++) {
        if (!os_endpoint_at(i, paths[count], PATH_ROOM))
            continue;
        errors[count] = ask(paths[count], true);
        if (errors[count] == SC_OK)
            return true;
        count++;
    }
    for (size_t i = 0; i < count; i++)
        complain(paths[i], errors[i], true);
    if (count == 0)
        fprintf(stderr, "winscardd: %s is not set\n", os_endpoint_setting(machine));
    return false;
}

/* The user's own service first, as the library looks for it. */
static bool print_by_socket(const char *path)
{
    char room[PATH_ROOM];
    bool own =
        path == NULL && os_user_service(room, sizeof(room)) && os_file_exists(room);
    if (path == NULL)
        path = own ? room : os_machine_service();
    enum sc_error error = ask(path, false);
    if (error != SC_OK)
        complain(path, error, false);
    return error == SC_OK;
}

bool status_print(const char *path, bool machine)
{
    bool sockets = path != NULL || *os_machine_service() != '\0';
    return sockets ? print_by_socket(path) : print_by_files(machine);
}
