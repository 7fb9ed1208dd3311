/* SPDX-License-Identifier: BSD-2-Clause */
/* What a Windows program tells the readers of tests/support/fake.c that are in its
 * winscard.dll, in Windows' convention; fake.def gives these their names. */
#include "os/thread.h"
#include "os/time.h"
#include "tests/support/fake.h"
#include "tests/support/inside.h"

#include <stdlib.h>

#define EXPORT __attribute__((ms_abi))
#define ASK(type, name)                                                                  \
    EXPORT type wine_##name(void);                                                       \
    EXPORT type wine_##name(void)                                                        \
    {                                                                                    \
        return name();                                                                   \
    }
#define FORWARD(name)                                                                    \
    EXPORT void wine_##name(uint32_t reader);                                            \
    EXPORT void wine_##name(uint32_t reader)                                             \
    {                                                                                    \
        name(reader);                                                                    \
    }

FORWARD(fake_answer)
FORWARD(fake_exchange)
FORWARD(fake_hang)
FORWARD(fake_insert)
FORWARD(fake_plug)
FORWARD(fake_plug_full)
FORWARD(fake_remove)
FORWARD(fake_unplug)
FORWARD(inside_set_hold)

ASK(bool, inside_connects)
ASK(bool, inside_waits_for_turn)
ASK(uint32_t, inside_requests)
ASK(uint32_t, inside_sleepers)
ASK(uint32_t, inside_watches)

EXPORT struct fake_behaviour *wine_fake_behaviour(uint32_t reader);
EXPORT struct fake_behaviour *wine_fake_behaviour(uint32_t reader)
{
    return fake_behaviour(reader);
}

EXPORT struct fake_counts wine_fake_counts(uint32_t reader);
EXPORT struct fake_counts wine_fake_counts(uint32_t reader)
{
    return fake_counts(reader);
}

/* The environment of the Unix process, which is not the program's own. */
EXPORT void wine_set_unix_variable(const char *name, const char *value);
EXPORT void wine_set_unix_variable(const char *name, const char *value)
{
    if (value == NULL ? unsetenv(name) != 0 : setenv(name, value, 1) != 0)
        abort();
}

EXPORT uint64_t wine_unix_now_ns(void);
EXPORT uint64_t wine_unix_now_ns(void)
{
    return os_now_ns();
}

EXPORT uint64_t wine_unix_thread_number(void);
EXPORT uint64_t wine_unix_thread_number(void)
{
    return os_thread_number();
}

EXPORT bool wine_unix_thread_has_ended(uint64_t number);
EXPORT bool wine_unix_thread_has_ended(uint64_t number)
{
    const struct os_thread_mark mark = {.number = number};
    return os_thread_has_ended(&mark);
}
