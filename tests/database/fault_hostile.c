/* SPDX-License-Identifier: BSD-2-Clause */
/* Databases that somebody made to harm who opens them: they are damaged ones. Nothing but
 * the database and its journal is touched, and every call ends. */
#include "tests/database/sql.h"

#include <signal.h>
#include <sys/wait.h>

#define FILE_NAME "user/winscard/cards.sqlite"

enum { PATIENCE_S = 30, PAGE = 4096, SECTOR = 512 };

static void begin(void)
{
    place_fill();
    alarm(PATIENCE_S); /* a call that does not end fails the test */
}

static void run_sql(const char *text)
{
    run_sql_on(FILE_NAME, text);
}

/* Nothing of it counts, and nothing is written to it. */
static void check_passed_over(void)
{
    struct database_card card;
    const uint8_t atr[4] = {1, 1, 1, 1};
    CHECK_STR(place_list(NULL, 0, NULL, 0), "system|");
    CHECK_STR(place_list(atr, 4, NULL, 0), "system|");
    CHECK_EQ(database_get_card("system", &card), SC_OK);
    CHECK_EQ(database_get_card("user", &card), SC_E_UNKNOWN_CARD);
    CHECK_STR(place_groups(), "");
    CHECK_EQ(put(DATABASE_USER, "new"), SC_F_INTERNAL_ERROR);
    CHECK_EQ(database_remove_card(DATABASE_USER, "user"), SC_F_INTERNAL_ERROR);
    CHECK_EQ(put(DATABASE_SYSTEM, "system"), SC_OK);
}

static const char other_default[] =
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql ="
    " replace(sql, 'ksp TEXT', 'ksp TEXT DEFAULT (hex(zeroblob(1000000)))')";

/* Tables that are views, which may never end; triggers; what no version of ours made. */
static void test_schemas(void)
{
    const char *const texts[] = {
        "DROP TABLE card; CREATE VIEW card AS WITH RECURSIVE c(name) AS (VALUES('a')"
        " UNION ALL SELECT name || 'a' FROM c) SELECT name, 1 size, x'01' atr, x'ff' "
        "mask,"
        " x'01' masked, NULL primary_provider, x'00' interfaces, NULL csp, NULL ksp,"
        " NULL module FROM c",
        "CREATE TRIGGER other AFTER INSERT ON card BEGIN DELETE FROM reader; END",
        "CREATE TABLE more(name TEXT)",
        "CREATE INDEX other ON card(csp)",
        "DROP INDEX card_atr",
        "DROP TABLE reader; CREATE TABLE reader(name TEXT, device TEXT, groups BLOB)",
        other_default,
    };
    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        begin();
        run_sql(texts[i]);
        check_passed_over();
        place_remove();
    }
}

/* Each of these names comes after itself when the next one is looked for. */
static void test_endless_readers(void)
{
    static const char *const names[] = {"x'6162'", "CAST(x'61006263' AS TEXT)"};
    for (unsigned i = 0; i < 2; i++) {
        char text[200];
        begin();
        CHECK_EQ(database_add_to_group(DATABASE_SYSTEM, "there", "Desk"), SC_OK);
        snprintf(text, sizeof(text), "INSERT INTO reader VALUES(%s, 'd', x'670000')",
                 names[i]);
        run_sql(text);
        CHECK(strstr(place_readers("Desk"), "there|") != NULL);
        CHECK(strstr(place_groups(), "Desk|") != NULL);
        CHECK_EQ(database_remove_group(DATABASE_USER, "g"), SC_F_INTERNAL_ERROR);
        place_remove();
    }
}

/* Names that nobody can have, and values far too long. */
static void test_values(void)
{
    static const char *const texts[] = {
        "INSERT INTO card(name, size) VALUES(CAST(x'ff61' AS TEXT), 0)",
        "INSERT INTO card(name, size) VALUES('a' || char(10), 0)",
        "INSERT INTO card(name, size) VALUES(hex(zeroblob(128)), 0)",
        "INSERT INTO card(name, size) VALUES(hex(zeroblob(30000000)), 0)",
    };
    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        begin();
        run_sql("DELETE FROM card");
        run_sql(texts[i]);
        CHECK_STR(place_list(NULL, 0, NULL, 0), "system|");
        place_remove();
    }
    struct database_card card;
    begin();
    run_sql("UPDATE card SET csp = CAST(x'ff' AS TEXT)");
    CHECK_EQ(database_get_card("user", &card), SC_E_UNKNOWN_CARD);
    place_remove();
}

/* --- A journal that names another file (https://www.sqlite.org/fileformat.html, 3) -- */

static const uint8_t magic[8] = {0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7};

static size_t put_number(uint8_t *at, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (24 - 8 * i));
    return 4;
}

/* SQLite would take `victim` for the journal of a change to several files, which none of
 * them needs any more, and remove it. */
static void write_journal(const char *victim)
{
    uint8_t bytes[SECTOR + 512] = {0};
    struct stat status;
    size_t size = SECTOR, length = strlen(victim);
    uint32_t sum = 0;
    CHECK_EQ(stat(place_path(FILE_NAME), &status), 0);
    memcpy(bytes, magic, sizeof(magic));
    put_number(bytes + 16, (uint32_t)(status.st_size / PAGE));
    put_number(bytes + 20, SECTOR);
    put_number(bytes + 24, PAGE);
    size += put_number(bytes + size, 0x40000000U / PAGE + 1);
    memcpy(bytes + size, victim, length);
    size += length;
    for (size_t i = 0; i < length; i++)
        sum += (uint8_t)victim[i];
    size += put_number(bytes + size, (uint32_t)length);
    size += put_number(bytes + size, sum);
    memcpy(bytes + size, magic, sizeof(magic));
    place_write(FILE_NAME "-journal", bytes, size + sizeof(magic));
}

static void test_journal(void)
{
    begin();
    place_write_text("victim", "precious\n");
    write_journal(place_path("victim"));
    CHECK_STR(place_list(NULL, 0, NULL, 0), "user|system|");
    CHECK_EQ(access(place_path("victim"), F_OK), 0);
    write_journal(place_path("victim"));
    CHECK_EQ(put(DATABASE_USER, "new"), SC_OK);
    CHECK_EQ(access(place_path("victim"), F_OK), 0);
    CHECK_STR(place_list(NULL, 0, NULL, 0), "new|user|system|");
    place_remove();
}

/* Who may not write cannot read a database with a write-ahead log: it is ended. */
static void test_log(void)
{
    begin();
    run_sql("PRAGMA journal_mode = WAL");
    CHECK_STR(place_list(NULL, 0, NULL, 0), "user|system|");
    CHECK_EQ(put(DATABASE_USER, "new"), SC_OK);
    CHECK_STR(place_list(NULL, 0, NULL, 0), "new|user|system|");
    FILE *file = fopen(place_path(FILE_NAME), "rb");
    CHECK(file != NULL && fseek(file, 18, SEEK_SET) == 0);
    CHECK_EQ(fgetc(file), 1); /* by the file format: a rollback journal */
    fclose(file);
    place_remove();
}

/* --- Root and the files of others --------------------------------------------------- */

static void check_others(void)
{
    struct database_card card;
    CHECK_EQ(database_get_card("user", &card), SC_E_UNKNOWN_CARD);
    CHECK_STR(place_list(NULL, 0, NULL, 0), "system|");
    CHECK_EQ(put(DATABASE_USER, "new"), SC_E_NO_ACCESS);
    CHECK_EQ(database_remove_card(DATABASE_USER, "user"), SC_E_NO_ACCESS);
}

static void test_others(void)
{
    static const char *const names[] = {"user", "user/winscard", FILE_NAME};
    if (geteuid() != 0)
        return;
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        begin();
        CHECK_EQ(chown(place_path(names[i]), 65534, 65534), 0);
        check_others();
        CHECK_EQ(chown(place_path(names[i]), 0, 0), 0);
        CHECK_STR(place_list(NULL, 0, NULL, 0), "user|system|");
        place_remove();
    }
    /* By a link of root's, and by one of another user. */
    begin();
    CHECK_EQ(rename(place_path("user"), place_path("real")), 0);
    CHECK_EQ(symlink("real", place_path("user")), 0);
    CHECK_STR(place_list(NULL, 0, NULL, 0), "user|system|");
    CHECK_EQ(lchown(place_path("user"), 65534, 65534), 0);
    check_others();
    /* Where everybody may put anything. */
    CHECK_EQ(lchown(place_path("user"), 0, 0), 0);
    CHECK_EQ(chmod(place_path("real"), 0777), 0);
    check_others();
    CHECK_EQ(chmod(place_path("real"), 01777), 0);
    CHECK_STR(place_list(NULL, 0, NULL, 0), "user|system|");
    /* Nothing is made among the files of others. */
    CHECK_EQ(chown(place_path("real"), 65534, 65534), 0);
    CHECK_EQ(unlink(place_path("real/winscard/cards.sqlite")), 0);
    CHECK_EQ(rmdir(place_path("real/winscard")), 0);
    CHECK_EQ(put(DATABASE_USER, "new"), SC_E_NO_ACCESS);
    CHECK_EQ(access(place_path("real/winscard"), F_OK), -1);
    place_remove();
}

int main(void)
{
    test_schemas();
    test_endless_readers();
    test_values();
    test_journal();
    test_log();
    test_others();
    return check_result();
}
