/* SPDX-License-Identifier: BSD-2-Clause */
/* Text for the other files of libwinport. */
#ifndef PORT_TEXT_H
#define PORT_TEXT_H

#include "port/port.h"

/* A value printed by one conversion of printf(), after those of a width and a precision of
 * "*", in memory of malloc(). NULL: out of memory, or the format is none. */
char *winport_print(const char *format, const DWORD_PTR values[3]);

#endif
