/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of the registry, as text in UTF-8 and bytes. What an installer wrote wrongly (of
 * another type, too long, no text) is skipped as if it were not there: the rest of
 * the database is not to suffer from it. */
#ifndef DATABASE_REGISTRY_VALUES_H
#define DATABASE_REGISTRY_VALUES_H

#include "base/compiler.h"
#include "database/database.h"

#include <windows.h>

/* Units of a key's or value's name, with the NUL. */
enum { REGISTRY_NAME_MAX = DATABASE_NAME_MAX };

/* The error of a call of the registry's. SC_E_FILE_NOT_FOUND: no such key or value. */
enum sc_error registry_error(LSTATUS status);

/* False: it is not a name. */
bool registry_wide_name(const char *name, WCHAR wide[REGISTRY_NAME_MAX]) MUST_CHECK;
/* False: too long for us, or no text. `units` without the NUL. */
bool registry_narrow_name(const WCHAR *wide, size_t units,
                          char name[DATABASE_NAME_MAX]) MUST_CHECK;

/* Of all three: SC_OK with nothing if there is no such value. */
enum sc_error registry_get_bytes(HKEY key, const WCHAR *name, void *bytes, size_t room,
                                 size_t *size) MUST_CHECK;
enum sc_error registry_get_text(HKEY key, const WCHAR *name,
                                char text[DATABASE_VALUE_MAX]) MUST_CHECK;
/* A multi-string, of which only names (calais_is_name) are taken. */
enum sc_error registry_get_texts(HKEY key, const WCHAR *name,
                                 char texts[DATABASE_GROUPS_MAX]) MUST_CHECK;

/* Nothing of it: the value is removed. */
enum sc_error registry_set_bytes(HKEY key, const WCHAR *name, const void *bytes,
                                 size_t size) MUST_CHECK;
enum sc_error registry_set_text(HKEY key, const WCHAR *name, const char *text) MUST_CHECK;
enum sc_error registry_set_texts(HKEY key, const WCHAR *name,
                                 const char *texts) MUST_CHECK;

#endif
