/* SPDX-License-Identifier: BSD-2-Clause */
/* Events, mutexes and semaphores by their names. */
#ifndef PORT_NAMED_H
#define PORT_NAMED_H

#include "port/object.h"

/* What of both encodings has a name in UTF-8. */
struct winport_named {
    enum winport_kind kind;
    const char *name; /* NULL: none */
    bool bad;         /* the name could not be made: the last error is set */
};

/* A handle of the object of that name and kind, or of a new one, which `set_up` finishes
 * with the lock held. */
HANDLE winport_named_create(const struct winport_named *named,
                            void (*set_up)(struct winport_object *, const void *),
                            const void *argument);
HANDLE winport_named_open(const struct winport_named *named);

#endif
