/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on contexts, which carry no text. Compiled for Windows and for pcsc-lite. */
#include "base/alloc.h"
#include "client/handles.h"
#include "face/abi.h"

#if FACE_IS_WINDOWS
enum { SCOPE_MAX = SCARD_SCOPE_SYSTEM };
#else
enum { SCOPE_MAX = SCARD_SCOPE_GLOBAL };
#endif

static enum sc_error establish_context(uint64_t scope, LPSCARDCONTEXT context)
{
    const struct carrier *carrier = client_carrier();
    uint32_t id;
    SCARDCONTEXT made = 0;
    if (context == NULL)
        return SC_E_INVALID_PARAMETER;
    memcpy(context, &made, sizeof(made));
    if (scope > SCOPE_MAX)
        return SC_E_INVALID_VALUE;
    if (carrier == NULL)
        return SC_E_NO_SERVICE;
    enum sc_error error = carrier->establish(FACE_PROGRAM_ABI, &id);
    if (FACE_IS_WINDOWS && error == SC_OK) {
        error = client_context_note(id, scope == SCARD_SCOPE_SYSTEM);
        if (error != SC_OK)
            (void)carrier->release(id);
    }
    if (error == SC_OK) {
        made = (SCARDCONTEXT)id;
        memcpy(context, &made, sizeof(made));
    }
    return error;
}

LONG WINAPI SCardEstablishContext(DWORD dwScope, LPCVOID pvReserved1, LPCVOID pvReserved2,
                                  LPSCARDCONTEXT phContext)
{
    struct trace_call call;
    (void)pvReserved1;
    (void)pvReserved2;
    trace_begin(&call, __func__);
    enum sc_error error = establish_context(dwScope, phContext);
    trace_end(&call, error, "scope=%lu context=%lx", (unsigned long)dwScope,
              (unsigned long)(error == SC_OK ? *phContext : 0));
    return face_status(error);
}

/* Its memory goes as soon as the context is gone, be it that the service is. */
static enum sc_error release_context(const struct carrier *carrier, uint32_t id)
{
    enum sc_error error = carrier->release(id);
    if (FACE_IS_WINDOWS && (error == SC_OK || carrier->check_context(id) != SC_OK)) {
        client_context_forget(id);
        client_memory_release(id);
    }
    return error;
}

enum context_action { ACTION_RELEASE, ACTION_CHECK, ACTION_CANCEL };

static LONG act(const char *name, SCARDCONTEXT context, enum context_action action)
{
    const struct carrier *carrier = client_carrier();
    struct trace_call call;
    enum sc_error error = SC_E_INVALID_HANDLE;
    uint32_t id = face_handle((uint64_t)context);
    trace_begin(&call, name);
    if (carrier != NULL && action == ACTION_RELEASE)
        error = release_context(carrier, id);
    else if (carrier != NULL && action == ACTION_CHECK)
        error = carrier->check_context(id);
    else if (carrier != NULL)
        error = carrier->cancel(id);
    trace_end(&call, error, "context=%lx", (unsigned long)context);
    return face_status(error);
}

LONG WINAPI SCardReleaseContext(SCARDCONTEXT hContext)
{
    return act(__func__, hContext, ACTION_RELEASE);
}

LONG WINAPI SCardIsValidContext(SCARDCONTEXT hContext)
{
    return act(__func__, hContext, ACTION_CHECK);
}

LONG WINAPI SCardCancel(SCARDCONTEXT hContext)
{
    return act(__func__, hContext, ACTION_CANCEL);
}

#if FACE_IS_WINDOWS
/* A context that was not released will do, also if its service is gone. */
static enum sc_error free_memory(SCARDCONTEXT context, void *memory)
{
    if (context != 0 && !client_context_is_known(face_handle(context)))
        return SC_E_INVALID_HANDLE;
    return client_memory_take(memory);
}
#else
/* As pcsc-lite does: whatever malloc gave, to the program too. */
static enum sc_error free_memory(SCARDCONTEXT context, void *memory)
{
    const struct carrier *carrier = client_carrier();
    uint32_t id = face_handle((uint64_t)context);
    if (carrier == NULL || carrier->check_context(id) != SC_OK)
        return SC_E_INVALID_HANDLE;
    mem_free(memory);
    return SC_OK;
}
#endif

LONG WINAPI SCardFreeMemory(SCARDCONTEXT hContext, LPCVOID pvMem)
{
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = free_memory(hContext, (void *)(uintptr_t)pvMem);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}
