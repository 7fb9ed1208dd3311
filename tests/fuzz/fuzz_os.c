/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/fuzz_os.h"

#include "os/endpoint.h"
#include "os/lock.h"
#include "os/time.h"
#include "tests/fuzz/property.h"

enum { ORIGIN_MS = 1000000 };

static uint64_t now_ms = ORIGIN_MS;

void fuzz_os_begin(void)
{
    now_ms = ORIGIN_MS;
}

void fuzz_os_pass(uint32_t ms)
{
    now_ms += ms;
}

void fuzz_os_until(uint64_t ms)
{
    PROPERTY(ms != OS_FOREVER);
    if (now_ms < ms)
        now_ms = ms;
}

uint64_t os_now_ms(void)
{
    return now_ms;
}

uint64_t os_now_about_ms(void)
{
    return now_ms;
}

uint64_t os_deadline_ms(uint64_t timeout_ms)
{
    return timeout_ms == OS_FOREVER ? OS_FOREVER : now_ms + timeout_ms;
}

void os_mutex_init(struct os_mutex *mutex)
{
    (void)mutex;
}

void os_mutex_destroy(struct os_mutex *mutex)
{
    (void)mutex;
}

const char *os_pcscd_service(void)
{
    return "pcscd";
}

void os_mutex_lock(struct os_mutex *mutex)
{
    (void)mutex;
}

void os_mutex_unlock(struct os_mutex *mutex)
{
    (void)mutex;
}

void os_cond_init(struct os_cond *cond)
{
    (void)cond;
}

void os_cond_destroy(struct os_cond *cond)
{
    (void)cond;
}

void os_cond_signal(struct os_cond *cond)
{
    (void)cond;
}

void os_cond_broadcast(struct os_cond *cond)
{
    (void)cond;
}

/* There is nobody else who could signal. */
bool os_cond_wait(struct os_cond *cond, struct os_mutex *mutex, uint64_t deadline_ms)
{
    (void)cond;
    (void)mutex;
    fuzz_os_until(deadline_ms);
    return false;
}
