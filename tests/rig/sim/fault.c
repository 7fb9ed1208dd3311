/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults by command and by name. */
#include "tests/rig/sim/fault.h"

#include "tests/rig/sim/wire.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    uint8_t number;
    char when;
    const char *name;
} table[] = {
#define SIM_FAULT_ROW(number, name, when, what) {(number), (when), #name},
    SIM_FAULT_TABLE(SIM_FAULT_ROW)
#undef SIM_FAULT_ROW
};

static size_t find_number(uint8_t number)
{
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        if (table[i].number == number)
            return i;
    return ARRAY_SIZE(table);
}

bool sim_fault_command(const uint8_t *apdu, size_t size, struct sim_fault *fault)
{
    if (size < 4 || size > 6 || apdu[0] != SIM_FAULT_CLA || apdu[1] != SIM_FAULT_INS)
        return false;
    bool known = find_number(apdu[2]) < ARRAY_SIZE(table);
    bool counted = size == 6 && apdu[4] == 1;
    *fault =
        (struct sim_fault){.kind = known ? (enum sim_fault_kind)apdu[2] : SIM_FAULT_NONE,
                           .arg = apdu[3],
                           .count = counted ? apdu[5] : 1};
    return true;
}

static bool find_name(const char *name, size_t size, enum sim_fault_kind *kind)
{
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (strlen(table[i].name) == size && memcmp(table[i].name, name, size) == 0) {
            *kind = (enum sim_fault_kind)table[i].number;
            return true;
        }
    }
    return false;
}

static bool parse_one(const char *text, size_t size, struct sim_fault *fault)
{
    size_t at = strcspn(text, ":@*,");
    *fault = (struct sim_fault){.count = 1, .from = 1};
    if (!find_name(text, at, &fault->kind))
        return false;
    while (at < size) {
        char mark = text[at++], *end;
        unsigned long number = strtoul(text + at, &end, 10);
        if (end == text + at || number > 1000000)
            return false;
        at = (size_t)(end - text);
        if (mark == ':')
            fault->arg = (uint32_t)number;
        else if (mark == '@')
            fault->from = number;
        else if (mark == '*')
            fault->count = (uint32_t)number;
        else
            return false;
    }
    return at == size;
}

bool sim_fault_parse(const char *text, struct sim_fault faults[SIM_FAULTS_MAX])
{
    memset(faults, 0, SIM_FAULTS_MAX * sizeof(*faults));
    for (size_t i = 0; *text != '\0'; i++) {
        size_t size = strcspn(text, ",");
        if (i == SIM_FAULTS_MAX || !parse_one(text, size, &faults[i]))
            return false;
        text += size;
        if (*text == ',')
            text++;
    }
    return true;
}

bool sim_fault_strikes(struct sim_fault *fault, uint64_t number, uint8_t type)
{
    if (fault->kind == SIM_FAULT_NONE || fault->count == 0)
        return false;
    char when = table[find_number((uint8_t)fault->kind)].when;
    if (number < fault->from || (when == 'p' && type != WIRE_POWER_ON)
        || (when == 's' && type != WIRE_SET_PARAMETERS)
        || (fault->from == 0 && when == 'x' && type != WIRE_XFR_BLOCK))
        return false;
    fault->count--;
    return true;
}

uint8_t sim_fault_error(enum sim_fault_kind kind)
{
    static const struct {
        enum sim_fault_kind kind;
        uint8_t error;
    } errors[] = {
        {SIM_FAULT_BUSY, 0xE0},           {SIM_FAULT_ERROR_MUTE, 0xFE},
        {SIM_FAULT_ERROR_PARITY, 0xFD},   {SIM_FAULT_ERROR_OVERRUN, 0xFC},
        {SIM_FAULT_ERROR_HARDWARE, 0xFB}, {SIM_FAULT_ERROR_AUTO_BUSY, 0xF2},
        {SIM_FAULT_HARDWARE, 0xFB},       {SIM_FAULT_POWER_MUTE, 0xFE},
    };
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
        if (errors[i].kind == kind)
            return errors[i].error;
    return 0;
}
