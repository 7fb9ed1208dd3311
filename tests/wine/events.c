/* SPDX-License-Identifier: BSD-2-Clause */
/* The event of new readers, which only an arrival sets, and only while it is taken. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <windows.h>

enum { NOT_LONG_MS = 100 };

static HANDLE event;

static void check_arrivals(void)
{
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT); /* those there are no news */
    fake_unplug(1);
    CHECK_EQ(WaitForSingleObject(event, NOT_LONG_MS), WAIT_TIMEOUT);
    fake_plug(1);
    CHECK_EQ(WaitForSingleObject(event, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT); /* once for each */
}

/* How many calls wait in the manager; it is the event's thread that does. */
static bool becomes(uint32_t watches)
{
    for (uint64_t end = now_ms() + CHECK_HANG_MS; now_ms() < end; pause_ms(1))
        if (inside_watches() == watches)
            return true;
    return false;
}

static void check_taking(void)
{
    CHECK(SCardAccessNewReaderEvent() == event);
    SCardReleaseNewReaderEvent();
    CHECK(becomes(1)); /* it is still taken */
    SCardReleaseNewReaderEvent();
    CHECK(becomes(0));
    fake_unplug(1);
    fake_plug(1);
    CHECK_EQ(WaitForSingleObject(event, NOT_LONG_MS), WAIT_TIMEOUT);
    SCardReleaseNewReaderEvent(); /* one too many */
    CHECK(SCardAccessNewReaderEvent() == event);
    CHECK(SCardAccessNewReaderEvent() == event);
    CHECK(becomes(1));
    check_arrivals();
    SCardReleaseAllEvents();
    CHECK(becomes(0));
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2", 1);
    SCARDCONTEXT context = new_context();
    HANDLE started = SCardAccessStartedEvent();
    CHECK_EQ(WaitForSingleObject(started, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(started, 0), WAIT_OBJECT_0); /* it stays set */
    SCardReleaseStartedEvent();
    CHECK(SCardAccessStartedEvent() == started);
    event = SCardAccessNewReaderEvent();
    CHECK(event != NULL && event != started);
    check_arrivals();
    check_taking();
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
