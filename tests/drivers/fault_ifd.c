/* SPDX-License-Identifier: BSD-2-Clause */
/* IFD handlers that misbehave: each costs its own readers, which come again, and nothing of
 * the program or of other readers. */
#include "base/atomic.h"
#include "base/log.h"
#include "os/thread.h"
#include "os/time.h"
#include "tests/drivers/ifd_test.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fake_host host;

/* --- What the log says, and what is left ----------------------------------------------- */

static struct {
    struct os_mutex lock;
    char lines[64][300];
    size_t count;
} said = {.lock = OS_MUTEX_INIT};

static void note_line(enum log_level level, const char *line)
{
    (void)level;
    os_mutex_lock(&said.lock);
    if (said.count < 64)
        (void)snprintf(said.lines[said.count++], sizeof(said.lines[0]), "%.299s", line);
    os_mutex_unlock(&said.lock);
}

static bool has_said(const char *words)
{
    bool found = false;
    for (int i = 0; i < 500 && !found; i++) {
        os_mutex_lock(&said.lock);
        for (size_t k = 0; k < said.count; k++)
            found |= strstr(said.lines[k], words) != NULL;
        os_mutex_unlock(&said.lock);
        if (!found)
            (void)usleep(10000);
    }
    if (!found)
        fprintf(stderr, "not said: %s\n", words);
    if (!found)
        for (size_t k = 0; k < said.count; k++)
            fprintf(stderr, "said: %s\n", said.lines[k]);
    os_mutex_lock(&said.lock);
    said.count = 0;
    os_mutex_unlock(&said.lock);
    return found;
}

static unsigned count_descriptors(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (directory != NULL && readdir(directory) != NULL)
        count++;
    if (directory != NULL)
        (void)closedir(directory);
    return count;
}

/* A word in the environment of each process that was started here, or by those. */
static char mark[64];

static bool has_mark(const char *name)
{
    char path[300], bytes[8192];
    (void)snprintf(path, sizeof(path), "/proc/%.200s/environ", name);
    FILE *file = fopen(path, "r");
    size_t size = file != NULL ? fread(bytes, 1, sizeof(bytes) - 1, file) : 0;
    if (file != NULL)
        (void)fclose(file);
    for (size_t i = 0; i + strlen(mark) <= size; i++)
        if (memcmp(bytes + i, mark, strlen(mark)) == 0)
            return true;
    return false;
}

static unsigned count_processes(void)
{
    unsigned count = 0;
    const struct dirent *entry;
    DIR *directory = opendir("/proc");
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        count +=
            entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && has_mark(entry->d_name);
    if (directory != NULL)
        (void)closedir(directory);
    return count;
}

static bool are_gone(void)
{
    for (int i = 0; i < 500; i++) {
        if (count_processes() == 0)
            return true;
        (void)usleep(10000);
    }
    return false;
}

/* --- Commands that end it -------------------------------------------------------------- */

/* The reader goes, and comes again; the next one of the host's list is it. */
static void check_ending(const char *command, uint64_t in_ms, enum sc_error error,
                         const char *words)
{
    ifd_start(&host, "behaves", "");
    CHECK(fake_wait_readers(&host, 1));
    ifd_check_works(&host, 0);
    CHECK_EQ(ifd_send(&host, 0, in_ms, command), error);
    CHECK(fake_wait_gone(&host, 0));
    CHECK(has_said(words));
    CHECK(fake_wait_readers(&host, 2));
    ifd_check_works(&host, 1);
    fake_host_stop(&host);
    CHECK(are_gone());
}

/* What costs the command alone. */
static void check_failing(const char *command, enum sc_error error)
{
    CHECK_EQ(ifd_send(&host, 0, CHECK_HANG_MS, command), error);
    ifd_check_works(&host, 0);
}

static void check_nonsense(void)
{
    uint8_t value[DRIVER_ATTRIBUTE_MAX], five = 5;
    size_t size = 0;
    struct transfer t = {.in = &five, .in_size = 1};
    ifd_start(&host, "behaves", "");
    CHECK(fake_wait_readers(&host, 1));
    ifd_check_works(&host, 0);
    check_failing("8003", SC_F_COMM_ERROR);
    check_failing("800A", SC_E_TIMEOUT);
    check_failing("800F", SC_F_COMM_ERROR);
    check_failing("8010", SC_F_COMM_ERROR); /* one byte is no answer of a card */
    check_failing("8005", SC_OK);           /* a process of its own */
    check_failing("8011", SC_OK); /* what it prints is not the program's output */
    CHECK_EQ(fake_attribute(&host, 0, 0x7FFF0001, value, sizeof(value), &size),
             SC_F_COMM_ERROR);
    struct os_stop stop = OS_STOP_INIT;
    t.job =
        (struct driver_job){.deadline_ms = os_now_ms() + CHECK_HANG_MS, .stop = &stop};
    void *device = host.readers[0].device;
    CHECK_EQ(ifd_driver.set_attribute(device, 0x7FFF0004, &t), SC_OK);
    CHECK_EQ(ifd_driver.set_attribute(device, 0x7FFF0005, &t), SC_X_NOT_SUPPORTED);
    five = 6;
    CHECK_EQ(ifd_driver.set_attribute(device, 0x7FFF0004, &t), SC_E_INVALID_PARAMETER);
    os_stop_destroy(&stop);
    ifd_check_works(&host, 0);
    fake_host_stop(&host);
    CHECK(are_gone()); /* with the process that it has started */
    ifd_start(&host, "longatr", "");
    CHECK(fake_wait_readers(&host, 1));
    CHECK_EQ(ifd_power_on(&host, 0), SC_W_UNRESPONSIVE_CARD);
    fake_host_stop(&host);
    ifd_start(&host, "noatr", "");
    CHECK(fake_wait_readers(&host, 1));
    CHECK_EQ(ifd_power_on(&host, 0), SC_W_UNRESPONSIVE_CARD);
    fake_host_stop(&host);
    ifd_start(&host, "many", "");
    CHECK(fake_wait_readers(&host, 1));
    ifd_check_works(&host, 0);
    fake_host_stop(&host);
}

/* A hang of one is none of the other's. */
static void check_others(void)
{
    static struct fake_host other;
    ifd_start(&host, "behaves", "");
    ifd_start(&other, "other", "");
    CHECK(fake_wait_readers(&host, 1));
    CHECK(fake_wait_readers(&other, 1));
    ifd_check_works(&host, 0);
    ifd_check_works(&other, 0);
    CHECK_EQ(ifd_send(&host, 0, 200, "8002"), SC_E_TIMEOUT);
    ifd_check_works(&other, 0);
    CHECK(fake_wait_readers(&host, 2));
    CHECK_EQ(other.count, 1);
    fake_host_stop(&host);
    fake_host_stop(&other);
    CHECK(are_gone());
}

/* --- Ends ------------------------------------------------------------------------------ */

/* A handler that does not close its reader does not keep the program. */
static void check_closing(void)
{
    ifd_start(&host, "closehang", "");
    CHECK(fake_wait_readers(&host, 1));
    ifd_check_works(&host, 0);
    fake_host_stop(&host);
    CHECK(are_gone());
}

/* A process that the program has forked, and that has all its descriptors, keeps nothing. */
static void check_forked(void)
{
    ifd_start(&host, "behaves", "");
    CHECK(fake_wait_readers(&host, 1));
    pid_t child = fork();
    if (child == 0)
        for (;;)
            (void)pause();
    uint64_t begin_ms = os_now_ms();
    fake_host_stop(&host);
    CHECK(os_now_ms() - begin_ms < 3000);
    CHECK(are_gone());
    CHECK_EQ(kill(child, SIGKILL), 0);
    CHECK_EQ(waitpid(child, NULL, 0), child);
}

/* A program that is killed takes the handlers' processes along, and what those started. */
static void check_killed(void)
{
    int ends[2];
    char byte;
    CHECK_EQ(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        ifd_start(&host, "openfork", "");
        byte = fake_wait_readers(&host, 1) ? 'y' : 'n';
        if (write(ends[1], &byte, 1) == 1)
            for (;;)
                (void)pause();
        _exit(1);
    }
    CHECK(read(ends[0], &byte, 1) == 1 && byte == 'y');
    CHECK(count_processes() >= 2);
    CHECK_EQ(kill(child, SIGKILL), 0);
    CHECK_EQ(waitpid(child, NULL, 0), child);
    CHECK(are_gone());
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* --- Stops ----------------------------------------------------------------------------- */

static void abort_later(void *context)
{
    (void)context;
    (void)usleep(50000);
    fake_abort(&host, 0);
}

/* The answer that nobody waits for any more is not taken for the next one's. */
static void check_stopped(void)
{
    struct os_thread thread;
    ifd_start(&host, "behaves", "");
    CHECK(fake_wait_readers(&host, 1));
    ifd_check_works(&host, 0);
    for (int i = 0; i < 5; i++) {
        CHECK_EQ(os_thread_start(&thread, "stop", abort_later, NULL), SC_OK);
        CHECK_EQ(ifd_send(&host, 0, CHECK_HANG_MS, "8007"), SC_E_CANCELLED);
        os_thread_join(&thread);
        CHECK_EQ(ifd_send(&host, 0, CHECK_HANG_MS, "00B0000001"), SC_OK);
        CHECK_EQ(ifd_size, 7);
        fake_stop_next(&host, 0);
        CHECK_EQ(ifd_send(&host, 0, CHECK_HANG_MS, "00B0000001"), SC_E_CANCELLED);
    }
    CHECK_EQ(host.count, 1);
    /* One that hangs after the stop is ended by the next job's deadline. */
    CHECK_EQ(os_thread_start(&thread, "stop", abort_later, NULL), SC_OK);
    CHECK_EQ(ifd_send(&host, 0, CHECK_HANG_MS, "8002"), SC_E_CANCELLED);
    os_thread_join(&thread);
    CHECK_EQ(ifd_send(&host, 0, 100, "00B0000001"), SC_E_TIMEOUT);
    CHECK(fake_wait_readers(&host, 2));
    ifd_check_works(&host, 1);
    fake_host_stop(&host);
}

/* --- Opening --------------------------------------------------------------------------- */

/* It never comes, is tried again, and the driver can be stopped meanwhile. */
static void check_opening(const char *device, const char *more, const char *words)
{
    ifd_start(&host, device, more);
    CHECK(has_said(words));
    CHECK_EQ(host.count, 0);
    fake_host_stop(&host);
    CHECK(are_gone());
}

static void check_object(const char *object, const char *words)
{
    char uri[600];
    (void)snprintf(uri, sizeof(uri), "ifd:%s?device=x", object);
    fake_host_init(&host, &ifd_driver);
    CHECK_EQ(fake_host_start(&host, uri), SC_E_READER_UNAVAILABLE);
    CHECK(has_said(words));
    fake_host_stop(&host);
}

static void make_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fwrite(bytes, 1, size, file) == size);
    if (file != NULL)
        (void)fclose(file);
}

static void check_objects(void)
{
    char folder[] = "/tmp/fault_ifd_XXXXXX", path[100],
         elf[64] = "\x7F"
                   "ELF\x01\x01\x01";
    CHECK(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof(path), "%s/x.so", folder);
    check_object(path, "is not there");
    make_file(path, "text", 4);
    check_object(path, "is not a shared object");
    elf[18] = 3;
    make_file(path, elf, sizeof(elf));
    check_object(path,
                 sizeof(void *) == 8 ? "is for 32-bit programs" : "another machine");
    check_object("/bin/true", "has no IFDHCreateChannel");
    (void)unlink(path);
    (void)rmdir(folder);
    /* The program itself is not there, or is another one. */
    fake_host_init(&host, &ifd_driver);
    (void)setenv("WINSCARD_IFD_PROGRAM", "/nowhere", 1);
    CHECK_EQ(fake_host_start(&host, "ifd:" IFD_TEST_HANDLER "?device=x"), SC_OK);
    CHECK(has_said("cannot be started"));
    fake_host_stop(&host);
    fake_host_init(&host, &ifd_driver);
    (void)setenv("WINSCARD_IFD_PROGRAM", "/bin/true", 1);
    CHECK_EQ(fake_host_start(&host, "ifd:" IFD_TEST_HANDLER "?device=x"), SC_OK);
    CHECK(has_said("has ended"));
    fake_host_stop(&host);
}

int main(void)
{
    static const char name[] = "IFD_TEST_MARK";
    (void)snprintf(mark, sizeof(mark), "%s=%d.", name, (int)getpid());
    (void)setenv(name, mark + sizeof(name), 1);
    log_set_level(LOG_ERROR);
    log_set_sink(note_line);
    check_killed(); /* while there is no other thread */
    check_objects();
    check_nonsense(); /* first: what stays open once */
    unsigned before = count_descriptors();
    check_ending("8001", CHECK_HANG_MS, SC_E_READER_UNAVAILABLE,
                 "has crashed (signal 11)");
    check_ending("8002", 200, SC_E_TIMEOUT, "does not answer in time");
    check_ending("8004", CHECK_HANG_MS, SC_F_COMM_ERROR, "has written behind a buffer");
    check_ending("8006", CHECK_HANG_MS, SC_E_READER_UNAVAILABLE, "has ended");
    check_ending("8008", CHECK_HANG_MS, SC_E_READER_UNAVAILABLE,
                 "has crashed (signal 6)");
    check_ending("800B", 200, SC_E_TIMEOUT, "does not answer in time");
    check_ending("800C", 1000, SC_E_READER_UNAVAILABLE, "ended");
    check_others();
    check_closing();
    check_forked();
    check_stopped();
    check_opening("nodevice", "", "no such device");
    check_opening("openhang", "&open_timeout=200", "does not come back");
    check_opening("opencrash", "", "has crashed (signal 11)");
    check_opening("openexit", "", "has ended while it opened");
    CHECK_EQ(count_descriptors(), before);
    return check_result();
}
