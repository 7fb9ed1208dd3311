/* SPDX-License-Identifier: BSD-2-Clause */
/* MS-Docs "Service Programs", "Service Control Manager". */
#include "service/scm.h"

#include "base/log.h"
#include "os/endpoint.h"
#include "os/files.h"
#include "os/lock.h"
#include "os/own_file.h"
#include "os/time.h"
#include "os/trust.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <string.h>

static wchar_t name[] = L"winscardd";

enum {
    START_HINT_MS = 30000, /* what drivers may need */
    STOP_HINT_MS = LIFETIME_STOP_MS + 5000,
    COMMAND_MAX = 2048, /* units, with a NUL */
    UTF8_MAX = 4 * COMMAND_MAX
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
    /* It does not run any more once it is to stop, and is said to have stopped once. */
    bool follows = state == SERVICE_RUNNING ? running.state == SERVICE_START_PENDING
                                            : running.state != SERVICE_STOPPED;
    if (follows) {
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

/* Nobody sees a service's standard error. Until it runs, what it says there is kept, and
 * goes into the event log if that does not come. */
static int kept = -1; /* the reading end */

static void keep_standard_error(void)
{
    enum { ROOM = 65536 }; /* bytes; a start says a few lines */
    int ends[2];
    if (freopen("NUL", "w", stderr) == NULL
        || _pipe(ends, ROOM, _O_TEXT | _O_NOINHERIT) != 0)
        return;
    (void)_dup2(ends[1], _fileno(stderr));
    (void)setvbuf(stderr, NULL, _IONBF, 0);
    _close(ends[1]);
    kept = ends[0];
}

static void drop_standard_error(bool report)
{
    char line[LOG_LINE_MAX];
    FILE *said = kept >= 0 ? _fdopen(kept, "r") : NULL;
    kept = -1;
    (void)freopen("NUL", "w", stderr); /* closes the writing end */
    while (said != NULL && fgets(line, sizeof(line), said) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (report)
            write_event(LOG_ERROR, line);
    }
    if (said != NULL)
        fclose(said);
}

static void on_ready(void)
{
    drop_standard_error(false);
    report(SERVICE_RUNNING, 0, 0);
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
    keep_standard_error();
    running.status = lifetime_serve(running.options, on_ready);
    drop_standard_error(running.status != 0);
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

/* What others have left in a folder that they could write, or hold open, would be in the
 * service's way. */
static bool clear_place(const char *directory)
{
    static const char *const names[] = {"tcp", "service.lock"};
    static char path[UTF8_MAX];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s\\%s", directory, names[i]);
        os_remove_file(path);
        if (!os_file_exists(path))
            continue;
        fprintf(stderr,
                "winscardd: --install: %s is in use, or cannot be removed: end the "
                "winscardd, or the other program, that has it\n",
                path);
        return false;
    }
    return true;
}

/* By an administrator, so that it is the service's from its first start on. */
static bool make_place(void)
{
    static char path[UTF8_MAX];
    const char *why = NULL;
    if (!os_machine_endpoint(path, sizeof(path))) {
        fprintf(stderr, "winscardd: --install: %s is not set\n",
                os_endpoint_setting(true));
        return false;
    }
    *strrchr(path, '\\') = '\0';
    if (os_install_machine_directory(path, &why))
        return clear_place(path);
    fprintf(
        stderr,
        "winscardd: --install: %s, or the folder above it: %s; a folder that somebody "
        "else has made there has to go first\n",
        path, why);
    return false;
}

/* Whoever can put another program in the place of this one could have Windows start it. */
static bool find_program(wchar_t program[COMMAND_MAX])
{
    static char path[UTF8_MAX];
    const char *why = NULL;
    if (!os_safe_program(path, sizeof(path), &why)) {
        fprintf(stderr,
                "winscardd: --install: %s %s: put the program into a folder that "
                "administrators alone can write, as below \"Program Files\"\n",
                path[0] != '\0' ? path : "the program", why);
        return false;
    }
    return MultiByteToWideChar(CP_UTF8, 0, path, -1, program, COMMAND_MAX) > 0;
}

static bool make_command(wchar_t command[COMMAND_MAX], wchar_t **options, int count)
{
    wchar_t program[COMMAND_MAX];
    if (!find_program(program))
        return false;
    command[0] = L'\0';
    bool made = add_word(command, program) && add_word(command, L"--service");
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
    if (!make_place()) {
        CloseServiceHandle(manager);
        return false;
    }
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
    if (done)
        puts("The service winscardd is taken out");
    return done || complain("--uninstall", error);
}
