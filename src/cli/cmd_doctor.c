/* SPDX-License-Identifier: BSD-2-Clause */
/* scard doctor: why there is a reader, or why there is none. */
#include "cli/cli.h"
#include "cli/doctor.h"
#include "cli/errors.h"
#include "cli/readers.h"

#include <stdlib.h>
#include <string.h>

#define PCSCD_SOCKET "/run/pcscd/pcscd.comm"

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
}

static void show_settings(struct cli *cli)
{
    struct listing listing = {cli, "settings"};
    if (cli->json_wanted)
        json_object(&cli->json, "environment");
    for (size_t i = 0; i < TEXT_COUNT(prefixes); i++)
        platform_environment(prefixes[i], show_variable, &listing);
    if (cli->json_wanted)
        json_end(&cli->json);
}

static void read_configuration(struct doctor *doctor)
{
    char path[PLATFORM_PATH_MAX];
    struct text text;
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    text_start(&text, path, sizeof path);
    if (base != NULL && *base == '/')
        text_add(&text, "%s/winscard/readers.d", base);
    else if (home != NULL && *home == '/')
        text_add(&text, "%s/.config/winscard/readers.d", home);
    doctor_read_configuration(doctor, "/etc/winscard/readers.d");
    if (text.size > 0)
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

static void show_reader(struct cli *cli, struct doctor *doctor, SCARDCONTEXT context,
                        const SCARD_READERSTATEA *state, const char **label)
{
    char line[DOCTOR_LINE_MAX];
    struct text text;
    DWORD type = 0;
    DWORD bad = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE;
    size_t usable = (state->dwEventState & bad) == 0 ? 1 : 0;
    doctor->reader_usable_count += usable;
    /* pcscd does not tell a reader's type: there, every reader counts as a USB one. */
    if (SCardGetDeviceTypeIdA(context, state->szReader, &type) != SCARD_S_SUCCESS
        || type == SCARD_READER_TYPE_USB) {
        doctor->reader_usb_count++;
        doctor->reader_usb_usable_count += usable;
    }
    text_start(&text, line, sizeof line);
    text_add(&text, "%s: ", state->szReader);
    readers_state_words(state->dwEventState, &text);
    print_item(cli, label, line);
    if (!cli->json_wanted)
        return;
    json_object(&cli->json, NULL);
    json_string(&cli->json, "name", state->szReader);
    readers_state_json(&cli->json, "state", state->dwEventState);
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
    if (cli->json_wanted)
        json_array(&cli->json, "readers");
    for (size_t i = 0; result == SCARD_S_SUCCESS && i < readers.count; i++)
        show_reader(cli, doctor, context, &states[i], &label);
    if (cli->json_wanted)
        json_end(&cli->json);
    free(states);
    readers_free(&readers);
    return result;
}

/* Which carrier the library chose shows in the socket it is connected to. */
static void find_carrier(struct doctor *doctor)
{
    char peer[sizeof doctor->endpoint];
    struct text text;
    const char *pcscd = getenv("PCSCLITE_CSOCK_NAME");
    const char *service = getenv("WINSCARD_SERVICE");
    const char *setting = doctor->carrier_setting;
    doctor->carrier = DOCTOR_CARRIER_LOCAL;
    text_start(&text, doctor->endpoint, sizeof doctor->endpoint);
    for (unsigned i = 0; platform_connected_socket(i, peer, sizeof peer); i++) {
        bool is_pcscd =
            strstr(peer, "pcscd") != NULL || (pcscd != NULL && strcmp(pcscd, peer) == 0);
        bool is_service = strstr(peer, "winscard") != NULL
                          || (service != NULL && strstr(service, peer) != NULL);
        if (!is_pcscd && !is_service)
            continue;
        doctor->carrier = is_service ? DOCTOR_CARRIER_SERVICE : DOCTOR_CARRIER_PCSCD;
        text_add(&text, "%s", peer);
        return;
    }
    if (setting != NULL && strcmp(setting, "service") == 0) {
        doctor->carrier = DOCTOR_CARRIER_SERVICE;
        text_add(&text, "%s", service != NULL ? service : "its usual place");
    }
}

/* Everything that needs the library. */
static void ask_library(struct cli *cli, struct doctor *doctor)
{
    SCARDCONTEXT context = 0;
    LONG result = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (result == SCARD_S_SUCCESS) {
        uint32_t shown = show_readers(cli, doctor, context);
        find_carrier(doctor);
        SCardReleaseContext(context);
        if (shown == SCARD_S_SUCCESS)
            return;
        result = (LONG)shown;
    }
    doctor->carrier = DOCTOR_CARRIER_NONE;
    doctor->failure = error_name((uint32_t)result);
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
    static const char *const names[] = {
        [DOCTOR_CARRIER_NONE] = "none",
        [DOCTOR_CARRIER_LOCAL] = "local",
        [DOCTOR_CARRIER_PCSCD] = "pcscd",
        [DOCTOR_CARRIER_SERVICE] = "service",
    };
    const char *label = "carrier";
    print_item(cli, &label, names[doctor->carrier]);
    if (!cli->json_wanted)
        return;
    json_string(&cli->json, "carrier", names[doctor->carrier]);
    if (doctor->endpoint[0] != '\0')
        json_string(&cli->json, "endpoint", doctor->endpoint);
    json_bool(&cli->json, "pcscd_running", doctor->pcscd_answers);
}

static int examine(struct cli *cli, struct doctor *doctor)
{
    const char *pcscd = getenv("PCSCLITE_CSOCK_NAME");
    doctor->carrier_setting = getenv("WINSCARD_CARRIER");
    doctor->readers_setting = getenv("WINSCARD_READERS");
    doctor->service_setting = getenv("WINSCARD_SERVICE");
    doctor->pcscd_answers = platform_socket_answers(pcscd != NULL ? pcscd : PCSCD_SOCKET);
    if (cli->json_wanted)
        json_object(&cli->json, NULL);
    show_library(cli);
    show_settings(cli);
    read_configuration(doctor);
    show_sources(cli, doctor);
    doctor_look_for_usb(doctor, "/sys/bus/usb/devices", "/dev/bus/usb");
    show_devices(cli, doctor);
    ask_library(cli, doctor);
    show_carrier(cli, doctor);
    doctor_judge(doctor);
    show_findings(cli, doctor);
    bool usable = doctor->reader_usable_count > 0;
    if (cli->json_wanted)
        json_bool(&cli->json, "usable", usable);
    return usable ? CLI_OK : CLI_NEGATIVE;
}

static int run(struct cli *cli)
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
    .run = run,
};
