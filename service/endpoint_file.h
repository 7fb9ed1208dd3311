/* SPDX-License-Identifier: BSD-2-Clause */
/* The file that leads a user's programs to a service behind TCP (message/endpoint.h), and
 * the token that is in it. What goes wrong is said on standard error. */
#ifndef SERVICE_ENDPOINT_FILE_H
#define SERVICE_ENDPOINT_FILE_H

#include "message/endpoint.h"
#include "os/own_file.h"

#include <stdio.h>

/* Where clients are to come: this machine alone can. */
#define ENDPOINT_ADDRESS "127.0.0.1"

struct endpoint_file {
    char path[FILENAME_MAX], directory[FILENAME_MAX];
    enum os_owner owner;
    struct endpoint says;
};

/* Finds its place, this user's or the machine's; makes the directory, which has to be the
 * owner's alone. */
bool endpoint_file_find(struct endpoint_file *file, enum os_owner owner);
/* Keeps a name in its directory to this process. What goes wrong is said, but not that
 * another process has it. */
enum os_kept endpoint_file_keep(const struct endpoint_file *file,
                                const char *name) MUST_CHECK;
/* Reads what it says. False: it is not there, or not one that is to be followed. */
bool endpoint_file_read(struct endpoint_file *file);
/* Writes what it says: whoever reads finds the one before, or this one, whole. */
bool endpoint_file_write(const struct endpoint_file *file);
/* It goes, unless it is another service's by now. Nothing if it was never written. */
void endpoint_file_remove(const struct endpoint_file *file);

/* A new token, for every start. */
bool endpoint_make_token(uint8_t token[MESSAGE_TOKEN_MAX], size_t *size);
/* A new file that its owner alone can read. */
bool endpoint_write_secret(const char *path, enum os_owner owner, const void *bytes,
                           size_t size);

#endif
