/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that run beside this process (os/child.h).
 *
 * clone(2): a process that is made with no signal to tell its end tells nobody, and is found
 * by no wait() but __WCLONE's. That is lost by execve(2), so such a process is between: it
 * starts the other, and ends, whereupon the system's first process has that. pidfd_open(2):
 * a descriptor of a process is never another's.
 *
 * Both share this process's memory until they are done, while the thread that made them waits,
 * as with vfork(2): they make system calls alone, and no call of the C library that might keep
 * something in mind. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* clone, environ */
#endif
#include "os/child.h"

#include "os/posix/descriptor.h"
#include "os/process.h"
#include "os/time.h"
#include "os/unix_socket.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* the same everywhere */
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum {
    END = 3, /* the connection's number in the program */
    STACK_SIZE = 65536,
    FAILED = 127,
    DESCRIPTORS_MAX = 65536 /* closed one by one, before Linux 5.9 */
};

/* The thread sanitizer takes clone() for a fork, and what the other process does for its own;
 * glibc's other name for it is not known to it. */
#if defined(__SANITIZE_THREAD__)
int __clone(int (*run)(void *), void *stack, int flags, void *argument, ...);
#define start_clone __clone
#else
#define start_clone clone
#endif

struct launch {
    const char *program;
    char *const *arguments;
    char *const *environment;
    int end;
    char *stack; /* of both, one above the other */
    int failure; /* errno, or 0 */
    pid_t pid;
    int ended;
};

#define ALONE __attribute__((no_sanitize("address", "thread", "undefined")))

/* The process that becomes the program. */
ALONE static int become(void *argument)
{
    struct launch *launch = argument;
    sigset_t none;
    sigemptyset(&none);
    (void)syscall(SYS_setsid);
    if (launch->end == END)
        (void)syscall(SYS_fcntl, END, F_SETFD, 0);
    else if (syscall(SYS_dup3, launch->end, END, 0) < 0)
        launch->failure = errno;
    if (launch->failure == 0) {
        (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, _NSIG / 8);
        (void)syscall(SYS_execve, launch->program, launch->arguments,
                      launch->environment);
        launch->failure = errno;
    }
    (void)syscall(SYS_exit_group, FAILED);
    return FAILED;
}

/* The one between. It has this process's descriptors, so that the one it opens is here. */
ALONE static int start_other(void *argument)
{
    struct launch *launch = argument;
    launch->pid = start_clone(become, launch->stack + STACK_SIZE,
                              CLONE_VM | CLONE_VFORK | SIGCHLD, launch);
    if (launch->pid < 0)
        launch->failure = errno;
    else if (launch->failure == 0)
        launch->ended = (int)syscall(SYS_pidfd_open, launch->pid, 0);
    (void)syscall(SYS_exit_group, 0);
    return 0;
}

static enum sc_error launch_error(int failure)
{
    switch (failure) {
    case 0:
        return SC_OK;
    case ENOENT:
    case ENOTDIR:
        return SC_E_FILE_NOT_FOUND;
    case ENOMEM:
    case EAGAIN:
    case EMFILE:
    case ENFILE:
        return SC_E_NO_MEMORY;
    default:
        return SC_E_NO_ACCESS;
    }
}

/* No handler of the program's may run in the others, which have its memory. */
static void launch_unheard(struct launch *launch)
{
    sigset_t all, old;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    pid_t between = start_clone(start_other, launch->stack + STACK_SIZE + STACK_SIZE,
                                CLONE_VM | CLONE_VFORK | CLONE_FILES, launch);
    if (between < 0)
        launch->failure = errno;
    else
        while (waitpid(between, NULL, (int)__WCLONE) < 0 && errno == EINTR) {
        }
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
}

enum sc_error os_child_start(const char *program, struct os_socket end,
                             struct os_child *child)
{
    char *const arguments[] = {(char *)(uintptr_t)program, NULL};
    char *const nothing[] = {NULL};
    *child = (struct os_child)OS_CHILD_NONE;
    struct launch launch = {.program = program,
                            .arguments = arguments,
                            /* Who runs with more rights than the user has is not told by
                             * the user's environment what to do. */
                            .environment = getauxval(AT_SECURE) == 0 ? environ : nothing,
                            .end = (int)end.native,
                            .ended = -1};
    assert(program[0] == '/' && launch.end >= END);
    void *stack = mmap(NULL, (size_t)STACK_SIZE * 2, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        return SC_E_NO_MEMORY;
    launch.stack = stack;
    launch_unheard(&launch);
    (void)munmap(stack, (size_t)STACK_SIZE * 2);
    if (launch.failure != 0)
        return launch_error(launch.failure);
    child->pid = (uint32_t)launch.pid;
    child->start_time = os_process_start_time(child->pid);
    child->ended.native = os_descriptor_raise(launch.ended);
    return SC_OK;
}

static bool has_ended(const struct os_child *child)
{
    struct pollfd ended = {.fd = (int)child->ended.native, .events = POLLIN};
    if (os_socket_is_open(child->ended))
        return poll(&ended, 1, 0) != 0;
    return os_process_start_time(child->pid) != child->start_time;
}

void os_child_kill(const struct os_child *child)
{
    if (child->pid == 0 || has_ended(child))
        return;
    /* Its session has its number for as long as it runs. */
    (void)kill(-(pid_t)child->pid, SIGKILL);
    if (os_socket_is_open(child->ended))
        (void)syscall(SYS_pidfd_send_signal, (int)child->ended.native, SIGKILL, NULL, 0);
}

bool os_child_wait(const struct os_child *child, uint64_t deadline_ms)
{
    struct pollfd ended = {.fd = (int)child->ended.native, .events = POLLIN};
    int count = 1;
    if (child->pid == 0 || !os_socket_is_open(child->ended))
        return true;
    do
        count = poll(&ended, 1, os_ms_left(deadline_ms));
    while (count < 0 && errno == EINTR);
    return count != 0;
}

void os_child_forget(struct os_child *child)
{
    /* Where this process is the system's first, as in a container, it has it after all. */
    if (child->pid != 0)
        (void)waitpid((pid_t)child->pid, NULL, WNOHANG);
    os_socket_close(&child->ended);
    *child = (struct os_child)OS_CHILD_NONE;
}

/* --- In the program ------------------------------------------------------------------- */

static void (*tell_crash)(int signal); /* set before the signals are handled */

static void close_inherited(void)
{
    if (syscall(SYS_close_range, END + 1, ~0U, 0) == 0)
        return;
    struct rlimit limit = {DESCRIPTORS_MAX, DESCRIPTORS_MAX};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    int count = limit.rlim_cur < DESCRIPTORS_MAX ? (int)limit.rlim_cur : DESCRIPTORS_MAX;
    for (int i = END + 1; i < count; i++)
        (void)close(i);
}

/* What a handler prints is not the program's output; and it reads nothing. */
static void set_standard_streams(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (null < 0)
        return;
    (void)dup2(null, STDIN_FILENO);
    if (fcntl(STDERR_FILENO, F_GETFD) < 0)
        (void)dup2(null, STDERR_FILENO);
    (void)dup2(STDERR_FILENO, STDOUT_FILENO);
    if (null > END)
        (void)close(null);
}

bool os_child_begin(struct os_socket *end)
{
    int kind = 0;
    socklen_t size = sizeof(kind);
    sigset_t none;
    end->native = -1;
    if (getsockopt(END, SOL_SOCKET, SO_DOMAIN, &kind, &size) != 0 || kind != AF_UNIX
        || fcntl(END, F_SETFD, FD_CLOEXEC) != 0)
        return false;
    for (int i = 1; i < _NSIG; i++)
        (void)signal(i, SIG_DFL);
    (void)signal(SIGPIPE, SIG_IGN);
    sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
    close_inherited();
    set_standard_streams();
    /* One that ends by itself takes along what it has started. */
    if (atexit(os_child_end) != 0
        || chdir("/") != 0) /* it holds no file system that others want to take away */
        return false;
    end->native = END;
    return true;
}

static void take_crash(int number)
{
    tell_crash(number);
    os_child_end();
}

void os_child_at_crash(void (*crashed)(int signal))
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS};
    static char stack[STACK_SIZE]; /* of the main thread; others use their own */
    const stack_t other = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action = {.sa_handler = take_crash};
    action.sa_flags = (int)SA_RESETHAND | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    tell_crash = crashed;
    (void)sigaltstack(&other, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
        (void)sigaction(signals[i], &action, NULL);
}

void os_child_heed_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    if (tell_crash != NULL)
        (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
}

struct os_socket os_child_parent(struct os_socket end)
{
    uint32_t pid = 0;
    struct os_socket parent = OS_SOCKET_NONE;
    if (os_unix_peer(end, NULL, NULL, &pid) == SC_OK && pid != 0)
        parent.native = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    return parent;
}

void os_child_end(void)
{
    (void)kill(0, SIGKILL);
    _exit(FAILED);
}
