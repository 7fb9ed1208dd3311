/* SPDX-License-Identifier: BSD-2-Clause */
/* rig_plug [SPECIFICATION...]: plugs simulated readers into this machine's USB, through
 * vhci-hcd, and serves them until "quit" or the end of its input. Each command gets one
 * line of answer; readers are numbered from 0 in the order of plugging.
 *
 *     plug SPECIFICATION      plugged N SPECIFICATION
 *     unplug N                unplugged N
 *     insert N SLOT           inserted N SLOT
 *     remove N SLOT           removed N SLOT
 *     counts N                counts N control=A bulk_out=B bulk_in=C interrupt_in=D
 *     quit                    (ends)
 *     what fails              error: WHY
 *
 * A reader that leaves by itself (a fault of its own, or the kernel gave it up) is told
 * of by the line "gone N" on standard error. The arguments are plugged first. */
#include "tests/rig/guest/usbip.h"

#include "os/time.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READERS_MAX = 4096, PLUGGED_MAX = 64, LINE_ROOM = 1024 };

static struct {
    struct usbip_port *ports[READERS_MAX]; /* by number; NULL: not plugged any more */
    size_t count;
    size_t plugged;
    char line[LINE_ROOM];
    size_t line_size;
} rig;

static void say_error(const char *why)
{
    printf("error: %s\n", why);
}

static bool plug(const char *specification)
{
    char why[200] = "too many readers";
    struct usbip_port *port = NULL;
    if (rig.count < READERS_MAX && rig.plugged < PLUGGED_MAX)
        port = usbip_port_open(specification, why, sizeof(why));
    if (port == NULL) {
        say_error(why);
        return false;
    }
    printf("plugged %zu %s\n", rig.count, specification);
    rig.ports[rig.count++] = port;
    rig.plugged++;
    return true;
}

static void unplug(size_t number)
{
    usbip_port_close(rig.ports[number]);
    rig.ports[number] = NULL;
    rig.plugged--;
}

static void say_counts(size_t number)
{
    const struct sim_counts *counts =
        sim_device_counts(usbip_port_device(rig.ports[number]));
    printf("counts %zu control=%llu bulk_out=%llu bulk_in=%llu interrupt_in=%llu\n",
           number, (unsigned long long)counts->control,
           (unsigned long long)counts->bulk_out, (unsigned long long)counts->bulk_in,
           (unsigned long long)counts->interrupt_in);
}

/* A command about one reader. */
static void obey_about(const char *verb, size_t number, unsigned slot)
{
    struct sim_device *device = usbip_port_device(rig.ports[number]);
    if (strcmp(verb, "unplug") == 0) {
        unplug(number);
        printf("unplugged %zu\n", number);
    } else if (strcmp(verb, "insert") == 0) {
        sim_card_insert(device, slot);
        printf("inserted %zu %u\n", number, slot);
    } else if (strcmp(verb, "remove") == 0) {
        sim_card_remove(device, slot);
        printf("removed %zu %u\n", number, slot);
    } else if (strcmp(verb, "counts") == 0) {
        say_counts(number);
    } else {
        say_error("no such command");
    }
}

/* False: to end. */
static bool obey(const char *line)
{
    char verb[16] = "";
    size_t number = 0;
    unsigned slot = 0;
    if (strcmp(line, "quit") == 0)
        return false;
    if (strncmp(line, "plug ", 5) == 0)
        plug(line + 5);
    else if (sscanf(line, "%15s %zu %u", verb, &number, &slot) < 2)
        say_error("no such command");
    else if (number >= rig.count || rig.ports[number] == NULL)
        say_error("no such reader");
    else
        obey_about(verb, number, slot);
    return true;
}

/* Obeys the lines that have come whole. False: to end. */
static bool read_commands(void)
{
    ssize_t got = read(STDIN_FILENO, rig.line + rig.line_size, LINE_ROOM - rig.line_size);
    char *end;
    if (got <= 0)
        return false;
    rig.line_size += (size_t)got;
    while ((end = memchr(rig.line, '\n', rig.line_size)) != NULL) {
        size_t size = (size_t)(end - rig.line) + 1;
        *end = '\0';
        if (!obey(rig.line))
            return false;
        rig.line_size -= size;
        memmove(rig.line, rig.line + size, rig.line_size);
    }
    return rig.line_size < LINE_ROOM;
}

/* Advances all; gives when something happens next. */
static uint64_t advance_all(void)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < rig.count; i++) {
        uint64_t next;
        if (rig.ports[i] == NULL)
            continue;
        if (!usbip_port_advance(rig.ports[i], os_now_ms(), &next)) {
            unplug(i);
            fprintf(stderr, "gone %zu\n", i);
        } else if (next < first) {
            first = next;
        }
    }
    return first;
}

static int wait_until(uint64_t then, struct pollfd *polled, size_t *numbers)
{
    uint64_t now = os_now_ms();
    nfds_t count = 1;
    int timeout = -1;
    polled[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
    for (size_t i = 0; i < rig.count; i++) {
        if (rig.ports[i] == NULL)
            continue;
        polled[count] = (struct pollfd){.events = POLLIN};
        polled[count].fd = usbip_port_descriptor(rig.ports[i]);
        numbers[count++] = i;
    }
    if (then <= now)
        timeout = 0;
    else if (then - now < 3600000)
        timeout = (int)(then - now);
    else if (then != UINT64_MAX)
        timeout = 3600000;
    (void)poll(polled, count, timeout);
    return (int)count;
}

static void serve(void)
{
    static struct pollfd polled[PLUGGED_MAX + 1];
    static size_t numbers[PLUGGED_MAX + 1];
    for (;;) {
        int count = wait_until(advance_all(), polled, numbers);
        for (int i = 1; i < count; i++) {
            /* What it says of a closed connection, advance_all says again. */
            if (polled[i].revents != 0)
                (void)usbip_port_receive(rig.ports[numbers[i]], os_now_ms());
        }
        if (polled[0].revents != 0 && !read_commands())
            return;
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    int status = 0;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    for (int i = 1; i < argc && status == 0; i++)
        status = plug(argv[i]) ? 0 : 1;
    if (status == 0)
        serve();
    for (size_t i = 0; i < rig.count; i++) {
        if (rig.ports[i] != NULL)
            unplug(i);
    }
    return status;
}
