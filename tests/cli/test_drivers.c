/* SPDX-License-Identifier: BSD-2-Clause */
/* What the doctor command says of pcscd's drivers: a good bundle and a bad one, and a file that
 * names a reader without a driver. */
#include "cli/doctor.h"
#include "tests/cli/made_up.h"
#include "tests/support/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct doctor doctor;

/* An object by its head, and the names of all calls of a handler. */
static void make_handler(const char *name)
{
    static const char calls[] =
        "IFDHCreateChannel\0IFDHCloseChannel\0IFDHGetCapabilities\0IFDHControl\0"
        "IFDHSetCapabilities\0IFDHSetProtocolParameters\0IFDHPowerICC\0"
        "IFDHTransmitToICC\0IFDHICCPresence";
    unsigned char head[20] = {0x7F, 'E', 'L', 'F', sizeof(void *) == 8 ? 2 : 1, 1, 1};
    FILE *file = fopen(path_of(name), "w");
    if (file == NULL)
        abort();
    head[18] = 62;
    fwrite(head, 1, sizeof head, file);
    fwrite(calls, 1, sizeof calls, file);
    fclose(file);
}

static void make_drivers(void)
{
    static const char *const folders[] = {"pcscd",
                                          "sys",
                                          "sys/1-2",
                                          "sys/1-2:1.0",
                                          "drivers",
                                          "drivers/bad.bundle",
                                          "drivers/bad.bundle/Contents",
                                          "drivers/good.bundle",
                                          "drivers/good.bundle/Contents",
                                          "drivers/good.bundle/Contents/Linux"};
    for (size_t i = 0; i < TEXT_COUNT(folders); i++)
        make_directory(folders[i]);
    make_file("drivers/bad.bundle/Contents/Info.plist", "<plist>");
    make_file("drivers/good.bundle/Contents/Info.plist",
              "<plist><dict><key>CFBundleExecutable</key><string>x.so</string>"
              "<key>ifdVendorID</key><string>0x08E6</string>"
              "<key>ifdProductID</key><string>0x3437</string>"
              "<key>ifdFriendlyName</key><string>Twin</string></dict></plist>");
    make_file("pcscd/reader", "FRIENDLYNAME One\nDEVICENAME /dev/ttyS0\n");
    make_file("sys/1-2/idVendor", "08e6\n");
    make_file("sys/1-2/idProduct", "3437\n");
    make_file("sys/1-2/busnum", "1\n");
    make_file("sys/1-2/devnum", "4\n");
    make_file("sys/1-2:1.0/bInterfaceNumber", "00\n");
    make_file("sys/1-2:1.0/bInterfaceClass", "0b\n");
    make_handler("drivers/good.bundle/Contents/Linux/x.so");
}

static void test_drivers(void)
{
    char drivers[PLATFORM_PATH_MAX], readers[PLATFORM_PATH_MAX];
    struct text text;
    memset(&doctor, 0, sizeof doctor);
    text_start(&text, drivers, sizeof drivers);
    text_add(&text, "%s", path_of("drivers"));
    text_start(&text, readers, sizeof readers);
    text_add(&text, "%s", path_of("pcscd"));
    doctor_look_for_bundles(&doctor, drivers, readers, path_of("sys"));
    CHECK(doctor.bundle_count == 3);
    CHECK(strstr(doctor.bundles[0].place, "bad.bundle") != NULL);
    CHECK(!doctor.bundles[0].usable);
    CHECK(strstr(doctor.bundles[0].about, "ends before its elements are closed") != NULL);
    CHECK(doctor.bundles[1].usable);
    CHECK_STR(doctor.bundles[1].about,
              "has a driver for 1 kind of USB reader; takes Twin (08e6:3437), "
              "unless usb: does");
    CHECK(strstr(doctor.bundles[2].place, "pcscd/reader") != NULL);
    CHECK(!doctor.bundles[2].usable);
    CHECK(strstr(doctor.bundles[2].about, "without LIBPATH") != NULL);
    doctor_judge_bundles(&doctor);
    CHECK(doctor.finding_count == 2);
    CHECK_EQ(doctor.findings[0].weight, DOCTOR_NOTE);
    CHECK(strstr(doctor.findings[0].what, "bad.bundle has an Info.plist") != NULL);
    memset(&doctor, 0, sizeof doctor);
    doctor_look_for_bundles(&doctor, path_of("nothing"), "", "");
    CHECK_EQ(doctor.bundle_count, 0);
}

int main(void)
{
    char command[100];
    if (mkdtemp(root) == NULL)
        return 1;
    make_drivers();
    test_drivers();
    (void)snprintf(command, sizeof command, "rm -rf %s", root);
    CHECK_EQ(system(command), 0);
    return check_result();
}
