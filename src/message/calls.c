/* SPDX-License-Identifier: BSD-2-Clause */
/* What api.def says of each call. */
#include "message/message.h"

static const struct call_info {
    const char *name;
    enum message_right right;
    uint32_t traits;
} infos[] = {
#define CALL(number, name, right, traits, request, response)                             \
    [number] = {#name, right, traits},
#include "message/api.def"
};

bool message_is_call(uint16_t number)
{
    return number < ARRAY_SIZE(infos) && infos[number].name != NULL;
}

static const struct call_info *find_call(uint16_t call)
{
    static const struct call_info none = {"?", MESSAGE_FREE, 0};
    return message_is_call(call) ? &infos[call] : &none;
}

const char *message_call_name(uint16_t call)
{
    return find_call(call)->name;
}

enum message_right message_call_right(uint16_t call)
{
    return find_call(call)->right;
}

uint32_t message_call_traits(uint16_t call)
{
    return find_call(call)->traits;
}
