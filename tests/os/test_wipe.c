/* SPDX-License-Identifier: BSD-2-Clause */
/* That the compiler keeps secret_clear() of a variable nobody reads any more: a thread
 * runs on a stack of ours, which is searched when the thread is gone. */
#include "base/secret.h"

#include "tests/support/check.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* DEPTH: below what the end of a thread writes over. */
enum { STACK_SIZE = 1 << 20, DEPTH = 1 << 16, PIN_SIZE = 40 };

static volatile unsigned char seed = 0x35;
static unsigned char pin_byte(unsigned i)
{
    return (unsigned char)(seed ^ (i * 37 + 11));
}

/* Through a volatile pointer, so that the compiler has to make the bytes. */
static bool was_right;
static void look(const unsigned char *bytes)
{
    was_right = bytes[1] == pin_byte(1);
}
static void (*volatile show)(const unsigned char *) = look;

static void *use_pin(void *wipe)
{
    unsigned char pin[DEPTH];
    for (unsigned i = 0; i < PIN_SIZE; i++)
        pin[i] = pin_byte(i);
    show(pin);
    if (*(const bool *)wipe)
        secret_clear(pin, PIN_SIZE);
    return NULL;
}

static bool holds_pin(const unsigned char *bytes, size_t size)
{
    for (size_t at = 0; at + PIN_SIZE <= size; at++) {
        unsigned i = 0;
        while (i < PIN_SIZE && bytes[at + i] == pin_byte(i))
            i++;
        if (i == PIN_SIZE)
            return true;
    }
    return false;
}

static bool stays_on_stack(bool wipe)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void *stack = NULL;
    if (posix_memalign(&stack, 4096, STACK_SIZE) != 0)
        abort();
    memset(stack, 0, STACK_SIZE);
    CHECK_EQ(pthread_attr_init(&attributes), 0);
    CHECK_EQ(pthread_attr_setstack(&attributes, stack, STACK_SIZE), 0);
    CHECK_EQ(pthread_create(&thread, &attributes, use_pin, &wipe), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK(was_right);
    bool found = holds_pin(stack, STACK_SIZE);
    pthread_attr_destroy(&attributes);
    free(stack);
    return found;
}

int main(void)
{
    CHECK(stays_on_stack(false)); /* or this test sees nothing at all */
    CHECK(!stays_on_stack(true));
    return check_result();
}
