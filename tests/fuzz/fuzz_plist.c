/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes what pcscd's files are read by: property lists, and reader.conf. Input: a file. */
#include "bundle/bundle.h"
#include "bundle/plist.h"
#include "tests/fuzz/property.h"

static size_t last_index;

static void take_string(void *context, const char *key, size_t index, const char *value)
{
    (void)context;
    PROPERTY(key[0] != '\0' && strlen(key) < PLIST_VALUE_MAX);
    PROPERTY(strlen(value) < PLIST_VALUE_MAX);
    PROPERTY(index == 0 || index == last_index + 1);
    last_index = index;
}

static void take_reader(void *context, const struct bundle_reader *reader)
{
    (void)context;
    PROPERTY(strlen(reader->name) < BUNDLE_NAME_MAX);
    PROPERTY(strlen(reader->device) < BUNDLE_PATH_MAX);
    PROPERTY(strlen(reader->why) < BUNDLE_WHY_MAX);
    PROPERTY(reader->why[0] != '\0'
             || (reader->name[0] != '\0' && reader->object[0] == '/'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    const char *wrong = plist_read((const char *)data, size, take_string, NULL);
    PROPERTY(wrong == NULL || wrong[0] != '\0');
    bundle_read_conf("file", text, take_reader, NULL);
    free(text);
    return 0;
}
