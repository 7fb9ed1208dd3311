/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/options.h"

#include "base/log.h"
#include "base/uri.h"
#include "host/host.h"
#include "os/setting.h"

#include <getopt.h>
#include <stdio.h>

int options_read(int count, char **words, const struct options_taken *taken)
{
    int option;
    while ((option = getopt_long(count, words, "fes:t:r:p:l:i:hV", taken->known, NULL))
           != -1) {
        if (option == 'h') {
            taken->print_usage(stdout);
            return 0;
        }
        if (option == 'V') {
            puts("winscardd " WINSCARD_VERSION);
            return 0;
        }
        if (!taken->take(taken->options, option, optarg))
            return 2;
    }
    if (optind == count)
        return -1;
    taken->print_usage(stderr);
    return 2;
}

const char *options_log_level(void)
{
    const char *level = os_setting(SETTING_LOG);
    return level != NULL ? level : "error";
}

bool options_read_seconds(const char *text, uint32_t *seconds)
{
    enum { MOST = 86400, BASE = 10 };
    uint32_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && value <= MOST; at++)
        value = value * BASE + (uint32_t)(*at - '0');
    if (*at != '\0' || value == 0 || value > MOST) {
        fprintf(stderr, "winscardd: --exit-idle wants 1 to %d seconds\n", MOST);
        return false;
    }
    *seconds = value;
    return true;
}

bool options_name_readers(const char *text)
{
    char uri[URI_SIZE_MAX];
    if (uri_list_next(&text, uri, sizeof(uri)) != 0)
        return true;
    fprintf(stderr, "winscardd: --readers wants URIs, such as soft: or usb:\n");
    return false;
}

bool options_readers_complete(const char *readers)
{
    uint32_t refused = host_refused_readers();
    if (readers == NULL || refused == 0)
        return true;
    fprintf(stderr, "winscardd: --readers: %u of the readers cannot be served%s\n",
            (unsigned)refused, log_is_on(LOG_ERROR) ? "" : "; --log error says why");
    return false;
}
