/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace: what a program asks of us, and what it gets, one line a call. */
#include "client/trace.h"

#include "base/atomic.h"
#include "base/hex.h"
#include "base/log.h"
#include "os/append.h"
#include "os/cancel.h"
#include "os/setting.h"
#include "os/thread.h"
#include "os/time.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { TRACE_OPEN, TRACE_STARTING, TRACE_OFF, TRACE_ON };

static uint32_t trace_state = TRACE_OPEN;
static int trace_file = -1;

static bool start_trace(void)
{
    const char *path = os_setting_unless_empty(SETTING_TRACE);
    if (path == NULL) {
        atomic_store_u32(&trace_state, TRACE_OFF);
        return false;
    }
    if (atomic_exchange_u32(&trace_state, TRACE_STARTING) != TRACE_OPEN)
        return false; /* another thread is at it; this one call goes unseen */
    const char *why = NULL;
    trace_file = os_append_open(path, &why);
    if (trace_file < 0)
        log_setting("WINSCARD_TRACE: %s %s; no trace is written", path, why);
    atomic_store_u32(&trace_state, trace_file >= 0 ? TRACE_ON : TRACE_OFF);
    return trace_file >= 0;
}

void trace_begin(struct trace_call *call, const char *name)
{
    uint32_t state = atomic_load_u32(&trace_state);
    os_cancel_off();
    bool on = state == TRACE_ON || (state == TRACE_OPEN && start_trace());
    call->name = name;
    call->start_ns = on ? os_now_ns() : 0;
}

void trace_end(struct trace_call *call, enum sc_error error, const char *format, ...)
{
    if (call->start_ns != 0) {
        char line[TRACE_LINE_MAX], details[TRACE_LINE_MAX - 256], when[32];
        uint64_t us = (os_now_ns() - call->start_ns) / 1000;
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(details, sizeof(details), format, arguments);
        va_end(arguments);
        for (char *at = details; *at != '\0'; at++)
            if ((unsigned char)*at < 0x20 || *at == 0x7F)
                *at = '?';
        os_time_text(when, sizeof(when));
        int size = snprintf(line, sizeof(line),
                            "%s [thread %" PRIu64 "] %s %s -> %s (%" PRIu64 ".%03" PRIu64
                            " ms)\n",
                            when, os_thread_number(), call->name, details,
                            sc_error_name(error), us / 1000, us % 1000);
        if (size > 0)
            os_append_write(trace_file, line,
                            (size_t)size < sizeof(line) ? (size_t)size
                                                        : sizeof(line) - 1);
    }
    os_cancel_restore();
}

/* Writes hex digits; returns how long the text is now. */
static size_t put_hex(char text[TRACE_TEXT_MAX], const uint8_t *bytes, size_t size)
{
    size_t shown = size < TRACE_BYTES_MAX ? size : TRACE_BYTES_MAX;
    if (hex_encode(bytes, shown, text, TRACE_TEXT_MAX) != SC_OK)
        return 0;
    if (shown < size)
        (void)snprintf(text + 2 * shown, TRACE_TEXT_MAX - 2 * shown, "... %lu bytes",
                       (unsigned long)size);
    return 2 * shown;
}

const char *trace_bytes(const struct trace_call *call, char text[TRACE_TEXT_MAX],
                        const void *bytes, size_t size)
{
    text[0] = '\0';
    if (call->start_ns != 0 && bytes != NULL)
        put_hex(text, bytes, size);
    return text;
}

static bool may_hold_secret(const uint8_t *command, size_t size)
{
    if (size <= 5)
        return false;
    bool interindustry_chain = (command[0] & 0x80) == 0 && (command[0] & 0x10) != 0;
    switch (command[1]) {
    case 0x20: /* VERIFY */
    case 0x21:
    case 0x24: /* CHANGE REFERENCE DATA */
    case 0x25:
    case 0x26: /* DISABLE, ENABLE VERIFICATION REQUIREMENT */
    case 0x28:
    case 0x2C: /* RESET RETRY COUNTER */
    case 0x2D:
    case 0x82: /* EXTERNAL, MUTUAL AUTHENTICATE; LOAD KEYS is FF 82 */
    case 0xD8: /* PUT KEY */
        return true;
    default:
        return interindustry_chain;
    }
}

const char *trace_command(const struct trace_call *call, char text[TRACE_TEXT_MAX],
                          const void *bytes, size_t size)
{
    if (call->start_ns == 0 || bytes == NULL || !may_hold_secret(bytes, size))
        return trace_bytes(call, text, bytes, size);
    size_t at = put_hex(text, bytes, 5);
    (void)snprintf(text + at, TRACE_TEXT_MAX - at, "[%zu bytes masked]", size - 5);
    return text;
}
