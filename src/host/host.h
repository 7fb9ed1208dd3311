/* SPDX-License-Identifier: BSD-2-Clause */
/* The manager, the drivers and threads put together, one of them in a process: the thread
 * that asks is lent to the reader. It locks, lets the manager decide, unlocks, runs the
 * driver job, locks, reports. What must wait, waits on a condition of its own.
 *
 * Every call may be made from any thread. Handles are numbers of the manager. Errors that
 * any of them can give: SC_E_INVALID_HANDLE, SC_E_NO_MEMORY. Text is UTF-8. */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "base/multistring.h"
#include "manager/ioctl.h"
#include "manager/manager.h"
#include "manager/watch.h"

/* Starts the host with the first context: reads the configuration, starts the drivers. */
enum sc_error host_establish(uint32_t *context);
/* The same for a given program; host_establish() is for one of Windows' ABI in this
 * process. */
enum sc_error host_establish_for(const struct program *program, uint32_t *context);
/* The same for a service, which is there before its clients: cards that come by
 * themselves are not waited for. */
enum sc_error host_establish_service(uint32_t *context);
/* How many of the configured reader URIs are not served, as they were read at the start:
 * their form, kind or parameters are wrong, or what they name could not be had. Each is
 * logged. To be asked while the caller has a context. */
uint32_t host_refused_readers(void);
/* Ends what the context waits for, disconnects its cards, which resets each (after the
 * transaction, where another handle holds one), and stops the host with the last context.
 * Blocks while jobs end. */
enum sc_error host_release(uint32_t context_id);
enum sc_error host_check_context(uint32_t context);
/* Ends its watches, and RECONNECT requests that wait until they are alone. */
enum sc_error host_cancel(uint32_t context);

/* Present readers in the order they came; SC_E_NO_READERS_AVAILABLE if there is none. */
enum sc_error host_list_readers(uint32_t context, enum name_style style,
                                struct multistring *names);
/* SC_E_UNKNOWN_READER. *name and *info are copies. */
enum sc_error host_reader_info(uint32_t context, const char *name, enum name_style style,
                               struct reader_info *info, char shown[DRIVER_NAME_MAX]);
/* All present ones, in the order of host_list_readers(), under the host's lock. *changes
 * numbers what is reported here, for host_op_states(). Errors: SC_E_INVALID_HANDLE (the
 * host does not run). */
enum sc_error host_visit_readers(reader_visit *visit, void *context, uint64_t *changes);
/* Arrivals and departures of readers so far. */
uint32_t host_reader_changes(void);
/* Blocks for at most timeout_ms, OS_FOREVER for no limit; while cards are powered that
 * the caller has to hear of, up to PROBE_HOLD_MS longer. */
enum sc_error host_watch(uint32_t context, enum watch_rule rule, uint64_t timeout_ms,
                         struct watch_entry *entries, uint32_t count);

/* request: kind CONNECT with share, alone, protocols set. */
enum sc_error host_connect(uint32_t context, const char *name, struct request *request,
                           uint32_t *card_id);
/* Any other request to a connected card; its own fields are described in request.h. For
 * transfers, `out` and out_room are the caller's; out_size is what the card said, also
 * when it did not fit (SC_E_INSUFFICIENT_BUFFER, nothing is written). */
enum sc_error host_card_call(uint32_t id, struct request *request);

/* *status is filled for SC_W_RESET_CARD and SC_W_REMOVED_CARD too. */
enum sc_error host_card_status(uint32_t id, enum name_style style,
                               struct card_status *status);
/* What a card handle has of its reader, whatever became of its card. */
struct card_use {
    char names[2][DRIVER_NAME_MAX]; /* by enum name_style */
    const struct reader *reader;    /* to compare with; not to be looked into */
    uint32_t share;                 /* SHARE_*; EXCLUSIVE: nobody else can connect */
    bool holds;                     /* it has the transaction */
};
/* Errors: SC_E_INVALID_HANDLE. */
enum sc_error host_card_use(uint32_t id, struct card_use *use) MUST_CHECK;
/* One answered by the manager or, else, by the driver. SC_X_NOT_SUPPORTED: nobody knows.
 */
enum sc_error host_get_attribute(uint32_t card_id, enum name_style style, uint32_t id,
                                 uint8_t value[DRIVER_ATTRIBUTE_MAX], size_t *size);

/* The card cache (manager/cache.h). `data` gets a copy; *size is the room, then the size.
 */
enum sc_error host_read_cache(uint32_t context, const uint8_t id[16], uint32_t freshness,
                              const char *name, uint8_t *data, size_t *size);
enum sc_error host_write_cache(uint32_t context, const uint8_t id[16], uint32_t freshness,
                               const char *name, const uint8_t *data, size_t size);

#endif
