/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports to and from a token, within a job. */
#include "drivers/hid/token.h"

#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "os/time.h"

#include <assert.h>

enum sc_error hid_token_open(struct hid_token *token)
{
    if (token->device != NULL)
        return SC_OK;
    enum sc_error error = token->bus->open(token->found.path, &token->device);
    if (error == SC_OK)
        return SC_OK;
    token->device = NULL;
    log_error("hid: %s cannot be opened: %s", token->found.path, sc_error_words(error));
    return SC_E_READER_UNAVAILABLE;
}

void hid_token_close(struct hid_token *token)
{
    if (token->device != NULL)
        token->bus->close(token->device);
    token->device = NULL;
}

enum sc_error hid_token_write(struct hid_token *token,
                              const uint8_t report[HID_REPORT_MAX])
{
    assert(token->device != NULL);
    return token->bus->write(token->device, report);
}

enum sc_error hid_token_read(struct hid_token *token, uint64_t until_ms,
                             uint8_t report[HID_ROOM], size_t *size)
{
    *size = 0;
    for (;;) {
        enum sc_error error = kit_job_wait(token->job, 0);
        uint64_t now_ms = os_now_ms();
        uint64_t left_ms = until_ms > now_ms ? until_ms - now_ms : 0;
        if (error != SC_OK)
            return error;
        error =
            token->bus->read(token->device, report, HID_ROOM,
                             left_ms < HID_SLICE_MS ? (int)left_ms : HID_SLICE_MS, size);
        if (error != SC_OK || *size != 0 || left_ms == 0)
            return error;
    }
}

enum sc_error hid_token_drain(struct hid_token *token)
{
    uint8_t report[HID_ROOM];
    enum sc_error error = SC_OK;
    size_t size = 1, count = 0;
    for (; error == SC_OK && size != 0 && count < HID_DRAIN_MAX; count++)
        error = hid_token_read(token, 0, report, &size);
    secret_clear(report, sizeof(report));
    return error;
}
