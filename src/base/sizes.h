/* SPDX-License-Identifier: BSD-2-Clause */
/* The size that every layer shares, from the face to the drivers. */
#ifndef BASE_SIZES_H
#define BASE_SIZES_H

/* Bytes of a command or an answer, of a card or a reader: header, Lc, data, Le, SW1 SW2.
 */
enum { TRANSFER_MAX = 4 + 3 + 65536 + 3 + 2 };

/* So say winscard-protocol(7), the headers of include/winscard and src/cli/api.h. */
_Static_assert(TRANSFER_MAX == 65548, "a part of the protocol and of the interface");

#endif
