/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/pipe.h"

enum sc_error os_pipes_make(const char *directory, struct os_pipes *pipes,
                            struct os_pipe_names *names)
{
    (void)directory;
    (void)pipes;
    (void)names;
    return SC_E_UNSUPPORTED_FEATURE;
}

void os_pipes_unlink(const struct os_pipe_names *names)
{
    (void)names;
}

void os_pipes_sweep(const char *directory)
{
    (void)directory;
}

bool os_pipes_help(void)
{
    return false;
}

enum sc_error os_pipes_open(const struct os_pipe_names *names, struct os_pipes *pipes)
{
    (void)names;
    (void)pipes;
    return SC_E_UNSUPPORTED_FEATURE;
}

void os_pipes_close(struct os_pipes *pipes)
{
    (void)pipes;
}

enum sc_error os_pipe_send(struct os_socket pipe, const void *bytes, size_t size,
                           size_t *sent)
{
    (void)pipe;
    (void)bytes;
    (void)size;
    *sent = 0;
    return SC_F_COMM_ERROR;
}

enum sc_error os_pipe_receive(struct os_socket pipe, void *bytes, size_t room,
                              size_t *size)
{
    (void)pipe;
    (void)bytes;
    (void)room;
    *size = 0;
    return SC_F_COMM_ERROR;
}
