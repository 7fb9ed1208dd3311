/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of a source file, whatever its encoding and line ends are. */
#ifndef CLI_PORT_TEXT_H
#define CLI_PORT_TEXT_H

#include <stddef.h>

enum { PORT_FILE_MAX_MIB = 16 };

struct port_text {
    char *at; /* owned; ends with a NUL that does not count */
    size_t size;
};

/* Reads a file; NULL, or what is wrong with it: "is longer than 16 MiB". UTF-16 with a byte
 * order mark becomes UTF-8, a byte order mark goes, and lines end with a line feed alone.
 * Other bytes beyond ASCII stay as they are. */
const char *port_text_read(const char *path, struct port_text *text);
/* The same for bytes that were read, with a NUL behind them. */
const char *port_text_decode(struct port_text *text);
void port_text_clear(struct port_text *text);

#endif
