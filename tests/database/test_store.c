/* SPDX-License-Identifier: BSD-2-Clause */
/* What every store has to do (store.h): run with the one that is linked. */
#include "database/store.h"

#include "base/multistring.h"
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include "database/registry_values.h"
#include "place_windows.h"
#else
#include "place.h"
#endif

static const uint8_t atr_one[] = {0x3B, 0x95, 0x13, 0x81, 0x01},
                     atr_other[] = {0x3B, 0x95, 0x13, 0x81, 0xFF},
                     mask_one[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFE};

static struct database_entry card_of(const char *name)
{
    struct database_entry entry;
    memset(&entry, 0, sizeof(entry));
    snprintf(entry.card.name, sizeof(entry.card.name), "%s", name);
    entry.card.atr_size = sizeof(atr_one);
    memcpy(entry.card.atr, atr_one, sizeof(atr_one));
    memset(entry.card.mask, 0xFF, sizeof(entry.card.mask));
    return entry;
}

static struct database_reader reader_of(const char *name, const char *device)
{
    static const char groups[] = "SCard$DefaultReaders\0Gr\xC3\xBC\xC3\x9F\x65\0";
    struct database_reader reader;
    memset(&reader, 0, sizeof(reader));
    snprintf(reader.name, sizeof(reader.name), "%s", name);
    snprintf(reader.device, sizeof(reader.device), "%s", device);
    memcpy(reader.groups, groups, sizeof(groups));
    return reader;
}

/* Writes what `change` changes, and keeps it or not. */
static void write_with(enum sc_error (*change)(struct store *store), bool keep)
{
    struct store *store = NULL;
    CHECK_EQ(store_open_write(DATABASE_USER, &store), SC_OK);
    if (store == NULL)
        return;
    CHECK_EQ(change(store), SC_OK);
    if (keep)
        CHECK_EQ(store_commit(store), SC_OK);
    store_close(store);
}

/* --- What is in it, as one text ----------------------------------------------------- */

static char shown[8192];

static void show(const char *text)
{
    size_t size = strlen(shown);
    snprintf(shown + size, sizeof(shown) - size, "%s ", text);
}

static enum sc_error show_card(void *context, const struct database_entry *entry)
{
    const struct database_card *card = &entry->card;
    char line[64];
    (void)context;
    show(card->name);
    snprintf(line, sizeof(line), "%u:%02X%02X/%02X", (unsigned)card->atr_size,
             card->atr[0], card->atr_size > 0 ? card->atr[card->atr_size - 1] : 0,
             card->atr_size > 0 ? card->mask[card->atr_size - 1] : 0);
    show(line);
    if (card->has_primary || card->interface_count > 0) {
        snprintf(line, sizeof(line), "p%02X i%u", card->primary[15],
                 (unsigned)card->interface_count);
        show(line);
    }
    for (int i = 0; i < DATABASE_TEXTS; i++)
        if (entry->providers[i][0] != '\0')
            show(entry->providers[i]);
    show("|");
    return SC_OK;
}

static enum sc_error show_reader(void *context, const struct database_reader *reader)
{
    const char *group = NULL;
    (void)context;
    show(reader->name);
    show(reader->device);
    while ((group = multistring_next(reader->groups, group)) != NULL)
        show(group);
    show("|");
    return SC_OK;
}

static enum sc_error show_name(void *context, const char *name)
{
    (void)context;
    show(name);
    return SC_OK;
}

static enum sc_error show_interfaces(void *context, const char *name,
                                     const uint8_t *interfaces, size_t count)
{
    char line[32];
    (void)context;
    snprintf(line, sizeof(line), "%u:%02X", (unsigned)count, interfaces[0]);
    show(name);
    show(line);
    return SC_OK;
}

enum view { ALL_CARDS, CARD_NAMES, INTERFACES, ALL_READERS, MATCHES };

static const char *view(enum view what)
{
    struct store *store = NULL;
    shown[0] = '\0';
    enum sc_error error = store_open(DATABASE_USER, &store);
    if (error == SC_E_FILE_NOT_FOUND)
        return "none";
    CHECK_EQ(error, SC_OK);
    if (error != SC_OK)
        return "error";
    switch (what) {
    case ALL_CARDS:
        error = store_each_card(store, show_card, NULL);
        break;
    case CARD_NAMES:
        error = store_list_cards(store, show_name, NULL);
        break;
    case INTERFACES:
        error = store_list_interfaces(store, show_interfaces, NULL);
        break;
    case ALL_READERS:
        error = store_each_reader(store, show_reader, NULL);
        break;
    case MATCHES:
        error = store_match_cards(store, atr_other, sizeof(atr_other), show_name, NULL);
        break;
    }
    CHECK_EQ(error, SC_OK);
    store_close(store);
    return shown;
}

static void expect(enum view what, const char *wanted)
{
    const char *found = view(what);
    check_count++;
    if (strcmp(found, wanted) != 0)
        CHECK_FAILED("%d: \"%s\", not \"%s\"", (int)what, found, wanted);
}

/* --- Cards -------------------------------------------------------------------------- */

static enum sc_error put_plain(struct store *store)
{
    struct database_entry card = card_of("b");
    return store_put_card(store, &card);
}

static enum sc_error put_full(struct store *store)
{
    struct database_entry card = card_of("A \xC3\xA4");
    memcpy(card.card.mask, mask_one, sizeof(mask_one));
    card.card.has_primary = true;
    memset(card.card.primary, 0x11, sizeof(card.card.primary));
    card.card.interface_count = 2;
    memset(card.card.interfaces, 0x22, sizeof(card.card.interfaces[0]));
    snprintf(card.providers[0], sizeof(card.providers[0]), "CSP \xE2\x82\xAC");
    memset(card.providers[2], 'm', DATABASE_VALUE_MAX - 1);
    enum sc_error error = store_put_card(store, &card);
    memset(card.providers[2], 0, DATABASE_VALUE_MAX);
    snprintf(card.providers[2], sizeof(card.providers[2]), "module.dll");
    return error == SC_OK ? store_put_card(store, &card) : error;
}

static enum sc_error change_all(struct store *store)
{
    struct database_entry card;
    CHECK_EQ(store_get_card(store, "a \xC3\xA4", &card), SC_OK);
    CHECK_EQ(strcmp(card.providers[2], "module.dll"), 0);
    card = card_of("A \xC3\xA4");
    card.card.atr_size = 3;
    CHECK_EQ(store_put_card(store, &card), SC_OK);
    CHECK_EQ(store_remove_card(store, "B"), SC_OK);
    CHECK_EQ(store_remove_card(store, "B"), SC_E_UNKNOWN_CARD);
    CHECK_EQ(store_get_card(store, "b", &card), SC_E_UNKNOWN_CARD);
    card = card_of("new");
    return store_put_card(store, &card);
}

static enum sc_error remove_all(struct store *store)
{
    CHECK_EQ(store_remove_reader(store, NULL), SC_OK);
    return store_remove_card(store, NULL);
}

#define FULL  "A \xC3\xA4 5:3B01/FE p11 i2 CSP \xE2\x82\xAC module.dll | "
#define PLAIN "b 5:3B01/FF | "

static void test_cards(void)
{
    expect(CARD_NAMES, "none");
    write_with(put_plain, true);
    expect(ALL_CARDS, PLAIN);
    write_with(put_full, false);
    expect(ALL_CARDS, PLAIN);
    write_with(put_full, true);
    expect(ALL_CARDS, FULL PLAIN);
    expect(CARD_NAMES, "A \xC3\xA4 b ");
    expect(INTERFACES, "A \xC3\xA4 2:22 ");
    expect(MATCHES, "");
    write_with(change_all, false);
    expect(ALL_CARDS, FULL PLAIN);
    write_with(remove_all, false);
    expect(ALL_CARDS, FULL PLAIN);
    write_with(change_all, true);
    expect(ALL_CARDS, "A \xC3\xA4 3:3B13/FF | new 5:3B01/FF | ");
    write_with(remove_all, true);
    expect(CARD_NAMES, "");
}

static enum sc_error put_masks(struct store *store)
{
    struct database_entry wide = card_of("wide"), exact = card_of("exact"),
                          shorter = card_of("shorter"), none = card_of("none"),
                          never = card_of("never");
    wide.card.mask[4] = wide.card.atr[4] = 0x00;
    never.card.mask[4] = 0x00; /* a bit of the pattern does not count */
    never.card.atr[4] = 0xFF;
    exact.card.atr[4] = 0xFF;
    shorter.card.atr_size = 4;
    none.card.atr_size = 0;
    CHECK_EQ(store_put_card(store, &wide), SC_OK);
    CHECK_EQ(store_put_card(store, &exact), SC_OK);
    CHECK_EQ(store_put_card(store, &shorter), SC_OK);
    CHECK_EQ(store_put_card(store, &never), SC_OK);
    return store_put_card(store, &none);
}

static void test_matches(void)
{
    write_with(put_masks, true);
    const char *found = view(MATCHES); /* in no order */
    CHECK(strcmp(found, "wide exact ") == 0 || strcmp(found, "exact wide ") == 0);
    write_with(remove_all, true);
}

/* --- Readers ------------------------------------------------------------------------ */

static enum sc_error put_readers(struct store *store)
{
    struct database_reader one = reader_of("R 2", "Device 1"), two = reader_of("r 1", "");
    CHECK_EQ(store_put_reader(store, &one), SC_OK);
    return store_put_reader(store, &two);
}

static enum sc_error change_readers(struct store *store)
{
    struct database_reader reader;
    CHECK_EQ(store_get_reader(store, "unknown", &reader), SC_E_UNKNOWN_READER);
    CHECK_EQ(store_get_reader(store, "r 2", &reader), SC_OK);
    memset(reader.groups, 0, sizeof(reader.groups));
    CHECK_EQ(store_remove_reader(store, "R 1"), SC_OK);
    CHECK_EQ(store_remove_reader(store, "R 1"), SC_E_UNKNOWN_READER);
    return store_put_reader(store, &reader);
}

#define GROUPS  "SCard$DefaultReaders Gr\xC3\xBC\xC3\x9F\x65 | "
#define READERS "r 1  " GROUPS "R 2 Device 1 " GROUPS

static void test_readers(void)
{
    write_with(put_readers, true);
    expect(ALL_READERS, READERS);
    write_with(change_readers, false);
    expect(ALL_READERS, READERS);
    write_with(change_readers, true);
    expect(ALL_READERS, "R 2 Device 1 | ");
    write_with(remove_all, true);
    expect(ALL_READERS, "");
}

/* --- The registry, as others leave it ----------------------------------------------- */

#ifdef _WIN32
static void set(const WCHAR *card, const WCHAR *name, DWORD type, const void *bytes,
                DWORD size)
{
    WCHAR path[300] = L"SOFTWARE\\Microsoft\\Cryptography\\Calais\\";
    HKEY key = NULL;
    wcscat(path, card);
    CHECK_EQ(
        RegCreateKeyExW(HKEY_CURRENT_USER, path, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL),
        0);
    CHECK_EQ(RegSetValueExW(key, name, 0, type, bytes, size), 0);
    RegCloseKey(key);
}

static void test_others(void)
{
    static const uint8_t bytes[64] = {0x3B, 0x95};
    static const WCHAR lone[] = {'S', 'm', 'a', 'r',  't',    'C', 'a',
                                 'r', 'd', 's', '\\', 0xD800, 0};
    set(L"SmartCards\\no mask", L"ATR", REG_BINARY, bytes, 3);
    set(L"SmartCards\\other mask", L"ATR", REG_BINARY, bytes, 3);
    set(L"SmartCards\\other mask", L"ATRMask", REG_BINARY, bytes, 2);
    set(L"SmartCards\\too long", L"ATR", REG_BINARY, bytes, 64);
    set(L"SmartCards\\too long", L"Primary Provider", REG_BINARY, bytes, 15);
    set(L"SmartCards\\types", L"ATR", REG_SZ, L"3B", 6);
    set(L"SmartCards\\types", L"Crypto Provider", REG_DWORD, bytes, 4);
    set(L"SmartCards\\types", L"80000001", REG_EXPAND_SZ, L"no NUL", 12);
    set(lone, L"ATR", REG_BINARY, bytes, 3);
    expect(ALL_CARDS, "no mask 3:3B00/FF | other mask 0:3B00/00 | too long 0:0000/00 | "
                      "types 0:0000/00 no NUL | ");
    set(L"Readers\\r", L"Groups", REG_MULTI_SZ, L"one\0two", 14);
    set(L"Readers\\r", L"Device", REG_SZ, L"", 0);
    expect(ALL_READERS, "r  one two | ");
    write_with(remove_all, true);
    expect(ALL_CARDS, "");
}
#else
static void test_others(void)
{
}
#endif

int main(void)
{
    place_make();
    test_cards();
    test_matches();
    test_readers();
    test_others();
    place_remove();
    return check_result();
}
