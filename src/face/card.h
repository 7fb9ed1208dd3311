/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files with calls on card handles share, in each ABI. */
#ifndef FACE_CARD_H
#define FACE_CARD_H

#include "client/handles.h"
#include "face/abi.h"

/* The two ABIs' forms of one function live in different libraries, under one name. */
enum sc_error face_card_call(SCARDHANDLE handle, struct request *request);

/* Whose memory a call on a handle gives (face/buffer.h). */
static inline uint32_t face_card_context(SCARDHANDLE handle)
{
    return FACE_IS_WINDOWS ? client_card_context(face_handle((uint64_t)handle)) : 0;
}

/* After a reset or a removal SCardStatus and SCardState give their answer all the same:
 * it says what is there now. */
static inline bool face_is_status(enum sc_error error)
{
    return error == SC_OK || error == SC_W_RESET_CARD || error == SC_W_REMOVED_CARD;
}

/* A card state as the ABI numbers it: 0 to 6 on Windows, a bit in pcsc-lite, where
 * several are set and the high half counts insertions and removals. */
static inline DWORD face_card_state(const struct card_status *status)
{
#if FACE_IS_WINDOWS
    static const DWORD states[] = {
        [CARD_ABSENT] = SCARD_ABSENT,         [CARD_UNKNOWN] = SCARD_PRESENT,
        [CARD_MUTE] = SCARD_PRESENT,          [CARD_OFF] = SCARD_SWALLOWED,
        [CARD_NEGOTIABLE] = SCARD_NEGOTIABLE, [CARD_SPECIFIC] = SCARD_SPECIFIC};
    return states[status->state];
#else
    const DWORD powered = SCARD_PRESENT | SCARD_POWERED;
    const DWORD states[] = {[CARD_ABSENT] = SCARD_ABSENT,
                            [CARD_UNKNOWN] = SCARD_PRESENT,
                            [CARD_MUTE] = SCARD_PRESENT | SCARD_SWALLOWED,
                            [CARD_OFF] = SCARD_PRESENT,
                            [CARD_NEGOTIABLE] = powered | SCARD_NEGOTIABLE,
                            /* pcscd 1.9.9, observed: with a protocol in force too */
                            [CARD_SPECIFIC] = powered | SCARD_NEGOTIABLE};
    return states[status->state] | (DWORD)(status->events & 0xFFFF) << 16;
#endif
}

#endif
