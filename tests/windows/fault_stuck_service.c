/* SPDX-License-Identifier: BSD-2-Clause */
/* What winscardd.exe runs, in a process of its own with a driver that never comes back from a
 * call: told to end, it does in its time, and leaves no file behind. */
#include "service/lifetime.h"

#include "os/time.h"
#include "tests/support/fake.h"

#define READER "Fake Reader 0"
#include "service_program.h"

static bool waits_for_call; /* the end begins when a call is in the driver */

static DWORD WINAPI stop_when_told(LPVOID event)
{
    (void)WaitForSingleObject(event, INFINITE);
    while (waits_for_call && fake_counts(0).transmit == 0)
        Sleep(PAUSE_MS);
    lifetime_stop();
    return 0;
}

static int serve(const char *event_name, bool stuck)
{
    static const struct lifetime_options options = {.tcp = {.endpoint = true}};
    HANDLE event = OpenEventA(SYNCHRONIZE, FALSE, event_name);
    waits_for_call = stuck;
    (void)SetEnvironmentVariableA("WINSCARD_READERS", "fake:?cards=1&stuck=1");
    if (event == NULL || CreateThread(NULL, 0, stop_when_told, event, 0, NULL) == NULL)
        return 9;
    return lifetime_serve(&options, NULL);
}

static DWORD WINAPI transmit(LPVOID client)
{
    return (DWORD)client_command(client);
}

/* `stuck`: a call is in the driver. */
static void check_end(bool stuck, DWORD want, uint64_t least_ms)
{
    struct started service = {0};
    struct client client;
    char path[MAX_PATH], name[64], arguments[80];
    DWORD error = 0;
    (void)GetModuleFileNameA(NULL, path, sizeof(path));
    (void)snprintf(name, sizeof(name), "winscard-stuck-%lu-%d", GetCurrentProcessId(),
                   (int)stuck);
    (void)snprintf(arguments, sizeof(arguments), "serve %s %s", name,
                   stuck ? "stuck" : "idle");
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, name);
    CHECK(program_start(&service, path, arguments, 0, NULL));
    while (!is_there(endpoint)
           && WaitForSingleObject(service.process, PAUSE_MS) == WAIT_TIMEOUT) {
    }
    client_open(&client);
    HANDLE thread = stuck ? CreateThread(NULL, 0, transmit, &client, 0, NULL) : NULL;
    uint64_t begin_ms = os_now_ms();
    CHECK(SetEvent(event));
    CHECK_EQ(program_end(&service), want);
    CHECK(os_now_ms() - begin_ms >= least_ms);
    CHECK(!is_there(endpoint));
    if (stuck) {
        CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
        CHECK(GetExitCodeThread(thread, &error));
        EXPECT(error, SCARD_E_SERVICE_STOPPED);
        CloseHandle(thread);
    }
    EXPECT(SCardReleaseContext(client.context), SCARD_E_SERVICE_STOPPED);
    CloseHandle(event);
}

int main(int count, char **words)
{
    if (count == 4 && strcmp(words[1], "serve") == 0)
        return serve(words[2], strcmp(words[3], "stuck") == 0);
    make_place();
    check_end(false, 0, 0);
    check_end(true, 1, LIFETIME_STOP_MS - 100);
    remove_place();
    return check_result();
}
