/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/ifd/program/pcscd_log.h"

#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

/* debuglog.h: debug, info, error, critical. */
static enum log_level level_of_priority(int priority)
{
    static const enum log_level levels[] = {LOG_DEBUG, LOG_INFO, LOG_ERROR, LOG_ERROR};
    return priority >= 0 && priority < (int)ARRAY_SIZE(levels) ? levels[priority]
                                                               : LOG_DEBUG;
}

/* The format is the handler's. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void pass_on_line(int priority, const char *format, va_list values)
{
    char line[LOG_LINE_MAX];
    enum log_level level = level_of_priority(priority);
    if (format == NULL || !log_is_on(level))
        return;
    if (vsnprintf(line, sizeof(line), format, values) >= 0)
        log_write(level, "handler: %s", line);
}
#pragma GCC diagnostic pop

void log_msg(int priority, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    pass_on_line(priority, format, values);
    va_end(values);
}

void log_msg_rv(int priority, unsigned int code, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    pass_on_line(priority, format, values);
    va_end(values);
    log_write(level_of_priority(priority), "handler: result %08X", code);
}

void log_xxd(int priority, const char *text, const unsigned char *bytes, int size)
{
    (void)bytes;
    if (text != NULL)
        log_write(level_of_priority(priority), "handler: %s%d bytes", text, size);
}

void pcscd_log_keep(void)
{
}
