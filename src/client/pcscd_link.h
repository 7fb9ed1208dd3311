/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections to pcscd. Each serves one request after another; whoever must not wait for
 * another's has a connection of its own.
 *
 * A link that failed stays broken: every call on it fails until it is closed. Links of
 * this process are forgotten, and their sockets closed, in the child of a fork. */
#ifndef CLIENT_PCSCD_LINK_H
#define CLIENT_PCSCD_LINK_H

#include "base/compiler.h"
#include "client/pcscd_wire.h"
#include "os/unix_socket.h"

/* Deadlines, in milliseconds. */
enum {
    LINK_OPEN_MS = 5000,   /* to be accepted and to agree on a version */
    LINK_QUICK_MS = 10000, /* what pcscd answers out of its memory */
    LINK_CARD_MS = 660000  /* what a card does: key generation with time extensions */
};

struct pcscd_link;

/* The next link_open offers the newest version again: pcscd may be another one. Else it
 * begins with the one that was agreed on last. */
void link_forget_version(void);
/* Connects, agrees on a version (the highest both speak) and establishes a context of
 * pcscd's. Errors: SC_E_NO_SERVICE (nobody there, or no version in common),
 * SC_W_SECURITY_VIOLATION (it hung up: the user may not, or it has too many clients),
 * SC_E_NO_MEMORY. */
enum sc_error link_open(uint64_t deadline_ms, struct pcscd_link **link) MUST_CHECK;
/* link_open gives one reference; each reference is given back by link_close. With the
 * last the connection is closed, which releases what it had in pcscd. */
void link_hold(struct pcscd_link *link);
void link_close(struct pcscd_link *link);
/* Whether nobody has another reference. */
bool link_is_mine_alone(const struct pcscd_link *link);
/* Ends calls that are under way, from any thread; the link is broken then. */
void link_shut(struct pcscd_link *link);
bool link_is_broken(const struct pcscd_link *link);
/* Whether pcscd hung up, or says what nobody asked for. Only when no call is under way.
 */
bool link_is_dead(const struct pcscd_link *link);
/* pcscd's context. */
uint32_t link_context(const struct pcscd_link *link);

/* One request with its answer of exactly answer_size bytes. The link is locked meanwhile.
 * `extra` goes behind the message. Errors: SC_E_SERVICE_STOPPED (also when it did not
 * answer in time); the link is broken then. */
enum sc_error link_call(struct pcscd_link *link, const struct wire_message *request,
                        uint8_t *answer, size_t answer_size,
                        uint64_t deadline_ms) MUST_CHECK;

/* A transfer: bytes go with the request, and come with the answer. */
struct link_transfer {
    const struct wire_message *request;
    const uint8_t *in;
    size_t in_size;
    size_t answer_size;
    unsigned rv, length; /* words of the answer */
    uint8_t *out;        /* gets the bytes when the result is SC_OK */
    size_t out_room;
};
/* Errors: as link_call, and SC_F_COMM_ERROR: more bytes than were asked for are
 * announced. The result of the request itself stands in the answer. */
enum sc_error link_transfer(struct pcscd_link *link, const struct link_transfer *transfer,
                            uint8_t *answer) MUST_CHECK;

/* The states of all readers; mem_free() them. Errors: as link_call, SC_E_NO_MEMORY,
 * SC_F_COMM_ERROR (there is no end to them). */
enum sc_error link_get_readers(struct pcscd_link *link, struct wire_reader **readers,
                               size_t *count) MUST_CHECK;

/* Asks for an event: when this returns, each change from now on is one, and the first of
 * them comes to link_wait(). *came: it came already. Errors: as link_get_readers. */
enum sc_error link_arm(struct pcscd_link *link, bool *came) MUST_CHECK;
/* Waits for the event of link_arm. Errors: SC_E_SERVICE_STOPPED, SC_E_CANCELLED (the
 * wake-up is raised; the link is broken). */
enum sc_error link_wait(struct pcscd_link *link, const struct os_wake *wake) MUST_CHECK;

#endif
