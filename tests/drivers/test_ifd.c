/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers by their IFD handlers, where those behave: in a process of their own and in this one,
 * with one slot and with two, versions 3.0 and 2.0, with and without their own wait for cards;
 * what a program has of that process. */
#include "base/atomic.h"
#include "os/thread.h"
#include "os/time.h"
#include "tests/drivers/ifd_test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static struct fake_host host;

/* What handlers find in pcscd, for those that run in this process. */
__attribute__((visibility("default"))) void log_msg(int priority, const char *format,
                                                    ...);
void log_msg(int priority, const char *format, ...)
{
    (void)priority;
    (void)format;
}

static void check_attributes(void)
{
    uint8_t value[DRIVER_ATTRIBUTE_MAX];
    size_t size = 0;
    CHECK_EQ(fake_attribute(&host, 0, 0x00010100, value, sizeof(value), &size), SC_OK);
    CHECK_EQ(size, 6);
    CHECK_MEM(value, "Maker", 6);
    CHECK_EQ(fake_attribute(&host, 0, 0x00010100, value, 5, &size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(fake_attribute(&host, 0, 0x00010101, value, sizeof(value), &size),
             SC_X_NOT_SUPPORTED);
}

static void check_controls(void)
{
    uint8_t out[64];
    size_t size = 0;
    /* CM_IOCTL_GET_FEATURE_REQUEST; the code in its answer is as it was: not of the form */
    CHECK_EQ(fake_control(&host, 0, 0x00313520, NULL, 0, out, sizeof(out), &size), SC_OK);
    CHECK_EQ(size, 6);
    CHECK_MEM(out, "\x12\x04\x42\x33\x00\x12", 6);
    CHECK_EQ(fake_control(&host, 0, 0x42330012, out, 4, out, sizeof(out), &size), SC_OK);
    CHECK_EQ(size, 4);
    CHECK_EQ(fake_control(&host, 0, 0x42000001, out, 4, out, 2, &size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(fake_control(&host, 0, 0x00319999, NULL, 0, out, sizeof(out), &size),
             SC_E_UNSUPPORTED_FEATURE);
}

static void check_long(void)
{
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, CHECK_HANG_MS, ifd_in, IFD_ROOM - 2,
                           ifd_out, IFD_ROOM, &ifd_size),
             SC_OK);
    CHECK_EQ(ifd_size, IFD_ROOM);
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, CHECK_HANG_MS, ifd_in, 300, ifd_out,
                           100, &ifd_size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, CHECK_HANG_MS, ifd_in, 0, ifd_out, 100,
                           &ifd_size),
             SC_E_INVALID_PARAMETER);
}

static void check_session(const char *device, const char *more)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 9;
    ifd_start(&host, device, more);
    CHECK(fake_wait_readers(&host, 1));
    CHECK_STR(host.readers[0].info.product, "Tested");
    CHECK(host.readers[0].info.own_attributes);
    CHECK(fake_present(&host, 0));
    CHECK_EQ(ifd_send(&host, 0, CHECK_HANG_MS, "00A4"), SC_W_REMOVED_CARD);
    ifd_check_works(&host, 0);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T0), SC_E_PROTO_MISMATCH);
    check_attributes();
    check_controls();
    ifd_check_works(&host, 0);
    memset(ifd_in, 0, sizeof(ifd_in));
    check_long();
    CHECK_EQ(fake_power(&host, 0, POWER_WARM_RESET, CHECK_HANG_MS, atr, &size), SC_OK);
    CHECK_EQ(fake_power(&host, 0, POWER_OFF, CHECK_HANG_MS, atr, &size), SC_OK);
    CHECK_EQ(size, 0);
    CHECK_EQ(ifd_send(&host, 0, CHECK_HANG_MS, "00A4"), SC_F_COMM_ERROR);
    ifd_check_works(&host, 0);
    /* Pulled, as an answer says, and back in a moment: the job ends when that is known. */
    CHECK_EQ(ifd_send(&host, 0, CHECK_HANG_MS, "8009"), SC_W_REMOVED_CARD);
    CHECK(fake_wait_events(&host, 0, 2));
    CHECK(fake_present(&host, 0));
    ifd_check_works(&host, 0);
    fake_host_stop(&host);
}

static void check_empty(void)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    ifd_start(&host, "empty", "");
    CHECK(fake_wait_readers(&host, 1));
    CHECK(!fake_present(&host, 0));
    CHECK_EQ(ifd_power_on(&host, 0), SC_E_NO_SMARTCARD);
    CHECK_EQ(fake_power(&host, 0, POWER_OFF, CHECK_HANG_MS, atr, &size), SC_OK);
    fake_host_stop(&host);
    ifd_start(&host, "mute", "");
    CHECK(fake_wait_readers(&host, 1));
    CHECK_EQ(ifd_power_on(&host, 0), SC_W_UNRESPONSIVE_CARD);
    fake_host_stop(&host);
    /* A card that is switched on at the second try, as pcscd has it. */
    ifd_start(&host, "second", "");
    CHECK(fake_wait_readers(&host, 1));
    ifd_check_works(&host, 0);
    fake_host_stop(&host);
    /* One that negotiates nothing leaves the card at what it is at. */
    ifd_start(&host, "nopts", "");
    CHECK(fake_wait_readers(&host, 1));
    CHECK_EQ(ifd_power_on(&host, 0), SC_OK);
    fake_host_stop(&host);
}

/* A handler whose own wait for cards never ends, unless its thread does. */
static void check_killable(const char *more)
{
    ifd_start(&host, "killable", more);
    CHECK(fake_wait_readers(&host, 1));
    ifd_check_works(&host, 0);
    uint64_t begin_ms = os_now_ms();
    fake_host_stop(&host);
    CHECK(os_now_ms() - begin_ms < 2500); /* before the process would be ended */
}

/* --- Two slots ------------------------------------------------------------------------- */

static uint32_t failures; /* atomic */

static void use_slot(void *context)
{
    static const uint8_t slow[] = {0x80, 0x12};
    const uint32_t *slot = context;
    uint8_t out[16];
    size_t size = 0;
    for (int i = 0; i < 100; i++)
        if (fake_transmit(&host, *slot, PROTOCOL_T1, CHECK_HANG_MS, slow, sizeof(slow),
                          out, sizeof(out), &size)
            != SC_OK)
            (void)atomic_add_u32(&failures, 1);
}

/* Calls of two slots at a time: one after the other, unless the handler is safe. */
static void check_slots(const char *device, const char *more, bool safe)
{
    struct os_thread threads[2];
    uint32_t slots[2] = {0, 1};
    uint8_t overlapped = 9;
    ifd_start(&host, device, more);
    CHECK(fake_wait_readers(&host, 2));
    CHECK_EQ(host.readers[0].info.slot, 0);
    CHECK_EQ(host.readers[1].info.slot, 1);
    CHECK_STR(host.readers[0].info.device_id, host.readers[1].info.device_id);
    ifd_check_works(&host, 0);
    ifd_check_works(&host, 1);
    for (size_t i = 0; i < 2; i++)
        CHECK_EQ(os_thread_start(&threads[i], "slot", use_slot, &slots[i]), SC_OK);
    for (size_t i = 0; i < 2; i++)
        os_thread_join(&threads[i]);
    CHECK_EQ(atomic_load_u32(&failures), 0);
    size_t size = 0;
    CHECK_EQ(fake_attribute(&host, 0, 0x7FFF0003, &overlapped, 1, &size), SC_OK);
    if (!safe)
        CHECK_EQ(overlapped, 0);
    fake_host_stop(&host);
}

/* --- Version 2.0 ----------------------------------------------------------------------- */

static void check_version_2(const char *more)
{
    char uri[600];
    uint8_t out[16];
    size_t size = 0;
    (void)snprintf(uri, sizeof(uri), "ifd:" IFD_TEST_HANDLER_2 "?channel=1%s", more);
    fake_host_init(&host, &ifd_driver);
    CHECK_EQ(fake_host_start(&host, uri), SC_OK);
    CHECK(fake_wait_readers(&host, 1));
    ifd_check_works(&host, 0);
    CHECK_EQ(fake_control(&host, 0, 0x42330012, (const uint8_t *)"abc", 3, out,
                          sizeof(out), &size),
             SC_OK);
    CHECK_EQ(size, 3);
    CHECK_MEM(out, "abc", 3);
    fake_host_stop(&host);
}

/* --- What the program has of it -------------------------------------------------------- */

static uint32_t heard; /* atomic: SIGCHLD */

static void hear(int number)
{
    (void)number;
    (void)atomic_add_u32(&heard, 1);
}

static void check_unnoticed(void)
{
    (void)signal(SIGCHLD, hear);
    for (int i = 0; i < 3; i++) {
        ifd_start(&host, "behaves", "");
        CHECK(fake_wait_readers(&host, 1));
        ifd_check_works(&host, 0);
        errno = 0;
        CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1);
        CHECK_EQ(errno, ECHILD);
        fake_host_stop(&host);
    }
    CHECK_EQ(atomic_load_u32(&heard), 0);
    (void)signal(SIGCHLD, SIG_DFL);
}

static void check_uris(void)
{
    static const char *const bad[] = {"ifd:relative.so?device=x",
                                      "ifd:?device=x",
                                      "ifd:?name=x",
                                      "ifd:" IFD_TEST_HANDLER,
                                      "ifd:" IFD_TEST_HANDLER "?channel=0x",
                                      "ifd:" IFD_TEST_HANDLER "?device=x&ccid=perhaps",
                                      "ifd:" IFD_TEST_HANDLER "?device=x&open_timeout=0",
                                      "ifd:" IFD_TEST_HANDLER "?device=x&slots=2"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        fake_host_init(&host, &ifd_driver);
        CHECK_EQ(fake_host_start(&host, bad[i]), SC_E_INVALID_VALUE);
        fake_host_stop(&host);
    }
    fake_host_init(&host, &ifd_driver);
    CHECK_EQ(fake_host_start(&host, "ifd:/nowhere.so?device=x"), SC_E_READER_UNAVAILABLE);
    fake_host_stop(&host);
    fake_host_init(&host, &ifd_driver);
    CHECK_EQ(fake_host_start(&host, "ifd:/nowhere.bundle"), SC_E_READER_UNAVAILABLE);
    fake_host_stop(&host);
    fake_host_init(&host, &ifd_driver);
    CHECK_EQ(fake_host_start(&host, "ifd:?bundles=&readers="), SC_OK);
    fake_host_stop(&host);
}

int main(void)
{
    check_uris();
    check_session("behaves", "");
    check_session("wait", "");
    check_session("behaves", "&process=no");
    check_session("wait", "&process=no");
    check_empty();
    check_killable("");
    check_killable("&process=no");
    check_slots("two", "", false);
    check_slots("two+safe+wait", "", true);
    check_slots("two", "&process=no", false);
    check_version_2("");
    check_version_2("&process=no");
    check_unnoticed();
    return check_result();
}
