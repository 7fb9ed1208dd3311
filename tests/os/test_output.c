/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines that leave the process: one write each, so that those of others do not mix. A
 * datagram socket in place of a file keeps the writes apart. */
#include "base/log.h"
#include "os/append.h"

#include "tests/support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int ends[2]; /* written to, read from */

static void check_datagram(const char *want)
{
    char got[2 * LOG_LINE_MAX];
    ssize_t size = recv(ends[1], got, sizeof(got) - 1, MSG_DONTWAIT);
    got[size > 0 ? size : 0] = '\0';
    CHECK_STR(got, want);
}

static void test_standard_error(void)
{
    char text[LOG_LINE_MAX + 100], want[LOG_LINE_MAX + 100];
    int saved = dup(2);
    CHECK(dup2(ends[0], 2) == 2);
    log_set_level(LOG_DEBUG);
    log_debug("reader %u: %s", 7U, "card removed");
    log_trace("this is off");
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_error("%s", text);
    CHECK(dup2(saved, 2) == 2);
    close(saved);
    check_datagram("winscard: reader 7: card removed\n");
    text[LOG_LINE_MAX - 1] = '\0';
    CHECK(snprintf(want, sizeof(want), "winscard: %s\n", text) > 0);
    check_datagram(want);
    check_datagram(""); /* nothing else came */
}

static void test_append_write(void)
{
    os_append_write(ends[0], "one line\n", 9);
    os_append_write(ends[0], "", 0);
    check_datagram("one line\n");
    check_datagram("");
    os_append_write(-1, "lost", 4); /* returns, and that is all */
}

static void check_refused(const char *path, const char *want)
{
    const char *why = NULL;
    CHECK_EQ(os_append_open(path, &why), -1);
    CHECK_STR(why, want);
}

/* `path` is a file that is fit, `other` a name that is free. */
static void test_unfit_files(const char *path, const char *other)
{
    static const char others[] =
        "may be read or written by others (chmod 600 mends that)";
    static const mode_t modes[] = {0666, 0640, 0602};
    const char *why = "";
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        CHECK_EQ(chmod(path, modes[i]), 0);
        check_refused(path, others);
    }
    CHECK_EQ(chmod(path, 0600), 0);
    CHECK_EQ(link(path, other), 0);
    check_refused(path, "has more than one name (hard links)");
    CHECK_EQ(unlink(other), 0);
    CHECK_EQ(mkfifo(other, 0600), 0);
    check_refused(other, "is not a regular file"); /* and did not wait for a reader */
    int reader = open(other, O_RDONLY | O_NONBLOCK);
    check_refused(other, "is not a regular file");
    close(reader);
    CHECK_EQ(unlink(other), 0);
    if (geteuid() == 0) {
        CHECK_EQ(chown(path, 65534, 65534), 0);
        check_refused(path, "belongs to another user");
        CHECK_EQ(chown(path, 0, 0), 0);
    }
    int file = os_append_open(path, &why);
    CHECK(file >= 0 && why == NULL);
    close(file);
}

static void test_append_open(const char *directory)
{
    char path[256], link[256], text[32];
    struct stat status;
    CHECK(snprintf(path, sizeof(path), "%s/trace", directory) > 0);
    CHECK(snprintf(link, sizeof(link), "%s/link", directory) > 0);
    mode_t before = umask(0);
    for (unsigned i = 0; i < 2; i++) {
        int file = os_append_open(path, NULL);
        CHECK(file >= 0);
        os_append_write(file, "line\n", 5);
        CHECK(fcntl(file, F_GETFD) & FD_CLOEXEC);
        close(file);
    }
    umask(before);
    CHECK_EQ(stat(path, &status), 0);
    CHECK_EQ(status.st_mode & 07777, 0600);
    int file = open(path, O_RDONLY);
    CHECK_EQ(read(file, text, sizeof(text)), 10);
    CHECK_MEM(text, "line\nline\n", 10);
    close(file);
    CHECK_EQ(symlink(path, link), 0);
    check_refused(link, "is a symbolic link");
    check_refused(directory, "cannot be opened or made");
    CHECK_EQ(unlink(link), 0);
    test_unfit_files(path, link);
    CHECK_EQ(unlink(path), 0);
}

int main(void)
{
    char directory[] = "/tmp/test_output-XXXXXX";
    CHECK_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    CHECK(mkdtemp(directory) != NULL);
    test_standard_error();
    test_append_write();
    test_append_open(directory);
    CHECK_EQ(rmdir(directory), 0);
    close(ends[0]);
    close(ends[1]);
    return check_result();
}
