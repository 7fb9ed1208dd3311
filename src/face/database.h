/* SPDX-License-Identifier: BSD-2-Clause */
/* What the calls on the database share (Windows ABI). */
#ifndef FACE_DATABASE_H
#define FACE_DATABASE_H

#include "client/handles.h"
#include "database/database.h"
#include "face/text.h"

/* Most calls need a context; 0 will do where Microsoft's page of the call has it so. */
static inline enum sc_error face_check(SCARDCONTEXT handle, bool required)
{
    const struct carrier *carrier = client_carrier();
    if (handle == 0 && !required)
        return SC_OK;
    if (carrier == NULL || carrier->check_context(face_handle(handle)) != SC_OK)
        return SC_E_INVALID_HANDLE;
    return SC_OK;
}

/* Where a context writes. Without one it is the system's scope (MS-Docs
 * SCardIntroduceReaderGroup). */
static inline enum database_scope face_scope(SCARDCONTEXT handle)
{
    bool is_system = handle == 0 || client_context_is_system(face_handle(handle));
    return is_system ? DATABASE_SYSTEM : DATABASE_USER;
}

/* What the calls that write give for database.h's errors: names that no key can have, and
 * no right to write (MS-Docs "Smart Card Return Values"). */
static inline enum sc_error face_written(enum sc_error error)
{
    if (error == SC_E_INVALID_VALUE)
        return SC_E_INVALID_PARAMETER;
    return error == SC_E_NO_ACCESS ? SC_W_SECURITY_VIOLATION : error;
}

/* A name from the caller. Errors: SC_E_INVALID_PARAMETER: NULL, empty, or no name. */
static inline enum sc_error face_name(const TCHAR *text, char name[DATABASE_NAME_MAX])
{
    if (text == NULL || text[0] == 0
        || face_text_in(text, name, DATABASE_NAME_MAX) != SC_OK)
        return SC_E_INVALID_PARAMETER;
    return SC_OK;
}

/* A list of names to the caller; an empty one is a single NUL. */
static inline enum sc_error face_list_out(SCARDCONTEXT handle,
                                          const struct multistring *names, TCHAR *buffer,
                                          LPDWORD length)
{
    bool is_empty = names->size == 0;
    return face_text_out(face_handle(handle), buffer, length,
                         is_empty ? "" : names->bytes, is_empty ? 1 : names->size);
}

#endif
