/* SPDX-License-Identifier: BSD-2-Clause */
/* rig_session [-e] [-w COUNT] [-x MAXIMUM] [READER]: a session with every reader, or with
 * those whose name contains READER, and the software card of drivers/soft in it. All
 * results are printed in one stable form, a line each, so that the runs of two
 * implementations of the API, or of two drivers, can be compared.
 *
 *     -e   waits until there is no reader, up to 60 s, and that is all
 *     -w   waits up to 20 s until there are so many readers
 *     -x   the longest data of an extended APDU to try (0: none)
 *
 * It is written against pcsc-lite's API and runs on whatever libpcsclite.so.1 is found.
 */
#include "tests/rig/guest/session.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum { READERS_MAX = 64, READERS_ROOM = 16384 };
enum { LOOKS_COMING = 2000, LOOKS_LEAVING = 2000 }; /* 100 ms apart */

#define NO_READERS SIZE_MAX /* as a number of readers to wait for: none at all */

const char *name_of(LONG error)
{
    static char room[24];
    static const struct {
        LONG error;
        const char *name;
    } names[] = {
        {SCARD_S_SUCCESS, "OK"},
        {SCARD_E_CANCELLED, "E_CANCELLED"},
        {SCARD_E_INSUFFICIENT_BUFFER, "E_INSUFFICIENT_BUFFER"},
        {SCARD_E_INVALID_HANDLE, "E_INVALID_HANDLE"},
        {SCARD_E_INVALID_PARAMETER, "E_INVALID_PARAMETER"},
        {SCARD_E_INVALID_VALUE, "E_INVALID_VALUE"},
        {SCARD_E_NO_READERS_AVAILABLE, "E_NO_READERS_AVAILABLE"},
        {SCARD_E_NO_SMARTCARD, "E_NO_SMARTCARD"},
        {SCARD_E_NOT_TRANSACTED, "E_NOT_TRANSACTED"},
        {SCARD_E_PROTO_MISMATCH, "E_PROTO_MISMATCH"},
        {SCARD_E_READER_UNAVAILABLE, "E_READER_UNAVAILABLE"},
        {SCARD_E_SHARING_VIOLATION, "E_SHARING_VIOLATION"},
        {SCARD_E_TIMEOUT, "E_TIMEOUT"},
        {SCARD_E_UNKNOWN_READER, "E_UNKNOWN_READER"},
        {SCARD_E_UNSUPPORTED_FEATURE, "E_UNSUPPORTED_FEATURE"},
        {SCARD_F_COMM_ERROR, "F_COMM_ERROR"},
        {SCARD_F_INTERNAL_ERROR, "F_INTERNAL_ERROR"},
        {SCARD_W_REMOVED_CARD, "W_REMOVED_CARD"},
        {SCARD_W_RESET_CARD, "W_RESET_CARD"},
        {SCARD_W_UNPOWERED_CARD, "W_UNPOWERED_CARD"},
        {SCARD_W_UNRESPONSIVE_CARD, "W_UNRESPONSIVE_CARD"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].error == error)
            return names[i].name;
    }
    snprintf(room, sizeof(room), "%08lX", (unsigned long)error & 0xFFFFFFFF);
    return room;
}

void print_bytes(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        printf("%02X", bytes[i]);
}

static int by_name(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;
    return strcmp(*a, *b);
}

/* Sorts the names of a list that SCardListReaders gave. */
static size_t sort_names(char *list, const char **names)
{
    size_t count = 0;
    for (char *name = list; *name != '\0' && count < READERS_MAX;
         name += strlen(name) + 1)
        names[count++] = name;
    qsort(names, count, sizeof(names[0]), by_name);
    return count;
}

static size_t list_readers(SCARDCONTEXT context, size_t wanted, char *list,
                           const char **names)
{
    size_t count = 0;
    int looks = wanted == NO_READERS ? LOOKS_LEAVING : LOOKS_COMING;
    for (int i = 0; i < looks; i++) {
        DWORD size = READERS_ROOM;
        LONG error = SCardListReaders(context, NULL, list, &size);
        count = error == SCARD_S_SUCCESS ? sort_names(list, names) : 0;
        if (wanted == NO_READERS ? count == 0 : count >= wanted)
            break;
        usleep(100000);
    }
    printf("readers: %zu\n", count);
    return count;
}

int main(int argc, char **argv)
{
    static char list[READERS_ROOM];
    static const char *names[READERS_MAX];
    SCARDCONTEXT context;
    size_t wanted = 1, longest = 65535, count;
    int option;
    while ((option = getopt(argc, argv, "ew:x:")) != -1) {
        if (option == 'e')
            wanted = NO_READERS;
        else if (option == 'w')
            wanted = strtoul(optarg, NULL, 10);
        else if (option == 'x')
            longest = strtoul(optarg, NULL, 10);
        else
            return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    LONG error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (error != SCARD_S_SUCCESS) {
        printf("context: %s\n", name_of(error));
        return 1;
    }
    count = list_readers(context, wanted, list, names);
    for (size_t i = 0; i < count && wanted != NO_READERS; i++) {
        if (argv[optind] == NULL || strstr(names[i], argv[optind]) != NULL)
            session_run(context, names[i], longest);
    }
    printf("release: %s\n", name_of(SCardReleaseContext(context)));
    return (wanted == NO_READERS ? count == 0 : count >= wanted) ? 0 : 1;
}
