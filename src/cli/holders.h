/* SPDX-License-Identifier: BSD-2-Clause */
/* Which programs keep a reader from this one: as the service reports, or as seen in the
 * system's list of processes. */
#ifndef CLI_HOLDERS_H
#define CLI_HOLDERS_H

#include "cli/api.h"
#include "cli/carrier.h"
#include "cli/json.h"
#include "cli/text.h"
#include "users/users.h"

#include <stdbool.h>
#include <stdint.h>

enum { HOLDERS_MAX = 64, HOLDER_NAME_ROOM = 65, HOLDER_READER_ROOM = 129 };

/* How much is known: that this program holds the reader, or that it is one of those that
 * may. */
enum holder_sure { HOLDER_CERTAIN, HOLDER_POSSIBLE };

struct holder {
    char reader[HOLDER_READER_ROOM];
    char program[HOLDER_NAME_ROOM]; /* "": not known */
    uint32_t pid;                   /* 0: not known */
    uint32_t uid;
    bool has_uid;
    bool alone; /* else shared or direct */
    bool transaction;
    enum holder_sure sure;
};

struct holders {
    enum carrier_kind carrier;
    char endpoint[CARRIER_ENDPOINT_ROOM];
    struct users_policy policy; /* of the service */
    struct holder holder[HOLDERS_MAX];
    size_t count;
    bool cut; /* there are, or may be, more than these */
};

/* Looks for the users of the readers in states[count], as SCardGetStatusChange gave them,
 * while `context` is open. Takes a few seconds at most. */
void holders_find(struct holders *holders, SCARDCONTEXT context,
                  const SCARD_READERSTATEA *states, size_t count);
/* Notes one; beyond the limit it is dropped, and the list is cut. */
void holders_add(struct holders *holders, const struct holder *holder);
/* holders_service.c: adds what the service says. */
void holders_ask_service(struct holders *holders);

/* What becomes of a connection to a service's Unix socket, or to where its file tells. */
enum service_answer {
    SERVICE_ANSWERS,
    SERVICE_ABSENT,    /* there is no such file */
    SERVICE_DEAF,      /* it is there, but nobody listens */
    SERVICE_LOCKED,    /* its permissions do not allow it; of a file: they allow others */
    SERVICE_MUTE,      /* a connection is taken, and nothing is said */
    SERVICE_CLOSES,    /* a connection is closed at once, or something else answers */
    SERVICE_NONE_HERE, /* this system has no Unix sockets */
    SERVICE_STRANGE    /* whose it is, is not known to be right: nothing was sent there */
};
/* holders_service.c: tries it; takes a few seconds at most. */
enum service_answer service_probe(const struct carrier_place *place);

/* "scdaemon (process 123, user 1000)". */
void holders_name(const struct holder *holder, struct text *text);
/* The programs that keep this reader from others, "" if none is known: "scdaemon (process 123)",
 * or "one of a (process 1), b (process 2)". */
void holders_words(const struct holders *holders, const SCARD_READERSTATEA *state,
                   struct text *text);
/* A sentence that says so if the list was cut, else "". */
const char *holders_cut_words(const struct holders *holders);
/* The reader's users as an array, if there is one; and that the list was cut, if so. */
void holders_json(const struct holders *holders, struct json *json, const char *key,
                  const char *reader);

#endif
