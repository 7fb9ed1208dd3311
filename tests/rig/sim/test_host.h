/* SPDX-License-Identifier: BSD-2-Clause */
/* A small CCID host for the simulator's own test, with a clock of its own: no code of
 * drivers/ccid in it. */
#ifndef RIG_SIM_TEST_HOST_H
#define RIG_SIM_TEST_HOST_H

#include "tests/rig/sim/device.h"
#include "tests/rig/sim/internal.h"

enum { HOST_ROOM = 66 * 1024 };

struct probe {
    struct sim_device *device;
    struct sim_interface *iface;
    uint8_t slot, seq;
    uint64_t now;
    uint8_t in[HOST_ROOM]; /* the last message of the reader */
    size_t size;
    unsigned extensions; /* time extensions before it */
    uint8_t atr[64];
    size_t atr_size;
    uint8_t protocol;
    struct t1 *t1; /* TPDU level */
};

/* Plugs a reader in; the host speaks to interface n. NULL: there is none. */
struct probe *probe_new(const char *specification, size_t n);
void probe_free(struct probe *probe);

/* One URB; waits for at most limit_ms of the host's clock. */
enum sim_status probe_transfer(struct probe *probe, uint8_t endpoint, uint8_t *bytes,
                               size_t size, size_t *done, uint64_t limit_ms);
enum sim_status probe_control(struct probe *probe, uint8_t type, uint8_t request,
                              uint16_t value, uint16_t index, uint8_t *bytes,
                              uint16_t size, size_t *done);

/* Sends a message; false if the bus refuses. */
bool probe_send(struct probe *probe, uint8_t type, const uint8_t p[3],
                const uint8_t *data, size_t size);
/* Receives one, time extensions counted and passed over. */
enum sim_status probe_receive(struct probe *probe, uint64_t limit_ms);
/* Both; true if a whole answer came that is not failed. */
bool probe_command(struct probe *probe, uint8_t type, uint8_t p1, uint16_t level,
                   const uint8_t *data, size_t size);

/* Power, PPS and parameters as the class descriptor asks for them. */
bool probe_connect(struct probe *probe, uint8_t protocol);
/* An APDU at whatever level. Gives the size of the answer in `out`, 0: it failed. */
size_t probe_apdu(struct probe *probe, const uint8_t *apdu, size_t size, uint8_t *out,
                  size_t room);

#endif
