/* SPDX-License-Identifier: BSD-2-Clause */
/* scard apdu against a scripted library: how commands may be written, what is sent, what
 * is shown. */
#include "tests/cli/runs.h"

#include <stdlib.h>

static void test_apdu(void)
{
    two_readers();
    fake_add_exchange("00A40400 02 A000", "6F02 8400 9000");
    CHECK_EQ(run("apdu|-|00A4040002A000"), CLI_OK);
    CHECK_STR(output, "Reader B 01 (T=1)\n"
                      "> 00 A4 04 00 02 A0 00   SELECT\n"
                      "< 6F 02 84 00\n"
                      "< 90 00   success\n");
    CHECK_STR(fake.log, "connect 2 3;begin 0 0;transmit 2 7;end 0 0;disconnect 0 0;");
    CHECK_EQ(run("apdu|--reader|2|00 a4 04 00 02 A0:00|80 10 00 00|00 00 00 00"),
             CLI_NEGATIVE);
    CHECK_OUTPUT("< 6D 00   instruction not supported\n");
    CHECK(strstr(output, "00 00 00 00") == NULL);
    CHECK_EQ(run("apdu|2|--continue|80100000|00A4040002A000"), CLI_NEGATIVE);
    CHECK_OUTPUT("success");
    CHECK_EQ(run("apdu|2|--exclusive|--reset|--protocol|t0|00A4040002A000"), CLI_OK);
    CHECK_STR(fake.log, "connect 1 1;reconnect 1 1;begin 0 0;transmit 2 7;end 0 0;"
                        "disconnect 1 0;");
    CHECK_EQ(run("apdu|--json|2|00A4040002A000"), CLI_OK);
    CHECK_STR(output, "{\"reader\":\"Reader B 01\",\"protocol\":\"T=1\",\"exchanges\":["
                      "{\"command\":\"00A4040002A000\",\"name\":\"SELECT\","
                      "\"automatic\":false,\"data\":\"6F028400\",\"sw\":\"9000\","
                      "\"meaning\":\"success\"}],\"success\":true}\n");
}

static void test_apdu_follow(void)
{
    two_readers();
    fake_add_exchange("01A40000 02 3F00", "6103");
    fake_add_exchange("01C0000003", "010203 6102");
    fake_add_exchange("01C0000002", "0405 9000");
    fake_add_exchange("00B0000000", "6C04");
    fake_add_exchange("00B0000004", "AABBCCDD 9000");
    fake_add_exchange("00CA0000", "6C02");
    fake_add_exchange("00CA000002", "0102 9000");
    fake_add_exchange("80D00000 01 AA 00", "6C05");
    fake_add_exchange("80D00000 01 AA 05", "6101");
    fake_add_exchange("00C0000001", "77 9000");
    fake_add_exchange("00B1000000", "6C01");
    fake_add_exchange("00B1000001", "6C01"); /* never content */
    CHECK_EQ(run("apdu|2|01A40000023F00"), CLI_OK);
    CHECK_OUTPUT(
        "< 61 03   success, 3 more bytes to fetch\n> 01 C0 00 00 03   GET RESPONSE\n");
    CHECK_OUTPUT("< 04 05\n< 90 00");
    CHECK_EQ(run("apdu|2|00B0000000"), CLI_OK);
    CHECK_OUTPUT("< AA BB CC DD\n");
    CHECK_EQ(run("apdu|2|00CA0000"), CLI_OK);
    CHECK_EQ(run("apdu|2|80D0000001AA00"), CLI_OK);
    CHECK_OUTPUT("< 77\n");
    CHECK_EQ(run("apdu|2|00B1000000"), CLI_NEGATIVE);
    CHECK_EQ(run("apdu|2|--raw|01A40000023F00"), CLI_OK);
    CHECK(strstr(output, "C0 00") == NULL);
    CHECK_EQ(run("apdu|2|--raw|00B0000000"), CLI_NEGATIVE);
    CHECK_EQ(run("apdu|2|--protocol|raw|00"), CLI_NEGATIVE);
    CHECK_OUTPUT("(raw)");
}

static void test_apdu_secrets(void)
{
    two_readers();
    fake_add_exchange("00200081 04 31323334", "9000");
    CHECK_EQ(run("apdu|2|002000810431323334"), CLI_OK);
    CHECK_OUTPUT("> 00 20 00 81 04 ** ** ** **   VERIFY\n");
    CHECK(strstr(output, "31") == NULL);
    CHECK_EQ(run("apdu|--json|2|002000810431323334"), CLI_OK);
    CHECK_OUTPUT("\"command\":\"0020008104********\"");
    CHECK_EQ(run("apdu|--show-secrets|2|002000810431323334"), CLI_OK);
    CHECK_OUTPUT("04 31 32 33 34");
    CHECK_EQ(run("apdu|--show-secrets|--json|2|002000810431323334"), CLI_OK);
    CHECK_OUTPUT("\"002000810431323334\"");
}

static void test_apdu_input(void)
{
    two_readers();
    fake_add_exchange("00A40000", "9000");
    CHECK_EQ(run_with("apdu|2", "# all\n\n  00 A4 00 00 # one\r\n00A40000"), CLI_OK);
    CHECK_STR(fake.log,
              "connect 2 3;begin 0 0;transmit 2 4;transmit 2 4;end 0 0;disconnect 0 0;");
    CHECK_EQ(run_with("apdu|2|-f|-", "00A40000\nzz\n"), CLI_USAGE);
    CHECK_ERRORS("line 2: the command is not written in hex digits");
    CHECK_EQ(run_with("apdu|2", ""), CLI_OK);
    FILE *script = fopen("scard_test_script.txt", "w");
    if (script == NULL)
        abort();
    fputs("00A40000\n00A4\n", script);
    fclose(script);
    CHECK_EQ(run("apdu|2|-f|scard_test_script.txt"), CLI_USAGE);
    CHECK_ERRORS("line 2: the command has fewer than the 4 bytes");
    CHECK_STR(fake.log, ""); /* nothing is sent from a script with a mistake */
    CHECK_EQ(remove("scard_test_script.txt"), 0);
    CHECK_EQ(run("apdu|2|-f|scard_test_script.txt"), CLI_FAILED);
    CHECK_EQ(run("apdu"), CLI_USAGE);
    CHECK_EQ(run("apdu|2|00A40000|00A4000"), CLI_USAGE);
    CHECK_ERRORS("argument 2: the command has a byte of only one hex digit");
    CHECK_EQ(run("apdu|2|-f|x|00A40000"), CLI_USAGE);
    CHECK_EQ(run("apdu|2|--protocol|t9|00A40000"), CLI_USAGE);
}

static void test_apdu_trouble(void)
{
    two_readers();
    fake.connect = SCARD_E_SHARING_VIOLATION;
    CHECK_EQ(run("apdu|2|00A40000"), CLI_FAILED);
    CHECK_ERRORS("cannot use the card in Reader B 01: another program holds");
    fake.connect = SCARD_S_SUCCESS;
    fake.begin = SCARD_W_REMOVED_CARD;
    CHECK_EQ(run("apdu|2|00A40000"), CLI_FAILED);
    CHECK_ERRORS("(SCARD_W_REMOVED_CARD)");
    fake.begin = SCARD_S_SUCCESS;
    fake_add_exchange("00A40000", NULL);
    fake.exchanges[0].result = SCARD_W_RESET_CARD;
    CHECK_EQ(run("apdu|--json|2|00A40000"), CLI_FAILED);
    CHECK_OUTPUT("\"exchanges\":[],\"success\":false,\"error\":{\"code\":\"0x80100068\"");
    fake_reset();
    CHECK_EQ(run("apdu|-|00A40000"), CLI_FAILED);
    CHECK_ERRORS("SCARD_E_NO_READERS_AVAILABLE");
}

/* The bytes of one command by themselves, as other tools take them; and readable ones. */
static void test_apdu_spelling(void)
{
    two_readers();
    fake_add_exchange("00B00000 05", "4F 6E 6C 79 00 9000");
    static const char *const lines[] = {
        "apdu|2|00|B0|00|00|05",      "apdu|2|0x00|0xB0|0x00|0x00|0x05",
        "apdu|2|00,B0,00,00,05",      "apdu|2|0x00 0xB0 0x00 0x00 0x05",
        "apdu|--reader|2|00|84|0|08",
    };
    for (size_t i = 0; i + 1 < TEXT_COUNT(lines); i++) {
        CHECK_EQ(run(lines[i]), CLI_OK);
        CHECK_OUTPUT("> 00 B0 00 00 05   READ BINARY\n");
        CHECK_OUTPUT("< 4F 6E 6C 79 00   Only.\n");
    }
    CHECK_EQ(run(lines[TEXT_COUNT(lines) - 1]), CLI_USAGE);
    CHECK_EQ(run("apdu|2|00|84|00"), CLI_USAGE);
    CHECK_ERRORS("fewer than the 4 bytes");
    CHECK_EQ(run("apdu|--wait|--timeout|0|2|00B0000005"), CLI_OK);
    CHECK_EQ(run("apdu|--wait|--timeout|0|1|00B0000005"), CLI_FAILED);
    CHECK_ERRORS("SCARD_E_TIMEOUT");
    CHECK_EQ(run("apdu|--timeout|1|2|00B0000005"), CLI_USAGE);
    CHECK_EQ(run("apdu|--wait|--timeout|x|2|00B0000005"), CLI_USAGE);
}

int main(void)
{
    test_apdu();
    test_apdu_follow();
    test_apdu_secrets();
    test_apdu_input();
    test_apdu_trouble();
    test_apdu_spelling();
    return check_result();
}
