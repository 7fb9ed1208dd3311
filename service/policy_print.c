/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/policy_print.h"

#include "base/alloc.h"
#include "service/policy_file.h"

#include <stdio.h>

/* A sink of faults; `context` is the path. */
static void print_fault(void *context, const struct policy_fault *fault)
{
    const char *path = context;
    if (fault->line != 0)
        fprintf(stderr, "winscardd: %s:%u: %s\n", path, (unsigned)fault->line,
                fault->text);
    else
        fprintf(stderr, "winscardd: %s: %s\n", path, fault->text);
}

bool policy_print_faults(const char *path, const struct policy_options *options)
{
    struct policy_fault fault = {0, "no memory"};
    char *text = NULL;
    size_t size = 0;
    enum sc_error error = policy_file_read(path, options->owner, &text, &size, &fault);
    if (error == SC_E_FILE_NOT_FOUND && !options->is_named)
        return true;
    if (error == SC_E_FILE_NOT_FOUND)
        (void)snprintf(fault.text, sizeof(fault.text), "there is no such file");
    if (error != SC_OK) {
        print_fault((void *)(uintptr_t)path, &fault);
        return false;
    }
    uint32_t faults =
        policy_check(text, size, options, print_fault, (void *)(uintptr_t)path);
    mem_free(text);
    return faults == 0;
}
