/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the VSCard protocol, message by message, and a thread for the job that it is
 * to answer meanwhile. */
#ifndef TESTS_DRIVERS_VSCARD_PEER_H
#define TESTS_DRIVERS_VSCARD_PEER_H

#include "os/socket.h"
#include "os/thread.h"
#include "proto/vscard.h"
#include "tests/support/fake_host.h"

struct vscard_peer {
    struct os_socket socket;
    struct vscard_stream heard;
};

void peer_connect(struct vscard_peer *peer, uint16_t port);
void peer_say(struct vscard_peer *peer, enum vscard_type type, uint32_t reader_id,
              const void *data, size_t size);
/* Bytes that need not be a message. */
void peer_say_bytes(struct vscard_peer *peer, const void *bytes, size_t size);
/* Waits for a message of this type and reader. */
void peer_hear(struct vscard_peer *peer, enum vscard_type type, uint32_t reader_id);
/* The same for a VSCARD_ERROR with this code; its reader. */
uint32_t peer_hear_code(struct vscard_peer *peer, enum vscard_code code);
/* The host hangs up, after what it may still have said. */
void peer_hear_end(struct vscard_peer *peer);
void peer_hang_up(struct vscard_peer *peer);
/* peer_connect(), and both sides have said who they are. */
void peer_begin(struct vscard_peer *peer, uint16_t port);
/* Adds a reader; its number. */
uint32_t peer_add(struct vscard_peer *peer, const char *name);
/* Puts in a card with T=1. */
void peer_insert(struct vscard_peer *peer, uint32_t reader_id);

/* A command in a thread of its own. */
struct peer_job {
    struct fake_host *host;
    uint32_t reader; /* the host's number */
    uint64_t in_ms;
    size_t room; /* for the answer; at most sizeof(out) */
    enum sc_error error;
    uint8_t out[VSCARD_APDU_MAX];
    size_t out_size;
    struct os_thread thread;
};

/* Sends 80 10 00 10. */
void peer_job_start(struct peer_job *job);
enum sc_error peer_job_end(struct peer_job *job);

#endif
