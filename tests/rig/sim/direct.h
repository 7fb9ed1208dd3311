/* SPDX-License-Identifier: BSD-2-Clause */
/* A simulated device driven directly, without a bus: a transport for each of its
 * interfaces, in real time. Any threads, as drivers/ccid/transport.h allows. */
#ifndef RIG_SIM_DIRECT_H
#define RIG_SIM_DIRECT_H

#include "base/compiler.h"
#include "drivers/ccid/transport.h"
#include "tests/rig/sim/device.h"

struct sim_direct;

/* The device of this specification (device.h), configured. */
struct sim_direct *sim_direct_new(const char *specification, char *why,
                                  size_t why_room) MUST_CHECK;
/* No call may be inside. */
void sim_direct_free(struct sim_direct *direct);

/* The transport of the n-th CCID or ICCD interface, 0 being the first; NULL: there is
 * none. It lives as long as the device. */
struct ccid_transport *sim_direct_transport(struct sim_direct *direct, size_t n);
/* Its class descriptor (54 bytes), protocol and number, and whether it has an interrupt
 * endpoint. */
struct sim_direct_interface {
    const uint8_t *descriptor;
    uint8_t number, class_code, protocol;
    bool has_interrupt;
};
bool sim_direct_interface(struct sim_direct *direct, size_t n,
                          struct sim_direct_interface *iface) MUST_CHECK;

/* Waits for a message of the interrupt endpoint. One thread at a time for an interface.
 * Errors: as of a transport; SC_E_CANCELLED after sim_direct_stop_listening. */
enum sc_error sim_direct_listen(struct sim_direct *direct, size_t n, uint8_t *bytes,
                                size_t room, size_t *size,
                                uint64_t deadline_ms) MUST_CHECK;
/* sim_direct_listen returns soon, now and later. */
void sim_direct_stop_listening(struct sim_direct *direct, size_t n);

/* Calls of device.h, from any thread. Slots count through all interfaces. */
void sim_direct_insert(struct sim_direct *direct, uint32_t slot);
void sim_direct_remove(struct sim_direct *direct, uint32_t slot);
void sim_direct_unplug(struct sim_direct *direct);
const struct sim_identity *sim_direct_identity(struct sim_direct *direct);
struct sim_counts sim_direct_counts(struct sim_direct *direct);

#endif
