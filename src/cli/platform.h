/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tool asks of the operating system beyond C. platform_posix.c is one answer,
 * platform_windows.c the other. */
#ifndef CLI_PLATFORM_H
#define CLI_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { PLATFORM_PATH_MAX = 1024 };

/* A command with a setting, for remedies: on Windows for any shell, as one of Wine's users
 * may have one of Unix. */
#ifdef _WIN32
#define PLATFORM_WITH(setting, command) command ", with " setting " in the environment"
#else
#define PLATFORM_WITH(setting, command) setting " " command
#endif

/* Called once before anything else: makes a terminal take UTF-8 and escape sequences. */
void platform_start(void);

bool platform_is_terminal(FILE *file);
/* Characters in a line of the terminal behind `file`; 80 if that is not known. */
unsigned platform_width(FILE *file);

/* Asks the person at the terminal, whatever the standard streams are, for a line that
 * does not show; without its end. False: there is no terminal, or the line is longer. */
bool platform_read_secret(const char *prompt, char *line, size_t room);
/* Whether a person types at this stream. */
bool platform_is_typed(FILE *file);

/* Bytes are read and written as they are; nothing was, until now. */
void platform_set_binary(FILE *file);

/* Milliseconds of a clock that never goes back. */
uint64_t platform_now_ms(void);
void platform_sleep_ms(unsigned ms);
/* The time of day: "2024-05-01T12:34:56Z" with `utc`, else the local "12:34:56". */
void platform_time(bool utc, char *text, size_t room);

/* From now on SIGINT and SIGTERM (Ctrl+C) no longer end the process: they make
 * platform_interrupted() true. Call it before the library may start threads. False: it
 * stays as it was. */
bool platform_interrupt_begin(void);
/* After an interrupt `stop(context)` is called from a thread of its own, again and again
 * until platform_interrupt_end(), so that a wait which begins just after the first call
 * is ended too. */
void platform_interrupt_target(void (*stop)(void *context), void *context);
/* When it returns, `stop` is not running and will not run. */
void platform_interrupt_end(void);
bool platform_interrupted(void);

/* Sets an environment variable of this process. */
bool platform_set_environment(const char *name, const char *value);
/* Calls found(context, "NAME", "value") for each variable whose name begins so. */
void platform_environment(const char *prefix,
                          void (*found)(void *context, const char *name,
                                        const char *value),
                          void *context);

/* From now on what this process writes to standard error goes to a file that nobody sees.
 * False: it goes on as before. */
bool platform_capture_begin(void);
/* As before again; calls line(context, text) for each line that was written meanwhile. */
void platform_capture_end(void (*line)(void *context, const char *text), void *context);

enum platform_access {
    PLATFORM_MISSING,
    PLATFORM_DENIED, /* it is there, and may not be read and written */
    PLATFORM_USABLE  /* it is there, and may be read and written */
};

/* What this process may do with a file, device or socket. */
enum platform_access platform_access(const char *path);
/* True if something accepts connections at this Unix socket. */
bool platform_socket_answers(const char *path);

/* Calls found(context, name) for each entry of a directory, in the order of their names,
 * "." and ".." left out; at most 4096 are looked at. False if it cannot be read. */
bool platform_directory(const char *path, void (*found)(void *context, const char *name),
                        void *context);

enum platform_file_kind {
    PLATFORM_NOTHING, /* or it cannot be seen */
    PLATFORM_FILE,    /* a regular file, or a link to one */
    PLATFORM_FOLDER,
    PLATFORM_FOLDER_LINK, /* a link to one */
    PLATFORM_OTHER        /* a device, a pipe, a socket */
};
enum platform_file_kind platform_file_kind(const char *path);
/* Where a C compiler of this system looks for headers of other libraries: the folder of this
 * index, from 0; NULL when there are no more. */
const char *platform_header_folder(unsigned index);
/* Makes / of all that separates the parts of a path. */
void platform_plain_path(char *path);

/* This process's number. */
uint32_t platform_process(void);
/* What the system's list of processes says, each process once. A user other than root
 * sees files and sockets of its own processes alone. */
typedef void platform_process_found(void *context, uint32_t pid, uint32_t uid,
                                    const char *program);
/* The name of a process's program; false: the system does not say. */
bool platform_process_program(uint32_t pid, char *program, size_t room);
/* Processes that have this file open. */
void platform_file_users(const char *path, platform_process_found *found, void *context);
/* Processes that are connected to the program that listens at this Unix socket. */
void platform_socket_users(const char *path, platform_process_found *found,
                           void *context);
/* Processes whose program is called so. */
void platform_processes_named(const char *name, platform_process_found *found,
                              void *context);

/* The file this process loaded SCardEstablishContext from; false if that is not known. */
bool platform_library_path(char *path, size_t room);

/* Whose library that is. */
enum platform_library {
    PLATFORM_LIBRARY_OURS,
    PLATFORM_LIBRARY_UNIX, /* the one of Unix for Wine: it is connected out of our sight */
    PLATFORM_LIBRARY_WINE  /* Wine's own, whatever file its path names */
};
enum platform_library platform_library(void);

/* Whether the system's own winscard.dll is loaded, as the library or beside it, and has readers
 * or could have. On Windows alone. */
bool platform_system_answers(void);

/* The path of a file of this name in the program's own directory; false: there is none.
 */
bool platform_beside_program(const char *name, char *path, size_t room);

/* The Unix sockets this process is connected to, by the server's path, or, where there are
 * none, the servers it is connected to as "tcp:ADDRESS:PORT": writes the one with this index,
 * from 0; false when there are no more. */
bool platform_connected_socket(unsigned index, char *path, size_t room);

#endif
