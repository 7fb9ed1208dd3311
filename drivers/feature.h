/* SPDX-License-Identifier: BSD-2-Clause */
/* What simulated readers answer to control codes of PC/SC part 10, and small replies. */
#ifndef DRIVERS_FEATURE_H
#define DRIVERS_FEATURE_H

#include "manager/driver.h"

/* Hands out `size` bytes as the answer of a job. Errors: SC_E_INSUFFICIENT_BUFFER. */
enum sc_error feature_reply(struct transfer *t, const void *bytes,
                            size_t size) MUST_CHECK;

/* The value of an attribute that is on or off: one byte, or a number of 32 bits. Errors:
 * SC_E_INVALID_PARAMETER. */
enum sc_error feature_take_flag(const struct transfer *t, bool *flag) MUST_CHECK;

/* The list of features: GET_TLV_PROPERTIES alone, by this control code (part 10, 2.2). */
enum sc_error feature_reply_list(struct transfer *t, uint32_t properties_code) MUST_CHECK;
/* The properties of a reader without display, keys and PPDU (part 10, 2.6.14).
 * `extended`: it takes APDUs with extended lengths. */
enum sc_error feature_reply_properties(struct transfer *t, bool extended) MUST_CHECK;

#endif
