/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/host_log.h"

#include "base/log.h"

#include <stdio.h>

static const char *reader_name(const struct host_slot *hs)
{
    return manager_reader_of_slot(hs->slot)->names[NAME_PCSCLITE];
}

static const char *kind_name(enum request_kind kind)
{
    static const char *const names[REQUEST_KINDS] = {
        [REQUEST_CONNECT] = "connect",
        [REQUEST_RECONNECT] = "reconnect",
        [REQUEST_DISCONNECT] = "disconnect",
        [REQUEST_BEGIN] = "begin transaction",
        [REQUEST_END] = "end transaction",
        [REQUEST_TRANSMIT] = "transmit",
        [REQUEST_CONTROL] = "control",
        [REQUEST_GET_ATTRIBUTE] = "get attribute",
        [REQUEST_SET_ATTRIBUTE] = "set attribute",
        [REQUEST_PROBE] = "probe of a new card",
        [REQUEST_CLOSE] = "close",
        [REQUEST_TEND] = "care of a card that was left",
    };
    return kind < REQUEST_KINDS && names[kind] != NULL ? names[kind] : "request";
}

static const char *action_name(enum power_action action)
{
    switch (action) {
    case POWER_COLD_RESET:
        return "cold reset";
    case POWER_WARM_RESET:
        return "warm reset";
    case POWER_OFF:
        break;
    }
    return "power off";
}

static const char *protocol_name(uint32_t protocol)
{
    switch (protocol) {
    case PROTOCOL_T0:
        return "T=0";
    case PROTOCOL_T1:
        return "T=1";
    case PROTOCOL_RAW:
        return "raw";
    default:
        return "no protocol";
    }
}

static void describe_job(const struct job *job, char *text, size_t room)
{
    switch (job->kind) {
    case JOB_POWER:
        (void)snprintf(text, room, "%s", action_name(job->action));
        return;
    case JOB_PROTOCOL:
        (void)snprintf(text, room, "protocol %s", protocol_name(job->number));
        return;
    case JOB_TRANSMIT:
        (void)snprintf(text, room, "transmit");
        return;
    case JOB_CONTROL:
        (void)snprintf(text, room, "control %08lX", (unsigned long)job->number);
        return;
    case JOB_GET_ATTRIBUTE:
    case JOB_SET_ATTRIBUTE:
        break;
    }
    (void)snprintf(text, room, "attribute %05lX", (unsigned long)job->number);
}

void host_log_job(const struct host_slot *hs, const struct request *request,
                  enum sc_error error, uint64_t ms)
{
    char job[40];
    if (!log_is_on(LOG_DEBUG))
        return;
    describe_job(&request->job, job, sizeof(job));
    log_debug("%s: driver: %s: %s, %lu ms", reader_name(hs), job, sc_error_name(error),
              (unsigned long)ms);
}

void host_log_wait(const struct host_slot *hs, const struct request *request)
{
    const struct slot *slot = hs->slot;
    log_debug("%s: %s waits: %s", reader_name(hs), kind_name(request->kind),
              slot->holder != NULL && slot->holder != request->card
                  ? "another connection has a transaction"
                  : "the reader is busy");
}

static void describe_request(const struct request *request, char *text, size_t room)
{
    static const char *const shares[] = {"?", "exclusive", "shared", "direct"};
    static const char *const dispositions[] = {"leave", "reset", "unpower", "eject"};
    const char *share = shares[request->share < 4 ? request->share : 0];
    const char *disposition =
        request->disposition < 4 ? dispositions[request->disposition] : "?";
    text[0] = '\0';
    if (request->kind == REQUEST_CONNECT)
        (void)snprintf(text, room, ", %s, %s", share, protocol_name(request->active));
    else if (request->kind == REQUEST_RECONNECT)
        (void)snprintf(text, room, ", %s, %s, %s", share, disposition,
                       protocol_name(request->active));
    else if (request->kind == REQUEST_DISCONNECT || request->kind == REQUEST_END)
        (void)snprintf(text, room, ", %s", disposition);
}

void host_log_done(const struct host_slot *hs, const struct request *request)
{
    char text[60];
    if (!log_is_on(LOG_DEBUG))
        return;
    describe_request(request, text, sizeof(text));
    log_debug("%s: %s%s: %s (%lu connected)", reader_name(hs), kind_name(request->kind),
              text, sc_error_name(request->error), (unsigned long)hs->slot->card_count);
}
