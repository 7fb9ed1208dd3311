/* SPDX-License-Identifier: BSD-2-Clause */
/* How findings are shown: of each file the families, of each family the names with their
 * lines, and what to do. */
#include "cli/port/port_show.h"

#include "cli/platform.h"

#include <assert.h>
#include <string.h>

static const char *const class_names[] = {"missing", "unknown", "note"};

/* Words after an indentation, as many in a line as there is room for. */
static void print_wrapped(struct cli *cli, const char *first, const char *words)
{
    size_t room = platform_width(cli->out), column = strlen(first);
    fputs(first, cli->out);
    while (*words != '\0') {
        size_t size = strcspn(words, " ");
        if (column + size + 1 > room && column > strlen(first)) {
            fprintf(cli->out, "\n%*s", (int)strlen(first), "");
            column = strlen(first);
        }
        fprintf(cli->out, "%.*s%s", (int)size, words, words[size] != '\0' ? " " : "");
        column += size + 1;
        words += size + (words[size] != '\0' ? 1 : 0);
    }
    fputc('\n', cli->out);
}

static void print_name(struct cli *cli, const struct port_finding *finding)
{
    enum { NAME_COLUMN = 28 };
    size_t size = strlen(finding->name);
    fputs("    ", cli->out);
    text_print(cli->out, finding->name);
    fprintf(cli->out, "%*s", size < NAME_COLUMN ? (int)(NAME_COLUMN - size) : 1, "");
    fputs(finding->count > 1 ? "lines " : "line ", cli->out);
    for (uint32_t i = 0; i < finding->count && i < PORT_LINES_SHOWN; i++)
        fprintf(cli->out, "%s%u", i > 0 ? ", " : "", (unsigned)finding->lines[i]);
    if (finding->count > PORT_LINES_SHOWN)
        fprintf(cli->out, " and %u more", (unsigned)finding->count - PORT_LINES_SHOWN);
    fputc('\n', cli->out);
}

static void write_name(struct json *json, const struct port_finding *finding)
{
    json_object(json, NULL);
    json_string(json, "name", finding->name);
    json_number(json, "count", finding->count);
    json_array(json, "lines");
    for (uint32_t i = 0; i < finding->count && i < PORT_LINES_MAX; i++)
        json_number(json, NULL, finding->lines[i]);
    json_end(json);
    json_end(json);
}

static void begin_family(struct cli *cli, const struct port_family_words *family)
{
    if (!cli->json_wanted) {
        fprintf(cli->out, "  %s%s\n", family->class == PORT_NOTE ? "note: " : "",
                family->about);
        return;
    }
    json_object(&cli->json, NULL);
    json_string(&cli->json, "family", family->id);
    json_string(&cli->json, "class", class_names[family->class]);
    json_string(&cli->json, "about", family->about);
    json_string(&cli->json, "advice", family->advice);
    json_array(&cli->json, "names");
}

static void end_family(struct cli *cli, const struct port_family_words *family)
{
    if (!cli->json_wanted) {
        print_wrapped(cli, "    -> ", family->advice);
        return;
    }
    json_end(&cli->json);
    json_end(&cli->json);
}

static void show_family(struct cli *cli, const struct port_report *report,
                        enum port_family family)
{
    const struct port_family_words *words = &port_families[family];
    assert(words->class <= PORT_NOTE);
    bool begun = false;
    for (size_t i = 0; i < report->count; i++) {
        if (report->findings[i].family != family)
            continue;
        if (!begun)
            begin_family(cli, words);
        begun = true;
        if (cli->json_wanted)
            write_name(&cli->json, &report->findings[i]);
        else
            print_name(cli, &report->findings[i]);
    }
    if (begun)
        end_family(cli, words);
}

/* Counts each name once, in how many files it may be. */
static void count_findings(const struct port_report *report, struct port_totals *totals,
                           bool has[PORT_NOTE + 1])
{
    for (size_t i = 0; i < report->count; i++) {
        const struct port_finding *finding = &report->findings[i];
        enum port_class class = port_families[finding->family].class;
        size_t before = totals->counted.count;
        has[class] = true;
        /* Without memory for one more it counts again: the sum is for people. */
        if (!port_map_put(&totals->counted, finding->name, strlen(finding->name), 0)
            || totals->counted.count > before)
            totals->names[class]++;
        if (class == PORT_MISSING && !totals->seen[finding->family])
            totals->families++;
        totals->seen[finding->family] = true;
    }
}

static void show_report(struct cli *cli, const char *path,
                        const struct port_report *report)
{
    if (!cli->json_wanted && report->count > 0) {
        text_print(cli->out, path);
        fputc('\n', cli->out);
    }
    if (cli->json_wanted)
        json_array(&cli->json, "families");
    for (unsigned family = 0; family < PORT_FAMILIES; family++)
        show_family(cli, report, (enum port_family)family);
    if (cli->json_wanted)
        json_end(&cli->json);
    if (cli->json_wanted && report->beyond > 0)
        json_number(&cli->json, "beyond", report->beyond);
    else if (report->beyond > 0)
        fprintf(cli->out, "  and %lu uses of more names than are listed here\n",
                (unsigned long)report->beyond);
}

void port_show_file(struct cli *cli, const char *path, const char *wrong,
                    const struct port_report *report, struct port_totals *totals)
{
    bool has[PORT_NOTE + 1] = {false};
    assert(wrong != NULL || report->count <= PORT_FINDINGS_MAX);
    totals->files++;
    if (cli->json_wanted) {
        json_object(&cli->json, NULL);
        json_string(&cli->json, "file", path);
    }
    if (wrong == NULL) {
        count_findings(report, totals, has);
        show_report(cli, path, report);
    } else if (cli->json_wanted) {
        json_string(&cli->json, "error", wrong);
    }
    if (cli->json_wanted)
        json_end(&cli->json);
    totals->unreadable += wrong != NULL ? 1 : 0;
    totals->changed += has[PORT_MISSING] ? 1 : 0;
    totals->doubtful += has[PORT_UNKNOWN_CLASS] && !has[PORT_MISSING] ? 1 : 0;
}

static const char *plural(size_t count, const char *one, const char *more)
{
    return count == 1 ? one : more;
}

/* "2 need nothing, 1 needs changes" */
static void add_part(struct text *text, const char *between, size_t count,
                     const char *one, const char *more)
{
    if (count > 0)
        text_add(text, "%s%lu %s", text->size > 0 ? between : "", (unsigned long)count,
                 plural(count, one, more));
}

static void print_totals(struct cli *cli, const struct port_totals *totals)
{
    char files[200], names[200];
    struct text text;
    assert(totals->files >= totals->changed + totals->doubtful + totals->unreadable);
    size_t fine = totals->files - totals->changed - totals->doubtful - totals->unreadable;
    text_start(&text, files, sizeof files);
    add_part(&text, ", ", fine, "needs nothing", "need nothing");
    add_part(&text, ", ", totals->changed, "needs changes", "need changes");
    add_part(&text, ", ", totals->doubtful, "is to be looked at", "are to be looked at");
    add_part(&text, ", ", totals->unreadable, "cannot be read", "cannot be read");
    text_start(&text, names, sizeof names);
    add_part(&text, "", totals->names[PORT_MISSING], "name", "names");
    add_part(&text, " in ", totals->families, "family", "families");
    add_part(&text, ", ", totals->names[PORT_UNKNOWN_CLASS], "that nobody here knows",
             "that nobody here knows");
    fprintf(cli->out, "%lu %s: %s%s%s\n", (unsigned long)totals->files,
            plural(totals->files, "file", "files"), files, text.size > 0 ? ": " : "",
            names);
}

void port_show_totals(struct cli *cli, const struct port_totals *totals)
{
    if (!cli->json_wanted) {
        print_totals(cli, totals);
        return;
    }
    json_number(&cli->json, "file_count", totals->files);
    json_number(&cli->json, "changed", totals->changed);
    json_number(&cli->json, "doubtful", totals->doubtful);
    json_number(&cli->json, "unreadable", totals->unreadable);
    json_number(&cli->json, "missing_names", totals->names[PORT_MISSING]);
    json_number(&cli->json, "unknown_names", totals->names[PORT_UNKNOWN_CLASS]);
}
