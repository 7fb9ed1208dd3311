/* SPDX-License-Identifier: BSD-2-Clause */
/* What is decided about requests and done for them, for WINSCARD_LOG=debug: kinds, names
 * and errors, never bytes of a command or an answer, nor the number of a command's. */
#ifndef HOST_HOST_LOG_H
#define HOST_HOST_LOG_H

#include "host/host_internal.h"

/* A job of the driver's was run, in so many milliseconds. The slot is occupied by it. */
void host_log_job(const struct host_slot *hs, const struct request *request,
                  enum sc_error error, uint64_t ms);
/* The request has to wait for its turn. The slot is locked. */
void host_log_wait(const struct host_slot *hs, const struct request *request);
/* The request is done; its error stands. The slot is locked. */
void host_log_done(const struct host_slot *hs, const struct request *request);

#endif
