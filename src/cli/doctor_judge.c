/* SPDX-License-Identifier: BSD-2-Clause */
/* Which facts about this machine are findings, and what helps against them. */
#include "cli/doctor.h"

#include <string.h>

static void judge_carrier(struct doctor *doctor)
{
    switch (doctor->carrier) {
    case DOCTOR_CARRIER_NONE:
        doctor_find(doctor, DOCTOR_BAD,
                    doctor->carrier_setting != NULL
                        ? "Unset WINSCARD_CARRIER, or start the service it asks for."
                        : "Set WINSCARD_LOG=debug and look at what the library says.",
                    "The library cannot begin (%s).",
                    doctor->failure != NULL ? doctor->failure : "no reason given");
        break;
    case DOCTOR_CARRIER_LOCAL:
        doctor_find(doctor, DOCTOR_GOOD, "",
                    "The library works inside this program; no service is used.");
        break;
    case DOCTOR_CARRIER_PCSCD:
        doctor_find(
            doctor, DOCTOR_GOOD, "",
            "The library uses the running pcscd (%s), which owns the USB readers.",
            doctor->endpoint);
        break;
    case DOCTOR_CARRIER_SERVICE:
        doctor_find(doctor, DOCTOR_GOOD, "", "The library uses a service (%s).",
                    doctor->endpoint);
        break;
    }
}

/* A pcscd that runs takes every USB reader it knows away from a library that does not ask
 * it. */
static void judge_pcscd(struct doctor *doctor)
{
    if (!doctor->pcscd_answers || doctor->carrier == DOCTOR_CARRIER_PCSCD
        || doctor->device_count == 0)
        return;
    doctor_find(
        doctor, DOCTOR_BAD,
        "Use it (unset WINSCARD_CARRIER, or set it to pcscd), or end it: "
        "systemctl stop pcscd.socket pcscd.service",
        "A pcscd is running and owns the USB readers, but the library does not use "
        "it.");
}

static void judge_device(struct doctor *doctor, const struct doctor_device *device)
{
    bool direct = doctor->carrier == DOCTOR_CARRIER_LOCAL;
    if (direct && device->access == PLATFORM_DENIED) {
        doctor_find(doctor, DOCTOR_BAD,
                    "Install the project's udev rule for smart card readers and plug the "
                    "reader in again, or use a service.",
                    "%s (%s): this user may not open %s.", device->name, device->usb_id,
                    device->node);
    } else if (direct && device->access == PLATFORM_MISSING) {
        doctor_find(doctor, DOCTOR_BAD,
                    "In a container, pass /dev/bus/usb in; else start udev.",
                    "%s (%s): its node %s is missing.", device->name, device->usb_id,
                    device->node);
    } else if (direct && device->claimed && doctor->reader_usb_count == 0) {
        doctor_find(doctor, DOCTOR_BAD,
                    "End the program that holds it (pcscd, scdaemon, a virtual machine).",
                    "%s (%s): another program holds it.", device->name, device->usb_id);
    } else if (direct && doctor->reader_usb_count == 0) {
        doctor_find(
            doctor, DOCTOR_BAD,
            doctor->readers_setting != NULL
                ? "Add usb: to WINSCARD_READERS, or unset it."
                : "Use a build with the USB driver, or start pcscd with libccid.",
            "%s (%s) is connected, but the library has no USB reader: it was built "
            "without the USB driver, or its settings leave USB out.",
            device->name, device->usb_id);
    } else if (!direct && doctor->reader_count == 0) {
        doctor_find(
            doctor, DOCTOR_BAD,
            doctor->carrier == DOCTOR_CARRIER_PCSCD
                ? "Install its USB driver (Debian: apt install libccid), restart it."
                : "Look at the service's log.",
            "%s (%s) is connected, but the service lists no reader.", device->name,
            device->usb_id);
    }
}

static void judge_readers(struct doctor *doctor)
{
    if (doctor->carrier == DOCTOR_CARRIER_NONE)
        return;
    if (doctor->reader_usable_count > 0)
        doctor_find(doctor, DOCTOR_GOOD, "", "%u of %u readers can be used.",
                    (unsigned)doctor->reader_usable_count,
                    (unsigned)doctor->reader_count);
    else if (doctor->reader_count > 0)
        doctor_find(doctor, DOCTOR_BAD, "End the programs that hold the readers.",
                    "No reader can be used: others hold them, or they are gone.");
    else
        doctor_find(doctor, DOCTOR_BAD,
                    "Connect one, or try a card made of software: "
                    "WINSCARD_READERS=soft: scard list",
                    "The library lists no reader.");
    if (doctor->device_count == 0)
        doctor_find(doctor, DOCTOR_NOTE, "",
                    "No USB device with a smart card interface is connected.");
}

void doctor_judge(struct doctor *doctor)
{
    judge_carrier(doctor);
    judge_pcscd(doctor);
    for (size_t i = 0; i < doctor->device_count; i++)
        judge_device(doctor, &doctor->devices[i]);
    judge_readers(doctor);
}
