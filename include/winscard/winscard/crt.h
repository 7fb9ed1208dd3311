/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WINSCARD_CRT_H
#define WINSCARD_CRT_H
#include "crt_print.h"
#endif
