/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd.exe in Windows' service manager: registered, started, found by programs, stopped
 * and taken out again. */
#include "service_program.h"

static const char name[] = "winscardd";
static char machine[MAX_PATH]; /* the folder of the machine's service */

static SC_HANDLE open_service(DWORD rights)
{
    SC_HANDLE manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_CONNECT);
    SC_HANDLE service = manager != NULL ? OpenServiceA(manager, name, rights) : NULL;
    CHECK(manager != NULL);
    if (manager != NULL)
        CloseServiceHandle(manager);
    return service;
}

static DWORD state_of(SC_HANDLE service, SERVICE_STATUS *status)
{
    return QueryServiceStatus(service, status) ? status->dwCurrentState : 0;
}

/* It comes to this state by way of that one. */
static void expect_state(SC_HANDLE service, DWORD state, DWORD before)
{
    SERVICE_STATUS status = {0};
    DWORD found;
    while ((found = state_of(service, &status)) == before)
        Sleep(PAUSE_MS);
    CHECK_EQ(found, state);
    CHECK_EQ(status.dwWin32ExitCode, 0);
    if (found == SERVICE_RUNNING)
        CHECK_EQ(status.dwControlsAccepted,
                 SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN);
}

/* The command that is registered has all the words but --install. */
static void check_command(SC_HANDLE service)
{
    union {
        QUERY_SERVICE_CONFIGA config;
        BYTE room[TEXT_ROOM];
    } found;
    DWORD size = 0;
    CHECK(QueryServiceConfigA(service, &found.config, sizeof(found), &size));
    CHECK(strstr(found.config.lpBinaryPathName,
                 "winscardd.exe\" \"--service\" \"--readers\" \"soft:\"")
          != NULL);
    CHECK(strstr(found.config.lpBinaryPathName, "install") == NULL);
    CHECK_EQ(found.config.dwStartType, SERVICE_AUTO_START);
    CHECK_STR(found.config.lpServiceStartName, "NT SERVICE\\winscardd");
}

static void start(SC_HANDLE service)
{
    CHECK(StartServiceA(service, 0, NULL));
    expect_state(service, SERVICE_RUNNING, SERVICE_START_PENDING);
}

/* The machine has one service, whoever starts the second. */
static void check_second(void)
{
    char said[TEXT_ROOM];
    CHECK_EQ(program_run(WINSCARDD, "--machine --readers soft:", said), 1);
    CHECK(strstr(said, "another one runs already, for the machine") != NULL);
}

static void check_run(SC_HANDLE service)
{
    struct client client;
    SERVICE_STATUS status;
    start(service);
    client_open(&client);
    EXPECT(client_command(&client), 0);
    check_second();
    CHECK(ControlService(service, SERVICE_CONTROL_INTERROGATE, &status));
    CHECK_EQ(status.dwCurrentState, SERVICE_RUNNING);
    CHECK(ControlService(service, SERVICE_CONTROL_STOP, &status));
    expect_state(service, SERVICE_STOPPED, SERVICE_STOP_PENDING);
    EXPECT(client_command(&client), SCARD_E_SERVICE_STOPPED);
    EXPECT(SCardReleaseContext(client.context), SCARD_E_SERVICE_STOPPED);
    EXPECT(client_establish(), SCARD_E_NO_SERVICE);
}

/* What it cannot serve it says by the state in which it ends. */
static void check_failing_start(void)
{
    char said[TEXT_ROOM];
    SERVICE_STATUS status = {0};
    CHECK_EQ(program_run(WINSCARDD, "--install --readers nonsense:", said), 0);
    SC_HANDLE service = open_service(SERVICE_QUERY_STATUS | SERVICE_START);
    CHECK(service != NULL);
    if (service == NULL)
        return;
    CHECK(StartServiceA(service, 0, NULL));
    while (state_of(service, &status) == SERVICE_START_PENDING)
        Sleep(PAUSE_MS);
    CHECK_EQ(status.dwCurrentState, SERVICE_STOPPED);
    CHECK_EQ(status.dwWin32ExitCode, ERROR_SERVICE_SPECIFIC_ERROR);
    CHECK_EQ(status.dwServiceSpecificExitCode, 1);
    CloseServiceHandle(service);
    CHECK_EQ(program_run(WINSCARDD, "--uninstall", said), 0);
}

/* Where others could put another program in its place, Windows is not to start it. */
static void check_folder_of_everybody(void)
{
    char directory[MAX_PATH], program[MAX_PATH], from[MAX_PATH], said[TEXT_ROOM];
    (void)snprintf(directory, sizeof(directory), "%.200s\\open", place);
    (void)snprintf(program, sizeof(program), "%.220s\\winscardd.exe", directory);
    (void)snprintf(from, sizeof(from), "%s%s", drive_of(WINSCARDD), WINSCARDD);
    CHECK(CreateDirectoryA(directory, NULL));
    CHECK(CopyFileA(from, program, FALSE));
    set_rights(directory, "D:P(A;OICI;FA;;;WD)");
    CHECK_EQ(program_run(program, "--install --readers soft:", said), 1);
    CHECK(strstr(said, "open\\ may be written by other users: put the program into")
          != NULL);
    CHECK(open_service(SERVICE_QUERY_STATUS) == NULL);
    CHECK(DeleteFileA(program));
    CHECK(RemoveDirectoryA(directory));
}

/* Folders that were there, with rights for everybody, get those that they need. */
static void open_machine_folders(void)
{
    static const char everybody[] = "D:P(A;OICI;FA;;;WD)";
    char folder[MAX_PATH];
    CHECK(GetEnvironmentVariableA("ProgramData", machine, sizeof(machine)) > 0);
    (void)snprintf(folder, sizeof(folder), "%.200s\\winscard", machine);
    (void)snprintf(machine, sizeof(machine), "%.220s\\service", folder);
    (void)CreateDirectoryA(folder, NULL);
    (void)CreateDirectoryA(machine, NULL);
    set_rights(folder, everybody);
    set_rights(machine, everybody);
}

/* Without --install nothing is mended: the file is not written where others may. */
static void check_open_folders(void)
{
    char said[TEXT_ROOM];
    open_machine_folders();
    CHECK_EQ(program_run(WINSCARDD, "--machine --readers soft:", said), 1);
    CHECK(strstr(said, "by other users") != NULL);
}

int main(void)
{
    char said[TEXT_ROOM];
    make_place();
    check_folder_of_everybody();
    check_open_folders();
    CHECK_EQ(program_run(WINSCARDD, "--uninstall", said), 1);
    CHECK(strstr(said, "there is no such service") != NULL);
    CHECK_EQ(program_run(WINSCARDD, "--install --readers soft:", said), 0);
    CHECK_EQ(program_run(WINSCARDD, "--install --readers soft:", said), 1);
    CHECK(strstr(said, "winscardd --uninstall first") != NULL);
    CHECK_EQ(program_run(WINSCARDD, "--install --nonsense", said), 2);
    SC_HANDLE service =
        open_service(SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG | SERVICE_START
                     | SERVICE_STOP | SERVICE_INTERROGATE);
    CHECK(service != NULL);
    if (service == NULL)
        return check_result();
    check_command(service);
    check_run(service);
    start(service); /* taken out while it runs */
    EXPECT(client_establish(), SCARD_S_SUCCESS);
    CloseServiceHandle(service);
    CHECK_EQ(program_run(WINSCARDD, "--uninstall", said), 0);
    EXPECT(client_establish(), SCARD_E_NO_SERVICE);
    CHECK(open_service(SERVICE_QUERY_STATUS) == NULL);
    check_failing_start();
    CHECK(RemoveDirectoryA(place));
    return check_result();
}
