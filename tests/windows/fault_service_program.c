/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd.exe at a console: how it ends, and what its clients see of that; one that was
 * killed, a client that was; a file that is of no service, or of another one; options that
 * it does not take. */
#include "service_program.h"

static char own_path[MAX_PATH];

/* --- The end ------------------------------------------------------------------------ */

static BOOL WINAPI take_no_notice(DWORD what)
{
    (void)what;
    return TRUE;
}

/* As if somebody pressed Ctrl-C at the console that it has together with this process. Without
 * an event there is no end. */
static void end_by_console(struct started *service)
{
    bool told = GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0) != 0;
    CHECK(told);
    if (!told)
        (void)TerminateProcess(service->process, 1);
    DWORD status = program_end(service);
    CHECK_EQ(status, 0);
    take_log(status != 0);
}

static void check_console_end(void)
{
    struct started service;
    struct client client;
    CHECK(service_start(&service, "--readers soft:"));
    client_open(&client);
    EXPECT(client_command(&client), 0);
    end_by_console(&service);
    CHECK(!is_there(endpoint));
    EXPECT(client_command(&client), SCARD_E_SERVICE_STOPPED);
    EXPECT(SCardReleaseContext(client.context), SCARD_E_SERVICE_STOPPED);
    EXPECT(client_establish(), SCARD_E_NO_SERVICE);
}

/* It leaves its file, which leads nowhere, until the next one writes its own. */
static void check_killed_service(void)
{
    struct started service;
    struct client client;
    CHECK(service_start(&service, "--readers soft:"));
    client_open(&client);
    CHECK(TerminateProcess(service.process, 9));
    CHECK_EQ(program_end(&service), 9);
    EXPECT(client_command(&client), SCARD_E_SERVICE_STOPPED);
    EXPECT(SCardReleaseContext(client.context), SCARD_E_SERVICE_STOPPED);
    CHECK(is_there(endpoint));
    EXPECT(client_establish(), SCARD_E_NO_SERVICE);
}

/* --- The file ----------------------------------------------------------------------- */

static DWORD read_endpoint(char text[TEXT_ROOM])
{
    DWORD size = 0;
    HANDLE file = CreateFileA(endpoint, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE,
                              NULL, OPEN_EXISTING, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE
          && ReadFile(file, text, TEXT_ROOM - 1, &size, NULL));
    CloseHandle(file);
    text[size] = '\0';
    return size;
}

/* Its rights stay as they are. */
static void write_endpoint(const char *text)
{
    DWORD size = 0;
    HANDLE file =
        CreateFileA(endpoint, GENERIC_WRITE, 0, NULL, TRUNCATE_EXISTING, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE
          && WriteFile(file, text, (DWORD)strlen(text), &size, NULL));
    CloseHandle(file);
}

/* --- Rights ------------------------------------------------------------------------- */

/* A file that everybody can read has no secret. */
static void check_file_of_everybody(void)
{
    struct started service;
    char said[TEXT_ROOM];
    CHECK(service_start(&service, "--readers soft:"));
    EXPECT(client_establish(), SCARD_S_SUCCESS);
    set_rights(endpoint, "D:P(A;;FA;;;OW)(A;;FA;;;BA)(A;;FR;;;WD)");
    EXPECT(client_establish(), SCARD_E_NO_SERVICE);
    CHECK_EQ(program_run(WINSCARDD, "--status", said), 1);
    CHECK(strstr(said, "others may read or write it") != NULL);
    end_by_console(&service);
    (void)DeleteFileA(endpoint); /* it was not the service's any more */
}

/* In a folder that everybody can write, others could put a file of their own. */
static void check_folder_of_everybody(void)
{
    char directory[MAX_PATH], said[TEXT_ROOM];
    (void)snprintf(directory, sizeof(directory), "%.200s\\winscard", place);
    set_rights(directory, "D:P(A;OICI;FA;;;WD)");
    CHECK_EQ(program_run(WINSCARDD, "--readers soft:", said), 1);
    CHECK(strstr(said, "may be written by other users") != NULL);
    CHECK(!is_there(endpoint));
    CHECK(RemoveDirectoryA(directory));
}

/* --- Tokens ------------------------------------------------------------------------- */

static void check_wrong_token(void)
{
    struct started service;
    char text[TEXT_ROOM], wrong[TEXT_ROOM], said[TEXT_ROOM];
    CHECK(service_start(&service, "--readers soft:"));
    (void)read_endpoint(text);
    memcpy(wrong, text, sizeof(wrong));
    char *token = strstr(wrong, "token ");
    CHECK(token != NULL);
    if (token != NULL)
        token[6] = token[6] == '0' ? '1' : '0';
    write_endpoint(wrong);
    EXPECT(client_establish(), SCARD_E_NO_SERVICE);
    CHECK_EQ(program_run(WINSCARDD, "--status", said), 1);
    CHECK(strstr(said, "another program listens where the file says") != NULL);
    write_endpoint("winscard-endpoint 9\n");
    EXPECT(client_establish(), SCARD_E_NO_SERVICE);
    write_endpoint(text);
    EXPECT(client_establish(), SCARD_S_SUCCESS);
    CHECK_EQ(program_run(WINSCARDD, "--status", said), 0);
    CHECK(strstr(said, "No program uses it.") != NULL);
    end_by_console(&service);
}

/* The second one does not take the first one's clients, and leaves its file. */
static void check_two_services(void)
{
    struct started first;
    char before[TEXT_ROOM], after[TEXT_ROOM], said[TEXT_ROOM];
    CHECK(service_start(&first, "--readers soft:"));
    (void)read_endpoint(before);
    CHECK_EQ(program_run(WINSCARDD, "--readers soft:", said), 1);
    CHECK(strstr(said, "another one runs already, for this user") != NULL);
    (void)read_endpoint(after);
    CHECK_STR(after, before);
    EXPECT(client_establish(), SCARD_S_SUCCESS);
    end_by_console(&first);
    CHECK(!is_there(endpoint));
    CHECK(service_start(&first, "--readers soft:"));
    end_by_console(&first);
}

/* --- A client that is killed -------------------------------------------------------- */

/* In a process of its own: has a transaction, says so by an event, and stays. */
static int hold(const char *event_name)
{
    struct client client;
    HANDLE event = OpenEventA(EVENT_MODIFY_STATE, FALSE, event_name);
    client_open(&client);
    EXPECT(SCardBeginTransaction(client.card), 0);
    if (event == NULL || check_failures > 0 || !SetEvent(event))
        return 1;
    Sleep(INFINITE);
    return 1;
}

static DWORD WINAPI begin(LPVOID argument)
{
    const struct client *client = argument;
    return (DWORD)SCardBeginTransaction(client->card);
}

/* Its transaction is the next one's, once it is gone. */
static void check_killed_client(void)
{
    struct started service, holder;
    struct client client;
    char name[64], arguments[80];
    DWORD error = (DWORD)-1;
    (void)snprintf(name, sizeof(name), "winscard-test-%lu", GetCurrentProcessId());
    (void)snprintf(arguments, sizeof(arguments), "hold %s", name);
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, name);
    CHECK(service_start(&service, "--readers soft:"));
    client_open(&client);
    CHECK(program_start(&holder, own_path, arguments, 0, NULL));
    CHECK_EQ(WaitForSingleObject(event, CHECK_HANG_MS), WAIT_OBJECT_0);
    HANDLE thread = CreateThread(NULL, 0, begin, &client, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, PAUSE_MS), WAIT_TIMEOUT);
    CHECK(TerminateProcess(holder.process, 9));
    CHECK_EQ(program_end(&holder), 9);
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &error));
    CHECK(error == SCARD_S_SUCCESS || error == (DWORD)SCARD_W_RESET_CARD);
    EXPECT(SCardReleaseContext(client.context), 0);
    CloseHandle(thread);
    CloseHandle(event);
    end_by_console(&service);
}

/* --- Options ------------------------------------------------------------------------ */

static void check_options(void)
{
    static const struct {
        const char *arguments;
        DWORD status;
        const char *says;
    } cases[] = {
        {"--version", 0, "winscardd "},
        {"--help", 0, "usage: winscardd"},
        {"--status", 1, "no such file: no program finds a service"},
        {"--socket x", 2, "no Unix sockets here"},
        {"--pcscd", 2, "Unix socket"},
        {"--pcscd-socket x", 2, "Unix socket"},
        {"--policy x", 2, "a policy is about users"},
        {"--check-policy x", 2, "--check-policy: there is no policy"},
        {"--forward", 2, "Unix socket"},
        {"--install --status", 2, "name one"},
        {"--uninstall --install", 2, "name one"},
        {"--service --uninstall", 2, "name one"},
        {"--install --tcp 127.0.0.1:0 --token x", 2, "a path from the root"},
        {"--token x", 2, "--token is for --tcp"},
        {"--nonsense", 2, "usage: winscardd"},
        {"word", 2, "usage: winscardd"},
        {"--log loud", 2, "loud is not a log level"},
        {"--readers \"\"", 2, "--readers wants URIs"},
        {"--exit-idle 0", 2, "1 to 86400 seconds"},
        {"--tcp 127.0.0.1:0", 2, "--tcp needs --token FILE"},
        {"--tcp 192.0.2.1:0 --token x", 1, "of this machine alone"},
        {"--readers nonsense:", 1, "1 of the readers cannot be served"},
        {"--service", 1, "is for Windows' service manager"},
    };
    char said[TEXT_ROOM];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_EQ(program_run(WINSCARDD, cases[i].arguments, said), cases[i].status);
        if (strstr(said, cases[i].says) == NULL)
            CHECK_FAILED("%s: expected %s, found %s", cases[i].arguments, cases[i].says,
                         said);
    }
    CHECK(!is_there(endpoint));
}

/* It ends by itself when nobody was there for a second. */
static void check_idle(void)
{
    char said[TEXT_ROOM];
    CHECK_EQ(program_run(WINSCARDD, "--readers soft: --exit-idle 1", said), 0);
    CHECK(strstr(said, "serves; Ctrl-C ends it") == said + strlen("winscardd: "));
    CHECK(strchr(said, '\n') == said + strlen(said) - 1);
    CHECK(!is_there(endpoint));
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "hold") == 0)
        return hold(words[2]);
    make_place();
    (void)SetEnvironmentVariableA("ProgramData", place); /* the machine's is none of it */
    (void)GetModuleFileNameA(NULL, own_path, sizeof(own_path));
    (void)FreeConsole(); /* Wine has given it one that is of no use */
    CHECK(AllocConsole());
    CHECK(SetConsoleCtrlHandler(take_no_notice, TRUE));
    EXPECT(client_establish(), SCARD_E_NO_SERVICE);
    check_options();
    check_idle();
    check_console_end();
    check_killed_service();
    check_wrong_token();
    check_file_of_everybody();
    check_folder_of_everybody();
    check_two_services();
    check_killed_client();
    take_log(false);
    remove_place();
    return check_result();
}
