/* SPDX-License-Identifier: BSD-2-Clause */
/* scard db: which actions there are, and which options go with them. The plain verbs are
 * about card types, what most people come for; those of readers and groups name them, as
 * the API's calls do. */
#include "cli/commands.h"
#include "cli/db/db.h"

#include <string.h>

static const struct option_spec db_options[] = {
    {DB_OPTION_ATR, 'a', "atr", "HEX", "the ATR of a card type; list: those that match"},
    {DB_OPTION_MASK, 'm', "mask", "HEX", "which of its bits count (default: all)"},
    {DB_OPTION_INTERFACE, 'i', "interface", "GUID", "an interface; may be repeated"},
    {DB_OPTION_PRIMARY, 'p', "primary", "GUID", "the primary provider"},
    {DB_OPTION_CSP, 0, "csp", "NAME", "the cryptographic service provider"},
    {DB_OPTION_KSP, 0, "ksp", "NAME", "the key storage provider"},
    {DB_OPTION_MODULE, 0, "module", "NAME", "the card module (minidriver)"},
    {DB_OPTION_REPLACE, 0, "replace", NULL, "take the place of one of the same name"},
    {DB_OPTION_DEVICE, 'd', "device", "DEVICE", "the reader that gets the name"},
    {DB_OPTION_USER, 'u', "user", NULL, "the user's database (written by default)"},
    {DB_OPTION_SYSTEM, 's', "system", NULL, "the system's database"},
    {DB_OPTION_PACKAGES, 0, "packages", NULL, "what packages brought"},
    {DB_OPTION_NAMES, 'n', "names", NULL, "only the names, one a line"},
    {DB_OPTION_UTF8, 0, "utf8", NULL, "export: UTF-8, for people, not for regedit"},
    {0, 0, NULL, NULL, NULL},
};

#define BIT(option) (1U << (option))

enum {
    READS = BIT(DB_OPTION_USER) | BIT(DB_OPTION_SYSTEM) | BIT(DB_OPTION_PACKAGES),
    WRITES = BIT(DB_OPTION_USER) | BIT(DB_OPTION_SYSTEM),
    CARD = BIT(DB_OPTION_ATR) | BIT(DB_OPTION_MASK) | BIT(DB_OPTION_INTERFACE)
           | BIT(DB_OPTION_PRIMARY) | BIT(DB_OPTION_CSP) | BIT(DB_OPTION_KSP)
           | BIT(DB_OPTION_MODULE) | BIT(DB_OPTION_REPLACE)
};

struct action {
    const char *name;
    int (*run)(struct db *db);
    uint32_t options;
    size_t least, most; /* arguments */
    const char *usage;
};

static const struct action actions[] = {
    {"list", db_list, READS | BIT(DB_OPTION_ATR) | BIT(DB_OPTION_NAMES), 0, 0,
     "[--atr HEX]"},
    {"show", db_show, READS, 1, 1, "NAME"},
    {"add", db_add, WRITES | CARD, 1, 1, "NAME --atr HEX"},
    {"remove", db_remove, WRITES, 1, 1, "NAME"},
    {"readers", db_readers, READS | BIT(DB_OPTION_NAMES), 0, 1, "[GROUP]"},
    {"groups", db_groups, READS, 0, 0, ""},
    {"add-reader", db_add_reader, WRITES | BIT(DB_OPTION_DEVICE), 1, 1,
     "NAME --device DEVICE"},
    {"remove-reader", db_remove_reader, WRITES, 1, 1, "NAME"},
    {"add-to-group", db_add_to_group, WRITES, 2, 2, "READER GROUP"},
    {"remove-from-group", db_remove_from_group, WRITES, 2, 2, "READER GROUP"},
    {"remove-group", db_remove_group, WRITES, 1, 1, "GROUP"},
    {"import", db_import, WRITES, 1, 1, "FILE.reg"},
    {"export", db_export, WRITES | BIT(DB_OPTION_UTF8), 0, 1, "[FILE.reg]"},
};

/* NULL: none. */
static const struct action *find_action(const char *name)
{
    for (size_t i = 0; i < TEXT_COUNT(actions); i++)
        if (strcmp(actions[i].name, name) == 0)
            return &actions[i];
    return NULL;
}

static int check_usage(struct cli *cli, const struct action *action, size_t arguments)
{
    if (arguments < action->least || arguments > action->most)
        return cli_fail_plain(cli, CLI_USAGE, "usage: scard db %s %s", action->name,
                              action->usage);
    if (cli->options.given[OPTION_READER])
        return cli_fail_plain(cli, CLI_USAGE, "--reader does not go with db");
    for (const struct option_spec *spec = db_options; spec->id != 0; spec++)
        if (cli->options.given[spec->id] && (action->options & BIT(spec->id)) == 0)
            return cli_fail_plain(cli, CLI_USAGE, "--%s does not go with db %s",
                                  spec->name, action->name);
    if (cli->options.given[DB_OPTION_USER] + cli->options.given[DB_OPTION_SYSTEM]
            + cli->options.given[DB_OPTION_PACKAGES]
        > 1)
        return cli_fail_plain(
            cli, CLI_USAGE, "only one of --user, --system%s",
            (action->options & BIT(DB_OPTION_PACKAGES)) != 0 ? " and --packages" : "");
    return CLI_OK;
}

static int db_main(struct cli *cli)
{
    struct db db = {.cli = cli, .scope = DATABASE_USER};
    const struct options *given = &cli->options;
    size_t count = given->positional_count;
    const struct action *action = count > 0 ? find_action(given->positional[0]) : NULL;
    if (cli->json_wanted)
        json_object(&cli->json, NULL);
    if (action == NULL && count > 0)
        return cli_fail_plain(cli, CLI_USAGE, "no such action: %s (see scard db --help)",
                              given->positional[0]);
    if (action == NULL)
        return cli_fail_plain(cli, CLI_USAGE,
                              "an action is missing: list, show, add, remove, import, "
                              "export, or others (see scard db --help)");
    int code = check_usage(cli, action, count - 1);
    if (code != CLI_OK)
        return code;
    for (size_t i = 1; i < count; i++)
        db.arguments[i - 1] = given->positional[i];
    if (given->given[DB_OPTION_SYSTEM])
        db.scope = DATABASE_SYSTEM;
    db.looked[DATABASE_LAYER_USER] = given->given[DB_OPTION_USER];
    db.looked[DATABASE_LAYER_SYSTEM] = given->given[DB_OPTION_SYSTEM];
    db.looked[DATABASE_LAYER_PACKAGES] = given->given[DB_OPTION_PACKAGES];
    db.all = !db.looked[0] && !db.looked[1] && !db.looked[2];
    for (size_t i = 0; i < DATABASE_LAYERS; i++)
        db.looked[i] = db.looked[i] || db.all;
    db_log_begin(cli);
    return action->run(&db);
}

const struct command cmd_db = {
    .name = "db",
    .arguments = "ACTION [ARGUMENTS]",
    .summary = "the smart card database: card types, names and groups of readers",
    .help =
        "Card types:\n"
        "  list [--atr HEX]               all of them, or those that an ATR matches\n"
        "  show NAME                      ATR, mask, interfaces, providers\n"
        "  add NAME --atr HEX [OPTIONS]   introduces one\n"
        "  remove NAME\n"
        "Readers:\n"
        "  readers [GROUP]                names that were introduced; those in a group\n"
        "  add-reader NAME --device DEVICE\n"
        "  remove-reader NAME\n"
        "  groups\n"
        "  add-to-group READER GROUP, remove-from-group READER GROUP, remove-group "
        "GROUP\n"
        "The whole, as files of Windows' regedit (- is the standard input):\n"
        "  import FILE.reg\n"
        "  export [FILE.reg]\n"
        "\n"
        "Reading looks at the user's database, then at the system's, then at what "
        "packages\n"
        "brought; of entries of one name the first counts. Writing goes to the user's "
        "database\n"
        "unless --system is given.\n",
    .options = db_options,
    .positional_max = 3,
    .run = db_main,
};
