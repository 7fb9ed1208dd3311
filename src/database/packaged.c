/* SPDX-License-Identifier: BSD-2-Clause */
/* Card types of packages. */
#include "database/packaged.h"

#include "base/alloc.h"
#include "base/log.h"
#include "database/calais.h"
#include "os/endpoint.h"
#include "os/files.h"
#include "os/setting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#ifdef WINSCARD_CARDS_DIRECTORY /* cards.d of the prefix this is built for */
static const char own_directory[] = WINSCARD_CARDS_DIRECTORY;
#else
static const char own_directory[] = "";
#endif

/* What was read, and the state of the directories it was read from. */
static struct packaged loaded;
static uint64_t loaded_state;
static bool is_loaded;

/* What a card owns. */
static void free_packaged_card(struct packaged_card *card)
{
    mem_free(card->name);
    mem_free(card->interfaces);
    for (size_t i = 0; i < DATABASE_TEXTS; i++)
        mem_free(card->providers[i]);
}

void packaged_clear(void)
{
    for (size_t i = 0; i < loaded.count; i++)
        free_packaged_card(&loaded.cards[i]);
    mem_free(loaded.cards);
    loaded = (struct packaged){NULL, 0};
    is_loaded = false;
}

/* --- The state of directories: a number (FNV-1a) of all that tells versions apart --- */

static void mix(uint64_t *state, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        *state = (*state ^ at[i]) * 0x100000001B3U;
}

static void mix_file(void *context, const struct files_entry *entry)
{
    mix(context, entry->path, strlen(entry->path) + 1);
    mix(context, &entry->modified_ns, sizeof(entry->modified_ns));
    mix(context, &entry->changed_ns, sizeof(entry->changed_ns));
    mix(context, &entry->size, sizeof(entry->size));
    mix(context, &entry->number, sizeof(entry->number));
}

/* --- Reading ------------------------------------------------------------------------ */

struct loading {
    struct packaged_card *cards;
    size_t count, room;
    bool in_card, complete;
    struct calais_card card;
};

static enum sc_error copy_card(const struct database_entry *from,
                               struct packaged_card *to)
{
    bool all = true;
    assert(from->card.atr_size <= DATABASE_ATR_MAX);
    to->has_primary = from->card.has_primary;
    memcpy(to->primary, from->card.primary, sizeof(to->primary));
    to->atr_size = (uint8_t)from->card.atr_size;
    memcpy(to->atr, from->card.atr, sizeof(to->atr));
    memcpy(to->mask, from->card.mask, sizeof(to->mask));
    to->name = mem_copy_string(from->card.name);
    for (size_t i = 0; i < DATABASE_TEXTS; i++)
        if (from->providers[i][0] != '\0') {
            to->providers[i] = mem_copy_string(from->providers[i]);
            all = all && to->providers[i] != NULL;
        }
    to->interface_count = from->card.interface_count;
    if (to->interface_count != 0) {
        to->interfaces = mem_alloc_array(to->interface_count, DATABASE_GUID_SIZE);
        if (to->interfaces != NULL)
            memcpy(to->interfaces, from->card.interfaces,
                   to->interface_count * DATABASE_GUID_SIZE);
        all = all && to->interfaces != NULL;
    }
    return all && to->name != NULL ? SC_OK : SC_E_NO_MEMORY;
}

/* The card whose values came until now is complete. */
static enum sc_error end_card(struct loading *loading)
{
    if (!loading->in_card)
        return SC_OK;
    loading->in_card = false;
    enum sc_error error = calais_end_card(&loading->card);
    if (error != SC_OK || loading->count >= PACKAGED_CARDS_MAX)
        return error;
    assert(loading->count <= loading->room);
    if (loading->count == loading->room) {
        size_t room = loading->room != 0 ? 2 * loading->room : 64;
        struct packaged_card *cards =
            mem_resize(loading->cards, room * sizeof(*loading->cards));
        if (cards == NULL)
            return SC_E_NO_MEMORY;
        loading->cards = cards;
        loading->room = room;
    }
    struct packaged_card *to = &loading->cards[loading->count++];
    memset(to, 0, sizeof(*to));
    to->order = loading->count;
    return copy_card(&loading->card.card, to);
}

/* Readers, and keys to be removed, are skipped: nothing is below cards.d. */
static enum sc_error take_packaged_item(void *context, const struct reg_item *item)
{
    struct loading *loading = context;
    if (item->kind == REG_ITEM_VALUE || item->kind == REG_ITEM_VALUE_REMOVED)
        return loading->in_card ? calais_set_card(&loading->card, item) : SC_OK;
    char name[DATABASE_NAME_MAX];
    enum sc_error error = end_card(loading);
    if (error != SC_OK)
        return error;
    loading->in_card =
        item->kind == REG_ITEM_KEY && calais_find_key(item->key, name) == CALAIS_CARD;
    if (loading->in_card) {
        memset(&loading->card, 0, sizeof(loading->card));
        memcpy(loading->card.card.card.name, name, sizeof(name));
        calais_begin_card(&loading->card);
    }
    return SC_OK;
}

static void read_packaged_file(void *context, const struct files_entry *entry)
{
    struct loading *loading = context;
    uint8_t *bytes = NULL;
    size_t size = 0, before = loading->count;
    uint32_t line = 0;
    loading->in_card = false;
    enum sc_error error = os_read_file(entry->path, PACKAGED_FILE_MAX, &bytes, &size);
    if (error == SC_OK)
        error = reg_read(bytes, size, take_packaged_item, loading, &line);
    if (error == SC_OK)
        error = end_card(loading);
    mem_free(bytes);
    if (error == SC_OK)
        return;
    log_error("%s: line %u: %s; the file is skipped", entry->path, (unsigned)line,
              sc_error_name(error));
    while (loading->count > before)
        free_packaged_card(&loading->cards[--loading->count]);
    if (error == SC_E_NO_MEMORY)
        loading->complete = false;
}

static int compare_cards(const void *left, const void *right)
{
    const struct packaged_card *a = left, *b = right;
    int order = calais_compare_names(a->name, b->name);
    return order != 0 ? order : a->order < b->order ? -1 : 1;
}

/* Sorts, and keeps the first of each name. */
static void sort_cards(struct packaged *cards)
{
    size_t kept = 0;
    if (cards->count == 0)
        return;
    qsort(cards->cards, cards->count, sizeof(*cards->cards), compare_cards);
    for (size_t i = 1; i < cards->count; i++)
        if (calais_compare_names(cards->cards[kept].name, cards->cards[i].name) != 0)
            cards->cards[++kept] = cards->cards[i];
        else
            free_packaged_card(&cards->cards[i]);
    cards->count = kept + 1;
}

/* Calls take() for the files of all directories. */
static void list_files(void (*take)(void *context, const struct files_entry *entry),
                       void *context)
{
    const char *directory = os_setting_unless_empty(SETTING_CARDS_DIR);
    if (directory != NULL) {
        os_list_files(directory, ".reg", take, context);
        return;
    }
    if (own_directory[0] != '\0' && strcmp(own_directory, os_packaged_cards()) != 0)
        os_list_files(own_directory, ".reg", take, context);
    os_list_files(os_packaged_cards(), ".reg", take, context);
}

enum sc_error packaged_load(const struct packaged **cards)
{
    uint64_t state = 0xCBF29CE484222325U;
    *cards = &loaded;
    list_files(mix_file, &state); /* with their paths */
    if (is_loaded && state == loaded_state)
        return SC_OK;
    packaged_clear();
    struct loading *loading = mem_alloc(sizeof(*loading));
    if (loading == NULL)
        return SC_E_NO_MEMORY;
    loading->complete = true;
    list_files(read_packaged_file, loading);
    loaded = (struct packaged){loading->cards, loading->count};
    sort_cards(&loaded);
    /* Without memory this much is known; the next call tries again. */
    is_loaded = loading->complete;
    loaded_state = state;
    mem_free(loading);
    return SC_OK;
}

static int compare_card_name(const void *name, const void *card)
{
    return calais_compare_names(name, ((const struct packaged_card *)card)->name);
}

const struct packaged_card *packaged_find(const struct packaged *cards, const char *name)
{
    if (cards->count == 0)
        return NULL;
    return bsearch(name, cards->cards, cards->count, sizeof(*cards->cards),
                   compare_card_name);
}

void packaged_get(const struct packaged_card *from, struct database_entry *card)
{
    struct database_card *to = &card->card;
    assert(from->name != NULL && from->interface_count <= DATABASE_INTERFACES_MAX);
    memset(card, 0, sizeof(*card));
    memcpy(to->name, from->name, strlen(from->name) + 1);
    memcpy(to->atr, from->atr, sizeof(to->atr));
    memcpy(to->mask, from->mask, sizeof(to->mask));
    to->atr_size = from->atr_size;
    to->has_primary = from->has_primary;
    memcpy(to->primary, from->primary, sizeof(to->primary));
    to->interface_count = from->interface_count;
    if (from->interface_count != 0)
        memcpy(to->interfaces, from->interfaces,
               from->interface_count * DATABASE_GUID_SIZE);
    for (size_t i = 0; i < DATABASE_TEXTS; i++)
        if (from->providers[i] != NULL)
            memcpy(card->providers[i], from->providers[i],
                   strlen(from->providers[i]) + 1);
}
