/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and groups of readers; whole databases from and to .reg files. */
#ifdef _WIN32
#include "tests/database/place_windows.h"
#else
#include "tests/database/place.h"
#endif

#define CALAIS "SOFTWARE\\Microsoft\\Cryptography\\Calais"
#define ALL    "SCard$DefaultReaders"

static void test_readers(void)
{
    char device[DATABASE_VALUE_MAX];
    CHECK_EQ(database_remove_reader(DATABASE_USER, "r"), SC_E_UNKNOWN_READER);
    CHECK_EQ(database_get_device("r", device), SC_E_UNKNOWN_READER);
    CHECK_EQ(database_add_reader(DATABASE_USER, "", "d"), SC_E_INVALID_VALUE);
    CHECK_EQ(database_add_reader(DATABASE_USER, "r", ""), SC_E_INVALID_VALUE);
    CHECK_EQ(database_add_reader(DATABASE_USER, "r", "\xFF"), SC_E_INVALID_VALUE);
    CHECK_EQ(database_add_reader(DATABASE_USER, "r", "device 1"), SC_OK);
    CHECK_EQ(database_add_reader(DATABASE_USER, "R", "device 2"), SC_E_DUPLICATE_READER);
    CHECK_EQ(database_add_reader(DATABASE_SYSTEM, "R", "device 2"), SC_OK);
    CHECK_EQ(database_add_reader(DATABASE_SYSTEM, "s", "device 3"), SC_OK);
    CHECK_EQ(database_get_device("R", device), SC_OK);
    CHECK_STR(device, "device 1");
    CHECK_EQ(database_get_device("S", device), SC_OK);
    CHECK_STR(device, "device 3");
    CHECK_STR(place_readers(NULL), "r|s|");
    CHECK_STR(place_readers("scard$DEFAULTreaders"), "r|s|");
    CHECK_STR(place_groups(), ALL "|");
    CHECK_EQ(database_remove_reader(DATABASE_USER, "r"), SC_OK);
    CHECK_EQ(database_get_device("r", device), SC_OK);
    CHECK_STR(device, "device 2");
    CHECK_EQ(database_remove_reader(DATABASE_SYSTEM, "r"), SC_OK);
}

static void test_system_groups(void)
{
    CHECK_EQ(database_add_to_group(DATABASE_USER, "u", "SCard$AllReaders"),
             SC_E_INVALID_VALUE);
    CHECK_EQ(database_add_to_group(DATABASE_USER, "u", "scard$LOCALreaders"),
             SC_E_INVALID_VALUE);
    CHECK_EQ(database_add_to_group(DATABASE_USER, "u", "SCard$SystemReaders"),
             SC_E_INVALID_VALUE);
    CHECK_EQ(database_add_to_group(DATABASE_USER, "u", "SCard$ForgottenReaders"),
             SC_E_INVALID_VALUE);
    CHECK_EQ(database_remove_group(DATABASE_USER, "scard$DEFAULTreaders"),
             SC_E_INVALID_VALUE);
    /* Others are anybody's, whatever they begin with. */
    CHECK_EQ(database_add_to_group(DATABASE_USER, "u", "SCard$Own"), SC_OK);
    CHECK_STR(place_readers("scard$own"), "u|");
    CHECK_EQ(database_remove_group(DATABASE_USER, "SCARD$OWN"), SC_OK);
}

static void test_groups(void)
{
    char device[DATABASE_VALUE_MAX], group[DATABASE_NAME_MAX];
    CHECK_EQ(database_remove_from_group(DATABASE_USER, "u", "g"), SC_E_UNKNOWN_READER);
    CHECK_EQ(database_remove_group(DATABASE_SYSTEM, "g"), SC_OK);
    CHECK_EQ(database_add_to_group(DATABASE_USER, "u", ""), SC_E_INVALID_VALUE);
    /* One that nobody introduced. */
    CHECK_EQ(database_add_to_group(DATABASE_USER, "u", "g"), SC_OK);
    CHECK_EQ(database_add_to_group(DATABASE_USER, "u", "G"), SC_OK);
    CHECK_EQ(database_add_to_group(DATABASE_USER, "s", "h"), SC_OK);
    CHECK_STR(place_readers(NULL), "s|");
    CHECK_STR(place_readers("G"), "u|");
    CHECK_STR(place_readers("h"), "s|");
    CHECK_STR(place_readers(ALL), "s|");
    CHECK_STR(place_groups(), "g|h|" ALL "|");
    CHECK_EQ(database_get_device("u", device), SC_OK);
    CHECK_STR(device, "u");
    CHECK_EQ(database_get_device("s", device), SC_OK);
    CHECK_STR(device, "device 3");
    CHECK_EQ(database_remove_reader(DATABASE_USER, "u"), SC_E_UNKNOWN_READER);
    CHECK_EQ(database_remove_from_group(DATABASE_USER, "u", "other"), SC_OK);
    CHECK_STR(place_readers("g"), "u|");
    CHECK_EQ(database_remove_from_group(DATABASE_USER, "U", "G"), SC_OK);
    CHECK_STR(place_groups(), "h|" ALL "|");
    CHECK_EQ(database_get_device("u", device), SC_E_UNKNOWN_READER);
    /* An introduced one stays without groups. */
    CHECK_EQ(database_remove_from_group(DATABASE_SYSTEM, "s", ALL), SC_OK);
    CHECK_EQ(database_remove_from_group(DATABASE_SYSTEM, "s", ALL), SC_E_UNKNOWN_READER);
    CHECK_STR(place_readers(NULL), "s|");
    for (unsigned i = 0; i < 10; i++) {
        snprintf(group, sizeof(group), "reader %u", i);
        CHECK_EQ(database_add_to_group(DATABASE_USER, group, "many"), SC_OK);
    }
    CHECK_EQ(database_remove_group(DATABASE_USER, "MANY"), SC_OK);
    CHECK_STR(place_readers("many"), "");
    CHECK_STR(place_groups(), "h|");
    CHECK_EQ(database_remove_group(DATABASE_USER, "h"), SC_OK);
    CHECK_EQ(database_remove_reader(DATABASE_SYSTEM, "s"), SC_OK);
    /* As many groups as there is room for. */
    enum sc_error error = SC_OK;
    unsigned count = 0;
    while (error == SC_OK && count < 300) {
        snprintf(group, sizeof(group), "group %0240u", count++);
        error = database_add_to_group(DATABASE_USER, "u", group);
    }
    CHECK_EQ(error, SC_E_NO_MEMORY);
    CHECK(count > 25 && count < 40);
}

static char members[256];

static enum sc_error take_member(void *context, const char *name, const char *device)
{
    size_t size = strlen(members);
    CHECK(context == members);
    snprintf(members + size, sizeof(members) - size, "%s=%s|", name,
             device != NULL ? device : "(forgotten)");
    return SC_OK;
}

static enum sc_error refuse_member(void *context, const char *name, const char *device)
{
    (void)name;
    (void)device;
    ++*(int *)context;
    return SC_E_NO_MEMORY;
}

static const char *each(const char *groups)
{
    members[0] = '\0';
    CHECK_EQ(database_each_member(groups, take_member, members), SC_OK);
    return members;
}

static void test_members(void)
{
    int calls = 0;
    CHECK_STR(each(NULL), "");
    CHECK_EQ(database_add_reader(DATABASE_USER, "b", "device b"), SC_OK);
    CHECK_EQ(database_add_reader(DATABASE_USER, "a", "device a"), SC_OK);
    CHECK_EQ(database_add_reader(DATABASE_SYSTEM, "A", "another"), SC_OK);
    CHECK_EQ(database_add_reader(DATABASE_SYSTEM, "c", "device c"), SC_OK);
    CHECK_EQ(database_add_to_group(DATABASE_USER, "C", "mine"), SC_OK);
    CHECK_EQ(database_add_to_group(DATABASE_USER, "plain", "mine"), SC_OK);
    CHECK_EQ(database_add_to_group(DATABASE_SYSTEM, "b", "ours"), SC_OK);
    CHECK_EQ(database_add_to_group(DATABASE_SYSTEM, "other", "ours"), SC_OK);
    CHECK_STR(each(NULL), "a=device a|b=device b|C=device c|");
    CHECK_STR(each(ALL "\0"), "a=device a|b=device b|C=device c|");
    CHECK_STR(each("MINE\0"), "C=device c|plain=plain|");
    CHECK_STR(each("ours\0"), "b=device b|other=other|");
    CHECK_STR(each("none\0ours\0mine\0"),
              "b=device b|C=device c|plain=plain|other=other|");
    CHECK_STR(each("none\0"), "");
    CHECK_STR(each(""), "");
    CHECK_EQ(database_each_member(NULL, refuse_member, &calls), SC_E_NO_MEMORY);
    CHECK_EQ(calls, 1);
    CHECK(database_same_name("Desk", "dESK") && !database_same_name("Desk", "Desks"));
    for (int scope = 0; scope < 2; scope++) {
        CHECK_EQ(database_remove_group((enum database_scope)scope, "mine"), SC_OK);
        CHECK_EQ(database_remove_group((enum database_scope)scope, "ours"), SC_OK);
        CHECK_EQ(database_remove_reader((enum database_scope)scope, "a"), SC_OK);
    }
    CHECK_EQ(database_remove_reader(DATABASE_USER, "b"), SC_OK);
    CHECK_EQ(database_remove_reader(DATABASE_SYSTEM, "c"), SC_OK);
    CHECK_STR(each(NULL), "");
}

/* Own names that are not shown any more: in no group, and no name for a device; the first
 * scope that has a record of the name decides. */
static void test_forgotten(void)
{
    char device[DATABASE_VALUE_MAX];
    CHECK_EQ(database_forget_reader(DATABASE_USER, ""), SC_E_INVALID_VALUE);
    CHECK(!database_is_forgotten("own"));
    CHECK_EQ(database_add_to_group(DATABASE_USER, "own", "g"), SC_OK);
    CHECK_EQ(database_forget_reader(DATABASE_USER, "Own"), SC_OK);
    CHECK_EQ(database_forget_reader(DATABASE_USER, "own"), SC_E_UNKNOWN_READER);
    CHECK(database_is_forgotten("OWN"));
    CHECK_STR(each("g\0"), "own=(forgotten)|");
    CHECK_STR(each(NULL), "own=(forgotten)|");
    CHECK_STR(place_readers("g"), "");
    CHECK_EQ(database_get_device("own", device), SC_E_UNKNOWN_READER);
    CHECK_EQ(database_remove_reader(DATABASE_USER, "own"), SC_E_UNKNOWN_READER);
    CHECK_EQ(database_add_reader(DATABASE_USER, "own", "own"), SC_OK); /* again */
    CHECK(!database_is_forgotten("own"));
    CHECK_STR(each(NULL), "own=own|");
    CHECK_EQ(database_remove_reader(DATABASE_USER, "own"), SC_OK);
    CHECK_EQ(database_forget_reader(DATABASE_SYSTEM, "own"), SC_OK);
    CHECK(database_is_forgotten("own"));
    CHECK_STR(each(""), "own=(forgotten)|");
    CHECK_EQ(database_add_reader(DATABASE_USER, "own", "device"), SC_OK);
    CHECK(!database_is_forgotten("own"));
    CHECK_STR(each(NULL), "own=device|");
    CHECK_EQ(database_remove_reader(DATABASE_USER, "own"), SC_OK);
    CHECK_EQ(database_add_reader(DATABASE_SYSTEM, "own", "device"), SC_OK);
    CHECK_EQ(database_forget_reader(DATABASE_USER, "own"), SC_OK);
    CHECK_STR(each(NULL), "own=(forgotten)|");
    CHECK_EQ(database_add_reader(DATABASE_USER, "own", "own"), SC_OK);
    CHECK_EQ(database_remove_reader(DATABASE_USER, "own"), SC_OK);
    CHECK_EQ(database_remove_reader(DATABASE_SYSTEM, "own"), SC_OK);
    CHECK_STR(each(NULL), "");
}

static char written[65536];
static size_t written_size;

static void write_text(void *context, const char *text, size_t size)
{
    CHECK(context == written);
    if (size < sizeof(written) - written_size) {
        memcpy(written + written_size, text, size);
        written_size += size;
        written[written_size] = '\0';
    }
}

static const char *export(enum database_scope scope)
{
    written_size = 0;
    CHECK_EQ(database_export(scope, DATABASE_UTF8, write_text, written), SC_OK);
    return written;
}

static enum sc_error import(enum database_scope scope, const char *text, uint32_t *line)
{
    struct database_import report = {.line = 0};
    enum sc_error error =
        database_import(scope, (const uint8_t *)text, strlen(text), &report);
    *line = report.line;
    CHECK((error == SC_OK) == (report.reason == NULL));
    return error;
}

static const char whole[] = //
    "Windows Registry Editor Version 5.00\r\n"
    "\r\n[HKEY_LOCAL_MACHINE\\" CALAIS "\\SmartCards\\[odd] \"card\"]\r\n"
    "\"ATR\"=hex:3b,01\r\n"
    "\"ATRMask\"=hex:ff,00\r\n"
    "\"Primary Provider\"=hex:01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10\r\n"
    "\"Supported "
    "Interfaces\"=hex:01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,01,\\\r\n"
    "  02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,11\r\n"
    "\"Crypto Provider\"=\"C:\\\\Program \\\"Files\\\"\"\r\n"
    "\"Smart Card Key Storage Provider\"=\"K\"\r\n"
    "\"80000001\"=\"m.dll\"\r\n"
    "\r\n[HKEY_LOCAL_MACHINE\\" CALAIS "\\Readers\\Reader]\r\n"
    "\"Device\"=\"device\"\r\n"
    "\"Groups\"=hex(7):67,00,00,00,68,00,00,00,00,00\r\n";

static void test_import(void)
{
    uint32_t line;
    static const char header[] = "Windows Registry Editor Version 5.00\r\n";
    CHECK_EQ(import(DATABASE_SYSTEM, whole, &line), SC_OK);
    CHECK_EQ(line, 0);
    CHECK_STR(export(DATABASE_SYSTEM), whole);
    CHECK_STR(place_readers("h"), "Reader|");
    /* Values of a key that is there are changed one by one; other keys are left alone. */
    CHECK_EQ(import(DATABASE_SYSTEM,
                    "REGEDIT4\n[HKCU\\" CALAIS "\\SmartCards\\[ODD] \"card\"]\n"
                    "\"80000001\"=-\n\"primary provider\"=-\n\"Other\"=dword:1\n"
                    "[HKCU\\" CALAIS "\\SmartCards\\a\\b]\n\"ATR\"=\"text\"\n"
                    "[HKCU\\Other]\n\"ATR\"=\"text\"\n[-HKCU\\" CALAIS
                    "\\SmartCards\\no]\n",
                    &line),
             SC_OK);
    CHECK(strstr(export(DATABASE_SYSTEM), "m.dll") == NULL);
    CHECK(strstr(written, "Primary") == NULL && strstr(written, "\"K\"") != NULL);
    CHECK(strstr(written, "Other") == NULL);
    /* A reader without a device and groups is none. */
    CHECK_EQ(import(DATABASE_SYSTEM,
                    "REGEDIT4\n[HKCU\\" CALAIS "\\Readers\\New]\n"
                    "[HKCU\\" CALAIS "\\Readers\\Newer]\n\"Groups\"=hex(7):67,00,00\n"
                    "[HKCU\\" CALAIS "\\Readers\\Newer]\n\"Groups\"=-\n",
                    &line),
             SC_OK);
    CHECK(strstr(export(DATABASE_SYSTEM), "New") == NULL);
    CHECK_EQ(database_add_reader(DATABASE_SYSTEM, "New", "device"), SC_OK);
    CHECK_EQ(database_remove_reader(DATABASE_SYSTEM, "New"), SC_OK);
    /* Broken: nothing is written. */
    CHECK_EQ(import(DATABASE_SYSTEM,
                    "REGEDIT4\n[-HKCU\\" CALAIS "]\n[HKCU\\" CALAIS "\\SmartCards\\a]\n"
                    "\"ATR\"=\"text\"\n",
                    &line),
             SC_E_INVALID_VALUE);
    CHECK_EQ(line, 4);
    CHECK_EQ(import(DATABASE_SYSTEM,
                    "REGEDIT4\n[HKCU\\" CALAIS "\\SmartCards\\a]\n"
                    "\"ATR\"=hex:1\n\"ATRMask\"=hex:1,2\n\n\n[HKCU\\x]\n",
                    &line),
             SC_E_INVALID_VALUE);
    CHECK_EQ(line, 2);
    CHECK_EQ(import(DATABASE_SYSTEM, "nonsense", &line), SC_E_INVALID_VALUE);
    CHECK_EQ(line, 1);
    CHECK(strstr(export(DATABASE_SYSTEM), "[odd]") != NULL);
    CHECK_EQ(
        import(DATABASE_SYSTEM, "REGEDIT4\n[-HKLM\\" CALAIS "\\SmartCards]\n", &line),
        SC_OK);
    CHECK(strstr(export(DATABASE_SYSTEM), "[odd]") == NULL);
    CHECK(strstr(written, "Readers\\Reader") != NULL);
    CHECK_EQ(import(DATABASE_SYSTEM, "REGEDIT4\n[-HKLM\\" CALAIS "]\n", &line), SC_OK);
    CHECK_STR(export(DATABASE_SYSTEM), header);
}

static char passed[200];

static void pass_over(void *context, uint32_t line, const char *key)
{
    size_t size = strlen(passed);
    CHECK(context == passed);
    snprintf(passed + size, sizeof(passed) - size, "%u %s|", (unsigned)line, key);
}

static void test_report(void)
{
    static const char text[] = "REGEDIT4\n[HKCU\\Other]\n[HKCU\\" CALAIS "]\n"
                               "[HKCU\\" CALAIS "\\SmartCards\\a]\n"
                               "[HKCU\\" CALAIS "\\Readers\\b]\n\"Device\"=\"d\"\n"
                               "[-HKCU\\" CALAIS "\\Readers\\c]\n[-HKCU\\None]\n";
    struct database_import report = {.pass_over = pass_over, .context = passed};
    CHECK_EQ(
        database_import(DATABASE_USER, (const uint8_t *)text, sizeof(text) - 1, &report),
        SC_OK);
    CHECK_EQ(report.cards, 1);
    CHECK_EQ(report.readers, 1);
    CHECK_EQ(report.removed, 1);
    CHECK_EQ(report.line, 0);
    CHECK_STR(passed, "2 HKCU\\Other|8 HKCU\\None|");
    CHECK_EQ(database_import(DATABASE_USER, (const uint8_t *)"\0\n\0", 3, &report),
             SC_E_INVALID_VALUE);
    CHECK_EQ(report.line, 1);
    CHECK(strstr(report.reason, "not a .reg file") != NULL);
}

static char names[1024];

static enum sc_error take_reader(void *context, const struct database_reader *reader)
{
    size_t size = strlen(names);
    CHECK(context == names);
    snprintf(names + size, sizeof(names) - size, "%s|", reader->name);
    return strcmp(reader->name, "z") == 0 ? SC_E_CANCELLED : SC_OK;
}

static void test_each_reader(void)
{
    CHECK_EQ(database_add_reader(DATABASE_SYSTEM, "s", "d"), SC_OK);
    CHECK_EQ(database_add_reader(DATABASE_USER, "s", "d"), SC_OK);
    CHECK_EQ(database_each_reader(DATABASE_LAYER_USER, take_reader, names), SC_OK);
    CHECK_STR(names, "b|s|");
    CHECK_EQ(database_each_reader(DATABASE_LAYER_PACKAGES, take_reader, names), SC_OK);
    CHECK_EQ(database_add_reader(DATABASE_SYSTEM, "z", "d"), SC_OK);
    names[0] = '\0';
    CHECK_EQ(database_each_reader(DATABASE_LAYER_SYSTEM, take_reader, names),
             SC_E_CANCELLED);
    CHECK_STR(names, "s|z|");
}

int main(void)
{
    place_make();
    test_readers();
    test_system_groups();
    test_groups();
    test_members();
    test_forgotten();
    test_import();
    place_remove();
    place_make();
    test_report();
    test_each_reader();
    place_remove();
    return check_result();
}
