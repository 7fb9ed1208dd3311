/* SPDX-License-Identifier: BSD-2-Clause */
/* The vpcd driver with cards that behave: sessions, slots, ports, long frames. */
#include "tests/support/check.h"

#include "base/alloc.h"
#include "base/log.h"
#include "drivers/registry.h"
#include "drivers/vpcd/vpcd.h"
#include "os/time.h"
#include "tests/support/fake_host.h"
#include "tests/support/fake_vicc.h"
#include "tests/support/hex.h"

#include <stdlib.h>

enum { ROOM = DRIVER_TRANSFER_MAX, SOON_MS = CHECK_HANG_MS };

static uint8_t in[ROOM], out[ROOM];
static size_t out_size;
static struct fake_vicc vicc, other;

static uint16_t port_of(struct fake_host *host, uint32_t slot)
{
    uint8_t text[16] = {0};
    size_t size = 0;
    CHECK_EQ(fake_control(host, slot, VPCD_IOCTL_PORT, NULL, 0, text, 15, &size), SC_OK);
    return (uint16_t)strtoul((const char *)text, NULL, 10);
}

static enum sc_error power(struct fake_host *host, uint32_t slot,
                           enum power_action action)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    enum sc_error error = fake_power(host, slot, action, SOON_MS, atr, &size);
    if (error == SC_OK && action != POWER_OFF) {
        CHECK_EQ(size, 5);
        CHECK_MEM(atr, "\x3B\x80\x80\x01\x01", 5);
    }
    return error;
}

static enum sc_error send(struct fake_host *host, uint32_t slot, const char *command)
{
    out_size = 0;
    return fake_transmit(host, slot, PROTOCOL_T1, SOON_MS, in,
                         hex(command, in, sizeof(in)), out, ROOM, &out_size);
}

static void start(struct fake_host *host, const char *uri)
{
    fake_host_init(host, &vpcd_driver);
    CHECK_EQ(fake_host_start(host, uri), SC_OK);
}

static void check_session(void)
{
    struct fake_host host;
    start(&host, "vpcd:0?name=Simulated");
    CHECK_STR(host.readers[0].info.name, "Simulated");
    CHECK(!host.readers[0].info.card_present);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_E_NO_SMARTCARD);
    CHECK_EQ(power(&host, 0, POWER_OFF), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_E_NO_SMARTCARD);
    CHECK_EQ(send(&host, 0, "00A40000"), SC_E_NO_SMARTCARD);
    fake_vicc_start(&vicc, port_of(&host, 0), VICC_ANSWER, VICC_ANSWER);
    CHECK(fake_wait_events(&host, 0, 1));
    CHECK(fake_present(&host, 0));
    CHECK_EQ(send(&host, 0, "00A40000"), SC_W_REMOVED_CARD); /* not powered yet */
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_RAW), SC_E_PROTO_MISMATCH);
    CHECK_EQ(send(&host, 0, "00A40000023F00"), SC_OK);
    CHECK_EQ(out_size, 2);
    CHECK_MEM(out, "\x90\x00", 2);
    CHECK_EQ(send(&host, 0, "80100010"), SC_OK);
    CHECK_EQ(out_size, 18);
    CHECK_EQ(out[15], 15);
    CHECK_EQ(send(&host, 0, "80"), SC_E_INVALID_PARAMETER);
    CHECK_EQ(send(&host, 0, ""), SC_E_INVALID_PARAMETER);
    CHECK_EQ(power(&host, 0, POWER_WARM_RESET), SC_OK);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(power(&host, 0, POWER_OFF), SC_OK);
    CHECK_EQ(send(&host, 0, "80100010"), SC_F_COMM_ERROR);
    CHECK_EQ(power(&host, 0, POWER_WARM_RESET), SC_OK);
    fake_vicc_stop(&vicc);
    CHECK(fake_wait_events(&host, 0, 2));
    CHECK(!fake_present(&host, 0));
    CHECK_EQ(vicc.ons, 3);
    CHECK_EQ(vicc.offs, 2);
    CHECK_EQ(vicc.resets, 1);
    CHECK_EQ(vicc.commands, 2);
    CHECK_EQ(send(&host, 0, "80100010"), SC_E_NO_SMARTCARD);
    fake_host_stop(&host);
}

/* A program that begins waits for a card that comes soon, and for one that does not it
 * waits its time once. */
static void check_settle(void)
{
    struct fake_host host;
    uint16_t port = 0;
    struct os_socket probe;
    CHECK_EQ(os_socket_listen("127.0.0.1", 0, &probe, &port), SC_OK);
    os_socket_close(&probe);
    char uri[64];
    (void)snprintf(uri, sizeof(uri), "vpcd:%u?settle=5000", (unsigned)port);
    start(&host, uri);
    fake_vicc_start(&vicc, port, VICC_ANSWER, VICC_ANSWER);
    uint64_t begin_ms = os_now_ms();
    vpcd_driver.settle(host.self, true, OS_FOREVER);
    CHECK(fake_present(&host, 0));
    vpcd_driver.settle(host.self, true, OS_FOREVER); /* at once */
    CHECK(os_now_ms() < begin_ms + 5000);
    fake_vicc_stop(&vicc);
    fake_host_stop(&host);

    start(&host, uri);
    begin_ms = os_now_ms();
    vpcd_driver.settle(host.self, false, OS_FOREVER); /* of a service */
    CHECK(os_now_ms() < begin_ms + 5000);
    begin_ms = os_now_ms();
    vpcd_driver.settle(host.self, true, begin_ms + 100);
    CHECK(os_now_ms() >= begin_ms + 100);
    CHECK(!fake_present(&host, 0));
    begin_ms = os_now_ms();
    vpcd_driver.settle(host.self, true, OS_FOREVER);
    CHECK(os_now_ms() < begin_ms + 5000);
    fake_host_stop(&host);
}

/* The same slot, one card after the other; the driver stops under a card. */
static void check_again(void)
{
    struct fake_host host;
    start(&host, "vpcd:0");
    uint16_t port = port_of(&host, 0);
    for (uint32_t i = 0; i < 20; i++) {
        fake_vicc_start(&vicc, port, VICC_ANSWER, VICC_ANSWER);
        CHECK(fake_wait_events(&host, 0, 2 * i + 1));
        CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
        CHECK_EQ(send(&host, 0, "80100001"), SC_OK);
        fake_vicc_stop(&vicc);
        CHECK(fake_wait_events(&host, 0, 2 * i + 2));
    }
    fake_vicc_start(&vicc, port, VICC_ANSWER, VICC_ANSWER);
    CHECK(fake_wait_events(&host, 0, 41));
    /* a second one is refused, and the first goes on */
    fake_vicc_start(&other, port, VICC_ANSWER, VICC_ANSWER);
    CHECK(fake_vicc_wait_closed(&other));
    fake_vicc_stop(&other);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send(&host, 0, "80100001"), SC_OK);
    CHECK_EQ(fake_event_count(&host, 0), 41);
    fake_host_stop(&host);
    CHECK(fake_vicc_wait_closed(&vicc));
    fake_vicc_stop(&vicc);
}

static void check_long(void)
{
    struct fake_host host;
    size_t size = 0, wrong = 0;
    start(&host, "vpcd:0");
    fake_vicc_start(&vicc, port_of(&host, 0), VICC_ANSWER, VICC_ANSWER);
    CHECK(fake_wait_events(&host, 0, 1));
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    for (size_t i = 0; i < sizeof(in); i++)
        in[i] = (uint8_t)(i * 3);
    in[0] = 0x80, in[1] = 0x10, in[2] = 0xFF, in[3] = 0xFD;
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, SOON_MS, in, 65535, out, ROOM, &size),
             SC_OK);
    CHECK_EQ(size, 65535);
    for (size_t i = 0; i < 65533; i++)
        wrong += out[i] != (uint8_t)i;
    CHECK_EQ(wrong, 0);
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, SOON_MS, in, 65536, out, ROOM, &size),
             SC_E_INVALID_PARAMETER);
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, SOON_MS, in, 6, out, 1000, &size),
             SC_E_INSUFFICIENT_BUFFER);
    /* it was dropped, and the stream is in step */
    CHECK_EQ(send(&host, 0, "80100004"), SC_OK);
    CHECK_EQ(out_size, 6);
    fake_host_stop(&host);
    fake_vicc_stop(&vicc);
    CHECK_EQ(vicc.commands, 3);
}

static void check_slots(void)
{
    struct fake_host host;
    start(&host, "vpcd:0?slots=16&name=Row");
    CHECK_EQ(host.count, 16);
    CHECK_STR(host.readers[15].info.name, "Row"); /* the host numbers them */
    CHECK_STR(host.readers[15].info.device_id, host.readers[0].info.device_id);
    CHECK_EQ(host.readers[15].info.slot, 15);
    fake_vicc_start(&vicc, port_of(&host, 3), VICC_ANSWER, VICC_ANSWER);
    fake_vicc_start(&other, port_of(&host, 15), VICC_ANSWER, VICC_HANG);
    CHECK(fake_wait_events(&host, 3, 1));
    CHECK(fake_wait_events(&host, 15, 1));
    CHECK_EQ(fake_event_count(&host, 0), 0);
    CHECK_EQ(power(&host, 3, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(power(&host, 15, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send(&host, 3, "80100004"), SC_OK);
    CHECK_EQ(fake_transmit(&host, 15, PROTOCOL_T1, 50, in, 4, out, ROOM, &out_size),
             SC_E_TIMEOUT);
    CHECK_EQ(send(&host, 3, "80100004"), SC_OK);
    CHECK(fake_wait_events(&host, 15, 2));
    fake_vicc_stop(&other);
    fake_host_stop(&host);
    fake_vicc_stop(&vicc);
}

/* --- URIs --------------------------------------------------------------------------- */

static char logged[LOG_LINE_MAX];

static void keep_line(enum log_level level, const char *line)
{
    if (level == LOG_ERROR)
        snprintf(logged, sizeof(logged), "%s", line);
}

static void check_refused(const char *uri, enum sc_error want, const char *word)
{
    struct fake_host host;
    logged[0] = '\0';
    fake_host_init(&host, &vpcd_driver);
    CHECK_EQ(fake_host_start(&host, uri), want);
    CHECK_EQ(host.count, 0);
    CHECK(strstr(logged, word) != NULL);
    host.self = NULL;
    fake_host_stop(&host);
}

static void check_uris(void)
{
    struct fake_host host;
    char uri[64];
    log_set_sink(keep_line);
    log_set_level(LOG_INFO);
    check_refused("vpcd:?colour=red", SC_E_INVALID_VALUE, "colour");
    check_refused("vpcd:65536", SC_E_INVALID_VALUE, "port");
    check_refused("vpcd:/dev/x", SC_E_INVALID_VALUE, "port");
    check_refused("vpcd:65530?slots=7", SC_E_INVALID_VALUE, "port");
    check_refused("vpcd:0?slots=17", SC_E_INVALID_VALUE, "slots");
    check_refused("vpcd:0?apdu_timeout=0", SC_E_INVALID_VALUE, "apdu_timeout");
    check_refused("vpcd:0?atr_timeout=60001", SC_E_INVALID_VALUE, "atr_timeout");
    check_refused("vpcd:0?settle=5001", SC_E_INVALID_VALUE, "settle");
    check_refused("vpcd:0?bind=localhost", SC_E_INVALID_VALUE, "localhost");
    check_refused("vpcd:0?bind=192.0.2.1", SC_E_READER_UNAVAILABLE, "192.0.2.1");
    logged[0] = '\0';
    start(&host, "vpcd:0");
    CHECK_STR(logged, "");
    snprintf(uri, sizeof(uri), "vpcd:%u", (unsigned)port_of(&host, 0));
    check_refused(uri, SC_E_READER_UNAVAILABLE, uri + 5);
    fake_host_stop(&host);
    start(&host, uri); /* the port is free again at once */
    fake_host_stop(&host);
    start(&host, "vpcd:0?bind=0.0.0.0");
    CHECK(strstr(logged, "0.0.0.0") != NULL);
    fake_host_stop(&host);
    log_set_level(LOG_OFF);
    log_set_sink(NULL);
    fake_host_init(&host, &vpcd_driver);
    host.limit = 2;
    CHECK_EQ(fake_host_start(&host, "vpcd:0?slots=4"), SC_OK);
    CHECK_EQ(host.count, 2);
    fake_host_stop(&host);
    fake_host_init(&host, &vpcd_driver);
    host.limit = 0;
    CHECK_EQ(fake_host_start(&host, "vpcd:0?slots=4"), SC_E_NO_MEMORY);
    host.self = NULL;
    fake_host_stop(&host);
    CHECK(driver_find("vpcd") == &vpcd_driver);
}

/* Two drivers on free ports are two devices. */
static void check_twins(void)
{
    struct fake_host first, second;
    start(&first, "vpcd:0");
    start(&second, "vpcd:0");
    CHECK(strcmp(first.readers[0].info.device_id, second.readers[0].info.device_id) != 0);
    fake_host_stop(&first);
    fake_host_stop(&second);
}

static void check_control(void)
{
    struct fake_host host;
    size_t size = 0;
    start(&host, "vpcd:0");
    CHECK_EQ(fake_control(&host, 0, VPCD_IOCTL_FEATURES, NULL, 0, out, ROOM, &size),
             SC_OK);
    CHECK_MEM(out, "\x12\x04\x00\x31\x3C\x48", 6);
    CHECK_EQ(fake_control(&host, 0, VPCD_IOCTL_TLV_PROPERTIES, NULL, 0, out, ROOM, &size),
             SC_OK);
    CHECK_EQ(size, 16);
    CHECK_EQ(fake_control(&host, 0, VPCD_IOCTL_PORT, NULL, 0, out, 1, &size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(fake_control(&host, 0, 0x00310004, NULL, 0, out, ROOM, &size),
             SC_E_UNSUPPORTED_FEATURE);
    fake_host_stop(&host);
}

static void check_memory(void)
{
    for (uint32_t n = 1; n < 4; n++) {
        struct fake_host host;
        fake_host_init(&host, &vpcd_driver);
        mem_fail_at(n);
        enum sc_error error = fake_host_start(&host, "vpcd:0?slots=2");
        mem_fail_at(0);
        CHECK_EQ(error, n <= 2 ? SC_E_NO_MEMORY : SC_OK);
        if (error != SC_OK)
            host.self = NULL;
        fake_host_stop(&host);
    }
}

int main(void)
{
    check_session();
    check_settle();
    check_again();
    check_long();
    check_slots();
    check_twins();
    check_uris();
    check_control();
    check_memory();
    return check_result();
}
