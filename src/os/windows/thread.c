/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of Windows. */
#include "os/windows/api.h"

#include "os/library.h"
#include "os/thread.h"

#include "base/alloc.h"
#include "os/windows/text.h"

#include <process.h>

struct thread_start {
    void (*run)(void *);
    void *context;
    wchar_t name[16];
};

/* Windows 10 (1607) and later; debuggers show it. */
static void name_thread(const wchar_t *name)
{
    typedef HRESULT WINAPI set_description(HANDLE thread, PCWSTR name);
    union {
        FARPROC found;
        set_description *call;
    } pointer = {.found = GetProcAddress(GetModuleHandleW(L"kernel32.dll"),
                                         "SetThreadDescription")};
    if (pointer.found != NULL)
        (void)pointer.call(GetCurrentThread(), name);
}

static unsigned __stdcall thread_main(void *argument)
{
    struct thread_start start = *(struct thread_start *)argument;
    mem_free(argument);
    name_thread(start.name);
    start.run(start.context);
    return 0;
}

/* By the C library, which keeps something for each thread. */
enum sc_error os_thread_start(struct os_thread *thread, const char *name,
                              void (*run)(void *), void *context)
{
    struct thread_start *start = mem_alloc(sizeof(*start));
    if (start == NULL)
        return SC_E_NO_MEMORY;
    start->run = run;
    start->context = context;
    os_ascii_to_wide(name, start->name, ARRAY_SIZE(start->name));
    os_library_keep();
    uintptr_t made = _beginthreadex(NULL, 0, thread_main, start, 0, NULL);
    if (made == 0) {
        mem_free(start);
        return SC_E_NO_MEMORY;
    }
    thread->native = (void *)made;
    return SC_OK;
}

void os_thread_join(struct os_thread *thread)
{
    DWORD ended = WaitForSingleObject(thread->native, INFINITE);
    assert(ended == WAIT_OBJECT_0); /* a thread of ours that nobody else joins */
    (void)ended;
    CloseHandle(thread->native);
    thread->native = NULL;
}

void os_thread_yield(void)
{
    (void)SwitchToThread();
}

uint64_t os_thread_number(void)
{
    return GetCurrentThreadId();
}

void os_thread_expect_ends(void)
{
}

void os_thread_mark(struct os_thread_mark *mark)
{
    HANDLE self = NULL, process = GetCurrentProcess();
    mark->number = os_thread_number();
    mark->native = DuplicateHandle(process, GetCurrentThread(), process, &self,
                                   SYNCHRONIZE, FALSE, 0)
                       ? self
                       : NULL;
}

bool os_thread_has_ended(const struct os_thread_mark *mark)
{
    return mark->native != NULL && WaitForSingleObject(mark->native, 0) == WAIT_OBJECT_0;
}

void os_thread_unmark(struct os_thread_mark *mark)
{
    if (mark->native != NULL)
        CloseHandle(mark->native);
    mark->native = NULL;
}

uint32_t os_processor_count(void)
{
    DWORD_PTR usable = 0, all = 0;
    uint32_t count = 0;
    if (GetProcessAffinityMask(GetCurrentProcess(), &usable, &all))
        for (; usable != 0; usable &= usable - 1)
            count++;
    return count > 0 ? count : 1;
}
