/* SPDX-License-Identifier: BSD-2-Clause */
/* A JSON writer (RFC 8259): compact, streaming, correct for any input bytes. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_DEPTH_MAX = 12 };

struct json {
    FILE *out;
    unsigned depth;             /* of open objects and arrays */
    bool filled;                /* the innermost one has a member already */
    char close[JSON_DEPTH_MAX]; /* '}' or ']' of each open level */
};

void json_start(struct json *json, FILE *out);

/* In every function `key` is the member's name inside an object, NULL inside an array and
 * at the top. Keys and strings are escaped; bytes that are not UTF-8 become U+FFFD. */
void json_object(struct json *json, const char *key);
void json_array(struct json *json, const char *key);
void json_end(struct json *json); /* of the innermost object or array */
void json_string(struct json *json, const char *key, const char *text);
void json_hex(struct json *json, const char *key, const uint8_t *bytes, size_t size);
void json_number(struct json *json, const char *key, uint64_t number);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/* Ends levels until `depth` are left; at 0 also ends the line. */
void json_end_to(struct json *json, unsigned depth);

#endif
