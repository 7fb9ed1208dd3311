/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of groups and of introduced names share: two readers, the first with a
 * card, in this process, through the service or through a pcscd. */
#ifndef TESTS_UNIT_FACE_TWO_READERS_H
#define TESTS_UNIT_FACE_TWO_READERS_H

#include "tests/face/database_place.h"
#include "tests/face/face_test.h"

#ifdef IN_PCSCD
#include "tests/support/pcscd_setup.h"
#undef READER_0
#undef READER_1
#define READER_0   "Acme Reader 0"
#define READER_1   "Acme Reader 1"
#define OTHER_NAME "Acme Reader [CCID] (0816) 01 00" /* of reader 1, with pcsc-lite */
#else
#define OTHER_NAME "Fake Reader 01 00"
#endif

#define FIRST  TEXT(READER_0)
#define SECOND TEXT(READER_1)

static SCARDCONTEXT context;

/* --- The carrier's readers ---------------------------------------------------------- */

#ifdef IN_PCSCD
static struct fake_pcscd *fake_daemon;

static inline void begin_readers(void)
{
    set_up();
    setenv("WINSCARD_CARRIER", "pcscd", 1);
    fake_daemon = start_fake(4);
}

static inline void end_readers(void)
{
    fake_stop(fake_daemon);
    rmdir(directory);
}

static inline void unplug(unsigned reader)
{
    fake_reader(fake_daemon, reader, "", 0, 0, 0, NULL, 0);
}

static inline void plug_second(void)
{
    fake_reader(fake_daemon, 1, OTHER_NAME, ABSENT, 0, 0, NULL, 0);
}
#else
static inline void begin_readers(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2&cards=1", 1);
}

static inline void end_readers(void)
{
}

static inline void unplug(unsigned reader)
{
    fake_unplug(reader);
}

static inline void plug_second(void)
{
    fake_plug(1);
}
#endif

static inline void unplug_second(void)
{
    unplug(1);
}

/* --- Lists -------------------------------------------------------------------------- */

/* A multi-string of ASCII as one text: "a|b|". */
static inline const char *join(const TCHAR *list)
{
    static char text[1024];
    size_t size = 0;
    for (size_t i = 0; list[i] != 0 || (i > 0 && list[i - 1] != 0); i++)
        if (size < sizeof(text) - 1)
            text[size++] = list[i] == 0 ? '|' : (char)list[i];
    text[size] = '\0';
    return text;
}

/* What SCardListReaders gives, or its error as a number. */
static inline const char *list(const TCHAR *groups)
{
    static char text[16];
    TCHAR readers[1024];
    DWORD size = 1024;
    LONG error = SCardListReaders(context, groups, readers, &size);
    if (error == 0)
        return join(readers);
    snprintf(text, sizeof(text), "%08X", (unsigned)error);
    return text;
}

#endif
