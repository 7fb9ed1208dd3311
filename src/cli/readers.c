/* SPDX-License-Identifier: BSD-2-Clause */
/* How readers are listed and chosen, and the words for their states. */
#include "cli/readers.h"

#include "cli/holders.h"
#include "os/setting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The library has one error for a service that does not run and for one that does not
 * answer; the remedies differ. */
static bool find_mute_service(struct carrier_place places[CARRIER_SERVICES_MAX],
                              size_t *which)
{
    const char *carrier = os_setting(SETTING_CARRIER);
    if (carrier != NULL && strcmp(carrier, "pcscd") == 0)
        return false;
    size_t count = carrier_services(os_setting(SETTING_SERVICE), places);
    for (*which = 0; *which < count; ++*which)
        if (service_probe(&places[*which]) == SERVICE_MUTE)
            return true;
    return false;
}

int readers_open(struct cli *cli, SCARDCONTEXT *context)
{
    LONG result = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context);
    struct carrier_place places[CARRIER_SERVICES_MAX];
    size_t mute = 0;
    if (result == SCARD_S_SUCCESS)
        return CLI_OK;
    if (result == SCARD_E_NO_SERVICE && find_mute_service(places, &mute))
        return cli_fail_short(cli, (uint32_t)result,
                              "cannot reach the smart card system: the service at %s "
                              "takes connections, but does not answer",
                              places[mute].path);
    return cli_fail(cli, (uint32_t)result, "cannot reach the smart card system");
}

/* Points name[] into the multi-string. `size` counts its bytes, so that a missing last
 * NUL is never run over. */
static uint32_t index_names(struct readers *readers, size_t size)
{
    size_t count = 0;
    assert(readers->name == NULL && readers->count == 0);
    readers->names[size] = '\0';
    for (size_t at = 0; at < size && readers->names[at] != '\0';
         at += strlen(readers->names + at) + 1)
        count++;
    if (count == 0)
        return (uint32_t)SCARD_S_SUCCESS;
    readers->name = calloc(count, sizeof *readers->name);
    if (readers->name == NULL)
        return (uint32_t)SCARD_E_NO_MEMORY;
    const char *next = readers->names;
    for (; readers->count < count; next += strlen(next) + 1)
        readers->name[readers->count++] = next;
    return (uint32_t)SCARD_S_SUCCESS;
}

uint32_t readers_get(SCARDCONTEXT context, struct readers *readers)
{
    char *text = NULL;
    DWORD size = SCARD_AUTOALLOCATE;
    memset(readers, 0, sizeof *readers);
    LONG result = SCardListReadersA(context, NULL, (LPSTR)(void *)&text, &size);
    if (result == SCARD_E_NO_READERS_AVAILABLE)
        return (uint32_t)SCARD_S_SUCCESS;
    if (result != SCARD_S_SUCCESS)
        return (uint32_t)result;
    readers->names = malloc((size_t)size + 1);
    if (readers->names != NULL)
        memcpy(readers->names, text, size);
    SCardFreeMemory(context, text);
    if (readers->names == NULL)
        return (uint32_t)SCARD_E_NO_MEMORY;
    return index_names(readers, size);
}

void readers_free(struct readers *readers)
{
    free(readers->name);
    free(readers->names);
    memset(readers, 0, sizeof *readers);
}

uint32_t readers_states(SCARDCONTEXT context, const struct readers *readers,
                        SCARD_READERSTATEA *states)
{
    uint32_t worst = (uint32_t)SCARD_S_SUCCESS;
    memset(states, 0, readers->count * sizeof *states);
    /* One call a reader: an unknown one would make the call fail for all of them. */
    for (size_t i = 0; i < readers->count; i++) {
        states[i].szReader = readers->name[i];
        states[i].dwCurrentState = SCARD_STATE_UNAWARE;
        LONG result = SCardGetStatusChangeA(context, 0, &states[i], 1);
        if (result == SCARD_E_UNKNOWN_READER || result == SCARD_E_READER_UNAVAILABLE
            || result == SCARD_E_NO_READERS_AVAILABLE)
            states[i].dwEventState = SCARD_STATE_UNKNOWN;
        else if (result != SCARD_S_SUCCESS && result != SCARD_E_TIMEOUT)
            worst = (uint32_t)result;
    }
    return worst;
}

/* "-": the first reader with a card, else the only one. */
static int choose_any(struct cli *cli, SCARDCONTEXT context,
                      const struct readers *readers, size_t *index)
{
    SCARD_READERSTATEA *states = calloc(readers->count, sizeof *states);
    assert(readers->count > 0);
    if (states == NULL)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot choose a reader");
    uint32_t result = readers_states(context, readers, states);
    size_t found = readers->count;
    for (size_t i = readers->count; i-- > 0;)
        if (states[i].dwEventState & SCARD_STATE_PRESENT)
            found = i;
    free(states);
    if (result != SCARD_S_SUCCESS)
        return cli_fail(cli, result, "cannot ask the readers for their state");
    if (found == readers->count && readers->count == 1)
        found = 0;
    if (found == readers->count)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_SMARTCARD, "no reader has a card");
    *index = found;
    return CLI_OK;
}

/* By a part of the name. */
static size_t match_part(const struct readers *readers, const char *wanted, size_t *index)
{
    size_t matches = 0;
    for (size_t i = 0; i < readers->count; i++) {
        if (text_contains(readers->name[i], wanted)) {
            *index = i;
            matches++;
        }
    }
    return matches;
}

enum readers_matched readers_match(const struct readers *readers, const char *wanted,
                                   size_t *index)
{
    uint32_t number = 0;
    for (size_t i = 0; i < readers->count; i++) {
        if (strcmp(readers->name[i], wanted) == 0) {
            *index = i;
            return READERS_ONE;
        }
    }
    if (text_number(wanted, 9999, &number)) {
        if (number < 1 || number > readers->count)
            return READERS_NO_NUMBER;
        *index = number - 1;
        return READERS_ONE;
    }
    switch (match_part(readers, wanted, index)) {
    case 0:
        return READERS_NONE;
    case 1:
        return READERS_ONE;
    default:
        return READERS_SEVERAL;
    }
}

int readers_choose(struct cli *cli, SCARDCONTEXT context, const struct readers *readers,
                   const char *wanted, size_t *index)
{
    if (readers->count == 0)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_READERS_AVAILABLE, "no reader to use");
    if (strcmp(wanted, "-") == 0)
        return choose_any(cli, context, readers, index);
    switch (readers_match(readers, wanted, index)) {
    case READERS_ONE:
        return CLI_OK;
    case READERS_NO_NUMBER:
        return cli_fail_short(
            cli, (uint32_t)SCARD_E_UNKNOWN_READER, "no reader number %s, there %s %u",
            wanted, readers->count == 1 ? "is" : "are", (unsigned)readers->count);
    case READERS_SEVERAL:
        return cli_fail_plain(cli, CLI_FAILED,
                              "\"%s\" is a part of %u readers' names; use the full name "
                              "or the number that \"scard list\" gives",
                              wanted, (unsigned)match_part(readers, wanted, index));
    case READERS_NONE:
        break;
    }
    return cli_fail_short(cli, (uint32_t)SCARD_E_UNKNOWN_READER, "no reader named %s",
                          wanted);
}

struct bit {
    uint32_t mask;
    const char *words;
    const char *name;
};

static const struct bit bits[] = {
    {SCARD_STATE_UNKNOWN, "gone", "unknown"},
    {SCARD_STATE_UNAVAILABLE, "cannot be used", "unavailable"},
    {SCARD_STATE_EMPTY, "no card", "empty"},
    {SCARD_STATE_PRESENT, "card present", "present"},
    {SCARD_STATE_EXCLUSIVE, "held by one program alone", "exclusive"},
    {SCARD_STATE_INUSE, "in use", "inuse"},
    {SCARD_STATE_MUTE, "the card does not answer", "mute"},
    {SCARD_STATE_UNPOWERED, "without power", "unpowered"},
};

void readers_state_words(uint32_t state, struct text *text)
{
    const char *comma = "";
    for (size_t i = 0; i < TEXT_COUNT(bits); i++) {
        /* A reader that is held alone is in use as a matter of course. */
        if (bits[i].mask == SCARD_STATE_INUSE && (state & SCARD_STATE_EXCLUSIVE))
            continue;
        if (state & bits[i].mask) {
            text_add(text, "%s%s", comma, bits[i].words);
            comma = ", ";
        }
    }
    if (*comma == '\0')
        text_add(text, "not known");
}

void readers_state_json(struct json *json, const char *key, uint32_t state)
{
    json_array(json, key);
    for (size_t i = 0; i < TEXT_COUNT(bits); i++)
        if (state & bits[i].mask)
            json_string(json, NULL, bits[i].name);
    json_end(json);
}

size_t readers_atr_size(const SCARD_READERSTATEA *state)
{
    return state->cbAtr <= sizeof state->rgbAtr ? state->cbAtr : 0;
}

const char *readers_protocol_name(uint32_t protocol)
{
    switch (protocol) {
    case SCARD_PROTOCOL_T0:
        return "T=0";
    case SCARD_PROTOCOL_T1:
        return "T=1";
    case SCARD_PROTOCOL_RAW:
        return "raw";
    default:
        return "none";
    }
}
