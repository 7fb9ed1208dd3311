/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes .reg files. Input: a byte, the item that is refused (0: none); then a file. What
 * is read and written again is read as the same. */
#include "database/reg.h"
#include "tests/fuzz/property.h"

struct state {
    uint32_t refused; /* counts down */
    uint32_t line;
    uint64_t sum; /* of all items */
    bool write;
    char *text;
    size_t size, room;
};

static void sum(struct state *state, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        state->sum = (state->sum ^ at[i]) * 0x100000001B3U + size;
}

static void put(void *context, const char *text, size_t size)
{
    struct state *state = context;
    if (state->size + size > state->room) {
        state->room = 2 * (state->size + size);
        state->text = realloc(state->text, state->room);
        if (state->text == NULL)
            abort();
    }
    memcpy(state->text + state->size, text, size);
    state->size += size;
}

/* Text is ended, a list well-formed, a number four bytes. */
static void check_value(const struct reg_item *item)
{
    const char *text = (const char *)item->bytes;
    if (item->type == REG_TYPE_TEXT || item->type == REG_TYPE_EXPAND)
        PROPERTY(strlen(text) == item->size);
    if (item->type == REG_TYPE_TEXTS) {
        PROPERTY(item->size >= 1 && text[item->size - 1] == '\0');
        PROPERTY(item->size == 1 || (item->size >= 3 && text[item->size - 2] == '\0'));
    }
    if (item->type == REG_TYPE_NUMBER)
        PROPERTY(item->size == 4);
}

static enum sc_error take(void *context, const struct reg_item *item)
{
    struct state *state = context;
    if (state->refused != 0 && --state->refused == 0)
        return SC_E_NO_ACCESS;
    PROPERTY(item->key[0] != '\0' && strlen(item->key) < REG_KEY_LIMIT);
    PROPERTY(item->line > state->line);
    state->line = item->line;
    sum(state, &item->kind, sizeof(item->kind));
    sum(state, item->key, strlen(item->key));
    if (item->kind == REG_ITEM_VALUE || item->kind == REG_ITEM_VALUE_REMOVED) {
        PROPERTY(strlen(item->name) < REG_NAME_LIMIT);
        sum(state, item->name, strlen(item->name));
        sum(state, &item->type, sizeof(item->type));
    }
    if (item->kind == REG_ITEM_VALUE) {
        check_value(item);
        sum(state, item->bytes, item->size);
    }
    return state->write ? reg_write_item(item, put, state) : SC_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct state state = {.refused = input_byte(&input), .write = true};
    struct state again = {.line = 0};
    size_t left;
    uint32_t line = 4711;
    bool refuse = state.refused != 0;
    uint8_t *bytes = input_copy(&input, input.left, &left);
    reg_write_header(put, &state);
    enum sc_error error = reg_read(bytes, left, take, &state, &line);
    PROPERTY(error == SC_OK || error == SC_E_INVALID_VALUE || error == SC_E_NO_MEMORY
             || (refuse && error == SC_E_NO_ACCESS));
    PROPERTY((error == SC_OK) == (line == 0));
    if (error == SC_OK) {
        error = reg_read((const uint8_t *)state.text, state.size, take, &again, &line);
        PROPERTY(error == SC_OK && again.sum == state.sum);
    }
    free(bytes);
    free(state.text);
    return 0;
}
