/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/tcp.h"

#include "base/log.h"
#include "os/pipe.h"
#include "service/listen.h"

#include <stdio.h>
#include <string.h>

bool tcp_prepare(const struct tcp_options *options, struct endpoint_file *endpoint,
                 struct server_options *server)
{
    if (options->endpoint) {
        if (!endpoint_file_find(endpoint, options->owner))
            return false;
        os_pipes_sweep(endpoint->directory);
        server->pipes = endpoint->directory;
    }
    return (options->where == NULL && !options->endpoint)
           || endpoint_make_token(server->token, &server->token_size);
}

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

static bool listen_endpoint(struct server *server, struct endpoint_file *endpoint)
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
                struct endpoint_file *endpoint)
{
    if (options->endpoint && !listen_endpoint(server, endpoint))
        return false;
    return options->where == NULL || listen_named(server, options->where);
}

bool tcp_write_files(const struct server *server, const struct tcp_options *options,
                     struct endpoint_file *endpoint)
{
    const struct server_options *has = &server->options;
    if (options->where != NULL
        && !endpoint_write_secret(options->token_file, options->owner, has->token,
                                  has->token_size))
        return false;
    if (!options->endpoint)
        return true;
    memcpy(endpoint->says.token, has->token, has->token_size);
    endpoint->says.token_size = has->token_size;
    return endpoint_file_write(endpoint);
}
