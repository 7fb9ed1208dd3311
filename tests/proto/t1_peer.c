/* SPDX-License-Identifier: BSD-2-Clause */
/* A card that speaks T=1, after ISO/IEC 7816-3:2006, 11.6. */
#include "tests/proto/t1_peer.h"

#include <string.h>

void t1_peer_init(struct t1_peer *peer)
{
    memset(peer, 0, sizeof(*peer));
    peer->ifsc = 32;
    peer->ifsd = 32;
    peer->response_size = 2;
    peer->wtx = 1;
    peer->fresh = true;
}

static void set_last(struct t1_peer *peer, unsigned pcb, const uint8_t *inf, size_t size)
{
    uint8_t nad = (uint8_t)(peer->nad << 4 | peer->nad >> 4);
    peer->last_size = t1_block_build(nad, (uint8_t)pcb, inf, size, peer->edc, peer->last);
}

static void set_r(struct t1_peer *peer, unsigned error)
{
    set_last(peer, 0x80U | (unsigned)peer->nr << 4 | error, NULL, 0);
}

static void set_piece(struct t1_peer *peer)
{
    size_t left = peer->response_size - peer->sent;
    peer->piece = left < peer->ifsd ? left : peer->ifsd;
    unsigned more = peer->piece < left ? 0x20 : 0;
    peer->answering = true;
    set_last(peer, (unsigned)peer->ns << 6 | more, peer->response + peer->sent,
             peer->piece);
}

static void acknowledge(struct t1_peer *peer)
{
    if (!peer->answering)
        return;
    peer->answering = false;
    peer->ns ^= 1;
    peer->sent += peer->piece;
}

/* The answer depends on the command and on how many there were. */
static void execute(struct t1_peer *peer)
{
    peer->executed++;
    peer->command_size = peer->collected;
    peer->fresh = true;
    peer->sent = 0;
    for (size_t i = 0; i + 2 < peer->response_size; i++)
        peer->response[i] = (uint8_t)(peer->command[i % peer->command_size] + i);
    peer->response[peer->response_size - 2] = 0x90;
    peer->response[peer->response_size - 1] = (uint8_t)peer->executed;
    peer->wtx_left = peer->wtx_count;
}

static void go_on(struct t1_peer *peer)
{
    if (peer->wtx_left == 0) {
        set_piece(peer);
        return;
    }
    peer->wtx_left--;
    set_last(peer, 0xC3, &peer->wtx, 1);
}

static void take_i(struct t1_peer *peer, const struct t1_block *block)
{
    if (block->sequence != peer->nr) {
        set_r(peer, T1_PCB_R_OTHER);
        return;
    }
    acknowledge(peer);
    peer->nr ^= 1;
    if (block->inf_size > peer->ifsc)
        peer->faults++;
    if (peer->fresh)
        peer->collected = 0;
    peer->fresh = false;
    if (peer->collected + block->inf_size > sizeof(peer->command)) {
        peer->faults++;
        return;
    }
    memcpy(peer->command + peer->collected, block->inf, block->inf_size);
    peer->collected += block->inf_size;
    if (block->more) {
        set_r(peer, 0);
        return;
    }
    execute(peer);
    go_on(peer);
}

static void take_r(struct t1_peer *peer, const struct t1_block *block)
{
    bool waits_for_wtx = peer->last_size != 0 && peer->last[1] == 0xC3;
    if (waits_for_wtx)
        return; /* the last block again */
    if (!peer->answering) {
        set_r(peer, 0);
        return;
    }
    bool last_piece = peer->sent + peer->piece == peer->response_size;
    if (block->sequence != peer->ns && last_piece && !peer->stubborn) {
        set_r(peer, T1_PCB_R_OTHER);
        return;
    }
    if (block->sequence != peer->ns && !last_piece)
        acknowledge(peer);
    set_piece(peer);
}

static void take_s(struct t1_peer *peer, const struct t1_block *block)
{
    if (block->kind == T1_KIND_S_RESPONSE) {
        if (block->supervision == T1_S_WTX && block->inf[0] == peer->wtx)
            go_on(peer);
        else
            peer->faults++;
        return;
    }
    if (block->supervision == T1_S_RESYNCH) {
        peer->ns = 0;
        peer->nr = 0;
        peer->answering = false;
        peer->fresh = true;
    } else if (block->supervision == T1_S_IFS) {
        peer->ifsd = block->inf[0];
    } else {
        peer->faults++;
    }
    set_last(peer, block->pcb | 0x20U, block->inf, block->inf_size);
}

size_t t1_peer_take(struct t1_peer *peer, const uint8_t *bytes, size_t size, uint8_t *out)
{
    struct t1_block block = {0};
    enum t1_block_result result = t1_block_parse(bytes, size, peer->edc, &block);
    bool last_was_r = peer->last_size != 0 && (peer->last[1] & 0xC0) == 0x80;
    bool last_was_wtx = peer->last_size != 0 && peer->last[1] == 0xC3;
    if (result == T1_BLOCK_OK && block.nad == peer->nad) {
        if (block.kind == T1_KIND_I)
            take_i(peer, &block);
        else if (block.kind == T1_KIND_R)
            take_r(peer, &block);
        else
            take_s(peer, &block);
    } else if (!last_was_r && !last_was_wtx) {
        set_r(peer, result == T1_BLOCK_BAD_EDC ? T1_PCB_R_EDC : T1_PCB_R_OTHER);
    }
    memcpy(out, peer->last, peer->last_size);
    return peer->last_size;
}
