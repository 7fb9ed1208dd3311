/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameters of a URI that every CCID reader has, whatever its bus. */
#ifndef DRIVERS_CCID_SETTINGS_H
#define DRIVERS_CCID_SETTINGS_H

#include "drivers/ccid/interface.h"
#include "drivers/kit/settings.h"

/* Rows of a table of struct kit_setting, for a structure `type` that has a struct
 * ccid_settings `member`. */
#define CCID_SETTING_ROWS(type, member)                                                  \
    {"voltage", KIT_PARSED, offsetof(type, member.voltages),                             \
     .parse = ccid_read_voltages, .wanted = "a list of 5, 3 and 1.8"},                   \
        {"escape", KIT_BOOL, offsetof(type, member.escape), .words = ccid_switches,      \
         .wanted = "on or off"},                                                         \
        {"t0", KIT_BOOL, offsetof(type, member.whole_apdus), .words = ccid_levels,       \
         .wanted = "tpdu or apdu"},                                                      \
    {                                                                                    \
        "apdu_timeout", KIT_NUMBER, offsetof(type, member.apdu_timeout_ms), 1,           \
            CCID_APDU_TIMEOUT_MAX_MS,                                                    \
            .wanted = "a number of milliseconds from 1 to 3600000"                       \
    }

enum { CCID_APDU_TIMEOUT_MS = 600000, CCID_APDU_TIMEOUT_MAX_MS = 3600000 };

extern const char *const ccid_switches[], *const ccid_levels[];
/* "5,3,1.8": each once at most, one at least; to uint8_t[3]. */
bool ccid_read_voltages(const char *text, void *value);
/* What counts without parameters. */
void ccid_settings_init(struct ccid_settings *settings);

#endif
