/* SPDX-License-Identifier: BSD-2-Clause */
/* The base types of libpcsclite, in the pcsc-lite ABI. */
#ifndef WINSCARD_PCSC_WINTYPES_H
#define WINSCARD_PCSC_WINTYPES_H

#include "abi.h"

#include "../winscard/types.h"

#endif
