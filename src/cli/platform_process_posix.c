/* SPDX-License-Identifier: BSD-2-Clause */
/* Which processes have a file open or are connected to a socket: proc(5) and sock_diag(7)
 * of Linux. Without them no process is found. */
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "cli/platform.h"
#include "cli/text.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/time.h>
#include <sys/un.h>
#endif

enum { PROCESSES_MAX = 65536, INODES_MAX = 256, LINK_ROOM = 256 };

uint32_t platform_process(void)
{
    return (uint32_t)getpid();
}

/* A process's name and owner. False: it is gone. */
static bool know_process(const char *pid, char program[64], uint32_t *uid)
{
    char path[64];
    struct text text;
    struct stat info = {0};
    text_start(&text, path, sizeof path);
    text_add(&text, "/proc/%s/comm", pid);
    FILE *file = fopen(path, "r");
    program[0] = '\0';
    if (file != NULL && (stat(path, &info) != 0 || fgets(program, 64, file) == NULL))
        program[0] = '\0';
    if (file != NULL)
        fclose(file);
    program[strcspn(program, "\n")] = '\0';
    *uid = program[0] != '\0' ? (uint32_t)info.st_uid : 0;
    return program[0] != '\0';
}

bool platform_process_program(uint32_t pid, char *program, size_t room)
{
    char number[16], name[64];
    uint32_t uid;
    struct text text;
    text_start(&text, number, sizeof number);
    text_add(&text, "%u", (unsigned)pid);
    text_start(&text, program, room);
    if (!know_process(number, name, &uid))
        return false;
    text_add(&text, "%s", name);
    return true;
}

/* Calls wanted(context, "123") for each process. */
static void each_process(void (*wanted)(void *context, const char *pid), void *context)
{
    uint32_t number;
    struct dirent *entry;
    DIR *all = opendir("/proc");
    for (int i = 0; all != NULL && i < PROCESSES_MAX && (entry = readdir(all)) != NULL;)
        if (text_number(entry->d_name, 4194304, &number)) {
            wanted(context, entry->d_name);
            i++;
        }
    if (all != NULL)
        closedir(all);
}

/* --- Processes with a file open ----------------------------------------------------- */

struct open_search {
    bool (*is_it)(const struct open_search *search, const char *link);
    const char *path;
    const uint64_t *inodes;
    size_t inode_count;
    platform_process_found *found;
    void *context;
};

static bool has_open(const struct open_search *search, const char *pid)
{
    char path[64], link[LINK_ROOM];
    struct text text;
    struct dirent *entry;
    bool has = false;
    text_start(&text, path, sizeof path);
    text_add(&text, "/proc/%s/fd", pid);
    DIR *all = opendir(path);
    while (all != NULL && !has && (entry = readdir(all)) != NULL) {
        ssize_t size = readlinkat(dirfd(all), entry->d_name, link, sizeof link - 1);
        if (size <= 0)
            continue;
        link[size] = '\0';
        has = search->is_it(search, link);
    }
    if (all != NULL)
        closedir(all);
    return has;
}

static void look_at_open(void *context, const char *pid)
{
    const struct open_search *search = context;
    char program[64];
    uint32_t uid = 0;
    if (has_open(search, pid) && know_process(pid, program, &uid))
        search->found(search->context, (uint32_t)strtoul(pid, NULL, 10), uid, program);
}

static bool is_path(const struct open_search *search, const char *link)
{
    return strcmp(link, search->path) == 0;
}

void platform_file_users(const char *path, platform_process_found *found, void *context)
{
    struct open_search search = {
        .is_it = is_path, .path = path, .found = found, .context = context};
    each_process(look_at_open, &search);
}

/* --- Processes by name -------------------------------------------------------------- */

static void look_at_name(void *context, const char *pid)
{
    const struct open_search *search = context;
    char program[64];
    uint32_t uid = 0;
    if (know_process(pid, program, &uid) && strcmp(program, search->path) == 0)
        search->found(search->context, (uint32_t)strtoul(pid, NULL, 10), uid, program);
}

void platform_processes_named(const char *name, platform_process_found *found,
                              void *context)
{
    struct open_search search = {.path = name, .found = found, .context = context};
    each_process(look_at_name, &search);
}

/* --- Processes at the other ends of a Unix socket ----------------------------------- */

#ifdef __linux__

static bool is_inode(const struct open_search *search, const char *link)
{
    char *end = NULL;
    if (strncmp(link, "socket:[", 8) != 0)
        return false;
    unsigned long long inode = strtoull(link + 8, &end, 10);
    for (size_t i = 0; *end == ']' && i < search->inode_count; i++)
        if (search->inodes[i] == inode)
            return true;
    return false;
}

/* What one socket's message says: its name and its peer's inode. */
static bool read_socket(const struct nlmsghdr *message, const char *path, uint64_t *peer)
{
    const struct unix_diag_msg *socket = NLMSG_DATA(message);
    size_t left = message->nlmsg_len - NLMSG_LENGTH(sizeof *socket);
    const char *at = (const char *)(socket + 1);
    const size_t head_size = sizeof(struct nlattr); /* which is aligned */
    bool named = false, connected = false;
    while (left >= head_size) {
        struct nlattr head;
        memcpy(&head, at, sizeof head);
        if (head.nla_len < head_size || head.nla_len > left)
            return false;
        size_t size = (size_t)head.nla_len - head_size;
        const char *value = at + head_size;
        uint32_t inode = 0;
        if (head.nla_type == UNIX_DIAG_NAME)
            named = size >= strlen(path) && memcmp(value, path, strlen(path)) == 0
                    && (size == strlen(path) || value[strlen(path)] == '\0');
        if (head.nla_type == UNIX_DIAG_PEER && size >= sizeof inode) {
            memcpy(&inode, value, sizeof inode);
            *peer = inode;
            connected = true;
        }
        size_t step = NLA_ALIGN(head.nla_len);
        left = step < left ? left - step : 0;
        at += step;
    }
    return named && connected;
}

/* NLMSG_NEXT() without its cast from char: messages are aligned as their length says. */
static const struct nlmsghdr *next_message(const struct nlmsghdr *message, size_t *left)
{
    size_t step = NLMSG_ALIGN(message->nlmsg_len);
    *left = step < *left ? *left - step : 0;
    return (const void *)((const char *)message + step);
}

/* Reads the list up to its end. Gives the number of peers. */
static size_t read_list(int netlink, const char *path, uint64_t inodes[INODES_MAX])
{
    static _Alignas(struct nlmsghdr) char bytes[32768];
    size_t count = 0;
    for (;;) {
        ssize_t got = recv(netlink, bytes, sizeof bytes, 0);
        if (got <= 0)
            return count;
        size_t left = (size_t)got;
        const struct nlmsghdr *message = (const struct nlmsghdr *)(const void *)bytes;
        for (; NLMSG_OK(message, left); message = next_message(message, &left)) {
            if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
                return count;
            if (count < INODES_MAX && read_socket(message, path, &inodes[count]))
                count++;
        }
    }
}

static size_t find_peers(const char *path, uint64_t inodes[INODES_MAX])
{
    struct {
        struct nlmsghdr head;
        struct unix_diag_req request;
    } ask = {.head = {.nlmsg_len = sizeof ask,
                      .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
             .request = {.sdiag_family = AF_UNIX,
                         .udiag_states = ~0U,
                         .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER}};
    struct timeval patience = {.tv_sec = 2};
    int netlink = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    size_t count = 0;
    if (netlink < 0)
        return 0;
    if (setsockopt(netlink, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0
        && send(netlink, &ask, sizeof ask, 0) == (ssize_t)sizeof ask)
        count = read_list(netlink, path, inodes);
    close(netlink);
    return count;
}

void platform_socket_users(const char *path, platform_process_found *found, void *context)
{
    uint64_t inodes[INODES_MAX];
    struct open_search search = {
        .is_it = is_inode, .inodes = inodes, .found = found, .context = context};
    search.inode_count = find_peers(path, inodes);
    if (search.inode_count > 0)
        each_process(look_at_open, &search);
}

#else

void platform_socket_users(const char *path, platform_process_found *found, void *context)
{
    (void)path;
    (void)found;
    (void)context;
}

#endif

/* --- This process ------------------------------------------------------------------- */

bool platform_beside_program(const char *name, char *path, size_t room)
{
    char program[PLATFORM_PATH_MAX];
    struct text text;
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    program[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash == NULL)
        return false;
    *slash = '\0';
    text_start(&text, path, room);
    text_add(&text, "%s/%s", program, name);
    return access(path, R_OK) == 0;
}
