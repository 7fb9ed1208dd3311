/* SPDX-License-Identifier: BSD-2-Clause */
/* scard doctor: why there is a reader, or why there is none. */
#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/errors.h"
#include "cli/readers.h"
#include "os/config.h"
#include "os/endpoint.h"

#include <stdlib.h>
#include <string.h>

static const char *const prefixes[] = {"WINSCARD_", "LIBPCSCLITE_", "PCSCLITE_"};

/* A line of the report: the label stands before the first of its kind alone. */
static void print_item(struct cli *cli, const char **label, const char *text)
{
    if (cli->json_wanted)
        return;
    fprintf(cli->out, "%-9s ", *label);
    text_print(cli->out, text);
    fputc('\n', cli->out);
    *label = "";
}

struct listing {
    struct cli *cli;
    struct doctor *doctor;
    const char *label;
};

static void show_variable(void *context, const char *name, const char *value)
{
    struct listing *listing = context;
    char line[DOCTOR_LINE_MAX];
    struct text text;
    text_start(&text, line, sizeof line);
    text_add(&text, "%s=%s", name, value);
    print_item(listing->cli, &listing->label, line);
    if (listing->cli->json_wanted)
        json_string(&listing->cli->json, name, value);
    doctor_note_variable(listing->doctor, name);
}

static void show_settings(struct cli *cli, struct doctor *doctor)
{
    struct listing listing = {cli, doctor, "settings"};
    for (unsigned i = 0; i < SETTING_COUNT; i++)
        doctor->settings[i] = os_setting((enum setting)i);
    if (cli->json_wanted)
        json_object(&cli->json, "environment");
    for (size_t i = 0; i < TEXT_COUNT(prefixes); i++)
        platform_environment(prefixes[i], show_variable, &listing);
    if (cli->json_wanted)
        json_end(&cli->json);
}

static void read_configuration(struct doctor *doctor)
{
    char path[CONFIG_PATH_MAX];
    if (os_reader_config_place(false, path))
        doctor_read_configuration(doctor, path);
    if (os_reader_config_place(true, path))
        doctor_read_configuration(doctor, path);
}

static void show_sources(struct cli *cli, const struct doctor *doctor)
{
    const char *label = "files";
    if (cli->json_wanted)
        json_array(&cli->json, "configuration");
    for (size_t i = 0; i < doctor->source_count; i++) {
        const struct doctor_source *source = &doctor->sources[i];
        char line[DOCTOR_LINE_MAX + 80];
        struct text text;
        text_start(&text, line, sizeof line);
        text_add(&text, "%s: %s", source->file, source->uri);
        print_item(cli, &label, line);
        if (!cli->json_wanted)
            continue;
        json_object(&cli->json, NULL);
        json_string(&cli->json, "file", source->file);
        json_string(&cli->json, "uri", source->uri);
        json_end(&cli->json);
    }
    if (cli->json_wanted)
        json_end(&cli->json);
}

static const char *access_name(enum platform_access access)
{
    switch (access) {
    case PLATFORM_USABLE:
        return "usable";
    case PLATFORM_DENIED:
        return "denied";
    case PLATFORM_MISSING:
        break;
    }
    return "missing";
}

static void show_devices(struct cli *cli, const struct doctor *doctor)
{
    const char *label = "USB";
    if (cli->json_wanted)
        json_array(&cli->json, "usb");
    for (size_t i = 0; i < doctor->device_count; i++) {
        const struct doctor_device *device = &doctor->devices[i];
        char line[DOCTOR_LINE_MAX];
        struct text text;
        text_start(&text, line, sizeof line);
        text_add(&text, "%s (%s), %s %s%s", device->name, device->usb_id, device->node,
                 access_name(device->access), device->claimed ? ", in use" : "");
        print_item(cli, &label, line);
        if (!cli->json_wanted)
            continue;
        json_object(&cli->json, NULL);
        json_string(&cli->json, "name", device->name);
        json_string(&cli->json, "id", device->usb_id);
        json_string(&cli->json, "node", device->node);
        json_string(&cli->json, "access", access_name(device->access));
        json_bool(&cli->json, "claimed", device->claimed);
        json_end(&cli->json);
    }
    if (cli->json_wanted)
        json_end(&cli->json);
}

static void show_bundles(struct cli *cli, const struct doctor *doctor)
{
    const char *label = "drivers";
    if (cli->json_wanted)
        json_array(&cli->json, "drivers");
    for (size_t i = 0; i < doctor->bundle_count; i++) {
        const struct doctor_bundle *bundle = &doctor->bundles[i];
        char line[DOCTOR_LINE_MAX];
        struct text text;
        text_start(&text, line, sizeof line);
        text_add(&text, "%s %s", bundle->place, bundle->about);
        print_item(cli, &label, line);
        if (!cli->json_wanted)
            continue;
        json_object(&cli->json, NULL);
        json_string(&cli->json, "place", bundle->place);
        json_string(&cli->json, "about", bundle->about);
        json_bool(&cli->json, "usable", bundle->usable);
        json_end(&cli->json);
    }
    if (cli->json_wanted)
        json_end(&cli->json);
}

/* Keeps for the findings which program has this reader; one that is merely gone is not
 * held. */
static void note_held(struct doctor *doctor, const SCARD_READERSTATEA *state)
{
    struct text text;
    if (doctor->held_count == DOCTOR_HELD_MAX)
        return;
    struct doctor_held *held = &doctor->held[doctor->held_count];
    text_start(&text, held->reader, sizeof held->reader);
    text_add(&text, "%s", state->szReader);
    text_start(&text, held->words, sizeof held->words);
    holders_words(&doctor->holders, state, &text);
    if (text.size > 0 || (state->dwEventState & SCARD_STATE_EXCLUSIVE))
        doctor->held_count++;
}

static void show_and_count_reader(struct cli *cli, struct doctor *doctor,
                                  SCARDCONTEXT context, const SCARD_READERSTATEA *state,
                                  const char **label)
{
    char line[DOCTOR_LINE_MAX];
    struct text text;
    DWORD type = 0;
    DWORD bad = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_EXCLUSIVE;
    size_t usable = (state->dwEventState & bad) == 0 ? 1 : 0;
    doctor->reader_usable_count += usable;
    /* pcscd does not give a reader's type: there, every reader counts as a USB one. */
    if (SCardGetDeviceTypeIdA(context, state->szReader, &type) != SCARD_S_SUCCESS
        || type == SCARD_READER_TYPE_USB) {
        doctor->reader_usb_count++;
        doctor->reader_usb_usable_count += usable;
    }
    text_start(&text, line, sizeof line);
    text_add(&text, "%s: ", state->szReader);
    readers_state_words(state->dwEventState, &text);
    print_item(cli, label, line);
    if ((state->dwEventState & (SCARD_STATE_UNAVAILABLE | SCARD_STATE_EXCLUSIVE)) != 0)
        note_held(doctor, state);
    if (!cli->json_wanted)
        return;
    json_object(&cli->json, NULL);
    json_string(&cli->json, "name", state->szReader);
    readers_state_json(&cli->json, "state", state->dwEventState);
    holders_json(&doctor->holders, &cli->json, "users", state->szReader);
    json_end(&cli->json);
}

static uint32_t show_readers(struct cli *cli, struct doctor *doctor, SCARDCONTEXT context)
{
    struct readers readers;
    SCARD_READERSTATEA *states = NULL;
    const char *label = "readers";
    uint32_t result = readers_get(context, &readers);
    if (result == SCARD_S_SUCCESS && readers.count > 0) {
        states = calloc(readers.count, sizeof *states);
        result = states != NULL ? readers_states(context, &readers, states)
                                : (uint32_t)SCARD_E_NO_MEMORY;
    }
    doctor->reader_count = readers.count;
    holders_find(&doctor->holders, context, states,
                 result == SCARD_S_SUCCESS ? readers.count : 0);
    if (cli->json_wanted)
        json_array(&cli->json, "readers");
    for (size_t i = 0; result == SCARD_S_SUCCESS && i < readers.count; i++)
        show_and_count_reader(cli, doctor, context, &states[i], &label);
    if (cli->json_wanted)
        json_end(&cli->json);
    free(states);
    readers_free(&readers);
    return result;
}

static void ask_library(struct cli *cli, struct doctor *doctor)
{
    SCARDCONTEXT context = 0;
    LONG result = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (result == SCARD_S_SUCCESS) {
        uint32_t shown = show_readers(cli, doctor, context);
        doctor->carrier = carrier_find(doctor->endpoint);
        SCardReleaseContext(context);
        if (shown == SCARD_S_SUCCESS)
            return;
        result = (LONG)shown;
    }
    doctor->carrier = CARRIER_NONE;
    doctor->failure = error_name((uint32_t)result);
}

/* "winscard: soft: x is not a parameter": the name of the library is left out. */
static void take_said_line(void *context, const char *line)
{
    static const char name[] = "winscard: ";
    struct doctor *doctor = context;
    struct text text;
    if (strncmp(line, name, strlen(name)) != 0 || doctor->said_count == DOCTOR_SAID_MAX)
        return;
    char *said = doctor->said[doctor->said_count];
    text_start(&text, said, DOCTOR_LINE_MAX - 20);
    text_add(&text, "%s", line + strlen(name));
    for (size_t i = 0; i < doctor->said_count; i++)
        if (strcmp(doctor->said[i], said) == 0)
            return; /* once is enough */
    doctor->said_count++;
}

/* Everything that needs the library, whose errors are noted meanwhile. */
static void ask_and_listen(struct cli *cli, struct doctor *doctor)
{
    bool listening = doctor->settings[SETTING_LOG] == NULL
                     && platform_set_environment("WINSCARD_LOG", "error")
                     && platform_capture_begin();
    ask_library(cli, doctor);
    if (listening)
        platform_capture_end(take_said_line, doctor);
}

static void show_findings(struct cli *cli, const struct doctor *doctor)
{
    static const char *const weights[] = {
        [DOCTOR_GOOD] = "good", [DOCTOR_NOTE] = "note", [DOCTOR_BAD] = "bad"};
    if (cli->json_wanted)
        json_array(&cli->json, "findings");
    else
        fputc('\n', cli->out);
    for (size_t i = 0; i < doctor->finding_count; i++) {
        const struct doctor_finding *finding = &doctor->findings[i];
        const char *label = weights[finding->weight];
        print_item(cli, &label, finding->what);
        if (finding->remedy[0] != '\0') {
            label = "     ->";
            print_item(cli, &label, finding->remedy);
        }
        if (!cli->json_wanted)
            continue;
        json_object(&cli->json, NULL);
        json_string(&cli->json, "weight", weights[finding->weight]);
        json_string(&cli->json, "what", finding->what);
        if (finding->remedy[0] != '\0')
            json_string(&cli->json, "remedy", finding->remedy);
        json_end(&cli->json);
    }
    if (cli->json_wanted)
        json_end(&cli->json);
}

static void show_library(struct cli *cli)
{
    char path[PLATFORM_PATH_MAX] = "not known";
    const char *label = "library";
    platform_library_path(path, sizeof path);
    print_item(cli, &label, path);
    if (cli->json_wanted)
        json_string(&cli->json, "library", path);
}

static void show_carrier(struct cli *cli, const struct doctor *doctor)
{
    const char *label = "carrier";
    print_item(cli, &label, carrier_name(doctor->carrier));
    if (!cli->json_wanted)
        return;
    json_string(&cli->json, "carrier", carrier_name(doctor->carrier));
    if (doctor->endpoint[0] != '\0')
        json_string(&cli->json, "endpoint", doctor->endpoint);
    json_bool(&cli->json, "pcscd_running", doctor->pcscd_answers);
}

static int examine(struct cli *cli, struct doctor *doctor)
{
    const char *pcscd = os_setting(SETTING_PCSCD_SOCKET);
    doctor->pcscd_answers =
        platform_socket_answers(pcscd != NULL ? pcscd : os_pcscd_service());
    if (cli->json_wanted)
        json_object(&cli->json, NULL);
    doctor->library = platform_library();
    show_library(cli);
    show_settings(cli, doctor);
    read_configuration(doctor);
    show_sources(cli, doctor);
    doctor_look_for_usb(doctor, os_usb_devices(), os_usb_nodes());
    show_devices(cli, doctor);
    doctor_look_for_bundles(doctor, os_pcscd_bundles(), os_pcscd_readers(),
                            os_usb_devices());
    show_bundles(cli, doctor);
    const char *carrier = doctor->settings[SETTING_CARRIER];
    if (doctor->settings[SETTING_READERS] == NULL
        && (carrier == NULL || strcmp(carrier, "auto") == 0
            || strcmp(carrier, "service") == 0))
        doctor_try_services(doctor);
    ask_and_listen(cli, doctor);
    show_carrier(cli, doctor);
    doctor_judge(doctor);
    if (doctor->carrier == CARRIER_LOCAL) {
        doctor_look_for_serial(doctor, os_pcscd_readers());
        doctor_judge_bundles(doctor);
    }
    show_findings(cli, doctor);
    bool usable = doctor->reader_usable_count > 0;
    if (cli->json_wanted)
        json_bool(&cli->json, "usable", usable);
    return usable ? CLI_OK : CLI_NEGATIVE;
}

static int doctor_main(struct cli *cli)
{
    struct doctor *doctor = calloc(1, sizeof *doctor);
    if (doctor == NULL)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_MEMORY, "cannot begin");
    int code = examine(cli, doctor);
    free(doctor);
    return code;
}

const struct command cmd_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "why a reader is found, or why none is",
    .help =
        "Shows the library, the settings, the readers and what is in the way of them,\n"
        "and what to do about it. Exit code 0: there is a reader that can be used.\n",
    .options = NULL,
    .positional_max = 0,
    .run = doctor_main,
};
