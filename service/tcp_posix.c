/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "service/tcp.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/secret.h"
#include "os/endpoint.h"
#include "os/pipe.h"
#include "os/random.h"
#include "os/trust.h"
#include "service/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDPOINT_ADDRESS "127.0.0.1"

enum { TOKEN_BYTES = 32 };

/* --- The token ---------------------------------------------------------------------- */

static bool make_token(struct server_options *server)
{
    uint8_t bytes[TOKEN_BYTES];
    char text[2 * TOKEN_BYTES + 1];
    if (os_random(bytes, sizeof(bytes)) != SC_OK
        || hex_encode(bytes, sizeof(bytes), text, sizeof(text)) != SC_OK) {
        fprintf(stderr, "winscardd: the system gives no random bytes\n");
        return false;
    }
    server->token_size = strlen(text);
    memcpy(server->token, text, server->token_size);
    secret_clear(bytes, sizeof(bytes));
    secret_clear(text, sizeof(text));
    return true;
}

/* A new file that its owner alone can read. */
static bool write_file(const char *path, const void *bytes, size_t size)
{
    (void)unlink(path);
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = file >= 0 && write(file, bytes, size) == (ssize_t)size;
    if (!written)
        fprintf(stderr, "winscardd: %s: %s\n", path, strerror(errno));
    if (file >= 0)
        close(file);
    if (file >= 0 && !written)
        (void)unlink(path);
    return written;
}

/* --- The endpoint's file ------------------------------------------------------------ */

/* Its directory, which is made if need be, and has to be this user's alone. */
static bool have_directory(const char *directory)
{
    struct stat found;
    const char *why = NULL;
    if ((mkdir(directory, 0700) != 0 && errno != EEXIST) || lstat(directory, &found) != 0)
        why = strerror(errno);
    else if (!S_ISDIR(found.st_mode) || found.st_uid != geteuid())
        why = "is not a directory of this user's";
    else if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        why = "is open to others (chmod 700 mends that)";
    if (why != NULL)
        fprintf(stderr, "winscardd: --endpoint: %s: %s\n", directory, why);
    return why == NULL;
}

static bool find_place(struct tcp_endpoint *endpoint)
{
    if (!os_user_endpoint(endpoint->path, sizeof(endpoint->path))) {
        fprintf(stderr, "winscardd: --endpoint: %s is not set\n",
                os_user_service_setting());
        return false;
    }
    memcpy(endpoint->directory, endpoint->path, sizeof(endpoint->directory));
    *strrchr(endpoint->directory, '/') = '\0';
    return have_directory(endpoint->directory);
}

bool tcp_prepare(const struct tcp_options *options, struct tcp_endpoint *endpoint,
                 struct server_options *server)
{
    if (options->endpoint) {
        if (!find_place(endpoint))
            return false;
        os_pipes_sweep(endpoint->directory);
        server->pipes = endpoint->directory;
    }
    return (options->where == NULL && !options->endpoint) || make_token(server);
}

/* A reader finds the one before, or this one, whole. */
static bool write_endpoint(const struct tcp_endpoint *endpoint)
{
    char text[ENDPOINT_FILE_MAX], part[FILENAME_MAX];
    size_t size = endpoint_print(&endpoint->says, text, sizeof(text));
    int length = snprintf(part, sizeof(part), "%s.%ld", endpoint->path, (long)getpid());
    bool written = size > 0 && length > 0 && (size_t)length < sizeof(part)
                   && write_file(part, text, size);
    secret_clear(text, sizeof(text));
    if (written && rename(part, endpoint->path) != 0) {
        fprintf(stderr, "winscardd: %s: %s\n", endpoint->path, strerror(errno));
        (void)unlink(part);
        return false;
    }
    return written;
}

void tcp_remove_endpoint(const struct tcp_endpoint *endpoint)
{
    struct endpoint says;
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *why = NULL;
    if (endpoint->says.token_size == 0
        || os_read_own_file(endpoint->path, OS_CARE_SECRET, ENDPOINT_FILE_MAX, &bytes,
                            &size, &why)
               != SC_OK)
        return;
    if (endpoint_parse(bytes, size, &says) == SC_OK
        && says.token_size == endpoint->says.token_size
        && memcmp(says.token, endpoint->says.token, says.token_size) == 0)
        (void)unlink(endpoint->path);
    secret_clear(bytes, size);
    mem_free(bytes);
}

/* --- Listening ---------------------------------------------------------------------- */

static bool listen_named(struct server *server, const char *where)
{
    char address[ENDPOINT_ADDRESS_MAX];
    uint16_t port = 0, got = 0;
    if (os_address_split(where, address, sizeof(address), &port) != SC_OK) {
        fprintf(stderr, "winscardd: --tcp %s: expected ADDRESS:PORT, port 0 to 65535\n",
                where);
        return false;
    }
    enum sc_error error = server_listen_tcp(server, address, port, &got);
    const char *why = sc_error_words(error);
    if (error == SC_E_INVALID_VALUE)
        why = "expected localhost or a numeric address of this machine alone, such as "
              "127.0.0.1 or [::1]";
    else if (error == SC_E_READER_UNAVAILABLE)
        why = "another program has the port, or this machine does not have the address";
    if (error != SC_OK)
        fprintf(stderr, "winscardd: --tcp %s: %s\n", where, why);
    else /* a port that the system chose is printed at any level */
        log_write(port == 0 ? LOG_OFF : LOG_INFO, "listening at %s port %u", address,
                  (unsigned)got);
    return error == SC_OK;
}

static bool listen_endpoint(struct server *server, struct tcp_endpoint *endpoint)
{
    const char *address = ENDPOINT_ADDRESS;
    enum sc_error error = server_listen_tcp(server, address, 0, &endpoint->says.port);
    if (error != SC_OK) {
        fprintf(stderr, "winscardd: --endpoint: %s: %s\n", address,
                sc_error_words(error));
        return false;
    }
    (void)snprintf(endpoint->says.address, sizeof(endpoint->says.address), "%s", address);
    log_info("listening at %s port %u, as %s tells", address,
             (unsigned)endpoint->says.port, endpoint->path);
    return true;
}

bool tcp_listen(struct server *server, const struct tcp_options *options,
                struct tcp_endpoint *endpoint)
{
    if (options->endpoint && !listen_endpoint(server, endpoint))
        return false;
    return options->where == NULL || listen_named(server, options->where);
}

bool tcp_write_files(const struct server *server, const struct tcp_options *options,
                     struct tcp_endpoint *endpoint)
{
    const struct server_options *has = &server->options;
    if (options->where != NULL
        && !write_file(options->token_file, has->token, has->token_size))
        return false;
    if (!options->endpoint)
        return true;
    memcpy(endpoint->says.token, has->token, has->token_size);
    endpoint->says.token_size = has->token_size;
    return write_endpoint(endpoint);
}
