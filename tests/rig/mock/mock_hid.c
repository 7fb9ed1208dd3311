/* SPDX-License-Identifier: BSD-2-Clause */
/* hid: by the system's hidapi, with a simulated token that umockdev shows it as a hidraw
 * node below a USB device. The node is a pseudo-terminal with one byte in it for each report
 * that can be read, so that poll() waits as it does on hidraw; what is read and written goes
 * to the token (tests/drivers/hid_peer.h). One program at a time has it open. */
#include "tests/drivers/hid_tests.h"

#include "os/lock.h"

#include <errno.h>
#include <linux/hidraw.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <umockdev.h>
#include <unistd.h>

#define NODE "/dev/hidraw0"
#define USB  "/devices/usb1/1-1"
#define HID  USB "/1-1:1.1/0003:1050:0407.0001"

#define SYS_USB       "/sys" USB
#define SYS_INTERFACE SYS_USB "/1-1:1.1"
#define SYS_HID       "/sys" HID
#define SYS_NODE      SYS_HID "/hidraw/hidraw0"

static const char description[] = "P: " USB "\n"
                                  "E: DEVTYPE=usb_device\n"
                                  "E: SUBSYSTEM=usb\n"
                                  "A: idVendor=1050\n"
                                  "A: idProduct=0407\n"
                                  "A: bcdDevice=0543\n"
                                  "A: manufacturer=Yubico\n"
                                  "A: product=YubiKey FIDO\n"
                                  "A: serial=17\n"
                                  "\n"
                                  "P: " USB "/1-1:1.1\n"
                                  "E: DEVTYPE=usb_interface\n"
                                  "E: SUBSYSTEM=usb\n"
                                  "A: bInterfaceNumber=01\n"
                                  "\n"
                                  "P: " HID "\n"
                                  "E: SUBSYSTEM=hid\n"
                                  "E: HID_ID=0003:00001050:00000407\n"
                                  "E: HID_NAME=Yubico YubiKey FIDO\n"
                                  "E: HID_UNIQ=17\n"
                                  "H: report_descriptor="
                                  "06D0F10901A1010920150026FF00750895408102"
                                  "0921150026FF00750895409102C0\n"
                                  "\n"
                                  "P: " HID "/hidraw/hidraw0\n"
                                  "E: DEVNAME=" NODE "\n"
                                  "E: SUBSYSTEM=hidraw\n"
                                  "E: MAJOR=240\n"
                                  "E: MINOR=0\n"
                                  "A: dev=240:0\n"
                                  "L: device=../../../0003:1050:0407.0001\n"
                                  "\n";

static const uint8_t descriptor[] = {0x06, 0xD0, 0xF1, 0x09, 0x01, 0xA1, 0x01, 0x09, 0x20,
                                     0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x40,
                                     0x81, 0x02, 0x09, 0x21, 0x15, 0x00, 0x26, 0xFF, 0x00,
                                     0x75, 0x08, 0x95, 0x40, 0x91, 0x02, 0xC0};

enum { QUEUE_MAX = 256, PUMP_MS = 5 };

static struct {
    UMockdevTestbed *bed;
    UMockdevIoctlBase *handler;
    struct hid_peer *peer;
    struct os_thread pump;
    struct os_mutex lock;
    int terminal, slave;
    char node[256];          /* its path for those who look past umockdev */
    struct hid_device *open; /* of hid_peer_bus; NULL: nobody has it open */
    uint32_t clients; /* that have it open; of one that is closed umockdev tells later */
    bool pulled, stopping;
    uint32_t first, count;
    struct {
        uint8_t bytes[PEER_REPORT_MAX];
        size_t size;
    } queue[QUEUE_MAX];
} mock = {.lock = OS_MUTEX_INIT};

/* --- The node ----------------------------------------------------------------------- */

/* Something can be read: a report, or that there will be none any more. */
static void wake_reader(void)
{
    if (write(mock.terminal, "!", 1) != 1)
        CHECK_FAILED("the pseudo-terminal is full");
}

static void run_pump(void *context)
{
    uint8_t report[PEER_REPORT_MAX];
    (void)context;
    os_mutex_lock(&mock.lock);
    while (!mock.stopping) {
        size_t size = 0;
        if (mock.open != NULL && !mock.pulled && mock.count < QUEUE_MAX) {
            enum sc_error error =
                hid_peer_bus.read(mock.open, report, sizeof(report), 0, &size);
            mock.pulled |= error != SC_OK;
            if (mock.pulled)
                wake_reader();
        }
        if (size > 0) {
            uint32_t at = (mock.first + mock.count++) % QUEUE_MAX;
            memcpy(mock.queue[at].bytes, report, size);
            mock.queue[at].size = size;
            wake_reader();
            continue;
        }
        os_mutex_unlock(&mock.lock);
        g_usleep(PUMP_MS * 1000);
        os_mutex_lock(&mock.lock);
    }
    os_mutex_unlock(&mock.lock);
}

static gboolean on_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client,
                         gpointer context)
{
    gulong request = umockdev_ioctl_client_get_request(client);
    UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
    int size = sizeof(descriptor);
    (void)handler;
    (void)context;
    if (request == HIDIOCGRDESCSIZE) {
        UMockdevIoctlData *number = umockdev_ioctl_data_resolve(argument, 0, 4, NULL);
        umockdev_ioctl_data_update(number, 0, (guint8 *)&size, sizeof(size));
        umockdev_ioctl_data_unref(number);
    } else if (request == HIDIOCGRDESC) {
        UMockdevIoctlData *whole = umockdev_ioctl_data_resolve(
            argument, 0, sizeof(struct hidraw_report_descriptor), NULL);
        umockdev_ioctl_data_update(whole, 4, (guint8 *)descriptor, size);
        umockdev_ioctl_data_unref(whole);
    } else {
        return FALSE;
    }
    umockdev_ioctl_client_complete(client, 0, 0);
    return TRUE;
}

static gboolean on_write(UMockdevIoctlBase *handler, UMockdevIoctlClient *client,
                         gpointer context)
{
    UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
    enum sc_error error = SC_E_READER_UNAVAILABLE;
    (void)handler;
    (void)context;
    CHECK_EQ(argument->data_len, 65);
    CHECK_EQ(argument->data[0], 0);
    os_mutex_lock(&mock.lock);
    if (mock.open != NULL && !mock.pulled)
        error = hid_peer_bus.write(mock.open, argument->data + 1);
    os_mutex_unlock(&mock.lock);
    umockdev_ioctl_client_complete(client, error == SC_OK ? argument->data_len : -1,
                                   error == SC_OK ? 0 : ENODEV);
    return TRUE;
}

static gboolean on_read(UMockdevIoctlBase *handler, UMockdevIoctlClient *client,
                        gpointer context)
{
    UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
    char byte;
    int size = -1;
    (void)handler;
    (void)context;
    os_mutex_lock(&mock.lock);
    if (mock.count > 0 && read(mock.slave, &byte, 1) == 1) {
        size = (int)mock.queue[mock.first].size;
        size = size < argument->data_len ? size : argument->data_len;
        umockdev_ioctl_data_update(argument, 0, mock.queue[mock.first].bytes, size);
        mock.first = (mock.first + 1) % QUEUE_MAX;
        mock.count--;
    }
    os_mutex_unlock(&mock.lock);
    umockdev_ioctl_client_complete(client, size, size < 0 ? EIO : 0);
    return TRUE;
}

static void on_connected(UMockdevIoctlBase *handler, UMockdevIoctlClient *client,
                         gpointer context)
{
    (void)handler;
    (void)client;
    (void)context;
    os_mutex_lock(&mock.lock);
    if (mock.clients++ == 0
        && hid_peer_bus.open(mock.peer->found.path, &mock.open) != SC_OK)
        mock.open = NULL;
    os_mutex_unlock(&mock.lock);
}

static void on_vanished(UMockdevIoctlBase *handler, UMockdevIoctlClient *client,
                        gpointer context)
{
    (void)handler;
    (void)client;
    (void)context;
    os_mutex_lock(&mock.lock);
    if (--mock.clients == 0) {
        if (mock.open != NULL)
            hid_peer_bus.close(mock.open);
        mock.open = NULL;
        mock.count = 0;
        (void)tcflush(mock.slave, TCIFLUSH);
    }
    os_mutex_unlock(&mock.lock);
}

/* --- Plugging ------------------------------------------------------------------------ */

static void plug_in(void)
{
    char name[64] = "";
    hid_peer_plug(mock.peer, true);
    os_mutex_lock(&mock.lock);
    mock.pulled = false;
    CHECK_EQ(openpty(&mock.terminal, &mock.slave, name, NULL, NULL), 0);
    struct termios raw;
    CHECK_EQ(tcgetattr(mock.slave, &raw), 0);
    cfmakeraw(&raw);
    CHECK_EQ(tcsetattr(mock.slave, TCSANOW, &raw), 0);
    os_mutex_unlock(&mock.lock);
    CHECK(symlink(name, mock.node) == 0);
    CHECK(umockdev_testbed_add_from_string(mock.bed, description, NULL));
    CHECK(umockdev_testbed_attach_ioctl(mock.bed, NODE, mock.handler, NULL));
}

static void pull_out(void)
{
    static const char *const all[] = {SYS_NODE, SYS_HID, SYS_INTERFACE, SYS_USB};
    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        umockdev_testbed_remove_device(mock.bed, all[i]);
    umockdev_testbed_detach_ioctl(mock.bed, NODE, NULL);
    (void)unlink(mock.node); /* if umockdev has not */
    os_mutex_lock(&mock.lock);
    mock.pulled = true;
    (void)close(mock.slave);
    (void)close(mock.terminal);
    os_mutex_unlock(&mock.lock);
    hid_peer_plug(mock.peer, false);
}

static void set_up(void)
{
    hid_peers_begin();
    mock.peer = hid_peer_add(PEER_FIDO2, "17");
    mock.handler = umockdev_ioctl_base_new();
    char *root = umockdev_testbed_get_root_dir(mock.bed);
    snprintf(mock.node, sizeof(mock.node), "%s/dev", root);
    g_mkdir_with_parents(mock.node, 0755);
    snprintf(mock.node, sizeof(mock.node), "%s" NODE, root);
    g_free(root);
    g_signal_connect(mock.handler, "handle-ioctl", G_CALLBACK(on_ioctl), NULL);
    g_signal_connect(mock.handler, "handle-read", G_CALLBACK(on_read), NULL);
    g_signal_connect(mock.handler, "handle-write", G_CALLBACK(on_write), NULL);
    g_signal_connect(mock.handler, "client-connected", G_CALLBACK(on_connected), NULL);
    g_signal_connect(mock.handler, "client-vanished", G_CALLBACK(on_vanished), NULL);
    CHECK_EQ(os_thread_start(&mock.pump, "pump", run_pump, NULL), SC_OK);
    plug_in();
}

static void end_pump(void)
{
    os_mutex_lock(&mock.lock);
    mock.stopping = true;
    os_mutex_unlock(&mock.lock);
    os_thread_join(&mock.pump);
}

/* --- The test ------------------------------------------------------------------------ */

static struct fake_host host;

static void check_token(void)
{
    const struct reader_info *info = &host.readers[0].info;
    CHECK_STR(info->vendor, "Yubico");
    CHECK_STR(info->product, "YubiKey FIDO");
    CHECK_STR(info->serial, "17");
    CHECK_STR(info->device_id, "HID\\VID_1050&PID_0407&MI_01\\17");
    CHECK_EQ(info->version, 0x05430000);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send(&host, 0, SELECT_FIDO), SC_OK);
    check_answer("5532465F5632 9000");
    CHECK_EQ(send(&host, 0, GET_INFO "00"), SC_OK);
    check_answer("00 A1 01 81 68 4649444F5F325F30 9000");
    mock.peer->answer_size = CTAPHID_MESSAGE_MAX;
    CHECK_EQ(send(&host, 0, "80100000 000001 0C 0000"), SC_OK);
    CHECK_EQ(out_size, CTAPHID_MESSAGE_MAX + 2);
    CHECK_EQ(out[7608], (uint8_t)(7608 * 7));
    mock.peer->touch_ms = 450;
    CHECK_EQ(send(&host, 0, "801000000101"), SC_OK);
    check_answer("00A0 9000");
    CHECK_EQ(power(&host, 0, POWER_OFF), SC_OK);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send(&host, 0, SELECT_FIDO), SC_OK);
}

static void check_wrong_size(void)
{
    static const enum peer_fault faults[] = {PEER_SHORT_REPORT, PEER_LONG_REPORT};
    for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
        mock.peer->fault = faults[i];
        mock.peer->faults = 1;
        CHECK_EQ(send(&host, 0, GET_INFO), SC_F_COMM_ERROR);
        CHECK_EQ(send(&host, 0, GET_INFO), SC_OK);
        CHECK_EQ(sw(), 0x9000);
    }
}

/* In the middle of an answer; and there again. */
static void check_pulled(void)
{
    mock.peer->answer_size = 3000;
    mock.peer->pull_after = 20;
    CHECK_EQ(send(&host, 0, "80100000 000001 0C 0000"), SC_E_READER_UNAVAILABLE);
    pull_out();
    CHECK(fake_wait_gone(&host, 0));
    plug_in();
    CHECK(fake_wait_readers(&host, 2));
    CHECK_EQ(power(&host, host.count - 1, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send(&host, host.count - 1, SELECT_FIDO), SC_OK);
    CHECK_EQ(sw(), 0x9000);
}

int main(void)
{
    mock.bed = umockdev_testbed_new();
    if (!umockdev_in_mock_environment()) {
        fprintf(stderr, "run it with umockdev's library preloaded\n");
        return 2;
    }
    set_up();
    fake_host_init(&host, &hid_driver);
    CHECK_EQ(fake_host_start(&host, "hid:"), SC_OK);
    CHECK(fake_wait_readers(&host, 1));
    if (host.count > 0) {
        check_token();
        check_wrong_size();
        check_pulled();
    }
    fake_host_stop(&host);
    end_pump();
    return check_result();
}
