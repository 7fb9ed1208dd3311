/* SPDX-License-Identifier: BSD-2-Clause */
/* The base types, under the name that pcsc-lite gives them. */
#ifndef WINSCARD_WINTYPES_H
#define WINSCARD_WINTYPES_H

#include "winscard/types.h"

#endif
