/* SPDX-License-Identifier: BSD-2-Clause */
/* A pcscd for tests (fake_pcscd.h): one thread, which polls all its connections. */
#include "tests/support/fake_pcscd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PEERS_MAX = 64, RECORD = 184, BODY_MAX = 280, EXTRA_MAX = 70000 };

struct script {
    enum fake_action action;
    uint32_t value;
    unsigned times;
};

struct peer {
    int fd;
    bool armed;
    uint32_t minor;
    size_t kept; /* bytes of an answer that is kept back */
    uint8_t answer[BODY_MAX + EXTRA_MAX];
};

struct fake_pcscd {
    pthread_t thread;
    pthread_mutex_t lock;
    char path[108];
    int listener, wake[2];
    bool stopping, early;
    uint32_t minor;
    uint32_t cards;
    struct script scripts[FAKE_COMMANDS];
    unsigned counts[FAKE_COMMANDS];
    uint8_t last[FAKE_COMMANDS][BODY_MAX + 1024];
    size_t last_size[FAKE_COMMANDS];
    unsigned built_for; /* records in answers of a fixed size */
    uint8_t records[FAKE_READERS][RECORD];
    uint8_t payload[EXTRA_MAX];
    uint32_t payload_size;
    struct peer peers[PEERS_MAX];
};

/* Sizes of bodies, the words of the result and of the length; by command. */
static const struct {
    size_t size;
    int rv, length, extra; /* words; -1: none */
} bodies[FAKE_COMMANDS] = {
    [0x01] = {12, 2, -1, -1},   [0x02] = {8, 1, -1, -1},  [0x04] = {152, 37, -1, -1},
    [0x05] = {24, 5, -1, -1},   [0x06] = {12, 2, -1, -1}, [0x07] = {8, 1, -1, -1},
    [0x08] = {12, 2, -1, -1},   [0x09] = {32, 7, 6, 3},   [0x0A] = {24, 5, 4, 2},
    [0x0B] = {8, 1, -1, -1},    [0x0D] = {8, 1, -1, -1},  [0x0F] = {280, 69, 68, -1},
    [0x10] = {280, 69, -1, -1}, [0x11] = {12, 2, -1, -1},
};

static uint32_t get(const uint8_t *body, int word)
{
    uint32_t value;
    memcpy(&value, body + 4 * word, 4);
    return value;
}

static void set(uint8_t *body, int word, uint32_t value)
{
    memcpy(body + 4 * word, &value, 4);
}

static bool read_all(int fd, uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t got = recv(fd, bytes, size, 0);
        if (got <= 0)
            return false;
        bytes += got;
        size -= (size_t)got;
    }
    return true;
}

static void write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = send(fd, bytes, size, MSG_NOSIGNAL);
        if (put <= 0)
            return;
        bytes += put;
        size -= (size_t)put;
    }
}

static void drop(struct peer *peer)
{
    if (peer->fd >= 0)
        close(peer->fd);
    peer->fd = -1;
    peer->armed = false;
    peer->kept = 0;
}

static void die(struct fake_pcscd *fake)
{
    for (int i = 0; i < PEERS_MAX; i++)
        drop(&fake->peers[i]);
    if (fake->listener >= 0)
        close(fake->listener);
    fake->listener = -1;
}

static void send_event(struct peer *peer)
{
    static const uint8_t event[8];
    peer->armed = false;
    write_all(peer->fd, event, sizeof(event));
}

static uint32_t count_readers(const struct fake_pcscd *fake)
{
    uint32_t count = 0;
    for (int i = 0; i < FAKE_READERS; i++)
        count += fake->records[i][0] != 0;
    return count;
}

/* Commands without a body; the size of their answer. */
static size_t answer_bare(struct fake_pcscd *fake, struct peer *peer, unsigned command)
{
    size_t size = 0;
    switch (command) {
    case 0x13:
        peer->armed = true;
        if (fake->early)
            send_event(peer);
        if (peer->minor >= 6)
            return 0;
        /* fall through */
    case 0x12:
        size = (size_t)fake->built_for * RECORD;
        memcpy(peer->answer, fake->records, size);
        return size;
    case 0x14:
        size = peer->armed ? 8 : 0;
        peer->armed = false;
        memset(peer->answer, 0, 8);
        return size;
    case 0x16:
        set(peer->answer, 0, count_readers(fake));
        return 4;
    case 0x17:
        for (int i = 0; i < FAKE_READERS; i++) {
            if (fake->records[i][0] == 0)
                continue;
            memcpy(peer->answer + size, fake->records[i], RECORD);
            size += RECORD;
        }
        return size;
    default:
        return 0;
    }
}

/* The answer to a command with a body, which is in peer->answer. */
static size_t answer_body(struct fake_pcscd *fake, struct peer *peer, unsigned command,
                          uint32_t rv)
{
    uint8_t *answer = peer->answer;
    size_t size = bodies[command].size;
    if (command == 0x11) {
        uint32_t wanted = get(answer, 1);
        if (wanted > fake->minor)
            rv = 0x8010001E;
        else
            peer->minor = wanted;
        set(answer, 1, fake->minor);
    }
    if (command == 0x01)
        set(answer, 1, 0x1234);
    if (command == 0x04) {
        set(answer, 35, 0x7000 + ++fake->cards);
        set(answer, 36, get(answer, 34) & 2 ? 2 : get(answer, 34) & 7);
    }
    if (command == 0x05)
        set(answer, 4, get(answer, 2) & 1 ? 1 : get(answer, 2) & 7);
    if (bodies[command].length >= 0) {
        uint32_t room = command == 0x0F ? 264 : get(answer, command == 0x09 ? 6 : 3);
        if (rv == 0 && fake->payload_size > room)
            rv = 0x80100008;
        set(answer, bodies[command].length, fake->payload_size);
        if (rv == 0 && command == 0x0F)
            memcpy(answer + 8, fake->payload, fake->payload_size);
        if (rv == 0 && command != 0x0F) {
            memcpy(answer + size, fake->payload, fake->payload_size);
            set(answer, bodies[command].rv, rv);
            return size + fake->payload_size;
        }
    }
    set(answer, bodies[command].rv, rv);
    return size;
}

static void act(struct fake_pcscd *fake, struct peer *peer, unsigned command)
{
    struct script *script = &fake->scripts[command];
    struct script now = script->times > 0 ? *script : (struct script){FAKE_ANSWER, 0, 0};
    if (script->times > 0)
        script->times--;
    if (now.action == FAKE_CLOSE) {
        drop(peer);
        return;
    }
    if (now.action == FAKE_DIE) {
        die(fake);
        return;
    }
    uint32_t rv = now.action == FAKE_ANSWER ? now.value : 0;
    size_t size = bodies[command].size > 0 ? answer_body(fake, peer, command, rv)
                                           : answer_bare(fake, peer, command);
    if (now.action == FAKE_GARBAGE)
        memset(peer->answer, 0xFF, size);
    if (now.action == FAKE_LENGTH)
        set(peer->answer, command == 0x16 ? 0 : bodies[command].length, now.value);
    if (now.action == FAKE_MUTE) {
        peer->kept = size;
        return;
    }
    if (now.action == FAKE_TRUNCATE && now.value < size)
        size = now.value;
    write_all(peer->fd, peer->answer, size);
    if (now.action == FAKE_TRUNCATE)
        drop(peer);
}

/* One command of a peer. */
static void serve(struct fake_pcscd *fake, struct peer *peer)
{
    uint32_t header[2];
    uint8_t *answer = peer->answer;
    if (!read_all(peer->fd, (uint8_t *)header, sizeof(header))
        || header[1] >= FAKE_COMMANDS || header[0] != bodies[header[1]].size
        || !read_all(peer->fd, answer, header[0])) {
        drop(peer);
        return;
    }
    unsigned command = header[1];
    int extra = bodies[command].extra;
    uint32_t more = extra > 0 ? get(answer, extra) : 0;
    if (more > EXTRA_MAX || !read_all(peer->fd, answer + header[0], more)) {
        drop(peer);
        return;
    }
    size_t size = header[0] + more;
    fake->last_size[command] = size;
    memcpy(fake->last[command], answer,
           size < sizeof(fake->last[command]) ? size : sizeof(fake->last[command]));
    fake->counts[command]++;
    act(fake, peer, command);
}

static void take(struct fake_pcscd *fake)
{
    int fd = accept(fake->listener, NULL, NULL);
    for (int i = 0; fd >= 0 && i < PEERS_MAX; i++) {
        if (fake->peers[i].fd >= 0)
            continue;
        fake->peers[i].fd = fd;
        fake->peers[i].armed = false;
        fake->peers[i].kept = 0;
        return;
    }
    if (fd >= 0)
        close(fd);
}

static void *run(void *argument)
{
    struct fake_pcscd *fake = argument;
    struct pollfd fds[PEERS_MAX + 2];
    char byte;
    pthread_mutex_lock(&fake->lock);
    while (!fake->stopping) {
        for (int i = 0; i < PEERS_MAX; i++)
            fds[i] = (struct pollfd){.fd = fake->peers[i].fd, .events = POLLIN};
        fds[PEERS_MAX] = (struct pollfd){.fd = fake->listener, .events = POLLIN};
        fds[PEERS_MAX + 1] = (struct pollfd){.fd = fake->wake[0], .events = POLLIN};
        pthread_mutex_unlock(&fake->lock);
        poll(fds, PEERS_MAX + 2, -1);
        pthread_mutex_lock(&fake->lock);
        if (fds[PEERS_MAX + 1].revents != 0)
            (void)!read(fake->wake[0], &byte, 1);
        for (int i = 0; i < PEERS_MAX; i++)
            if (fds[i].revents != 0 && fake->peers[i].fd == fds[i].fd)
                serve(fake, &fake->peers[i]);
        if (fds[PEERS_MAX].revents != 0 && fake->listener >= 0)
            take(fake);
    }
    die(fake);
    pthread_mutex_unlock(&fake->lock);
    return NULL;
}

struct fake_pcscd *fake_start(const char *path, uint32_t minor)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct fake_pcscd *fake = calloc(1, sizeof(*fake));
    if (fake == NULL || pipe(fake->wake) != 0)
        return NULL;
    for (int i = 0; i < PEERS_MAX; i++)
        fake->peers[i].fd = -1;
    snprintf(fake->path, sizeof(fake->path), "%s", path);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    fake->minor = minor;
    fake->built_for = 16;
    pthread_mutex_init(&fake->lock, NULL);
    unlink(path);
    fake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fake->listener, (struct sockaddr *)&address, sizeof(address)) != 0
        || listen(fake->listener, 16) != 0
        || pthread_create(&fake->thread, NULL, run, fake) != 0)
        return NULL;
    return fake;
}

static void lock(struct fake_pcscd *fake)
{
    pthread_mutex_lock(&fake->lock);
}

static void unlock(struct fake_pcscd *fake)
{
    pthread_mutex_unlock(&fake->lock);
}

void fake_stop(struct fake_pcscd *fake)
{
    lock(fake);
    fake->stopping = true;
    unlock(fake);
    (void)!write(fake->wake[1], "", 1);
    pthread_join(fake->thread, NULL);
    unlink(fake->path);
    close(fake->wake[0]);
    close(fake->wake[1]);
    pthread_mutex_destroy(&fake->lock);
    free(fake);
}

void fake_script(struct fake_pcscd *fake, unsigned command, enum fake_action action,
                 uint32_t value, unsigned times)
{
    lock(fake);
    fake->scripts[command] = (struct script){action, value, times};
    unlock(fake);
}

void fake_speak(struct fake_pcscd *fake)
{
    lock(fake);
    for (int i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = &fake->peers[i];
        if (peer->fd >= 0 && peer->kept > 0)
            write_all(peer->fd, peer->answer, peer->kept);
        peer->kept = 0;
    }
    unlock(fake);
}

unsigned fake_count(struct fake_pcscd *fake, unsigned command)
{
    lock(fake);
    unsigned count = fake->counts[command];
    unlock(fake);
    return count;
}

unsigned fake_connections(struct fake_pcscd *fake)
{
    unsigned count = 0;
    lock(fake);
    for (int i = 0; i < PEERS_MAX; i++)
        count += fake->peers[i].fd >= 0;
    unlock(fake);
    return count;
}

bool fake_wait(struct fake_pcscd *fake, unsigned command, unsigned count)
{
    for (int i = 0; i < 2000 && fake_count(fake, command) < count; i++)
        usleep(1000);
    return fake_count(fake, command) >= count;
}

bool fake_wait_armed(struct fake_pcscd *fake)
{
    bool armed = false;
    for (int i = 0; i < 2000 && !armed; i++) {
        lock(fake);
        for (int p = 0; p < PEERS_MAX; p++)
            armed |= fake->peers[p].armed;
        unlock(fake);
        if (!armed)
            usleep(1000);
    }
    return armed;
}

size_t fake_last(struct fake_pcscd *fake, unsigned command, uint8_t *bytes, size_t room)
{
    lock(fake);
    size_t size = fake->last_size[command];
    memset(bytes, 0, room);
    memcpy(bytes, fake->last[command], size < room ? size : room);
    unlock(fake);
    return size;
}

void fake_reader_quietly(struct fake_pcscd *fake, unsigned index, const char *name,
                         uint32_t state, uint32_t events, int32_t sharing,
                         const void *atr, uint32_t atr_size)
{
    lock(fake);
    uint8_t *record = fake->records[index];
    memset(record, 0, RECORD);
    memcpy(record, name, strlen(name));
    set(record, 32, events);
    set(record, 33, state);
    set(record, 34, (uint32_t)sharing);
    if (atr != NULL)
        memcpy(record + 140, atr, atr_size < FAKE_ATR_MAX ? atr_size : FAKE_ATR_MAX);
    set(record, 44, atr_size);
    unlock(fake);
}

void fake_event(struct fake_pcscd *fake)
{
    lock(fake);
    for (int i = 0; i < PEERS_MAX; i++)
        if (fake->peers[i].fd >= 0 && fake->peers[i].armed)
            send_event(&fake->peers[i]);
    unlock(fake);
}

void fake_reader(struct fake_pcscd *fake, unsigned index, const char *name,
                 uint32_t state, uint32_t events, int32_t sharing, const void *atr,
                 uint32_t atr_size)
{
    fake_reader_quietly(fake, index, name, state, events, sharing, atr, atr_size);
    fake_event(fake);
}

void fake_events_early(struct fake_pcscd *fake, bool early)
{
    lock(fake);
    fake->early = early;
    unlock(fake);
}

void fake_build_for(struct fake_pcscd *fake, unsigned readers)
{
    lock(fake);
    fake->built_for = readers;
    unlock(fake);
}

void fake_payload(struct fake_pcscd *fake, const void *bytes, uint32_t size)
{
    lock(fake);
    fake->payload_size = size;
    memcpy(fake->payload, bytes, size);
    unlock(fake);
}
