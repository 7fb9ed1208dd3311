/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a fuzz harness over files, without a fuzzer: each argument is a file, or a
 * directory all of whose files are taken. Fails if there is none, or if one cannot be
 * read. */
#define _POSIX_C_SOURCE 200809L

#include "tests/fuzz/property.h"

#include <dirent.h>
#include <sys/stat.h>

enum { FILE_SIZE_MAX = 1 << 20, PATH_SIZE_MAX = 4096 };

static unsigned replayed;

static int replay_file(const char *path)
{
    static uint8_t bytes[FILE_SIZE_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: cannot be opened\n", path);
        return -1;
    }
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    int failed = ferror(file);
    if (fclose(file) != 0 || failed || size == sizeof(bytes)) {
        fprintf(stderr, "%s: cannot be read, or is too large\n", path);
        return -1;
    }
    uint8_t *exact = property_copy(bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    replayed++;
    return 0;
}

static int replay_directory(const char *path)
{
    DIR *directory = opendir(path);
    int result = 0;
    if (directory == NULL) {
        fprintf(stderr, "%s: cannot be listed\n", path);
        return -1;
    }
    for (;;) {
        char name[PATH_SIZE_MAX];
        struct dirent *entry = readdir(directory);
        if (entry == NULL)
            break;
        if (entry->d_name[0] == '.')
            continue;
        int size = snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (size < 0 || (size_t)size >= sizeof(name) || replay_file(name) != 0)
            result = -1;
    }
    closedir(directory);
    return result;
}

int main(int argc, char **argv)
{
    int result = 0;
    for (int i = 1; i < argc; i++) {
        struct stat status;
        if (stat(argv[i], &status) != 0) {
            fprintf(stderr, "%s: not there\n", argv[i]);
            result = -1;
        } else if (S_ISDIR(status.st_mode)) {
            result |= replay_directory(argv[i]);
        } else {
            result |= replay_file(argv[i]);
        }
    }
    printf("%u inputs\n", replayed);
    return result == 0 && replayed != 0 ? 0 : 1;
}
