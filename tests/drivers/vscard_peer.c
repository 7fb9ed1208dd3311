/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/drivers/vscard_peer.h"

#include "os/time.h"
#include "tests/support/check.h"

static uint64_t soon(void)
{
    return os_now_ms() + CHECK_HANG_MS;
}

void peer_connect(struct vscard_peer *peer, uint16_t port)
{
    memset(&peer->heard, 0, sizeof(peer->heard));
    CHECK_EQ(os_socket_connect("127.0.0.1", port, soon(), &peer->socket), SC_OK);
}

void peer_say_bytes(struct vscard_peer *peer, const void *bytes, size_t size)
{
    CHECK_EQ(os_socket_write(peer->socket, bytes, size, NULL, 0, soon(), NULL), SC_OK);
}

void peer_say(struct vscard_peer *peer, enum vscard_type type, uint32_t reader_id,
              const void *data, size_t size)
{
    const struct vscard_header header = {type, reader_id, (uint32_t)size};
    uint8_t head[VSCARD_HEADER_SIZE];
    vscard_write_header(&header, head);
    CHECK_EQ(os_socket_write(peer->socket, head, sizeof(head), data, size, soon(), NULL),
             SC_OK);
}

static void hear(struct vscard_peer *peer)
{
    enum vscard_found found = VSCARD_MORE;
    while (found == VSCARD_MORE) {
        uint8_t *where;
        size_t wanted = vscard_want(&peer->heard, &where);
        enum sc_error error = os_socket_read(peer->socket, where, wanted, soon(), NULL);
        CHECK_EQ(error, SC_OK);
        if (error != SC_OK)
            return;
        found = vscard_take(&peer->heard, wanted);
    }
    CHECK_EQ(found, VSCARD_WHOLE);
}

void peer_hear(struct vscard_peer *peer, enum vscard_type type, uint32_t reader_id)
{
    hear(peer);
    CHECK_EQ(peer->heard.header.type, type);
    CHECK_EQ(peer->heard.header.reader_id, reader_id);
}

uint32_t peer_hear_code(struct vscard_peer *peer, enum vscard_code code)
{
    hear(peer);
    CHECK_EQ(peer->heard.header.type, VSCARD_ERROR);
    CHECK_EQ(vscard_read_code(vscard_data(&peer->heard)), code);
    return peer->heard.header.reader_id;
}

void peer_hear_end(struct vscard_peer *peer)
{
    uint8_t byte;
    enum sc_error error = SC_OK;
    while (error == SC_OK)
        error = os_socket_read(peer->socket, &byte, 1, soon(), NULL);
    CHECK(error == SC_W_EOF || error == SC_F_COMM_ERROR);
    peer_hang_up(peer);
}

void peer_hang_up(struct vscard_peer *peer)
{
    os_socket_close(&peer->socket);
}

void peer_begin(struct vscard_peer *peer, uint16_t port)
{
    uint8_t init[VSCARD_INIT_SIZE];
    uint32_t version = 0;
    peer_connect(peer, port);
    vscard_write_init(init);
    peer_say(peer, VSCARD_INIT, VSCARD_NO_READER, init, sizeof(init));
    peer_hear(peer, VSCARD_INIT, VSCARD_NO_READER);
    CHECK(
        vscard_read_init(vscard_data(&peer->heard), peer->heard.header.length, &version));
    CHECK_EQ(version, VSCARD_VERSION);
}

uint32_t peer_add(struct vscard_peer *peer, const char *name)
{
    peer_say(peer, VSCARD_READER_ADD, VSCARD_NO_READER, name, strlen(name));
    return peer_hear_code(peer, VSCARD_SUCCESS);
}

void peer_insert(struct vscard_peer *peer, uint32_t reader_id)
{
    peer_say(peer, VSCARD_ATR, reader_id, "\x3B\x80\x80\x01\x01", 5);
    CHECK_EQ(peer_hear_code(peer, VSCARD_SUCCESS), reader_id);
}

static void run_job(void *context)
{
    struct peer_job *job = context;
    static const uint8_t command[] = {0x80, 0x10, 0x00, 0x10};
    job->error = fake_transmit(job->host, job->reader, PROTOCOL_T1, job->in_ms, command,
                               sizeof(command), job->out, job->room, &job->out_size);
}

void peer_job_start(struct peer_job *job)
{
    job->out_size = 0;
    CHECK_EQ(os_thread_start(&job->thread, "job", run_job, job), SC_OK);
}

enum sc_error peer_job_end(struct peer_job *job)
{
    os_thread_join(&job->thread);
    return job->error;
}
