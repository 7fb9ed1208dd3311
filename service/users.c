/* SPDX-License-Identifier: BSD-2-Clause */
/* list_users: which programs use which readers, and policy_state: what the policy keeps
 * from the client that asks; both as far as that one may know it (winscard-protocol(7)).
 */
#include "base/alloc.h"
#include "host/host.h"
#include "os/process.h"
#include "service/dispatch_internal.h"
#include "service/server.h"
#include "service/session.h"

#include <stdlib.h>

enum {
    PROGRAM_ROOM = 64,
    ENTRIES_ROOM = MESSAGE_USERS_MAX * 256 /* bytes: an entry has 220 at most */
};

/* Root and the service's own user may know everything. */
static bool may_know_all(const struct call *call)
{
    uint32_t uid = call->session->uid;
    return uid == 0 || uid == call->server->options.owner;
}

/* Others know what is theirs, and which program keeps them from a reader that they may
 * see. */
static bool may_know(const struct call *call, const struct session_use *use,
                     struct card_use *card)
{
    if (may_know_all(call) || call->session->uid == use->uid)
        return true;
    const char *const names[] = {card->names[0], card->names[1]};
    return use->card != 0 && (card->share == SHARE_EXCLUSIVE || card->holds)
           && permit_visible_names(call->session, names);
}

/* A use that the client may know of, as it is listed. */
struct listed {
    const struct session_use *use;
    uint32_t session; /* its number in the list */
    const struct reader *reader;
    uint32_t share;
    bool holds;
};

static bool find_use(const struct call *call, const struct session_use *use,
                     struct card_use *card)
{
    *card = (struct card_use){.share = 0};
    if (use->session == call->session && use->card == 0)
        return false; /* the question itself */
    if (use->card != 0 && host_card_use(use->card, card) != SC_OK)
        return false; /* disconnected meanwhile */
    return may_know(call, use, card);
}

static bool put_use(const struct call *call, const struct listed *listed,
                    enum name_style style, struct message_writer *writer)
{
    const struct session_use *use = listed->use;
    char program[PROGRAM_ROOM];
    struct card_use card;
    if (!find_use(call, use, &card))
        return false;
    bool own = may_know_all(call) || use->uid == call->session->uid;
    os_process_name(use->pid, use->start_time, program, sizeof(program));
    struct message_user user = {.pid = use->pid,
                                .uid = use->uid,
                                .contexts = own ? use->contexts : 0,
                                .share = listed->share,
                                .flags = listed->holds ? MESSAGE_USER_HOLDS : 0,
                                .program = message_text(program),
                                .reader = message_text(card.names[style])};
    message_put_user(writer, &user);
    return true;
}

/* Those that keep a reader from others come first: no crowd of others hides them. */
static int compare_listed(const void *a, const void *b)
{
    const struct listed *left = a, *right = b;
    bool left_keeps = left->share == SHARE_EXCLUSIVE || left->holds;
    bool right_keeps = right->share == SHARE_EXCLUSIVE || right->holds;
    if (left_keeps != right_keeps)
        return left_keeps ? -1 : 1;
    if (left->session != right->session)
        return left->session < right->session ? -1 : 1;
    if (left->reader != right->reader)
        return (uintptr_t)left->reader < (uintptr_t)right->reader ? -1 : 1;
    if (left->share != right->share)
        return left->share < right->share ? -1 : 1;
    return left->holds - right->holds;
}

/* Those that the client may know of, in the order of the response; how many. */
static size_t sort_uses(const struct call *call, const struct session_use *uses,
                        size_t count, struct listed *listed)
{
    size_t found = 0;
    uint32_t session = 0;
    struct card_use card;
    for (size_t i = 0; i < count; i++) {
        session += i > 0 && uses[i].session != uses[i - 1].session ? 1 : 0;
        if (find_use(call, &uses[i], &card))
            listed[found++] = (struct listed){.use = &uses[i],
                                              .session = session,
                                              .reader = card.reader,
                                              .share = card.share,
                                              .holds = card.holds};
    }
    qsort(listed, found, sizeof(*listed), compare_listed);
    return found;
}

/* All that there are: a client with very many must not hide another one. NULL: no memory.
 */
static struct session_use *take_uses(struct server *server, size_t *count)
{
    struct session_use *uses = NULL;
    size_t room = 256;
    do {
        mem_free(uses);
        room *= 2;
        uses = mem_alloc_array(room, sizeof(*uses));
        if (uses == NULL)
            return NULL;
        *count = session_list(server, uses, room);
    } while (*count > room);
    return uses;
}

static bool respond_uses(struct call *call, const struct listed *listed, size_t count,
                         enum name_style style, uint8_t *entries)
{
    struct message_writer list = {.bytes = entries, .room = ENTRIES_ROOM};
    struct message_writer writer;
    struct message_response_list_users fields = {0};
    const struct listed *last = NULL; /* equal ones are listed once */
    for (size_t i = 0; i < count && fields.count < MESSAGE_USERS_MAX; i++) {
        if ((last != NULL && compare_listed(last, &listed[i]) == 0)
            || !put_use(call, &listed[i], style, &list))
            continue;
        last = &listed[i];
        fields.count++;
    }
    fields.entries = message_bytes(entries, list.size);
    if (!call_make_response_room(call, MESSAGE_HEADER_SIZE + 8 + list.size))
        return dispatch_bare(call, SC_E_NO_MEMORY);
    dispatch_begin_fields(call, &writer);
    message_put_response_list_users(&writer, &fields);
    return dispatch_end_fields(call, &writer, SC_OK);
}

bool dispatch_do_list_users(struct call *call,
                            const struct message_request_list_users *request)
{
    size_t count = 0;
    struct session_use *uses = take_uses(call->server, &count);
    struct listed *listed = uses != NULL ? mem_alloc_array(count, sizeof(*listed)) : NULL;
    uint8_t *entries = mem_alloc(ENTRIES_ROOM);
    bool done;
    if (listed == NULL || entries == NULL) {
        done = dispatch_bare(call, SC_E_NO_MEMORY);
    } else {
        count = sort_uses(call, uses, count, listed);
        done = respond_uses(call, listed, count, dispatch_style(request->style), entries);
    }
    mem_free(uses);
    mem_free(listed);
    mem_free(entries);
    return done;
}

struct hidden {
    const struct session *session;
    bool any;
};

static void look_whether_hidden(void *context, const struct reader_state *reader)
{
    struct hidden *hidden = context;
    hidden->any |= !permit_visible_names(hidden->session, reader->names);
}

/* Is there a reader that the policy does not show to the session? */
static bool hides_readers(const struct call *call)
{
    struct hidden hidden = {.session = call->session};
    uint64_t changes;
    (void)host_visit_readers(look_whether_hidden, &hidden, &changes);
    return hidden.any;
}

bool dispatch_do_policy_state(struct call *call,
                              const struct message_request_policy_state *request)
{
    (void)request;
    struct policy_fault fault = {0, ""};
    uint32_t flags = 0;
    enum policy_state state = policy_store_state(call->server->options.policy, &fault);
    if (state != POLICY_GOOD)
        flags |= MESSAGE_POLICY_BROKEN;
    if (state == POLICY_KEPT)
        flags |= MESSAGE_POLICY_KEPT;
    if (hides_readers(call))
        flags |= MESSAGE_POLICY_HIDES;
    if (!may_know_all(call)) { /* rules name other users */
        fault.line = 0;
        fault.text[0] = '\0';
    }
    RESPOND(call, SC_OK, policy_state, .flags = flags, .line = fault.line,
            .fault = message_text(fault.text));
}
