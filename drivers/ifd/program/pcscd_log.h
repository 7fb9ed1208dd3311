/* SPDX-License-Identifier: BSD-2-Clause */
/* What IFD handlers call of pcscd: its log, by the names of pcsc-lite's installed
 * debuglog.h. Their lines go to ours. Bytes that a handler would have logged are not, as a
 * PIN may be among them. */
#ifndef DRIVERS_IFD_PROGRAM_PCSCD_LOG_H
#define DRIVERS_IFD_PROGRAM_PCSCD_LOG_H

#include "base/compiler.h"

#define PCSCD_CALL __attribute__((visibility("default")))

PCSCD_CALL void log_msg(int priority, const char *format, ...) PRINTF_LIKE(2, 3);
PCSCD_CALL void log_msg_rv(int priority, unsigned int code, const char *format, ...)
    PRINTF_LIKE(3, 4);
PCSCD_CALL void log_xxd(int priority, const char *text, const unsigned char *bytes,
                        int size);

/* Whoever calls it has them, though nothing of its own does. */
void pcscd_log_keep(void);

#endif
