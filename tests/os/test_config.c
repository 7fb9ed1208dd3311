/* SPDX-License-Identifier: BSD-2-Clause */
/* Reader configuration: which files, in which order, of which size; and that a missing
 * directory is nothing. Files of the machine itself in /etc are passed over here. */
#include "os/config.h"

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/log.h"
#include "tests/support/check.h"

#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/test_config-XXXXXX";
static char directory[128]; /* root/a/winscard/readers.d */

static char taken[2000]; /* "name=text|" of each file */
static size_t taken_count, taken_size;
static unsigned logged;

static void take(void *context, const char *path, const char *text)
{
    size_t used = strlen(taken);
    CHECK(context == (void *)taken);
    if (strncmp(path, root, strlen(root)) != 0)
        return;
    taken_count++;
    taken_size = strlen(text);
    (void)snprintf(taken + used, sizeof(taken) - used, "%s=%.8s|", strrchr(path, '/') + 1,
                   text);
}

static void count_line(enum log_level level, const char *line)
{
    CHECK_EQ(level, LOG_ERROR);
    if (strncmp(line, root, strlen(root)) == 0)
        logged++;
}

static void read_config(void)
{
    taken[0] = '\0';
    taken_count = 0;
    logged = 0;
    os_read_reader_config(take, taken);
}

static const char *in_directory(const char *name)
{
    static char path[300];
    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

static void write_file(const char *name, const char *bytes, size_t size)
{
    FILE *file = fopen(in_directory(name), "wb");
    CHECK(file != NULL);
    if (file == NULL)
        return;
    CHECK_EQ(fwrite(bytes, 1, size, file), size);
    CHECK_EQ(fclose(file), 0);
}

static void delete_file(const char *name)
{
    CHECK_EQ(unlink(in_directory(name)), 0);
}

static void make_directories(void)
{
    static const char *const parts[] = {"/a", "/winscard", "/readers.d"};
    CHECK(mkdtemp(root) != NULL);
    size_t used = (size_t)snprintf(directory, sizeof(directory), "%s", root);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        used +=
            (size_t)snprintf(directory + used, sizeof(directory) - used, "%s", parts[i]);
        CHECK_EQ(mkdir(directory, 0700), 0);
    }
}

static void remove_directories(void)
{
    while (strlen(directory) >= strlen(root)) {
        CHECK_EQ(rmdir(directory), 0);
        *strrchr(directory, '/') = '\0';
    }
}

static void test_order(void)
{
    read_config();
    CHECK_STR(taken, "");
    write_file("b.conf", "soft:", 5);
    write_file("a.conf", "vpcd:", 5);
    write_file("B.conf", "hid:", 4);
    write_file("10.conf", "", 0);
    write_file(".hidden.conf", "no", 2);
    write_file(".conf", "no", 2);
    write_file("a.conf~", "no", 2);
    write_file("aconf", "no", 2);
    write_file("a.CONF", "no", 2);
    read_config();
    CHECK_STR(taken, "10.conf=|B.conf=hid:|a.conf=vpcd:|b.conf=soft:|");
    CHECK_EQ(logged, 0);
    static const char *const names[] = {"b.conf", "B.conf",  "10.conf", ".hidden.conf",
                                        ".conf",  "a.conf~", "aconf",   "a.CONF"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        delete_file(names[i]);
}

/* There is a.conf from here on. */
static void test_size(void)
{
    static char bytes[CONFIG_FILE_MAX + 1];
    memset(bytes, '#', sizeof(bytes));
    write_file("b.conf", bytes, CONFIG_FILE_MAX);
    read_config();
    CHECK_EQ(taken_count, 2);
    CHECK_EQ(taken_size, CONFIG_FILE_MAX);
    CHECK_EQ(logged, 0);
    write_file("b.conf", bytes, CONFIG_FILE_MAX + 1);
    read_config();
    CHECK_STR(taken, "a.conf=vpcd:|");
    CHECK_EQ(logged, 1);
    write_file("b.conf", "so\0ft:", 6);
    read_config();
    CHECK_STR(taken, "a.conf=vpcd:|");
    CHECK_EQ(logged, 1);
    delete_file("b.conf");
}

static void test_odd_files(void)
{
    CHECK_EQ(mkdir(in_directory("0.conf"), 0700), 0);
    CHECK_EQ(mkfifo(in_directory("1.conf"), 0600), 0); /* nobody writes: must not block */
    CHECK_EQ(symlink("nowhere", in_directory("2.conf")), 0);
    CHECK_EQ(symlink("/dev/zero", in_directory("3.conf")), 0);
    CHECK_EQ(symlink("a.conf", in_directory("4.conf")), 0);
    read_config();
    CHECK_STR(taken, "4.conf=vpcd:|a.conf=vpcd:|");
    CHECK_EQ(logged, 4);
    CHECK_EQ(rmdir(in_directory("0.conf")), 0);
    delete_file("1.conf");
    delete_file("2.conf");
    delete_file("3.conf");
    delete_file("4.conf");
}

/* Who may write a file names readers, to which PINs go. */
static void test_owners(void)
{
    write_file("b.conf", "soft:", 5);
    CHECK_EQ(chmod(in_directory("b.conf"), 0646), 0);
    read_config();
    CHECK_STR(taken, "a.conf=vpcd:|");
    CHECK_EQ(logged, 1);
    CHECK_EQ(chmod(in_directory("b.conf"), 0664), 0);
    read_config();
    CHECK_STR(taken, "a.conf=vpcd:|b.conf=soft:|");
    if (geteuid() == 0) {
        CHECK_EQ(chown(in_directory("b.conf"), 65534, 65534), 0);
        read_config();
        CHECK_STR(taken, "a.conf=vpcd:|");
        CHECK_EQ(logged, 1);
        CHECK_EQ(chown(root, 65534, 65534), 0); /* as sudo -E brings it along */
        read_config();
        CHECK_STR(taken, "");
        CHECK_EQ(logged, 1);
        CHECK_EQ(chown(root, 0, 0), 0);
    }
    delete_file("b.conf");
}

static void test_many(void)
{
    char name[32];
    for (unsigned i = 1; i <= CONFIG_FILES_MAX; i++) {
        CHECK(snprintf(name, sizeof(name), "b%03u.conf", i) > 0);
        write_file(name, "x:", 2);
        if (i == CONFIG_FILES_MAX - 1) {
            read_config(); /* with a.conf just as many as allowed */
            CHECK_EQ(taken_count, CONFIG_FILES_MAX);
            CHECK_EQ(logged, 0);
        }
    }
    read_config();
    CHECK_EQ(taken_count, CONFIG_FILES_MAX); /* the last is left out, and this is said */
    CHECK_EQ(logged, 1);
    for (unsigned i = 1; i <= CONFIG_FILES_MAX; i++) {
        CHECK(snprintf(name, sizeof(name), "b%03u.conf", i) > 0);
        delete_file(name);
    }
}

static void test_no_memory(void)
{
    mem_fail_at(1);
    read_config();
    mem_fail_at(0);
    if (access("/etc/winscard/readers.d", F_OK) != 0) {
        CHECK_EQ(taken_count, 0);
        CHECK_EQ(logged, 1);
    }
    read_config();
    CHECK_EQ(taken_count, 1);
}

static void set_place(const char *config_home, const char *home)
{
    char path[128];
    CHECK_EQ(unsetenv("XDG_CONFIG_HOME") | unsetenv("HOME"), 0);
    if (config_home != NULL) {
        (void)snprintf(path, sizeof(path), "%s%s", config_home[0] == '.' ? "" : root,
                       config_home);
        CHECK_EQ(setenv("XDG_CONFIG_HOME", path, 1), 0);
    }
    if (home != NULL) {
        (void)snprintf(path, sizeof(path), "%s%s", root, home);
        CHECK_EQ(setenv("HOME", path, 1), 0);
    }
}

static void test_places(void)
{
    static const struct {
        const char *config_home, *home;
        unsigned count;
    } rows[] = {
        {"/a", NULL, 1}, {"/a", "/b", 1},  {NULL, "", 1},
        {"./a", "", 1},  {"/b", "", 0},    {NULL, NULL, 0},
        {NULL, "/b", 0}, {"./a", NULL, 0}, {"/a/winscard/readers.d/a.conf", "", 0},
    };
    char config[160], from[160];
    (void)snprintf(from, sizeof(from), "%s/a", root);
    (void)snprintf(config, sizeof(config), "%s/.config", root);
    CHECK_EQ(symlink("a", config), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        set_place(rows[i].config_home, rows[i].home);
        read_config();
        CHECK_EQ(taken_count, rows[i].count);
        CHECK_EQ(logged, 0);
    }
    CHECK_EQ(unlink(config), 0);

    static char huge[2 * CONFIG_PATH_MAX];
    memset(huge, '/', sizeof(huge) - 1);
    CHECK_EQ(setenv("XDG_CONFIG_HOME", huge, 1), 0);
    read_config();
    CHECK_EQ(taken_count, 0);
}

int main(void)
{
    (void)setlocale(LC_ALL, ""); /* the order must not depend on it */
    make_directories();
    log_set_sink(count_line);
    log_set_level(LOG_ERROR);
    set_place("/a", NULL);
    test_order();
    test_size();
    test_odd_files();
    test_owners();
    test_many();
    test_no_memory();
    test_places();
    delete_file("a.conf");
    remove_directories();
    return check_result();
}
