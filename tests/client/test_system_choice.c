/* SPDX-License-Identifier: BSD-2-Clause */
/* When Windows' own winscard.dll is used. A process chooses once, so each case is one: this
 * program again, with what stands for System32's library as its argument. */
#include "tests/client/system_test.h"

#include <io.h>
#include <process.h>

/* What a child says; not an error code of a crash. */
enum { NONE = 40, LOCAL, SYSTEM, OTHER, BROKEN };

static int say_carrier(void)
{
    const struct carrier *carrier = client_carrier();
    if (carrier == NULL)
        return NONE;
    if (carrier == &carrier_local)
        return LOCAL;
    return strcmp(carrier->name, "system") == 0 ? SYSTEM : OTHER;
}

/* A library of old Windows serves all the same. */
static bool old_is_well(struct fake_system *fake)
{
    const struct carrier *carrier = client_carrier();
    struct reader_info info;
    struct card_status status;
    struct request request = {.kind = REQUEST_CONNECT, .share = 2};
    char shown[DRIVER_NAME_MAX];
    uint8_t item[4] = {0}, id[16] = {0};
    size_t size = sizeof(item);
    uint32_t context = 0, card = 0;
    if (carrier == NULL || carrier->establish(ABI_WINDOWS, &context) != SC_OK)
        return false;
    memcpy(fake->readers, L"R\0", sizeof(L"R\0"));
    memcpy(fake->names, L"R\0", sizeof(L"R\0"));
    return carrier->reader_info(context, "R", NAME_WINDOWS, &info, shown) == SC_OK
           && info.type == READER_TYPE_VENDOR && info.device_id[0] == '\0'
           && carrier->read_cache(context, id, 0, "n", item, &size)
                  == SC_E_UNSUPPORTED_FEATURE
           && carrier->write_cache(context, id, 0, "n", item, 1)
                  == SC_E_UNSUPPORTED_FEATURE
           && carrier->connect(context, "R", &request, &card) == SC_OK
           && carrier->card_status(card, NAME_WINDOWS, &status) == SC_OK
           && status.transmissions == 0 && carrier->started_event() == NULL;
}

static int choose_from(const char *library, LONG result)
{
    static char path[MAX_PATH];
    if (strcmp(library, "system32") == 0)
        return say_carrier();
    if (strstr(library, "fake") != NULL) {
        struct fake_system *fake = use_fake(library);
        if (fake == NULL)
            return BROKEN;
        fake->result = result;
        int said = say_carrier();
        if (strcmp(library, "fake_old.dll") == 0 && !old_is_well(fake))
            return BROKEN;
        return said;
    }
    beside_program(strcmp(library, "self") == 0 ? "" : library, path);
    system_calls_use(path);
    return say_carrier();
}

/* --- The cases ---------------------------------------------------------------------- */

struct choice_case {
    const char *library, *result, *carrier, *readers;
    int wanted;
};

static void check_case(const char *program, const struct choice_case *this)
{
    SetEnvironmentVariableA("WINSCARD_CARRIER", this->carrier);
    SetEnvironmentVariableA("WINSCARD_READERS", this->readers);
    int said =
        (int)_spawnl(_P_WAIT, program, "choice", this->library, this->result, NULL);
    check_add(&check_count);
    if (said != this->wanted)
        CHECK_FAILED("%s %s, carrier %s, readers %s: %d, want %d", this->library,
                     this->result, this->carrier != NULL ? this->carrier : "unset",
                     this->readers != NULL ? this->readers : "unset", said, this->wanted);
}

/* Readers that a file names are served by this library. */
static void check_configured(const char *program)
{
    static const char *const parts[] = {"choice-data", "choice-data\\winscard",
                                        "choice-data\\winscard\\readers.d"};
    const struct choice_case named = {"fake_system.dll", "0", NULL, NULL, LOCAL};
    const struct choice_case unnamed = {"fake_system.dll", "0", NULL, NULL, SYSTEM};
    const struct choice_case asked = {"fake_system.dll", "0", "system", NULL, SYSTEM};
    char path[MAX_PATH], file[MAX_PATH + 16];
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        beside_program(parts[i], path);
        CHECK(CreateDirectoryA(path, NULL) || GetLastError() == ERROR_ALREADY_EXISTS);
    }
    snprintf(file, sizeof(file), "%s\\own.conf", path);
    beside_program(parts[0], path);
    SetEnvironmentVariableA("APPDATA", path);
    FILE *list = fopen(file, "w");
    CHECK(list != NULL && fputs("# no readers\n", list) >= 0 && fclose(list) == 0);
    check_case(program, &unnamed);
    list = fopen(file, "w");
    CHECK(list != NULL && fputs("soft:\n", list) >= 0 && fclose(list) == 0);
    check_case(program, &named);
    check_case(program, &asked);
    CHECK(_unlink(file) == 0);
}

int main(int argc, char **argv)
{
    static const struct choice_case cases[] = {
        {"fake_system.dll", "0", NULL, NULL, SYSTEM},
        {"fake_system.dll", "0", "auto", NULL, SYSTEM},
        {"fake_system.dll", "0", "system", "soft:", SYSTEM},
        {"fake_system.dll", "0", NULL, "soft:", LOCAL},
        {"fake_system.dll", "0", "local", NULL, LOCAL},
        {"fake_system.dll", "0", "pcscd", NULL, NONE},
        {"fake_system.dll", "8010001D", NULL, NULL, SYSTEM}, /* no reader so far */
        {"fake_system.dll", "80100001", NULL, NULL, LOCAL},  /* Wine's, with no pcscd */
        {"fake_system.dll", "80100001", "system", NULL, SYSTEM},
        {"fake_old.dll", "0", NULL, NULL, SYSTEM},
        {"fake_poor.dll", "0", NULL, NULL, LOCAL},
        {"fake_poor.dll", "0", "system", NULL, NONE},
        {"missing.dll", "0", NULL, NULL, LOCAL},
        {"missing.dll", "0", "system", NULL, NONE},
        {"self", "0", NULL, NULL, LOCAL}, /* never itself */
        {"self", "0", "system", NULL, NONE},
        {"system32", "0", "system", NULL, SYSTEM}, /* Wine's own is there */
    };
    char program[MAX_PATH];
    if (argc == 3)
        return choose_from(argv[1], (LONG)strtoul(argv[2], NULL, 16));
    beside_program("", program);
    SetEnvironmentVariableA("WINSCARD_SERVICE", NULL);
    SetEnvironmentVariableA("XDG_RUNTIME_DIR", NULL);
    SetEnvironmentVariableA("LOCALAPPDATA", NULL);
    SetEnvironmentVariableA("APPDATA", NULL);
    SetEnvironmentVariableA("ProgramData", NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_case(program, &cases[i]);
    check_configured(program);
    return check_result();
}
