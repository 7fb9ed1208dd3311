/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of scard db: which file it is about, and what is wrong with it. */
#include "cli/db/db.h"

#include "base/log.h"
#include "cli/api.h"
#include "cli/errors.h"

#include <string.h>

/* The log has no context of its own. */
static struct cli *log_cli;
static char last_words[LOG_LINE_MAX];

static void take_line(enum log_level level, const char *line)
{
    (void)level;
    static const char own[] = "database of the ";
    const char *words = strstr(line, ": ");
    if (strncmp(line, own, sizeof(own) - 1) == 0 && words != NULL) {
        struct text text;
        text_start(&text, last_words, sizeof(last_words));
        text_add(&text, "%s", words + 2);
        return;
    }
    fputs("scard: ", log_cli->err);
    text_print(log_cli->err, line);
    fputc('\n', log_cli->err);
}

void db_log_begin(struct cli *cli)
{
    log_cli = cli;
    last_words[0] = '\0';
    log_set_sink(take_line);
    log_set_level(LOG_ERROR);
}

uint32_t db_code(enum sc_error error)
{
    return error == SC_OK ? (uint32_t)SCARD_S_SUCCESS : 0x80100000U | (uint32_t)error;
}

const char *db_layer_name(enum database_layer layer)
{
    return layer == DATABASE_LAYER_USER     ? "user"
           : layer == DATABASE_LAYER_SYSTEM ? "system"
                                            : "package";
}

/* Why a file cannot be used, in words that follow a colon. */
static const char *file_trouble_words(enum sc_error error, bool written)
{
    if (error == SC_F_INTERNAL_ERROR)
        return last_words[0] != '\0' ? last_words : "it is damaged";
    if (error == SC_E_SERVER_TOO_BUSY)
        return "another program has been writing to it for 5 seconds";
    if (error == SC_E_NO_ACCESS)
        return written ? "there is no right to write it, or its directory"
                       : "there is no right to read it";
    return error_words(db_code(error));
}

static int fail_file(struct db *db, enum database_scope scope, enum sc_error error,
                     bool written)
{
    char path[DATABASE_PATH_MAX];
    const char *owner = db_layer_name((enum database_layer)scope);
    if (error == SC_E_UNSUPPORTED_FEATURE)
        return cli_fail_short(db->cli, db_code(error),
                              "this build has no database that can be written");
    if (!database_get_path(scope, path))
        return cli_fail_short(db->cli, db_code(error),
                              "this user has no home directory to keep a database in");
    return cli_fail_short(db->cli, db_code(error), "cannot %s the %s database %s: %s",
                          written ? "write" : "read", owner, path,
                          file_trouble_words(error, written));
}

int db_fail_read(struct db *db, enum database_layer layer, enum sc_error error)
{
    if (layer == DATABASE_LAYER_PACKAGES || error == SC_E_NO_MEMORY)
        return cli_fail(db->cli, db_code(error), "cannot read the %s database",
                        db_layer_name(layer));
    return fail_file(db, (enum database_scope)layer, error, false);
}

int db_fail_write(struct db *db, enum sc_error error, const char *what)
{
    const char *scope = db_layer_name((enum database_layer)db->scope);
    if (error == SC_E_UNKNOWN_CARD)
        return cli_fail_short(db->cli, db_code(error),
                              "the %s database has no card type %s", scope, what);
    if (error == SC_E_UNKNOWN_READER)
        return cli_fail_short(db->cli, db_code(error), "the %s database has no reader %s",
                              scope, what);
    if (error == SC_E_DUPLICATE_READER)
        return cli_fail_short(db->cli, db_code(error),
                              "the %s database has a reader %s already", scope, what);
    if (error == SC_E_INVALID_VALUE)
        return cli_fail_short(db->cli, db_code(error),
                              "%s is not a name: names have 1 to 255 bytes, no "
                              "backslash and no control character",
                              what);
    return fail_file(db, db->scope, error, true);
}

void db_say_none(struct db *db, const char *sentence)
{
    if (!db->cli->json_wanted && !db->cli->options.given[DB_OPTION_NAMES])
        fprintf(db->cli->out, "%s\n", sentence);
}

void db_say_done(struct db *db, const char *verb, const char *name,
                 const char *preposition)
{
    struct cli *cli = db->cli;
    const char *scope = db_layer_name((enum database_layer)db->scope);
    if (cli->json_wanted) {
        json_string(&cli->json, verb, name);
        json_string(&cli->json, "scope", scope);
        return;
    }
    fprintf(cli->out, "%s ", verb);
    text_print(cli->out, name);
    fputc(' ', cli->out);
    text_print(cli->out, preposition);
    fprintf(cli->out, " the %s database\n", scope);
}
