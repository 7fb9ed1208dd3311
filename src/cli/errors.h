/* SPDX-License-Identifier: BSD-2-Clause */
/* The API's error codes by name and in plain words. */
#ifndef CLI_ERRORS_H
#define CLI_ERRORS_H

#include <stdint.h>

/* "SCARD_E_TIMEOUT"; NULL for a code without a name. */
const char *error_name(uint32_t code);
/* "it took too long"; never NULL. */
const char *error_words(uint32_t code);

#endif
