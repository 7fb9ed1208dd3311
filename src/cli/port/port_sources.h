/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of a run: those that were given, those in given folders, and the headers that
 * these include, as far as they are found; and the names that all of them define. */
#ifndef CLI_PORT_SOURCES_H
#define CLI_PORT_SOURCES_H

#include "cli/cli.h"
#include "cli/port/port_known.h"

enum {
    PORT_FILES_MAX = 20000, /* of all kinds */
    PORT_DEPTH_MAX = 64,    /* of folders in folders */
    PORT_PATH_MAX = 1024
};

enum { PORT_OPTION_INCLUDE = OPTION_OWN, PORT_OPTION_DEFINE };

struct port_source {
    char *path;  /* owned */
    bool own;    /* of the program: to be looked at, not only for what it defines */
    bool failed; /* could not be read, which was said */
};

struct port_sources {
    struct cli *cli;
    struct port_known known;
    const char *folders[OPTION_VALUES_MAX]; /* of -I; borrowed */
    size_t folder_count;
    struct port_source *at; /* owned */
    size_t count, room;
    struct port_map paths;   /* of all that are in the list: their index */
    struct port_map ends;    /* the last parts of the given ones' paths: their index */
    struct port_map own;     /* names they define */
    struct port_map defined; /* names of -D */
    bool incomplete;         /* a header was not found: names may be its */
    bool windows; /* one of our headers beyond those of the smart card API is included */
    int code;     /* CLI_OK, or how it failed; that was said */
};

/* What became of an #include. */
enum port_found {
    PORT_FOUND,         /* it is the program's own */
    PORT_FOUND_SYSTEM,  /* where the system has headers */
    PORT_FOUND_SPELLED, /* only in other letters, so that it is not found on Unix */
    PORT_FOUND_NOT
};

/* Takes the arguments of the command line, and reads the files for what they define. */
void port_sources_start(struct port_sources *sources, struct cli *cli);
void port_sources_clear(struct port_sources *sources);

/* Looks for a header, with / in its name, as the file `from` includes it. */
enum port_found port_sources_find(const struct port_sources *sources, const char *from,
                                  const char *name, bool quoted,
                                  char path[PORT_PATH_MAX]);
/* An #include's header with / in its name. False: the name is too long for one. */
bool port_header_name(const char *name, size_t size, char header[PORT_NAME_MAX + 1]);

#endif
