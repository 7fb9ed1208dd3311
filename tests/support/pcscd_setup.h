/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the carrier to pcscd begin with. */
#ifndef TESTS_SUPPORT_PCSCD_SETUP_H
#define TESTS_SUPPORT_PCSCD_SETUP_H

#include "client/client.h"
#include "tests/support/check.h"
#include "tests/support/fake_pcscd.h"

#include <stdlib.h>
#include <unistd.h>

/* The address sanitizer cannot follow the unwinding of a cancelled thread, whose stack it
 * has marked; the plain and the thread sanitizer's builds cancel some. */
#define CAN_CANCEL 1
#if defined(__SANITIZE_ADDRESS__)
#undef CAN_CANCEL
#define CAN_CANCEL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#undef CAN_CANCEL
#define CAN_CANCEL 0
#endif
#endif

/* pcsc-lite's states of a reader, and its results. */
enum { ABSENT = 2, PRESENT = 4, SWALLOWED = 8, POWERED = 16, NEGOTIABLE = 32 };
enum { CARD_IN = PRESENT | POWERED | NEGOTIABLE };
#define RV(low) (0x80100000U | (low))

static const struct carrier *const pcscd = &carrier_pcscd;
static const uint8_t test_atr[] = {0x3B, 0x02, 0x14, 0x50};
static char directory[64] = "/tmp/pcscd-client-XXXXXX";
static char socket_path[96];

static inline struct fake_pcscd *start_fake(uint32_t minor)
{
    struct fake_pcscd *fake = fake_start(socket_path, minor);
    if (fake == NULL)
        abort();
    fake_reader(fake, 0, "Acme Reader [CCID] (0815) 00 00", CARD_IN, 1, 0, test_atr,
                sizeof(test_atr));
    fake_reader(fake, 1, "Acme Reader [CCID] (0816) 01 00", ABSENT, 0, 0, NULL, 0);
    return fake;
}

static inline void set_up(void)
{
    if (mkdtemp(directory) == NULL)
        abort();
    snprintf(socket_path, sizeof(socket_path), "%s/comm", directory);
    setenv("PCSCLITE_CSOCK_NAME", socket_path, 1);
}

static inline uint32_t establish(void)
{
    uint32_t context = 0;
    CHECK_EQ(pcscd->establish(ABI_WINDOWS, &context), SC_OK);
    return context;
}

static inline uint32_t connect_card(uint32_t context)
{
    struct request request = {.share = SHARE_SHARED,
                              .protocols = PROTOCOL_T0 | PROTOCOL_T1};
    uint32_t card = 0;
    CHECK_EQ(pcscd->connect(context, "Acme Reader 0", &request, &card), SC_OK);
    CHECK_EQ(request.active, PROTOCOL_T1);
    return card;
}

static inline enum sc_error call(uint32_t card, enum request_kind kind, uint32_t value)
{
    struct request request = {.kind = kind, .disposition = value};
    return pcscd->card_call(card, &request);
}

static inline enum sc_error transmit(uint32_t card)
{
    static const uint8_t command[] = {0, 0xA4, 0, 0};
    uint8_t answer[300];
    struct request request = {.kind = REQUEST_TRANSMIT};
    request.transfer.in = command;
    request.transfer.in_size = sizeof(command);
    request.transfer.out = answer;
    request.transfer.out_room = sizeof(answer);
    return pcscd->card_call(card, &request);
}

#endif
