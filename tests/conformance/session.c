/* SPDX-License-Identifier: BSD-2-Clause */
/* The library that is looked at, and sessions with it. */
#include "tests/conformance/interface.h"

#define TEXT_OF_(text) #text
#define TEXT_OF(text)  TEXT_OF_(text)

struct calls call;
const SCARD_IO_REQUEST *pci[3];
const char *reader_pattern;

extern const struct row CONFORM(contexts)[], CONFORM(readers)[], CONFORM(connecting)[],
    CONFORM(state)[], CONFORM(exchange)[], CONFORM(transactions)[], CONFORM(events)[],
    CONFORM(attributes)[], CONFORM(threads)[];
#if IS_WINDOWS
extern const struct row CONFORM(windows_only)[];
#endif

static void load(void *(*find)(const char *), const char *reader)
{
    static const struct {
        const char *name;
        size_t offset;
    } names[] = {
#define CALL(name) {TEXT_OF(name), offsetof(struct calls, name)},
#include "tests/conformance/calls.def"
#undef CALL
    };
    static const char *const objects[3] = {"g_rgSCardT0Pci", "g_rgSCardT1Pci",
                                           "g_rgSCardRawPci"};
    void (*const lacks)(void) = row_lacks_call;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        void *found = find(names[i].name);
        memcpy((char *)&call + names[i].offset,
               found != NULL ? (void *)&found : (void *)&lacks, sizeof(found));
    }
    for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
        pci[i] = find(objects[i]);
    reader_pattern = reader;
}

SCARDCONTEXT make_context(void)
{
    SCARDCONTEXT context = 0;
    EXPECT(call.SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
    EXPECT_TRUE(context != 0);
    return context;
}

size_t length_of(const unit *text)
{
    size_t length = 0;
    while (text[length] != 0)
        length++;
    return length;
}

/* ASCII alone is compared as what it is. */
static bool begins_with(const unit *text, const char *pattern)
{
    while (*pattern != '\0' && *text == (unit)*pattern) {
        text++;
        pattern++;
    }
    return *pattern == '\0';
}

static bool has(const unit *text, const char *pattern)
{
    bool found = begins_with(text, pattern);
    for (; !found && *text != 0; text++)
        found = begins_with(text + 1, pattern);
    return found;
}

const unit *find_reader(SCARDCONTEXT context)
{
    static unit names[TEXT_ROOM];
    DWORD size = TEXT_ROOM;
    LONG error = call.SCardListReaders(context, NULL, names, &size);
    const unit *name = names;
    if ((uint32_t)error == (uint32_t)SCARD_E_NO_READERS_AVAILABLE) {
        row_skip("no reader");
        return NULL;
    }
    EXPECT(error, 0);
    if (error != 0)
        return NULL;
    while (*name != 0 && !has(name, reader_pattern))
        name += length_of(name) + 1;
    if (*name == 0) {
        row_skip("no such reader");
        return NULL;
    }
    return name;
}

bool join_card(struct card *card, const struct card *first)
{
    *card = (struct card){.context = make_context(), .reader = first->reader};
    LONG error = call.SCardConnect(card->context, card->reader, SCARD_SHARE_SHARED, T01,
                                   &card->handle, &card->protocol);
    if ((uint32_t)error == (uint32_t)SCARD_E_NO_SMARTCARD) {
        row_skip("no card in the reader");
        return false;
    }
    EXPECT(error, 0);
    return error == 0;
}

bool open_card(struct card *card)
{
    static unit name[TEXT_ROOM];
    SCARDCONTEXT context = make_context();
    const unit *found = find_reader(context);
    if (found == NULL)
        return false;
    memcpy(name, found, (length_of(found) + 1) * sizeof(unit));
    EXPECT(call.SCardReleaseContext(context), 0);
    struct card place = {.reader = name};
    return join_card(card, &place);
}

void close_card(struct card *card)
{
    EXPECT(call.SCardDisconnect(card->handle, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardReleaseContext(card->context), 0);
}

const SCARD_IO_REQUEST *pci_of(DWORD protocol)
{
    return pci[protocol == SCARD_PROTOCOL_T1 ? 1 : 0];
}

LONG select_file(const struct card *card)
{
    static const BYTE command[] = {0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00};
    BYTE answer[300];
    DWORD size = sizeof(answer);
    LONG error = call.SCardTransmit(card->handle, pci_of(card->protocol), command,
                                    sizeof(command), NULL, answer, &size);
    if (error == 0)
        EXPECT_TRUE(size >= 2
                    && (answer[size - 2] >> 4 == 6 || answer[size - 2] >> 4 == 9));
    return error;
}

static const struct row *const tables[] = {CONFORM(contexts),
                                           CONFORM(readers),
                                           CONFORM(connecting),
                                           CONFORM(state),
                                           CONFORM(exchange),
                                           CONFORM(transactions),
                                           CONFORM(events),
                                           CONFORM(attributes),
                                           CONFORM(threads),
#if IS_WINDOWS
                                           CONFORM(windows_only),
#endif
                                           NULL};

#ifdef WINSCARD_ABI_PCSCLITE
const struct row_set rows_pcsclite = {"pcsclite", "SCardConnect", tables, load};
#elif defined(UNICODE)
const struct row_set rows_windows_w = {"windows-w", "SCardConnectW", tables, load};
#else
const struct row_set rows_windows_a = {"windows-a", "SCardConnectA", tables, load};
#endif
