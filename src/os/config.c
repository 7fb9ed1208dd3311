/* SPDX-License-Identifier: BSD-2-Clause */
/* Reader configuration: directories of *.conf files. */
#include "os/config.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/endpoint.h"
#include "os/files.h"
#include "os/trust.h"

#include <stdio.h>
#include <string.h>

typedef void take_text(void *context, const char *path, const char *text);

static void read_list_file(const char *path, take_text *take, void *context)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *why = NULL;
    if (os_read_own_file(path, OS_CARE_TRUSTED, CONFIG_FILE_MAX, &bytes, &size, &why)
        != SC_OK) {
        log_error("%s %s", path, why);
        return;
    }
    char *text = mem_alloc(size + 1);
    if (text != NULL) {
        memcpy(text, bytes, size);
        text[size] = '\0';
    }
    if (text != NULL && strlen(text) == size)
        take(context, path, text);
    else
        log_error("%s is not text", path);
    mem_free(text);
    mem_free(bytes);
}

struct text_taker {
    take_text *take;
    void *context;
};

static void read_listed(void *context, const char *path)
{
    const struct text_taker *taker = context;
    read_list_file(path, taker->take, taker->context);
}

static void read_directory(const char *directory, take_text *take, void *context)
{
    struct text_taker taker = {.take = take, .context = context};
    if (os_list_names(directory, ".conf", CONFIG_FILES_MAX, read_listed, &taker)
        == SC_E_NO_ACCESS)
        log_error("%s: cannot be listed", directory);
}

bool os_reader_config_place(bool user, char path[CONFIG_PATH_MAX])
{
    char base[CONFIG_PATH_MAX];
    const char *directory = user ? base : os_machine_config();
    if (user && !os_user_config(base, sizeof(base)))
        return false;
    int size = snprintf(path, CONFIG_PATH_MAX, "%s/readers.d", directory);
    return size > 0 && size < CONFIG_PATH_MAX;
}

void os_read_reader_config(take_text *take, void *context)
{
    char path[CONFIG_PATH_MAX];
    if (os_reader_config_place(false, path))
        read_directory(path, take, context);
    if (!os_reader_config_place(true, path))
        return;
    if (os_path_is_own(path))
        read_directory(path, take, context);
    else
        log_error("%s is not root's own: its readers are not used", path);
}
