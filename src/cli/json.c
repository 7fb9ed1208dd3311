/* SPDX-License-Identifier: BSD-2-Clause */
/* How values are written as JSON (RFC 8259). */
#include "cli/json.h"

#include "cli/text.h"

#include <assert.h>
#include <inttypes.h>

void json_start(struct json *json, FILE *out)
{
    json->out = out;
    json->depth = 0;
    json->filled = false;
}

static void write_escaped(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text != '\0') {
        uint32_t code_point = 0;
        size_t size = utf8_next(text, &code_point);
        if (code_point == '"' || code_point == '\\')
            fprintf(out, "\\%c", (int)code_point);
        else if (code_point == '\n')
            fputs("\\n", out);
        else if (code_point == '\t')
            fputs("\\t", out);
        else if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0))
            fprintf(out, "\\u%04X", (unsigned)code_point);
        else if (code_point == 0xFFFD)
            fputs("\xEF\xBF\xBD", out);
        else
            fwrite(text, 1, size, out);
        text += size;
    }
    fputc('"', out);
}

static void before_value(struct json *json, const char *key)
{
    /* Members of an object have a name, elements of an array and documents have none. */
    assert((key != NULL) == (json->depth > 0 && json->close[json->depth - 1] == '}'));
    if (json->filled)
        fputc(',', json->out);
    json->filled = true;
    if (key != NULL) {
        write_escaped(json->out, key);
        fputc(':', json->out);
    }
}

static void open_level(struct json *json, const char *key, char open, char close)
{
    assert(json->depth
           < JSON_DEPTH_MAX); /* the documents' shapes are fixed in the code */
    before_value(json, key);
    fputc(open, json->out);
    json->close[json->depth++] = close;
    json->filled = false;
}

void json_object(struct json *json, const char *key)
{
    open_level(json, key, '{', '}');
}

void json_array(struct json *json, const char *key)
{
    open_level(json, key, '[', ']');
}

void json_end(struct json *json)
{
    assert(json->depth > 0);
    fputc(json->close[--json->depth], json->out);
    json->filled = true;
}

void json_string(struct json *json, const char *key, const char *text)
{
    before_value(json, key);
    write_escaped(json->out, text);
}

void json_hex(struct json *json, const char *key, const uint8_t *bytes, size_t size)
{
    before_value(json, key);
    fputc('"', json->out);
    for (size_t i = 0; i < size; i++)
        fprintf(json->out, "%02X", bytes[i]);
    fputc('"', json->out);
}

void json_number(struct json *json, const char *key, uint64_t number)
{
    before_value(json, key);
    fprintf(json->out, "%" PRIu64, number);
}

void json_bool(struct json *json, const char *key, bool value)
{
    before_value(json, key);
    fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json, const char *key)
{
    before_value(json, key);
    fputs("null", json->out);
}

void json_end_to(struct json *json, unsigned depth)
{
    assert(depth <= json->depth || json->depth == 0);
    while (json->depth > depth)
        json_end(json);
    if (depth == 0 && json->filled) {
        fputc('\n', json->out);
        json->filled = false;
    }
}
