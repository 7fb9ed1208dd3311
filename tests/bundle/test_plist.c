/* SPDX-License-Identifier: BSD-2-Clause */
/* Property lists: which strings they have, and what is wrong with those that are none. */
#include "bundle/plist.h"

#include "base/compiler.h"
#include "tests/support/check.h"

#define HEAD "<?xml version=\"1.0\"?><!DOCTYPE plist PUBLIC \"x\" \"y\"><plist><dict>"
#define TAIL "</dict></plist>"

static char taken[2000];

static void take(void *context, const char *key, size_t index, const char *value)
{
    size_t used = strlen(taken);
    CHECK(context == (void *)taken);
    (void)snprintf(taken + used, sizeof(taken) - used, "%s.%u=%s|", key, (unsigned)index,
                   value);
}

static const char *read_text(const char *text)
{
    taken[0] = '\0';
    return plist_read(text, strlen(text), take, taken);
}

static void check_good(const char *text, const char *wanted)
{
    CHECK(read_text(text) == NULL);
    CHECK_STR(taken, wanted);
}

static void check_bad(const char *text, const char *why)
{
    CHECK_STR(read_text(text), why);
}

static void check_long(void)
{
    char text[1000] = HEAD "<key>k</key><string>", value[PLIST_VALUE_MAX];
    memset(value, 'x', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    (void)snprintf(text, sizeof(text), HEAD "<key>k</key><string>%s</string>" TAIL,
                   value);
    CHECK(read_text(text) == NULL);
    CHECK_EQ(strlen(taken), strlen(value) + 5);
    (void)snprintf(text, sizeof(text), HEAD "<key>k</key><string>%sy</string>" TAIL,
                   value);
    check_bad(text, "has a string that is too long");
}

int main(void)
{
    check_good(HEAD "<key>a</key><string>1</string>" TAIL, "a.0=1|");
    check_good(HEAD
               "<key>a</key><array><string> 1\n</string><string/>\n<string>3</string>"
               "</array><!-- <string>no</string> --><key>b</key><string>x</string>" TAIL
               " \n",
               "a.0=1|a.1=|a.2=3|b.0=x|");
    check_good(HEAD
               "<key>a&amp;b</key><string>&lt;&gt;&quot;&apos;&amp;&nbsp;</string>" TAIL,
               "a&b.0=<>\"'&&nbsp;|");
    /* Two strings behind a key, and the same key again, are an array (ifdhandler.h). */
    check_good(HEAD "<key>a</key><string>1</string><string>2</string>"
                    "<key>a</key><string>3</string>" TAIL,
               "a.0=1|a.1=2|a.2=3|");
    /* As drivers are found to be written. */
    check_good(HEAD "<key>a</key><array><string>1</string><array><key>b</key>"
                    "<array><string>2</string><array>" TAIL,
               "a.0=1|b.0=2|");
    /* What is deeper is another's. */
    check_good(HEAD "<key>a</key><dict><key>b</key><string>2</string></dict>"
                    "<key>c</key><true/><key>d</key><integer>5</integer>"
                    "<key>e</key><string>1</string>" TAIL,
               "e.0=1|");
    check_good("<plist version=\"1.0\"/>"
               "<plist><dict></dict></plist>",
               "");
    check_bad("", "is not a property list");
    check_bad("text", "is not a property list");
    check_bad("<html></html>", "is not a property list");
    check_bad("<plist><dict>", "ends before its elements are closed");
    check_bad("<plist><dict></plist>", "closes an element that is not open");
    check_bad("</plist>", "closes an element that is not open");
    check_bad("<plist></plist><plist>", "goes on after its end");
    check_bad("<plist><dict", "ends in the middle of a tag or a comment");
    check_bad("<plist><!-- ", "ends in the middle of a tag or a comment");
    check_bad("<plist><>", "has a tag without a name");
    check_bad("<plist><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
              "has too many elements in others");
    check_long();
    taken[0] = '\0';
    static const char nul[] = HEAD "<key>k</key><string>a\0b</string>" TAIL;
    CHECK_STR(plist_read(nul, sizeof(nul) - 1, take, taken), "is not text");
    return check_result();
}
