/* SPDX-License-Identifier: BSD-2-Clause */
/* scard db import and export. */
#include "cli/db/db.h"
#include "cli/platform.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PASSED_MAX = 100, FIRST_ROOM = 65536 };

/* Bytes that grow. */
struct bytes {
    uint8_t *at; /* owned */
    size_t size, room;
    bool failed; /* no memory */
};

/* Room for `more` bytes behind the last. */
static bool reserve_bytes(struct bytes *bytes, size_t more)
{
    size_t room = bytes->room != 0 ? bytes->room : FIRST_ROOM;
    assert(bytes->size <= bytes->room);
    while (room - bytes->size < more && room <= SIZE_MAX / 2)
        room *= 2;
    if (room - bytes->size < more)
        return false;
    if (room == bytes->room)
        return true;
    uint8_t *at = realloc(bytes->at, room);
    if (at == NULL)
        return false;
    bytes->at = at;
    bytes->room = room;
    return true;
}

/* --- import ------------------------------------------------------------------------- */

struct passed {
    uint32_t line;
    char key[120];
};

/* The first keys that do not belong to the database. */
struct passed_over {
    struct passed at[PASSED_MAX];
    size_t count; /* of all */
};

static void note_skipped_key(void *context, uint32_t line, const char *key)
{
    struct passed_over *passed = context;
    if (passed->count < PASSED_MAX) {
        struct text text;
        struct passed *to = &passed->at[passed->count];
        to->line = line;
        text_start(&text, to->key, sizeof(to->key));
        text_add(&text, "%s", key);
    }
    passed->count++;
}

static int read_all(struct db *db, FILE *file, const char *name, struct bytes *bytes)
{
    size_t got = 1;
    while (got > 0 && bytes->size <= DATABASE_FILE_MAX) {
        if (!reserve_bytes(bytes, FIRST_ROOM))
            return cli_fail(db->cli, db_code(SC_E_NO_MEMORY), "cannot read %s", name);
        got = fread(bytes->at + bytes->size, 1, FIRST_ROOM, file);
        bytes->size += got;
    }
    if (ferror(file))
        return cli_fail_plain(db->cli, CLI_FAILED, "cannot read %s: %s", name,
                              strerror(errno));
    if (bytes->size > DATABASE_FILE_MAX)
        return cli_fail_plain(db->cli, CLI_FAILED, "%s is longer than %d MiB", name,
                              DATABASE_FILE_MAX / (1024 * 1024));
    return CLI_OK;
}

static int read_reg_file(struct db *db, const char *name, struct bytes *bytes)
{
    if (strcmp(name, "-") == 0) {
        platform_set_binary(db->cli->in);
        return read_all(db, db->cli->in, "the standard input", bytes);
    }
    FILE *file = fopen(name, "rb");
    if (file == NULL)
        return cli_fail_plain(db->cli, CLI_FAILED, "cannot open %s: %s", name,
                              strerror(errno));
    int code = read_all(db, file, name, bytes);
    fclose(file);
    return code;
}

static void write_import(struct json *json, const struct database_import *import,
                         const struct passed_over *passed)
{
    json_number(json, "cards", import->cards);
    json_number(json, "readers", import->readers);
    json_number(json, "removed", import->removed);
    json_number(json, "passed_over_count", passed->count);
    json_array(json, "passed_over");
    for (size_t i = 0; i < passed->count && i < PASSED_MAX; i++) {
        json_object(json, NULL);
        json_number(json, "line", passed->at[i].line);
        json_string(json, "key", passed->at[i].key);
        json_end(json);
    }
    json_end(json);
}

static void print_import(struct db *db, const struct database_import *import,
                         const struct passed_over *passed)
{
    FILE *out = db->cli->out;
    fprintf(out, "imported into the %s database: %u card type%s, %u reader%s",
            db_layer_name((enum database_layer)db->scope), (unsigned)import->cards,
            import->cards == 1 ? "" : "s", (unsigned)import->readers,
            import->readers == 1 ? "" : "s");
    if (import->removed > 0)
        fprintf(out, "; %u key%s removed", (unsigned)import->removed,
                import->removed == 1 ? "" : "s");
    fputc('\n', out);
    for (size_t i = 0; i < passed->count && i < PASSED_MAX; i++) {
        fprintf(out, "skipped, line %u: ", (unsigned)passed->at[i].line);
        text_print(out, passed->at[i].key);
        fputc('\n', out);
    }
    if (passed->count > PASSED_MAX)
        fprintf(out, "skipped: %u more keys\n", (unsigned)(passed->count - PASSED_MAX));
}

static int import_bytes(struct db *db, const char *name, const struct bytes *bytes,
                        struct passed_over *passed)
{
    struct database_import import = {.pass_over = note_skipped_key, .context = passed};
    enum sc_error error = database_import(db->scope, bytes->at, bytes->size, &import);
    if (error != SC_OK && import.reason != NULL)
        return cli_fail_short(db->cli, db_code(error),
                              "%s, line %u: %s; nothing was imported", name,
                              (unsigned)import.line, import.reason);
    if (error != SC_OK)
        return db_fail_write(db, error, name);
    if (db->cli->json_wanted)
        write_import(&db->cli->json, &import, passed);
    else
        print_import(db, &import, passed);
    /* A file about something else was given by mistake. */
    return import.cards + import.readers + import.removed == 0 ? CLI_NEGATIVE : CLI_OK;
}

int db_import(struct db *db)
{
    struct bytes bytes = {.at = NULL};
    const char *name = db->arguments[0];
    struct passed_over *passed = calloc(1, sizeof(*passed));
    int code = CLI_OK;
    if (passed == NULL)
        code = cli_fail(db->cli, db_code(SC_E_NO_MEMORY), "cannot import");
    if (code == CLI_OK)
        code = read_reg_file(db, name, &bytes);
    if (code == CLI_OK)
        code = import_bytes(db, strcmp(name, "-") == 0 ? "the standard input" : name,
                            &bytes, passed);
    free(passed);
    free(bytes.at);
    return code;
}

/* --- export ------------------------------------------------------------------------- */

/* Writers would wait for the program that reads our output: it is kept until the end. */
static void keep_export(void *context, const char *text, size_t size)
{
    struct bytes *bytes = context;
    bytes->failed = bytes->failed || !reserve_bytes(bytes, size);
    if (bytes->failed)
        return;
    memcpy(bytes->at + bytes->size, text, size);
    bytes->size += size;
}

static int write_file(struct db *db, const char *name, const struct bytes *bytes)
{
    if (name == NULL || strcmp(name, "-") == 0) {
        platform_set_binary(db->cli->out);
        fwrite(bytes->at, 1, bytes->size, db->cli->out); /* its errors are seen later */
        return CLI_OK;
    }
    FILE *file = fopen(name, "wb");
    if (file == NULL)
        return cli_fail_plain(db->cli, CLI_OUTPUT, "cannot write %s: %s", name,
                              strerror(errno));
    bool written = fwrite(bytes->at, 1, bytes->size, file) == bytes->size;
    int reason = errno;
    if (fclose(file) != 0) {
        reason = written ? errno : reason;
        written = false;
    }
    if (!written)
        return cli_fail_plain(db->cli, CLI_OUTPUT, "cannot write %s: %s", name,
                              strerror(reason));
    return CLI_OK;
}

int db_export(struct db *db)
{
    struct cli *cli = db->cli;
    struct bytes bytes = {.at = NULL};
    const char *name = db->arguments[0];
    if (cli->json_wanted)
        return cli_fail_plain(cli, CLI_USAGE, "export writes a .reg file, no JSON");
    /* On a terminal there are people. */
    bool utf8 = cli->options.given[DB_OPTION_UTF8]
                || (name == NULL && platform_is_terminal(cli->out));
    enum sc_error error = database_export(
        db->scope, utf8 ? DATABASE_UTF8 : DATABASE_UTF16, keep_export, &bytes);
    if (error == SC_OK && bytes.failed)
        error = SC_E_NO_MEMORY;
    int code = error == SC_OK ? write_file(db, name, &bytes)
                              : db_fail_read(db, (enum database_layer)db->scope, error);
    free(bytes.at);
    return code;
}
