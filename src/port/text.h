/* SPDX-License-Identifier: BSD-2-Clause */
/* Text for the other files of libwinport. */
#ifndef PORT_TEXT_H
#define PORT_TEXT_H

#include "port/port.h"

/* One value printed by one conversion of printf(), in memory of malloc(). NULL: out of
 * memory, or the format is none. */
char *winport_print(const char *format, DWORD_PTR value);

#endif
