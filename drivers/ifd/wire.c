/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/ifd/wire.h"

#include <string.h>

enum { ATTRIBUTE_MAX = 264, ROOM_MAX = TRANSFER_MAX };

_Static_assert(sizeof(struct ifd_frame) == IFD_HEAD_SIZE, "a head is five words");

/* Which end each kind is for, and how many bytes it has. */
static const struct {
    enum ifd_end end;
    uint32_t lowest, highest;
} kinds[IFD_KIND_COUNT] = {
    [IFD_OPEN] = {IFD_END_PROGRAM, 3, IFD_TARGET_MAX},
    [IFD_SLOT] = {IFD_END_PROGRAM, 0, 0},
    [IFD_OPENED] = {IFD_END_DRIVER, 1, IFD_SLOTS_MAX},
    [IFD_FAILED] = {IFD_END_DRIVER, 1, IFD_WHY_MAX},
    [IFD_MOVED] = {IFD_END_DRIVER, 0, 0},
    [IFD_CRASHED] = {IFD_END_DRIVER, 0, 0},
    [IFD_POWER] = {IFD_END_PROGRAM_SLOT, 0, 0},
    [IFD_PROTOCOL] = {IFD_END_PROGRAM_SLOT, 0, 0},
    [IFD_TRANSMIT] = {IFD_END_PROGRAM_SLOT, 0, TRANSFER_MAX},
    [IFD_CONTROL] = {IFD_END_PROGRAM_SLOT, 0, TRANSFER_MAX},
    [IFD_GET] = {IFD_END_PROGRAM_SLOT, 0, 0},
    [IFD_SET] = {IFD_END_PROGRAM_SLOT, 0, ATTRIBUTE_MAX},
    [IFD_ANSWER] = {IFD_END_DRIVER_SLOT, 0, TRANSFER_MAX},
};

/* What the words of each kind may be. */
static bool has_sound_words(const struct ifd_frame *frame)
{
    switch (frame->kind) {
    case IFD_OPEN:
        return frame->b == IFD_WIRE_VERSION;
    case IFD_SLOT:
        return frame->a < IFD_SLOTS_MAX;
    case IFD_OPENED:
        return frame->a == frame->size && (frame->b == 2 || frame->b == 3);
    case IFD_FAILED:
        return frame->a == IFD_FAILED_TO_LOAD || frame->a == IFD_FAILED_TO_OPEN;
    case IFD_MOVED:
        return frame->number < IFD_SLOTS_MAX && frame->a <= IFD_GONE;
    case IFD_CONTROL:
        return frame->b <= ROOM_MAX;
    default:
        return true;
    }
}

bool ifd_frame_decode(const uint8_t head[IFD_HEAD_SIZE], enum ifd_end end,
                      struct ifd_frame *frame)
{
    memcpy(frame, head, IFD_HEAD_SIZE);
    if (frame->kind == 0 || frame->kind >= IFD_KIND_COUNT)
        return false;
    return kinds[frame->kind].end == end && frame->size >= kinds[frame->kind].lowest
           && frame->size <= kinds[frame->kind].highest && has_sound_words(frame);
}

enum sc_error ifd_frame_read(struct os_socket socket, enum ifd_end end,
                             struct ifd_frame *frame, uint64_t deadline_ms,
                             const struct os_wake *wake)
{
    uint8_t head[IFD_HEAD_SIZE];
    enum sc_error error = os_socket_read(socket, head, sizeof(head), deadline_ms, wake);
    if (error == SC_OK && !ifd_frame_decode(head, end, frame))
        error = SC_F_COMM_ERROR;
    return error;
}

enum sc_error ifd_frame_write(struct os_socket socket, const struct ifd_frame *frame,
                              const void *bytes, uint64_t deadline_ms,
                              const struct os_wake *wake)
{
    return os_socket_write(socket, frame, sizeof(*frame), bytes, frame->size, deadline_ms,
                           wake);
}
