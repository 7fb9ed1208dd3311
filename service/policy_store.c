/* SPDX-License-Identifier: BSD-2-Clause */
/* The policy in force. */
#include "service/policy_store.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/lock.h"
#include "service/policy_file.h"

#include <stdio.h>

void policy_store_init(struct policy_store *store, const char *path,
                       const struct policy_options *options)
{
    os_mutex_init(&store->mutex);
    store->current = NULL;
    store->state = POLICY_CLOSED;
    store->fault = (struct policy_fault){0, "not read so far"};
    store->path = path;
    store->options = *options;
}

static void put_policy(struct policy_store *store, struct policy *policy)
{
    os_mutex_lock(&store->mutex);
    struct policy *before = store->current;
    store->current = policy;
    os_mutex_unlock(&store->mutex);
    policy_release(before);
}

void policy_store_destroy(struct policy_store *store)
{
    put_policy(store, NULL);
    os_mutex_destroy(&store->mutex);
}

static enum sc_error read_policy(struct policy_store *store, struct policy **policy,
                                 struct policy_fault *fault)
{
    char *text = NULL;
    size_t size = 0;
    const struct policy_options *options = &store->options;
    enum sc_error error =
        policy_file_read(store->path, options->owner, &text, &size, fault);
    if (error == SC_E_FILE_NOT_FOUND) {
        if (options->is_named) {
            fault->line = 0;
            snprintf(fault->text, sizeof(fault->text), "there is no such file");
            return SC_E_NO_ACCESS;
        }
        *policy = policy_create_default(options);
        return *policy != NULL ? SC_OK : SC_E_NO_MEMORY;
    }
    if (error == SC_OK)
        error = policy_parse(text, size, options, policy, fault);
    mem_free(text);
    return error;
}

const char *policy_state_words(enum policy_state state)
{
    switch (state) {
    case POLICY_GOOD:
        return "the policy is as its file says";
    case POLICY_KEPT:
        return "the policy that was read before stays in force until that is mended";
    case POLICY_CLOSED:
        break;
    }
    return "only root and the service's own user may use cards until that is mended";
}

static void log_fault(const struct policy_store *store, const struct policy_fault *fault)
{
    if (fault->line != 0)
        log_error("%s:%u: %s", store->path, (unsigned)fault->line, fault->text);
    else
        log_error("%s: %s", store->path, fault->text);
}

enum sc_error policy_store_load(struct policy_store *store)
{
    struct policy_fault fault = {0, "no memory"};
    struct policy *policy = NULL;
    enum policy_state state = POLICY_GOOD;
    enum sc_error error = read_policy(store, &policy, &fault);
    if (error != SC_OK) {
        /* Nobody else writes the state. */
        bool keeps = store->current != NULL && store->state != POLICY_CLOSED;
        state = keeps ? POLICY_KEPT : POLICY_CLOSED;
        policy = keeps ? policy_store_get(store) : policy_create_closed(&store->options);
        log_fault(store, &fault);
    }
    os_mutex_lock(&store->mutex);
    store->state = state;
    store->fault = fault;
    os_mutex_unlock(&store->mutex);
    put_policy(store, policy);
    return error;
}

struct policy *policy_store_get(struct policy_store *store)
{
    os_mutex_lock(&store->mutex);
    struct policy *policy = policy_retain(store->current);
    os_mutex_unlock(&store->mutex);
    return policy;
}

enum policy_state policy_store_state(struct policy_store *store,
                                     struct policy_fault *fault)
{
    os_mutex_lock(&store->mutex);
    enum policy_state state = store->state;
    if (state != POLICY_GOOD)
        *fault = store->fault;
    os_mutex_unlock(&store->mutex);
    return state;
}
