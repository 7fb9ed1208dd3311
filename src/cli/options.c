/* SPDX-License-Identifier: BSD-2-Clause */
/* How options are recognised (POSIX.1-2017, XBD 12.2, with long names). */
#include "cli/options.h"

#include "cli/text.h"

#include <assert.h>
#include <string.h>

const struct option_spec options_common[] = {
    {OPTION_HELP, 'h', "help", NULL, "show this help"},
    {OPTION_JSON, 'j', "json", NULL, "write JSON instead of text"},
    {OPTION_READER, 'r', "reader", "READER",
     "the reader: its name, a part of it, its number in the list, or -"},
    {0, 0, NULL, NULL, NULL},
};

/* What is being read. */
struct scan {
    char **argv;
    int argc;
    int next;
    const struct option_spec *own;
    struct options *options;
};

static const struct option_spec *find_option(const struct option_spec *list,
                                             const char *name, size_t size)
{
    for (; list != NULL && list->id != 0; list++) {
        if (size == 0 ? list->letter == *name
                      : strlen(list->name) == size && memcmp(list->name, name, size) == 0)
            return list;
    }
    return NULL;
}

/* By name, or by letter if size is 0. */
static const struct option_spec *find_any(const struct scan *scan, const char *name,
                                          size_t size)
{
    const struct option_spec *found = find_option(scan->own, name, size);
    return found != NULL ? found : find_option(options_common, name, size);
}

/* "--name takes no value (see --help)" */
static bool note_fault(const struct scan *scan, const char *before, const char *argument,
                       const char *after)
{
    struct text text;
    text_start(&text, scan->options->fault, OPTION_FAULT_MAX);
    text_add(&text, "%s%s%s (see --help)", before, argument, after);
    return false;
}

/* `value` is what stood in the same argument, or NULL. */
static bool take_option_value(struct scan *scan, const struct option_spec *spec,
                              const char *value)
{
    assert(spec->id > 0 && spec->id < OPTION_ID_MAX);
    scan->options->given[spec->id] = true;
    if (spec->value == NULL)
        return value == NULL || note_fault(scan, "--", spec->name, " takes no value");
    if (value == NULL && scan->next < scan->argc)
        value = scan->argv[scan->next++];
    if (value == NULL)
        return note_fault(scan, "--", spec->name, " needs a value");
    if (scan->options->value_count == OPTION_VALUES_MAX)
        return note_fault(scan, "too many options, from --", spec->name, " on");
    scan->options->value[spec->id] = value;
    scan->options->values[scan->options->value_count++] =
        (struct option_value){spec->id, value};
    return true;
}

static bool take_long(struct scan *scan, const char *argument)
{
    const char *name = argument + 2;
    const char *equals = strchr(name, '=');
    size_t size = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct option_spec *spec = size > 0 ? find_any(scan, name, size) : NULL;
    if (spec == NULL)
        return note_fault(scan, "no such option: ", argument, "");
    return take_option_value(scan, spec, equals != NULL ? equals + 1 : NULL);
}

static bool take_letters(struct scan *scan, const char *argument)
{
    for (const char *letter = argument + 1; *letter != '\0'; letter++) {
        const struct option_spec *spec = find_any(scan, letter, 0);
        if (spec == NULL)
            return note_fault(scan, "no such option: ", argument, "");
        if (spec->value != NULL)
            return take_option_value(scan, spec, letter[1] != '\0' ? letter + 1 : NULL);
        scan->options->given[spec->id] = true;
    }
    return true;
}

bool options_read(struct options *options, int argc, char **argv,
                  const struct option_spec *own, bool stop)
{
    struct scan scan = {argv, argc, 0, own, options};
    bool ended = false;
    assert(argc >= 0);
    options->positional = argv;
    options->positional_count = 0;
    while (scan.next < argc) {
        char *argument = argv[scan.next++];
        if (ended || argument[0] != '-' || argument[1] == '\0') {
            argv[options->positional_count++] = argument;
            ended = ended || stop;
        } else if (strcmp(argument, "--") == 0) {
            ended = true;
        } else if (argument[1] == '-') {
            if (!take_long(&scan, argument))
                return false;
        } else if (!take_letters(&scan, argument)) {
            return false;
        }
    }
    return true;
}

bool options_want_json(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "-j") == 0)
            return true;
    return false;
}

void options_print(const struct option_spec *list, FILE *out)
{
    for (; list != NULL && list->id != 0; list++) {
        char room[60];
        struct text text;
        text_start(&text, room, sizeof room);
        if (list->letter != 0)
            text_add(&text, "-%c, ", list->letter);
        text_add(&text, "--%s", list->name);
        if (list->value != NULL)
            text_add(&text, " %s", list->value);
        fprintf(out, "  %-24s %s\n", room, list->help);
    }
}
