/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/rig/guest/vhci.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define VHCI_FOLDER "/sys/devices/platform/vhci_hcd.0/"

enum {
    VHCI_CONTROLLERS_MAX = 8,
    VHCI_PORT_FREE = 4, /* VDEV_ST_NULL */
    VHCI_TRIES = 20,    /* 10 ms apart: meanwhile no reader is served */
    VHCI_LINE_MAX = 160
};

/* A free port among those of a status file, whose lines begin "hs 0001 004": the hub, the
 * port's number and its state. -1: none. */
static int free_port_in(const char *path)
{
    char line[VHCI_LINE_MAX];
    int found = -1;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    while (found < 0 && fgets(line, sizeof(line), file) != NULL) {
        char hub[3] = "";
        int port = -1, state = -1;
        if (sscanf(line, "%2s %d %d", hub, &port, &state) == 3 && strcmp(hub, "hs") == 0
            && state == VHCI_PORT_FREE)
            found = port;
    }
    fclose(file);
    return found;
}

static int free_port(void)
{
    int port = free_port_in(VHCI_FOLDER "status");
    for (int i = 1; port < 0 && i < VHCI_CONTROLLERS_MAX; i++) {
        char path[80];
        snprintf(path, sizeof(path), VHCI_FOLDER "status.%d", i);
        port = free_port_in(path);
    }
    return port;
}

/* 0, or an errno. */
static int attach_at(int port, int socket, int speed)
{
    char text[80];
    int result = 0;
    int file = open(VHCI_FOLDER "attach", O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    /* The device's number is of no use to us; it must not be 0. */
    int size = snprintf(text, sizeof(text), "%d %d %d %d", port, socket, port + 1, speed);
    if (write(file, text, (size_t)size) != size)
        result = errno;
    close(file);
    return result;
}

bool vhci_attach(int socket, int speed, char *why, size_t why_room)
{
    /* A port is not free again until the kernel has digested the unplugging, for which it
     * may have to wait for another reader of ours: then it is the caller's to try again.
     */
    for (int i = 0; i < VHCI_TRIES; i++) {
        int port = free_port();
        int error = port < 0 ? EBUSY : attach_at(port, socket, speed);
        if (error == 0)
            return true;
        if (error != EBUSY || access(VHCI_FOLDER "attach", W_OK) != 0) {
            snprintf(why, why_room, VHCI_FOLDER "attach: %s", strerror(error));
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    snprintf(why, why_room, VHCI_NO_PORT);
    return false;
}
