/* SPDX-License-Identifier: BSD-2-Clause */
/* How scripts of commands are read; they may hold PINs, so nothing of them stays behind.
 */
#include "cli/apdu_script.h"

#include "cli/api.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool make_command_room(struct apdu_script *script)
{
    assert(script->count <= script->room);
    if (script->count < script->room)
        return true;
    size_t room = script->room == 0 ? 16 : script->room * 2;
    struct apdu_command *grown = realloc(script->commands, room * sizeof *grown);
    if (grown == NULL)
        return false;
    script->commands = grown;
    script->room = room;
    return true;
}

enum apdu_script_result apdu_script_add(struct apdu_script *script, const char *text,
                                        size_t least, enum hex_result *hex)
{
    size_t most = strlen(text) / 2 + 1; /* enough whatever the separators are */
    size_t size = 0;
    assert(script->count <= APDU_SCRIPT_COMMANDS_MAX);
    *hex = HEX_OK;
    if (most > API_TRANSFER_MAX)
        most = API_TRANSFER_MAX;
    if (script->count == APDU_SCRIPT_COMMANDS_MAX)
        return APDU_SCRIPT_LIMIT;
    uint8_t *bytes = make_command_room(script) ? malloc(most) : NULL;
    if (bytes == NULL)
        return APDU_SCRIPT_MEMORY;
    *hex = hex_read(text, bytes, most, &size);
    if (*hex != HEX_OK || size < least) {
        hex_wipe(bytes, most);
        free(bytes);
        return *hex != HEX_OK ? APDU_SCRIPT_WRONG : APDU_SCRIPT_SHORT;
    }
    script->commands[script->count++] =
        (struct apdu_command){.bytes = bytes, .size = size};
    assert(script->count <= script->room);
    return APDU_SCRIPT_OK;
}

/* One line into `text`, which has room for APDU_SCRIPT_LINE_MAX bytes; its comment and
 * its end left out. */
static enum apdu_script_result read_script_line(FILE *file, char *text)
{
    if (fgets(text, APDU_SCRIPT_LINE_MAX, file) == NULL)
        return ferror(file) ? APDU_SCRIPT_FILE : APDU_SCRIPT_END;
    size_t size = strlen(text);
    if (size == APDU_SCRIPT_LINE_MAX - 1 && text[size - 1] != '\n')
        return APDU_SCRIPT_LIMIT;
    text[strcspn(text, "#\r\n")] = '\0';
    return APDU_SCRIPT_OK;
}

enum apdu_script_result apdu_script_read_line(FILE *file, char **text,
                                              unsigned long *line)
{
    enum apdu_script_result result = APDU_SCRIPT_OK;
    *text = malloc(APDU_SCRIPT_LINE_MAX);
    if (*text == NULL)
        return APDU_SCRIPT_MEMORY;
    do {
        result = read_script_line(file, *text);
        ++*line;
    } while (result == APDU_SCRIPT_OK && (*text)[strspn(*text, " \t")] == '\0');
    return result;
}

void apdu_script_free_line(char *text)
{
    if (text != NULL)
        hex_wipe(text, APDU_SCRIPT_LINE_MAX);
    free(text);
}

void apdu_script_clear(struct apdu_script *script)
{
    for (size_t i = 0; i < script->count; i++) {
        hex_wipe(script->commands[i].bytes, script->commands[i].size);
        free(script->commands[i].bytes);
    }
    free(script->commands);
    memset(script, 0, sizeof *script);
}

const char *apdu_script_words(enum apdu_script_result result, enum hex_result hex)
{
    switch (result) {
    case APDU_SCRIPT_WRONG:
        return hex_result_words(hex);
    case APDU_SCRIPT_SHORT:
        return "has fewer than the 4 bytes of CLA INS P1 P2";
    case APDU_SCRIPT_MEMORY:
        return "does not fit into memory";
    case APDU_SCRIPT_LIMIT:
        return "is too long, or one too many";
    case APDU_SCRIPT_FILE:
        return "cannot be read";
    case APDU_SCRIPT_OK:
    case APDU_SCRIPT_END:
        break;
    }
    return "is fine";
}
