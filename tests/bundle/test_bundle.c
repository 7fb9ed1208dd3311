/* SPDX-License-Identifier: BSD-2-Clause */
/* Bundles and USB devices in directories of the test's own, good ones and others. */
#include "bundle/bundle.h"

#include "base/compiler.h"
#include "tests/support/check.h"

#include <stdlib.h>
#include <sys/stat.h>

static char root[] = "/tmp/test_bundle_XXXXXX";

static const char *in_root(const char *name)
{
    static char path[300];
    (void)snprintf(path, sizeof(path), "%s/%s", root, name);
    return path;
}

static void put(const char *name, const void *bytes, size_t size)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "%s", in_root(name));
    for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        (void)mkdir(path, 0755);
        *at = '/';
    }
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size);
    if (file != NULL)
        (void)fclose(file);
}

static void put_text(const char *name, const char *text)
{
    put(name, text, strlen(text));
}

#define PLIST(text) "<plist><dict>" text "</dict></plist>"
#define EXECUTABLE  "<key>CFBundleExecutable</key><string>x.so</string>"
#define IDS                                                                              \
    "<key>ifdVendorID</key><array><string>0x08E6</string><string>0x072f</string></"      \
    "array>"                                                                             \
    "<key>ifdProductID</key><array><string>0x3437</string><string>0x90cc</string>"       \
    "</array><key>ifdFriendlyName</key><array><string>One</string><string>Two &amp; "    \
    "more"                                                                               \
    "</string></array>"

/* The head of an object of this machine, and the names of calls. */
static void put_object(const char *name, size_t calls)
{
    static const char *const names[] = {
        "IFDHCreateChannel", "IFDHCloseChannel",    "IFDHGetCapabilities",
        "IFDHControl",       "IFDHSetCapabilities", "IFDHSetProtocolParameters",
        "IFDHPowerICC",      "IFDHTransmitToICC",   "IFDHICCPresence"};
    uint8_t bytes[1000] = {0x7F, 'E', 'L', 'F', sizeof(void *) == 8 ? 2 : 1, 1, 1};
    size_t size = 64;
    bytes[18] = 62;
    for (size_t i = 0; i < calls; i++) {
        size_t length = strlen(names[i]) + 1;
        memcpy(bytes + size, names[i], length);
        size += length;
    }
    put(name, bytes, size);
}

static void check_bundle(const char *plist, const char *why)
{
    struct bundle bundle;
    put_text("a/x.bundle/Contents/Info.plist", plist);
    enum sc_error error = bundle_read(in_root("a/x.bundle"), &bundle);
    CHECK_EQ(error, why[0] == '\0' ? SC_OK : SC_E_INVALID_VALUE);
    CHECK_STR(bundle.why, why);
    bundle_forget(&bundle);
}

static void check_bundles(void)
{
    struct bundle bundle;
    put_object("a/x.bundle/Contents/Linux/x.so", 9);
    check_bundle(PLIST(EXECUTABLE IDS), "");
    CHECK_EQ(bundle_read(in_root("a/x.bundle"), &bundle), SC_OK);
    CHECK_EQ(bundle.id_count, 2);
    const struct bundle_id *id = bundle_find(&bundle, 0x072F, 0x90CC);
    CHECK(id != NULL && strcmp(id->name, "Two & more") == 0);
    CHECK(bundle_find(&bundle, 0x072F, 0x3437) == NULL);
    bundle_forget(&bundle);
    check_bundle(PLIST(EXECUTABLE), "");
    check_bundle(PLIST(IDS), "has an Info.plist that names no object "
                             "(CFBundleExecutable)");
    check_bundle(PLIST("<key>CFBundleExecutable</key><string>../x.so</string>"),
                 "has an Info.plist that names no object (CFBundleExecutable)");
    check_bundle("<plist><dict>",
                 "has an Info.plist that ends before its elements are closed");
    check_bundle(PLIST(EXECUTABLE IDS "<key>ifdVendorID</key><string>0x1</string>"),
                 "has an Info.plist whose numbers and names of readers do not fit each "
                 "other");
    check_bundle(PLIST(EXECUTABLE "<key>ifdVendorID</key><string>8E6</string>"
                                  "<key>ifdProductID</key><string>0x1</string>"
                                  "<key>ifdFriendlyName</key><string>x</string>"),
                 "has an Info.plist whose numbers and names of readers do not fit each "
                 "other");
    put_object("a/x.bundle/Contents/Linux/x.so", 8);
    check_bundle(PLIST(EXECUTABLE),
                 "cannot be used: x.so has no IFDHICCPresence: no IFD handler");
    put_text("a/x.bundle/Contents/Linux/x.so", "\x7F"
                                               "ELF");
    check_bundle(PLIST(EXECUTABLE), "cannot be used: x.so is not a shared object");
    (void)remove(in_root("a/x.bundle/Contents/Linux/x.so"));
    check_bundle(PLIST(EXECUTABLE), "cannot be used: x.so is not there");
    CHECK_EQ(bundle_read(in_root("a/none.bundle"), &bundle), SC_E_INVALID_VALUE);
    CHECK_STR(bundle.why, "has no Info.plist that can be read");
    bundle_forget(&bundle);
}

/* --- Lists ----------------------------------------------------------------------------- */

static char taken[1000];

static void take_name(void *context, const struct bundle *bundle)
{
    size_t used = strlen(taken);
    (void)context;
    (void)snprintf(taken + used, sizeof(taken) - used, "%s %s|",
                   strrchr(bundle->directory, '/') + 1, bundle->why);
}

static void take_reader(void *context, const struct bundle_reader *reader)
{
    size_t used = strlen(taken);
    (void)context;
    (void)snprintf(taken + used, sizeof(taken) - used, "%s|", reader->name);
}

static void check_lists(void)
{
    put_object("b/two.bundle/Contents/Linux/x.so", 9);
    put_text("b/two.bundle/Contents/Info.plist", PLIST(EXECUTABLE));
    put_text("b/one.bundle/Contents/Info.plist", "no");
    put_text("b/other/Contents/Info.plist", "no");
    taken[0] = '\0';
    bundle_list(in_root("b"), take_name, NULL);
    CHECK_STR(taken, "one.bundle has an Info.plist that is not a property list|"
                     "two.bundle |");
    taken[0] = '\0';
    bundle_list(in_root("nowhere"), take_name, NULL);
    CHECK_STR(taken, "");
    put_text("c/one", "FRIENDLYNAME First\nLIBPATH /a\nDEVICENAME b\n");
    put_text("c/two.conf", "FRIENDLYNAME Second\nLIBPATH /a\nDEVICENAME b\n");
    put_text("c/.hidden", "FRIENDLYNAME Third\nLIBPATH /a\nDEVICENAME b\n");
    bundle_list_readers(in_root("c"), take_reader, NULL);
    bundle_list_readers(in_root("c/one"), take_reader, NULL);
    bundle_list_readers(in_root("nowhere"), take_reader, NULL);
    CHECK_STR(taken, "First|Second|First|");
}

/* --- USB ------------------------------------------------------------------------------- */

static struct bundle_usb devices[4];
static size_t device_count;

static void take_usb(void *context, const struct bundle_usb *device)
{
    (void)context;
    if (device_count < ARRAY_SIZE(devices))
        devices[device_count++] = *device;
}

static void put_interface(const char *name, const char *number, const char *class_code)
{
    char path[100];
    (void)snprintf(path, sizeof(path), "usb/%s/bInterfaceNumber", name);
    put_text(path, number);
    (void)snprintf(path, sizeof(path), "usb/%s/bInterfaceClass", name);
    put_text(path, class_code);
}

static void put_device(const char *name, const char *number)
{
    static const char *const lines[][2] = {
        {"idVendor", "08e6\n"}, {"idProduct", "3437\n"}, {"busnum", "1\n"}};
    char path[100];
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        (void)snprintf(path, sizeof(path), "usb/%s/%s", name, lines[i][0]);
        put_text(path, lines[i][1]);
    }
    (void)snprintf(path, sizeof(path), "usb/%s/devnum", name);
    put_text(path, number);
}

static void check_usb(void)
{
    size_t readers[BUNDLE_INTERFACES_MAX];
    char name[100];
    put_device("1-2", "4\n");
    put_text("usb/1-2/serial", "12 34 \n");
    put_interface("1-2:1.0", "00\n", "03\n");
    put_interface("1-2:1.1", "01\n", "0b\n");
    put_interface("1-2:1.2", "02\n", "0b\n");
    put_text("usb/1-2:1.1/interface", "CCID\n");
    put_device("1-3", "nonsense\n");
    put_device("1-4.1", "5\n");
    put_interface("1-4.1:1.0", "00\n", "ff\n");
    put_interface("1-4.1:1.1", "zz\n", "ff\n");
    put_device("1-5", "6\n");
    bundle_list_usb(in_root("usb"), take_usb, NULL);
    CHECK_EQ(device_count, 3);
    CHECK_STR(devices[0].path, "1-2");
    CHECK_STR(devices[0].serial, "12 34");
    CHECK_EQ(devices[0].vendor, 0x08E6);
    CHECK_EQ(devices[0].product, 0x3437);
    CHECK_EQ(devices[0].interface_count, 3);
    CHECK(bundle_usb_has_class(&devices[0], 0x0B));
    CHECK_EQ(bundle_usb_readers(&devices[0], readers), 2);
    CHECK(readers[0] == 1 && readers[1] == 2);
    CHECK_STR(devices[0].interfaces[1].name, "CCID");
    bundle_usb_name(&devices[0], &devices[0].interfaces[1], "/dev/bus/usb", name,
                    sizeof(name));
    CHECK_STR(name, "usb:08e6/3437:libudev:1:/dev/bus/usb/001/004");
    CHECK_STR(devices[1].path, "1-4.1");
    CHECK(!bundle_usb_has_class(&devices[1], 0x0B));
    CHECK_EQ(bundle_usb_readers(&devices[1], readers), 1);
    CHECK_EQ(bundle_usb_readers(&devices[2], readers), 0);
}

int main(void)
{
    char command[100];
    if (mkdtemp(root) == NULL)
        return 1;
    check_bundles();
    check_lists();
    check_usb();
    (void)snprintf(command, sizeof(command), "rm -rf %s", root);
    CHECK_EQ(system(command), 0);
    return check_result();
}
