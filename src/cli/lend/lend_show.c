/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/lend/lend_show.h"

#include "cli/card_names.h"
#include "cli/platform.h"

#include <assert.h>

enum { LINE_MAX = 1000 };

static const char *event_name(enum lend_event event)
{
    static const char *const names[] = {
        [LEND_WAITING] = "waiting",
        [LEND_LENT] = "lent",
        [LEND_CARD_INSERTED] = "card-inserted",
        [LEND_CARD_REMOVED] = "card-removed",
        [LEND_CARD_BUSY] = "card-busy",
        [LEND_CARD_MUTE] = "card-mute",
        [LEND_READER_REMOVED] = "reader-removed",
        [LEND_READER_ADDED] = "reader-added",
        [LEND_ERROR] = "error",
        [LEND_RETURNED] = "returned",
    };
    assert(event <= LEND_RETURNED);
    return names[event];
}

static void write_object(struct cli *cli, enum lend_event event, const char *reader,
                         const char *words, const uint8_t *atr, size_t size)
{
    struct json *json = &cli->json;
    char time[32];
    platform_time(true, time, sizeof time);
    json_object(json, NULL);
    json_string(json, "time", time);
    json_string(json, "event", event_name(event));
    json_string(json, "reader", reader);
    if (*words != '\0')
        json_string(json, "message", words);
    if (size > 0) {
        json_hex(json, "atr", atr, size);
        card_names_json(0, atr, size, json, "cards");
    }
    json_end_to(json, 0);
}

/* "12:34:56  lent            Reader 00 00: to 127.0.0.1:2001" */
static void write_line(struct cli *cli, enum lend_event event, const char *reader,
                       const char *words, const uint8_t *atr, size_t size)
{
    char line[LINE_MAX], time[32];
    struct text text;
    platform_time(false, time, sizeof time);
    text_start(&text, line, sizeof line);
    text_add(&text, "%s  %-14s  %s", time, event_name(event), reader);
    if (*words != '\0')
        text_add(&text, ": %s", words);
    if (size > 0) {
        text_add(&text, ": ATR ");
        text_add_hex(&text, atr, size, " ");
    }
    text_print(cli->out, line);
    fputc('\n', cli->out);
}

void lend_show_event(struct cli *cli, enum lend_event event, const char *reader,
                     const char *words, const uint8_t *atr, size_t size)
{
    if (cli->json_wanted)
        write_object(cli, event, reader, words, atr, size);
    else
        write_line(cli, event, reader, words, atr, size);
    fflush(cli->out);
}
