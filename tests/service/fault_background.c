/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd in the background: what is wrong with a start is told before it goes there;
 * then it leaves the directory that it was started in, its log goes to syslog, and what
 * was named from that directory stays in force, when the policy is read again too. */
#include "tests/support/raw.h"

#include "tests/support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int winscardd_main(int count, char **words);
/* In place of libc's, by either name: they write into a file. <syslog.h> may have them
 * as inline functions. */
void syslog(int priority, const char *format, ...) PRINTF_LIKE(2, 3);
void __syslog_chk(int priority, int flag, const char *format, ...) PRINTF_LIKE(3, 4);

enum { HANG_MS = 120000, NOBODY = 65534 };

static char directory[] = "/tmp/winscard-background-XXXXXX";
static char path[sizeof(directory) + 2], log_path[sizeof(directory) + 8];
static int notified = -1; /* where systemd would listen */

/* --- Syslog ------------------------------------------------------------------------- */

PRINTF_LIKE(1, 0)
static void write_line(const char *format, va_list arguments)
{
    char line[1024];
    int size = vsnprintf(line, sizeof(line) - 1, format, arguments);
    int file = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (size > 0 && (size_t)size < sizeof(line) - 1) {
        line[size] = '\n';
        CHECK(write(file, line, (size_t)size + 1) == size + 1);
    }
    close(file);
}

void syslog(int priority, const char *format, ...)
{
    va_list arguments;
    (void)priority;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}

void __syslog_chk(int priority, int flag, const char *format, ...)
{
    va_list arguments;
    (void)priority;
    (void)flag;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}

static bool file_has(const char *name, const char *words)
{
    static char text[65536];
    FILE *file = fopen(name, "r");
    size_t size = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
    text[size] = '\0';
    if (file != NULL)
        fclose(file);
    bool found = strstr(text, words) != NULL;
    if (!found)
        fprintf(stderr, "%s is not in: %s\n", words, text);
    return found;
}

/* --- Starting ----------------------------------------------------------------------- */

/* The only child that this process has, 0 for none: it inherits those of its children
 * (init does it otherwise). */
static pid_t only_child(void)
{
    char name[64];
    int child = 0;
    snprintf(name, sizeof(name), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(name, "r");
    if (file == NULL || fscanf(file, "%d", &child) != 1)
        child = 0;
    if (file != NULL)
        fclose(file);
    return child;
}

/* Its exit status; standard error goes to the file "said". */
static int start(const char *readers, const char *at, const char *policy)
{
    static char name[] = "winscardd", socket[] = "-s", list[] = "-r", file[] = "-p";
    char *words[] = {name, socket, (char *)(uintptr_t)at, list, NULL, file, NULL, NULL};
    int status = -1;
    words[4] = (char *)(uintptr_t)readers;
    words[6] = (char *)(uintptr_t)policy;
    pid_t child = fork();
    if (child == 0) {
        int said = open("said", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (said < 0 || dup2(said, STDERR_FILENO) < 0)
            _exit(77);
        exit(winscardd_main(7, words));
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Nothing is left of it, and what is wrong was said. */
static void fails(const char *readers, const char *at, const char *policy,
                  const char *words)
{
    CHECK_EQ(start(readers, at, policy), 1);
    CHECK(file_has("said", words));
    CHECK_EQ(only_child(), 0);
    CHECK(access(path, F_OK) != 0);
    CHECK(access(log_path, F_OK) != 0);
}

static void write_policy(const char *text)
{
    FILE *file = fopen("policy", "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    CHECK(chmod("policy", 0644) == 0);
}

static void test_starts(void)
{
    static const char fake[] = "fake:?cards=1";
    write_policy("allow everyone use any reader\n");
    fails("fake:?cards=1;nosuch:", "s", "policy", "nosuch: no such kind of reader");
    fails("fake", "s", "policy", "the colon is missing");
    fails("fake:?cards=many", "s", "policy", "--readers: 1 of the readers");
    fails(fake, "none/s", "policy", "none/s: there is no such directory");
    fails(fake, "policy", "policy", "has another file of this name");
    fails(fake, "s", "nothing", "nothing: there is no such file");
    write_policy("permit everyone\n");
    fails(fake, "s", "policy", "policy:1: expected allow");
}

/* --- Running ------------------------------------------------------------------------ */

/* Whether a user who is neither root nor the service's gets a card. */
static bool lets_in(void)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        struct raw *raw = calloc(1, sizeof(*raw));
        if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0 || !raw_open(raw, path))
            _exit(2);
        _exit(raw_card(raw, raw_establish(raw), "Fake Reader 0") != 0 ? 1 : 0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status)
          && WEXITSTATUS(status) != 2);
    return status != 0;
}

static bool listen_as_systemd(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/n", directory);
    notified = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return notified >= 0
           && bind(notified, (const struct sockaddr *)&address, sizeof(address)) == 0
           && setenv("NOTIFY_SOCKET", address.sun_path, 1) == 0;
}

/* Waits until the service is ready, or ready again; what it says of itself then. */
static void expect_ready(const char *words)
{
    struct pollfd wait = {.fd = notified, .events = POLLIN};
    char text[1024] = "";
    while (strncmp(text, "READY=1", 7) != 0) {
        CHECK(poll(&wait, 1, HANG_MS) == 1);
        ssize_t size = recv(notified, text, sizeof(text) - 1, MSG_DONTWAIT);
        text[size > 0 ? size : 0] = '\0';
        if (size <= 0)
            break;
    }
    CHECK(strstr(text, "\nSTATUS=") != NULL && strstr(text, words) != NULL);
}

static void read_again(pid_t service, const char *words)
{
    kill(service, SIGHUP);
    expect_ready(words);
}

static void test_policy(pid_t service)
{
    bool root = geteuid() == 0;
    if (!root)
        puts("who else may do what: asked by root alone, who can be somebody else");
    CHECK(!root || !lets_in());
    read_again(service, "as its file says");
    CHECK(!root || !lets_in());
    write_policy("allow everyone use any reader\n");
    read_again(service, "as its file says");
    CHECK(!root || lets_in());
    write_policy("allow everyone use any reader\nallow all\n");
    read_again(service, "a fault in line 2: expected everyone");
    CHECK(file_has(log_path, "policy:2: expected everyone"));
    CHECK(file_has(log_path, "read before stays in force"));
    CHECK(!root || lets_in());
    CHECK(unlink("policy") == 0);
    read_again(service, "there is no such file; the policy that was read before stays");
    CHECK(!root || lets_in());
    write_policy("deny everyone use and control any reader\n");
    read_again(service, "as its file says");
    CHECK(!root || !lets_in());
}

static void test_running(void)
{
    struct raw *raw = calloc(1, sizeof(*raw));
    int status = -1;
    write_policy("deny everyone use and control any reader\n");
    CHECK_EQ(start("fake:?cards=1", "s", "policy"), 0);
    pid_t service = only_child();
    CHECK(service > 1 && raw_open(raw, path)); /* at once: it runs already */
    if (service > 1) {
        expect_ready("as its file says");
        CHECK_EQ(getsid(service), service);
        test_policy(service);
        kill(service, SIGTERM);
        CHECK(waitpid(service, &status, 0) == service && status == 0);
        CHECK(access(path, F_OK) != 0);
    }
    raw_close(raw);
    free(raw);
}

int main(void)
{
    static const char *const files[] = {"policy", "said", "log", "n"};
    if (mkdtemp(directory) == NULL || chdir(directory) != 0 || chmod(directory, 0755) != 0
        || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return 2;
    snprintf(path, sizeof(path), "%s/s", directory);
    snprintf(log_path, sizeof(log_path), "%s/log", directory);
    test_starts();
    CHECK(listen_as_systemd());
    test_running();
    for (size_t i = 0; i < ARRAY_SIZE(files); i++)
        (void)unlink(files[i]);
    CHECK(rmdir(directory) == 0);
    return check_result();
}
