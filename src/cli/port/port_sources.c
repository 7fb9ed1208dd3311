/* SPDX-License-Identifier: BSD-2-Clause */
/* How files are found: in folders, and by the #include lines of others. */
#include "cli/port/port_sources.h"

#include "cli/platform.h"
#include "cli/port/port_own.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 4096 }; /* that platform_directory() looks at */

static void fail_memory(struct port_sources *sources)
{
    sources->code = cli_fail_plain(sources->cli, CLI_FAILED,
                                   "more memory or more names than there may be");
}

/* --- paths -------------------------------------------------------------------------- */

/* Takes the last folder of a path that ends in / away. False: there is none. */
static bool go_up(struct text *path)
{
    size_t size = path->size > 1 ? path->size - 1 : 0;
    size_t from = size;
    while (from > 0 && path->at[from - 1] != '/')
        from--;
    const char *part = path->at + from;
    if (size == from || memcmp(part, "./", 2) == 0 || memcmp(part, "../", 3) == 0)
        return false;
    path->size = from;
    path->at[from] = '\0';
    return true;
}

/* "." goes, and ".." with the folder before it. False: it is too long. */
static bool plain_path(const char *folder, size_t folder_size, const char *name,
                       char path[PORT_PATH_MAX])
{
    struct text text;
    text_start(&text, path, PORT_PATH_MAX);
    if (folder_size > 0)
        text_add(&text, "%.*s/", (int)folder_size, folder);
    for (const char *next = name; next != NULL; name = next) {
        next = strchr(name, '/');
        size_t size = next != NULL ? (size_t)(++next - name) : strlen(name);
        bool here = size == 2 && memcmp(name, "./", 2) == 0;
        bool up = size == 3 && memcmp(name, "../", 3) == 0;
        if (!here && (!up || !go_up(&text)))
            text_add(&text, "%.*s", (int)size, name);
        if (text.size + 1 == PORT_PATH_MAX)
            return false;
    }
    return text.size > 0;
}

static size_t folder_size(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) : 0;
}

bool port_header_name(const char *name, size_t size, char header[PORT_NAME_MAX + 1])
{
    if (size == 0 || size > PORT_NAME_MAX)
        return false;
    memcpy(header, name, size);
    header[size] = '\0';
    for (size_t i = 0; i < size; i++)
        if (header[i] == '\\')
            header[i] = '/';
    return true;
}

/* --- the list ----------------------------------------------------------------------- */

/* The last one, two and three parts of a path, by which other files may include it. */
static bool add_ends(struct port_sources *sources, const char *path, uint32_t index)
{
    const char *at = path + strlen(path);
    for (unsigned parts = 0; parts < 3 && at > path; parts++) {
        for (at--; at > path && at[-1] != '/'; at--) {
        }
        if (!port_map_put(&sources->ends, at, strlen(at), index))
            return false;
    }
    return true;
}

static void add_file(struct port_sources *sources, const char *path, bool own)
{
    size_t size = strlen(path);
    if (port_map_find(&sources->paths, path, size) != NULL || sources->code != CLI_OK)
        return;
    if (sources->count == PORT_FILES_MAX) {
        sources->code = cli_fail_plain(sources->cli, CLI_FAILED, "more than %d files",
                                       PORT_FILES_MAX);
        return;
    }
    if (sources->count == sources->room) {
        size_t room = sources->room != 0 ? sources->room * 2 : 64;
        struct port_source *more = realloc(sources->at, room * sizeof(*more));
        if (more == NULL) {
            fail_memory(sources);
            return;
        }
        sources->at = more;
        sources->room = room;
    }
    assert(sources->count < sources->room);
    char *copy = malloc(size + 1);
    uint32_t index = (uint32_t)sources->count;
    if (copy == NULL || !port_map_put(&sources->paths, path, size, index)
        || (own && !add_ends(sources, path, index))) {
        free(copy);
        fail_memory(sources);
        return;
    }
    memcpy(copy, path, size + 1);
    sources->at[sources->count++] = (struct port_source){copy, own, false};
}

/* --- folders ------------------------------------------------------------------------ */

/* Folders that are yet to be looked at; a file is added at once. */
struct pending {
    struct port_sources *sources;
    char **folders; /* owned, each with its depth as its first byte */
    size_t count, room;
    const char *folder;
    unsigned depth, entries;
};

static void push_folder(struct pending *pending, const char *path, unsigned depth)
{
    size_t size = strlen(path);
    char *copy = malloc(size + 2);
    if (pending->count == pending->room) {
        size_t room = pending->room != 0 ? pending->room * 2 : 16;
        char **more = realloc(pending->folders, room * sizeof(*more));
        if (more != NULL) {
            pending->folders = more;
            pending->room = room;
        }
    }
    if (copy == NULL || pending->count == pending->room) {
        free(copy);
        fail_memory(pending->sources);
        return;
    }
    copy[0] = (char)depth;
    memcpy(copy + 1, path, size + 1);
    pending->folders[pending->count++] = copy;
}

static bool same_letters(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && text_contains(a, b);
}

static bool is_source_name(const char *name)
{
    static const char *const ends[] = {".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".hxx"};
    const char *dot = strrchr(name, '.');
    if (dot == NULL || dot == name)
        return false;
    for (size_t i = 0; i < TEXT_COUNT(ends); i++)
        if (same_letters(dot, ends[i]))
            return true;
    return false;
}

static void take_folder_entry(void *context, const char *name)
{
    struct pending *pending = context;
    char path[PORT_PATH_MAX];
    struct text text;
    pending->entries++;
    text_start(&text, path, sizeof path);
    text_add(&text, "%s/%s", pending->folder, name);
    if (name[0] == '.' || pending->sources->code != CLI_OK)
        return;
    if (text.size + 1 == sizeof path) {
        (void)cli_fail_plain(pending->sources->cli, CLI_FAILED,
                             "%s: the path is too long", path);
        return;
    }
    /* A link to a folder may lead back to where one comes from. */
    enum platform_file_kind kind = platform_file_kind(path);
    if (kind == PLATFORM_FOLDER && pending->depth < PORT_DEPTH_MAX)
        push_folder(pending, path, pending->depth + 1);
    else if (kind == PLATFORM_FOLDER)
        (void)cli_fail_plain(pending->sources->cli, CLI_FAILED,
                             "%s: more than %d folders deep", path, PORT_DEPTH_MAX);
    else if (kind == PLATFORM_FILE && is_source_name(name))
        add_file(pending->sources, path, true);
}

static void add_folder(struct port_sources *sources, const char *path)
{
    struct pending pending = {.sources = sources};
    size_t size = strlen(path);
    char start[PORT_PATH_MAX];
    struct text text;
    text_start(&text, start, sizeof start);
    text_add(&text, "%.*s", (int)(size > 1 && path[size - 1] == '/' ? size - 1 : size),
             path);
    push_folder(&pending, start, 0);
    while (pending.count > 0) {
        char *folder = pending.folders[--pending.count];
        pending.folder = folder + 1;
        pending.depth = (unsigned char)folder[0];
        pending.entries = 0;
        if (sources->code == CLI_OK
            && !platform_directory(pending.folder, take_folder_entry, &pending))
            (void)cli_fail_plain(sources->cli, CLI_FAILED, "cannot read the folder %s",
                                 pending.folder);
        if (pending.entries == ENTRIES_MAX)
            (void)cli_fail_plain(sources->cli, CLI_FAILED,
                                 "%s: only the first %d entries were looked at",
                                 pending.folder, ENTRIES_MAX);
        free(folder);
    }
    free(pending.folders);
}

/* --- headers ------------------------------------------------------------------------ */

static bool has_header(const char *path)
{
    return platform_file_kind(path) == PLATFORM_FILE;
}

struct spelling {
    const char *name;
    bool found;
};

static void compare_entry(void *context, const char *name)
{
    struct spelling *spelling = context;
    spelling->found = spelling->found || same_letters(name, spelling->name);
}

/* Whether a path that is not there has a neighbour that differs in small and capital
 * letters alone. */
static bool is_spelled(const char *path)
{
    char folder[PORT_PATH_MAX];
    struct spelling spelling = {path + folder_size(path), false};
    struct text text;
    text_start(&text, folder, sizeof folder);
    text_add(&text, "%.*s", (int)folder_size(path), path);
    if (spelling.name != path)
        spelling.name++;
    return platform_directory(text.size > 0 ? folder : ".", compare_entry, &spelling)
           && spelling.found;
}

enum port_found port_sources_find(const struct port_sources *sources, const char *from,
                                  const char *name, bool quoted, char path[PORT_PATH_MAX])
{
    bool spelled = false;
    if (name[0] == '/')
        return plain_path("", 0, name, path) && has_header(path) ? PORT_FOUND
                                                                 : PORT_FOUND_NOT;
    if (quoted && plain_path(from, folder_size(from), name, path)) {
        if (has_header(path))
            return PORT_FOUND;
        spelled = is_spelled(path);
    }
    for (size_t i = 0; i < sources->folder_count; i++)
        if (plain_path(sources->folders[i], strlen(sources->folders[i]), name, path)) {
            if (has_header(path))
                return PORT_FOUND;
            spelled = spelled || is_spelled(path);
        }
    const struct port_map_entry *end = port_map_find(&sources->ends, name, strlen(name));
    if (end != NULL) {
        struct text text;
        text_start(&text, path, PORT_PATH_MAX);
        text_add(&text, "%s", sources->at[end->value].path);
        return PORT_FOUND;
    }
    for (unsigned i = 0; platform_header_folder(i) != NULL; i++) {
        const char *folder = platform_header_folder(i);
        if (plain_path(folder, strlen(folder), name, path) && has_header(path))
            return PORT_FOUND_SYSTEM;
    }
    return spelled ? PORT_FOUND_SPELLED : PORT_FOUND_NOT;
}

/* --- what they define --------------------------------------------------------------- */

struct includer {
    struct port_sources *sources;
    size_t index; /* of the file that includes */
};

static void follow_include(void *context, const char *name, size_t size, bool quoted)
{
    struct includer *includer = context;
    struct port_sources *sources = includer->sources;
    char header[PORT_NAME_MAX + 1], path[PORT_PATH_MAX];
    if (!port_header_name(name, size, header))
        return;
    /* A file of the program may have the name of one of Windows'. */
    enum port_family family = port_known_header(&sources->known, header);
    if (family == PORT_FAMILY_NONE && !quoted) {
        sources->windows = sources->windows || port_is_our_header(header, true);
        return;
    }
    enum port_found found = port_sources_find(sources, sources->at[includer->index].path,
                                              header, quoted, path);
    bool own = sources->at[includer->index].own;
    if (found == PORT_FOUND || found == PORT_FOUND_SYSTEM)
        add_file(sources, path, own && found == PORT_FOUND);
    else if (port_is_our_header(header, true))
        sources->windows = true;
    else if (own
             && (family == PORT_FAMILY_unknown_header
                 || family == PORT_FAMILY_precompiled))
        sources->incomplete = true;
}

/* Says why a file that was given cannot be read. */
static void fail_source(struct port_sources *sources, struct port_source *source,
                        const char *wrong)
{
    source->failed = true;
    if (source->own)
        (void)cli_fail_plain(sources->cli, CLI_FAILED, "%s: %s", source->path, wrong);
}

static void read_names(struct port_sources *sources, size_t index)
{
    struct includer includer = {sources, index};
    struct port_text text;
    const char *path = sources->at[index].path; /* stays where it is as the list grows */
    const char *wrong = port_text_read(path, &text);
    if (wrong != NULL) {
        fail_source(sources, &sources->at[index], wrong);
        return;
    }
    struct port_file file = {path, &text, &sources->defined};
    if (!port_own_add(&sources->own, &file, follow_include, &includer)
        && sources->code == CLI_OK)
        fail_memory(sources);
    port_text_clear(&text);
}

static void take_arguments(struct port_sources *sources)
{
    const struct options *options = &sources->cli->options;
    for (size_t i = 0; i < options->positional_count; i++) {
        char *argument = options->positional[i];
        enum platform_file_kind kind = platform_file_kind(argument);
        platform_plain_path(argument);
        if (strlen(argument) >= PORT_PATH_MAX)
            (void)cli_fail_plain(sources->cli, CLI_FAILED, "%s: the path is too long",
                                 argument);
        else if (kind == PLATFORM_FOLDER || kind == PLATFORM_FOLDER_LINK)
            add_folder(sources, argument);
        else
            add_file(sources, argument, true);
    }
}

/* -I DIR, -D NAME, -D NAME=VALUE */
static void take_port_option(struct port_sources *sources,
                             const struct option_value *option)
{
    size_t size = strcspn(option->text, "=");
    uint32_t value = 1;
    if (option->id == PORT_OPTION_INCLUDE) {
        assert(sources->folder_count < OPTION_VALUES_MAX);
        sources->folders[sources->folder_count++] = option->text;
        return;
    }
    if (option->text[size] != '\0')
        value = (uint32_t)strtoul(option->text + size + 1, NULL, 0);
    if (!port_map_put(&sources->defined, option->text, size, value))
        fail_memory(sources);
}

void port_sources_start(struct port_sources *sources, struct cli *cli)
{
    *sources = (struct port_sources){.cli = cli, .code = CLI_OK};
    if (!port_known_start(&sources->known)) {
        fail_memory(sources);
        return;
    }
    for (size_t i = 0; i < cli->options.value_count; i++)
        take_port_option(sources, &cli->options.values[i]);
    take_arguments(sources);
    for (size_t i = 0; i < sources->count && sources->code == CLI_OK; i++)
        read_names(sources, i);
    assert(sources->count <= PORT_FILES_MAX);
}

void port_sources_clear(struct port_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        free(sources->at[i].path);
    free(sources->at);
    port_map_clear(&sources->paths);
    port_map_clear(&sources->ends);
    port_map_clear(&sources->own);
    port_map_clear(&sources->defined);
    port_known_clear(&sources->known);
    *sources = (struct port_sources){.cli = NULL};
}
