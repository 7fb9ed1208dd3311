/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/files.h"

struct files_taker {
    void (*take)(void *context, const struct files_entry *entry);
    void *context;
};

static void give_entry(void *context, const char *path)
{
    const struct files_taker *taker = context;
    struct files_entry entry;
    if (os_file_entry(path, &entry))
        taker->take(taker->context, &entry);
}

void os_list_files(const char *directory, const char *suffix,
                   void (*take)(void *context, const struct files_entry *entry),
                   void *context)
{
    struct files_taker taker = {.take = take, .context = context};
    /* One that cannot be listed has no files. */
    (void)os_list_names(directory, suffix, FILES_IN_DIRECTORY_MAX, give_entry, &taker);
}
