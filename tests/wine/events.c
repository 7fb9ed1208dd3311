/* SPDX-License-Identifier: BSD-2-Clause */
/* The event of new readers, which only an arrival sets, and only while it is taken. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <windows.h>

enum { NOT_LONG_MS = 100, MANY = 100 };

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

/* It is one, however often it is taken and given back, before there is a context and after,
 * and stays set. */
static HANDLE check_started(void)
{
    HANDLE first = SCardAccessStartedEvent();
    CHECK(first != NULL);
    for (unsigned i = 0; i < MANY; i++) {
        CHECK(SCardAccessStartedEvent() == first);
        CHECK_EQ(WaitForSingleObject(first, 0), WAIT_OBJECT_0);
    }
    for (unsigned i = 0; i < MANY + 2; i++) /* one more than were taken */
        SCardReleaseStartedEvent();
    CHECK_EQ(WaitForSingleObject(first, 0), WAIT_OBJECT_0);
    CHECK(SCardAccessStartedEvent() == first);
    return first;
}

/* As programs wait for the manager and for readers at once. */
static void check_both(HANDLE started)
{
    HANDLE both[2] = {event, started};
    CHECK(SCardAccessNewReaderEvent() == event);
    CHECK(becomes(1));
    CHECK_EQ(WaitForMultipleObjects(2, both, FALSE, CHECK_HANG_MS), WAIT_OBJECT_0 + 1);
    fake_unplug(1);
    CHECK_EQ(WaitForMultipleObjects(2, both, TRUE, NOT_LONG_MS), WAIT_TIMEOUT);
    fake_plug(1);
    CHECK_EQ(WaitForMultipleObjects(2, both, TRUE, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForMultipleObjects(2, both, FALSE, CHECK_HANG_MS), WAIT_OBJECT_0 + 1);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2", 1);
    HANDLE started = check_started();
    SCARDCONTEXT context = new_context();
    CHECK(check_started() == started);
    event = SCardAccessNewReaderEvent();
    CHECK(event != NULL && event != started);
    check_arrivals();
    check_taking();
    check_both(started);
    SCardReleaseAllEvents();
    CHECK(becomes(0));
    CHECK_EQ(WaitForSingleObject(started, 0), WAIT_OBJECT_0);
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
