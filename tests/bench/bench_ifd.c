/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process of its own costs an IFD handler: a command of 5 bytes at the driver port, with
 * the handler in winscard-ifd and in this process, in turns in one run; once by a handler that
 * answers at once, and once by one that takes a millisecond, as the quickest readers do. Prints
 * figures and ratios; asserts nothing about time. `bench_ifd [rounds]`. */
#include "os/time.h"
#include "tests/drivers/ifd_test.h"

enum { TURNS = 5 };

static struct fake_host apart, here;

/* What handlers find in pcscd, for the one that runs in this process. */
__attribute__((visibility("default"))) void log_msg(int priority, const char *format,
                                                    ...);
void log_msg(int priority, const char *format, ...)
{
    (void)priority;
    (void)format;
}

/* Nanoseconds of one command. */
static uint64_t measure(struct fake_host *host, const char *command, unsigned rounds)
{
    uint64_t begin_ns = os_now_ns();
    for (unsigned i = 0; i < rounds; i++)
        CHECK_EQ(ifd_send(host, 0, CHECK_HANG_MS, command), SC_OK);
    return (os_now_ns() - begin_ns) / rounds;
}

static void compare_both(const char *what, const char *command, unsigned rounds)
{
    uint64_t best_apart = UINT64_MAX, best_here = UINT64_MAX;
    for (int i = 0; i < TURNS; i++) {
        uint64_t ns = measure(&here, command, rounds);
        best_here = ns < best_here ? ns : best_here;
        ns = measure(&apart, command, rounds);
        best_apart = ns < best_apart ? ns : best_apart;
    }
    printf("%s: in this process %.1f us, in its own %.1f us, ratio %.2f\n", what,
           (double)best_here / 1000, (double)best_apart / 1000,
           (double)best_apart / (double)best_here);
}

int main(int count, char **arguments)
{
    unsigned rounds = count > 1 ? (unsigned)strtoul(arguments[1], NULL, 10) : 300;
    if (rounds == 0)
        rounds = 1;
    ifd_start(&apart, "wait", "");
    ifd_start(&here, "wait", "&process=no");
    CHECK(fake_wait_readers(&apart, 1));
    CHECK(fake_wait_readers(&here, 1));
    ifd_check_works(&apart, 0);
    ifd_check_works(&here, 0);
    compare_both("a handler that answers at once", "00B0000000", rounds);
    compare_both("a handler that takes 1 ms", "8012000000", rounds);
    fake_host_stop(&apart);
    fake_host_stop(&here);
    return check_result();
}
