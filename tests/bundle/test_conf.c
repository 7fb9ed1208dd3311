/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of reader.conf.d. */
#include "bundle/bundle.h"

#include "tests/support/check.h"

static char taken[2000];

static void take(void *context, const struct bundle_reader *reader)
{
    size_t used = strlen(taken);
    CHECK(context == (void *)taken);
    CHECK_STR(reader->file, "file");
    if (reader->why[0] != '\0')
        (void)snprintf(taken + used, sizeof(taken) - used, "!%s|", reader->why);
    else
        (void)snprintf(taken + used, sizeof(taken) - used, "%s,%s,%s,%X|", reader->name,
                       reader->device, reader->object, (unsigned)reader->channel);
}

static void check_conf(const char *text, const char *wanted)
{
    taken[0] = '\0';
    bundle_read_conf("file", text, take, taken);
    CHECK_STR(taken, wanted);
}

static void check_numbers(void)
{
    uint32_t number = 7;
    CHECK(bundle_read_number("0x8C7B", &number) && number == 0x8C7B);
    CHECK(bundle_read_number("0Xff", &number) && number == 0xFF);
    CHECK(bundle_read_number("12", &number) && number == 12);
    CHECK(bundle_read_number("4294967295", &number) && number == UINT32_MAX);
    CHECK(!bundle_read_number("4294967296", &number));
    CHECK(!bundle_read_number("", &number));
    CHECK(!bundle_read_number("0x", &number));
    CHECK(!bundle_read_number("1a", &number));
    CHECK(!bundle_read_number("-1", &number));
}

int main(void)
{
    char text[800];
    check_numbers();
    check_conf("", "");
    check_conf("# a comment\n\n   # another\n", "");
    check_conf("FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME   /dev/null:0x8C7B\n"
               "LIBPATH      /usr/lib/libifdvpcd.so\nCHANNELID    0x8C7B\n",
               "Virtual PCD,/dev/null:0x8C7B,/usr/lib/libifdvpcd.so,8C7B|");
    /* Two; the second has no device; comments behind values; Windows' line ends. */
    check_conf("FRIENDLYNAME A # x\r\nLIBPATH /a\r\nDEVICENAME a#b\r\n"
               "FRIENDLYNAME \"B # y\"\r\nLIBPATH /b\r\nCHANNELID 1",
               "A,a,/a,0|B # y,,/b,1|");
    check_conf("FRIENDLYNAME A\nDEVICENAME a\n", "!has a reader without LIBPATH|");
    check_conf("LIBPATH /a\nDEVICENAME a\n", "!has a reader without FRIENDLYNAME|");
    check_conf("FRIENDLYNAME A\nLIBPATH /a\n",
               "!has a reader with neither DEVICENAME nor CHANNELID|");
    check_conf("FRIENDLYNAME A\nLIBPATH a\nDEVICENAME a\n",
               "!has a LIBPATH that is not absolute|");
    check_conf("FRIENDLYNAME A\nLIBPATH /a\nCHANNELID one\n",
               "!has a CHANNELID that is not a number|");
    check_conf("FRIENDLYNAME \"A\nLIBPATH /a\nCHANNELID 1\n",
               "!has a quotation mark without its second|");
    check_conf("FRIENDLYNAME A\nSPEED 9600\nLIBPATH /a\nCHANNELID 1\n",
               "!has a line that begins with no key of reader.conf(5)|");
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    memcpy(text, "FRIENDLYNAME A\n", 15);
    check_conf(text, "!has a line that is too long|");
    memset(text, 'x', 300);
    memcpy(text, "FRIENDLYNAME ", 13);
    memcpy(text + 200, "\nLIBPATH /a\nCHANNELID 1", 24);
    check_conf(text, "!has a name of a reader that is empty or too long|");
    return check_result();
}
