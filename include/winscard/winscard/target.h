/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether these headers are read for Windows, whose own headers are there then. _WIN32 alone
 * does not say it: a program may define it on Unix to have its Windows part compiled.
 * winegcc has Wine's. */
#ifndef WINSCARD_TARGET_H
#define WINSCARD_TARGET_H

#if defined(_WIN32) && (!defined(__unix__) || defined(__WINE__) || defined(__CYGWIN__))
#define WINSCARD_ON_WINDOWS 1
#endif

#endif
