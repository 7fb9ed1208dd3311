/* SPDX-License-Identifier: BSD-2-Clause */
/* Databases that are damaged, cannot be written, or have no room: writing says so,
 * reading goes on with what else there is. Allocations that fail. Forks while others
 * write. */
#include "tests/database/sql.h"

#include "base/alloc.h"
#include "os/lock.h"
#include "os/thread.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define FILE_NAME "system/cards.sqlite"

static void check_damaged(void)
{
    struct database_card card;
    CHECK_STR(place_list(NULL, 0, NULL, 0), "user|");
    CHECK_EQ(database_get_card("user", &card), SC_OK);
    CHECK_EQ(database_get_card("system", &card), SC_E_UNKNOWN_CARD);
    CHECK_EQ(put(DATABASE_SYSTEM, "new"), SC_F_INTERNAL_ERROR);
    CHECK_EQ(database_remove_card(DATABASE_SYSTEM, "system"), SC_F_INTERNAL_ERROR);
    CHECK_EQ(put(DATABASE_USER, "new"), SC_OK);
    CHECK_EQ(database_remove_card(DATABASE_USER, "new"), SC_OK);
}

static void test_garbage(void)
{
    char garbage[8192];
    place_fill();
    memset(garbage, 'x', sizeof(garbage));
    place_write(FILE_NAME, garbage, sizeof(garbage));
    check_damaged();
    place_remove();
}

/* Each page but the first overwritten; the header cut. */
static void test_pages(void)
{
    place_fill();
    FILE *file = fopen(place_path(FILE_NAME), "r+b");
    CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
    long size = ftell(file);
    CHECK(fseek(file, 4096, SEEK_SET) == 0);
    for (long i = 4096; i < size; i++)
        fputc((int)(i * 7 % 251), file);
    fclose(file);
    check_damaged();
    CHECK_EQ(truncate(place_path(FILE_NAME), 700), 0);
    check_damaged();
    CHECK_EQ(truncate(place_path(FILE_NAME), 0), 0);
    CHECK_EQ(put(DATABASE_SYSTEM, "again"), SC_OK); /* empty, so new */
    CHECK_STR(place_list(NULL, 0, NULL, 0), "user|again|");
    place_remove();
}

static void run_sql(const char *text)
{
    run_sql_on(FILE_NAME, text);
}

static void test_other_contents(void)
{
    place_fill();
    run_sql("PRAGMA user_version = 2");
    check_damaged();
    place_remove();
    place_fill();
    run_sql("DROP TABLE card");
    check_damaged();
    place_remove();
    /* Columns that no version of ours wrote. */
    place_fill();
    run_sql("UPDATE card SET atr = zeroblob(100), mask = NULL, primary_provider = 'x'");
    struct database_card card;
    CHECK_EQ(database_get_card("system", &card), SC_E_UNKNOWN_CARD);
    CHECK_EQ(database_get_card("user", &card), SC_OK);
    place_remove();
}

/* As nobody, who has no rights; only where the tests run as root. */
static void test_no_rights(void)
{
    if (geteuid() != 0)
        return;
    place_fill();
    CHECK_EQ(chmod(place, 0755), 0);
    pid_t child = fork();
    if (child == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(2);
        setenv("XDG_DATA_HOME", place_path("nobody"), 1); /* not to be made */
        CHECK_EQ(put(DATABASE_SYSTEM, "new"), SC_E_NO_ACCESS);
        CHECK_EQ(put(DATABASE_USER, "new"), SC_E_NO_ACCESS);
        CHECK_EQ(database_remove_card(DATABASE_SYSTEM, "system"), SC_E_NO_ACCESS);
        CHECK_STR(place_list(NULL, 0, NULL, 0), "system|");
        unsetenv("XDG_DATA_HOME");
        unsetenv("HOME");
        CHECK_EQ(put(DATABASE_USER, "new"), SC_E_NO_ACCESS);
        CHECK_STR(place_list(NULL, 0, NULL, 0), "system|");
        _exit(check_failures != 0);
    }
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    /* The file may be written, its directory not: there is no room for a journal. */
    CHECK_EQ(chmod(place_path(FILE_NAME), 0666), 0);
    child = fork();
    if (child == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(2);
        CHECK_EQ(put(DATABASE_SYSTEM, "new"), SC_E_NO_ACCESS);
        CHECK_STR(place_list(NULL, 0, NULL, 0), "system|");
        _exit(check_failures != 0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    place_remove();
}

/* --- A writer that died half way, and who may not write ----------------------------- */

enum { DEAD_CARDS = 200 };

/* Changes most of the file, and ends without a word. */
static void die_writing(void)
{
    sqlite3 *file;
    if (sqlite3_open(place_path(FILE_NAME), &file) != SQLITE_OK
        || sqlite3_exec(file,
                        "PRAGMA cache_size = 2; BEGIN IMMEDIATE;"
                        "UPDATE card SET name = 'changed ' || name;"
                        "DELETE FROM card WHERE name > 'changed card 150'",
                        NULL, NULL, NULL)
               != SQLITE_OK)
        _exit(2);
    _exit(0);
}

static void check_all_cards(void)
{
    struct multistring list;
    multistring_init(&list, DATABASE_LIST_MAX);
    CHECK_EQ(database_list_cards(NULL, 0, NULL, 0, &list), SC_OK);
    CHECK_EQ(list.size != 0 ? multistring_count(list.bytes) : 0, DEAD_CARDS);
    CHECK(list.size != 0 && multistring_contains(list.bytes, "card 199"));
    multistring_clear(&list);
}

static size_t read_whole(const char *name, char *bytes, size_t room)
{
    FILE *file = fopen(place_path(name), "rb");
    if (file == NULL)
        return 0;
    size_t size = fread(bytes, 1, room, file);
    fclose(file);
    return size;
}

/* Runs check() in a process that may not write. */
static void as_nobody(void (*check)(void))
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        check();
        _exit(check_failures != 0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void read_as_nobody(void)
{
    struct database_card card;
    check_all_cards();
    check_all_cards();
    CHECK_EQ(database_get_card("card 0", &card), SC_OK);
    CHECK_EQ(database_get_card("changed card 0", &card), SC_E_UNKNOWN_CARD);
    CHECK_EQ(put(DATABASE_SYSTEM, "new"), SC_E_NO_ACCESS);
}

static void read_broken_as_nobody(void)
{
    CHECK_STR(place_list(NULL, 0, NULL, 0), "");
}

static void test_dead_writer(void)
{
    static char before[1 << 20], after[1 << 20];
    int status = -1;
    place_make();
    for (unsigned i = 0; i < DEAD_CARDS; i++) {
        char name[20];
        snprintf(name, sizeof(name), "card %u", i);
        struct database_card card = place_card(name, 1, 4);
        card.interface_count = DATABASE_INTERFACES_MAX;
        CHECK_EQ(database_put_card(DATABASE_SYSTEM, &card), SC_OK);
    }
    size_t size = read_whole(FILE_NAME, before, sizeof(before));
    pid_t child = fork();
    if (child == 0)
        die_writing();
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(read_whole(FILE_NAME, after, sizeof(after)) != size
          || memcmp(before, after, size) != 0);
    size = read_whole(FILE_NAME, before, sizeof(before));
    CHECK_EQ(chmod(place, 0755), 0);
    CHECK_EQ(chmod(place_path("system"), 0555), 0);
    CHECK_EQ(chmod(place_path(FILE_NAME), 0444), 0);
    as_nobody(read_as_nobody);
    /* The file may be written, its journal not. */
    CHECK_EQ(chmod(place_path(FILE_NAME), 0666), 0);
    CHECK_EQ(chmod(place_path(FILE_NAME "-journal"), 0444), 0);
    as_nobody(read_as_nobody);
    CHECK_EQ(read_whole(FILE_NAME, after, sizeof(after)), size);
    CHECK(memcmp(before, after, size) == 0); /* nobody has touched it */
    CHECK_EQ(chmod(place_path(FILE_NAME "-journal"), 0000), 0);
    as_nobody(read_broken_as_nobody);
    CHECK_EQ(chmod(place_path("system"), 0755), 0);
    CHECK_EQ(chmod(place_path(FILE_NAME "-journal"), 0644), 0);
    check_all_cards(); /* who may write ends it */
    CHECK_EQ(access(place_path(FILE_NAME "-journal"), F_OK), -1);
    place_remove();
}

/* No file may grow beyond what it has: as on a full disk. */
static void test_full(void)
{
    struct stat status;
    place_fill();
    CHECK_EQ(stat(place_path(FILE_NAME), &status), 0);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit old, limit;
    CHECK_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
    limit = old;
    for (rlim_t room = 0; room <= (rlim_t)status.st_size + 8192; room += 4096) {
        char name[20];
        limit.rlim_cur = room;
        enum sc_error error = SC_OK;
        CHECK_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
        for (unsigned i = 0; error == SC_OK && i < 100; i++) {
            snprintf(name, sizeof(name), "c%u %u", (unsigned)(room / 4096), i);
            struct database_card card = place_card(name, 1, 4);
            card.interface_count = DATABASE_INTERFACES_MAX;
            error = database_put_card(DATABASE_SYSTEM, &card);
            if (error != SC_OK)
                CHECK_EQ(database_get_card(name, &card), SC_E_UNKNOWN_CARD);
            else
                CHECK_EQ(database_get_card(name, &card), SC_OK);
        }
        CHECK_EQ(setrlimit(RLIMIT_FSIZE, &old), 0);
        CHECK_EQ(error, SC_F_INTERNAL_ERROR);
        struct database_card card;
        CHECK_EQ(database_get_card("system", &card), SC_OK);
    }
    CHECK_EQ(put(DATABASE_SYSTEM, "after"), SC_OK);
    place_remove();
}

/* --- Allocations: ours, then SQLite's ----------------------------------------------- */

static uint32_t sqlite_fail_at;
static sqlite3_mem_methods plain;

static void *failing_malloc(int size)
{
    if (sqlite_fail_at != 0 && --sqlite_fail_at == 0)
        return NULL;
    return plain.xMalloc(size);
}

static void *failing_realloc(void *memory, int size)
{
    if (sqlite_fail_at != 0 && --sqlite_fail_at == 0)
        return NULL;
    return plain.xRealloc(memory, size);
}

static void check_no_memory(bool ours)
{
    struct database_card card;
    struct multistring list;
    uint32_t n = 0;
    for (unsigned done = 0; done < 3 && n < 2000;) {
        enum sc_error error = SC_OK;
        n++;
        mem_fail_at(ours ? n : 0);
        sqlite_fail_at = ours ? 0 : n;
        if (done == 0) {
            error = put(DATABASE_SYSTEM, "more");
        } else if (done == 1) {
            error = database_get_card("system", &card);
        } else {
            multistring_init(&list, DATABASE_LIST_MAX);
            error = database_list_cards((const uint8_t *)"\1\1\1\1", 4, NULL, 0, &list);
            multistring_clear(&list);
        }
        mem_fail_at(0);
        bool reached = ours || sqlite_fail_at == 0;
        sqlite_fail_at = 0;
        CHECK(error == SC_OK || error == SC_E_NO_MEMORY);
        /* SQLite gets along without some allocations. */
        if (error == SC_OK && (ours || !reached)) {
            done++;
            n = 0;
        }
    }
    CHECK(n == 0);
    CHECK_EQ(database_get_card("more", &card), SC_OK);
}

static void test_no_memory(void)
{
    place_fill();
    check_no_memory(true);
    check_no_memory(false);
    place_remove();
}

/* --- Forks and threads -------------------------------------------------------------- */

/* malloc() of clang 14's AddressSanitizer has been seen locked for ever in the child of a
 * fork, where another thread was in it: there nobody allocates while another forks. */
static struct os_mutex forking;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FORKS_BETWEEN_CALLS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define FORKS_BETWEEN_CALLS 1
#endif

static void set_forking(bool on)
{
#if defined(FORKS_BETWEEN_CALLS)
    if (on)
        os_mutex_lock(&forking);
    else
        os_mutex_unlock(&forking);
#else
    (void)on;
#endif
}

struct writing {
    struct os_thread thread;
    const char *name;
    unsigned failures; /* CHECK() is for one thread */
};

static void write_in_thread(void *context)
{
    struct writing *writing = context;
    for (unsigned i = 0; i < 25; i++) {
        char name[20];
        snprintf(name, sizeof(name), "%s %u", writing->name, i);
        struct database_card card;
        set_forking(true);
        if (put(DATABASE_USER, name) != SC_OK || database_get_card(name, &card) != SC_OK)
            writing->failures++;
        set_forking(false);
    }
}

static void test_fork(void)
{
    struct writing writings[2] = {{.name = "a"}, {.name = "b"}};
    place_fill();
    os_mutex_init(&forking);
    for (unsigned i = 0; i < 2; i++)
        CHECK_EQ(
            os_thread_start(&writings[i].thread, "writer", write_in_thread, &writings[i]),
            SC_OK);
    for (unsigned i = 0; i < 20; i++) {
        set_forking(true);
        pid_t child = fork();
        if (child != 0)
            set_forking(false);
        if (child == 0) {
            char name[20];
            struct database_card card;
            snprintf(name, sizeof(name), "child %u", i);
            bool fine = put(DATABASE_USER, name) == SC_OK
                        && database_get_card(name, &card) == SC_OK;
            /* Not _exit(), where TSan would miss the parent's threads. */
            raise(fine ? SIGKILL : SIGTERM);
        }
        int status = -1;
        CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status)
              && WTERMSIG(status) == SIGKILL);
    }
    for (unsigned i = 0; i < 2; i++) {
        os_thread_join(&writings[i].thread);
        CHECK_EQ(writings[i].failures, 0);
    }
    os_mutex_destroy(&forking);
    struct multistring list;
    multistring_init(&list, DATABASE_LIST_MAX);
    CHECK_EQ(database_list_cards(NULL, 0, NULL, 0, &list), SC_OK);
    CHECK_EQ(multistring_count(list.bytes), 2 + 25 + 25 + 20);
    multistring_clear(&list);
    place_remove();
}

int main(void)
{
    CHECK_EQ(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain), SQLITE_OK);
    sqlite3_mem_methods failing = plain;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    CHECK_EQ(sqlite3_config(SQLITE_CONFIG_MALLOC, &failing), SQLITE_OK);
    test_garbage();
    test_pages();
    test_other_contents();
    test_no_rights();
    test_dead_writer();
    test_full();
    test_no_memory();
    test_fork();
    return check_result();
}
