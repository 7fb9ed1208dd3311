/* SPDX-License-Identifier: BSD-2-Clause */
/* FIFOs. Who has one open both ways never sees its end, and cannot be the one that makes
 * an open() wait or a read() see an end too early: so the service has both. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/pipe.h"

#include "os/posix/descriptor.h"
#include "os/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_START "pipe-"

enum { NAME_RANDOM = 16 /* bytes */ };

static enum sc_error pipe_error(void)
{
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
        return SC_E_NO_MEMORY;
    return SC_E_NO_ACCESS;
}

/* --- The service's ends ------------------------------------------------------------- */

static bool name_pipe(const char *directory, const uint8_t random[NAME_RANDOM],
                      const char *end, char path[OS_PIPE_PATH_MAX])
{
    char text[2 * NAME_RANDOM + 1];
    for (size_t i = 0; i < NAME_RANDOM; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", random[i]);
    int size =
        snprintf(path, OS_PIPE_PATH_MAX, "%s/%s%s-%s", directory, NAME_START, text, end);
    return size > 0 && size < OS_PIPE_PATH_MAX;
}

static enum sc_error make_pipe(const char *path, struct os_socket *pipe)
{
    if (mkfifo(path, 0600) != 0)
        return pipe_error();
    int descriptor =
        os_descriptor_raise(open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    if (descriptor < 0) {
        enum sc_error error = pipe_error();
        (void)unlink(path);
        return error;
    }
    pipe->native = descriptor;
    return SC_OK;
}

enum sc_error os_pipes_make(const char *directory, struct os_pipes *pipes,
                            struct os_pipe_names *names)
{
    struct os_pipes made = OS_PIPES_NONE;
    uint8_t random[NAME_RANDOM];
    enum sc_error error = os_random(random, sizeof(random));
    if (error != SC_OK)
        return error;
    if (!name_pipe(directory, random, "to-service", names->to_service)
        || !name_pipe(directory, random, "to-client", names->to_client))
        return SC_E_UNSUPPORTED_FEATURE;
    error = make_pipe(names->to_service, &made.in);
    if (error != SC_OK)
        return error;
    error = make_pipe(names->to_client, &made.out);
    if (error != SC_OK) {
        (void)unlink(names->to_service);
        os_pipes_close(&made);
        return error;
    }
    *pipes = made;
    return SC_OK;
}

void os_pipes_unlink(const struct os_pipe_names *names)
{
    (void)unlink(names->to_service);
    (void)unlink(names->to_client);
}

void os_pipes_sweep(const char *directory)
{
    DIR *all = opendir(directory);
    struct dirent *entry;
    struct stat found;
    while (all != NULL && (entry = readdir(all)) != NULL)
        if (strncmp(entry->d_name, NAME_START, strlen(NAME_START)) == 0
            && fstatat(dirfd(all), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0
            && S_ISFIFO(found.st_mode))
            (void)unlinkat(dirfd(all), entry->d_name, 0);
    if (all != NULL)
        (void)closedir(all);
}

/* --- The client's ------------------------------------------------------------------- */

bool os_pipes_help(void)
{
    return false; /* there are Unix sockets, which are as quick */
}

/* An open() that waits for the other side would wait for a service that has gone. */
static enum sc_error open_pipe(const char *path, int way, struct os_socket *pipe)
{
    struct stat found;
    int descriptor =
        os_descriptor_raise(open(path, way | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    if (descriptor < 0)
        return pipe_error();
    int flags = fcntl(descriptor, F_GETFL);
    if (fstat(descriptor, &found) != 0 || !S_ISFIFO(found.st_mode) || flags < 0
        || fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) != 0) {
        close(descriptor);
        return SC_E_NO_ACCESS;
    }
    pipe->native = descriptor;
    return SC_OK;
}

enum sc_error os_pipes_open(const struct os_pipe_names *names, struct os_pipes *pipes)
{
    struct os_pipes opened = OS_PIPES_NONE;
    enum sc_error error = open_pipe(names->to_client, O_RDONLY, &opened.in);
    if (error == SC_OK)
        error = open_pipe(names->to_service, O_WRONLY, &opened.out);
    if (error == SC_OK)
        *pipes = opened;
    else
        os_pipes_close(&opened);
    return error;
}

/* --- Both --------------------------------------------------------------------------- */

static void close_pipe(struct os_socket *pipe)
{
    if (pipe->native >= 0)
        (void)close((int)pipe->native);
    pipe->native = -1;
}

void os_pipes_close(struct os_pipes *pipes)
{
    close_pipe(&pipes->in);
    close_pipe(&pipes->out);
}

static enum sc_error transfer_error(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? SC_E_NOT_READY : SC_F_COMM_ERROR;
}

enum sc_error os_pipe_send(struct os_socket pipe, const void *bytes, size_t size,
                           size_t *sent)
{
    const char *from = bytes;
    *sent = 0;
    while (*sent < size) {
        ssize_t put = write((int)pipe.native, from + *sent, size - *sent);
        if (put >= 0)
            *sent += (size_t)put;
        else if (errno != EINTR)
            return *sent > 0 && transfer_error() == SC_E_NOT_READY ? SC_OK
                                                                   : transfer_error();
    }
    return SC_OK;
}

enum sc_error os_pipe_receive(struct os_socket pipe, void *bytes, size_t room,
                              size_t *size)
{
    ssize_t got;
    do
        got = read((int)pipe.native, bytes, room);
    while (got < 0 && errno == EINTR);
    *size = got > 0 ? (size_t)got : 0;
    if (got > 0)
        return SC_OK;
    return got == 0 ? SC_W_EOF : transfer_error();
}
