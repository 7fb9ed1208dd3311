/* SPDX-License-Identifier: BSD-2-Clause */
/* Without WITH_DATABASE: nothing is stored, and nothing can be. */
#include "database/store.h"

enum sc_error store_open(enum database_scope scope, struct store **out)
{
    (void)scope;
    *out = NULL;
    return SC_E_UNSUPPORTED_FEATURE;
}

enum sc_error store_open_write(enum database_scope scope, struct store **out)
{
    (void)scope;
    *out = NULL;
    return SC_E_UNSUPPORTED_FEATURE;
}

bool store_get_path(enum database_scope scope, char path[DATABASE_PATH_MAX])
{
    (void)scope;
    path[0] = '\0';
    return false;
}

/* Nobody has a store to call the rest with. */

enum sc_error store_commit(struct store *store)
{
    (void)store;
    return SC_E_UNSUPPORTED_FEATURE;
}

void store_close(struct store *store)
{
    (void)store;
}

enum sc_error store_get_card(struct store *store, const char *name,
                             struct database_entry *card)
{
    (void)store;
    (void)name;
    (void)card;
    return SC_E_UNKNOWN_CARD;
}

enum sc_error store_put_card(struct store *store, const struct database_entry *card)
{
    (void)store;
    (void)card;
    return SC_E_UNSUPPORTED_FEATURE;
}

enum sc_error store_remove_card(struct store *store, const char *name)
{
    (void)store;
    (void)name;
    return SC_E_UNSUPPORTED_FEATURE;
}

enum sc_error store_list_cards(struct store *store, store_take_name *take, void *context)
{
    (void)store;
    (void)take;
    (void)context;
    return SC_OK;
}

enum sc_error store_match_cards(struct store *store, const uint8_t *atr, size_t size,
                                store_take_name *take, void *context)
{
    (void)store;
    (void)atr;
    (void)size;
    (void)take;
    (void)context;
    return SC_OK;
}

enum sc_error store_list_interfaces(struct store *store,
                                    enum sc_error (*take)(void *context, const char *name,
                                                          const uint8_t *interfaces,
                                                          size_t count),
                                    void *context)
{
    (void)store;
    (void)take;
    (void)context;
    return SC_OK;
}

enum sc_error store_each_card(struct store *store,
                              enum sc_error (*take)(void *context,
                                                    const struct database_entry *card),
                              void *context)
{
    (void)store;
    (void)take;
    (void)context;
    return SC_OK;
}

enum sc_error store_get_reader(struct store *store, const char *name,
                               struct database_reader *reader)
{
    (void)store;
    (void)name;
    (void)reader;
    return SC_E_UNKNOWN_READER;
}

enum sc_error store_put_reader(struct store *store, const struct database_reader *reader)
{
    (void)store;
    (void)reader;
    return SC_E_UNSUPPORTED_FEATURE;
}

enum sc_error store_remove_reader(struct store *store, const char *name)
{
    (void)store;
    (void)name;
    return SC_E_UNSUPPORTED_FEATURE;
}

enum sc_error store_each_reader(
    struct store *store,
    enum sc_error (*take)(void *context, const struct database_reader *reader),
    void *context)
{
    (void)store;
    (void)take;
    (void)context;
    return SC_OK;
}
