/* SPDX-License-Identifier: BSD-2-Clause */
/* WINSCARD_TRACE=file: a line for each call of the API, with arguments, result and time.
 * Commands that carry a PIN are masked (trace_command). Where the file is not fit for it
 * (os_append_open) that is said once on standard error, and no trace is written. */
#ifndef CLIENT_TRACE_H
#define CLIENT_TRACE_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TRACE_LINE_MAX = 2048, /* bytes of a line, the rest is cut */
    TRACE_BYTES_MAX = 256, /* bytes of a command or answer that are shown */
    TRACE_TEXT_MAX = 2 * TRACE_BYTES_MAX + 64
};

/* One call of the API under way. The thread cannot be cancelled between begin and end,
 * save where the call waits. */
struct trace_call {
    const char *name;
    uint64_t start_ns; /* 0: no trace is written */
};

void trace_begin(struct trace_call *call, const char *name);
/* `format` gives arguments and results; it is used only if call->start_ns is not 0. */
void trace_end(struct trace_call *call, enum sc_error error, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Names without their prefix, as EXCLUSIVE for SCARD_SHARE_EXCLUSIVE, LEAVE for
 * SCARD_LEAVE_CARD; "?" for what has none. */
const char *trace_share(uint32_t share);
const char *trace_disposition(uint32_t disposition);
/* "T0|T1"; bits without a name in hex. Gives `text`. */
enum { TRACE_PROTOCOLS_ROOM = 40 };
const char *trace_protocols(char text[TRACE_PROTOCOLS_ROOM], uint32_t protocols);

/* Bytes as hex into `text`, which is returned; "" when no trace is written. */
const char *trace_bytes(const struct trace_call *call, char text[TRACE_TEXT_MAX],
                        const void *bytes, size_t size);
/* The same for a command: its data field is masked if it may hold a PIN or a key: VERIFY,
 * CHANGE REFERENCE DATA, RESET RETRY COUNTER, EN/DISABLE VERIFICATION, EXTERNAL and
 * MUTUAL AUTHENTICATE (ISO/IEC 7816-4:2013, 11.5), PUT KEY, and all of a chained command.
 */
const char *trace_command(const struct trace_call *call, char text[TRACE_TEXT_MAX],
                          const void *bytes, size_t size);

#endif
