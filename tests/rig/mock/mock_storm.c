/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers are plugged and pulled, cards moved, all at random and all the time, while
 * programs' threads use them: each call ends soon and with an error that says what
 * happened, and in the end nothing is left over.
 *
 *   mock_storm SECONDS [SEED] */
#include "os/thread.h"
#include "os/time.h"
#include "tests/rig/mock/mock.h"
#include "tests/rig/mock/session_card.h"
#include "tests/rig/sim/readers.h"
#include "tests/support/check.h"

#include <dirent.h>
#include <stdlib.h>
#include <time.h>

enum { READERS = 24, USERS = 6, CALL_MS = CHECK_HANG_MS, SETTLE_MS = CHECK_HANG_MS };

static uint64_t seed = 1;

static uint32_t random_below(uint64_t *state, uint32_t limit)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % limit;
}

struct user {
    struct os_thread thread;
    struct session session;
    uint64_t random;
    uint64_t end_ms;
    uint64_t slowest_ms;
    unsigned sessions, refused, wrong;
    LONG strange; /* an error that nothing here explains */
};

/* What may come of pulled cards and readers, and of other users. */
static bool is_explained(LONG result)
{
    static const LONG codes[] = {SCARD_S_SUCCESS,
                                 SCARD_E_NO_SMARTCARD,
                                 SCARD_W_REMOVED_CARD,
                                 SCARD_W_RESET_CARD,
                                 SCARD_E_UNKNOWN_READER,
                                 SCARD_E_READER_UNAVAILABLE,
                                 SCARD_E_NO_READERS_AVAILABLE,
                                 SCARD_W_UNRESPONSIVE_CARD,
                                 SCARD_W_UNPOWERED_CARD,
                                 SCARD_E_SHARING_VIOLATION,
                                 SCARD_E_INVALID_HANDLE,
                                 SCARD_F_COMM_ERROR};
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
        if (result == codes[i])
            return true;
    return false;
}

static void note(struct user *user, LONG result, uint64_t start_ms)
{
    uint64_t took = os_now_ms() - start_ms;
    if (took > user->slowest_ms)
        user->slowest_ms = took;
    if (!is_explained(result))
        user->strange = result;
}

static void use_one(struct user *user, const char *name)
{
    struct session *session = &user->session;
    uint64_t start = os_now_ms();
    LONG result = session_connect(session, name);
    note(user, result, start);
    if (result != SCARD_S_SUCCESS) {
        user->refused++;
        return;
    }
    const uint8_t command[] = {0x80, 0xE0, 0, 100, 0};
    for (int i = 0; i < 4 && result == SCARD_S_SUCCESS; i++) {
        start = os_now_ms();
        result = session_transmit(session, command, sizeof command);
        note(user, result, start);
        if (result == SCARD_S_SUCCESS
            && (session->status != 0x9000 || session->size != 100))
            user->wrong++;
    }
    start = os_now_ms();
    note(user, SCardDisconnect(session->card, SCARD_LEAVE_CARD), start);
    user->sessions++;
}

static void run_user(void *context)
{
    struct user *user = context;
    struct session *session = &user->session;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &session->context)
        != SCARD_S_SUCCESS) {
        user->strange = (LONG)SCARD_E_INVALID_HANDLE;
        return;
    }
    while (os_now_ms() < user->end_ms) {
        unsigned count = session_list(session);
        if (count == 0)
            count = session_wait_readers(session, 1, 100);
        if (count != 0)
            use_one(user, session_name(session, random_below(&user->random, count)));
    }
    (void)SCardReleaseContext(session->context);
}

struct port {
    struct mock_reader *reader;
    const char *name;
};

static void act(struct mock *mock, struct port *port)
{
    char why[MOCK_WHY] = "";
    if (port->reader == NULL) {
        port->reader = mock_plug(mock, port->name, why);
        if (port->reader == NULL)
            CHECK_FAILED("%s: %s", port->name, why);
        return;
    }
    switch (random_below(&seed, 4)) {
    case 0:
        mock_card_remove(port->reader, 0);
        break;
    case 1:
        mock_card_insert(port->reader, 0);
        break;
    case 2:
        mock_unplug(port->reader);
        port->reader = NULL;
        break;
    default:
        break; /* let it work */
    }
}

/* Threads of this process, but GLib's, which come when it likes. */
static unsigned count_threads(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/task");
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        char path[300], name[32] = "";
        (void)snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (file == NULL)
            continue;
        if (fgets(name, sizeof name, file) != NULL && strncmp(name, "gmain", 5) != 0
            && strncmp(name, "pool-", 5) != 0)
            count++;
        fclose(file);
    }
    if (folder != NULL)
        closedir(folder);
    return count;
}

/* Readers that are there now, and their names: all different, all there to be used. */
static void check_the_end(struct mock *mock, struct port ports[READERS])
{
    static struct session session;
    unsigned slots = 0;
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &session.context), 0);
    for (size_t i = 0; i < READERS; i++)
        if (ports[i].reader == NULL)
            act(mock, &ports[i]);
    for (size_t i = 0; i < READERS; i++) {
        struct sim_reader_data data;
        mock_card_insert(ports[i].reader, 0);
        CHECK(sim_reader_find(ports[i].name, &data));
        for (size_t k = 0; k < data.interface_count; k++)
            slots += data.interfaces[k].descriptor[4] + 1u;
    }
    CHECK_EQ(session_wait_readers(&session, slots, SETTLE_MS), slots);
    for (unsigned i = 0; i < slots && session_name(&session, i) != NULL; i++) {
        LONG result = session_connect(&session, session_name(&session, i));
        if (result == SCARD_S_SUCCESS) {
            CHECK(session_counts(&session, 50));
            session_disconnect(&session);
        } else {
            CHECK_FAILED("\"%s\": %08X", session_name(&session, i), (unsigned)result);
        }
    }
    for (size_t i = 0; i < READERS; i++)
        mock_unplug(ports[i].reader);
    CHECK_EQ(session_wait_readers(&session, 0, SETTLE_MS), 0);
    CHECK_EQ(SCardReleaseContext(session.context), 0);
}

static void storm(struct mock *mock, unsigned seconds)
{
    static struct user users[USERS];
    static const char *const names[] = {"gempc_twin",   "omnikey_3121",  "acr38u",
                                        "omnikey_5422", "cherry_st1144", "yubikey"};
    struct port ports[READERS];
    unsigned acts = 0;
    uint64_t end = os_now_ms() + seconds * 1000u;
    for (size_t i = 0; i < READERS; i++)
        ports[i] = (struct port){.name = names[i % ARRAY_SIZE(names)]};
    for (size_t i = 0; i < USERS; i++) {
        users[i].random = seed + i;
        users[i].end_ms = end;
        CHECK_EQ(os_thread_start(&users[i].thread, "user", run_user, &users[i]), SC_OK);
    }
    for (; os_now_ms() < end; acts++) {
        struct timespec wait = {0, 1000000 * (long)random_below(&seed, 40)};
        act(mock, &ports[random_below(&seed, READERS)]);
        nanosleep(&wait, NULL);
    }
    unsigned sessions = 0, refused = 0;
    uint64_t slowest = 0;
    for (size_t i = 0; i < USERS; i++) {
        os_thread_join(&users[i].thread);
        CHECK_EQ(users[i].strange, 0);
        CHECK_EQ(users[i].wrong, 0);
        sessions += users[i].sessions;
        refused += users[i].refused;
        slowest = users[i].slowest_ms > slowest ? users[i].slowest_ms : slowest;
    }
    CHECK(slowest < CALL_MS);
    CHECK(sessions > 0);
    printf("%u acts, %u sessions, %u refused, slowest call %u ms\n", acts, sessions,
           refused, (unsigned)slowest);
    check_the_end(mock, ports);
}

int main(int count, char **words)
{
    unsigned seconds = count > 1 ? (unsigned)strtoul(words[1], NULL, 10) : 10;
    if (count > 2)
        seed = strtoull(words[2], NULL, 10);
    struct mock *mock = mock_start();
    if (mock == NULL) {
        fprintf(stderr, "umockdev-wrapper mock_storm SECONDS [SEED]\n");
        return 2;
    }
    setenv("WINSCARD_READERS", "usb:", 1);
    setenv("WINSCARD_CARRIER", "local", 1);
    const struct timespec settle = {0, 100000000}; /* threads name themselves */
    nanosleep(&settle, NULL);
    unsigned threads = count_threads();
    storm(mock, seconds);
    CHECK(count_threads() <= threads); /* none is left over */
    mock_stop(mock);
    return check_result();
}
