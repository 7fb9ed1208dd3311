/* SPDX-License-Identifier: BSD-2-Clause */
/* scard db readers, groups and what changes them. */
#include "cli/db/db.h"

#include "base/multistring.h"

#include <stdlib.h>
#include <string.h>

/* --- What there is ------------------------------------------------------------------ */

struct reader {
    char *name, *device, *groups; /* in one piece of memory */
    enum database_layer layer;
};

struct readers {
    struct reader *at; /* owned */
    size_t count, room;
    enum database_layer layer; /* that is being read */
};

static void readers_clear(struct readers *readers)
{
    for (size_t i = 0; i < readers->count; i++)
        free(readers->at[i].name);
    free(readers->at);
}

static enum sc_error add_reader_row(void *context, const struct database_reader *from)
{
    struct readers *readers = context;
    size_t name = strlen(from->name) + 1, device = strlen(from->device) + 1;
    size_t groups = multistring_size(from->groups, sizeof(from->groups));
    if (readers->count == readers->room) {
        size_t room = readers->room != 0 ? 2 * readers->room : 16;
        struct reader *at = realloc(readers->at, room * sizeof(*at));
        if (at == NULL)
            return SC_E_NO_MEMORY;
        readers->at = at;
        readers->room = room;
    }
    struct reader *to = &readers->at[readers->count];
    to->name = malloc(name + device + groups);
    if (to->name == NULL)
        return SC_E_NO_MEMORY;
    readers->count++;
    to->device = to->name + name;
    to->groups = to->device + device;
    to->layer = readers->layer;
    memcpy(to->name, from->name, name);
    memcpy(to->device, from->device, device);
    memcpy(to->groups, from->groups, groups);
    return SC_OK;
}

static int readers_collect(struct db *db, struct readers *readers)
{
    int code = CLI_OK;
    for (int layer = 0; layer < DATABASE_LAYERS; layer++) {
        enum sc_error error = SC_OK;
        readers->layer = (enum database_layer)layer;
        if (db->looked[layer])
            error = database_each_reader(readers->layer, add_reader_row, readers);
        if (error != SC_OK) /* and the others all the same */
            code = db_fail_read(db, readers->layer, error);
    }
    return code;
}

static bool is_in(const struct reader *reader, const char *group)
{
    const char *at = NULL;
    while ((at = multistring_next(reader->groups, at)) != NULL)
        if (database_same_name(at, group))
            return true;
    return false;
}

/* --- readers ------------------------------------------------------------------------ */

static void print_groups(struct cli *cli, const struct reader *reader)
{
    const char *group = NULL;
    while ((group = multistring_next(reader->groups, group)) != NULL) {
        fputs("  group        ", cli->out);
        text_print(cli->out, group);
        fputc('\n', cli->out);
    }
}

static void print_reader_row(struct cli *cli, const struct reader *reader)
{
    text_print(cli->out, reader->name);
    fputc('\n', cli->out);
    if (cli->options.given[DB_OPTION_NAMES])
        return;
    fprintf(cli->out, "  source       %s\n", db_layer_name(reader->layer));
    if (reader->device[0] != '\0') {
        fputs("  device       ", cli->out);
        text_print(cli->out, reader->device);
        fputc('\n', cli->out);
    }
    print_groups(cli, reader);
}

static void write_reader_row(struct json *json, const struct reader *reader)
{
    const char *group = NULL;
    json_object(json, NULL);
    json_string(json, "name", reader->name);
    json_string(json, "source", db_layer_name(reader->layer));
    if (reader->device[0] != '\0')
        json_string(json, "device", reader->device);
    json_array(json, "groups");
    while ((group = multistring_next(reader->groups, group)) != NULL)
        json_string(json, NULL, group);
    json_end(json);
    json_end(json);
}

int db_readers(struct db *db)
{
    struct cli *cli = db->cli;
    struct readers readers = {.at = NULL};
    const char *group = db->arguments[0];
    size_t printed = 0;
    int code = readers_collect(db, &readers);
    if (cli->json_wanted)
        json_array(&cli->json, "readers");
    for (size_t i = 0; i < readers.count; i++) {
        if (group != NULL && !is_in(&readers.at[i], group))
            continue;
        if (cli->json_wanted)
            write_reader_row(&cli->json, &readers.at[i]);
        else
            print_reader_row(cli, &readers.at[i]);
        printed++;
    }
    readers_clear(&readers);
    if (code == CLI_OK && printed == 0)
        db_say_none(db, group != NULL ? "No reader is in this group."
                                      : "No reader has been given a name or a group.");
    return code == CLI_OK && printed == 0 ? CLI_NEGATIVE : code;
}

/* --- groups ------------------------------------------------------------------------- */

static void print_listed_name(struct cli *cli, const char *before, const char *name)
{
    if (cli->json_wanted) {
        json_string(&cli->json, NULL, name);
        return;
    }
    fputs(before, cli->out);
    text_print(cli->out, name);
    fputc('\n', cli->out);
}

/* A group, from the first reader that is in it on. */
static void print_group(struct cli *cli, const struct readers *readers, size_t first,
                        const char *group)
{
    if (cli->json_wanted) {
        json_object(&cli->json, NULL);
        json_string(&cli->json, "name", group);
        json_array(&cli->json, "readers");
    } else {
        print_listed_name(cli, "", group);
    }
    for (size_t i = first; i < readers->count; i++) {
        bool twice = false; /* in the user's database and in the system's */
        for (size_t j = first; j < i; j++)
            twice = twice
                    || (database_same_name(readers->at[j].name, readers->at[i].name)
                        && is_in(&readers->at[j], group));
        if (!twice && is_in(&readers->at[i], group))
            print_listed_name(cli, "  ", readers->at[i].name);
    }
    if (cli->json_wanted) {
        json_end(&cli->json);
        json_end(&cli->json);
    }
}

static bool was_before(const struct readers *readers, size_t end, const char *group)
{
    for (size_t i = 0; i < end; i++)
        if (is_in(&readers->at[i], group))
            return true;
    return false;
}

int db_groups(struct db *db)
{
    struct cli *cli = db->cli;
    struct readers readers = {.at = NULL};
    size_t printed = 0;
    int code = readers_collect(db, &readers);
    if (cli->json_wanted)
        json_array(&cli->json, "groups");
    for (size_t i = 0; i < readers.count; i++) {
        const char *group = NULL;
        while ((group = multistring_next(readers.at[i].groups, group)) != NULL)
            if (!was_before(&readers, i, group)) {
                print_group(cli, &readers, i, group);
                printed++;
            }
    }
    readers_clear(&readers);
    if (code == CLI_OK && printed == 0)
        db_say_none(db, "There is no group.");
    return code == CLI_OK && printed == 0 ? CLI_NEGATIVE : code;
}

/* --- Changes ------------------------------------------------------------------------ */

int db_add_reader(struct db *db)
{
    const char *name = db->arguments[0];
    const char *device = db->cli->options.value[DB_OPTION_DEVICE];
    if (device == NULL || *device == '\0')
        return cli_fail_plain(db->cli, CLI_USAGE,
                              "--device is missing (SCARD_ATTR_DEVICE_SYSTEM_NAME of "
                              "scard features)");
    if (strlen(device) >= DATABASE_VALUE_MAX)
        return cli_fail_plain(db->cli, CLI_USAGE, "--device has more than %d bytes",
                              DATABASE_VALUE_MAX - 1);
    enum sc_error error = database_add_reader(db->scope, name, device);
    if (error != SC_OK)
        return db_fail_write(db, error, name);
    db_say_done(db, "added", name, "to");
    return CLI_OK;
}

int db_remove_reader(struct db *db)
{
    const char *name = db->arguments[0];
    enum sc_error error = database_remove_reader(db->scope, name);
    if (error != SC_OK)
        return db_fail_write(db, error, name);
    db_say_done(db, "removed", name, "from");
    return CLI_OK;
}

/* `reader` NULL: the whole group. */
static int change_group(struct db *db, enum sc_error error, const char *reader,
                        const char *group, const char *verb)
{
    char where[DATABASE_NAME_MAX + 32];
    struct text text;
    if (error == SC_E_INVALID_VALUE && database_is_system_group(group))
        return cli_fail_short(db->cli, db_code(error),
                              "the group %s is the system's own, and cannot be changed",
                              group);
    if (error != SC_OK)
        return db_fail_write(db, error, reader != NULL ? reader : group);
    text_start(&text, where, sizeof(where));
    if (reader != NULL)
        text_add(&text, "%s group %s in", verb[0] == 'a' ? "to" : "from", group);
    else
        text_add(&text, "from");
    db_say_done(db, verb, reader != NULL ? reader : group, where);
    return CLI_OK;
}

int db_add_to_group(struct db *db)
{
    const char *reader = db->arguments[0], *group = db->arguments[1];
    return change_group(db, database_add_to_group(db->scope, reader, group), reader,
                        group, "added");
}

int db_remove_from_group(struct db *db)
{
    const char *reader = db->arguments[0], *group = db->arguments[1];
    return change_group(db, database_remove_from_group(db->scope, reader, group), reader,
                        group, "removed");
}

int db_remove_group(struct db *db)
{
    const char *group = db->arguments[0];
    return change_group(db, database_remove_group(db->scope, group), NULL, group,
                        "removed");
}
