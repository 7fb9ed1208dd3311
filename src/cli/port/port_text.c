/* SPDX-License-Identifier: BSD-2-Clause */
/* How a source file is read. Visual Studio writes UTF-16 where it is asked for Unicode. */
#include "cli/port/port_text.h"

#include "cli/platform.h"

#include "base/utf.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = PORT_FILE_MAX_MIB * 1024 * 1024, FIRST_BYTES = 65536 };

static const char *const no_memory = "needs more memory than there is";

/* All of a file, with room for a NUL. */
static const char *read_source(FILE *file, struct port_text *text)
{
    size_t room = 0, got = 1;
    while (got > 0 && text->size <= TEXT_MAX) {
        if (room - text->size < 2) {
            room = room != 0 ? room * 2 : FIRST_BYTES;
            char *more = realloc(text->at, room);
            if (more == NULL)
                return no_memory;
            text->at = more;
        }
        got = fread(text->at + text->size, 1, room - text->size - 1, file);
        text->size += got;
    }
    if (ferror(file))
        return strerror(errno);
    assert(text->size < room);
    text->at[text->size] = '\0';
    return text->size > TEXT_MAX ? "is longer than 16 MiB" : NULL;
}

/* UTF-16 behind its byte order mark. Only ASCII matters: what is beyond the first plane is
 * two U+FFFD. An odd byte at the end is left out. */
static const char *decode_utf16(struct port_text *text, bool big)
{
    const uint8_t *from = (const uint8_t *)text->at;
    size_t units = text->size / 2 - 1, size = 0;
    uint16_t *wide = malloc((units + 1) * sizeof(*wide));
    char *narrow = malloc(units * 3 + 1);
    enum sc_error error = SC_E_NO_MEMORY;
    for (size_t i = 0; i < units && wide != NULL; i++) {
        const uint8_t *pair = from + 2 * (i + 1);
        unsigned unit = (unsigned)pair[big ? 0 : 1] << 8 | pair[big ? 1 : 0];
        wide[i] = (uint16_t)((unit & 0xF800U) == 0xD800 ? 0xFFFD : unit);
    }
    if (wide != NULL && narrow != NULL)
        error = utf16_to_utf8(wide, units, narrow, units * 3, &size);
    free(wide);
    if (error != SC_OK) {
        free(narrow);
        return no_memory;
    }
    narrow[size] = '\0';
    free(text->at);
    *text = (struct port_text){narrow, size};
    return NULL;
}

/* Carriage returns are line ends, alone or before a line feed. */
static void mend_lines(struct port_text *text)
{
    size_t to = 0;
    for (size_t i = 0; i < text->size; i++) {
        if (text->at[i] != '\r')
            text->at[to++] = text->at[i];
        else if (i + 1 == text->size || text->at[i + 1] != '\n')
            text->at[to++] = '\n';
    }
    text->size = to;
    text->at[to] = '\0';
}

const char *port_text_decode(struct port_text *text)
{
    const char *wrong = NULL;
    if (text->size >= 2 && memcmp(text->at, "\xFF\xFE", 2) == 0)
        wrong = decode_utf16(text, false);
    else if (text->size >= 2 && memcmp(text->at, "\xFE\xFF", 2) == 0)
        wrong = decode_utf16(text, true);
    else if (text->size >= 3 && memcmp(text->at, "\xEF\xBB\xBF", 3) == 0)
        memset(text->at, ' ', 3);
    if (wrong == NULL && memchr(text->at, 0, text->size) != NULL)
        return "is no text";
    if (wrong == NULL)
        mend_lines(text);
    return wrong;
}

const char *port_text_read(const char *path, struct port_text *text)
{
    *text = (struct port_text){.at = NULL};
    enum platform_file_kind kind = platform_file_kind(path);
    if (kind != PLATFORM_FILE && kind != PLATFORM_NOTHING)
        return "is no regular file"; /* opening a pipe would wait */
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return strerror(errno);
    const char *wrong = read_source(file, text);
    (void)fclose(file);
    if (wrong == NULL)
        wrong = port_text_decode(text);
    if (wrong != NULL)
        port_text_clear(text);
    return wrong;
}

void port_text_clear(struct port_text *text)
{
    free(text->at);
    *text = (struct port_text){.at = NULL};
}
