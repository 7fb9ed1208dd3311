/* SPDX-License-Identifier: BSD-2-Clause */
/* rig_stress PLUG SECONDS READERS SEED SPECIFICATION...: up to READERS simulated readers
 * are plugged and unplugged at random by the program PLUG (plug.c), their cards go and
 * come (not those of a specification with = before it: a token), while some threads use
 * them and one watches. Then:
 * - every plugging, unplugging and move of a card was seen by SCardGetStatusChange;
 * - nothing failed at a reader that nobody touched;
 * - with all unplugged there are no more threads and open files than after the warm-up, and
 *   no more memory than a little;
 * - a reader that is plugged at the end still works, and no thread is left when the last
 *   context is released. */
#include "tests/rig/guest/stress.h"

#include "tests/rig/guest/farm.h"
#include "tests/rig/guest/vhci.h"

#include <dirent.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LATE_MS = 120000, /* an event that has not been seen by then is lost */
    HASTY_MS = 300,
    PENDING_MAX = 6, /* comings and goings not seen yet: udevd takes its time for each */
    GROWTH_MAX_KB = 2048,
    HEAP_GROWTH_MAX_KB = 512
};

struct stress stress = {.mutex = PTHREAD_MUTEX_INITIALIZER};

struct figures {
    long memory_kb, heap_kb, threads, files; /* heap: what is not free in it */
};

static struct {
    char **specifications;
    unsigned specification_count, seed;
    size_t readers_max;
} plan;

uint64_t stress_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

unsigned stress_random(unsigned *seed, unsigned below)
{
    *seed = *seed * 1103515245U + 12345U;
    return (*seed >> 8) % below;
}

/* How long ago, in ms; -1: never. */
static long long ago(uint64_t then)
{
    return then == 0 ? -1 : (long long)(stress_now() - then);
}

void stress_fail(const char *what, const struct unit *unit, LONG error)
{
    if (++stress.failures > 20)
        return;
    fprintf(stderr, "%llu ms: %s: %s: %08lX\n", (unsigned long long)stress_now(),
            unit == NULL || unit->name[0] == '\0' ? "(unseen)" : unit->name, what,
            (unsigned long)error & 0xFFFFFFFF);
    if (unit != NULL)
        fprintf(stderr,
                "    ms ago: plugged %lld, seen %lld, card moved %lld, told %lld (%08X); "
                "the watcher's call %lld\n",
                ago(unit->plugged), ago(unit->seen), ago(unit->card_moved),
                ago(unit->told), (unsigned)unit->state, ago(stress.call_began));
}

/* --- What is done to readers -------------------------------------------------------- */

/* rig_plug numbers its readers as we do: each plugging is one more. */
static bool plug(bool may_be_hasty)
{
    char command[300], answer[300];
    size_t number = stress.count;
    struct unit *unit = &stress.units[number];
    const char *specification =
        plan.specifications[stress_random(&plan.seed, plan.specification_count)];
    pthread_mutex_lock(&stress.mutex);
    unit->plugged = stress_now();
    unit->card = true;
    unit->token = *specification == '=';
    specification += unit->token ? 1 : 0;
    unit->hasty = may_be_hasty && stress_random(&plan.seed, 8) == 0;
    stress.count++; /* before it can be seen */
    pthread_mutex_unlock(&stress.mutex);
    snprintf(command, sizeof(command), "plug %s?serial=S%05zu", specification, number);
    uint64_t end = stress_now() + LATE_MS;
    while (!farm_say(command, answer, sizeof(answer))) {
        if (strstr(answer, VHCI_NO_PORT) == NULL || stress_now() > end)
            return false;
        usleep(100000); /* the kernel is not through with those that were unplugged */
    }
    return true;
}

static bool unplug(size_t number)
{
    char command[60], answer[300];
    pthread_mutex_lock(&stress.mutex);
    stress.units[number].unplugged = stress_now();
    stress.units[number].disturbed++;
    pthread_mutex_unlock(&stress.mutex);
    snprintf(command, sizeof(command), "unplug %zu", number);
    return farm_say(command, answer, sizeof(answer));
}

static bool move_card(size_t number)
{
    char command[60], answer[300];
    struct unit *unit = &stress.units[number];
    pthread_mutex_lock(&stress.mutex);
    unit->card = !unit->card;
    unit->card_moved = stress_now();
    unit->disturbed++;
    snprintf(command, sizeof(command), "%s %zu 0", unit->card ? "insert" : "remove",
             number);
    pthread_mutex_unlock(&stress.mutex);
    return farm_say(command, answer, sizeof(answer));
}

/* A reader that is plugged and has been seen, at random; UNITS_MAX: none. `active` is how
 * many are plugged, `pending` how many came or went and that was not seen. */
static size_t choose(size_t *active, size_t *pending)
{
    size_t found = UNITS_MAX;
    unsigned candidates = 0;
    *active = *pending = 0;
    pthread_mutex_lock(&stress.mutex);
    for (size_t i = 0; i < stress.count; i++) {
        const struct unit *unit = &stress.units[i];
        if (unit->unplugged != 0) {
            *pending += unit->seen != 0 && unit->gone == 0;
            continue;
        }
        *pending += unit->seen == 0;
        (*active)++;
        if (unit->seen != 0 && stress_random(&plan.seed, ++candidates) == 0)
            found = i;
    }
    pthread_mutex_unlock(&stress.mutex);
    return found;
}

/* The one plugged last, if it is in a hurry. */
static bool unplug_hasty(void)
{
    size_t last = stress.count - 1;
    if (stress.count == 0 || !stress.units[last].hasty
        || stress.units[last].unplugged != 0)
        return true;
    usleep(1000 * stress_random(&plan.seed, HASTY_MS));
    return unplug(last);
}

static bool act(void)
{
    size_t active, pending, chosen = choose(&active, &pending);
    unsigned dice = stress_random(&plan.seed, 100);
    if (pending >= PENDING_MAX)
        return true;
    if (active < plan.readers_max && stress.count < UNITS_MAX - 1 && dice < 55)
        return plug(true) && unplug_hasty();
    if (chosen == UNITS_MAX)
        return true;
    return dice < 80 || stress.units[chosen].token ? unplug(chosen) : move_card(chosen);
}

/* --- What must have been seen ------------------------------------------------------- */

static void check_events(void)
{
    pthread_mutex_lock(&stress.mutex);
    uint64_t now = stress_now(); /* not before: nothing may have happened after it */
    for (size_t i = 0; i < stress.count; i++) {
        struct unit *unit = &stress.units[i];
        if (unit->seen == 0 && unit->unplugged == 0 && now - unit->plugged > LATE_MS) {
            stress_fail("its plugging was not seen", unit, 0);
            unit->seen = now;
        }
        if (unit->seen != 0 && unit->unplugged != 0 && unit->gone == 0
            && now - unit->unplugged > LATE_MS) {
            stress_fail("its unplugging was not seen", unit, 0);
            unit->gone = now;
        }
        if (unit->seen != 0 && unit->unplugged == 0 && unit->card != unit->card_seen
            && now - unit->card_moved > LATE_MS && now - unit->seen > LATE_MS) {
            stress_fail("its card's move was not seen", unit, 0);
            unit->card_seen = unit->card;
        }
    }
    pthread_mutex_unlock(&stress.mutex);
}

static bool run_until(uint64_t end)
{
    uint64_t now, last = stress_now();
    while ((now = stress_now()) < end) {
        stress.gap_max = now - last > stress.gap_max ? now - last : stress.gap_max;
        last = now;
        if (!act())
            return false;
        check_events();
        usleep(1000 * (20 + stress_random(&plan.seed, 130)));
    }
    return true;
}

static bool all_gone(void)
{
    bool gone = true;
    pthread_mutex_lock(&stress.mutex);
    for (size_t i = 0; i < stress.count; i++)
        gone = gone && (stress.units[i].seen == 0 || stress.units[i].gone != 0);
    gone = gone && stress.idle == WORKERS;
    pthread_mutex_unlock(&stress.mutex);
    return gone;
}

static void set_pause(bool pause)
{
    pthread_mutex_lock(&stress.mutex);
    stress.pause = pause;
    pthread_mutex_unlock(&stress.mutex);
}

/* Unplugs all, and waits until that has been seen everywhere. */
static bool quiesce(void)
{
    uint64_t end;
    bool done = true;
    for (size_t i = 0; i < stress.count && done; i++)
        done = stress.units[i].unplugged != 0 || unplug(i);
    set_pause(true);
    end = stress_now() + LATE_MS + 1000;
    while (done && !all_gone() && stress_now() < end)
        usleep(50000);
    check_events();
    usleep(500000); /* for those that were not seen yet */
    return done;
}

/* --- Figures ------------------------------------------------------------------------ */

static void look(struct figures *figures)
{
    char line[160];
    FILE *file = fopen("/proc/self/status", "r");
    DIR *folder = opendir("/proc/self/fd");
    memset(figures, 0, sizeof(*figures));
    malloc_trim(0);
    figures->heap_kb = (long)(mallinfo2().uordblks / 1024);
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        (void)sscanf(line, "VmRSS: %ld", &figures->memory_kb);
        (void)sscanf(line, "Threads: %ld", &figures->threads);
    }
    while (folder != NULL && readdir(folder) != NULL)
        figures->files++;
    if (file != NULL)
        fclose(file);
    if (folder != NULL)
        closedir(folder);
}

/* When there are no more than `threads`: those of the last readers end after these have
 * been reported as gone. */
static void measure(const char *when, long threads, struct figures *figures)
{
    uint64_t end = stress_now() + LATE_MS;
    look(figures);
    while (figures->threads > threads && stress_now() < end) {
        usleep(50000);
        look(figures);
    }
    printf("%s: %ld KiB resident, %ld KiB of heap, %ld threads, %ld files\n", when,
           figures->memory_kb, figures->heap_kb, figures->threads, figures->files);
}

static void compare(const struct figures *before, const struct figures *after)
{
    if (after->memory_kb > before->memory_kb + GROWTH_MAX_KB)
        stress_fail("memory grew, KiB", NULL, after->memory_kb - before->memory_kb);
    if (after->heap_kb > before->heap_kb + HEAP_GROWTH_MAX_KB)
        stress_fail("the heap grew, KiB", NULL, after->heap_kb - before->heap_kb);
    if (after->threads > before->threads)
        stress_fail("threads more than before", NULL, after->threads - before->threads);
    if (after->files > before->files)
        stress_fail("files more than before", NULL, after->files - before->files);
}

static void print_figures(void)
{
    printf("%zu readers plugged, %llu seen after %llu ms (%llu at most), "
           "%llu gone after %llu ms (%llu at most)\n",
           stress.count, (unsigned long long)stress.seen_count,
           (unsigned long long)(stress.seen_total / (stress.seen_count + 1)),
           (unsigned long long)stress.seen_max, (unsigned long long)stress.gone_count,
           (unsigned long long)(stress.gone_total / (stress.gone_count + 1)),
           (unsigned long long)stress.gone_max);
    printf("%lu connects, %lu commands, %lu calls that failed for a reason, %lu waits, "
           "%lu notifications, %lu lists\n",
           stress.connects, stress.commands, stress.refusals, stress.waits, stress.pnp,
           stress.lists);
    printf("longest call of the watcher with something to report %llu ms, longest time "
           "between two acts %llu ms\n",
           (unsigned long long)stress.call_max, (unsigned long long)stress.gap_max);
    printf("stress: %u failures\n", stress.failures);
}

/* --- The course --------------------------------------------------------------------- */

/* After all that, a reader must be found and read from. */
static bool run_last(void)
{
    unsigned long before = stress.commands;
    uint64_t end = stress_now() + LATE_MS;
    bool done = plug(false);
    set_pause(false);
    while (done && stress.commands == before && stress_now() < end)
        usleep(50000);
    if (stress.commands == before)
        stress_fail("the last reader does not work", &stress.units[stress.count - 1], 0);
    return done && quiesce();
}

static bool run(unsigned seconds)
{
    struct figures warm, end;
    uint64_t began = stress_now();
    unsigned warm_up = seconds / 3 < 60 ? seconds / 3 : 60;
    bool done = run_until(began + warm_up * 1000UL) && quiesce();
    measure("after the warm-up", LONG_MAX, &warm);
    set_pause(false);
    done = done && run_until(began + seconds * 1000UL) && quiesce();
    measure("at the end", warm.threads, &end);
    compare(&warm, &end);
    return done && run_last();
}

int main(int argc, char **argv)
{
    pthread_t watcher, workers[WORKERS];
    unsigned seeds[WORKERS];
    struct figures last;
    bool done;
    if (argc < 6 || !farm_start(argv[1]))
        return 2;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    plan.readers_max = strtoul(argv[3], NULL, 10);
    plan.seed = (unsigned)strtoul(argv[4], NULL, 10);
    plan.specifications = argv + 5;
    plan.specification_count = (unsigned)argc - 5;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &stress.watching)
        != SCARD_S_SUCCESS)
        return 2;
    pthread_create(&watcher, NULL, stress_watch, NULL);
    for (unsigned i = 0; i < WORKERS; i++) {
        seeds[i] = plan.seed + i + 1;
        pthread_create(&workers[i], NULL, stress_work, &seeds[i]);
    }
    done = run((unsigned)strtoul(argv[2], NULL, 10));
    pthread_mutex_lock(&stress.mutex);
    stress.stop = true;
    pthread_mutex_unlock(&stress.mutex);
    SCardCancel(stress.watching);
    pthread_join(watcher, NULL);
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    SCardReleaseContext(stress.watching);
    farm_stop();
    measure("after the last context", 1, &last);
    if (last.threads != 1)
        stress_fail("threads are left", NULL, last.threads);
    print_figures();
    return done && stress.failures == 0 ? 0 : 1;
}
