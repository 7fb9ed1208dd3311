/* SPDX-License-Identifier: BSD-2-Clause */
/* Turns the structures of pin.txt into messages for the reader. */
#include "proto/ccid_pin.h"
#include "tests/proto/vector.h"

static void take(const struct vector *v)
{
    static const struct ccid_pin_options plain;
    uint8_t structure[VECTOR_BYTES_MAX];
    uint8_t place[VECTOR_BYTES_MAX] = {0};
    uint8_t want[VECTOR_BYTES_MAX];
    uint8_t got[VECTOR_BYTES_MAX];
    struct ccid_pin pin;
    bool modify = strcmp(v->fields[0], "modify") == 0;
    bool refused = strcmp(v->fields[3], "refused") == 0;
    size_t size = vector_hex(v, 1, structure);
    VECTOR_EQ(v, vector_hex(v, 2, place), 2);
    enum sc_error error = ccid_pin_parse(modify ? CCID_PIN_OP_MODIFY : CCID_PIN_OP_VERIFY,
                                         structure, size, &pin);
    VECTOR_EQ(v, error, refused ? SC_E_INVALID_PARAMETER : SC_OK);
    if (refused || error != SC_OK)
        return;
    error = ccid_pin_build(&pin, &plain, got + CCID_HEADER_SIZE,
                           sizeof(got) - CCID_HEADER_SIZE, &size);
    VECTOR_EQ(v, error, SC_OK);
    ccid_header_write(got, CCID_SECURE, size, place[0], place[1], (uint8_t[]){0, 0, 0});
    size_t want_size = vector_hex(v, 3, want);
    VECTOR_EQ(v, CCID_HEADER_SIZE + size, want_size);
    VECTOR_EQ(v, memcmp(got, want, want_size), 0);
}

int main(void)
{
    vector_run("pin.txt", 4, take);
    return check_result();
}
