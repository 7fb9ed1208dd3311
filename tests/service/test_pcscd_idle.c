/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol: a transaction in which its program makes no call. It may last 60 s,
 * in which a person types a PIN, while Windows' programs lose theirs after 5; a setting
 * says otherwise. Nobody loses one that nobody waits for. */
#include "tests/support/lite_service.h"

#include "os/time.h"

#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_MS = 200, WINDOWS_MS = 5000 /* the limit of Windows' programs */ };

static struct lite holder_client, waiter_client;
static uint32_t holder, waiter;
static uint8_t received[65548];

static uint32_t transmit(struct lite *lite, uint32_t card)
{
    static const uint8_t command[] = {0x00, 0xA4, 0x00, 0x00};
    uint32_t size;
    return lite_transmit(lite, card, 2, command, sizeof(command), 256, received, &size);
}

static void begin(void)
{
    CHECK(lite_open(&holder_client, service.pcscd_path, 4));
    CHECK(lite_open(&waiter_client, service.pcscd_path, 4));
    holder = lite_card(&holder_client, READER, 2, 3);
    waiter = lite_card(&waiter_client, READER, 2, 3);
    CHECK_EQ(lite_plain(&holder_client, LITE_BEGIN, holder), 0);
}

static void end(void)
{
    lite_close(&holder_client);
    lite_close(&waiter_client);
}

/* Another waits, as libpcsclite does, for longer than Windows' programs may be idle. */
static void test_usual(void)
{
    begin();
    uint64_t until_ms = os_now_ms() + WINDOWS_MS + WINDOWS_MS / 10;
    while (os_ms_left(until_ms) > 0) {
        CHECK_EQ(lite_plain(&waiter_client, LITE_BEGIN, waiter), BUSY);
        usleep(100000);
    }
    CHECK_EQ(transmit(&holder_client, holder), 0);
    CHECK_EQ(lite_dispose(&holder_client, LITE_END, holder, 0), 0);
    end();
}

/* With a limit: the one who waits has it then, and a card that was reset. */
static void test_limit(void)
{
    uint32_t result;
    begin();
    while ((result = lite_plain(&waiter_client, LITE_BEGIN, waiter)) == BUSY)
        usleep(20000);
    CHECK_EQ(result, RESET);
    CHECK_EQ(transmit(&holder_client, holder), RESET);
    end();
}

static void test_alone(void)
{
    begin();
    usleep(5 * LIMIT_MS * 1000);
    CHECK_EQ(transmit(&holder_client, holder), 0);
    CHECK_EQ(lite_dispose(&holder_client, LITE_END, holder, 0), 0);
    end();
}

/* Settings are read once in a process. */
static void run_with(const char *limit, const char *strict, void (*const tests[])(void),
                     size_t count)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        (void)(limit != NULL ? setenv("WINSCARD_TRANSACTION_MS", limit, 1)
                             : unsetenv("WINSCARD_TRANSACTION_MS"));
        (void)(strict != NULL ? setenv("WINSCARD_TRANSACTION_STRICT", strict, 1)
                              : unsetenv("WINSCARD_TRANSACTION_STRICT"));
        exit(lite_run_tests(tests, count));
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_EQ(status, 0);
}

int main(void)
{
    static void (*const usual[])(void) = {test_usual};
    static void (*const limited[])(void) = {test_alone, test_limit};
    run_with(NULL, NULL, usual, 1);
    run_with("200", NULL, limited, 2);
    run_with("200", "1", limited, 2); /* that is for Windows' programs alone */
    run_with("0", NULL, usual, 1);
    return check_result();
}
