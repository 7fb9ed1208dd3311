/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader that an IFD handler serves: ifdhandler.h of pcsc-lite says what it may expect.
 *
 * Locks: `calling` of a slot is held during each call of the handler for it but its own wait
 * for cards. It is the object's, the reader's or the slot's, by what the handler says of
 * threads. A slot's `lock` guards what its watcher sleeps for, and none is taken under it. */
#include "drivers/ifd/handler.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "drivers/ifd/object.h"
#include "manager/driver.h"
#include "os/cancel.h"
#include "os/child.h"
#include "os/thread.h"
#include "os/time.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    GUARD_SIZE = 64,  /* bytes behind a buffer that are looked at after the call */
    SLACK_SIZE = 4096 /* and behind those, which a handler may spoil without a crash */
};

struct unit_slot {
    struct ifd_unit *unit;
    uint32_t index;
    DWORD lun;
    struct os_mutex *calling;
    struct os_mutex own; /* that, where slots are independent */
    /* Under `calling`. */
    enum ifd_presence presence;
    uint32_t moves;
    bool opened;
    /* The call's: room for an answer, and for a copy of what goes in. */
    uint8_t *in, *out;
    /* The watcher. */
    struct os_thread thread;
    bool watched;
    RESPONSECODE waited; /* the watcher's: what the handler's wait gave */
    struct os_mutex lock;
    struct os_cond roused;
    bool stopping;
};

struct ifd_unit {
    struct ifd_object *object;
    uint32_t number; /* of the object's readers */
    struct os_mutex lock;
    uint32_t slot_count;
    ifd_moved *moved;
    void *context;
    ifd_wait_call *wait; /* the handler's own wait for cards, or NULL */
    ifd_stop_call *stop_wait;
    bool killable;   /* its thread may be cancelled in that wait */
    bool telling;    /* ifd_unit_watch() was called */
    uint32_t ruined; /* atomic */
    struct unit_slot slots[IFD_SLOTS_MAX];
};

/* --- Buffers --------------------------------------------------------------------------- */

static void put_guard(uint8_t *buffer, size_t room)
{
    memset(buffer + room, 0xA5, GUARD_SIZE);
}

/* Whether the handler has kept to its room. */
static bool has_guard(struct unit_slot *slot, const uint8_t *buffer, size_t room)
{
    uint8_t guard[GUARD_SIZE];
    memset(guard, 0xA5, sizeof(guard));
    if (memcmp(buffer + room, guard, sizeof(guard)) == 0)
        return true;
    log_error("ifd: %s has written behind a buffer", slot->unit->object->path);
    atomic_store_u32(&slot->unit->ruined, 1);
    return false;
}

bool ifd_unit_is_ruined(struct ifd_unit *unit)
{
    return atomic_load_u32(&unit->ruined) != 0;
}

/* What it says it has written fits. */
static uint32_t check_size(struct unit_slot *slot, uint32_t code, DWORD size, size_t room)
{
    if (!has_guard(slot, slot->out, room))
        return IFD_COMMUNICATION_ERROR;
    if (code != IFD_SUCCESS || size <= room)
        return code;
    log_error("ifd: %s gives an answer of %lu bytes where there is room for %zu",
              slot->unit->object->path, size, room);
    return IFD_COMMUNICATION_ERROR;
}

/* The answer stands in slot->out. */
static void give_answer(const struct unit_slot *slot, struct ifd_call *call, DWORD size)
{
    if (call->code != IFD_SUCCESS)
        return;
    call->out_size = size;
    if (size <= call->room && size > 0)
        memcpy(call->out, slot->out, size);
}

/* --- Where the card is ----------------------------------------------------------------- */

static void note_presence(struct unit_slot *slot, enum ifd_presence presence)
    NEEDS_LOCK(*slot->calling)
{
    struct ifd_unit *unit = slot->unit;
    if (slot->presence == presence || slot->presence == IFD_GONE)
        return;
    slot->presence = presence;
    slot->moves++;
    if (unit->telling)
        unit->moved(unit->context, slot->index, presence, slot->moves);
}

static void look_for_card(struct unit_slot *slot) NEEDS_LOCK(*slot->calling)
{
    RESPONSECODE code = slot->unit->object->presence(slot->lun);
    switch (code) {
    case IFD_ICC_PRESENT:
    case IFD_SUCCESS: /* some give that */
        note_presence(slot, IFD_PRESENT);
        break;
    case IFD_NO_SUCH_DEVICE:
        note_presence(slot, IFD_GONE);
        break;
    default:
        note_presence(slot, IFD_ABSENT);
        break;
    }
}

/* Sleeps until then, or until the watcher is to end. */
static void doze(struct unit_slot *slot, uint64_t until_ms)
{
    os_mutex_lock(&slot->lock);
    while (!slot->stopping && os_cond_wait(&slot->roused, &slot->lock, until_ms)) {
    }
    os_mutex_unlock(&slot->lock);
}

static bool watch_is_over(struct unit_slot *slot)
{
    os_mutex_lock(&slot->lock);
    bool stopping = slot->stopping;
    os_mutex_unlock(&slot->lock);
    return stopping;
}

static void call_wait(void *context)
{
    struct unit_slot *slot = context;
    slot->waited = slot->unit->wait(slot->lun, IFD_WATCH_MS);
}

static void undo_nothing(void *context)
{
    (void)context;
}

/* The handler's wait ends when a card moves, and by the time; one that comes back at once
 * without news is not asked more often than others are. */
static void await_news(struct unit_slot *slot, bool news)
{
    enum { AT_ONCE_MS = 20 };
    uint64_t begin_ms = os_now_ms();
    if (slot->unit->wait == NULL) {
        doze(slot, begin_ms + IFD_POLL_MS);
        return;
    }
    os_wait_cancellable(call_wait, undo_nothing, slot);
    if (os_now_ms() - begin_ms < AT_ONCE_MS && (!news || slot->waited != IFD_SUCCESS))
        doze(slot, begin_ms + IFD_POLL_MS);
}

static void watch_slot(void *context)
{
    struct unit_slot *slot = context;
    bool news = true;
    os_child_heed_signals();
    os_cancel_off(); /* but in the handler's own wait */
    while (!watch_is_over(slot)) {
        await_news(slot, news);
        os_mutex_lock(slot->calling);
        uint32_t moves = slot->moves;
        if (slot->presence != IFD_GONE)
            look_for_card(slot);
        news = slot->moves != moves;
        os_mutex_unlock(slot->calling);
    }
}

enum sc_error ifd_unit_watch(struct ifd_unit *unit)
{
    enum sc_error error = SC_OK;
    for (uint32_t i = 0; i < unit->slot_count && error == SC_OK; i++) {
        struct unit_slot *slot = &unit->slots[i];
        os_mutex_lock(slot->calling);
        unit->telling = true;
        os_mutex_unlock(slot->calling);
        error = os_thread_start(&slot->thread, "scard-ifd-look", watch_slot, slot);
        slot->watched = error == SC_OK;
    }
    return error;
}

static void end_watch(struct unit_slot *slot)
{
    if (!slot->watched)
        return;
    os_mutex_lock(&slot->lock);
    slot->stopping = true;
    os_cond_broadcast(&slot->roused);
    os_mutex_unlock(&slot->lock);
    /* A wait that can neither be stopped nor ended with its thread ends by its time. */
    if (slot->unit->stop_wait != NULL)
        (void)slot->unit->stop_wait(slot->lun);
    else if (slot->unit->wait != NULL && slot->unit->killable)
        os_cancel_thread(&slot->thread);
    os_thread_join(&slot->thread);
    slot->watched = false;
}

enum ifd_presence ifd_unit_presence(struct ifd_unit *unit, uint32_t index,
                                    uint32_t *moves)
{
    struct unit_slot *slot = &unit->slots[index];
    os_mutex_lock(slot->calling);
    enum ifd_presence presence = slot->presence;
    *moves = slot->moves;
    os_mutex_unlock(slot->calling);
    return presence;
}

/* --- Capabilities ---------------------------------------------------------------------- */

/* Into slot->out. False: the handler does not tell. */
static bool get_capability(struct unit_slot *slot, DWORD tag, size_t size_wanted)
    NEEDS_LOCK(*slot->calling)
{
    DWORD size = DRIVER_ATTRIBUTE_MAX;
    put_guard(slot->out, DRIVER_ATTRIBUTE_MAX);
    uint32_t code = (uint32_t)slot->unit->object->get(slot->lun, tag, &size, slot->out);
    return check_size(slot, code, size, DRIVER_ATTRIBUTE_MAX) == IFD_SUCCESS
           && size >= size_wanted;
}

static uint8_t get_byte_capability(struct unit_slot *slot, DWORD tag, uint8_t otherwise)
    NEEDS_LOCK(*slot->calling)
{
    return get_capability(slot, tag, 1) ? slot->out[0] : otherwise;
}

/* The calls that a handler gives as values. */
static void get_waits(struct unit_slot *slot) NEEDS_LOCK(*slot->calling)
{
    struct ifd_unit *unit = slot->unit;
    if (get_capability(slot, TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, sizeof(unit->wait)))
        memcpy(&unit->wait, slot->out, sizeof(unit->wait));
    if (get_capability(slot, TAG_IFD_STOP_POLLING_THREAD, sizeof(unit->stop_wait)))
        memcpy(&unit->stop_wait, slot->out, sizeof(unit->stop_wait));
    unit->killable = get_byte_capability(slot, TAG_IFD_POLLING_THREAD_KILLABLE, 0) == 1;
}

/* --- Calls ----------------------------------------------------------------------------- */

static void carry_power(struct unit_slot *slot, struct ifd_call *call)
    NEEDS_LOCK(*slot->calling)
{
    DWORD size = DRIVER_ATR_MAX;
    put_guard(slot->out, DRIVER_ATR_MAX);
    memset(slot->out, 0, DRIVER_ATR_MAX);
    uint32_t code =
        (uint32_t)slot->unit->object->power(slot->lun, call->a, slot->out, &size);
    call->code = check_size(slot, code, size, DRIVER_ATR_MAX);
    give_answer(slot, call, call->a == IFD_POWER_DOWN ? 0 : size);
}

static void call_transmit(struct unit_slot *slot, struct ifd_call *call)
    NEEDS_LOCK(*slot->calling)
{
    DWORD size = TRANSFER_MAX;
    const SCARD_IO_HEADER header = {call->a, sizeof(header)};
    SCARD_IO_HEADER back = header;
    put_guard(slot->out, TRANSFER_MAX);
    put_guard(slot->in, call->in_size);
    uint32_t code = (uint32_t)slot->unit->object->transmit(
        slot->lun, header, slot->in, call->in_size, slot->out, &size, &back);
    if (!has_guard(slot, slot->in, call->in_size))
        code = IFD_COMMUNICATION_ERROR;
    call->code = check_size(slot, code, size, TRANSFER_MAX);
    give_answer(slot, call, size);
}

static void call_control(struct unit_slot *slot, struct ifd_call *call)
    NEEDS_LOCK(*slot->calling)
{
    const struct ifd_object *object = slot->unit->object;
    size_t room = call->b;
    DWORD size = object->version == 2 ? room : 0;
    uint32_t code;
    put_guard(slot->out, room);
    put_guard(slot->in, call->in_size);
    if (object->version == 2)
        code = (uint32_t)object->control_2(slot->lun, slot->in, call->in_size, slot->out,
                                           &size);
    else
        code = (uint32_t)object->control(slot->lun, call->a, slot->in, call->in_size,
                                         slot->out, room, &size);
    if (!has_guard(slot, slot->in, call->in_size))
        code = IFD_COMMUNICATION_ERROR;
    call->code = check_size(slot, code, size, room);
    give_answer(slot, call, size);
}

static void call_get(struct unit_slot *slot, struct ifd_call *call)
    NEEDS_LOCK(*slot->calling)
{
    DWORD size = DRIVER_ATTRIBUTE_MAX;
    put_guard(slot->out, DRIVER_ATTRIBUTE_MAX);
    uint32_t code =
        (uint32_t)slot->unit->object->get(slot->lun, call->a, &size, slot->out);
    call->code = check_size(slot, code, size, DRIVER_ATTRIBUTE_MAX);
    give_answer(slot, call, size);
}

static void carry_out(struct unit_slot *slot, struct ifd_call *call)
    NEEDS_LOCK(*slot->calling)
{
    const struct ifd_object *object = slot->unit->object;
    switch ((int)call->kind) {
    case IFD_POWER:
        carry_power(slot, call);
        break;
    case IFD_PROTOCOL:
        call->code = (uint32_t)object->protocol(slot->lun, call->a, 0, 0, 0, 0);
        break;
    case IFD_TRANSMIT:
        call_transmit(slot, call);
        break;
    case IFD_CONTROL:
        call_control(slot, call);
        break;
    case IFD_GET:
        call_get(slot, call);
        break;
    case IFD_SET:
        call->code = (uint32_t)object->set(slot->lun, call->a, call->in_size, slot->in);
        break;
    default:
        assert(false); /* the caller has made it */
        break;
    }
}

/* What an answer says of the card, and what one that says nothing may be about. */
static void heed_answer(struct unit_slot *slot, struct ifd_call *call)
    NEEDS_LOCK(*slot->calling)
{
    bool failed = call->kind == IFD_POWER || call->kind == IFD_TRANSMIT;
    if (call->code == IFD_ICC_NOT_PRESENT)
        note_presence(slot, IFD_ABSENT);
    else if (call->code == IFD_NO_SUCH_DEVICE)
        note_presence(slot, IFD_GONE);
    else if (call->code != IFD_SUCCESS && failed && slot->presence == IFD_PRESENT)
        look_for_card(slot);
    if (call->code != IFD_SUCCESS && failed && slot->presence == IFD_ABSENT)
        call->code = IFD_ICC_NOT_PRESENT;
}

void ifd_unit_call(struct ifd_unit *unit, uint32_t index, struct ifd_call *call)
{
    struct unit_slot *slot = &unit->slots[index];
    assert(index < unit->slot_count && call->in_size <= TRANSFER_MAX
           && call->b <= TRANSFER_MAX);
    call->out_size = 0;
    if (call->in_size > 0)
        memcpy(slot->in, call->in, call->in_size);
    os_mutex_lock(slot->calling);
    if (slot->presence == IFD_GONE)
        call->code = IFD_NO_SUCH_DEVICE;
    else
        carry_out(slot, call);
    heed_answer(slot, call);
    call->moves = slot->moves;
    os_mutex_unlock(slot->calling);
    secret_clear(slot->in, call->in_size);
}

/* --- Life ------------------------------------------------------------------------------ */

static enum sc_error init_slot(struct ifd_unit *unit, uint32_t index)
{
    struct unit_slot *slot = &unit->slots[index];
    slot->unit = unit;
    slot->index = index;
    slot->lun = (DWORD)unit->number << 16 | index;
    slot->calling = &unit->lock; /* until more is known */
    os_mutex_init(&slot->own);
    os_mutex_init(&slot->lock);
    os_cond_init(&slot->roused);
    slot->in = mem_alloc((size_t)TRANSFER_MAX + GUARD_SIZE + SLACK_SIZE);
    slot->out = mem_alloc((size_t)TRANSFER_MAX + GUARD_SIZE + SLACK_SIZE);
    unit->slot_count = index + 1;
    return slot->in != NULL && slot->out != NULL ? SC_OK : SC_E_NO_MEMORY;
}

static void free_unit(struct ifd_unit *unit)
{
    for (uint32_t i = 0; i < unit->slot_count; i++) {
        struct unit_slot *slot = &unit->slots[i];
        mem_free(slot->in);
        mem_free(slot->out);
        os_cond_destroy(&slot->roused);
        os_mutex_destroy(&slot->lock);
        os_mutex_destroy(&slot->own);
    }
    os_mutex_destroy(&unit->lock);
    mem_free(unit);
}

static RESPONSECODE create(struct unit_slot *slot, const struct ifd_target *target)
{
    const struct ifd_object *object = slot->unit->object;
    char device[sizeof(target->device)]; /* it is not const to the handler */
    memcpy(device, target->device, sizeof(device));
    RESPONSECODE code = object->version == 3 && device[0] != '\0'
                            ? object->create_by_name(slot->lun, device)
                            : object->create(slot->lun, target->channel);
    slot->opened = code == IFD_SUCCESS;
    return code;
}

static enum sc_error refuse_open(struct ifd_refusal *refusal, RESPONSECODE code,
                                 const char *what)
{
    refusal->failure = IFD_FAILED_TO_OPEN;
    refusal->code = (uint32_t)code;
    (void)snprintf(refusal->why, sizeof(refusal->why),
                   "the handler %s (its error is %ld, %s)", what, code,
                   code == IFD_NO_SUCH_DEVICE        ? "no such device"
                   : code == IFD_COMMUNICATION_ERROR ? "a communication error"
                                                     : "see ifdhandler.h");
    return SC_E_READER_UNAVAILABLE;
}

/* The first slot is open. The slots' lock is the object's meanwhile, whatever it is later,
 * which clang does not follow. */
static enum sc_error open_others(struct ifd_unit *unit, const struct ifd_target *target,
                                 struct ifd_refusal *refusal) LOCKS_UNSEEN
{
    struct unit_slot *first = &unit->slots[0];
    uint32_t count = get_byte_capability(first, TAG_IFD_SLOTS_NUMBER, 1);
    uint32_t readers = get_byte_capability(first, TAG_IFD_SIMULTANEOUS_ACCESS, 1);
    bool apart = get_byte_capability(first, TAG_IFD_SLOT_THREAD_SAFE, 0) == 1;
    bool safe = get_byte_capability(first, TAG_IFD_THREAD_SAFE, 0) == 1;
    enum sc_error error = SC_OK;
    if (unit->number > 0 && unit->number >= readers)
        return refuse_open(refusal, IFD_SUCCESS, "serves no more readers in one process");
    if (count == 0 || count > IFD_SLOTS_MAX) {
        log_error("ifd: %s says that a reader has %u slots; one is used",
                  unit->object->path, (unsigned)count);
        count = 1;
    }
    get_waits(first);
    for (uint32_t i = 1; i < count && error == SC_OK; i++) {
        error = init_slot(unit, i);
        RESPONSECODE code = IFD_SUCCESS;
        if (error == SC_OK)
            code = create(&unit->slots[i], target);
        if (code != IFD_SUCCESS)
            error = refuse_open(refusal, code, "cannot open one of the reader's slots");
    }
    for (uint32_t i = 0; i < unit->slot_count && error == SC_OK; i++) {
        struct unit_slot *slot = &unit->slots[i];
        look_for_card(slot);
        slot->moves = 0;
        slot->calling = safe && apart ? &slot->own
                        : safe        ? &unit->lock
                                      : &unit->object->lock;
    }
    return error;
}

static enum sc_error open_unit(struct ifd_unit *unit, const struct ifd_target *target,
                               struct ifd_refusal *refusal)
{
    struct ifd_object *object = unit->object;
    enum sc_error error = init_slot(unit, 0);
    if (error != SC_OK)
        return error;
    os_mutex_lock(&object->lock);
    RESPONSECODE code = create(&unit->slots[0], target);
    if (code == IFD_SUCCESS)
        error = open_others(unit, target, refusal);
    else
        error = refuse_open(refusal, code, "cannot open the reader");
    os_mutex_unlock(&object->lock);
    return error;
}

void ifd_unit_close(struct ifd_unit *unit)
{
    struct ifd_object *object = unit->object;
    for (uint32_t i = unit->slot_count; i-- > 0;)
        end_watch(&unit->slots[i]);
    for (uint32_t i = unit->slot_count; i-- > 0;) {
        struct unit_slot *slot = &unit->slots[i];
        os_mutex_lock(slot->calling);
        if (slot->opened)
            (void)object->close(slot->lun);
        os_mutex_unlock(slot->calling);
    }
    uint32_t number = unit->number;
    free_unit(unit);
    ifd_object_release(object, number);
}

enum sc_error ifd_unit_open(const struct ifd_target *target, ifd_moved *moved,
                            void *context, struct ifd_unit **opened,
                            struct ifd_refusal *refusal)
{
    struct ifd_unit *unit = mem_alloc(sizeof(*unit));
    memset(refusal, 0, sizeof(*refusal));
    if (unit == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error =
        ifd_object_take(target->object, &unit->object, &unit->number, refusal);
    if (error != SC_OK) {
        mem_free(unit);
        return error;
    }
    os_mutex_init(&unit->lock);
    unit->moved = moved;
    unit->context = context;
    error = open_unit(unit, target, refusal);
    if (error == SC_OK)
        *opened = unit;
    else
        ifd_unit_close(unit);
    return error;
}

uint32_t ifd_unit_slots(const struct ifd_unit *unit)
{
    return unit->slot_count;
}

uint32_t ifd_unit_version(const struct ifd_unit *unit)
{
    return unit->object->version;
}
