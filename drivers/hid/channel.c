/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages over a channel of CTAPHID.
 *
 * Other programs have channels of their own on the same token, and their packets come here
 * too. A message that is left before its end puts the channel out of step: INIT on it has the
 * token forget that message, before the next one (CTAP 2.1, 11.2.9.1.3). */
#include "drivers/hid/token.h"

#include "base/log.h"
#include "base/secret.h"
#include "os/random.h"
#include "os/time.h"

#include <string.h>

static struct hid_channel *token_channel(struct hid_token *token)
{
    return &token->as.fido.channel;
}

static enum sc_error send_packets(struct hid_token *token, enum ctaphid_command command,
                                  uint32_t number, const uint8_t *data, size_t size)
{
    uint8_t report[CTAPHID_REPORT_SIZE];
    size_t packets = ctaphid_packets(size);
    enum sc_error error = SC_OK;
    for (size_t i = 0; i < packets && error == SC_OK; i++) {
        ctaphid_build(number, command, data, size, i, report);
        error = kit_job_wait(token->job, 0);
        if (error == SC_OK)
            error = hid_token_write(token, report);
    }
    secret_clear(report, sizeof(report));
    return error;
}

/* The token is to stop what it does for us. There is no answer to that but the message's. */
static void send_cancel(struct hid_token *token)
{
    uint8_t report[CTAPHID_REPORT_SIZE];
    ctaphid_build(token_channel(token)->number, CTAPHID_CANCEL, NULL, 0, 0, report);
    if (hid_token_write(token, report) != SC_OK)
        log_debug("hid: %s: nothing left to cancel", token->found.path);
}

/* The message is left where it is. */
static enum sc_error leave(struct hid_token *token, enum sc_error error)
{
    struct hid_channel *channel = token_channel(token);
    bool heard = error != SC_E_READER_UNAVAILABLE && error != SC_W_REMOVED_CARD;
    channel->waiting = false;
    channel->out_of_step = true;
    if (heard && channel->number != 0)
        send_cancel(token);
    secret_clear(channel->reply.data, sizeof(channel->reply.data));
    return error;
}

void hid_channel_leave(struct hid_token *token)
{
    if (token_channel(token)->waiting)
        (void)leave(token, SC_OK);
}

/* What is wrong with a packet, for the log. */
static enum sc_error complain_of_packet(struct hid_token *token, enum ctaphid_found found,
                                        size_t size)
{
    log_error("hid: %s: %s (%u bytes came)", token->found.path, ctaphid_words(found),
              (unsigned)size);
    return SC_F_COMM_ERROR;
}

/* --- Channels ----------------------------------------------------------------------- */

/* Awaits the answer to INIT. Errors: SC_W_UNRESPONSIVE_CARD: there is none. */
static enum sc_error await_init(struct hid_token *token, const uint8_t *nonce,
                                struct ctaphid_init *init, bool *busy)
{
    struct ctaphid_reply *reply = &token_channel(token)->reply;
    uint8_t report[HID_ROOM];
    uint64_t until_ms = os_now_ms() + HID_INIT_MS;
    uint32_t number = reply->channel;
    for (;;) {
        size_t size = 0;
        enum sc_error error = hid_token_read(token, until_ms, report, &size);
        if (error != SC_OK || size == 0)
            return error == SC_OK ? SC_W_UNRESPONSIVE_CARD : error;
        enum ctaphid_found found = ctaphid_take(reply, report, size);
        if (found == CTAPHID_REFUSED) {
            *busy = reply->status == CTAPHID_ERR_BUSY;
            return SC_W_UNRESPONSIVE_CARD;
        }
        if (found == CTAPHID_WHOLE
            && ctaphid_read_init(reply->data, reply->size, nonce, init))
            return SC_OK;
        if (found == CTAPHID_BAD_SIZE)
            return complain_of_packet(token, found, size);
        if (found != CTAPHID_MORE && found != CTAPHID_FOREIGN)
            ctaphid_await(reply, number, CTAPHID_INIT); /* another program's */
        if (os_now_ms() >= until_ms)
            return SC_W_UNRESPONSIVE_CARD; /* there are others' packets alone */
    }
}

/* INIT on a channel, or on all of them for a new one. A busy token is asked again. */
static enum sc_error send_init(struct hid_token *token, uint32_t number)
{
    struct hid_channel *channel = token_channel(token);
    struct ctaphid_init init = {.channel = 0};
    uint8_t nonce[CTAPHID_NONCE_SIZE];
    for (;;) {
        bool busy = false;
        enum sc_error error = os_random(nonce, sizeof(nonce));
        if (error == SC_OK)
            error = hid_token_drain(token);
        ctaphid_await(&channel->reply, number, CTAPHID_INIT);
        if (error == SC_OK)
            error = send_packets(token, CTAPHID_INIT, number, nonce, sizeof(nonce));
        if (error == SC_OK)
            error = await_init(token, nonce, &init, &busy);
        if (busy) {
            error = kit_job_wait(token->job, HID_BUSY_MS);
            if (error == SC_OK)
                continue;
        }
        if (error != SC_OK)
            return error;
        channel->number = init.channel;
        channel->capabilities = init.capabilities;
        channel->out_of_step = channel->waiting = false;
        return SC_OK;
    }
}

enum sc_error hid_channel_open(struct hid_token *token)
{
    struct hid_channel *channel = token_channel(token);
    hid_channel_leave(token);
    if (channel->number != 0 && !channel->out_of_step)
        return SC_OK;
    enum sc_error error = SC_W_UNRESPONSIVE_CARD;
    if (channel->number != 0)
        error = send_init(token, channel->number);
    if (error == SC_W_UNRESPONSIVE_CARD || error == SC_F_COMM_ERROR) {
        channel->number = 0; /* the token knows it no more */
        error = send_init(token, CTAPHID_BROADCAST);
    }
    if (error == SC_OK)
        log_debug("hid: %s: channel %08X, capabilities %02X", token->found.path,
                  (unsigned)channel->number, (unsigned)channel->capabilities);
    else if (error == SC_W_UNRESPONSIVE_CARD)
        log_error("hid: %s: gives no channel", token->found.path);
    return error;
}

/* --- Messages ----------------------------------------------------------------------- */

/* Waits for what is not a mere part of an answer. Other programs' packets are no words of
 * the token's to us. */
static enum sc_error await_found(struct hid_token *token, enum ctaphid_found *found)
{
    struct ctaphid_reply *reply = &token_channel(token)->reply;
    uint8_t report[HID_ROOM];
    uint64_t silent_ms = os_now_ms() + HID_SILENCE_MS;
    enum sc_error error = SC_OK;
    *found = CTAPHID_FOREIGN;
    while (error == SC_OK && (*found == CTAPHID_FOREIGN || *found == CTAPHID_MORE)) {
        size_t size = 0;
        error = hid_token_read(token, silent_ms, report, &size);
        if (error != SC_OK)
            break;
        *found = size > 0 ? ctaphid_take(reply, report, size) : CTAPHID_FOREIGN;
        if (*found == CTAPHID_FOREIGN && os_now_ms() >= silent_ms) {
            log_error("hid: %s: silent for %u ms", token->found.path,
                      (unsigned)HID_SILENCE_MS);
            error = SC_E_TIMEOUT;
        }
        if (*found == CTAPHID_MORE)
            silent_ms = os_now_ms() + HID_SILENCE_MS;
        if (*found >= CTAPHID_BAD_SIZE)
            error = complain_of_packet(token, *found, size);
    }
    secret_clear(report, sizeof(report));
    return error;
}

/* A token that waits says so every now and then. True: that is enough for this call. */
static bool is_enough(struct hid_channel *channel, const struct hid_patience *patience,
                      uint64_t tell_ms, enum hid_outcome *outcome)
{
    uint64_t now_ms = os_now_ms();
    bool touch = channel->reply.status == CTAPHID_TOUCH_NEEDED;
    if (patience->touch_bounded && touch
        && now_ms >= channel->since_ms + HID_TOUCH_MAX_MS) {
        *outcome = HID_UNTOUCHED;
        return true;
    }
    if (!patience->tells || (channel->reply.status == channel->told && now_ms < tell_ms))
        return false;
    channel->told = channel->reply.status;
    channel->waiting = true;
    *outcome = HID_WAITING;
    return true;
}

static enum sc_error await_message(struct hid_token *token,
                                   const struct hid_patience *patience,
                                   enum hid_outcome *outcome)
{
    struct hid_channel *channel = token_channel(token);
    uint64_t tell_ms = os_now_ms() + HID_TELL_MS;
    for (;;) {
        enum ctaphid_found found;
        enum sc_error error = await_found(token, &found);
        if (error != SC_OK)
            return leave(token, error);
        if (found == CTAPHID_WAITS) {
            if (!is_enough(channel, patience, tell_ms, outcome))
                continue;
            return *outcome == HID_UNTOUCHED ? leave(token, SC_OK) : SC_OK;
        }
        channel->waiting = false;
        *outcome = found == CTAPHID_WHOLE ? HID_WHOLE : HID_REFUSED;
        return SC_OK;
    }
}

static enum sc_error try_message(struct hid_token *token, enum ctaphid_command command,
                                 const uint8_t *data, size_t size,
                                 const struct hid_patience *patience,
                                 enum hid_outcome *outcome)
{
    struct hid_channel *channel = token_channel(token);
    enum sc_error error = hid_channel_open(token);
    if (error == SC_OK)
        error = hid_token_drain(token);
    if (error != SC_OK)
        return error == SC_W_UNRESPONSIVE_CARD ? SC_F_COMM_ERROR : error;
    ctaphid_await(&channel->reply, channel->number, command);
    channel->command = (uint8_t)command;
    channel->told = 0;
    channel->since_ms = os_now_ms();
    error = send_packets(token, command, channel->number, data, size);
    return error == SC_OK ? await_message(token, patience, outcome) : leave(token, error);
}

enum sc_error hid_channel_exchange(struct hid_token *token, enum ctaphid_command command,
                                   const uint8_t *data, size_t size,
                                   const struct hid_patience *patience,
                                   enum hid_outcome *outcome)
{
    struct hid_channel *channel = token_channel(token);
    bool renewed = false;
    if (ctaphid_packets(size) == 0)
        return SC_E_INVALID_PARAMETER;
    for (;;) {
        enum sc_error error = try_message(token, command, data, size, patience, outcome);
        if (error != SC_OK || *outcome != HID_REFUSED)
            return error;
        log_debug("hid: %s: error %02X", token->found.path,
                  (unsigned)channel->reply.status);
        if (channel->reply.status == CTAPHID_ERR_BUSY) {
            error = kit_job_wait(token->job, HID_BUSY_MS);
            if (error != SC_OK)
                return error;
        } else if (channel->reply.status == CTAPHID_ERR_CHANNEL && !renewed) {
            channel->number = 0;
            renewed = true;
        } else {
            return SC_OK;
        }
    }
}

enum sc_error hid_channel_resume(struct hid_token *token, bool cancel,
                                 const struct hid_patience *patience,
                                 enum hid_outcome *outcome)
{
    struct hid_channel *channel = token_channel(token);
    ctaphid_await(&channel->reply, channel->number,
                  (enum ctaphid_command)channel->command);
    if (cancel)
        send_cancel(token);
    return await_message(token, patience, outcome);
}
