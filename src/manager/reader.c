/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers and what they are called, in each of the two naming styles. */
#include "base/alloc.h"
#include "manager/limits.h"
#include "manager/manager.h"
#include "manager/watch.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static bool same_device(const struct reader_info *a, const struct reader_info *b)
{
    return a->device_id[0] != '\0' && strcmp(a->device_id, b->device_id) == 0;
}

static bool same_kind(const struct reader_info *a, const struct reader_info *b)
{
    return strcmp(a->vendor, b->vendor) == 0 && strcmp(a->product, b->product) == 0;
}

/* The entry it had before, else a new one, as long as few are kept of readers that left,
 * else that of the one that left first. An entry that handles still name is not free. */
static struct reader *choose_entry(struct manager *manager,
                                   const struct reader_info *info)
{
    struct reader *old = NULL;
    uint32_t free = 0;
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        struct reader *reader = manager->readers[i];
        if (reader->presence != READER_CLOSED || reader->cards > 0)
            continue;
        if (same_device(&reader->info, info) && reader->info.slot == info->slot)
            return reader;
        free++;
        if (old == NULL || (int32_t)(reader->left - old->left) < 0)
            old = reader;
    }
    if (free < LIMIT_REMEMBERED && manager->reader_used < LIMIT_READERS) {
        struct reader *made = mem_alloc(sizeof(*made));
        if (made == NULL)
            return old;
        made->index = manager->reader_used;
        slot_init(&made->slot, made->index);
        manager->readers[manager->reader_used++] = made;
        return made;
    }
    return old;
}

/* --- Names -------------------------------------------------------------------------- */

/* Of two series only readers that are called the same need numbers of their own. */
static bool share_numbers(const struct reader_info *a, const struct reader_info *b)
{
    return strcmp(a->series, b->series) == 0 || same_kind(a, b);
}

static bool number_taken(const struct manager *manager, const struct reader_info *info,
                         uint32_t number)
{
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        const struct reader *reader = manager->readers[i];
        /* The slots of one device share its number; nothing else does. */
        bool same_slot = reader->info.slot == info->slot;
        if (reader_is_present(reader) && reader->number == number
            && share_numbers(&reader->info, info)
            && (same_slot || !same_device(&reader->info, info)))
            return true;
    }
    return false;
}

static bool unit_taken(const struct manager *manager, const struct reader_info *info,
                       uint32_t unit)
{
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        const struct reader *reader = manager->readers[i];
        if (reader_is_present(reader) && reader->unit == unit
            && same_kind(&reader->info, info))
            return true;
    }
    return false;
}

static bool name_taken(const struct manager *manager, const char *name)
{
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        const struct reader *reader = manager->readers[i];
        if (reader_is_present(reader)
            && (strcmp(reader->names[NAME_WINDOWS], name) == 0
                || strcmp(reader->names[NAME_PCSCLITE], name) == 0))
            return true;
    }
    return false;
}

/* Cuts text that does not fit at the start of a UTF-8 character, then adds the end. */
static void join_name(char name[DRIVER_NAME_MAX], const char *start, const char *end)
{
    size_t room = DRIVER_NAME_MAX - 1 - strlen(end);
    size_t size = strlen(start);
    if (size > room) {
        size = room;
        while (size > 0 && ((unsigned char)start[size] & 0xC0) == 0x80)
            size--;
    }
    for (size_t i = 0; i < size; i++)
        name[i] = start[i];
    memcpy(name + size, end, strlen(end) + 1);
}

static void make_names(struct reader *reader)
{
    const struct reader_info *info = &reader->info;
    char start[4 * DRIVER_TEXT_MAX + 16];
    char end[32];
    const char *space = info->vendor[0] != '\0' ? " " : "";

    snprintf(start, sizeof(start), "%s%s%s", info->vendor, space, info->product);
    snprintf(end, sizeof(end), " %u", (unsigned)reader->unit);
    join_name(reader->names[NAME_WINDOWS], start, end);

    bool named = info->interface_name[0] != '\0', serial = info->serial[0] != '\0';
    snprintf(start, sizeof(start), "%s%s%s%s%s%s%s%s%s", info->vendor, space,
             info->product, named ? " [" : "", info->interface_name, named ? "]" : "",
             serial ? " (" : "", info->serial, serial ? ")" : "");
    snprintf(end, sizeof(end), " %02X %02X", (unsigned)reader->number & 0xFF,
             (unsigned)info->slot & 0xFF);
    join_name(reader->names[NAME_PCSCLITE], start, end);
}

/* A name that the user gave stands in both styles, numbered if somebody has it already.
 */
static void use_given_name(const struct manager *manager, struct reader *reader)
{
    char name[DRIVER_NAME_MAX], end[16] = "";
    for (unsigned i = 1; i <= LIMIT_READERS; i++) {
        join_name(name, reader->info.name, end);
        if (!name_taken(manager, name))
            break;
        snprintf(end, sizeof(end), " %u", i);
    }
    memcpy(reader->names[NAME_WINDOWS], name, sizeof(name));
    memcpy(reader->names[NAME_PCSCLITE], name, sizeof(name));
}

static bool same_name(const struct reader *reader, char names[2][DRIVER_NAME_MAX])
{
    return strcmp(reader->names[NAME_WINDOWS], names[NAME_WINDOWS]) == 0
           || strcmp(reader->names[NAME_PCSCLITE], names[NAME_PCSCLITE]) == 0;
}

/* It may have left in another entry, which handles still name. */
static const struct reader *last_of_name(const struct manager *manager,
                                         struct reader *reader)
{
    const struct reader *last = NULL;
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        const struct reader *other = manager->readers[i];
        if (!reader_is_present(other) && other->left != 0
            && same_name(other, reader->names)
            && (last == NULL || (int32_t)(other->left - last->left) > 0))
            last = other;
    }
    return last;
}

static void continue_counter(const struct manager *manager, struct reader *reader)
{
    bool card = reader->info.card_present && !reader->info.taken;
    const struct reader *last = last_of_name(manager, reader);
    if (last == NULL) {
        reader->arrival = READER_NEW;
        reader->events = card ? 1 : 0;
    } else if (last->departure != READER_WENT) {
        bool had_card = last->departure == READER_RESTED_WITH_CARD;
        reader->arrival = READER_SERVED_AGAIN;
        reader->events = last->view.events + (card != had_card ? 1 : 0);
    } else {
        reader->arrival = READER_BACK;
        reader->events = last->view.events + 1 + (card ? 1 : 0);
    }
}

/* Slots of one device are marked as such. */
static void mark_siblings(struct manager *manager, struct reader *entry)
{
    entry->many = false;
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        struct reader *other = manager->readers[i];
        if (other != entry && reader_is_present(other)
            && same_device(&other->info, &entry->info))
            other->many = entry->many = true;
    }
}

struct reader *manager_reader_listed(const struct manager *manager, uint32_t place)
{
    struct reader *here = manager->readers[place];
    if (!reader_is_present(here))
        return NULL;
    if (!here->many)
        return here;
    /* The slot that has as many before it as there are entries before this one. */
    uint32_t before = 0;
    for (uint32_t i = 0; i < place; i++) {
        const struct reader *other = manager->readers[i];
        before += reader_is_present(other) && same_device(&other->info, &here->info);
    }
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        struct reader *found = manager->readers[i];
        uint32_t lower = 0;
        if (!reader_is_present(found) || !same_device(&found->info, &here->info))
            continue;
        for (uint32_t k = 0; k < manager->reader_used; k++) {
            const struct reader *other = manager->readers[k];
            lower += reader_is_present(other) && same_device(&other->info, &here->info)
                     && (other->info.slot < found->info.slot
                         || (other->info.slot == found->info.slot && k < i));
        }
        if (lower == before)
            return found;
    }
    return here;
}

enum sc_error manager_reader_add(struct manager *manager, const struct reader_info *info,
                                 struct reader **reader)
{
    struct reader *entry = choose_entry(manager, info);
    if (entry == NULL)
        return SC_E_NO_MEMORY;
    assert(entry->presence == READER_CLOSED && entry->cards == 0);
    bool returns = same_device(&entry->info, info) && same_kind(&entry->info, info);
    char names[2][DRIVER_NAME_MAX];
    memcpy(names, entry->names, sizeof(names));
    entry->info = *info;
    if (!returns || number_taken(manager, info, entry->number))
        for (entry->number = 0; number_taken(manager, info, entry->number);)
            entry->number++;
    if (!returns || unit_taken(manager, info, entry->unit))
        for (entry->unit = 0; unit_taken(manager, info, entry->unit);)
            entry->unit++;
    if (info->name[0] != '\0')
        use_given_name(manager, entry);
    else
        make_names(entry);
    if (!same_name(entry, names))
        entry->left = 0; /* the reader that left here is forgotten */
    continue_counter(manager, entry);
    entry->presence = READER_PRESENT;
    mark_siblings(manager, entry);
    manager->reader_count++;
    *reader = entry;
    return SC_OK;
}

void manager_reader_remove(struct manager *manager, struct reader *reader)
{
    if (!reader_is_present(reader))
        return;
    assert(manager->reader_count > 0);
    reader->presence = READER_LEFT;
    reader->left = ++manager->departures;
    bool had_card = (reader->view.state & VIEW_PRESENT) != 0;
    reader->departure = !manager->resting ? READER_WENT
                        : had_card        ? READER_RESTED_WITH_CARD
                                          : READER_RESTED;
    manager->reader_count--;
}

struct reader *manager_reader_find(struct manager *manager, const char *name)
{
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        struct reader *reader = manager->readers[i];
        if (reader_is_present(reader)
            && (strcmp(reader->names[NAME_WINDOWS], name) == 0
                || strcmp(reader->names[NAME_PCSCLITE], name) == 0))
            return reader;
    }
    return NULL;
}

/* --- What is known of readers ------------------------------------------------------- */

enum sc_error manager_list_readers(const struct manager *manager, enum name_style style,
                                   struct multistring *names)
{
    if (manager->reader_count == 0)
        return SC_E_NO_READERS_AVAILABLE;
    enum sc_error error = SC_OK;
    for (uint32_t i = 0; i < manager->reader_used && error == SC_OK; i++) {
        const struct reader *reader = manager_reader_listed(manager, i);
        if (reader != NULL)
            error = multistring_add(names, reader->names[style]);
    }
    return error;
}

enum sc_error manager_reader_copy(struct manager *manager, const char *name,
                                  enum name_style style, struct reader_info *info,
                                  char shown[DRIVER_NAME_MAX])
{
    const struct reader *reader = manager_reader_find(manager, name);
    if (reader == NULL)
        return SC_E_UNKNOWN_READER;
    *info = reader->info;
    memcpy(shown, reader->names[style], DRIVER_NAME_MAX);
    return SC_OK;
}

void manager_visit_readers(const struct manager *manager, reader_visit *visit,
                           void *context)
{
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        const struct reader *reader = manager_reader_listed(manager, i);
        if (reader == NULL)
            continue;
        const struct reader_state state = {.names = {reader->names[0], reader->names[1]},
                                           .view = &reader->view};
        visit(context, &state);
    }
}

void manager_slot_status(struct slot *slot, enum name_style style,
                         struct card_status *status)
{
    const struct reader *reader = manager_reader_of_slot(slot);
    memcpy(status->name, reader->names[style], sizeof(status->name));
    status->state = slot->state;
    status->events = slot->events;
    status->atr_size = slot->atr_size;
    memcpy(status->atr, slot->atr, slot->atr_size);
    status->transmissions = slot->transmissions;
}

/* --- Publishing --------------------------------------------------------------------- */

void manager_publish(struct manager *manager, struct reader *reader,
                     const struct slot_view *view)
{
    bool newer = (int32_t)(view->version - reader->view.version) > 0;
    if (!newer)
        return;
    bool was_there =
        (reader->view.state & VIEW_UNKNOWN) == 0 && reader->view.version != 0;
    bool is_there = (view->state & VIEW_UNKNOWN) == 0;
    reader->view = *view;
    reader->changed = ++manager->changes;
    if (was_there != is_there) {
        manager->reader_changes++;
        reader->arrived = reader->changed;
        watch_notify(manager, NULL);
    }
    watch_notify(manager, reader);
}
