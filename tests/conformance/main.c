/* SPDX-License-Identifier: BSD-2-Clause */
/* winscard-conform: holds any WinSCard or pcsc-lite library against what its interface
 * promises. Each row runs in a process of its own, so one that crashes or hangs is one that
 * fails. */
#include "tests/conformance/run.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_ROOM = 128, /* bytes of "interface/row" */
    ROWS_MAX = 512,
    DETAILS_ROOM = 8192 /* bytes of what a row says; more is cut off */
};

enum verdict { HELD, FAILED, SKIPPED };

struct result {
    enum verdict verdict;
    char details[DETAILS_ROOM]; /* lines, each with its end */
};

struct options {
    const char *library, *reader, *interface, *only, *row;
    bool list, json, destroys, cardless;
};

struct entry {
    const struct row_set *set;
    const struct row *row;
};

static const struct row_set *const sets[] = {&rows_windows_a, &rows_windows_w,
#ifndef _WIN32
                                             &rows_pcsclite,
#endif
                                             NULL};
static struct entry entries[ROWS_MAX];
static size_t entry_count;
static struct options options = {.reader = "", .only = ""};

static void usage(FILE *to)
{
    fputs("usage: winscard-conform [OPTION]... LIBRARY\n"
          "Holds the WinSCard or pcsc-lite library of this path against what its "
          "interface\n"
          "promises, with the first reader that has a card. The card has to answer\n"
          "00A40000023F00 by some status word; it is selected, and no more.\n\n"
          "  --list            the rows, and does not run them\n"
          "  --only TEXT       the rows with this in their name\n"
          "  --interface NAME  windows-a, windows-w or pcsclite; else what LIBRARY "
          "exports\n"
          "  --reader TEXT     the first reader with this in its name\n"
          "  --cardless        the rows that need no card\n"
          "  --destructive     also the rows that reset the card or change the database\n"
          "  --json            JSON instead of TAP (testanything.org, version 13)\n"
          "  --help\n"
          "\nIts status is 0 if each row held or was skipped, 1 if one did not, 2 if it "
          "could\n"
          "not begin.\n",
          to);
}

static void name_of(const struct entry *entry, char name[NAME_ROOM])
{
    (void)snprintf(name, NAME_ROOM, "%s/%s", entry->set->name, entry->row->name);
}

static bool is_wanted(const struct entry *entry)
{
    char name[NAME_ROOM];
    name_of(entry, name);
    if (options.row != NULL)
        return strcmp(name, options.row) == 0;
    return strstr(name, options.only) != NULL
           && (options.destroys || (entry->row->flags & ROW_DESTROYS) == 0)
           && (!options.cardless || (entry->row->flags & ROW_CARD) == 0);
}

/* The rows of the interfaces that are asked for, or that the library has. */
static void collect(void)
{
    for (const struct row_set *const *set = sets; *set != NULL; set++) {
        if (options.interface != NULL ? strcmp(options.interface, (*set)->name) != 0
                                      : system_find((*set)->mark) == NULL)
            continue;
        for (const struct row *const *table = (*set)->tables; *table != NULL; table++)
            for (const struct row *row = *table; row->name != NULL; row++) {
                struct entry entry = {*set, row};
                if (entry_count < ROWS_MAX && is_wanted(&entry))
                    entries[entry_count++] = entry;
            }
    }
}

static void add_detail(struct result *result, const char *text)
{
    size_t used = strlen(result->details);
    (void)snprintf(result->details + used, DETAILS_ROOM - used, "%s", text);
}

/* What a row said: row.c. */
static void read_row(FILE *program, struct result *result, bool *has_ended)
{
    char line[RUN_LINE_ROOM];
    while (fgets(line, sizeof(line), program) != NULL) {
        if (line[0] == 'E')
            *has_ended = true;
        else if (line[0] == 'F')
            result->verdict = FAILED;
        else if (line[0] == 'S' && result->verdict == HELD)
            result->verdict = SKIPPED;
        else
            continue; /* the library's own words */
        if (line[0] != 'E')
            add_detail(result, line + 2);
    }
}

static void try_row(const char *self, const struct entry *entry, struct result *result)
{
    char name[NAME_ROOM], why[RUN_LINE_ROOM] = "";
    const char *words[] = {self,           "--row",          name,
                           "--interface",  entry->set->name, "--reader",
                           options.reader, options.library,  NULL};
    bool has_ended = false;
    name_of(entry, name);
    result->verdict = HELD;
    result->details[0] = '\0';
    FILE *program = system_start(words);
    if (program == NULL) {
        result->verdict = FAILED;
        add_detail(result, "its process cannot be started\n");
        return;
    }
    read_row(program, result, &has_ended);
    if (system_end(program, why, sizeof(why)) && has_ended)
        return;
    result->verdict = FAILED;
    add_detail(result, why[0] != '\0' ? why : "its process ended in the middle");
    add_detail(result, "\n");
}

/* --- What is said ------------------------------------------------------------------------ */

static void print_tap(size_t number, const struct entry *entry,
                      const struct result *result)
{
    char name[NAME_ROOM];
    const char *line = result->details;
    name_of(entry, name);
    printf("%sok %zu - %s: %s", result->verdict == FAILED ? "not " : "", number, name,
           entry->row->what);
    if (result->verdict == SKIPPED)
        printf(" # SKIP %.*s", (int)strcspn(line, "\n"), line);
    putchar('\n');
    for (; result->verdict == FAILED && *line != '\0'; line += strspn(line, "\n")) {
        int size = (int)strcspn(line, "\n");
        printf("# %.*s\n", size, line);
        line += size;
    }
    if (result->verdict == FAILED && (entry->row->flags & ROW_DOCUMENTED) != 0)
        puts("# expected by documentation alone");
}

static void print_text(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            printf("\\u%04x", (unsigned char)*text);
        else
            putchar(*text);
    }
    putchar('"');
}

static void print_json(size_t number, const struct entry *entry,
                       const struct result *result)
{
    static const char *const verdicts[] = {"held", "failed", "skipped"};
    printf("%s\n {\"interface\": \"%s\", \"row\": \"%s\", \"what\": ",
           number > 1 ? "," : "", entry->set->name, entry->row->name);
    print_text(entry->row->what);
    printf(", \"documented\": %s, \"result\": \"%s\", \"details\": ",
           (entry->row->flags & ROW_DOCUMENTED) != 0 ? "true" : "false",
           verdicts[result->verdict]);
    print_text(result->details);
    putchar('}');
}

static int run_all(const char *self)
{
    static struct result result;
    bool all_hold = true;
    if (options.json)
        putchar('[');
    else
        printf("TAP version 13\n1..%zu\n", entry_count);
    for (size_t i = 0; i < entry_count; i++) {
        try_row(self, &entries[i], &result);
        (options.json ? print_json : print_tap)(i + 1, &entries[i], &result);
        (void)fflush(stdout);
        all_hold = all_hold && result.verdict != FAILED;
    }
    if (options.json)
        puts("\n]");
    return all_hold ? 0 : 1;
}

static void list_all(void)
{
    for (size_t i = 0; i < entry_count; i++) {
        char name[NAME_ROOM];
        name_of(&entries[i], name);
        printf("%-40s %s\n", name, entries[i].row->what);
    }
}

/* --- The beginning ------------------------------------------------------------------------ */

static bool read_options(int count, char **words)
{
    enum { LIST = 1, ONLY, INTERFACE, READER, CARDLESS, DESTRUCTIVE, JSON, ROW, HELP };
    static const struct option table[] = {
        {"list", no_argument, NULL, LIST},
        {"only", required_argument, NULL, ONLY},
        {"interface", required_argument, NULL, INTERFACE},
        {"reader", required_argument, NULL, READER},
        {"cardless", no_argument, NULL, CARDLESS},
        {"destructive", no_argument, NULL, DESTRUCTIVE},
        {"json", no_argument, NULL, JSON},
        {"row", required_argument, NULL, ROW},
        {"help", no_argument, NULL, HELP},
        {NULL, 0, NULL, 0}};
    int found;
    while ((found = getopt_long(count, words, "", table, NULL)) != -1)
        switch (found) {
        case LIST:
            options.list = true;
            break;
        case ONLY:
            options.only = optarg;
            break;
        case INTERFACE:
            options.interface = optarg;
            break;
        case READER:
            options.reader = optarg;
            break;
        case CARDLESS:
            options.cardless = true;
            break;
        case DESTRUCTIVE:
            options.destroys = true;
            break;
        case JSON:
            options.json = true;
            break;
        case ROW: /* for itself */
            options.row = optarg;
            break;
        case HELP:
            usage(stdout);
            exit(0);
        default:
            return false;
        }
    options.library = words[optind];
    return options.library != NULL && words[optind + 1] == NULL;
}

int main(int count, char **words)
{
    char why[RUN_LINE_ROOM];
    if (!read_options(count, words)) {
        usage(stderr);
        return 2;
    }
    if (!system_load(options.library, why, sizeof(why))) {
        fprintf(stderr, "winscard-conform: %s\n", why);
        return 2;
    }
    collect();
    if (options.row != NULL && entry_count == 1)
        run_row(entries[0].set, entries[0].row, options.reader);
    if (entry_count == 0) {
        fprintf(stderr,
                "winscard-conform: there is no such row, or %s is neither a WinSCard "
                "nor a pcsc-lite library\n",
                options.library);
        return 2;
    }
    if (options.list)
        list_all();
    return options.list ? 0 : run_all(words[0]);
}
