/* SPDX-License-Identifier: BSD-2-Clause */
/* The carrier that carries nothing: the resource manager is in this process. */
#include "client/client.h"

static enum sc_error local_establish(enum program_abi abi, uint32_t *context)
{
    const struct program program = {.abi = abi};
    return host_establish_for(&program, context);
}

const struct carrier carrier_local = {
    .name = "local",
    .establish = local_establish,
    .release = host_release,
    .check_context = host_check_context,
    .cancel = host_cancel,
    .list_readers = host_list_readers,
    .reader_info = host_reader_info,
    .watch = host_watch,
    .connect = host_connect,
    .card_call = host_card_call,
    .card_status = host_card_status,
    .get_attribute = host_get_attribute,
    .read_cache = host_read_cache,
    .write_cache = host_write_cache,
};
