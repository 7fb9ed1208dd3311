/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes (SCardGetAttrib) that the manager can answer without the driver: what a
 * reader is called and is, and what its card's ATR says. Ids: winsmcrd.h, PC/SC part
 * 3, 3.1. */
#ifndef MANAGER_ATTRIBUTE_H
#define MANAGER_ATTRIBUTE_H

#include "manager/manager.h"

/* OWN: answered here, the driver is not asked. FALLBACK: the driver may know better (what
 * was negotiated); ask it first, and take this when it does not know. NONE: only the
 * driver can know. */
enum attribute_source { ATTRIBUTE_OWN, ATTRIBUTE_FALLBACK, ATTRIBUTE_NONE };

/* Needs the slot's lock. `value` has room for DRIVER_ATTRIBUTE_MAX bytes; *size is 0 and
 * the source NONE when there is no such value. Integers are in the machine's byte order,
 * text ends in a NUL, wide text is UTF-16 in the machine's byte order. */
enum attribute_source attribute_get(const struct reader *reader, enum name_style style,
                                    uint32_t id, uint8_t *value, size_t *size);

/* Whether it is given only to a handle whose card is still the one it connected to, not
 * reset by another handle since: on Windows what is about the card (the parameters of its
 * protocol, and what its ATR says; not whether one is in and has power), in pcsc-lite's
 * ABI everything (pcscd 1.9.9, observed). */
bool attribute_needs_card(enum name_style style, uint32_t id);

#endif
