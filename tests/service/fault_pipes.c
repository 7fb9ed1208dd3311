/* SPDX-License-Identifier: BSD-2-Clause */
/* The library with pipes beside its TCP connection, as under Wine: calls that wait for a
 * card go by them; without them, and when the service dies in a call, it goes on. */
#include "os/pipe.h"
#include "os/thread.h"
#include "tests/support/check.h"
#include "tests/support/daemon.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

static struct daemon service;
static bool refused; /* the pipes cannot be opened */

bool __wrap_os_pipes_help(void);
bool __wrap_os_pipes_help(void)
{
    return true;
}

enum sc_error __real_os_pipes_open(const struct os_pipe_names *names,
                                   struct os_pipes *pipes);
enum sc_error __wrap_os_pipes_open(const struct os_pipe_names *names,
                                   struct os_pipes *pipes);
enum sc_error __wrap_os_pipes_open(const struct os_pipe_names *names,
                                   struct os_pipes *pipes)
{
    return refused ? SC_E_NO_ACCESS : __real_os_pipes_open(names, pipes);
}

/* How many pipes of a service's this process has open. */
static unsigned count_pipes(void)
{
    char link[64], path[256];
    unsigned count = 0;
    for (int i = 0; i < 64; i++) {
        snprintf(link, sizeof(link), "/proc/self/fd/%d", i);
        ssize_t size = readlink(link, path, sizeof(path) - 1);
        path[size > 0 ? size : 0] = '\0';
        count += strstr(path, "/pipe-") != NULL ? 1 : 0;
    }
    return count;
}

static SCARDHANDLE connect_card(SCARDCONTEXT context)
{
    char names[1024] = "";
    DWORD size = sizeof(names), active = 0;
    SCARDHANDLE card = 0;
    CHECK_EQ(SCardListReaders(context, NULL, names, &size), SCARD_S_SUCCESS);
    CHECK_EQ(SCardConnect(context, names, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card,
                          &active),
             SCARD_S_SUCCESS);
    return card;
}

static void transmit(SCARDHANDLE card, DWORD size)
{
    static BYTE command[65536], answer[65536];
    DWORD got = sizeof(answer);
    const BYTE head[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    const BYTE update[] = {0x00, 0xD6, 0x00, 0x00, 0x00, (BYTE)(size >> 8), (BYTE)size};
    if (size == 0)
        memcpy(command, head, sizeof(head));
    else
        memcpy(command, update, sizeof(update));
    CHECK_EQ(SCardTransmit(card, SCARD_PCI_T1, command,
                           size == 0 ? sizeof(head) : sizeof(update) + size, NULL, answer,
                           &got),
             SCARD_S_SUCCESS);
    CHECK(got >= 2);
}

static void use_card(unsigned pipes)
{
    SCARDCONTEXT context = 0;
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context),
             SCARD_S_SUCCESS);
    CHECK_EQ(count_pipes(), pipes);
    SCARDHANDLE card = connect_card(context);
    for (int i = 0; i < 50; i++) {
        DWORD state = 0, protocol = 0, size = 0, atr = 0;
        transmit(card, 0);
        CHECK_EQ(SCardStatus(card, NULL, &size, &state, &protocol, NULL, &atr),
                 SCARD_S_SUCCESS);
    }
    transmit(card, 255);
    transmit(card, 60000);
    transmit(card, 65500); /* with what is around it more than a pipe has room for */
    CHECK_EQ(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    CHECK_EQ(SCardReleaseContext(context), SCARD_S_SUCCESS);
    CHECK_EQ(count_pipes(), 0);
}

static void use_refused(void)
{
    refused = true;
    use_card(0);
}

static void use_all(void)
{
    use_card(2);
}

/* --- Waiting ------------------------------------------------------------------------ */

static SCARDCONTEXT waiting;
static LONG result;

static void wait_for_news(void *context)
{
    SCARD_READERSTATE state = {.szReader = "\\\\?PnP?\\Notification",
                               .dwCurrentState = 1 << 16};
    (void)context;
    LONG error = SCardGetStatusChange(waiting, INFINITE, &state, 1);
    __atomic_store_n(&result, error, __ATOMIC_RELEASE);
}

/* The watch has a connection of its own then, with pipes. */
static void start_waiting(struct os_thread *thread)
{
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &waiting),
             SCARD_S_SUCCESS);
    CHECK_EQ(os_thread_start(thread, "waits", wait_for_news, NULL), SC_OK);
    while (count_pipes() < 4) {
        CHECK_EQ(SCardIsValidContext(waiting), SCARD_S_SUCCESS);
        usleep(1000);
    }
}

static void cancel_wait(void)
{
    struct os_thread thread;
    start_waiting(&thread);
    /* Whether it waits already nobody knows: a cancel that came too early was none. */
    do {
        CHECK_EQ(SCardCancel(waiting), SCARD_S_SUCCESS);
        usleep(1000);
    } while (__atomic_load_n(&result, __ATOMIC_ACQUIRE) == 0);
    os_thread_join(&thread);
    CHECK_EQ(result, SCARD_E_CANCELLED);
    CHECK_EQ(SCardReleaseContext(waiting), SCARD_S_SUCCESS);
}

static void kill_service(void)
{
    struct os_thread thread;
    start_waiting(&thread);
    CHECK_EQ(kill(service.pid, SIGKILL), 0);
    os_thread_join(&thread);
    CHECK_EQ(result, SCARD_E_SERVICE_STOPPED);
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &waiting),
             SCARD_E_NO_SERVICE);
}

static void in_process(void (*use)(void))
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        check_failures = 0;
        use();
        _exit(check_failures != 0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_EQ(status, 0);
}

static unsigned count_files(const char *directory)
{
    unsigned count = 0;
    DIR *all = opendir(directory);
    struct dirent *entry;
    while (all != NULL && (entry = readdir(all)) != NULL)
        count += entry->d_name[0] != '.' ? 1 : 0;
    if (all != NULL)
        closedir(all);
    return count;
}

int main(void)
{
    static const char *const options[] = {"--endpoint", NULL};
    char directory[64], named[96];
    int status = -1;
    if (!daemon_place(&service))
        return 2;
    snprintf(directory, sizeof(directory), "%s/winscard", service.directory);
    snprintf(named, sizeof(named), "file:%s/tcp", directory);
    setenv("XDG_RUNTIME_DIR", service.directory, 1);
    setenv("WINSCARD_SERVICE", named, 1);
    unsetenv("WINSCARD_CARRIER");
    CHECK(daemon_start(&service, WINSCARDD, "soft:", options, NULL));
    in_process(use_all);
    in_process(use_refused);
    in_process(cancel_wait);
    in_process(kill_service);
    CHECK(waitpid(service.pid, &status, 0) == service.pid);
    /* The next one clears away what that one left. */
    char left[96];
    snprintf(left, sizeof(left), "%s/pipe-0123-to-client", directory);
    CHECK_EQ(mkfifo(left, 0600), 0);
    CHECK(daemon_start(&service, WINSCARDD, "soft:", options, NULL));
    CHECK_EQ(count_files(directory), 1); /* tcp */
    CHECK(daemon_stop(&service));
    CHECK_EQ(rmdir(directory), 0);
    CHECK_EQ(rmdir(service.directory), 0);
    return check_result();
}
