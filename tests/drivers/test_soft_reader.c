/* SPDX-License-Identifier: BSD-2-Clause */
/* The software driver around its card: URIs, events, deadlines, abort, faults. */
#include "tests/support/check.h"

#include "base/atomic.h"
#include "base/log.h"
#include "drivers/registry.h"
#include "drivers/soft/reader.h"
#include "drivers/soft/soft.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"
#include "tests/support/fake_host.h"
#include "tests/support/hex.h"

#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = DRIVER_TRANSFER_MAX, SOON_MS = CHECK_HANG_MS };

static uint8_t out[ROOM];

static enum sc_error power(struct fake_host *host, uint32_t reader,
                           enum power_action action)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    return fake_power(host, reader, action, SOON_MS, atr, &size);
}

static enum sc_error send(struct fake_host *host, uint32_t protocol, uint64_t in_ms,
                          const char *command, size_t *size)
{
    uint8_t in[300];
    *size = 0;
    return fake_transmit(host, 0, protocol, in_ms, in, hex(command, in, sizeof(in)), out,
                         ROOM, size);
}

static unsigned status(size_t size)
{
    return size >= 2 ? (unsigned)out[size - 2] << 8 | out[size - 1] : 0;
}

static enum sc_error control(struct fake_host *host, uint32_t code, const char *numbers)
{
    uint8_t in[16];
    size_t size = 0;
    return fake_control(host, 0, code, in, hex(numbers, in, sizeof(in)), out, ROOM,
                        &size);
}

static void start(struct fake_host *host, const char *uri)
{
    fake_host_init(host, &soft_driver);
    CHECK_EQ(fake_host_start(host, uri), SC_OK);
}

static void start_t1(struct fake_host *host, const char *uri)
{
    start(host, uri);
    CHECK_EQ(power(host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(fake_protocol(host, 0, PROTOCOL_T1), SC_OK);
}

/* --- URIs --------------------------------------------------------------------------- */

static char logged[LOG_LINE_MAX];

static void keep_line(enum log_level level, const char *line)
{
    (void)level;
    snprintf(logged, sizeof(logged), "%s", line);
}

static void check_refused(const char *uri, const char *word)
{
    struct fake_host host;
    logged[0] = '\0';
    fake_host_init(&host, &soft_driver);
    CHECK_EQ(fake_host_start(&host, uri), SC_E_INVALID_VALUE);
    CHECK_EQ(host.count, 0);
    CHECK(strstr(logged, word) != NULL);
    host.self = NULL;
    fake_host_stop(&host);
}

static void check_uris(void)
{
    struct fake_host host;
    log_set_sink(keep_line);
    log_set_level(LOG_ERROR);
    check_refused("soft:?colour=red", "colour");
    check_refused("soft:x", "colon");
    check_refused("soft:?count=0", "count");
    check_refused("soft:?count=1001", "count");
    check_refused("soft:?count=x", "count");
    check_refused("soft:?protocol=t2", "protocol");
    check_refused("soft:?protocol=undefined", "protocol");
    check_refused("soft:?card=maybe", "card");
    check_refused("soft:?pin=123", "pin");
    check_refused("soft:?pin=123456789", "pin");
    check_refused("soft:?pin=12345x", "pin");
    check_refused("soft:?apdu=2", "apdu");
    check_refused("soft:?delay=60001", "delay");
    check_refused("soft:?blink=9", "blink");
    log_set_level(LOG_OFF);
    log_set_sink(NULL);
    start(&host, "soft:?name=Front%20desk");
    CHECK_STR(host.readers[0].info.name, "Front desk");
    CHECK(host.readers[0].info.card_present);
    CHECK_EQ(host.readers[0].info.type, READER_TYPE_VENDOR);
    fake_host_stop(&host);
    start(&host, "soft:?name=Desk&count=3&card=absent");
    CHECK_EQ(host.count, 3);
    CHECK_STR(host.readers[0].info.name, "Desk"); /* the host numbers them */
    CHECK_STR(host.readers[2].info.name, "Desk");
    CHECK(!host.readers[2].info.card_present);
    CHECK(strcmp(host.readers[0].info.device_id, host.readers[1].info.device_id) != 0);
    CHECK_EQ(power(&host, 1, POWER_COLD_RESET), SC_E_NO_SMARTCARD);
    fake_host_stop(&host);
    CHECK(driver_find("soft") == &soft_driver);
    CHECK(driver_find("soft:") == NULL);
    CHECK(driver_find("") == NULL);
}

/* Instances side by side, of the same URI too: no two device ids are alike, they are the
 * same again next time, and no PIN goes into them. */
static void check_twins(void)
{
    static const char *const uris[] = {"soft:", "soft:?pin=7391", "soft:?count=2",
                                       "soft:?name=Other"};
    struct fake_host hosts[4];
    char ids[4][DRIVER_ID_MAX], serials[4][10];
    for (size_t i = 0; i < 4; i++) {
        const uint8_t read[] = {0x00, 0xB0, 0x82, 0x00, 0x0A};
        size_t size = 0;
        start(&hosts[i], uris[i]);
        memcpy(ids[i], hosts[i].readers[0].info.device_id, sizeof(ids[i]));
        CHECK_EQ(power(&hosts[i], 0, POWER_COLD_RESET), SC_OK);
        CHECK_EQ(fake_transmit(&hosts[i], 0, PROTOCOL_T0, SOON_MS, read, sizeof(read),
                               out, ROOM, &size),
                 SC_OK);
        CHECK_EQ(status(size), 0x9000);
        memcpy(serials[i], out, sizeof(serials[i]));
        for (size_t j = 0; j < i; j++) {
            CHECK(strcmp(ids[i], ids[j]) != 0);
            CHECK(memcmp(serials[i], serials[j], sizeof(serials[i])) != 0);
        }
    }
    CHECK(strcmp(ids[2], hosts[2].readers[1].info.device_id) != 0);
    fake_host_stop(&hosts[0]);
    fake_host_stop(&hosts[1]);
    start(&hosts[0], "soft:?pin=0000"); /* stands where the first stood */
    CHECK_STR(hosts[0].readers[0].info.device_id, ids[0]);
    start(&hosts[1], "soft:");
    CHECK_STR(hosts[1].readers[0].info.device_id, ids[1]);
    for (size_t i = 0; i < 4; i++)
        fake_host_stop(&hosts[i]);
}

/* The instances of a parent process do not count in its child. */
static void check_fork(void)
{
    struct fake_host parent, child;
    int state = -1;
    start(&parent, "soft:");
    pid_t pid = fork();
    if (pid == 0) {
        fake_host_init(&child, &soft_driver);
        bool same =
            fake_host_start(&child, "soft:") == SC_OK
            && strcmp(child.readers[0].info.device_id, parent.readers[0].info.device_id)
                   == 0;
        _exit(same ? 0 : 1);
    }
    CHECK(pid > 0 && waitpid(pid, &state, 0) == pid);
    CHECK_EQ(state, 0);
    fake_host_stop(&parent);
}

static void check_many(void)
{
    struct fake_host host;
    start(&host, "soft:?count=1000");
    CHECK_EQ(host.count, 1000);
    CHECK_STR(host.readers[999].info.name, "");
    CHECK_EQ(power(&host, 999, POWER_COLD_RESET), SC_OK);
    fake_host_stop(&host);
    fake_host_init(&host, &soft_driver);
    host.limit = 10;
    CHECK_EQ(fake_host_start(&host, "soft:?count=20"), SC_OK);
    CHECK_EQ(host.count, 10);
    fake_host_stop(&host);
    fake_host_init(&host, &soft_driver);
    host.limit = 0;
    CHECK_EQ(fake_host_start(&host, "soft:"), SC_E_NO_MEMORY);
    host.self = NULL;
    fake_host_stop(&host);
}

/* --- Events ------------------------------------------------------------------------- */

static void check_card_events(void)
{
    struct fake_host host;
    size_t size;
    start(&host, "soft:");
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "0084000008", &size), SC_W_REMOVED_CARD);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "0084000008", &size), SC_OK);
    CHECK_EQ(control(&host, SOFT_IOCTL_SWALLOW, ""), SC_OK);
    CHECK_EQ(fake_event_count(&host, 0), 0);
    CHECK_EQ(control(&host, SOFT_IOCTL_EJECT, ""), SC_OK);
    CHECK_EQ(control(&host, SOFT_IOCTL_EJECT, ""), SC_OK);
    CHECK_EQ(fake_event_count(&host, 0), 1);
    CHECK(!fake_present(&host, 0));
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "0084000008", &size), SC_E_NO_SMARTCARD);
    CHECK_EQ(power(&host, 0, POWER_WARM_RESET), SC_E_NO_SMARTCARD);
    CHECK_EQ(power(&host, 0, POWER_OFF), SC_OK);
    CHECK_EQ(control(&host, SOFT_IOCTL_SWALLOW, ""), SC_OK);
    CHECK_EQ(fake_event_count(&host, 0), 2);
    CHECK(fake_present(&host, 0));
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "0084000008", &size), SC_W_REMOVED_CARD);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "0084000008", &size), SC_OK);
    CHECK_EQ(power(&host, 0, POWER_OFF), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "0084000008", &size), SC_F_COMM_ERROR);
    CHECK_EQ(control(&host, SOFT_IOCTL_EJECT_LATER, "1E000000 1E000000"), SC_OK);
    CHECK(fake_wait_events(&host, 0, 4));
    CHECK(fake_present(&host, 0));
    CHECK_EQ(control(&host, SOFT_IOCTL_EJECT_LATER, "00000000"), SC_OK);
    CHECK(fake_wait_events(&host, 0, 5));
    fake_host_stop(&host);
}

static void check_blink(void)
{
    struct fake_host host;
    start(&host, "soft:?blink=10&count=2");
    /* Time for the other thread to come between. */
    atomic_store_u32(&host.removed_pause_ms, 4);
    for (unsigned i = 0; i < 50; i++) /* beside the thread's own changes */
        CHECK_EQ(control(&host, (i & 1) != 0 ? SOFT_IOCTL_SWALLOW : SOFT_IOCTL_EJECT, ""),
                 SC_OK);
    CHECK(fake_wait_events(&host, 0, 30));
    CHECK(fake_wait_events(&host, 1, 4));
    fake_host_stop(&host); /* no event was told twice, else it aborts */
}

static void sleep_ms(uint64_t ms)
{
    struct os_mutex mutex = OS_MUTEX_INIT;
    struct os_cond cond;
    uint64_t until_ms = os_now_ms() + ms;
    os_cond_init(&cond);
    os_mutex_lock(&mutex);
    while (os_cond_wait(&cond, &mutex, until_ms)) {
    }
    os_mutex_unlock(&mutex);
    os_cond_destroy(&cond);
    os_mutex_destroy(&mutex);
}

static void swap_card(void *context)
{
    struct fake_host *host = context;
    sleep_ms(30);
    (void)kit_reader_set_card(host->readers[0].device, false);
    (void)kit_reader_set_card(host->readers[0].device, true);
}

/* A card pulled and put in again between two looks of a job is another card. */
static void check_swap(void)
{
    struct fake_host host;
    struct os_thread thread;
    size_t size;
    start_t1(&host, "soft:");
    CHECK_EQ(os_thread_start(&thread, "swap", swap_card, &host), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "80E203E8", &size), SC_W_REMOVED_CARD);
    os_thread_join(&thread);
    CHECK_EQ(fake_event_count(&host, 0), 2);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_W_REMOVED_CARD);
    fake_host_stop(&host);
}

static void check_unplug(void)
{
    struct fake_host host;
    size_t size;
    start(&host, "soft:?name=Loose");
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "00200001 04 30303030", &size), SC_OK);
    CHECK_EQ(status(size), 0x63C2);
    CHECK_EQ(control(&host, SOFT_IOCTL_UNPLUG, "14000000 14000000"), SC_OK);
    /* a command that is under way when the reader is pulled */
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "80E21388 00", &size),
             SC_E_READER_UNAVAILABLE);
    CHECK(fake_wait_gone(&host, 0));
    CHECK(fake_wait_readers(&host, 2));
    CHECK_STR(host.readers[1].info.name, "Loose");
    CHECK_STR(host.readers[1].info.device_id, host.readers[0].info.device_id);
    uint8_t in[8];
    CHECK_EQ(fake_transmit(&host, 1, PROTOCOL_T0, SOON_MS, in, hex("0084000008", in, 8),
                           out, ROOM, &size),
             SC_F_COMM_ERROR); /* the card lost its power */
    CHECK_EQ(power(&host, 1, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(fake_transmit(&host, 1, PROTOCOL_T0, SOON_MS, in, hex("00200001", in, 8),
                           out, ROOM, &size),
             SC_OK);
    CHECK_EQ(status(size), 0x63C2); /* it is the same card */
    CHECK_EQ(control(&host, SOFT_IOCTL_UNPLUG, "00000000"), SC_E_READER_UNAVAILABLE);
    CHECK_EQ(fake_control(&host, 1, SOFT_IOCTL_UNPLUG, (const uint8_t *)"\0\0\0\0", 4,
                          out, ROOM, &size),
             SC_OK);
    CHECK(fake_wait_gone(&host, 1));
    fake_host_stop(&host);
}

/* --- Time --------------------------------------------------------------------------- */

static void check_slow(void)
{
    struct fake_host host;
    size_t size;
    start_t1(&host, "soft:");
    uint64_t before_ms = os_now_ms();
    /* BWT is 179 ms: needs S(WTX) */
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "80E20258", &size), SC_OK);
    CHECK_EQ(status(size), 0x9000);
    CHECK(os_now_ms() - before_ms >= 600);
    before_ms = os_now_ms();
    CHECK_EQ(send(&host, PROTOCOL_T1, 50, "80E21388", &size), SC_E_TIMEOUT);
    CHECK(os_now_ms() - before_ms < 3000);
    /* the engine brings the card back into step */
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_OK);
    CHECK_EQ(size, 10);
    CHECK_EQ(power(&host, 0, POWER_WARM_RESET), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T0, 50, "80E21388", &size), SC_E_TIMEOUT);
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "80E2000A", &size), SC_OK);
    fake_host_stop(&host);
    start_t1(&host, "soft:?delay=200");
    before_ms = os_now_ms();
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_OK);
    CHECK(os_now_ms() - before_ms >= 200);
    fake_host_stop(&host);
}

struct abort_later {
    struct fake_host *host;
    uint64_t after_ms;
};

static void abort_later(void *context)
{
    struct abort_later *later = context;
    sleep_ms(later->after_ms);
    fake_abort(later->host, 0);
}

static void check_abort(void)
{
    struct fake_host host;
    struct os_thread thread;
    size_t size;
    struct abort_later later = {&host, 50};
    start_t1(&host, "soft:");
    fake_abort(&host, 0); /* without a job: nothing */
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_OK);
    CHECK_EQ(control(&host, SOFT_IOCTL_HANG, ""), SC_OK);
    CHECK_EQ(os_thread_start(&thread, "abort", abort_later, &later), SC_OK);
    uint64_t before_ms = os_now_ms();
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_E_CANCELLED);
    CHECK(os_now_ms() - before_ms < 3000);
    os_thread_join(&thread);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_OK);
    /* in the middle of a command */
    CHECK_EQ(os_thread_start(&thread, "abort", abort_later, &later), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "80E21388", &size), SC_E_CANCELLED);
    os_thread_join(&thread);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_OK);
    CHECK_EQ(status(size), 0x9000);
    /* the hang ends by itself, or at the deadline, or with the card */
    CHECK_EQ(control(&host, SOFT_IOCTL_HANG, "1E000000"), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_OK);
    CHECK_EQ(control(&host, SOFT_IOCTL_HANG, ""), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T1, 30, "0084000008", &size), SC_E_TIMEOUT);
    CHECK_EQ(control(&host, SOFT_IOCTL_HANG, ""), SC_OK);
    CHECK_EQ(control(&host, SOFT_IOCTL_EJECT_LATER, "00000000 1E000000"), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_W_REMOVED_CARD);
    CHECK_EQ(control(&host, SOFT_IOCTL_HANG, "000013"), SC_E_INVALID_PARAMETER);
    CHECK_EQ(control(&host, SOFT_IOCTL_HANG, "00000000 00000000"),
             SC_E_INVALID_PARAMETER);
    CHECK_EQ(control(&host, SOFT_IOCTL_HANG, "000000FF"), SC_E_INVALID_PARAMETER);
    fake_host_stop(&host);
}

/* --- Faults ------------------------------------------------------------------------- */

static void check_faults(void)
{
    struct fake_host host;
    size_t size;
    start_t1(&host, "soft:");
    CHECK_EQ(control(&host, SOFT_IOCTL_MUTE, ""), SC_OK);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_W_UNRESPONSIVE_CARD);
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "0084000008", &size), SC_F_COMM_ERROR);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "80E30000", &size), SC_F_COMM_ERROR);
    CHECK_EQ(send(&host, PROTOCOL_T0, SOON_MS, "80E50001", &size), SC_F_COMM_ERROR);
    CHECK_EQ(send(&host, PROTOCOL_T0, 100, "80E40000", &size), SC_E_TIMEOUT);
    CHECK_EQ(send(&host, PROTOCOL_T0, 100, "0084000008", &size), SC_E_TIMEOUT);
    CHECK_EQ(power(&host, 0, POWER_WARM_RESET), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "80E30000", &size), SC_F_COMM_ERROR);
    /* two spoilt blocks are got over, many are not */
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "80E50002", &size), SC_OK);
    CHECK_EQ(status(size), 0x9000);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "80E500FF", &size), SC_F_COMM_ERROR);
    CHECK_EQ(power(&host, 0, POWER_WARM_RESET), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "80E40000", &size), SC_E_TIMEOUT);
    CHECK_EQ(power(&host, 0, POWER_WARM_RESET), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_OK);
    /* an answer that does not fit is dropped, and the card stays usable */
    uint8_t in[8];
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, SOON_MS, in,
                           hex("80E0012C000000", in, 8), out, 100, &size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_OK);
    CHECK_EQ(size, 10);
    fake_host_stop(&host);
}

static void check_failing(void)
{
    struct fake_host host;
    size_t size;
    start_t1(&host, "soft:");
    CHECK_EQ(control(&host, SOFT_IOCTL_FAIL, "02000000"), SC_OK);
    for (unsigned i = 0; i < 2; i++) /* the wrong PIN does not reach the card */
        CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "00200001 04 30303030", &size),
                 SC_F_COMM_ERROR);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "00200001", &size), SC_OK);
    CHECK_EQ(status(size), 0x63C3);
    CHECK_EQ(control(&host, SOFT_IOCTL_FAIL, "FFFFFFFF"), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_F_COMM_ERROR);
    CHECK_EQ(control(&host, SOFT_IOCTL_FAIL, "00000000"), SC_OK);
    CHECK_EQ(send(&host, PROTOCOL_T1, SOON_MS, "0084000008", &size), SC_OK);
    CHECK_EQ(control(&host, SOFT_IOCTL_FAIL, ""), SC_E_INVALID_PARAMETER);
    CHECK_EQ(control(&host, SOFT_IOCTL_FAIL, "0100"), SC_E_INVALID_PARAMETER);
    fake_host_stop(&host);
}

static void check_control(void)
{
    struct fake_host host;
    size_t size = 0;
    start(&host, "soft:?card=absent");
    CHECK_EQ(fake_control(&host, 0, SOFT_IOCTL_FEATURES, NULL, 0, out, ROOM, &size),
             SC_OK);
    CHECK_EQ(size, 6);
    CHECK_MEM(out, "\x12\x04\x00\x31\x3C\x48", 6);
    CHECK_EQ(fake_control(&host, 0, SOFT_IOCTL_FEATURES, NULL, 0, out, 5, &size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(fake_control(&host, 0, SOFT_IOCTL_TLV_PROPERTIES, NULL, 0, out, ROOM, &size),
             SC_OK);
    CHECK_EQ(size, 16);
    CHECK_MEM(out + 10, "\x0A\x04\x00\x00\x01\x00", 6);
    CHECK_EQ(control(&host, 0x00310004, ""), SC_E_UNSUPPORTED_FEATURE);
    CHECK_EQ(control(&host, SOFT_IOCTL_UNPLUG, "00"), SC_E_INVALID_PARAMETER);
    uint32_t value = 0;
    CHECK_EQ(fake_attribute(&host, 0, 0x00030120, out, ROOM, &size), SC_OK);
    CHECK_EQ(size, sizeof(value));
    memcpy(&value, out, sizeof(value));
    CHECK_EQ(value, PROTOCOL_T0 | PROTOCOL_T1);
    CHECK_EQ(fake_attribute(&host, 0, 0x00030125, out, 3, &size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(fake_attribute(&host, 0, 0x00080203, out, ROOM, &size), SC_X_NOT_SUPPORTED);
    CHECK_EQ(fake_attribute(&host, 0, 0x12345678, out, ROOM, &size), SC_X_NOT_SUPPORTED);
    fake_host_stop(&host);
}

int main(void)
{
    check_uris();
    check_twins();
    check_fork();
    check_many();
    check_card_events();
    check_blink();
    check_swap();
    check_unplug();
    check_slow();
    check_abort();
    check_faults();
    check_failing();
    check_control();
    return check_result();
}
