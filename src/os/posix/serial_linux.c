/* SPDX-License-Identifier: BSD-2-Clause */
/* termios(3), ioctl_tty(2). The kernel's own structure takes any rate (BOTHER); <termios.h>
 * has another of the same name, and is not included. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/serial.h"

#include "os/posix/descriptor.h"
#include "os/time.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The kernel's names for lines, which the C library's headers share with other structures. */
enum {
    LINE_DTR = 0x002,
    LINE_RTS = 0x004,
    LINE_CTS = 0x020,
    LINE_CAR = 0x040,
    LINE_RNG = 0x080,
    LINE_DSR = 0x100
};

/* --- Opening ------------------------------------------------------------------------ */

static enum sc_error open_error(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return SC_E_FILE_NOT_FOUND;
    case EACCES:
    case EPERM:
        return SC_E_NO_ACCESS;
    case EBUSY:
        return SC_E_SHARING_VIOLATION;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return SC_E_NO_MEMORY;
    case ENOTTY:
    case EISDIR:
    case EINVAL:
        return SC_E_INVALID_VALUE;
    default:
        return SC_E_READER_UNAVAILABLE;
    }
}

static enum sc_error make_own(int line)
{
    struct termios2 now;
    if (ioctl(line, TCGETS2, &now) != 0)
        return open_error();
    if (flock(line, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? SC_E_SHARING_VIOLATION : open_error();
    return ioctl(line, TIOCEXCL) == 0 ? SC_OK : open_error();
}

enum sc_error os_serial_open(const char *path, struct os_serial *serial)
{
    /* Without O_NONBLOCK a line with modem control waits for its carrier. */
    int line =
        os_descriptor_raise(open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    serial->native = -1;
    if (line < 0)
        return open_error();
    enum sc_error error = make_own(line);
    if (error != SC_OK)
        close(line);
    else
        serial->native = line;
    return error;
}

void os_serial_close(struct os_serial *serial)
{
    if (serial->native < 0)
        return;
    (void)ioctl((int)serial->native, TIOCNXCL);
    close((int)serial->native);
    serial->native = -1;
}

static unsigned parity_flags(enum os_parity parity)
{
    switch (parity) {
    case OS_PARITY_EVEN:
        return PARENB;
    case OS_PARITY_ODD:
        return PARENB | PARODD;
    case OS_PARITY_NONE:
        break;
    }
    return 0;
}

/* A program that changed the line before may have left anything. */
enum sc_error os_serial_set_format(struct os_serial serial,
                                   const struct os_serial_format *format)
{
    struct termios2 line;
    int fd = (int)serial.native;
    memset(&line, 0, sizeof(line));
    line.c_iflag = format->marks_damage ? INPCK | PARMRK : IGNBRK | IGNPAR;
    line.c_cflag = CS8 | CREAD | CLOCAL | BOTHER | parity_flags(format->parity)
                   | (format->stop_bits == 2 ? (unsigned)CSTOPB : 0U);
    line.c_ispeed = line.c_ospeed = format->rate;
    if (format->rate == 0 || ioctl(fd, TCSETSW2, &line) != 0
        || ioctl(fd, TCGETS2, &line) != 0)
        return errno == EINVAL || format->rate == 0 ? SC_E_INVALID_VALUE
                                                    : SC_E_READER_UNAVAILABLE;
    return os_serial_rate_serves(format->rate, line.c_ospeed) ? SC_OK
                                                              : SC_E_INVALID_VALUE;
}

void os_serial_flush(struct os_serial serial)
{
    (void)ioctl((int)serial.native, TCFLSH, TCIFLUSH);
}

/* --- Bytes -------------------------------------------------------------------------- */

/* Until `events` come. */
static enum sc_error await(int line, short events, uint64_t deadline_ms,
                           const struct os_wake *wake)
{
    struct pollfd fds[2] = {
        {.fd = line, .events = events},
        {.fd = wake != NULL ? (int)wake->wait_end : -1, .events = POLLIN}};
    int happened;
    do
        happened = poll(fds, 2, os_ms_left(deadline_ms));
    while (happened < 0 && errno == EINTR);
    if (happened < 0)
        return SC_F_INTERNAL_ERROR;
    if ((fds[1].revents & POLLIN) != 0)
        return SC_E_CANCELLED;
    if ((fds[0].revents & events) != 0)
        return SC_OK;
    if (fds[0].revents != 0)
        return SC_E_READER_UNAVAILABLE;
    return os_ms_left(deadline_ms) == 0 ? SC_E_TIMEOUT : SC_OK;
}

static bool is_to_wait(void)
{
    return errno == EAGAIN || errno == EINTR;
}

enum sc_error os_serial_write(struct os_serial serial, const void *bytes, size_t size,
                              uint64_t deadline_ms, const struct os_wake *wake)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        enum sc_error error = await((int)serial.native, POLLOUT, deadline_ms, wake);
        if (error != SC_OK)
            return error;
        ssize_t put = write((int)serial.native, at, size);
        if (put < 0 && !is_to_wait())
            return SC_E_READER_UNAVAILABLE;
        at += put > 0 ? put : 0;
        size -= put > 0 ? (size_t)put : 0;
    }
    return SC_OK;
}

/* The end of the file is that of the device: its adapter was pulled. */
enum sc_error os_serial_read(struct os_serial serial, void *bytes, size_t room,
                             size_t *size, uint64_t deadline_ms,
                             const struct os_wake *wake)
{
    *size = 0;
    for (;;) {
        enum sc_error error = await((int)serial.native, POLLIN, deadline_ms, wake);
        if (error != SC_OK)
            return error;
        ssize_t got = read((int)serial.native, bytes, room);
        if (got > 0) {
            *size = (size_t)got;
            return SC_OK;
        }
        if (got == 0 || !is_to_wait())
            return SC_E_READER_UNAVAILABLE;
    }
}

/* --- Lines -------------------------------------------------------------------------- */

static const struct {
    uint32_t ours;
    int kernels;
} lines_known[] = {{OS_SERIAL_DTR, LINE_DTR}, {OS_SERIAL_RTS, LINE_RTS},
                   {OS_SERIAL_CTS, LINE_CTS}, {OS_SERIAL_DSR, LINE_DSR},
                   {OS_SERIAL_CD, LINE_CAR},  {OS_SERIAL_RI, LINE_RNG}};

void os_serial_set_lines(struct os_serial serial, uint32_t lines, bool on)
{
    int kernels = 0;
    for (size_t i = 0; i < ARRAY_SIZE(lines_known); i++)
        if ((lines & lines_known[i].ours) != 0)
            kernels |= lines_known[i].kernels;
    (void)ioctl((int)serial.native, on ? TIOCMBIS : TIOCMBIC, &kernels);
}

enum sc_error os_serial_get_lines(struct os_serial serial, uint32_t *lines)
{
    int kernels = 0;
    if (ioctl((int)serial.native, TIOCMGET, &kernels) != 0)
        return errno == EIO || errno == ENODEV ? SC_E_READER_UNAVAILABLE
                                               : SC_E_UNSUPPORTED_FEATURE;
    *lines = 0;
    for (size_t i = 0; i < ARRAY_SIZE(lines_known); i++)
        if ((kernels & lines_known[i].kernels) != 0)
            *lines |= lines_known[i].ours;
    return SC_OK;
}
