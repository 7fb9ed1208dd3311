/* SPDX-License-Identifier: BSD-2-Clause */
/* What rows are written with. Each source of rows is compiled three times: for Windows' A and
 * W calls and for pcsc-lite's; the plain names are those of the interface it is compiled for,
 * and call.SCardConnect() is the one of the library that is looked at. */
#ifndef TESTS_CONFORMANCE_INTERFACE_H
#define TESTS_CONFORMANCE_INTERFACE_H

#include "tests/conformance/row.h"

#include "os/thread.h"
#include "os/time.h"

#include <stdint.h>
#include <string.h>
#include <winscard.h>
#ifdef WINSCARD_ABI_PCSCLITE
#include <reader.h>
#endif

#ifdef WINSCARD_ABI_PCSCLITE
#define CONFORM(name) pcsclite_##name
#define IS_WINDOWS    0
#define EITHER(w, p)  (p)
#define NAME(text)    text
#define CONST_NAME    LPCSTR
typedef char unit; /* of text */
#elif defined(UNICODE)
#define CONFORM(name) windows_w_##name
#define IS_WINDOWS    1
#define EITHER(w, p)  (w)
#define NAME(text)    TEXT(text)
#define CONST_NAME    LPCWSTR
typedef WCHAR unit;
#else
#define CONFORM(name) windows_a_##name
#define IS_WINDOWS    1
#define EITHER(w, p)  (w)
#define NAME(text)    TEXT(text)
#define CONST_NAME    LPCSTR
typedef char unit;
#endif

#define BAD_HANDLE EITHER(ERROR_INVALID_HANDLE, SCARD_E_INVALID_HANDLE)
#define T01        (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

enum {
    TEXT_ROOM = 4096,   /* units of a list of readers */
    BYTES_ROOM = 65548, /* bytes of an answer: 65536, SW1 and SW2, and some */
    SHORT_MS = 100,     /* how long what has to wait is watched */
    LONG_MS = 30000     /* what returns before that has not waited for its end */
};

struct calls {
#define CALL(name) __typeof__(name) *name;
#include "tests/conformance/calls.def"
#undef CALL
};

#define call CONFORM(calls)
extern struct calls call;
/* The PCI objects: that of T=0, T=1 and raw. */
#define pci CONFORM(pci)
extern const SCARD_IO_REQUEST *pci[3];
#define reader_pattern CONFORM(reader_pattern)
extern const char *reader_pattern;

/* Status codes by their 32 bits: LONG is wider in one interface, and signed differently. */
#define EXPECT(made, want)                                                               \
    do {                                                                                 \
        uint32_t expect_got = (uint32_t)(made), expect_want = (uint32_t)(want);          \
        if (expect_got != expect_want)                                                   \
            row_failed(__FILE__, __LINE__, "%s is 0x%08X, expected 0x%08X", #made,       \
                       (unsigned)expect_got, (unsigned)expect_want);                     \
    } while (0)

#define EXPECT_TRUE(condition)                                                           \
    do {                                                                                 \
        if (!(condition))                                                                \
            row_failed(__FILE__, __LINE__, "not true: %s", #condition);                  \
    } while (0)

/* --- A session (session.c) ---------------------------------------------------------------- */

#define make_context CONFORM(make_context)
#define find_reader  CONFORM(find_reader)
#define open_card    CONFORM(open_card)
#define join_card    CONFORM(join_card)
#define close_card   CONFORM(close_card)
#define select_file  CONFORM(select_file)
#define pci_of       CONFORM(pci_of)
#define length_of    CONFORM(length_of)

/* A context; what fails is said. */
SCARDCONTEXT make_context(void);
/* The reader's name; NULL: there is none, and the row is skipped. It stays. */
const unit *find_reader(SCARDCONTEXT context);

struct card {
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    DWORD protocol; /* SCARD_PROTOCOL_T0 or _T1 */
    const unit *reader;
};

/* A context of its own and a shared connection; false: there is no card, and the row is
 * skipped. */
bool open_card(struct card *card);
/* Another connection to the reader of `first`, by a context of its own. */
bool join_card(struct card *card, const struct card *first);
/* Leaves the card as it is, and releases the context. */
void close_card(struct card *card);
/* A SELECT: the result of SCardTransmit. An answer that has no SW1 and SW2 has failed. */
LONG select_file(const struct card *card);
const SCARD_IO_REQUEST *pci_of(DWORD protocol);
size_t length_of(const unit *text);

#endif
