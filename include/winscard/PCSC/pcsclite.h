/* SPDX-License-Identifier: BSD-2-Clause */
/* The types and constants of libpcsclite, in the pcsc-lite ABI. */
#ifndef WINSCARD_PCSC_PCSCLITE_H
#define WINSCARD_PCSC_PCSCLITE_H

#include "abi.h"

#include "../scarderr.h"
#include "../winscard/arguments.h"

#endif
