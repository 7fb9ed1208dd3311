/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of libpcsclite, in the pcsc-lite ABI. */
#ifndef WINSCARD_PCSC_WINSCARD_H
#define WINSCARD_PCSC_WINSCARD_H

#include "abi.h"

#include "../winscard.h"

#endif
