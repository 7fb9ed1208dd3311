/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "service/endpoint_file.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/secret.h"
#include "os/endpoint.h"
#include "os/random.h"
#include "os/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOKEN_BYTES = 32 };

bool endpoint_make_token(uint8_t token[MESSAGE_TOKEN_MAX], size_t *size)
{
    uint8_t bytes[TOKEN_BYTES];
    char text[2 * TOKEN_BYTES + 1];
    if (os_random(bytes, sizeof(bytes)) != SC_OK
        || hex_encode(bytes, sizeof(bytes), text, sizeof(text)) != SC_OK) {
        fprintf(stderr, "winscardd: the system gives no random bytes\n");
        return false;
    }
    *size = strlen(text);
    memcpy(token, text, *size);
    secret_clear(bytes, sizeof(bytes));
    secret_clear(text, sizeof(text));
    return true;
}

/* A new file that its owner alone can read. */
bool endpoint_write_secret(const char *path, const void *bytes, size_t size)
{
    (void)unlink(path);
    int made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = made >= 0 && write(made, bytes, size) == (ssize_t)size;
    if (!written)
        fprintf(stderr, "winscardd: %s: %s\n", path, strerror(errno));
    if (made >= 0)
        close(made);
    if (made >= 0 && !written)
        (void)unlink(path);
    return written;
}

/* Its directory, which is made if need be, and has to be this user's alone. */
static bool have_directory(const char *directory)
{
    struct stat found;
    const char *why = NULL;
    if ((mkdir(directory, 0700) != 0 && errno != EEXIST) || lstat(directory, &found) != 0)
        why = strerror(errno);
    else if (!S_ISDIR(found.st_mode) || found.st_uid != geteuid())
        why = "is not a directory of this user's";
    else if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        why = "is open to others (chmod 700 mends that)";
    if (why != NULL)
        fprintf(stderr, "winscardd: --endpoint: %s: %s\n", directory, why);
    return why == NULL;
}

bool endpoint_file_find(struct endpoint_file *file)
{
    if (!os_user_endpoint(file->path, sizeof(file->path))) {
        fprintf(stderr, "winscardd: --endpoint: %s is not set\n",
                os_user_service_setting());
        return false;
    }
    memcpy(file->directory, file->path, sizeof(file->directory));
    *strrchr(file->directory, '/') = '\0';
    return have_directory(file->directory);
}

/* A reader finds the one before, or this one, whole. */
bool endpoint_file_write(const struct endpoint_file *file)
{
    char text[ENDPOINT_FILE_MAX], part[FILENAME_MAX];
    size_t size = endpoint_print(&file->says, text, sizeof(text));
    int length = snprintf(part, sizeof(part), "%s.%ld", file->path, (long)getpid());
    bool written = size > 0 && length > 0 && (size_t)length < sizeof(part)
                   && endpoint_write_secret(part, text, size);
    secret_clear(text, sizeof(text));
    if (written && rename(part, file->path) != 0) {
        fprintf(stderr, "winscardd: %s: %s\n", file->path, strerror(errno));
        (void)unlink(part);
        return false;
    }
    return written;
}

bool endpoint_file_read(struct endpoint_file *file)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *why = NULL;
    if (os_read_own_file(file->path, OS_CARE_SECRET, ENDPOINT_FILE_MAX, &bytes, &size,
                         &why)
        != SC_OK)
        return false;
    bool good = endpoint_parse(bytes, size, &file->says) == SC_OK;
    secret_clear(bytes, size);
    mem_free(bytes);
    return good;
}

void endpoint_file_remove(const struct endpoint_file *file)
{
    struct endpoint_file found = *file;
    if (file->says.token_size != 0 && endpoint_file_read(&found)
        && found.says.token_size == file->says.token_size
        && memcmp(found.says.token, file->says.token, found.says.token_size) == 0)
        (void)unlink(file->path);
    secret_clear(&found.says, sizeof(found.says));
}
