/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's readers, reported to the manager as drivers would report theirs. */
#include "client/pcscd_core.h"
#include "manager/limits.h"
#include "os/lock.h"

#include <string.h>

/* Stands for any handle that has a reader alone, in another process or this one. */
static struct card_handle somebody;

static struct reader *find_mirrored(struct manager *manager, const char *name)
{
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        struct reader *reader = manager->readers[i];
        if (reader_is_present(reader) && strcmp(reader->info.device_id, name) == 0)
            return reader;
    }
    return NULL;
}

static void publish(struct manager *manager, struct reader *reader,
                    struct slot_view *view)
{
    assert(view->atr_size <= sizeof(view->atr));
    const struct slot_view *old = &reader->view;
    bool same = old->version != 0 && old->state == view->state
                && old->events == view->events && old->atr_size == view->atr_size
                && memcmp(old->atr, view->atr, view->atr_size) == 0;
    if (same)
        return;
    view->version = ++reader->slot.version;
    manager_publish(manager, reader, view);
}

/* What SCardStatus and attributes are made of. */
static void set_slot(struct slot *slot, const struct wire_reader *from)
{
    assert(from->atr_size <= sizeof(slot->atr));
    slot->state = wire_card_state(from);
    slot->atr_size = slot->state != CARD_ABSENT ? from->atr_size : 0;
    memcpy(slot->atr, from->atr, slot->atr_size);
    slot->offered = slot->atr_size > 0 ? PROTOCOL_T0 | PROTOCOL_T1 : 0;
    slot->protocol = slot->state == CARD_SPECIFIC ? from->protocol : 0;
    slot->exclusive = from->sharing < 0 ? &somebody : NULL;
}

static struct reader *add_mirrored(struct manager *manager,
                                   const struct wire_reader *from)
{
    struct reader_info info;
    struct reader *reader;
    wire_reader_info(from->name, &info);
    if (manager_reader_add(manager, &info, &reader) != SC_OK)
        return NULL;
    wire_shown_name(from->name, reader->names[NAME_PCSCLITE]);
    slot_attach_reader(&reader->slot, &info, reader->events);
    /* pcscd counts anew with every reader; one that was away must not look as before. */
    if (reader->arrival == READER_NEW)
        reader->counted_before = 0;
    else if (reader->arrival == READER_BACK)
        reader->counted_before = reader->events - from->events;
    return reader;
}

static void remove_reader(struct manager *manager, struct reader *reader)
{
    struct slot_view view = {.state = VIEW_UNAVAILABLE | VIEW_UNKNOWN,
                             .events = reader->view.events};
    manager_reader_remove(manager, reader);
    reader->presence = READER_CLOSED;
    reader->slot.reader = SLOT_NO_READER;
    reader->slot.state = CARD_ABSENT;
    reader->slot.atr_size = 0;
    publish(manager, reader, &view);
}

void mirror_wake_watches(struct pcscd *core)
{
    struct watch *watch;
    while ((watch = watch_take_ready(&core->manager)) != NULL)
        os_cond_signal(watch->waiter);
}

void mirror_apply(struct pcscd *core, const struct wire_reader *readers, size_t count)
{
    struct manager *manager = &core->manager;
    bool seen[LIMIT_READERS] = {false};
    for (size_t i = 0; i < count; i++) {
        struct reader *reader = find_mirrored(manager, readers[i].name);
        if (reader != NULL)
            seen[reader->index] = true;
    }
    /* First those that left: names and numbers are free then. */
    for (uint32_t i = 0; i < manager->reader_used; i++)
        if (reader_is_present(manager->readers[i]) && !seen[i])
            remove_reader(manager, manager->readers[i]);
    for (size_t i = 0; i < count; i++) {
        struct slot_view view;
        struct reader *reader = find_mirrored(manager, readers[i].name);
        if (reader == NULL && readers[i].name[0] != '\0')
            reader = add_mirrored(manager, &readers[i]);
        if (reader == NULL)
            continue;
        set_slot(&reader->slot, &readers[i]);
        wire_view(&readers[i], &view);
        view.events = (reader->counted_before + readers[i].events) & 0xFFFF;
        reader->slot.events = view.events;
        publish(manager, reader, &view);
    }
    mirror_wake_watches(core);
}

void mirror_clear(struct pcscd *core, enum sc_error error)
{
    struct list_link *link;
    LIST_FOR_EACH(link, &core->manager.watches)
    {
        struct watch *watch = LIST_ENTRY(link, struct watch, link);
        if (watch->error == SC_OK)
            watch->error = error;
        watch->woken = true;
        os_cond_signal(watch->waiter);
    }
    core->manager.resting = error == SC_E_CANCELLED; /* nobody looks any more */
    mirror_apply(core, NULL, 0);
    core->manager.resting = false;
}
