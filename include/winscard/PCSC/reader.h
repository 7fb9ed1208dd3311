/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes and features of readers, as libpcsclite has them, in the pcsc-lite ABI. */
#ifndef WINSCARD_PCSC_READER_H
#define WINSCARD_PCSC_READER_H

#include "abi.h"

#include "../reader.h"

#endif
