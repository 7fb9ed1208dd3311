/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/endpoint_file.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/secret.h"
#include "os/endpoint.h"
#include "os/random.h"
#include "os/trust.h"

#include <string.h>

enum { TOKEN_BYTES = 32, PART_BYTES = 4 };

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

static bool complain(const char *path, const char *why)
{
    fprintf(stderr, "winscardd: %s: %s\n", path, why);
    return false;
}

bool endpoint_write_secret(const char *path, enum os_owner owner, const void *bytes,
                           size_t size)
{
    const char *why = NULL;
    return os_write_own_file(path, owner, bytes, size, &why) || complain(path, why);
}

/* Windows has two separators. */
static char *last_separator(char *path)
{
    char *slash = strrchr(path, '/'), *backslash = strrchr(path, '\\');
    return backslash != NULL && (slash == NULL || backslash > slash) ? backslash : slash;
}

bool endpoint_file_find(struct endpoint_file *file, enum os_owner owner)
{
    const char *why = NULL;
    bool machine = owner == OS_OWNER_MACHINE;
    if (machine ? !os_machine_endpoint(file->path, sizeof(file->path))
                : !os_user_endpoint(file->path, sizeof(file->path))) {
        fprintf(stderr, "winscardd: --endpoint: %s is not set\n",
                os_endpoint_setting(machine));
        return false;
    }
    memcpy(file->directory, file->path, sizeof(file->directory));
    *last_separator(file->directory) = '\0';
    file->owner = owner;
    return os_make_own_directory(file->directory, owner, &why)
           || complain(file->directory, why);
}

enum os_kept endpoint_file_keep(const struct endpoint_file *file, const char *name)
{
    char path[FILENAME_MAX];
    const char *why = "is too long a path";
    char separator = strrchr(file->directory, '\\') != NULL ? '\\' : '/';
    int length = snprintf(path, sizeof(path), "%s%c%s", file->directory, separator, name);
    enum os_kept kept = length > 0 && (size_t)length < sizeof(path)
                            ? os_keep_name(path, file->owner, &why)
                            : OS_KEPT_BY_NOBODY;
    if (kept == OS_KEPT_BY_NOBODY)
        (void)complain(path, why);
    return kept;
}

/* A name beside the file's, of this call alone. */
static bool name_part(const struct endpoint_file *file, char part[FILENAME_MAX])
{
    uint8_t bytes[PART_BYTES];
    char text[2 * PART_BYTES + 1];
    if (os_random(bytes, sizeof(bytes)) != SC_OK
        || hex_encode(bytes, sizeof(bytes), text, sizeof(text)) != SC_OK)
        return complain(file->path, "the system gives no random bytes");
    int length = snprintf(part, FILENAME_MAX, "%s.%s", file->path, text);
    return (length > 0 && length < FILENAME_MAX)
           || complain(file->path, "is too long a path");
}

/* A reader finds the one before, or this one, whole. */
bool endpoint_file_write(const struct endpoint_file *file)
{
    char text[ENDPOINT_FILE_MAX], part[FILENAME_MAX];
    const char *why = NULL;
    size_t size = endpoint_print(&file->says, text, sizeof(text));
    bool written = size > 0 && name_part(file, part)
                   && endpoint_write_secret(part, file->owner, text, size);
    secret_clear(text, sizeof(text));
    if (!written || os_rename_file(part, file->path, &why))
        return written;
    os_remove_file(part);
    return complain(file->path, why);
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
        os_remove_file(file->path);
    secret_clear(&found.says, sizeof(found.says));
}
