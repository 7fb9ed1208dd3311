/* SPDX-License-Identifier: BSD-2-Clause */
/* Which facts about this machine are findings, and what helps against them. */
#include "cli/doctor.h"

#include <assert.h>
#include <string.h>

/* The doctor has tried the service and says itself what is wrong with it. */
static bool is_tried_in_vain(const struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->service_count; i++) {
        const struct doctor_service *service = &doctor->services[i];
        /* A file that a service has left is no fault, unless it was named. */
        bool nothing = service->answer == SERVICE_ABSENT
                       || (service->place.file && service->answer == SERVICE_DEAF);
        if (service->answer != SERVICE_ANSWERS && (service->named || !nothing))
            return true;
    }
    return false;
}

/* A service that was named, and that the library does not use without saying so. */
static void judge_service(struct doctor *doctor)
{
    const char *carrier = doctor->settings[SETTING_CARRIER];
    if (doctor->settings[SETTING_SERVICE] == NULL || is_tried_in_vain(doctor)
        || (carrier != NULL && strcmp(carrier, "auto") != 0
            && strcmp(carrier, "service") != 0)
        || doctor->carrier == CARRIER_SERVICE || doctor->said_count > 0)
        return;
    if (doctor->settings[SETTING_READERS] != NULL && doctor->carrier != CARRIER_NONE)
        doctor_find(doctor, DOCTOR_NOTE, "",
                    "WINSCARD_SERVICE has no effect, since WINSCARD_READERS is set.");
    else
        doctor_find(doctor, DOCTOR_BAD,
                    "Start it or the tunnel to it. Over TCP, WINSCARD_TOKEN has to name "
                    "the file with its token. With WINSCARD_CARRIER=service calls give "
                    "the error.",
                    "The service of WINSCARD_SERVICE (%s) does not let this program in.",
                    doctor->settings[SETTING_SERVICE]);
}

/* Nothing can be done without a context. */
static const char *find_start(const struct doctor *doctor)
{
    if (doctor->library == PLATFORM_LIBRARY_WINE)
        return "See above.";
    if (is_tried_in_vain(doctor) || doctor->said_count > 0
        || doctor->settings[SETTING_SERVICE] != NULL)
        return "See below.";
    if (doctor->settings[SETTING_CARRIER] == NULL)
        return "Set WINSCARD_LOG=debug and look at what the library says.";
    if (!os_setting_fits(SETTING_CARRIER, doctor->settings[SETTING_CARRIER]))
        return "See below.";
    if (doctor->failure != NULL
        && strcmp(doctor->failure, "SCARD_W_SECURITY_VIOLATION") == 0)
        return "The service refuses this program: over TCP, WINSCARD_TOKEN has to name "
               "the file with the token that it wrote when it started.";
    return "Unset WINSCARD_CARRIER, or start the service it asks for.";
}

/* Wine takes its own DLL before one that lies beside the program, unless it is told. */
static void judge_library(struct doctor *doctor)
{
    if (doctor->library == PLATFORM_LIBRARY_WINE)
        doctor_find(
            doctor, DOCTOR_BAD,
            "Have the DLL for the program's width, 64 or 32 bits, beside the program, "
            "and start that with WINEDLLOVERRIDES=winscard=n,b, or set winscard to "
            "\"native\" in winecfg.",
            "Wine has loaded its own winscard.dll, whatever stands above: nothing "
            "here is about this project's library.");
}

static void judge_carrier(struct doctor *doctor)
{
    switch (doctor->carrier) {
    case CARRIER_NONE:
        doctor_find(doctor, DOCTOR_BAD, find_start(doctor),
                    "The library cannot begin (%s).",
                    doctor->failure != NULL ? doctor->failure : "no reason given");
        break;
    case CARRIER_LOCAL:
        doctor_find(doctor, DOCTOR_GOOD, "",
                    "The library works inside this program; no service is used.");
        break;
    case CARRIER_PCSCD:
        doctor_find(
            doctor, DOCTOR_GOOD, "",
            "The library uses the running pcscd (%s), which owns the USB readers.",
            doctor->endpoint);
        break;
    case CARRIER_SYSTEM:
        doctor_find(doctor, DOCTOR_GOOD, "",
                    "The library passes calls on to Windows' own winscard.dll, which has "
                    "the readers.");
        break;
    case CARRIER_SERVICE:
        doctor_find(doctor, DOCTOR_GOOD, "", "The library uses a service (%s).",
                    doctor->endpoint);
        break;
    case CARRIER_UNSEEN:
        doctor_find(doctor, DOCTOR_NOTE,
                    "WINSCARD_LOG=info, set before Wine starts, has the library say it.",
                    "The library is that of Unix for Wine: it uses a service or pcscd if "
                    "one answers, else it works inside this program.");
        break;
    }
}

/* Every USB reader that is listed can be used, and there is one. */
static bool usb_is_well(const struct doctor *doctor)
{
    assert(doctor->reader_usb_usable_count <= doctor->reader_usb_count);
    return doctor->reader_usb_count > 0
           && doctor->reader_usb_usable_count == doctor->reader_usb_count;
}

/* A pcscd that runs takes every USB reader it knows away from a library that does not ask
 * it, if it was there first. */
static void judge_pcscd(struct doctor *doctor)
{
    if (!doctor->pcscd_answers || doctor->carrier == CARRIER_PCSCD
        || doctor->device_count == 0 || usb_is_well(doctor))
        return;
    doctor_find(doctor, DOCTOR_BAD, "End it: systemctl stop pcscd.socket pcscd.service",
                "A pcscd is running. USB readers that it uses cannot be used here.");
}

/* Which configuration there is, and whether it has USB readers. */
static bool names_usb(const struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->source_count; i++)
        if (strncmp(doctor->sources[i].uri, "usb:", 4) == 0)
            return true;
    return false;
}

/* The library has no reader for a device that it could open. */
static void judge_unknown(struct doctor *doctor, const struct doctor_device *device)
{
    const char *remedy = "Say " PLATFORM_WITH(
        "WINSCARD_LOG=error",
        "scard list") ": the USB driver says "
                      "there what it does not like. A build without it says nothing.";
    if (doctor->settings[SETTING_READERS] != NULL
        && strstr(doctor->settings[SETTING_READERS], "usb:") == NULL)
        remedy = "Add usb: to WINSCARD_READERS, or unset it.";
    else if (doctor->settings[SETTING_READERS] == NULL && doctor->source_count > 0
             && !names_usb(doctor))
        remedy =
            "The configuration files name other readers alone: add a line usb: to one.";
    doctor_find(doctor, DOCTOR_BAD, remedy,
                "%s (%s) is connected, but the library lists no USB reader.",
                device->name, device->usb_id);
}

/* Devices are looked at before the library takes them: one that is claimed belongs to
 * another program. */
static void judge_local_device(struct doctor *doctor, const struct doctor_device *device)
{
    assert(doctor->carrier == CARRIER_LOCAL);
    if (device->access == PLATFORM_DENIED)
        doctor_find(doctor, DOCTOR_BAD,
                    "Give the user access by a udev rule (winscard-usb(7) has one), and "
                    "plug the reader in again.",
                    "%s (%s): this user may not open %s.", device->name, device->usb_id,
                    device->node);
    else if (device->access == PLATFORM_MISSING)
        doctor_find(doctor, DOCTOR_BAD,
                    "In a container, pass /dev/bus/usb in; else start udev.",
                    "%s (%s): its node %s is missing.", device->name, device->usb_id,
                    device->node);
    else if (device->claimed && !usb_is_well(doctor))
        doctor_find(doctor, DOCTOR_BAD,
                    "End the program that holds it (pcscd, scdaemon, a virtual machine); "
                    "the reader can be used a second later.",
                    "%s (%s): another program holds it.", device->name, device->usb_id);
    else if (doctor->reader_usb_count == 0)
        judge_unknown(doctor, device);
}

static void judge_device(struct doctor *doctor, const struct doctor_device *device)
{
    if (doctor->carrier == CARRIER_LOCAL)
        judge_local_device(doctor, device);
    else if (doctor->reader_count == 0)
        doctor_find(
            doctor, DOCTOR_BAD,
            doctor->carrier == CARRIER_PCSCD
                ? "Install its USB driver (Debian: apt install libccid), restart it."
                : "Look at the service's log.",
            "%s (%s) is connected, but the service lists no reader.", device->name,
            device->usb_id);
}

/* Readers that programs keep to themselves: they are there, and cannot be used. */
static void judge_held(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->held_count; i++) {
        const struct doctor_held *held = &doctor->held[i];
        const char *unknown = doctor->carrier == CARRIER_PCSCD
                                  ? "a program; pcscd does not tell which"
                                  : "a program that is not known";
        doctor_find(
            doctor, DOCTOR_BAD,
            "End it, or have it share the reader (scdaemon: a line pcsc-shared in "
            "scdaemon.conf).",
            "%s is held by %s.", held->reader,
            held->words[0] != '\0' ? held->words : unknown);
    }
    if (doctor->holders.cut)
        doctor_find(doctor, DOCTOR_NOTE, "", "%s", holders_cut_words(&doctor->holders));
}

/* What stands above is in the way, so that nothing need be connected. */
static bool is_explained(const struct doctor *doctor)
{
    return doctor->said_count > 0 || is_tried_in_vain(doctor)
           || doctor->holders.policy.hides
           || doctor->holders.policy.file != USERS_POLICY_SOUND;
}

static void judge_readers(struct doctor *doctor)
{
    if (doctor->carrier == CARRIER_NONE)
        return;
    judge_held(doctor);
    if (doctor->reader_usable_count > 0)
        doctor_find(doctor, DOCTOR_GOOD, "", "%u of %u %s can be used.",
                    (unsigned)doctor->reader_usable_count, (unsigned)doctor->reader_count,
                    doctor->reader_count == 1 ? "reader" : "readers");
    else if (doctor->reader_count > 0)
        doctor_find(doctor, DOCTOR_BAD, "End the programs that hold the readers.",
                    "No reader can be used: others hold them, or they are gone.");
    else if (is_explained(doctor))
        doctor_find(doctor, DOCTOR_BAD, "See above.", "The library lists no reader.");
    else if (doctor->library == PLATFORM_LIBRARY_UNIX
             && doctor->settings[SETTING_READERS] != NULL)
        doctor_find(doctor, DOCTOR_BAD,
                    "WINSCARD_LOG=error, set before Wine starts, has the library say why "
                    "none of WINSCARD_READERS can be served.",
                    "The library lists no reader.");
    else
        doctor_find(doctor, DOCTOR_BAD,
                    "Connect one, or try a card made of software: " PLATFORM_WITH(
                        "WINSCARD_READERS=soft:", "scard list"),
                    "The library lists no reader.");
    if (doctor->device_count == 0)
        doctor_find(doctor, DOCTOR_NOTE, "",
                    doctor->devices_known
                        ? "No USB device with a smart card interface is connected."
                        : "The system does not tell which USB devices are connected.");
}

void doctor_judge(struct doctor *doctor)
{
    judge_library(doctor);
    judge_carrier(doctor);
    judge_service(doctor);
    doctor_judge_services(doctor);
    doctor_judge_said(doctor);
    doctor_judge_settings(doctor);
    judge_pcscd(doctor);
    for (size_t i = 0; i < doctor->device_count; i++)
        judge_device(doctor, &doctor->devices[i]);
    judge_readers(doctor);
}
