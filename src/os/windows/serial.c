/* SPDX-License-Identifier: BSD-2-Clause */
/* MS-Docs "Communications Resources", "DCB structure". */
#include "os/windows/winsock.h"

#include "os/serial.h"

#include "os/time.h"
#include "os/windows/text.h"

#include <string.h>

enum {
    PORT_NAME_MAX = 64, /* units of "\\.\COM256", with a NUL */
    SLICE_MS = 20,      /* of a wait, between looks at the wake-up, which is a socket */
    READ_MAX = 32,      /* bytes at once where damaged ones are marked */
    MARK = 0xFF
};

static HANDLE handle_of(struct os_serial serial)
{
    return (HANDLE)serial.native;
}

/* --- Opening ------------------------------------------------------------------------ */

/* Windows lets one program have a port, and says to others that access is denied. */
static enum sc_error open_error(void)
{
    switch (GetLastError()) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
        return SC_E_FILE_NOT_FOUND;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
        return SC_E_SHARING_VIOLATION;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_TOO_MANY_OPEN_FILES:
        return SC_E_NO_MEMORY;
    default:
        return SC_E_READER_UNAVAILABLE;
    }
}

/* "COM3" is "\\.\COM3"; from COM10 on that alone is found. */
static bool make_name(const char *path, wchar_t name[PORT_NAME_MAX])
{
    static const wchar_t prefix[] = L"\\\\.\\";
    size_t size = ARRAY_SIZE(prefix) - 1;
    wmemcpy(name, prefix, size);
    if (strncmp(path, "\\\\.\\", size) == 0)
        path += size;
    return strpbrk(path, "\\/:") == NULL && *path != '\0'
           && os_to_wide(path, name + size, PORT_NAME_MAX - size);
}

/* Reads and writes are over when all of their bytes have moved: each has its own limit,
 * below. */
static bool set_waits(HANDLE port)
{
    COMMTIMEOUTS none = {0};
    return SetCommTimeouts(port, &none) != 0;
}

enum sc_error os_serial_open(const char *path, struct os_serial *serial)
{
    wchar_t name[PORT_NAME_MAX];
    DCB now = {.DCBlength = sizeof(now)};
    serial->native = -1;
    if (!os_winsock_start()) /* for the wake-ups */
        return SC_E_NO_MEMORY;
    if (!make_name(path, name))
        return SC_E_FILE_NOT_FOUND;
    HANDLE port = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                              FILE_FLAG_OVERLAPPED, NULL);
    if (port == INVALID_HANDLE_VALUE)
        return open_error();
    if (!GetCommState(port, &now) || !set_waits(port)) {
        CloseHandle(port);
        return SC_E_INVALID_VALUE;
    }
    serial->native = (intptr_t)port;
    return SC_OK;
}

void os_serial_close(struct os_serial *serial)
{
    if (serial->native == -1)
        return;
    CloseHandle(handle_of(*serial));
    serial->native = -1;
}

static BYTE parity_of(enum os_parity parity)
{
    switch (parity) {
    case OS_PARITY_EVEN:
        return EVENPARITY;
    case OS_PARITY_ODD:
        return ODDPARITY;
    case OS_PARITY_NONE:
        break;
    }
    return NOPARITY;
}

/* Both of our lines stay as os_serial_set_lines() has set them. */
enum sc_error os_serial_set_format(struct os_serial serial,
                                   const struct os_serial_format *format)
{
    HANDLE port = handle_of(serial);
    DCB line = {.DCBlength = sizeof(line),
                .BaudRate = format->rate,
                .fBinary = TRUE,
                .fParity = format->marks_damage ? TRUE : FALSE,
                .fDtrControl = DTR_CONTROL_DISABLE,
                .fRtsControl = RTS_CONTROL_DISABLE,
                .ByteSize = 8,
                .Parity = parity_of(format->parity),
                .StopBits = format->stop_bits == 2 ? TWOSTOPBITS : ONESTOPBIT};
    DCB now = {.DCBlength = sizeof(now)};
    (void)FlushFileBuffers(port);
    if (!GetCommState(port, &now))
        return SC_E_READER_UNAVAILABLE;
    line.fDtrControl = now.fDtrControl;
    line.fRtsControl = now.fRtsControl;
    if (format->rate == 0 || !SetCommState(port, &line))
        return SC_E_INVALID_VALUE;
    if (!GetCommState(port, &now))
        return SC_E_READER_UNAVAILABLE;
    return os_serial_rate_serves(format->rate, now.BaudRate) ? SC_OK : SC_E_INVALID_VALUE;
}

void os_serial_flush(struct os_serial serial)
{
    (void)PurgeComm(handle_of(serial), PURGE_RXCLEAR);
}

/* --- Bytes -------------------------------------------------------------------------- */

static bool is_raised(const struct os_wake *wake)
{
    WSAPOLLFD end = {.events = POLLIN};
    if (wake == NULL)
        return false;
    end.fd = (SOCKET)wake->wait_end;
    return WSAPoll(&end, 1, 0) > 0;
}

/* What was begun is over, or is ended here. */
static enum sc_error await(HANDLE port, OVERLAPPED *work, uint64_t deadline_ms,
                           const struct os_wake *wake, DWORD *done)
{
    enum sc_error error = SC_OK;
    while (error == SC_OK
           && WaitForSingleObject(work->hEvent, SLICE_MS) == WAIT_TIMEOUT) {
        if (is_raised(wake))
            error = SC_E_CANCELLED;
        else if (os_ms_left(deadline_ms) == 0)
            error = SC_E_TIMEOUT;
    }
    if (error != SC_OK)
        (void)CancelIoEx(port, work);
    bool moved = GetOverlappedResult(port, work, done, TRUE) != 0;
    if (error == SC_OK && !moved)
        return SC_E_READER_UNAVAILABLE;
    return error;
}

static enum sc_error begin_failed(BOOL begun)
{
    return begun || GetLastError() == ERROR_IO_PENDING ? SC_OK : SC_E_READER_UNAVAILABLE;
}

enum sc_error os_serial_write(struct os_serial serial, const void *bytes, size_t size,
                              uint64_t deadline_ms, const struct os_wake *wake)
{
    HANDLE port = handle_of(serial);
    OVERLAPPED work = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    DWORD done = 0;
    if (work.hEvent == NULL)
        return SC_E_READER_UNAVAILABLE;
    enum sc_error error = is_raised(wake) ? SC_E_CANCELLED : SC_OK;
    if (error == SC_OK)
        error = begin_failed(WriteFile(port, bytes, (DWORD)size, NULL, &work));
    if (error == SC_OK)
        error = await(port, &work, deadline_ms, wake, &done);
    if (error == SC_OK && done != size)
        error = SC_E_READER_UNAVAILABLE;
    CloseHandle(work.hEvent);
    return error;
}

static enum sc_error read_bytes(HANDLE port, void *bytes, size_t room, size_t *size,
                                uint64_t deadline_ms, const struct os_wake *wake)
{
    OVERLAPPED work = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    DWORD done = 0;
    if (work.hEvent == NULL)
        return SC_E_READER_UNAVAILABLE;
    enum sc_error error = is_raised(wake) ? SC_E_CANCELLED : SC_OK;
    if (error == SC_OK)
        error = begin_failed(ReadFile(port, bytes, (DWORD)room, NULL, &work));
    if (error == SC_OK)
        error = await(port, &work, deadline_ms, wake, &done);
    CloseHandle(work.hEvent);
    *size = done;
    return done > 0 ? SC_OK : error;
}

/* The first is waited for, and what has come with it is there already. *faults: CE_... */
static enum sc_error read_some(HANDLE port, uint8_t *bytes, size_t room, size_t *size,
                               uint64_t deadline_ms, const struct os_wake *wake,
                               DWORD *faults)
{
    COMSTAT status = {0};
    size_t more = 0;
    enum sc_error error = read_bytes(port, bytes, 1, size, deadline_ms, wake);
    if (error != SC_OK || *size == 0)
        return error;
    if (!ClearCommError(port, faults, &status))
        return SC_OK;
    size_t there = status.cbInQue < room - 1 ? status.cbInQue : room - 1;
    if (there > 0
        && read_bytes(port, bytes + 1, there, &more, deadline_ms, NULL) == SC_OK)
        *size += more;
    return SC_OK;
}

/* Windows says that a byte was damaged, and not which: the first of those that have come. */
static size_t mark(DWORD faults, const uint8_t *come, size_t count, uint8_t *bytes)
{
    size_t size = 0;
    bool damaged = (faults & (CE_RXPARITY | CE_FRAME | CE_BREAK)) != 0;
    for (size_t i = 0; i < count; i++) {
        if (damaged && i == 0) {
            bytes[size++] = MARK;
            bytes[size++] = 0;
        } else if (come[i] == MARK) {
            bytes[size++] = MARK;
        }
        bytes[size++] = come[i];
    }
    return size;
}

enum sc_error os_serial_read(struct os_serial serial, void *bytes, size_t room,
                             size_t *size, uint64_t deadline_ms,
                             const struct os_wake *wake)
{
    HANDLE port = handle_of(serial);
    DCB now = {.DCBlength = sizeof(now)};
    uint8_t come[READ_MAX], *into = bytes;
    size_t count = 0, most = room;
    DWORD faults = 0;
    *size = 0;
    if (!GetCommState(port, &now))
        return SC_E_READER_UNAVAILABLE;
    if (now.fParity) { /* each byte may become two, and the first one three */
        into = come;
        most = (room - 1) / 2 < READ_MAX ? (room - 1) / 2 : READ_MAX;
    }
    enum sc_error error = SC_OK;
    while (error == SC_OK && count == 0)
        error = read_some(port, into, most, &count, deadline_ms, wake, &faults);
    if (error == SC_OK)
        *size = now.fParity ? mark(faults, come, count, bytes) : count;
    return error;
}

/* --- Lines -------------------------------------------------------------------------- */

void os_serial_set_lines(struct os_serial serial, uint32_t lines, bool on)
{
    HANDLE port = handle_of(serial);
    if ((lines & OS_SERIAL_DTR) != 0)
        (void)EscapeCommFunction(port, on ? SETDTR : CLRDTR);
    if ((lines & OS_SERIAL_RTS) != 0)
        (void)EscapeCommFunction(port, on ? SETRTS : CLRRTS);
}

enum sc_error os_serial_get_lines(struct os_serial serial, uint32_t *lines)
{
    static const struct {
        uint32_t ours;
        DWORD windows;
    } known[] = {{OS_SERIAL_CTS, MS_CTS_ON},
                 {OS_SERIAL_DSR, MS_DSR_ON},
                 {OS_SERIAL_CD, MS_RLSD_ON},
                 {OS_SERIAL_RI, MS_RING_ON}};
    DWORD status = 0;
    DCB now = {.DCBlength = sizeof(now)};
    if (!GetCommModemStatus(handle_of(serial), &status))
        return GetCommState(handle_of(serial), &now) ? SC_E_UNSUPPORTED_FEATURE
                                                     : SC_E_READER_UNAVAILABLE;
    *lines = 0;
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if ((status & known[i].windows) != 0)
            *lines |= known[i].ours;
    return SC_OK;
}
