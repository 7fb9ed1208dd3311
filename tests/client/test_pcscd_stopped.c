/* SPDX-License-Identifier: BSD-2-Clause */
/* A pcscd that dies, is started again, or refuses; and the child of a fork. */
#include "os/time.h"
#include "tests/support/pcscd_setup.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/wait.h>

/* Each handle is told once; then it is none any more. A new context works. */
static void test_restart(void)
{
    struct fake_pcscd *fake = start_fake(4);
    struct multistring names;
    uint32_t context = establish(), card = connect_card(context);
    uint32_t idle = establish(), forgotten = connect_card(idle);
    fake_stop(fake);
    CHECK_EQ(pcscd->check_context(context), SC_E_SERVICE_STOPPED);
    fake = start_fake(5);
    CHECK_EQ(pcscd->check_context(context), SC_E_SERVICE_STOPPED);
    multistring_init(&names, 1000);
    CHECK_EQ(pcscd->list_readers(context, NAME_WINDOWS, &names), SC_E_SERVICE_STOPPED);
    CHECK_EQ(pcscd->list_readers(context, NAME_WINDOWS, &names), SC_E_INVALID_HANDLE);
    CHECK_EQ(pcscd->check_context(context), SC_E_INVALID_HANDLE);
    CHECK_EQ(transmit(card), SC_E_SERVICE_STOPPED);
    CHECK_EQ(transmit(card), SC_E_INVALID_HANDLE);
    uint32_t again = establish();
    CHECK(again != context);
    uint32_t other = connect_card(again);
    CHECK_EQ(transmit(other), SC_OK);
    CHECK_EQ(pcscd->list_readers(again, NAME_WINDOWS, &names), SC_OK);
    CHECK_EQ(multistring_count(names.bytes), 2);
    multistring_clear(&names);
    CHECK_EQ(pcscd->release(context), SC_OK);
    CHECK_EQ(call(card, REQUEST_DISCONNECT, 0), SC_E_INVALID_HANDLE);
    CHECK_EQ(call(forgotten, REQUEST_DISCONNECT, 0), SC_E_SERVICE_STOPPED);
    CHECK_EQ(pcscd->release(idle), SC_OK);
    CHECK_EQ(transmit(other), SC_OK);
    CHECK_EQ(pcscd->release(again), SC_OK);
    fake_stop(fake);
}

struct errand {
    uint32_t context, card;
    enum sc_error error;
};

static void *run_watch(void *argument)
{
    struct errand *job = argument;
    struct watch_entry entry = {.name = "Acme Reader 1", .current = 0x10};
    job->error = pcscd->watch(job->context, WATCH_WINDOWS, OS_FOREVER, &entry, 1);
    return NULL;
}

static void *run_transmit(void *argument)
{
    struct errand *job = argument;
    job->error = transmit(job->card);
    return NULL;
}

static void test_death_in_calls(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish();
    struct errand watch = {.context = context};
    struct errand slow = {.card = connect_card(context)};
    pthread_t threads[2];
    fake_script(fake, 0x09, FAKE_MUTE, 0, 1);
    pthread_create(&threads[0], NULL, run_watch, &watch);
    pthread_create(&threads[1], NULL, run_transmit, &slow);
    CHECK(fake_wait_armed(fake));
    CHECK(fake_wait(fake, 0x09, 1));
    fake_stop(fake);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    CHECK_EQ(watch.error, SC_E_SERVICE_STOPPED);
    CHECK_EQ(slow.error, SC_E_SERVICE_STOPPED);
    CHECK_EQ(pcscd->cancel(context), SC_E_INVALID_HANDLE);
    CHECK_EQ(pcscd->release(context), SC_OK);
    CHECK_EQ(transmit(slow.card), SC_E_INVALID_HANDLE);
}

/* At each command: the call ends, and so does the whole. */
static void test_death_at(unsigned command, enum fake_action action, uint32_t value)
{
    struct fake_pcscd *fake = start_fake(command == 0x16 || command == 0x17 ? 6 : 4);
    uint32_t context = 0, card = 0;
    struct request request = {.share = SHARE_SHARED, .protocols = PROTOCOL_T1};
    struct card_status status;
    struct multistring names;
    fake_payload(fake, "\x90", 2);
    fake_script(fake, command, action, value, 1);
    multistring_init(&names, 1000);
    if (pcscd->establish(ABI_WINDOWS, &context) == SC_OK) {
        (void)pcscd->list_readers(context, NAME_WINDOWS, &names);
        if (pcscd->connect(context, "Acme Reader 0", &request, &card) == SC_OK) {
            (void)pcscd->card_status(card, NAME_WINDOWS, &status);
            (void)call(card, REQUEST_BEGIN, 0);
            (void)transmit(card);
            (void)call(card, REQUEST_END, 0);
            (void)call(card, REQUEST_RECONNECT, 0);
            (void)call(card, REQUEST_DISCONNECT, 1);
        }
        struct watch_entry entry = {.name = "Acme Reader 1", .current = 0x10};
        /* On a busy machine the time can be over before the command's turn. */
        for (uint32_t ms = 20; ms < 5000 && fake_count(fake, command) == 0; ms *= 4)
            (void)pcscd->watch(context, WATCH_WINDOWS, ms, &entry, 1);
        CHECK_EQ(pcscd->release(context), SC_OK);
    }
    CHECK(fake_count(fake, command) > 0);
    CHECK_EQ(call(card, REQUEST_DISCONNECT, 0), SC_E_INVALID_HANDLE);
    multistring_clear(&names);
    fake_stop(fake);
}

/* It hangs up on new clients: too many, or not allowed. */
static void test_refused(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context;
    struct request request = {.share = SHARE_SHARED, .protocols = PROTOCOL_T1};
    uint32_t card;
    fake_script(fake, 0x11, FAKE_CLOSE, 0, 1);
    CHECK_EQ(pcscd->establish(ABI_WINDOWS, &context), SC_W_SECURITY_VIOLATION);
    fake_script(fake, 0x11, FAKE_ANSWER, RV(0x1E), 2);
    CHECK_EQ(pcscd->establish(ABI_WINDOWS, &context), SC_E_NO_SERVICE);
    fake_script(fake, 0x11, FAKE_ANSWER, 0, 0);
    fake_script(fake, 0x01, FAKE_ANSWER, RV(0x06), 1);
    CHECK_EQ(pcscd->establish(ABI_WINDOWS, &context), SC_E_NO_MEMORY);
    context = establish();
    connect_card(context); /* from then on its reader is known: nothing is asked of it */
    fake_script(fake, 0x11, FAKE_CLOSE, 0, 1);
    CHECK_EQ(pcscd->connect(context, "Acme Reader 0", &request, &card), SC_E_NO_MEMORY);
    card = connect_card(context);
    /* It hangs up on one card: the others, and the context, stay. */
    fake_script(fake, 0x09, FAKE_CLOSE, 0, 1);
    CHECK_EQ(transmit(card), SC_E_READER_UNAVAILABLE);
    CHECK_EQ(transmit(card), SC_E_READER_UNAVAILABLE);
    CHECK_EQ(pcscd->check_context(context), SC_OK);
    CHECK_EQ(call(card, REQUEST_DISCONNECT, 0), SC_OK);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

static int open_sockets(void)
{
    int count = 0;
    DIR *files = opendir("/proc/self/fd");
    struct dirent *entry;
    while (files != NULL && (entry = readdir(files)) != NULL) {
        char target[64] = "", path[300];
        snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
        count += readlink(path, target, sizeof(target) - 1) > 0
                 && strncmp(target, "socket:", 7) == 0;
    }
    if (files != NULL)
        closedir(files);
    return count;
}

/* 0: the child's old handles are none, its sockets are closed, new ones work. */
static int check_child(uint32_t context, uint32_t card, int sockets_of_test)
{
    uint32_t made;
    if (pcscd->check_context(context) != SC_E_INVALID_HANDLE
        || transmit(card) != SC_E_INVALID_HANDLE)
        return 1;
    if (open_sockets() != sockets_of_test)
        return 2;
    /* The pcscd of this test is a thread of the parent: it serves the child as well. */
    if (pcscd->establish(ABI_WINDOWS, &made) != SC_OK || made == context)
        return 3;
    card = connect_card(made);
    return transmit(card) == SC_OK && pcscd->release(made) == SC_OK ? 0 : 4;
}

static void test_fork(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), card = connect_card(context);
    struct errand watch = {.context = context};
    pthread_t thread;
    int status = -1;
    pthread_create(&thread, NULL, run_watch, &watch);
    CHECK(fake_wait_armed(fake));
    /* What remains in the child: the listener and the pcscd's ends of all connections. */
    int sockets = 1 + (int)fake_connections(fake);
    pid_t child = fork();
    if (child == 0)
        _exit(check_child(context, card, sockets));
    waitpid(child, &status, 0);
    CHECK_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
    CHECK_EQ(transmit(card), SC_OK);
    CHECK_EQ(pcscd->cancel(context), SC_OK);
    pthread_join(thread, NULL);
    CHECK_EQ(watch.error, SC_E_CANCELLED);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

int main(void)
{
    static const unsigned commands[] = {0x01, 0x04, 0x05, 0x06, 0x07, 0x08,
                                        0x09, 0x0B, 0x11, 0x12, 0x13};
    set_up();
    test_restart();
    test_death_in_calls();
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        test_death_at(commands[i], FAKE_DIE, 0);
        test_death_at(commands[i], FAKE_CLOSE, 0);
        test_death_at(commands[i], FAKE_TRUNCATE, 0);
        test_death_at(commands[i], FAKE_TRUNCATE, 7);
    }
    test_death_at(0x16, FAKE_DIE, 0);
    test_death_at(0x16, FAKE_TRUNCATE, 3);
    test_death_at(0x17, FAKE_TRUNCATE, 200);
    test_refused();
    test_fork();
    CHECK_EQ(open_sockets(), 0);
    rmdir(directory);
    return check_result();
}
