/* SPDX-License-Identifier: BSD-2-Clause */
/* The policy in force, from real files; and the system's own names. */
#include "base/alloc.h"
#include "base/log.h"
#include "service/accounts.h"
#include "service/policy_file.h"
#include "service/policy_store.h"
#include "tests/service/policy_test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/winscard-policy-XXXXXX";
static char path[64];
static char logged[LOG_LINE_MAX]; /* the first line since it was emptied */
static const struct policy_peer alice = {ALICE, NULL, 0};
static const struct policy_peer root = {0, NULL, 0};
static const char *const reader[] = {"A reader 0"};

static void keep_line(enum log_level level, const char *line)
{
    (void)level;
    if (logged[0] == '\0')
        (void)snprintf(logged, sizeof(logged), "%s", line);
}

static void write_file(const char *text, size_t size, mode_t mode)
{
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fwrite(text, 1, size, file) == size);
    if (file != NULL)
        CHECK_EQ(fclose(file), 0);
    CHECK_EQ(chmod(path, mode), 0);
}

static bool may_use(struct policy_store *store, const struct policy_peer *peer)
{
    struct policy *policy = policy_store_get(store);
    enum policy_answer answer = policy_may(policy, peer, reader, 1, POLICY_USE);
    policy_release(policy);
    return answer == POLICY_ALLOW;
}

/* Loads, and says what must be so then. */
static void load(struct policy_store *store, enum sc_error error, bool allowed,
                 const char *line)
{
    logged[0] = '\0';
    CHECK_EQ(policy_store_load(store), error);
    CHECK_EQ(may_use(store, &alice), allowed);
    CHECK(may_use(store, &root));
    if (strstr(logged, line) == NULL)
        fprintf(stderr, "logged: %s\n", logged);
    CHECK(strstr(logged, line) != NULL);
}

static void load_text(struct policy_store *store, const char *text, enum sc_error error,
                      bool allowed, const char *line)
{
    write_file(text, strlen(text), 0644);
    load(store, error, allowed, line);
}

static void test_loading(struct policy_store *store)
{
    struct policy_fault fault;
    CHECK(!may_use(store, &root)); /* nothing is read yet */
    load_text(store, "\nallow alice use any reader\n", SC_E_INVALID_VALUE, false,
              "policy.conf:2: expected everyone");
    CHECK_EQ(policy_store_state(store, &fault), POLICY_CLOSED);
    load_text(store, "allow everyone", SC_E_INVALID_VALUE, false, "policy.conf:1: ");
    CHECK_EQ(policy_store_state(store, &fault), POLICY_CLOSED);
    load_text(store, "# a file that says nothing\n", SC_OK, false, "");
    load_text(store, "allow user alice use any reader\n", SC_OK, true, "");
    CHECK_EQ(unlink(path), 0);
    load(store, SC_OK, true, ""); /* no file */
    CHECK_STR(logged, "");
    load_text(store, "deny user alice use any reader\n", SC_OK, false, "");
    CHECK_EQ(policy_store_state(store, &fault), POLICY_GOOD);
}

/* What was in force stays so: nobody gets more by a file that is broken, nor less. */
static void test_reloading(struct policy_store *store)
{
    static const char *const texts[] = {"deny user alice use any reader\n",
                                        "allow user alice use any reader\n"};
    for (int allowed = 0; allowed < 2; allowed++) {
        struct policy_fault fault = {0, ""};
        load_text(store, texts[allowed], SC_OK, allowed, "");
        for (int i = 0; i < 2; i++) { /* one after another, too */
            load_text(store, "#\nallow alice\n", SC_E_INVALID_VALUE, allowed,
                      "policy.conf:2: expected everyone");
            CHECK_EQ(policy_store_state(store, &fault), POLICY_KEPT);
            CHECK_EQ(fault.line, 2);
        }
        load_text(store, texts[!allowed], SC_OK, !allowed, "");
        CHECK_EQ(policy_store_state(store, &fault), POLICY_GOOD);
    }
    CHECK_EQ(unlink(path), 0);
}

/* One that somebody named is not forgotten by being moved away. */
static void test_named(struct policy_store *store)
{
    store->options.is_named = true;
    load_text(store, "deny user alice use any reader\n", SC_OK, false, "");
    CHECK_EQ(unlink(path), 0);
    load(store, SC_E_NO_ACCESS, false, "no such file");
    load_text(store, "allow user alice use any reader\n", SC_OK, true, "");
    CHECK_EQ(unlink(path), 0);
    load(store, SC_E_NO_ACCESS, true, "no such file");
    store->options.is_named = false;
    load(store, SC_OK, true, "");
}

/* Who has a policy keeps it, whatever comes after. */
static void test_keeping(struct policy_store *store)
{
    load_text(store, "deny user alice use any reader\n", SC_OK, false, "");
    struct policy *before = policy_store_get(store);
    load_text(store, "allow user alice use any reader\n", SC_OK, true, "");
    CHECK_EQ(policy_may(before, &alice, reader, 1, POLICY_USE), POLICY_DENY);
    policy_release(before);
}

static void test_trust(struct policy_store *store)
{
    static const char text[] = "allow everyone use any reader\n";
    static char large[POLICY_TEXT_MAX + 1];
    load_text(store, "deny user alice use any reader\n", SC_OK, false, "");
    write_file(text, strlen(text), 0664);
    load(store, SC_E_NO_ACCESS, false, "may be written by others");
    write_file(text, strlen(text), 0646);
    load(store, SC_E_NO_ACCESS, false, "may be written by others");
    memset(large, '#', sizeof(large));
    write_file(large, sizeof(large), 0644);
    load(store, SC_E_NO_ACCESS, false, "larger than");
    write_file(large, sizeof(large) - 1, 0644);
    load(store, SC_OK, false, "");
    if (geteuid() == 0) {
        write_file(text, strlen(text), 0644);
        CHECK_EQ(chown(path, BOB, (gid_t)-1), 0);
        load(store, SC_E_NO_ACCESS, false, "belongs neither");
    }
    CHECK_EQ(unlink(path), 0);
    CHECK_EQ(symlink("not-there", path), 0);
    load(store, SC_E_NO_ACCESS, false, "cannot be opened");
    CHECK_EQ(unlink(path), 0);
    CHECK_EQ(mkdir(path, 0755), 0);
    load(store, SC_E_NO_ACCESS, false, "not a plain file");
    CHECK_EQ(rmdir(path), 0);
    CHECK_EQ(mkfifo(path, 0644), 0); /* and it does not wait for a writer */
    load(store, SC_E_NO_ACCESS, false, "not a plain file");
    CHECK_EQ(unlink(path), 0);
}

/* With no memory never more is allowed than before. */
static void test_memory(struct policy_store *store)
{
    const char *text = "deny user alice use any reader\n";
    load_text(store, text, SC_OK, false, "");
    enum sc_error error = SC_E_NO_MEMORY;
    for (uint32_t n = 1; n < 20 && error != SC_OK; n++) {
        mem_fail_at(n);
        error = policy_store_load(store);
        mem_fail_at(0);
        CHECK(error == SC_OK || error == SC_E_NO_MEMORY);
        CHECK(!may_use(store, &alice));
    }
    CHECK_EQ(error, SC_OK);
    CHECK_EQ(unlink(path), 0);
}

/* Nor at the first time, when all is refused, or all but root. */
static void test_first_memory(const struct policy_options *options)
{
    enum sc_error error = SC_E_NO_MEMORY;
    write_file("allow user alice use any reader\n", 32, 0644);
    for (uint32_t n = 1; n < 20 && error != SC_OK; n++) {
        struct policy_store store;
        policy_store_init(&store, path, options);
        mem_fail_at(n);
        error = policy_store_load(&store);
        mem_fail_at(0);
        CHECK_EQ(may_use(&store, &alice), error == SC_OK);
        policy_store_destroy(&store);
    }
    CHECK_EQ(error, SC_OK);
    CHECK_EQ(unlink(path), 0);
}

static void test_system_accounts(void)
{
    const struct policy_accounts *system = accounts_system();
    uint32_t id = 77;
    CHECK_EQ(system->find_user(system->context, "root", &id), SC_OK);
    CHECK_EQ(id, 0);
    id = 77;
    CHECK_EQ(system->find_group(system->context, "root", &id), SC_OK);
    CHECK_EQ(id, 0);
    id = 77;
    CHECK_EQ(system->find_user(system->context, "no such user", &id),
             SC_E_FILE_NOT_FOUND);
    CHECK_EQ(system->find_group(system->context, "no such group", &id),
             SC_E_FILE_NOT_FOUND);
    CHECK_EQ(id, 77);
    mem_fail_at(1);
    CHECK_EQ(system->find_user(system->context, "root", &id), SC_E_NO_MEMORY);
    mem_fail_at(0);
}

int main(void)
{
    struct policy_store store;
    struct policy_options options = test_options;
    options.owner = (uint32_t)geteuid();
    CHECK(mkdtemp(directory) != NULL);
    (void)snprintf(path, sizeof(path), "%s/policy.conf", directory);
    log_set_level(LOG_ERROR);
    log_set_sink(keep_line);
    policy_store_init(&store, path, &options);
    test_loading(&store);
    test_reloading(&store);
    test_named(&store);
    test_keeping(&store);
    test_trust(&store);
    test_memory(&store);
    policy_store_destroy(&store);
    test_first_memory(&options);
    test_system_accounts();
    CHECK_EQ(rmdir(directory), 0);
    return check_result();
}
