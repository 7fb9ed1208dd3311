/* SPDX-License-Identifier: BSD-2-Clause */
/* The subcommands against a scripted library: what they print, send and exit with. */
#if !defined(_WIN32) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L /* kill */
#endif
#include "cli/demo_card.h"
#include "cli/doctor.h"
#include "cli/platform.h"

#include "tests/cli/runs.h"

#include <signal.h>
#include <stdlib.h>
#ifndef _WIN32
#include <unistd.h>
#endif

static void test_help(void)
{
    fake_reset();
    CHECK_EQ(run(""), CLI_USAGE);
    CHECK_EQ(run("--help"), CLI_OK);
    CHECK_OUTPUT("doctor");
    CHECK_EQ(run("help|apdu"), CLI_OK);
    CHECK_OUTPUT("Usage: scard apdu [OPTIONS] READER [HEX...]");
    CHECK_EQ(run("apdu|--help"), CLI_OK);
    CHECK_OUTPUT("--show-secrets");
    CHECK_EQ(run("help|nothing"), CLI_USAGE);
    CHECK_EQ(run("nothing"), CLI_USAGE);
    CHECK_ERRORS("no such command: nothing");
    CHECK_EQ(run("list|--nothing"), CLI_USAGE);
    CHECK_EQ(run("list|too|many"), CLI_USAGE);
    CHECK_EQ(run("version"), CLI_OK);
    CHECK_OUTPUT("scard ");
    CHECK_EQ(run("--version"), CLI_OK);
    static const char *const all[] = {"list",     "watch", "apdu",  "status",
                                      "features", "db",    "demo",  "doctor",
                                      "version",  "atr",   "reset", "control"};
    for (size_t i = 0; i < TEXT_COUNT(all); i++) {
        char line[40];
        struct text text;
        text_start(&text, line, sizeof line);
        text_add(&text, "%s|--help", all[i]);
        CHECK_EQ(run(line), CLI_OK);
        CHECK_OUTPUT("Exit codes:");
    }
}

static void test_card_names(void)
{
    two_readers();
    fake.readers[1].card = "Some Key";
    CHECK_EQ(run("list"), CLI_OK);
    CHECK_OUTPUT("     card   Some Key\n     ATR    3B F8 13");
    CHECK_EQ(run("list|--json"), CLI_OK);
    CHECK_OUTPUT("\"atr\":\"" ATR "\",\"cards\":[\"Some Key\"]");
    fake.readers[0].atr = "3B800181"; /* what SCardStatus tells of any */
    fake.readers[0].card = "Any Key";
    CHECK_EQ(run("status|2"), CLI_OK);
    CHECK_OUTPUT("  card      Any Key\n");
    CHECK_EQ(run("status|--json|2"), CLI_OK);
    CHECK_OUTPUT("\"cards\":[\"Any Key\"]");
    CHECK_EQ(run("watch|--timeout|0"), CLI_OK);
    CHECK_OUTPUT("Reader B 01: card present, in use, Some Key, ATR 3B F8");
    CHECK_EQ(run("watch|--timeout|0|--json"), CLI_OK);
    CHECK_OUTPUT("\"cards\":[\"Some Key\"]");
    CHECK_EQ(run("atr|" ATR), CLI_OK);
    CHECK_OUTPUT("card  Some Key\n");
}

static void test_new_commands(void)
{
    two_readers();
    CHECK_EQ(run("reset|2"), CLI_OK);
    CHECK_OUTPUT("  ATR       3B 80 01 81");
    CHECK(strstr(fake.log, "reconnect") != NULL);
    CHECK_EQ(run("reset"), CLI_USAGE);
    CHECK_EQ(run("atr|3B|F8"), CLI_NEGATIVE);
    CHECK_EQ(run("atr|0x3B,0x00"), CLI_OK);
    CHECK_EQ(run("atr|zz"), CLI_USAGE);
    CHECK_EQ(run("control|2|3400"), CLI_OK);
    CHECK_EQ(run("control|2|0x"), CLI_USAGE);
    CHECK_EQ(run("control|2|x"), CLI_USAGE);
    CHECK_EQ(run("control|2"), CLI_USAGE);
    CHECK_EQ(run("-V"), CLI_OK);
    CHECK_OUTPUT("scard ");
    CHECK_EQ(run("list|--json|--nothing"), CLI_USAGE);
    CHECK_STR(output,
              "{\"error\":{\"message\":\"no such option: --nothing (see --help)\"}}\n");
    CHECK_EQ(run("list|--names=x"), CLI_USAGE);
    CHECK_ERRORS("scard: --names takes no value (see --help)\n");
}

static void test_list(void)
{
    two_readers();
    CHECK_EQ(run("list"), CLI_OK);
    CHECK_OUTPUT("  1  L\xC3\xA9"
                 "cteur A 00\n     state  no card\n");
    CHECK_OUTPUT("  2  Reader B 01\n     state  card present, in use\n");
    CHECK_OUTPUT("     device USB\\VID_08E6&PID_3437\\1-2 (USB)\n");
    CHECK_OUTPUT("     ATR    3B F8 13");
    CHECK_OUTPUT("protocols: T=1\n");
    CHECK_EQ(run("list|--names"), CLI_OK);
    CHECK_STR(output, "L\xC3\xA9"
                      "cteur A 00\nReader B 01\n");
    CHECK_EQ(run("list|--reader|2|--names"), CLI_OK);
    CHECK_STR(output, "Reader B 01\n");
    CHECK_EQ(run("list|--json|-r|1"), CLI_OK);
    CHECK_STR(output,
              "{\"readers\":[{\"number\":1,\"name\":\"L\xC3\xA9"
              "cteur A 00\","
              "\"state\":[\"empty\"],\"events\":1,"
              "\"device\":\"USB\\\\VID_08E6&PID_3437\\\\1-2\",\"type\":\"USB\"}]}\n");
    CHECK_EQ(run("list|--json"), CLI_OK);
    CHECK_OUTPUT("\"state\":[\"present\",\"inuse\"],\"events\":3");
    CHECK_OUTPUT("\"atr\":\"" ATR "\",\"protocols\":[\"T=1\"],\"atr_words\":[");
}

static void test_list_trouble(void)
{
    fake_reset();
    CHECK_EQ(run("list"), CLI_NEGATIVE);
    CHECK_OUTPUT("No reader is connected.");
    CHECK_EQ(run("list|--json"), CLI_NEGATIVE);
    CHECK_STR(output, "{\"readers\":[]}\n");
    fake.establish = SCARD_E_NO_SERVICE;
    CHECK_EQ(run("list"), CLI_FAILED);
    CHECK_STR(errors,
              "scard: cannot reach the smart card system: the smart card service is "
              "not running (SCARD_E_NO_SERVICE)\n");
    CHECK_EQ(run("list|--json"), CLI_FAILED);
    CHECK_STR(output,
              "{\"readers\":[],\"error\":{\"code\":\"0x8010001D\","
              "\"name\":\"SCARD_E_NO_SERVICE\",\"message\":\"cannot reach the smart "
              "card system: the smart card service is not running "
              "(SCARD_E_NO_SERVICE)\"}}\n");
    two_readers();
    fake.readers[1].gone = true; /* between the list and the question */
    CHECK_EQ(run("list"), CLI_OK);
    CHECK_OUTPUT("Reader B 01\n     state  gone\n");
    fake_reset();
    fake_add_reader("bad\xFF\x1B[31mname", SCARD_STATE_EMPTY, NULL);
    CHECK_EQ(run("list|-n"), CLI_OK);
    CHECK_STR(output, "bad\xEF\xBF\xBD?[31mname\n");
    CHECK_EQ(run("list|-j"), CLI_OK);
    CHECK_OUTPUT("\"bad\xEF\xBF\xBD\\u001B[31mname\"");
}

static void test_choice(void)
{
    two_readers();
    static const struct {
        const char *line;
        int code;
        const char *says;
    } rows[] = {
        {"list|-n|-r|reader b", CLI_OK, ""},
        {"list|-n|-r|Reader B 01", CLI_OK, ""},
        {"list|-n|-r|-", CLI_OK, ""},
        {"list|-n|-r|2", CLI_OK, ""},
        {"list|-n|-r|3", CLI_FAILED, "no reader number 3, there are 2"},
        {"list|-n|-r|0", CLI_FAILED, "no reader number 0"},
        {"list|-n|-r|X", CLI_FAILED,
         "scard: no reader named X (SCARD_E_UNKNOWN_READER)\n"},
        {"list|-n|-r|e", CLI_FAILED, "\"e\" is a part of 2 readers' names"},
    };
    for (size_t i = 0; i < TEXT_COUNT(rows); i++) {
        CHECK_EQ(run(rows[i].line), rows[i].code);
        CHECK_ERRORS(rows[i].says);
        CHECK_STR(output, rows[i].code == CLI_OK ? "Reader B 01\n" : "");
    }
    fake.readers[1].state = SCARD_STATE_EMPTY;
    CHECK_EQ(run("list|-r|-"), CLI_FAILED);
    CHECK_ERRORS("no reader has a card");
}

static void test_status(void)
{
    two_readers();
    CHECK_EQ(run("status|2"), CLI_OK);
    CHECK_STR(output, "Reader B 01\n"
                      "  state     a card that is ready; its protocol is set\n"
                      "  protocol  T=1\n"
                      "  ATR       3B 80 01 81\n"
                      "  commands  12 since the card got power\n");
    CHECK_EQ(run("status|--json"), CLI_OK);
    CHECK_OUTPUT("{\"name\":\"Reader B 01\",\"state\":\"specific\",\"protocol\":\"T=1\","
                 "\"atr\":\"3B800181\",\"transmits\":12}]}\n");
    fake.connect = SCARD_E_NO_SMARTCARD;
    CHECK_EQ(run("status|1"), CLI_OK);
    CHECK_STR(fake.log, "connect 2 3;connect 3 0;disconnect 0 0;");
    fake.connect = SCARD_E_SHARING_VIOLATION;
    CHECK_EQ(run("status"), CLI_FAILED);
    CHECK_ERRORS("SCARD_E_SHARING_VIOLATION");
    fake_reset();
    CHECK_EQ(run("status"), CLI_FAILED);
}

static void test_features(void)
{
    two_readers();
    CHECK_EQ(run("features|2"), CLI_OK);
    CHECK_OUTPUT("  VENDOR_NAME                Maker\n");
    CHECK_OUTPUT("  CHANNEL_ID                 USB, bus 1, device 4\n");
    CHECK_OUTPUT("  VERIFY_PIN_DIRECT          code 42330006\n");
    CHECK_OUTPUT("  wIdVendor                  08E6\n");
    CHECK_OUTPUT("  dwMaxAPDUDataSize          65536\n");
    CHECK_OUTPUT("  sFirmwareID                Fw1\n");
    CHECK_EQ(run("features|--json|2"), CLI_OK);
    CHECK_OUTPUT(
        "\"features\":[{\"tag\":6,\"name\":\"VERIFY_PIN_DIRECT\",\"code\":1110638598}");
    CHECK_OUTPUT("{\"tag\":8,\"name\":\"sFirmwareID\",\"value\":\"Fw1\"}]}]}\n");
}

static bool card_goes_and_comes(unsigned number)
{
    switch (number) {
    case 0:
        fake.readers[1].state = 4U << 16 | SCARD_STATE_EMPTY;
        fake.readers[1].atr = NULL;
        return true;
    case 1:
        fake.readers[1].state = 5U << 16 | SCARD_STATE_PRESENT;
        fake.readers[1].atr = ATR;
        return true;
    case 2:
        fake_add_reader("New C", SCARD_STATE_EMPTY, NULL);
        return true;
    case 3:
        fake.reader_count--;
        return true;
    case 4:
        fake.readers[0].gone = true; /* unplugged while it is in the list */
        return true;
    case 5:
        fake.readers[0].gone = false;
        return true;
    default:
        return false;
    }
}

/* The events of an output in JSON, without their times. */
static void test_watch(void)
{
    two_readers();
    fake.step = card_goes_and_comes;
    CHECK_EQ(run("watch|--count|4|--json"), CLI_OK);
    static const char *const events[] = {
        "\"event\":\"present\",\"reader\":\"L",
        "\"event\":\"present\",\"reader\":\"Reader B 01\"",
        "\"event\":\"card-removed\",\"reader\":\"Reader B 01\",\"state\":[\"empty\"],"
        "\"events\":4}\n",
        "\"event\":\"card-inserted\",\"reader\":\"Reader B 01\",\"state\":[\"present\"],"
        "\"events\":5,\"atr\":\"" ATR "\"}\n",
        "\"event\":\"reader-added\",\"reader\":\"New C\"",
        "\"event\":\"reader-removed\",\"reader\":\"New C\"}\n",
    };
    const char *at = output;
    for (size_t i = 0; i < TEXT_COUNT(events) && at != NULL; i++) {
        at = strstr(at, events[i]);
        CHECK(at != NULL);
    }
    unsigned lines = 0;
    for (at = output; *at != '\0'; at++)
        lines += *at == '\n' ? 1 : 0;
    CHECK_EQ(lines, 6);
}

static void test_watch_ends(void)
{
    two_readers();
    fake.step = card_goes_and_comes;
    CHECK_EQ(run("watch|--timeout|0"), CLI_OK);
    CHECK_OUTPUT("present         Reader B 01: card present, in use, ATR 3B F8");
    fake.step = NULL;
    CHECK_EQ(run("watch|--timeout|0|--count|1"), CLI_NEGATIVE);
    CHECK_EQ(run("watch|--timeout|1|--count|0"), CLI_OK);
    CHECK_EQ(run("watch|--timeout|x"), CLI_USAGE);
    CHECK_EQ(run("watch|--count|-1"), CLI_USAGE);
    fake.wait = SCARD_F_COMM_ERROR;
    CHECK_EQ(run("watch"), CLI_FAILED);
    CHECK_ERRORS("SCARD_F_COMM_ERROR");
    CHECK_EQ(run("watch|--json"), CLI_FAILED);
    CHECK_OUTPUT("\n{\"error\":{\"code\":\"0x80100013\"");
    /* The service ends, and is back at the next look. */
    fake.wait = SCARD_E_SERVICE_STOPPED;
    CHECK_EQ(run("watch|--count|2"), CLI_OK);
    CHECK_OUTPUT("service-lost    the service has ended");
    CHECK_OUTPUT("service-back    the service is there again");
    CHECK_EQ(run("watch|--count|2|--json"), CLI_OK);
    CHECK_OUTPUT("\"event\":\"service-lost\"}\n");
    fake_reset();
    CHECK_EQ(run("watch|--timeout|0"), CLI_OK);
    CHECK_STR(output, "");
}

static void test_watch_gone(void)
{
    two_readers();
    fake.step = card_goes_and_comes;
    fake.steps = 4;
    CHECK_EQ(run("watch|--count|3"), CLI_OK);
    CHECK_OUTPUT("reader-removed  L\xC3\xA9"
                 "cteur A 00\n");
    CHECK_OUTPUT("reader-added    L\xC3\xA9"
                 "cteur A 00");
    two_readers();
    fake.step = card_goes_and_comes;
    CHECK_EQ(run("watch|--count|2|--reader|B"), CLI_OK);
    CHECK(strstr(output, "cteur") == NULL);
    CHECK_OUTPUT("card-inserted   Reader B 01: card present, ATR");
}

#ifndef _WIN32
/* The signal comes while nothing else would ever end the wait. */
static bool terminate(unsigned number)
{
    if (number == 0)
        CHECK_EQ(kill(getpid(), SIGTERM), 0);
    return false;
}

static void test_watch_signal(void)
{
    two_readers();
    fake.step = terminate;
    CHECK_EQ(run("watch|--count|5"), CLI_OK);
    CHECK_OUTPUT("present         Reader B 01");
}
#endif

static void test_output_error(void)
{
    FILE *full = fopen("/dev/full", "w");
    char *argv[] = {"scard", "list"};
    if (full == NULL)
        return; /* a system without it */
    two_readers();
    FILE *err = tmpfile();
    CHECK_EQ(cli_run(2, argv, stdin, full, err), CLI_OUTPUT);
    fclose(full);
    fclose(err);
}

static void test_doctor(void)
{
    two_readers();
    CHECK_EQ(run("doctor"), CLI_OK);
    CHECK_OUTPUT("library   ");
    CHECK_OUTPUT("readers   L\xC3\xA9"
                 "cteur A 00: no card\n          Reader B 01: card");
    CHECK_OUTPUT("good      2 of 2 readers can be used.\n");
    CHECK_EQ(run("doctor|--json"), CLI_OK);
    CHECK_OUTPUT("\"usable\":true}\n");
    fake.readers[0].state = SCARD_STATE_UNAVAILABLE;
    fake.readers[1].state = SCARD_STATE_UNAVAILABLE;
    CHECK_EQ(run("doctor"), CLI_NEGATIVE);
    CHECK_OUTPUT("bad       No reader can be used");
    fake_reset();
    CHECK_EQ(run("doctor"), CLI_NEGATIVE);
    CHECK_OUTPUT("bad       The library lists no reader.\n     ->   ");
    fake.establish = SCARD_E_NO_SERVICE;
    CHECK_EQ(run("doctor|--json"), CLI_NEGATIVE);
    CHECK_OUTPUT("\"carrier\":\"none\"");
    CHECK_OUTPUT("The library cannot begin (SCARD_E_NO_SERVICE).");
    CHECK_OUTPUT("\"usable\":false}\n");
}

/* The command of a macro of demo_card.h in hex. */
static const char *hex_of(const uint8_t *bytes, size_t size)
{
    static char rooms[6][100];
    static unsigned next;
    struct text text;
    next = (next + 1) % TEXT_COUNT(rooms);
    text_start(&text, rooms[next], sizeof rooms[next]);
    text_add_hex(&text, bytes, size, "");
    return rooms[next];
}

static void software_card(void)
{
    static const uint8_t select[] = DEMO_SELECT;
    static const uint8_t read_secret[] = DEMO_READ_SECRET;
    static const uint8_t read_file[] = DEMO_READ;
    static const uint8_t wrong[] = DEMO_VERIFY_WRONG;
    static const uint8_t right[] = DEMO_VERIFY_RIGHT;
    fake_reset();
    fake_add_reader("Software Card 00", SCARD_STATE_PRESENT, ATR);
    fake.readers[0].device = DEMO_DEVICE "1";
    fake_add_exchange(hex_of(select, sizeof select), "9000");
    fake_add_exchange(hex_of(read_secret, sizeof read_secret), "6982");
    fake.exchanges[1].opened = "536563726574 9000";
    fake_add_exchange(hex_of(read_file, sizeof read_file), "48656C6C6F 9000");
    fake_add_exchange(hex_of(wrong, sizeof wrong), "63C2");
    fake_add_exchange(hex_of(right, sizeof right), "9000");
}

static void test_demo(void)
{
    software_card();
    CHECK_EQ(run("demo"), CLI_OK);
    CHECK_STR(errors, "");
    CHECK_OUTPUT("it says: \"Hello\"");
    CHECK_OUTPUT("wrong, 2 tries left");
    CHECK_OUTPUT("SCARD_W_REMOVED_CARD");
    CHECK_OUTPUT("All 9 steps went as they should.");
    CHECK_OUTPUT("it says: \"Secret\"");
    CHECK(strstr(output, "31 32 33 34") == NULL);
    CHECK_EQ(run("demo|--json"), CLI_USAGE);
    software_card();
    fake.exchanges[3].answer = "6983";
    CHECK_EQ(run("demo"), CLI_NEGATIVE);
    CHECK_ERRORS("the card answered 6983, not 63C2");
    CHECK(strstr(output, "All 9") == NULL);
    software_card();
    fake.dull = true;
    CHECK_EQ(run("demo"), CLI_FAILED);
    CHECK_ERRORS("random numbers");
    software_card();
    fake.connect = SCARD_E_SHARING_VIOLATION;
    CHECK_EQ(run("demo"), CLI_FAILED);
    two_readers(); /* real cards are never touched */
    CHECK_EQ(run("demo"), CLI_FAILED);
    CHECK_STR(fake.log, "");
    CHECK_ERRORS("none of them is the software card");
}

int main(void)
{
    test_help();
    test_list();
    test_card_names();
    test_new_commands();
    test_list_trouble();
    test_choice();
    test_status();
    test_features();
    test_watch();
    test_watch_ends();
    test_watch_gone();
#ifndef _WIN32
    test_watch_signal();
#endif
    test_output_error();
    test_doctor();
    test_demo();
    return check_result();
}
