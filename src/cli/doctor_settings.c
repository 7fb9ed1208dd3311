/* SPDX-License-Identifier: BSD-2-Clause */
/* What the doctor makes of the environment, by the library's own table (os/settings.def). */
#include "cli/doctor.h"

#include <assert.h>
#include <string.h>

static const char own_prefix[] = "WINSCARD_";

static bool is_own_variable(const char *name)
{
    return strncmp(name, own_prefix, sizeof own_prefix - 1) == 0;
}

void doctor_note_variable(struct doctor *doctor, const char *name)
{
    struct text text;
    if (!is_own_variable(name) || doctor->unknown_count == DOCTOR_UNKNOWN_MAX)
        return;
    for (unsigned i = 0; i < SETTING_COUNT; i++)
        if (strcmp(os_setting_row((enum setting)i)->name, name) == 0)
            return;
    text_start(&text, doctor->unknown[doctor->unknown_count++],
               sizeof doctor->unknown[0]);
    text_add(&text, "%s", name);
}

/* The library has said itself that it does not follow a setting. */
static bool is_said_of(const struct doctor *doctor, const char *name)
{
    for (size_t i = 0; i < doctor->said_count; i++)
        if (strncmp(doctor->said[i], name, strlen(name)) == 0)
            return true;
    return false;
}

static void judge_value(struct doctor *doctor, enum setting setting)
{
    const struct setting_row *row = os_setting_row(setting);
    const char *value = doctor->settings[setting];
    char form[80];
    struct text text;
    assert(value != NULL);
    if (*value == '\0' || os_setting_fits(setting, value)
        || is_said_of(doctor, row->name))
        return;
    text_start(&text, form, sizeof form);
    if (row->kind == SETTING_KIND_NUMBER)
        text_add(&text, "a number from %u to %u", (unsigned)row->lowest,
                 (unsigned)row->highest);
    else
        text_add(&text, "one of these: %s", row->form);
    doctor_find(doctor, DOCTOR_BAD, "Set it to such a value, or unset it: winscard(7).",
                "%s=%s has no effect: it takes %s.", row->name, value, form);
}

/* What counts where the readers are has no effect here when they are with a service. */
static void judge_place(struct doctor *doctor, enum setting setting)
{
    const struct setting_row *row = os_setting_row(setting);
    bool of_service = doctor->carrier == CARRIER_SERVICE;
    if (row->where != SETTING_FOR_MANAGER || !is_own_variable(row->name)
        || (!of_service && doctor->carrier != CARRIER_PCSCD))
        return;
    doctor_find(doctor, DOCTOR_NOTE,
                of_service ? "Set it for the service: winscardd(8)." : "",
                "%s has no effect in this program, as %s has the readers.", row->name,
                of_service ? "the service" : "pcscd");
}

void doctor_judge_settings(struct doctor *doctor)
{
    for (unsigned i = 0; i < SETTING_COUNT; i++) {
        if (doctor->settings[i] == NULL)
            continue;
        judge_value(doctor, (enum setting)i);
        judge_place(doctor, (enum setting)i);
    }
    for (size_t i = 0; i < doctor->unknown_count; i++)
        doctor_find(doctor, DOCTOR_NOTE, "winscard(7) lists them.",
                    "%s is not a setting of this library.", doctor->unknown[i]);
}
