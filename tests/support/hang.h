/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SUPPORT_HANG_H
#define TESTS_SUPPORT_HANG_H

/* How long a test waits for what has to come. It is long, so that only a hang can exceed
 * it, on a busy machine too; no test passes or fails by less. */
enum { CHECK_HANG_MS = 600000 };

#endif
