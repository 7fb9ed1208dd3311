/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of a name or header that a source uses. */
#ifndef CLI_PORT_KNOWN_H
#define CLI_PORT_KNOWN_H

#include "cli/port/port_map.h"

enum port_class {
    PORT_MISSING, /* of Windows, and not here */
    PORT_UNKNOWN_CLASS,
    PORT_NOTE /* good to know; nothing needs a change */
};

enum port_family {
#define FAMILY(id, class, about, advice, names, headers) PORT_FAMILY_##id,
#include "cli/port/families.def"
#undef FAMILY
    PORT_FAMILIES,
    PORT_FAMILY_NONE = PORT_FAMILIES /* it is there: nothing to say */
};

struct port_family_words {
    const char *id; /* "cryptography" */
    enum port_class class;
    const char *about, *advice;
};

extern const struct port_family_words port_families[PORT_FAMILIES];

struct port_known {
    struct port_map names, prefixes, headers, standard;
};

/* False: no memory. To be cleared in any case. */
bool port_known_start(struct port_known *known);
void port_known_clear(struct port_known *known);

/* Whether our headers have this name; those of the smart card API alone do. */
bool port_is_ours(const char *name, size_t size);
bool port_is_base(const char *name, size_t size);
/* Whether a header is one of ours; with `beyond`, one beyond those of the smart card API. */
bool port_is_our_header(const char *name, bool beyond);
/* What it is if neither we nor the sources have it; `called`: a parenthesis follows. */
enum port_family port_known_name(const struct port_known *known, const char *name,
                                 size_t size, bool called);
/* What a header is, with / in its name. PORT_FAMILY_unknown_header: it may be another
 * library's or the program's own. */
enum port_family port_known_header(const struct port_known *known, const char *name);

#endif
