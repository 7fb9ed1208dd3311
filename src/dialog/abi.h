/* SPDX-License-Identifier: BSD-2-Clause */
/* The encoding a file is compiled for: every *_text.c of this folder is compiled for A,
 * and once more, with DIALOG_WIDE, for W by the *_wide.c beside it. The library is built
 * on the public API alone; it is to libwinscard a program like any other. */
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

#ifdef DIALOG_WIDE
#define DIALOG(name) name##W
typedef WCHAR dialog_char;
typedef SCARD_READERSTATEW dialog_state;
typedef OPENCARD_SEARCH_CRITERIAW dialog_criteria;
typedef OPENCARDNAME_EXW dialog_open;
typedef OPENCARDNAMEW dialog_old;
typedef LPOCNCONNPROCW dialog_connect;
#else
#define DIALOG(name) name##A
typedef char dialog_char;
typedef SCARD_READERSTATEA dialog_state;
typedef OPENCARD_SEARCH_CRITERIAA dialog_criteria;
typedef OPENCARDNAME_EXA dialog_open;
typedef OPENCARDNAMEA dialog_old;
typedef LPOCNCONNPROCA dialog_connect;
#endif

#endif
