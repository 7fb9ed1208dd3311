/* SPDX-License-Identifier: BSD-2-Clause */
/* MS-Docs "Service Programs", "Service Control Manager". */
#include "service/scm.h"

#include "base/log.h"
#include "os/lock.h"
#include "os/time.h"
#include "os/trust.h"

#include <windows.h>

#include <stdio.h>

static wchar_t name[] = L"winscardd";

enum {
    START_HINT_MS = 30000, /* what drivers may need */
    STOP_HINT_MS = LIFETIME_STOP_MS + 5000,
    COMMAND_MAX = 2048 /* units, with a NUL */
};

/* --- What runs ---------------------------------------------------------------------- */

static struct {
    struct os_mutex lock;
    SERVICE_STATUS_HANDLE handle;
    DWORD state;
    const struct lifetime_options *options;
    int status;
} running = {.lock = OS_MUTEX_INIT};

static void report(DWORD state, DWORD hint_ms, int status)
{
    SERVICE_STATUS said = {.dwServiceType = SERVICE_WIN32_OWN_PROCESS,
                           .dwCurrentState = state,
                           .dwWaitHint = hint_ms};
    if (state == SERVICE_RUNNING)
        said.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN;
    if (hint_ms > 0)
        said.dwCheckPoint = 1;
    if (status != 0) {
        said.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
        said.dwServiceSpecificExitCode = (DWORD)status;
    }
    os_mutex_lock(&running.lock);
    /* It does not run any more once it is to stop. */
    if (state != SERVICE_RUNNING || running.state == SERVICE_START_PENDING) {
        running.state = state;
        (void)SetServiceStatus(running.handle, &said);
    }
    os_mutex_unlock(&running.lock);
}

/* By a thread of the service manager's, which must not be held up. */
static DWORD WINAPI on_control(DWORD control, DWORD type, void *data, void *context)
{
    (void)type;
    (void)data;
    (void)context;
    if (control == SERVICE_CONTROL_INTERROGATE)
        return NO_ERROR;
    if (control != SERVICE_CONTROL_STOP && control != SERVICE_CONTROL_SHUTDOWN)
        return ERROR_CALL_NOT_IMPLEMENTED;
    report(SERVICE_STOP_PENDING, STOP_HINT_MS, 0);
    lifetime_stop();
    return NO_ERROR;
}

static void on_ready(void)
{
    report(SERVICE_RUNNING, 0, 0);
}

/* Nobody sees a service's standard error. */
static void write_event(enum log_level level, const char *line)
{
    wchar_t text[LOG_LINE_MAX];
    const wchar_t *texts[] = {text};
    HANDLE log = RegisterEventSourceW(NULL, name);
    if (log == NULL)
        return;
    if (MultiByteToWideChar(CP_UTF8, 0, line, -1, text, LOG_LINE_MAX) > 0)
        (void)ReportEventW(
            log, level == LOG_ERROR ? EVENTLOG_ERROR_TYPE : EVENTLOG_INFORMATION_TYPE, 0,
            1, NULL, 1, 0, texts, NULL);
    (void)DeregisterEventSource(log);
}

/* Wine's service manager gives its services another %ProgramData% than programs have, who
 * would not find the endpoint's file. */
static void mend_environment(void)
{
    wchar_t path[MAX_PATH];
    DWORD size = sizeof(path);
    if (RegGetValueW(HKEY_LOCAL_MACHINE,
                     L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList",
                     L"ProgramData", RRF_RT_REG_SZ, NULL, path, &size)
        == ERROR_SUCCESS)
        (void)SetEnvironmentVariableW(L"ProgramData", path);
}

static void WINAPI service_main(DWORD count, wchar_t **words)
{
    (void)count;
    (void)words;
    running.handle = RegisterServiceCtrlHandlerExW(name, on_control, NULL);
    if (running.handle == NULL)
        return;
    log_set_sink(write_event);
    report(SERVICE_START_PENDING, START_HINT_MS, 0);
    mend_environment();
    running.status = lifetime_serve(running.options, on_ready);
    if (running.status != 0)
        log_error("winscardd did not start, or ended too early: winscardd.exe --machine "
                  "with the same options, at an administrator's console, says why");
    report(SERVICE_STOPPED, 0, running.status);
}

int scm_run(const struct lifetime_options *options)
{
    const SERVICE_TABLE_ENTRYW table[] = {{name, service_main}, {NULL, NULL}};
    running.options = options;
    if (StartServiceCtrlDispatcherW(table))
        return running.status;
    fprintf(stderr, "winscardd: --service is for Windows' service manager: sc start "
                    "winscardd, after winscardd --install\n");
    return 1;
}

/* --- Registering -------------------------------------------------------------------- */

static bool complain(const char *option, DWORD error)
{
    const char *why = "the service manager refuses it";
    if (error == ERROR_ACCESS_DENIED)
        why = "needs the rights of an administrator: use a console that was started with "
              "\"Run as administrator\"";
    else if (error == ERROR_SERVICE_EXISTS)
        why = "the service is there already: winscardd --uninstall first";
    else if (error == ERROR_SERVICE_DOES_NOT_EXIST)
        why = "there is no such service";
    else if (error == ERROR_SERVICE_MARKED_FOR_DELETE)
        why = "the service goes when every program that looks at it is closed";
    fprintf(stderr, "winscardd: %s: %s (error %lu)\n", option, why, error);
    return false;
}

/* One word more, in quotation marks. A word that has one itself, or ends with a backslash,
 * which would take the mark for a letter, is none. */
static bool add_word(wchar_t command[COMMAND_MAX], const wchar_t *word)
{
    size_t used = wcslen(command), size = wcslen(word);
    if (used + size + 4 > COMMAND_MAX || wcschr(word, L'"') != NULL
        || (size > 0 && word[size - 1] == L'\\'))
        return false;
    (void)swprintf(command + used, COMMAND_MAX - used, L"%ls\"%ls\"",
                   used > 0 ? L" " : L"", word);
    return true;
}

/* Whoever can put another program in the place of this one could have Windows start it. */
static bool is_safe(const wchar_t *program)
{
    char path[4 * COMMAND_MAX];
    if (WideCharToMultiByte(CP_UTF8, 0, program, -1, path, sizeof(path), NULL, NULL) > 0
        && !os_is_everybodys_place(path))
        return true;
    fprintf(stderr, "winscardd: --install: other users may write into the folder of this "
                    "program, and so replace it: put it into one that administrators "
                    "alone can write, as below \"Program Files\"\n");
    return false;
}

static bool make_command(wchar_t command[COMMAND_MAX], wchar_t **options, int count)
{
    wchar_t program[COMMAND_MAX];
    DWORD units = GetModuleFileNameW(NULL, program, COMMAND_MAX);
    if (units > 0 && units < COMMAND_MAX && !is_safe(program))
        return false;
    command[0] = L'\0';
    bool made = units > 0 && units < COMMAND_MAX && add_word(command, program)
                && add_word(command, L"--service");
    for (int i = 0; i < count && made; i++)
        made = add_word(command, options[i]);
    if (!made)
        fprintf(stderr,
                "winscardd: --install: the options are longer than %d characters, or one "
                "of them has a quotation mark or ends with a backslash\n",
                COMMAND_MAX);
    return made;
}

/* It needs none of the rights that services have. */
static void describe(SC_HANDLE service)
{
    static wchar_t text[] = L"Smart card readers for programs that have winscard.dll of "
                            L"the winscard project beside them.";
    static wchar_t rights[] = L"SeChangeNotifyPrivilege\0";
    SERVICE_DESCRIPTIONW description = {.lpDescription = text};
    SERVICE_REQUIRED_PRIVILEGES_INFOW required = {.pmszRequiredPrivileges = rights};
    (void)ChangeServiceConfig2W(service, SERVICE_CONFIG_DESCRIPTION, &description);
    if (!ChangeServiceConfig2W(service, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
                               &required))
        fprintf(stderr,
                "winscardd: --install: the service keeps the privileges that services "
                "have (error %lu)\n",
                GetLastError());
}

bool scm_install(wchar_t **options, int count)
{
    wchar_t command[COMMAND_MAX];
    if (!make_command(command, options, count))
        return false;
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CREATE_SERVICE);
    if (manager == NULL)
        return complain("--install", GetLastError());
    SC_HANDLE service = CreateServiceW(manager, name, L"Smart card readers (winscardd)",
                                       SERVICE_CHANGE_CONFIG, SERVICE_WIN32_OWN_PROCESS,
                                       SERVICE_AUTO_START, SERVICE_ERROR_NORMAL, command,
                                       NULL, NULL, NULL, L"NT SERVICE\\winscardd", NULL);
    DWORD error = GetLastError();
    if (service != NULL) {
        describe(service);
        CloseServiceHandle(service);
    }
    CloseServiceHandle(manager);
    if (service == NULL)
        return complain("--install", error);
    puts("The service winscardd starts with Windows; now, by: sc start winscardd");
    return true;
}

static bool is_stopped(SC_HANDLE service)
{
    SERVICE_STATUS status;
    return QueryServiceStatus(service, &status)
           && status.dwCurrentState == SERVICE_STOPPED;
}

/* Until it has stopped; false: it has not in time. */
static bool stop_service(SC_HANDLE service)
{
    enum { LOOK_MS = 100 };
    SERVICE_STATUS status;
    uint64_t deadline_ms = os_now_ms() + STOP_HINT_MS;
    (void)ControlService(service, SERVICE_CONTROL_STOP, &status);
    while (!is_stopped(service)) {
        if (os_ms_left(deadline_ms) == 0)
            return false;
        Sleep(LOOK_MS);
    }
    return true;
}

bool scm_uninstall(void)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    SC_HANDLE service = NULL;
    if (manager != NULL)
        service =
            OpenServiceW(manager, name, SERVICE_STOP | SERVICE_QUERY_STATUS | DELETE);
    DWORD error = GetLastError();
    bool done = service != NULL;
    if (done) {
        if (!stop_service(service))
            fprintf(stderr, "winscardd: --uninstall: the service does not end; it goes "
                            "when it has\n");
        done = DeleteService(service) != 0;
        error = GetLastError();
        CloseServiceHandle(service);
    }
    if (manager != NULL)
        CloseServiceHandle(manager);
    return done || complain("--uninstall", error);
}
