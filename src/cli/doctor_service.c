/* SPDX-License-Identifier: BSD-2-Clause */
/* What the doctor makes of services, and of what the library says. */
#include "cli/doctor.h"

#include <string.h>

void doctor_try_services(struct doctor *doctor)
{
    struct carrier_place places[CARRIER_SERVICES_MAX];
    const char *setting = doctor->settings[SETTING_SERVICE];
    size_t count = carrier_services(setting, places);
    for (size_t i = 0; i < count; i++) {
        struct doctor_service *service = &doctor->services[doctor->service_count++];
        service->place = places[i];
        service->named = setting != NULL && *setting != '\0';
        service->answer = service_probe(&places[i]);
    }
}

/* --- Services ----------------------------------------------------------------------- */

/* The library has said it itself, if it tried the place too. */
static bool was_said_of(const struct doctor *doctor, const char *path)
{
    for (size_t i = 0; i < doctor->said_count; i++)
        if (strstr(doctor->said[i], path) != NULL)
            return true;
    return false;
}

static void judge_absent(struct doctor *doctor, const struct doctor_service *service)
{
    if (service->named && !was_said_of(doctor, service->place.path))
        doctor_find(doctor, DOCTOR_BAD,
                    "Start the service or the tunnel to it, or unset WINSCARD_SERVICE.",
                    "WINSCARD_SERVICE names %s, and there is no such file.",
                    service->place.path);
}

static void judge_socket(struct doctor *doctor, const struct doctor_service *service)
{
    switch (service->answer) {
    case SERVICE_ABSENT:
        judge_absent(doctor, service);
        break;
    case SERVICE_DEAF:
        doctor_find(doctor, DOCTOR_BAD,
                    "Start it: systemctl restart winscardd.socket, or winscardd by hand.",
                    "The socket %s is there, but no service listens at it.",
                    service->place.path);
        break;
    case SERVICE_LOCKED:
        doctor_find(doctor, DOCTOR_BAD,
                    "Look at the permissions of the socket and its directory.",
                    "This user may not connect to the service's socket %s.",
                    service->place.path);
        break;
    case SERVICE_MUTE:
        doctor_find(doctor, DOCTOR_BAD,
                    "Restart it: systemctl restart winscardd.service. If it is another "
                    "program that listens there, end that.",
                    "What listens at %s takes connections, but does not answer.",
                    service->place.path);
        break;
    case SERVICE_CLOSES:
        doctor_find(doctor, DOCTOR_BAD,
                    "systemctl status winscardd.service and journalctl -u winscardd say "
                    "why it does not start.",
                    "What listens at %s closes each connection: the service behind the "
                    "socket fails, or it is another program.",
                    service->place.path);
        break;
    case SERVICE_NONE_HERE:
        doctor_find(
            doctor, DOCTOR_BAD,
            "Name it by tcp:ADDRESS:PORT or file:PATH, or unset WINSCARD_SERVICE.",
            "WINSCARD_SERVICE names the Unix socket %s, and Windows programs have "
            "no such sockets.",
            service->place.path);
        break;
    case SERVICE_STRANGE:
        if (!was_said_of(doctor, service->place.path))
            doctor_find(doctor, DOCTOR_BAD,
                        "winscard(7) says under \"Whom a program trusts\" which services "
                        "are taken, and how to allow others.",
                        "Whoever listens at %s is not trusted: it is another user, or "
                        "everybody may write the directory.",
                        service->place.path);
        break;
    case SERVICE_ANSWERS:
        break;
    }
}

/* What leads to a service where there are no Unix sockets. */
static void judge_file(struct doctor *doctor, const struct doctor_service *service)
{
    const char *path = service->place.path;
    switch (service->answer) {
    case SERVICE_ABSENT:
        judge_absent(doctor, service);
        break;
    case SERVICE_DEAF:
        doctor_find(doctor, service->named ? DOCTOR_BAD : DOCTOR_NOTE,
                    "Start winscardd, which writes a new one; or remove it.",
                    "The file %s is there, but the service that it leads to has ended.",
                    path);
        break;
    case SERVICE_LOCKED:
        if (!was_said_of(doctor, path))
            doctor_find(doctor, DOCTOR_BAD,
                        "End winscardd, remove the file, and start it again: it writes a "
                        "new one.",
                        "The file %s is not followed: it belongs to another user, or "
                        "others may read or write it, or this user may not.",
                        path);
        break;
    case SERVICE_MUTE:
        doctor_find(doctor, DOCTOR_BAD, "End it, and start winscardd again.",
                    "The service that wrote %s does not answer.", path);
        break;
    case SERVICE_CLOSES:
    case SERVICE_STRANGE:
        if (was_said_of(doctor, path))
            break;
        doctor_find(
            doctor, DOCTOR_BAD,
            "End winscardd, remove the file, and start it again: it writes a new one.",
            "The file %s does not lead to the service that wrote it: another "
            "program listens there, or it is not what a service writes.",
            path);
        break;
    case SERVICE_NONE_HERE:
    case SERVICE_ANSWERS:
        break;
    }
}

static void judge_policy(struct doctor *doctor)
{
    const struct users_policy *policy = &doctor->holders.policy;
    char place[40] = "";
    struct text text;
    text_start(&text, place, sizeof place);
    if (policy->line != 0)
        text_add(&text, " in line %u", (unsigned)policy->line);
    if (policy->file != USERS_POLICY_SOUND)
        doctor_find(doctor, DOCTOR_BAD,
                    "Mend the file, /etc/winscard/policy.conf unless another was named, "
                    "then: systemctl reload winscardd.service",
                    "The file of the service's policy has a fault%s%s%s%s.", place,
                    policy->fault[0] != '\0' ? ": " : "", policy->fault,
                    policy->file == USERS_POLICY_KEPT
                        ? "; the policy that was read before is in force"
                        : "");
    if (policy->hides)
        doctor_find(doctor, doctor->reader_count == 0 ? DOCTOR_BAD : DOCTOR_NOTE,
                    "Root can change that in /etc/winscard/policy.conf: "
                    "winscard-policy.conf(5).",
                    "%s",
                    doctor->reader_count == 0
                        ? "The service has readers, but its policy shows none of them to "
                          "this user."
                        : "The service has readers that its policy does not show to this "
                          "user.");
}

void doctor_judge_services(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->service_count; i++)
        (doctor->services[i].place.file ? judge_file
                                        : judge_socket)(doctor, &doctor->services[i]);
    if (doctor->carrier == CARRIER_SERVICE)
        judge_policy(doctor);
}

/* --- What the library said ---------------------------------------------------------- */

/* What helps against an error, by a part of its text; the first that fits. */
static const struct {
    const char *part, *remedy;
} remedies[] = {
    {"the colon is missing", "Write the colon, in WINSCARD_READERS or in readers.d."},
    {"no such kind of reader",
     "Reader URIs begin with usb:, serial:, phoenix:, hid:, ifd:, soft:, vpcd: or "
     "vscard:, as far as they are built in: winscard(7)."},
    {"does not begin with the kind",
     "Reader URIs begin with usb:, serial:, phoenix:, hid:, ifd:, soft:, vpcd: or "
     "vscard:."},
    {"not started", "Mend the URI, in WINSCARD_READERS or in readers.d: winscard(7)."},
    {"serial:", "winscard-serial(7) says which readers can be used, and how."},
    {"phoenix:",
     "winscard-serial(7) has the parameters, and which wires they are about."},
    {"hid:", "winscard-hid(7) says what it needs: hidapi, and rights to the tokens."},
    {"ifd:", "winscard-ifdhost(7) says which drivers can be used, and how."},
    {"soft:", "The parameters of soft: are in winscard(7)."},
    {"vpcd:", "The parameters of vpcd: are in winscard(7)."},
    {"vscard:", "The parameters of vscard: are in winscard(7)."},
    {"the program that listens at",
     "If it is the service that is meant, winscard(7) says under \"Whom a "
     "program trusts\" how to allow it."},
    {"others could have put",
     "Put the socket into a directory of one's own, as "
     "$XDG_RUNTIME_DIR: winscard(7), \"Whom a program trusts\"."},
    {"does not answer within", "Restart it: systemctl restart winscardd.service"},
    {"is not there", "Start the service, or mend the setting."},
    {"the service's endpoint",
     "End winscardd, remove the file, and start it again: it writes a new one."},
    {"WINSCARD_TOKEN", "It names the file with the token that the service wrote when it "
                       "started."},
    {"WINSCARD_CARRIER",
     "Set it to auto, local, service, or, on Unix, pcscd, on Windows, system; or "
     "unset it."},
    {"pcscd", "Restart it: systemctl restart pcscd. If it goes on, the library can take "
              "the readers itself: systemctl stop pcscd.socket pcscd.service, or set "
              "WINSCARD_CARRIER=local."},
    {"WINSCARD_SERVICE", "It is unix:PATH, tcp:ADDRESS:PORT or file:PATH."},
    {"usb:", "winscard-usb(7) says which readers can be used, and how."},
    {"WINSCARD_", "Set it to what winscard(7) says, or unset it."},
};

void doctor_judge_said(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->said_count; i++) {
        const char *remedy = "";
        for (size_t k = 0; k < TEXT_COUNT(remedies) && *remedy == '\0'; k++)
            if (strstr(doctor->said[i], remedies[k].part) != NULL)
                remedy = remedies[k].remedy;
        doctor_find(doctor, DOCTOR_BAD, remedy, "The library says: %s", doctor->said[i]);
    }
}
