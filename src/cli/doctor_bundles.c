/* SPDX-License-Identifier: BSD-2-Clause */
/* Drivers of pcscd's, which "ifd:" can use: what is installed, what is wrong with it, and which
 * readers it would have. */
#include "bundle/bundle.h"
#include "cli/doctor.h"

#include <string.h>

enum { CLASS_SMART_CARD = 0x0B };

struct bundle_walk {
    struct doctor *doctor;
    const char *devices;
    const struct bundle *bundle; /* whose devices are looked for */
    struct text *about;
};

static struct doctor_bundle *add_bundle(struct doctor *doctor, const char *place)
{
    struct text text;
    if (doctor->bundle_count == DOCTOR_BUNDLES_MAX)
        return NULL;
    struct doctor_bundle *added = &doctor->bundles[doctor->bundle_count++];
    text_start(&text, added->place, sizeof added->place);
    text_add(&text, "%s", place);
    added->usable = true;
    return added;
}

/* A device goes to the first bundle that names it. */
static void note_usb_reader(void *context, const struct bundle_usb *device)
{
    struct bundle_walk *walk = context;
    const struct bundle_id *id =
        bundle_find(walk->bundle, device->vendor, device->product);
    if (id == NULL)
        return;
    text_add(walk->about, "; takes %s (%04x:%04x)", id->name, (unsigned)device->vendor,
             (unsigned)device->product);
    if (bundle_usb_has_class(device, CLASS_SMART_CARD))
        text_add(walk->about, ", unless usb: does");
}

static void note_bundle(void *context, const struct bundle *bundle)
{
    struct bundle_walk *walk = context;
    struct doctor_bundle *added = add_bundle(walk->doctor, bundle->directory);
    struct text about;
    if (added == NULL)
        return;
    text_start(&about, added->about, sizeof added->about);
    added->usable = bundle->why[0] == '\0';
    if (!added->usable) {
        text_add(&about, "%s", bundle->why);
        return;
    }
    text_add(&about, "has a driver for %u %s of USB reader", (unsigned)bundle->id_count,
             bundle->id_count == 1 ? "kind" : "kinds");
    walk->bundle = bundle;
    walk->about = &about;
    bundle_list_usb(walk->devices, note_usb_reader, walk);
}

static void note_listed_reader(void *context, const struct bundle_reader *reader)
{
    struct bundle_walk *walk = context;
    struct doctor_bundle *added = add_bundle(walk->doctor, reader->file);
    char why[BUNDLE_WHY_MAX] = "";
    struct text about;
    if (added == NULL)
        return;
    text_start(&about, added->about, sizeof added->about);
    added->usable = reader->why[0] == '\0' && bundle_check_object(reader->object, why);
    if (added->usable)
        text_add(&about, "has the reader %s, by %s", reader->name, reader->object);
    else if (reader->why[0] != '\0')
        text_add(&about, "%s", reader->why);
    else
        text_add(&about, "has the reader %s, whose driver %s", reader->name, why);
}

void doctor_look_for_bundles(struct doctor *doctor, const char *bundles,
                             const char *readers, const char *devices)
{
    struct bundle_walk walk = {.doctor = doctor, .devices = devices};
    if (*bundles != '\0')
        bundle_list(bundles, note_bundle, &walk);
    if (*readers != '\0')
        bundle_list_readers(readers, note_listed_reader, &walk);
}

void doctor_judge_bundles(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->bundle_count; i++)
        if (!doctor->bundles[i].usable)
            doctor_find(doctor, DOCTOR_NOTE, "Install its package again, or remove it.",
                        "%s %s.", doctor->bundles[i].place, doctor->bundles[i].about);
}
