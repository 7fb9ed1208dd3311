/* SPDX-License-Identifier: BSD-2-Clause */
/* scard db list, show, add and remove: card types. */
#include "cli/db/db.h"
#include "cli/db/guid.h"
#include "cli/errors.h"
#include "cli/hex.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- list --------------------------------------------------------------------------- */

/* A card type, as short as it can be: there may be a hundred thousand. */
struct row {
    char *name;
    uint8_t atr_size;
    bool fits; /* what was asked for */
    uint8_t atr[DATABASE_ATR_MAX], mask[DATABASE_ATR_MAX];
};

struct rows {
    struct row *at; /* owned, with the names; by name in each layer */
    size_t count, room;
    size_t layer_end[DATABASE_LAYERS];
    uint8_t atr[DATABASE_ATR_MAX]; /* wanted */
    size_t atr_size;               /* 0: any */
};

static void rows_free(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free(rows->at[i].name);
    free(rows->at);
}

/* As SCardListCards has it. */
static bool has_wanted_atr(const struct rows *rows, const struct database_card *card)
{
    return rows->atr_size == 0
           || database_fits(rows->atr, rows->atr_size, card->atr, card->mask,
                            card->atr_size);
}

static enum sc_error add_row(void *context, const struct database_entry *entry)
{
    struct rows *rows = context;
    const struct database_card *card = &entry->card;
    size_t size = strlen(card->name) + 1;
    assert(card->atr_size <= DATABASE_ATR_MAX && rows->count <= rows->room);
    if (rows->count == rows->room) {
        size_t room = rows->room != 0 ? 2 * rows->room : 64;
        struct row *at = realloc(rows->at, room * sizeof(*at));
        if (at == NULL)
            return SC_E_NO_MEMORY;
        rows->at = at;
        rows->room = room;
    }
    struct row *row = &rows->at[rows->count];
    row->name = malloc(size);
    if (row->name == NULL)
        return SC_E_NO_MEMORY;
    rows->count++;
    memcpy(row->name, card->name, size);
    row->atr_size = (uint8_t)card->atr_size;
    memcpy(row->atr, card->atr, sizeof(row->atr));
    memcpy(row->mask, card->mask, sizeof(row->mask));
    row->fits = has_wanted_atr(rows, card);
    return SC_OK;
}

static int compare_row_name(const void *name, const void *row)
{
    return database_compare_names(name, ((const struct row *)row)->name);
}

/* True if a layer before has one of that name, which then is the one that counts. */
static bool is_hidden(const struct rows *rows, const char *name, int layer)
{
    size_t begin = 0;
    assert(layer >= 0 && layer < DATABASE_LAYERS);
    for (int i = 0; i < layer; i++) {
        size_t count = rows->layer_end[i] - begin;
        if (count != 0
            && bsearch(name, rows->at + begin, count, sizeof(*rows->at), compare_row_name)
                   != NULL)
            return true;
        begin = rows->layer_end[i];
    }
    return false;
}

static void print_row(struct db *db, const struct row *row, enum database_layer layer)
{
    struct cli *cli = db->cli;
    if (cli->json_wanted) {
        json_object(&cli->json, NULL);
        json_string(&cli->json, "name", row->name);
        json_string(&cli->json, "source", db_layer_name(layer));
        json_hex(&cli->json, "atr", row->atr, row->atr_size);
        json_hex(&cli->json, "mask", row->mask, row->atr_size);
        json_end(&cli->json);
        return;
    }
    if (!cli->options.given[DB_OPTION_NAMES])
        fprintf(cli->out, "%-8s ", db_layer_name(layer));
    text_print(cli->out, row->name);
    fputc('\n', cli->out);
}

/* How many were printed. */
static size_t print_rows(struct db *db, const struct rows *rows)
{
    size_t printed = 0, i = 0;
    for (int layer = 0; layer < DATABASE_LAYERS; layer++)
        for (; i < rows->layer_end[layer]; i++)
            if (rows->at[i].fits && !is_hidden(rows, rows->at[i].name, layer)) {
                print_row(db, &rows->at[i], (enum database_layer)layer);
                printed++;
            }
    return printed;
}

/* The bytes of an option, which was given. */
static int read_hex_option(struct db *db, int option, const char *what,
                           uint8_t bytes[DATABASE_ATR_MAX], size_t *size)
{
    enum hex_result result =
        hex_read(db->cli->options.value[option], bytes, DATABASE_ATR_MAX, size);
    if (result == HEX_OK)
        return CLI_OK;
    if (result == HEX_TOO_LONG)
        return cli_fail_plain(db->cli, CLI_USAGE, "the %s has more than %d bytes", what,
                              DATABASE_ATR_MAX);
    return cli_fail_plain(db->cli, CLI_USAGE, "the %s %s", what,
                          hex_result_words(result));
}

int db_list(struct db *db)
{
    struct cli *cli = db->cli;
    struct rows rows = {.at = NULL};
    int code = CLI_OK;
    if (cli->options.given[DB_OPTION_ATR])
        code = read_hex_option(db, DB_OPTION_ATR, "ATR", rows.atr, &rows.atr_size);
    if (code != CLI_OK)
        return code;
    for (int layer = 0; layer < DATABASE_LAYERS; layer++) {
        enum sc_error error = SC_OK;
        if (db->looked[layer])
            error = database_each_card((enum database_layer)layer, add_row, &rows);
        rows.layer_end[layer] = rows.count;
        if (error != SC_OK) /* and the others all the same */
            code = db_fail_read(db, (enum database_layer)layer, error);
    }
    if (cli->json_wanted)
        json_array(&cli->json, "cards");
    size_t printed = print_rows(db, &rows);
    rows_free(&rows);
    if (code == CLI_OK && printed == 0)
        db_say_none(db, cli->options.given[DB_OPTION_ATR] ? "No card type has this ATR."
                                                          : "No card type is known.");
    return code == CLI_OK && printed == 0 ? CLI_NEGATIVE : code;
}

/* --- show --------------------------------------------------------------------------- */

struct search {
    const char *name;
    bool found;
    enum database_layer layer;
    struct database_entry entry;
};

static enum sc_error take_named(void *context, const struct database_entry *entry)
{
    struct search *search = context;
    if (database_same_name(entry->card.name, search->name)) {
        search->entry = *entry;
        search->found = true;
    }
    return SC_OK;
}

static void show_text(struct db *db, const char *words, const char *key, const char *text)
{
    if (text[0] == '\0')
        return;
    if (db->cli->json_wanted) {
        json_string(&db->cli->json, key, text);
        return;
    }
    fprintf(db->cli->out, "  %-12s ", words);
    text_print(db->cli->out, text);
    fputc('\n', db->cli->out);
}

static void show_bytes(struct db *db, const char *words, const char *key,
                       const uint8_t *bytes, size_t size)
{
    char hex[3 * DATABASE_ATR_MAX + 1];
    struct text text;
    if (size == 0)
        return;
    if (db->cli->json_wanted) {
        json_hex(&db->cli->json, key, bytes, size);
        return;
    }
    text_start(&text, hex, sizeof(hex));
    text_add_hex(&text, bytes, size, " ");
    show_text(db, words, key, hex);
}

static void show_interfaces(struct db *db, const struct database_card *card)
{
    char guid[GUID_TEXT_MAX];
    if (db->cli->json_wanted)
        json_array(&db->cli->json, "interfaces");
    for (size_t i = 0; i < card->interface_count; i++) {
        guid_write(card->interfaces[i], guid);
        show_text(db, "interface", NULL, guid);
    }
    if (db->cli->json_wanted)
        json_end(&db->cli->json);
}

static void show_entry(struct db *db, const struct search *search)
{
    const struct database_card *card = &search->entry.card;
    char guid[GUID_TEXT_MAX] = "";
    if (db->cli->json_wanted) {
        json_object(&db->cli->json, "card");
        json_string(&db->cli->json, "name", card->name);
    } else {
        text_print(db->cli->out, card->name);
        fputc('\n', db->cli->out);
    }
    show_text(db, "source", "source", db_layer_name(search->layer));
    show_bytes(db, "ATR", "atr", card->atr, card->atr_size);
    show_bytes(db, "mask", "mask", card->mask, card->atr_size);
    if (card->has_primary)
        guid_write(card->primary, guid);
    show_text(db, "primary", "primary", guid);
    show_interfaces(db, card);
    show_text(db, "CSP", "csp", search->entry.providers[0]);
    show_text(db, "KSP", "ksp", search->entry.providers[1]);
    show_text(db, "card module", "module", search->entry.providers[2]);
    if (db->cli->json_wanted)
        json_end(&db->cli->json);
}

int db_show(struct db *db)
{
    struct search search = {.name = db->arguments[0]};
    int code = CLI_OK;
    for (int layer = 0; layer < DATABASE_LAYERS && !search.found; layer++) {
        enum sc_error error = SC_OK;
        search.layer = (enum database_layer)layer;
        if (db->looked[layer])
            error = database_each_card(search.layer, take_named, &search);
        if (error != SC_OK)
            code = db_fail_read(db, search.layer, error);
    }
    if (search.found)
        show_entry(db, &search);
    else if (code == CLI_OK)
        code = cli_fail_short(db->cli, db_code(SC_E_UNKNOWN_CARD), "no card type %s",
                              search.name);
    return code;
}

/* --- add ---------------------------------------------------------------------------- */

static int read_guids(struct db *db, struct database_card *card)
{
    const struct options *given = &db->cli->options;
    for (size_t i = 0; i < given->value_count; i++) {
        const struct option_value *value = &given->values[i];
        bool primary = value->id == DB_OPTION_PRIMARY;
        if (!primary && value->id != DB_OPTION_INTERFACE)
            continue;
        if (!primary && card->interface_count == DATABASE_INTERFACES_MAX)
            return cli_fail_plain(db->cli, CLI_USAGE, "more than %d interfaces",
                                  DATABASE_INTERFACES_MAX);
        if (!guid_read(value->text,
                       primary ? card->primary : card->interfaces[card->interface_count]))
            return cli_fail_plain(db->cli, CLI_USAGE,
                                  "%s is not a GUID (expected "
                                  "01234567-89AB-CDEF-0123-456789ABCDEF)",
                                  value->text);
        card->has_primary = card->has_primary || primary;
        card->interface_count += !primary;
    }
    return CLI_OK;
}

static int read_texts(struct db *db, struct database_entry *entry)
{
    static const int ids[DATABASE_TEXTS] = {DB_OPTION_CSP, DB_OPTION_KSP,
                                            DB_OPTION_MODULE};
    static const char *const names[DATABASE_TEXTS] = {"csp", "ksp", "module"};
    for (size_t i = 0; i < DATABASE_TEXTS; i++) {
        const char *value = db->cli->options.value[ids[i]];
        if (value == NULL)
            continue;
        if (strlen(value) >= DATABASE_VALUE_MAX)
            return cli_fail_plain(db->cli, CLI_USAGE, "--%s has more than %d bytes",
                                  names[i], DATABASE_VALUE_MAX - 1);
        memcpy(entry->providers[i], value, strlen(value) + 1);
    }
    return CLI_OK;
}

static int read_card_options(struct db *db, struct database_entry *entry)
{
    struct database_card *card = &entry->card;
    const bool *given = db->cli->options.given;
    size_t size = strlen(db->arguments[0]), mask_size = 0;
    if (size >= sizeof(card->name))
        return db_fail_write(db, SC_E_INVALID_VALUE, db->arguments[0]);
    memcpy(card->name, db->arguments[0], size + 1);
    if (!given[DB_OPTION_ATR])
        return cli_fail_plain(db->cli, CLI_USAGE,
                              "--atr is missing (scard list shows a card's ATR)");
    int code = read_hex_option(db, DB_OPTION_ATR, "ATR", card->atr, &card->atr_size);
    memset(card->mask, 0xFF, sizeof(card->mask));
    if (code == CLI_OK && given[DB_OPTION_MASK]) {
        code = read_hex_option(db, DB_OPTION_MASK, "mask", card->mask, &mask_size);
        if (code == CLI_OK && mask_size != card->atr_size)
            return cli_fail_plain(
                db->cli, CLI_USAGE, "the mask has %u byte%s, the ATR %u",
                (unsigned)mask_size, mask_size == 1 ? "" : "s", (unsigned)card->atr_size);
    }
    /* With a bit that does not count the type would fit no card. */
    for (size_t i = 0; i < card->atr_size; i++)
        card->atr[i] &= card->mask[i];
    if (code == CLI_OK)
        code = read_guids(db, card);
    return code == CLI_OK ? read_texts(db, entry) : code;
}

int db_add(struct db *db)
{
    struct database_entry entry = {.card = {.atr_size = 0}};
    bool kept = false;
    int code = read_card_options(db, &entry);
    if (code != CLI_OK)
        return code;
    enum sc_error error = database_add_entry(
        db->scope, &entry, db->cli->options.given[DB_OPTION_REPLACE], &kept);
    if (error != SC_OK)
        return db_fail_write(db, error, entry.card.name);
    if (kept)
        return cli_fail_plain(db->cli, CLI_FAILED,
                              "the %s database has a card type %s already (--replace "
                              "takes its place)",
                              db_layer_name((enum database_layer)db->scope),
                              entry.card.name);
    db_say_done(db, "added", entry.card.name, "to");
    return CLI_OK;
}

/* --- remove ------------------------------------------------------------------------- */

int db_remove(struct db *db)
{
    const char *name = db->arguments[0];
    enum sc_error error = database_remove_card(db->scope, name);
    if (error == SC_OK) {
        db_say_done(db, "removed", name, "from");
        return CLI_OK;
    }
    int code = db_fail_write(db, error, name);
    struct search search = {.name = name};
    for (int layer = 0; error == SC_E_UNKNOWN_CARD && layer < DATABASE_LAYERS; layer++)
        if (layer != (int)db->scope
            && database_each_card((enum database_layer)layer, take_named, &search)
                   == SC_OK
            && search.found) {
            fprintf(db->cli->err,
                    layer == DATABASE_LAYER_PACKAGES
                        ? "scard: a package brought it; one of the same name that you "
                          "add hides it\n"
                        : "scard: the %s database has it: try --%s\n",
                    db_layer_name((enum database_layer)layer),
                    db_layer_name((enum database_layer)layer));
            break;
        }
    return code;
}
