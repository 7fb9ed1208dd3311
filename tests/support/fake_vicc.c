/* SPDX-License-Identifier: BSD-2-Clause */
/* A card simulator for a vpcd slot (fake_vicc.h). */
#include "tests/support/fake_vicc.h"

#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

#include <stdlib.h>
#include <string.h>

enum { LIFE_MS = 20000, LATE_MS = 30, DRIP_MS = 5, WAIT_MS = 5000 };

static const uint8_t good_atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};

/* False once the test wants it to stop. */
static bool pause_ms(struct fake_vicc *vicc, uint64_t ms)
{
    return os_poll(NULL, 0, &vicc->stop, os_now_ms() + ms) == SC_E_TIMEOUT;
}

static bool put(struct fake_vicc *vicc, const uint8_t *bytes, size_t size)
{
    return os_socket_write(vicc->socket, bytes, size, NULL, 0, os_now_ms() + LIFE_MS,
                           &vicc->stop)
           == SC_OK;
}

static bool get(struct fake_vicc *vicc, uint8_t *bytes, size_t size)
{
    return os_socket_read(vicc->socket, bytes, size, os_now_ms() + LIFE_MS, &vicc->stop)
           == SC_OK;
}

static bool put_frame(struct fake_vicc *vicc, size_t size)
{
    vicc->answer[0] = (uint8_t)(size >> 8);
    vicc->answer[1] = (uint8_t)size;
    return put(vicc, vicc->answer, size + 2);
}

static bool drip(struct fake_vicc *vicc, size_t size)
{
    vicc->answer[0] = (uint8_t)(size >> 8);
    vicc->answer[1] = (uint8_t)size;
    for (size_t i = 0; i < size + 2; i++)
        if (!put(vicc, vicc->answer + i, 1) || !pause_ms(vicc, DRIP_MS))
            return false;
    return true;
}

static bool put_half(struct fake_vicc *vicc, size_t size)
{
    vicc->answer[0] = (uint8_t)(size >> 8);
    vicc->answer[1] = (uint8_t)size;
    return put(vicc, vicc->answer, 2 + size / 2);
}

static bool put_bad_atr(struct fake_vicc *vicc, enum vicc_act act)
{
    memset(vicc->answer + 2, 0x3B, 34);
    if (act == VICC_BAD_ATR)
        vicc->answer[2] = 0x90;
    return put_frame(vicc, act == VICC_SHORT_ATR ? 1 : act == VICC_BAD_ATR ? 5 : 34);
}

/* False: the connection is to end. The answer of `size` bytes stands at answer + 2. */
static bool act_out(struct fake_vicc *vicc, enum vicc_act act, size_t size)
{
    switch (act) {
    case VICC_ANSWER:
        return put_frame(vicc, size);
    case VICC_EMPTY:
        return put_frame(vicc, 0);
    case VICC_ONE_BYTE:
        return put_frame(vicc, 1);
    case VICC_LONG:
        memset(vicc->answer + 2, 0x5A, VICC_FRAME_MAX);
        return put_frame(vicc, VICC_FRAME_MAX);
    case VICC_GLUED:
        memmove(vicc->answer + 2 + size + 2, vicc->answer + 2, size);
        vicc->answer[2 + size] = (uint8_t)(size >> 8);
        vicc->answer[3 + size] = (uint8_t)size;
        vicc->answer[0] = (uint8_t)(size >> 8);
        vicc->answer[1] = (uint8_t)size;
        return put(vicc, vicc->answer, 2 * (size + 2));
    case VICC_TWICE_LATE:
        return put_frame(vicc, size) && pause_ms(vicc, LATE_MS) && put_frame(vicc, size);
    case VICC_DRIP:
        return drip(vicc, size);
    case VICC_HANG:
        return true;
    case VICC_DEAF:
        return pause_ms(vicc, LIFE_MS);
    case VICC_HALF_HANG:
        return put_half(vicc, size);
    case VICC_HALF_CLOSE:
        put_half(vicc, size);
        return false;
    case VICC_CLOSE:
        return false;
    case VICC_SHORT_ATR:
    case VICC_BAD_ATR:
    case VICC_LONG_ATR:
        return put_bad_atr(vicc, act);
    }
    return false;
}

static size_t make_answer(struct fake_vicc *vicc)
{
    const uint8_t *command = vicc->command;
    size_t size = 0;
    if (vicc->command_size >= 4 && command[0] == 0x80 && command[1] == 0x10)
        size = (size_t)command[2] << 8 | command[3];
    if (size > VICC_FRAME_MAX - 2)
        size = VICC_FRAME_MAX - 2;
    for (size_t i = 0; i < size; i++)
        vicc->answer[2 + i] = (uint8_t)i;
    vicc->answer[2 + size] = 0x90;
    vicc->answer[3 + size] = 0x00;
    return size + 2;
}

static void count_control(struct fake_vicc *vicc, uint8_t control)
{
    os_mutex_lock(&vicc->lock);
    vicc->offs += control == 0;
    vicc->ons += control == 1;
    vicc->resets += control == 2;
    os_mutex_unlock(&vicc->lock);
}

static bool take_frame(struct fake_vicc *vicc, size_t size)
{
    uint8_t control = 0;
    if (size == 1) {
        if (!get(vicc, &control, 1))
            return false;
        count_control(vicc, control);
        if (control != 4)
            return true;
        memcpy(vicc->answer + 2, good_atr, sizeof(good_atr));
        return act_out(vicc, vicc->on_atr, sizeof(good_atr));
    }
    if (vicc->on_command == VICC_DEAF)
        return act_out(vicc, VICC_DEAF, 0);
    if (!get(vicc, vicc->command, size))
        return false;
    os_mutex_lock(&vicc->lock);
    vicc->commands++;
    vicc->command_size = size;
    size_t answer_size = make_answer(vicc);
    os_mutex_unlock(&vicc->lock);
    return act_out(vicc, vicc->on_command, answer_size);
}

static void run(void *context)
{
    struct fake_vicc *vicc = context;
    uint8_t length[2];
    bool going = true;
    if (vicc->speaks_first) {
        memcpy(vicc->answer + 2, good_atr, sizeof(good_atr));
        going = put_frame(vicc, sizeof(good_atr));
    }
    enum sc_error error = SC_OK;
    while (going) {
        error = os_socket_read(vicc->socket, length, sizeof(length),
                               os_now_ms() + LIFE_MS, &vicc->stop);
        going = error == SC_OK && take_frame(vicc, (size_t)length[0] << 8 | length[1]);
    }
    os_mutex_lock(&vicc->lock);
    vicc->closed = error == SC_W_EOF || error == SC_F_COMM_ERROR;
    os_socket_close(&vicc->socket);
    os_mutex_unlock(&vicc->lock);
}

void fake_vicc_start(struct fake_vicc *vicc, uint16_t port, enum vicc_act on_atr,
                     enum vicc_act on_command)
{
    bool speaks_first = vicc->speaks_first;
    memset(vicc, 0, sizeof(*vicc));
    vicc->speaks_first = speaks_first;
    vicc->port = port;
    vicc->on_atr = on_atr;
    vicc->on_command = on_command;
    os_mutex_init(&vicc->lock);
    if (os_wake_init(&vicc->stop) != SC_OK
        || os_socket_connect("127.0.0.1", port, os_now_ms() + WAIT_MS, &vicc->socket)
               != SC_OK
        || os_thread_start(&vicc->thread, "vicc", run, vicc) != SC_OK)
        abort();
}

void fake_vicc_stop(struct fake_vicc *vicc)
{
    os_wake_raise(&vicc->stop);
    os_thread_join(&vicc->thread);
    os_wake_destroy(&vicc->stop);
    os_mutex_destroy(&vicc->lock);
}

bool fake_vicc_wait_closed(struct fake_vicc *vicc)
{
    uint64_t until_ms = os_now_ms() + WAIT_MS;
    bool closed = false;
    while (!closed && os_now_ms() < until_ms) {
        os_mutex_lock(&vicc->lock);
        closed = vicc->closed;
        os_mutex_unlock(&vicc->lock);
        if (!closed && os_poll(NULL, 0, NULL, os_now_ms() + 2) == SC_OK)
            break;
    }
    return closed;
}
