/* SPDX-License-Identifier: BSD-2-Clause */
/* The library is built on the public API alone; it is to libwinscard a program like any
 * other. Every *_text.c of this folder is compiled twice, for the A calls and with UNICODE
 * for the W calls, and has its names by the public headers' rule. */
#ifndef DIALOG_ABI_H
#define DIALOG_ABI_H

#if defined(_WIN32)
#define WINSCARDAPI
#else
#define WINSCARDAPI __attribute__((visibility("default")))
#endif
#include "winscard.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#endif
