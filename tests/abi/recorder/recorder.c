/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/abi/recorder/recorder.h"

#include "base/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int recorder_file = -1;

/* Programs that this one starts are not recorded: they would make the file anew. */
__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("WINSCARD_TEST_RESULTS");
    if (path == NULL)
        return;
    recorder_file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    if (recorder_file < 0)
        perror(path);
    unsetenv("WINSCARD_TEST_RESULTS");
}

/* As if nothing stood between the test and the library: errno stays, and write() is no
 * place where a thread is cancelled. */
static void write_line(const char *name, uint32_t status)
{
    char line[128];
    int kept_errno = errno, cancel = 0;
    int size = snprintf(line, sizeof(line), "%s %" PRIx32 "\n", name, status);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    if (write(recorder_file, line, (size_t)size) != size)
        perror("WINSCARD_TEST_RESULTS");
    pthread_setcancelstate(cancel, &cancel);
    errno = kept_errno;
}

void recorder_keep(struct recorder_call *call, uint32_t status)
{
    if (status == 0 || recorder_file < 0)
        return;
    for (unsigned i = 0; i < RECORDER_ERRORS_MAX; i++) {
        if (atomic_compare_exchange_u32(&call->errors[i], 0, status)) {
            write_line(call->name, status);
            return;
        }
        if (atomic_load_u32(&call->errors[i]) == status)
            return;
    }
}
