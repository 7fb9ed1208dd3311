/* SPDX-License-Identifier: BSD-2-Clause */
/* reader.conf(5): a reader is FRIENDLYNAME, DEVICENAME, LIBPATH and CHANNELID, one in a line,
 * and begins with the key that it has already. */
#include "bundle/bundle.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/log.h"
#include "os/files.h"

#include <stdio.h>
#include <string.h>

enum conf_key { KEY_NAME, KEY_DEVICE, KEY_OBJECT, KEY_CHANNEL, KEY_COUNT };

enum { CONF_FILES_MAX = 256 };

struct conf_reading {
    struct bundle_reader reader;
    bool has[KEY_COUNT];
    void (*take)(void *context, const struct bundle_reader *reader);
    void *context;
};

static void note_wrong(struct bundle_reader *reader, const char *why)
{
    if (reader->why[0] == '\0')
        (void)snprintf(reader->why, sizeof(reader->why), "%s", why);
}

/* What was read so far is a reader. */
static void end_reader(struct conf_reading *reading)
{
    const char *file = reading->reader.file;
    struct bundle_reader *reader = &reading->reader;
    bool any = false;
    for (size_t i = 0; i < KEY_COUNT; i++)
        any |= reading->has[i];
    if (any) {
        if (!reading->has[KEY_NAME])
            note_wrong(reader, "has a reader without FRIENDLYNAME");
        if (!reading->has[KEY_OBJECT])
            note_wrong(reader, "has a reader without LIBPATH");
        if (!reading->has[KEY_DEVICE] && !reading->has[KEY_CHANNEL])
            note_wrong(reader, "has a reader with neither DEVICENAME nor CHANNELID");
        reading->take(reading->context, reader);
    }
    memset(reading->has, 0, sizeof(reading->has));
    memset(reader, 0, sizeof(*reader));
    reader->file = file;
}

bool bundle_read_number(const char *text, uint32_t *result)
{
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    uint64_t number = 0, base = hexadecimal ? 16 : 10;
    text += hexadecimal ? 2 : 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        int digit = hex_digit(*text);
        if (digit < 0 || (uint64_t)digit >= base)
            return false;
        number = number * base + (uint64_t)digit;
        if (number > UINT32_MAX)
            return false;
    }
    *result = (uint32_t)number;
    return true;
}

static void take_conf_value(struct conf_reading *reading, enum conf_key key,
                            const char *value)
{
    struct bundle_reader *reader = &reading->reader;
    if (reading->has[key])
        end_reader(reading);
    reading->has[key] = true;
    size_t size = strlen(value);
    switch (key) {
    case KEY_NAME:
        if (size >= sizeof(reader->name) || size == 0)
            note_wrong(reader, "has a name of a reader that is empty or too long");
        (void)snprintf(reader->name, sizeof(reader->name), "%s", value);
        break;
    case KEY_DEVICE:
        (void)snprintf(reader->device, sizeof(reader->device), "%s", value);
        break;
    case KEY_OBJECT:
        if (value[0] != '/')
            note_wrong(reader, "has a LIBPATH that is not absolute");
        (void)snprintf(reader->object, sizeof(reader->object), "%s", value);
        break;
    case KEY_CHANNEL:
        if (!bundle_read_number(value, &reader->channel))
            note_wrong(reader, "has a CHANNELID that is not a number");
        break;
    case KEY_COUNT:
        break;
    }
}

static bool is_conf_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The value in quotation marks, or up to a blank or a comment. */
static bool cut_value(char *line, char **value)
{
    char *at = line;
    while (is_conf_blank(*at))
        at++;
    bool quoted = *at == '"';
    *value = quoted ? at + 1 : at;
    char *end = *value + strcspn(*value, quoted ? "\"" : " \t\r#");
    if (quoted && *end != '"')
        return false;
    *end = '\0';
    return true;
}

static void take_conf_line(struct conf_reading *reading, char *line)
{
    static const char *const keys[KEY_COUNT] = {"FRIENDLYNAME", "DEVICENAME", "LIBPATH",
                                                "CHANNELID"};
    char *value;
    while (is_conf_blank(*line))
        line++;
    if (*line == '\0' || *line == '#')
        return;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        size_t size = strlen(keys[i]);
        if (strncmp(line, keys[i], size) != 0 || !is_conf_blank(line[size]))
            continue;
        if (cut_value(line + size, &value))
            take_conf_value(reading, (enum conf_key)i, value);
        else
            note_wrong(&reading->reader, "has a quotation mark without its second");
        return;
    }
    /* So that it is not lost that somebody meant something. */
    note_wrong(&reading->reader, "has a line that begins with no key of reader.conf(5)");
}

void bundle_read_conf(const char *file, const char *text,
                      void (*take)(void *context, const struct bundle_reader *reader),
                      void *context)
{
    struct conf_reading reading = {.take = take, .context = context};
    char line[BUNDLE_PATH_MAX];
    reading.reader.file = file;
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        if (size < sizeof(line)) {
            memcpy(line, text, size);
            line[size] = '\0';
            take_conf_line(&reading, line);
        } else {
            note_wrong(&reading.reader, "has a line that is too long");
        }
        text += size + (text[size] == '\n' ? 1 : 0);
    }
    end_reader(&reading);
}

struct conf_taker {
    void (*take)(void *context, const struct bundle_reader *reader);
    void *context;
};

static void read_conf_file(void *context, const char *path)
{
    const struct conf_taker *taker = context;
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct files_entry entry;
    if (!os_file_entry(path, &entry))
        return;
    char *text = NULL;
    if (os_read_file(path, BUNDLE_CONF_MAX, &bytes, &size) == SC_OK)
        text = mem_alloc(size + 1);
    if (text != NULL) {
        memcpy(text, bytes, size);
        text[size] = '\0';
        bundle_read_conf(path, text, taker->take, taker->context);
    } else {
        log_error("%s: cannot be read", path);
    }
    mem_free(text);
    mem_free(bytes);
}

void bundle_list_readers(const char *path,
                         void (*take)(void *context, const struct bundle_reader *reader),
                         void *context)
{
    struct conf_taker taker = {.take = take, .context = context};
    if (os_list_names(path, "", CONF_FILES_MAX, read_conf_file, &taker)
        == SC_E_FILE_NOT_FOUND)
        read_conf_file(&taker, path);
}
