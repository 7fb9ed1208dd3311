/* SPDX-License-Identifier: BSD-2-Clause */
/* Apple's property lists as XML (PropertyList-1.0.dtd), as far as the Info.plist of a bundle
 * of pcscd's needs it: the strings of the one dictionary at the top, and of arrays in it. */
#ifndef BUNDLE_PLIST_H
#define BUNDLE_PLIST_H

#include "base/compiler.h"

#include <stddef.h>

enum {
    PLIST_VALUE_MAX = 256, /* bytes of a key or a string, with its NUL */
    PLIST_DEPTH_MAX = 16   /* of elements in elements */
};

/* Calls take(context, key, index, value) for each string in their order: the index counts
 * those of one key, from 0. Texts are lent for the call, entities replaced. NULL: the whole
 * was read. Else what is wrong with it, a text of static storage that continues "PATH ";
 * what came before that was taken. */
const char *plist_read(const char *text, size_t size,
                       void (*take)(void *context, const char *key, size_t index,
                                    const char *value),
                       void *context) MUST_CHECK;

#endif
