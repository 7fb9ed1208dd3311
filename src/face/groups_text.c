/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on names and groups of readers. Compiled for A and W. */
#include "face/database.h"
#include "face/groups.h"

static enum sc_error two_names(SCARDCONTEXT context, const TCHAR *first,
                               const TCHAR *second, char a[DATABASE_NAME_MAX],
                               char b[DATABASE_NAME_MAX])
{
    enum sc_error error = face_check(context, true);
    if (error == SC_OK)
        error = face_name(first, a);
    return error == SC_OK ? face_name(second, b) : error;
}

/* --- Groups ------------------------------------------------------------------------- */

/* A group without a reader leaves no record, so there is nothing to be written. */
LONG WINAPI SCardIntroduceReaderGroup(SCARDCONTEXT hContext, const TCHAR *szGroupName)
{
    char group[DATABASE_NAME_MAX];
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = face_check(hContext, false);
    if (error == SC_OK)
        error = face_name(szGroupName, group);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

LONG WINAPI SCardForgetReaderGroup(SCARDCONTEXT hContext, const TCHAR *szGroupName)
{
    char group[DATABASE_NAME_MAX];
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = face_check(hContext, true);
    if (error == SC_OK)
        error = face_name(szGroupName, group);
    if (error == SC_OK)
        error = face_written(database_remove_group(face_scope(hContext), group));
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

LONG WINAPI SCardAddReaderToGroup(SCARDCONTEXT hContext, const TCHAR *szReaderName,
                                  const TCHAR *szGroupName)
{
    char reader[DATABASE_NAME_MAX], group[DATABASE_NAME_MAX];
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = two_names(hContext, szReaderName, szGroupName, reader, group);
    if (error == SC_OK)
        error = face_reader_exists(face_handle(hContext), reader);
    if (error == SC_OK)
        error = face_written(database_add_to_group(face_scope(hContext), reader, group));
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

/* A reader that is there under this name, without having been introduced; `shown` is the
 * name that lists have it by. */
static bool is_own_name(SCARDCONTEXT context, const char *name,
                        char shown[DRIVER_NAME_MAX])
{
    struct reader_info info;
    return strlen(name) < DRIVER_NAME_MAX
           && client_carrier()->reader_info(face_handle((uint64_t)context), name,
                                            FACE_STYLE, &info, shown)
                  == SC_OK;
}

/* A reader that is there is in SCard$DefaultReaders without a record of it, so it cannot
 * be taken out. Out of another group that it is not in, it is already. */
static enum sc_error remove_from_group(SCARDCONTEXT context, const char *reader,
                                       const char *group)
{
    char shown[DRIVER_NAME_MAX];
    bool own = is_own_name(context, reader, shown);
    if (own && database_same_name(group, DATABASE_DEFAULT_GROUP))
        return SC_E_INVALID_PARAMETER;
    enum sc_error error =
        face_written(database_remove_from_group(face_scope(context), reader, group));
    if (error == SC_E_UNKNOWN_READER
        && (own || face_reader_exists(face_handle(context), reader) == SC_OK))
        return SC_OK;
    return error;
}

LONG WINAPI SCardRemoveReaderFromGroup(SCARDCONTEXT hContext, const TCHAR *szReaderName,
                                       const TCHAR *szGroupName)
{
    char reader[DATABASE_NAME_MAX], group[DATABASE_NAME_MAX];
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = two_names(hContext, szReaderName, szGroupName, reader, group);
    if (error == SC_OK)
        error = remove_from_group(hContext, reader, group);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

/* --- Introduced names --------------------------------------------------------------- */

static enum sc_error introduce_reader(SCARDCONTEXT context, const TCHAR *name,
                                      const TCHAR *device)
{
    char reader[DATABASE_NAME_MAX], path[DATABASE_VALUE_MAX];
    enum sc_error error = face_check(context, true);
    if (error == SC_OK)
        error = face_name(name, reader);
    if (error != SC_OK)
        return error;
    if (device == NULL || device[0] == 0
        || face_text_in(device, path, sizeof(path)) != SC_OK)
        return SC_E_INVALID_PARAMETER;
    if (face_reader_exists(face_handle(context), reader) == SC_OK)
        return SC_E_DUPLICATE_READER;
    return face_written(database_add_reader(face_scope(context), reader, path));
}

LONG WINAPI SCardIntroduceReader(SCARDCONTEXT hContext, const TCHAR *szReaderName,
                                 const TCHAR *szDeviceName)
{
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = introduce_reader(hContext, szReaderName, szDeviceName);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

/* An introduced name is no more; the own name of a reader that is there, which the system
 * introduces, is not shown any more (MS-Docs SCardIntroduceReader renames a reader by
 * introducing another name and forgetting its own). */
static enum sc_error forget_reader_of_name(SCARDCONTEXT context, const TCHAR *name)
{
    char reader[DATABASE_NAME_MAX], shown[DRIVER_NAME_MAX];
    enum sc_error error = face_check(context, true);
    if (error == SC_OK)
        error = face_name(name, reader);
    if (error != SC_OK)
        return error;
    error = is_own_name(context, reader, shown)
                ? database_forget_reader(face_scope(context), shown)
                : database_remove_reader(face_scope(context), reader);
    return face_written(error);
}

LONG WINAPI SCardForgetReader(SCARDCONTEXT hContext, const TCHAR *szReaderName)
{
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = forget_reader_of_name(hContext, szReaderName);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}
