/* SPDX-License-Identifier: BSD-2-Clause */
/* The three protocol control information objects, whose size is part of each ABI: 8 bytes
 * on Windows, 16 in pcsc-lite's on 64-bit systems. */
#include "face/abi.h"

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardRawPci = {SCARD_PROTOCOL_RAW, sizeof(SCARD_IO_REQUEST)};
