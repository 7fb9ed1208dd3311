/* SPDX-License-Identifier: BSD-2-Clause */
/* Chooses the pcsc-lite ABI for whoever includes one of the headers beside this one. */
#ifndef WINSCARD_PCSC_ABI_H
#define WINSCARD_PCSC_ABI_H

#ifdef WINSCARD_ABI_WINDOWS
#error "this source has included <winscard.h> in the Windows ABI already"
#elif !defined(WINSCARD_ABI_PCSCLITE)
#define WINSCARD_ABI_PCSCLITE 1
#endif

#include "../winscard/abi.h"

#endif
