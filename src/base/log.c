/* SPDX-License-Identifier: BSD-2-Clause */
/* Logging: one bounded line a call, control characters replaced. */
#include "base/log.h"

#include "base/atomic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static uint32_t current_level = LOG_OFF;
static void *current_sink; /* log_sink *, or NULL */

void log_set_level(enum log_level level)
{
    atomic_store_u32(&current_level, (uint32_t)level);
}

bool log_set_level_by_name(const char *name)
{
    static const char *const levels[] = {"off", "error", "info", "debug", "trace"};
    for (unsigned i = 0; name != NULL && i < ARRAY_SIZE(levels); i++) {
        if (strcmp(name, levels[i]) != 0)
            continue;
        log_set_level((enum log_level)i);
        return true;
    }
    return false;
}

void log_take_setting(const char *value)
{
    static uint32_t said;
    if (value != NULL && value[0] != '\0' && !log_set_level_by_name(value)
        && atomic_exchange_u32(&said, 1) == 0)
        log_setting(
            "WINSCARD_LOG: '%s' is not a level; off, error, info, debug and trace "
            "are",
            value);
}

union sink_pointer { /* ISO C has no cast between function and object pointers */
    log_sink *function;
    void *object;
};

void log_set_sink(log_sink *sink)
{
    union sink_pointer pointer = {.function = sink};
    atomic_store_pointer(&current_sink, pointer.object);
}

bool log_is_on(enum log_level level)
{
    return (uint32_t)level <= atomic_load_u32(&current_level);
}

static void write_standard_error(const char *line)
{
    char out[LOG_LINE_MAX + 16];
    int size = snprintf(out, sizeof(out), "winscard: %s\n", line);
    if (size <= 0)
        return;
    (void)fwrite(out, 1, (size_t)size, stderr);
    (void)fflush(stderr); /* Windows' may keep it */
}

/* Names come from devices: none may steer a terminal. U+0080 to U+009F do it as well. */
static void replace_controls(char *line)
{
    for (char *at = line; *at != '\0'; at++) {
        bool c1 = (unsigned char)at[0] == 0xC2 && ((unsigned char)at[1] & 0xE0) == 0x80;
        if ((unsigned char)at[0] < 0x20 || at[0] == 0x7F || c1)
            at[0] = '?';
        if (c1)
            at[1] = '?';
    }
}

void log_write(enum log_level level, const char *format, ...)
{
    if (!log_is_on(level))
        return;
    char line[LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (size < 0)
        return;
    replace_controls(line);
    union sink_pointer pointer = {.object = atomic_load_pointer(&current_sink)};
    if (pointer.function != NULL)
        pointer.function(level, line);
    else
        write_standard_error(line);
}
