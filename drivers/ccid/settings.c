/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/ccid/settings.h"

#include <string.h>

const char *const ccid_switches[] = {"off", "on", NULL};
const char *const ccid_levels[] = {"tpdu", "apdu", NULL};

bool ccid_read_voltages(const char *text, void *value)
{
    uint8_t *voltages = value;
    static const char *const names[] = {"5", "3", "1.8"};
    memset(voltages, 0, 3);
    for (size_t count = 0; count < 3; count++) {
        size_t size = strcspn(text, ",");
        uint8_t found = 0;
        for (uint8_t i = 0; i < 3; i++)
            if (strlen(names[i]) == size && strncmp(text, names[i], size) == 0)
                found = (uint8_t)(i + 1);
        if (found == 0 || memchr(voltages, found, count) != NULL)
            return false;
        voltages[count] = found;
        text += size;
        if (*text == '\0')
            return true;
        text++;
    }
    return false;
}

void ccid_settings_init(struct ccid_settings *settings)
{
    *settings = (struct ccid_settings){.voltages = {1, 2, 3},
                                       .apdu_timeout_ms = CCID_APDU_TIMEOUT_MS};
}
