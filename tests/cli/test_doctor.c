/* SPDX-License-Identifier: BSD-2-Clause */
/* What the doctor finds in a made-up /sys and configuration, and what it advises. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L /* mkdir, mkdtemp */
#endif
#include "cli/doctor.h"
#include "cli/usb_device.h"

#include "tests/cli/made_up.h"
#include "tests/support/check.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct doctor doctor;

/* Removes what the test made; the deepest entries are listed first. */
static void remove_all(void)
{
    static const char *const names[] = {
        "sys/1-2/manufacturer",
        "sys/1-2/product",
        "sys/1-2/idVendor",
        "sys/1-2/idProduct",
        "sys/1-2/busnum",
        "sys/1-2/devnum",
        "sys/1-2",
        "sys/1-2:1.0/bInterfaceClass",
        "sys/1-2:1.0/driver",
        "sys/1-2:1.0",
        "sys/1-3:1.0/bInterfaceClass",
        "sys/1-3:1.0",
        "sys/1-4:1.0/bInterfaceClass",
        "sys/1-4:1.0",
        "sys",
        "dev/001/004",
        "dev/001",
        "dev",
        "conf/a.conf",
        "conf/b.txt",
        "conf/.c.conf",
        "pcscd/libccidtwin",
        "pcscd",
        "conf",
        "",
    };
    for (size_t i = 0; i < TEXT_COUNT(names); i++)
        CHECK_EQ(remove(path_of(names[i])), 0);
}

static void make_machine(void)
{
    make_directory("sys");
    make_directory("sys/1-2");
    make_file("sys/1-2/manufacturer", "Gemalto\n");
    make_file("sys/1-2/product", "PC Twin Reader\n");
    make_file("sys/1-2/idVendor", "08e6\n");
    make_file("sys/1-2/idProduct", "3437\n");
    make_file("sys/1-2/busnum", "1\n");
    make_file("sys/1-2/devnum", "4\n");
    make_directory("sys/1-2:1.0");
    make_file("sys/1-2:1.0/bInterfaceClass", "0b\n");
    make_file("sys/1-2:1.0/driver", "");
    make_directory("sys/1-3:1.0"); /* a keyboard */
    make_file("sys/1-3:1.0/bInterfaceClass", "03\n");
    make_directory("sys/1-4:1.0"); /* a reader of whose device nothing is known */
    make_file("sys/1-4:1.0/bInterfaceClass", "0b\n");
    make_directory("dev");
    make_directory("dev/001");
    make_file("dev/001/004", "");
    make_directory("conf");
    make_file("conf/a.conf",
              "# readers\n\nusb: # all; of them\n  vpcd:35963 ; ;soft:?name=A#1 ;# x; y\n"
              "usb:08E6\t#x\n");
    make_directory("pcscd");
    make_file("pcscd/libccidtwin",
              "#DEVICENAME /dev/ttyS9:GemPCTwin\n"
              "FRIENDLYNAME \"one\"\n  DEVICENAME\t/dev/ttyS0:GEMPCTWIN\n"
              "DEVICENAME \"/dev/ttyS1:GemPCPinPad\"\n"
              "DEVICENAME /dev/ttyS2:SEC1210UR2\nDEVICENAME /dev/ttyS3:GemCorePOSPro\n"
              "DEVICENAME /dev/ttyS5:GemCoreSIMPro2\n"
              "DEVICENAME /dev/null:0x8C7B\nDEVICENAME /dev/ttyS4\nDEVICENAME\n");
    make_file("conf/b.txt", "soft:\n");
    make_file("conf/.c.conf", "soft:\n");
}

static void test_usb(void)
{
    char devices[PLATFORM_PATH_MAX];
    char nodes[PLATFORM_PATH_MAX];
    struct text text;
    text_start(&text, devices, sizeof devices);
    text_add(&text, "%s", path_of("sys"));
    text_start(&text, nodes, sizeof nodes);
    text_add(&text, "%s", path_of("dev"));
    memset(&doctor, 0, sizeof doctor);
    doctor_look_for_usb(&doctor, devices, nodes);
    CHECK_EQ(doctor.device_count, 2);
    CHECK(doctor.devices_known);
    CHECK_STR(doctor.devices[0].name, "Gemalto PC Twin Reader");
    CHECK_STR(doctor.devices[0].usb_id, "08e6:3437");
    CHECK(strstr(doctor.devices[0].node, "/dev/001/004") != NULL);
    CHECK_EQ(doctor.devices[0].access, PLATFORM_USABLE);
    CHECK(doctor.devices[0].claimed);
    CHECK_STR(doctor.devices[1].name, "a reader without a name");
    CHECK_EQ(doctor.devices[1].access, PLATFORM_MISSING);
    CHECK(!doctor.devices[1].claimed);
    memset(&doctor, 0, sizeof doctor);
    doctor_look_for_usb(&doctor, path_of("nothing"), nodes);
    CHECK_EQ(doctor.device_count, 0);
    CHECK(!doctor.devices_known);
}

static void test_configuration(void)
{
    memset(&doctor, 0, sizeof doctor);
    doctor_read_configuration(&doctor, path_of("conf"));
    CHECK_EQ(doctor.source_count, 4);
    CHECK_STR(doctor.sources[0].uri, "usb:");
    CHECK_STR(doctor.sources[1].uri, "vpcd:35963");
    CHECK_STR(doctor.sources[2].uri, "soft:?name=A#1");
    CHECK_STR(doctor.sources[3].uri, "usb:08E6");
    CHECK(strstr(doctor.sources[0].file, "conf/a.conf") != NULL);
    doctor_read_configuration(&doctor, path_of("nothing"));
    CHECK_EQ(doctor.source_count, 4);
}

/* A machine with one USB reader, which the library works on alone. */
static void begin(enum carrier_kind carrier, enum platform_access access)
{
    memset(&doctor, 0, sizeof doctor);
    doctor.carrier = carrier;
    doctor.device_count = 1;
    doctor.devices[0].access = access;
}

static void add_source(const char *uri);

/* Those that the library can have, and that nobody has named to it. */
static void test_serial(void)
{
    static const char *const remedies[] = {"serial:/dev/ttyS1?type=gempcpinpad",
                                           "serial:/dev/ttyS2?type=sec1210",
                                           "serial:/dev/ttyS3?type=gemcorepospro"};
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    add_source("serial:/dev/ttyS0");
    doctor_look_for_serial(&doctor, path_of("pcscd"));
    CHECK_EQ(doctor.finding_count, TEXT_COUNT(remedies));
    for (size_t i = 0; i < doctor.finding_count; i++) {
        CHECK_EQ(doctor.findings[i].weight, DOCTOR_NOTE);
        CHECK(strstr(doctor.findings[i].remedy, remedies[i]) != NULL);
    }
    doctor_look_for_serial(&doctor, path_of("nothing"));
    doctor_look_for_serial(&doctor, "");
    CHECK_EQ(doctor.finding_count, TEXT_COUNT(remedies));
}

static void add_source(const char *uri)
{
    struct text text;
    struct doctor_source *source = &doctor.sources[doctor.source_count++];
    text_start(&text, source->uri, sizeof source->uri);
    text_add(&text, "%s", uri);
}

static void check_found(enum doctor_weight weight, const char *what, const char *remedy)
{
    doctor_judge(&doctor);
    for (size_t i = 0; i < doctor.finding_count; i++) {
        const struct doctor_finding *finding = &doctor.findings[i];
        if (finding->weight == weight && strstr(finding->what, what) != NULL
            && strstr(finding->remedy, remedy) != NULL) {
            CHECK(true);
            return;
        }
    }
    CHECK_FAILED("nobody says: %s -> %s", what, remedy);
}

static void check_bad(const char *what, const char *remedy)
{
    check_found(DOCTOR_BAD, what, remedy);
}

static void check_note(const char *what, const char *remedy)
{
    check_found(DOCTOR_NOTE, what, remedy);
}

static void check_nobody_says(const char *what)
{
    for (size_t i = 0; i < doctor.finding_count; i++)
        CHECK(strstr(doctor.findings[i].what, what) == NULL);
}

static void test_judgement(void)
{
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.device_count = 0;
    check_note("does not tell which USB devices", "");
    doctor.devices_known = true;
    doctor.finding_count = 0;
    check_note("No USB device with a smart card interface", "");
    begin(CARRIER_LOCAL, PLATFORM_DENIED);
    check_bad("this user may not open", "udev rule");
    begin(CARRIER_LOCAL, PLATFORM_MISSING);
    check_bad("its node", "/dev/bus/usb");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    check_bad("no USB reader", "WINSCARD_LOG=error");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.settings[SETTING_READERS] = "soft:";
    check_bad("no USB reader", "Add usb: to WINSCARD_READERS");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.settings[SETTING_READERS] = "soft:;usb:1050";
    check_bad("no USB reader", "WINSCARD_LOG=error");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    add_source("soft:");
    check_bad("no USB reader", "add a line usb:");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    add_source("usb:");
    check_bad("no USB reader", "WINSCARD_LOG=error");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.devices[0].claimed = true;
    check_bad("another program holds it", "End the program");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.pcscd_answers = true;
    check_bad("A pcscd is running", "systemctl stop");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.devices[0].claimed = true; /* its reader is listed, and unavailable */
    doctor.reader_count = doctor.reader_usb_count = 1;
    check_bad("another program holds it", "End the program");
    begin(CARRIER_PCSCD, PLATFORM_DENIED);
    check_bad("lists no reader", "libccid");
    begin(CARRIER_NONE, PLATFORM_USABLE);
    doctor.settings[SETTING_CARRIER] = "service";
    check_bad("cannot begin", "Unset WINSCARD_CARRIER");
    begin(CARRIER_NONE, PLATFORM_USABLE);
    doctor.settings[SETTING_CARRIER] = "service";
    doctor.failure = "SCARD_W_SECURITY_VIOLATION";
    check_bad("cannot begin", "WINSCARD_TOKEN");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.settings[SETTING_SERVICE] = "unix:/nowhere";
    check_bad("unix:/nowhere", "WINSCARD_CARRIER=service");
    begin(CARRIER_NONE, PLATFORM_USABLE);
    doctor.settings[SETTING_SERVICE] = "tcp:127.0.0.1:1";
    check_bad("cannot begin", "See below");
    check_bad("tcp:127.0.0.1:1) does not let", "WINSCARD_TOKEN");
}

static void add_service(enum service_answer answer, bool file, bool named)
{
    struct text text;
    struct doctor_service *service = &doctor.services[doctor.service_count++];
    text_start(&text, service->place.path, sizeof service->place.path);
    text_add(&text, "/run/some.sock");
    service->place.file = file;
    service->answer = answer;
    service->named = named;
}

static void say(const char *words)
{
    struct text text;
    text_start(&text, doctor.said[doctor.said_count++], DOCTOR_LINE_MAX);
    text_add(&text, "%s", words);
}

/* Under Wine: the DLL of the program's folder is not the one that Wine takes, or is one of
 * Unix, whose connections are not seen. */
static void test_wine(void)
{
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.library = PLATFORM_LIBRARY_WINE;
    check_bad("its own winscard.dll", "WINEDLLOVERRIDES=winscard=n,b");
    begin(CARRIER_UNSEEN, PLATFORM_USABLE);
    doctor.reader_count = doctor.reader_usable_count = 1;
    doctor_judge(&doctor);
    CHECK_EQ(doctor.findings[0].weight, DOCTOR_NOTE);
    CHECK(strstr(doctor.findings[0].what, "a service or pcscd if one answers") != NULL);
    begin(CARRIER_NONE, PLATFORM_USABLE);
    doctor.settings[SETTING_CARRIER] = "nonsense";
    check_bad("cannot begin", "See below");
    check_bad("WINSCARD_CARRIER=nonsense has no effect", "winscard(7)");
}

static void test_services(void)
{
    static const struct {
        enum service_answer answer;
        bool file;
        const char *what, *remedy;
    } cases[] = {
        {SERVICE_ABSENT, false, "no such file", "Start the service"},
        {SERVICE_DEAF, false, "no service listens", "winscardd.socket"},
        {SERVICE_LOCKED, false, "may not connect", "permissions"},
        {SERVICE_MUTE, false, "does not answer", "Restart"},
        {SERVICE_CLOSES, false, "closes each connection", "journalctl"},
        {SERVICE_STRANGE, false, "is not trusted", "winscard(7)"},
        {SERVICE_ABSENT, true, "no such file", "Start the service"},
        {SERVICE_DEAF, true, "that it leads to has ended", "Start winscardd"},
        {SERVICE_LOCKED, true, "is not followed", "remove the file"},
        {SERVICE_MUTE, true, "does not answer", "End it"},
        {SERVICE_CLOSES, true, "does not lead to the service", "remove the file"},
        {SERVICE_STRANGE, true, "does not lead to the service", "remove the file"},
        {SERVICE_NONE_HERE, false, "have no such sockets", "tcp:ADDRESS:PORT"},
    };
    for (size_t i = 0; i < TEXT_COUNT(cases); i++) {
        memset(&doctor, 0, sizeof doctor);
        doctor.carrier = CARRIER_NONE;
        doctor.failure = "SCARD_E_NO_SERVICE";
        doctor.settings[SETTING_SERVICE] = "unix:/run/some.sock";
        add_service(cases[i].answer, cases[i].file, true);
        check_bad(cases[i].what, cases[i].remedy);
        check_bad("cannot begin (SCARD_E_NO_SERVICE)", "See below");
    }
    /* Nobody asked for a service: that there is none is no fault. */
    memset(&doctor, 0, sizeof doctor);
    doctor.carrier = CARRIER_LOCAL;
    doctor.reader_count = doctor.reader_usable_count = 1;
    add_service(SERVICE_ABSENT, false, false);
    add_service(SERVICE_DEAF, true, false); /* a file that was left */
    doctor_judge(&doctor);
    for (size_t i = 0; i < doctor.finding_count; i++)
        CHECK(doctor.findings[i].weight != DOCTOR_BAD);
    begin(CARRIER_SERVICE, PLATFORM_USABLE);
    doctor.holders.policy.hides = true;
    check_bad("shows none of them", "policy.conf");
    check_bad("lists no reader", "See above");
    begin(CARRIER_SERVICE, PLATFORM_USABLE);
    doctor.holders.policy.file = USERS_POLICY_CLOSED;
    doctor.holders.policy.line = 7;
    check_bad("has a fault in line 7", "reload");
}

/* More programs than are kept: that is told, in words and in JSON. */
static void test_cut(void)
{
    struct holder holder = {.pid = 1};
    bool told = false;
    begin(CARRIER_SERVICE, PLATFORM_USABLE);
    for (size_t i = 0; i < HOLDERS_MAX; i++)
        holders_add(&doctor.holders, &holder);
    CHECK_STR(holders_cut_words(&doctor.holders), "");
    holders_add(&doctor.holders, &holder);
    CHECK_EQ(doctor.holders.count, HOLDERS_MAX);
    doctor_judge(&doctor);
    for (size_t i = 0; i < doctor.finding_count; i++)
        told |= strstr(doctor.findings[i].what, "There may be more programs") != NULL;
    CHECK(told);
}

static void test_said(void)
{
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    say("foo: no such kind of reader in this build");
    check_bad("foo: no such kind", "begin with usb:");
    check_bad("lists no reader", "See above");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    say("pcscd speaks version 9:9, which this library does not");
    check_bad("version 9:9", "WINSCARD_CARRIER=local");
}

/* A value that the library does not take, one that counts elsewhere, and a name that is not
 * a setting's. */
static void test_settings(void)
{
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.settings[SETTING_LOG] = "verbose";
    check_bad("WINSCARD_LOG=verbose has no effect", "unset it");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.settings[SETTING_TRANSACTION_STRICT] = "yes";
    check_bad("it takes a number from 0 to 1", "unset it");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.settings[SETTING_CARRIER] = "carrier";
    say("WINSCARD_CARRIER: there is no carrier 'carrier' in this build");
    check_bad("The library says: WINSCARD_CARRIER", "unset it");
    check_nobody_says("WINSCARD_CARRIER=carrier");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    say("WINSCARD_POWER_OFF_MS: 'x' is not a number from 0 to 4294967295");
    check_bad("is not a number", "unset it");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.settings[SETTING_POWER_OFF_MS] = "100";
    doctor_note_variable(&doctor, "WINSCARD_POWER_OFF_MS");
    doctor_note_variable(&doctor, "LIBPCSCLITE_DELEGATE");
    doctor_judge(&doctor);
    check_nobody_says("WINSCARD_POWER_OFF_MS");
    check_nobody_says("LIBPCSCLITE_DELEGATE");
    begin(CARRIER_SERVICE, PLATFORM_USABLE);
    doctor.settings[SETTING_POWER_OFF_MS] = "100";
    check_note("WINSCARD_POWER_OFF_MS has no effect in this program", "winscardd(8)");
    begin(CARRIER_PCSCD, PLATFORM_USABLE);
    doctor.settings[SETTING_READERS] = "soft:";
    check_note("WINSCARD_READERS has no effect in this program, as pcscd", "");
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor_note_variable(&doctor, "WINSCARD_RAEDERS");
    check_note("WINSCARD_RAEDERS is not a setting", "winscard(7)");
    for (size_t i = 0; i < 2 * DOCTOR_UNKNOWN_MAX; i++)
        doctor_note_variable(&doctor, "WINSCARD_RAEDERS");
    CHECK_EQ(doctor.unknown_count, DOCTOR_UNKNOWN_MAX);
}

/* A reader that a program has to itself is there, but cannot be used. */
static void test_held(void)
{
    struct text text;
    begin(CARRIER_SERVICE, PLATFORM_USABLE);
    doctor.reader_count = doctor.held_count = 1;
    text_start(&text, doctor.held[0].reader, sizeof doctor.held[0].reader);
    text_add(&text, "Reader 0");
    text_start(&text, doctor.held[0].words, sizeof doctor.held[0].words);
    text_add(&text, "scdaemon (process 12, user 1000)");
    check_bad("Reader 0 is held by scdaemon (process 12, user 1000)", "pcsc-shared");
    for (size_t i = 0; i < doctor.finding_count; i++)
        CHECK(strstr(doctor.findings[i].what, "can be used") == NULL
              || doctor.findings[i].weight == DOCTOR_BAD);
    begin(CARRIER_PCSCD, PLATFORM_USABLE);
    doctor.reader_count = doctor.held_count = 1;
    check_bad("is held by a program; pcscd does not tell which", "End it");
}

static void test_node(void)
{
    char node[USB_NODE_ROOM];
    CHECK(usb_device_node(path_of("sys"), "/dev/bus/usb", "USB\\VID_08E6&PID_3437\\1-2",
                          node));
    CHECK_STR(node, "/dev/bus/usb/001/004");
    CHECK(!usb_device_node(path_of("sys"), "/dev/bus/usb", "USB\\VID_08E6&PID_3437\\1-3",
                           node));
    CHECK(!usb_device_node(path_of("sys"), "/dev/bus/usb", "USB\\VID_08E6&PID_3438\\1-2",
                           node));
    CHECK(!usb_device_node(path_of("sys"), "/dev/bus/usb", "SOFT", node));
}

struct seen {
    uint32_t count, mine;
};

static void see(void *context, uint32_t pid, uint32_t uid, const char *program)
{
    struct seen *seen = context;
    seen->count++;
    seen->mine += pid == platform_process() && uid == (uint32_t)getuid()
                          && strcmp(program, "test_cli_doctor") == 0
                      ? 1
                      : 0;
}

/* Which processes have a file open, or are called so: this one stands for them. */
static void test_processes(void)
{
    struct seen seen = {0, 0};
    char program[64];
    FILE *file = fopen(path_of("sys/1-2/product"), "r");
    platform_file_users(path_of("sys/1-2/product"), see, &seen);
    CHECK_EQ(seen.mine, 1);
    CHECK_EQ(seen.count, 1);
    fclose(file);
    seen.count = 0;
    platform_file_users(path_of("sys/1-2/product"), see, &seen);
    CHECK_EQ(seen.count, 0);
    seen.mine = 0;
    platform_processes_named("test_cli_doctor", see, &seen);
    CHECK_EQ(seen.mine, 1);
    CHECK(platform_process_program(platform_process(), program, sizeof program));
    CHECK_STR(program, "test_cli_doctor");
    CHECK(!platform_process_program(0, program, sizeof program));
}

/* And which are connected to a socket. */
static void test_connected(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct seen seen = {0, 0};
    struct text text;
    text_start(&text, address.sun_path, sizeof address.sun_path);
    text_add(&text, "%s", path_of("socket"));
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK_EQ(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_EQ(listen(listener, 5), 0);
    platform_socket_users(address.sun_path, see, &seen);
    CHECK_EQ(seen.count, 0);
    CHECK_EQ(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    int server = accept(listener, NULL, NULL);
    platform_socket_users(address.sun_path, see, &seen);
    CHECK_EQ(seen.mine, 1);
    CHECK_EQ(seen.count, 1);
    close(server);
    close(client);
    close(listener);
    CHECK_EQ(remove(address.sun_path), 0);
}

static void test_health(void)
{
    begin(CARRIER_LOCAL, PLATFORM_USABLE);
    doctor.devices[0].claimed = true; /* by somebody who has let it go since */
    doctor.pcscd_answers = true;      /* it came later */
    doctor.reader_count = 1;
    doctor.reader_usable_count = 1;
    doctor.reader_usb_count = 1;
    doctor.reader_usb_usable_count = 1;
    doctor_judge(&doctor);
    for (size_t i = 0; i < doctor.finding_count; i++)
        CHECK_EQ(doctor.findings[i].weight, DOCTOR_GOOD);
    CHECK_EQ(doctor.finding_count, 2);
}

int main(void)
{
    if (mkdtemp(root) == NULL)
        return 1;
    make_machine();
    test_usb();
    test_configuration();
    test_serial();
    test_judgement();
    test_services();
    test_wine();
    test_cut();
    test_said();
    test_settings();
    test_held();
    test_node();
    test_processes();
    test_connected();
    test_health();
    remove_all();
    return check_result();
}
