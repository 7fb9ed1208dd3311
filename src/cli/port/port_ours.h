/* SPDX-License-Identifier: BSD-2-Clause */
/* What our headers give. The tables are made from them when this is built
 * (packaging/cmake/port-names.cmake), sorted by bytes. */
#ifndef CLI_PORT_OURS_H
#define CLI_PORT_OURS_H

#include <stddef.h>

extern const char *const port_our_names[];
extern const size_t port_our_names_count;
/* Those that <winscard.h> and its like bring alone. */
extern const char *const port_base_names[];
extern const size_t port_base_names_count;
extern const char *const port_base_headers[];
extern const size_t port_base_headers_count;
/* As an #include has them: "winscard.h", "PCSC/winscard.h". */
extern const char *const port_our_headers[];
extern const size_t port_our_headers_count;

#endif
