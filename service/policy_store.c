/* SPDX-License-Identifier: BSD-2-Clause */
/* The policy in force. */
#include "service/policy_store.h"

#include "base/alloc.h"
#include "base/log.h"
#include "service/policy_file.h"

#include <stdio.h>

void policy_store_init(struct policy_store *store, const char *path,
                       const struct policy_options *options)
{
    os_mutex_init(&store->mutex);
    store->current = NULL;
    store->broken = false;
    store->path = path;
    store->options = *options;
}

static void put(struct policy_store *store, struct policy *policy)
{
    os_mutex_lock(&store->mutex);
    struct policy *before = store->current;
    store->current = policy;
    os_mutex_unlock(&store->mutex);
    policy_release(before);
}

void policy_store_destroy(struct policy_store *store)
{
    put(store, NULL);
    os_mutex_destroy(&store->mutex);
}

static enum sc_error load(struct policy_store *store, struct policy **policy,
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

enum sc_error policy_store_load(struct policy_store *store)
{
    struct policy_fault fault = {0, "no memory"};
    struct policy *policy = NULL;
    enum sc_error error = load(store, &policy, &fault);
    if (error != SC_OK) {
        if (fault.line != 0)
            log_error("%s:%u: %s", store->path, (unsigned)fault.line, fault.text);
        else
            log_error("%s: %s", store->path, fault.text);
        log_error("%s: until this is mended only root and the service's own user may "
                  "use cards",
                  store->path);
        policy = policy_create_closed(&store->options);
    }
    os_mutex_lock(&store->mutex);
    store->broken = error != SC_OK;
    store->fault = fault;
    os_mutex_unlock(&store->mutex);
    put(store, policy);
    return error;
}

struct policy *policy_store_get(struct policy_store *store)
{
    os_mutex_lock(&store->mutex);
    struct policy *policy = policy_retain(store->current);
    os_mutex_unlock(&store->mutex);
    return policy;
}

bool policy_store_fault(struct policy_store *store, struct policy_fault *fault)
{
    os_mutex_lock(&store->mutex);
    bool broken = store->broken;
    if (broken)
        *fault = store->fault;
    os_mutex_unlock(&store->mutex);
    return broken;
}
