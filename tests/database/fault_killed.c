/* SPDX-License-Identifier: BSD-2-Clause */
/* Two processes write to one database as fast as they can, each says what it committed,
 * and one of them is killed at random, again and again: all that was said is there, and
 * the file is in order. In the first round nothing is waited for, so that one may be
 * killed while it makes the database. */
#include "tests/database/place.h"

#include "os/random.h"

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>

enum { ROUNDS = 12, WRITERS = 2, LONGEST_MS = 120, HANG_MS = 300000 };

/* Writes cards until it is killed, or one cannot be written; tells the number of each
 * that is committed. */
static void write_cards(int round, int writer, int out)
{
    for (uint32_t i = 0;; i++) {
        char name[64];
        snprintf(name, sizeof(name), "%d %d %u", round, writer, (unsigned)i);
        struct database_card card = place_card(name, (uint8_t)i, 1 + i % 33);
        enum sc_error error;
        do /* the other may write for as long as database.h says */
            error = database_put_card(DATABASE_SYSTEM, &card);
        while (error == SC_E_SERVER_TOO_BUSY);
        if (error != SC_OK)
            fprintf(stderr, "writer %d: %s\n", writer, sc_error_name(error));
        if (error != SC_OK || write(out, &i, sizeof(i)) != sizeof(i))
            _exit(3);
    }
}

static pid_t start(int round, int writer, int pipe_ends[2])
{
    if (pipe(pipe_ends) != 0)
        abort();
    pid_t child = fork();
    if (child == 0)
        write_cards(round, writer, pipe_ends[1]);
    close(pipe_ends[1]);
    return child;
}

/* Until the writer has committed a card. */
static void wait_for_word(int in)
{
    struct pollfd word = {.fd = in, .events = POLLIN};
    CHECK_EQ(poll(&word, 1, HANG_MS), 1);
    CHECK((word.revents & POLLIN) != 0);
}

static void end(pid_t child)
{
    int status = 0;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status)); /* not ended by an error of its own */
}

/* Everything that a writer told of is there. */
static uint32_t check_written(int round, int writer, int in)
{
    uint32_t number, count = 0;
    while (read(in, &number, sizeof(number)) == sizeof(number)) {
        struct database_card card;
        char name[64];
        snprintf(name, sizeof(name), "%d %d %u", round, writer, (unsigned)number);
        CHECK_EQ(number, count);
        CHECK_EQ(database_get_card(name, &card), SC_OK);
        CHECK_EQ(card.atr_size, 1 + number % 33);
        count++;
    }
    close(in);
    return count;
}

static int read_row(void *context, int count, char **values, char **names)
{
    (void)count;
    (void)names;
    snprintf(context, 16, "%s", values[0]);
    return 0;
}

/* A database that nobody has written to need not be there. */
static void check_integrity(bool written)
{
    sqlite3 *file;
    char text[16] = "";
    if (!written && access(place_path("system/cards.sqlite"), F_OK) != 0)
        return;
    CHECK_EQ(sqlite3_open(place_path("system/cards.sqlite"), &file), SQLITE_OK);
    CHECK_EQ(sqlite3_exec(file, "PRAGMA integrity_check", read_row, text, NULL),
             SQLITE_OK);
    CHECK_STR(text, "ok");
    sqlite3_close(file);
}

int main(int argc, char **argv)
{
    uint32_t total = 0, seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    if (seed == 0)
        CHECK_EQ(os_random(&seed, sizeof(seed)), SC_OK);
    fprintf(stderr, "seed %u\n", (unsigned)seed);
    srand(seed);
    place_make();
    for (int round = 0; round < ROUNDS; round++) {
        int ends[WRITERS][2];
        pid_t writers[WRITERS];
        for (int i = 0; i < WRITERS; i++)
            writers[i] = start(round, i, ends[i]);
        for (int i = 0; i < WRITERS && round > 0; i++)
            wait_for_word(ends[i][0]);
        usleep((useconds_t)(rand() % LONGEST_MS) * 1000 + (useconds_t)(rand() % 1000));
        end(writers[0]);
        usleep(20000); /* the other goes on, over what is left of the first */
        end(writers[1]);
        for (int i = 0; i < WRITERS; i++)
            total += check_written(round, i, ends[i][0]);
        check_integrity(total > 0);
    }
    fprintf(stderr, "%u cards committed\n", (unsigned)total);
    CHECK(total > 0);
    place_remove();
    return check_result();
}
