/* SPDX-License-Identifier: BSD-2-Clause */
/* Logging: sentences about readers and cards, off unless somebody asks for them. Bytes of
 * commands appear at LOG_TRACE only, and PINs never. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/compiler.h"

#include <stdbool.h>

enum log_level { LOG_OFF, LOG_ERROR, LOG_INFO, LOG_DEBUG, LOG_TRACE };

enum { LOG_LINE_MAX = 512 }; /* bytes of a line, its NUL counted; the rest is cut */

/* Where lines go: NUL-terminated, without a line end, control characters replaced by '?'.
 * It is called in the thread that logs; several may be in it at once. LOG_OFF is the
 * level of log_setting(). */
typedef void log_sink(enum log_level level, const char *line);

/* Everything up to and with `level` is written from now on; LOG_OFF at the start. */
void log_set_level(enum log_level level);
/* off, error, info, debug or trace. False, and nothing changes: none of them, or NULL. */
bool log_set_level_by_name(const char *name);
/* The same for the value of WINSCARD_LOG: one that is none of them is said, once in a
 * process. NULL and "" are not a value. */
void log_take_setting(const char *value);
/* NULL: standard error, one write a line, so that lines of threads do not mix. */
void log_set_sink(log_sink *sink);
bool log_is_on(enum log_level level);
/* When the level is off this costs one load, and the arguments. */
void log_write(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

/* A setting that a person made and that is not followed: said whatever the level is. */
#define log_setting(...) log_write(LOG_OFF, __VA_ARGS__)
#define log_error(...)   log_write(LOG_ERROR, __VA_ARGS__)
#define log_info(...)    log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_DEBUG, __VA_ARGS__)
#define log_trace(...)   log_write(LOG_TRACE, __VA_ARGS__)

#endif
