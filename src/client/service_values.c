/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of the protocol are the manager's, in this library and in the service, which take
 * them for each other. What is not so any more has to be translated at both ends, for the
 * numbers of the protocol do not change (message/message.h, winscard-protocol(7)). */
#include "manager/driver.h"
#include "manager/handle.h"
#include "manager/limits.h"
#include "manager/manager.h"
#include "manager/program.h"
#include "manager/request.h"
#include "manager/slot.h"
#include "manager/watch.h"
#include "message/message.h"

#define SAME(ours, wire) _Static_assert((int)(ours) == (int)(wire), "see above")

SAME(CARD_ABSENT, MESSAGE_STATE_ABSENT);
SAME(CARD_UNKNOWN, MESSAGE_STATE_UNKNOWN);
SAME(CARD_MUTE, MESSAGE_STATE_MUTE);
SAME(CARD_OFF, MESSAGE_STATE_OFF);
SAME(CARD_NEGOTIABLE, MESSAGE_STATE_NEGOTIABLE);
SAME(CARD_SPECIFIC, MESSAGE_STATE_SPECIFIC);
SAME(NAME_WINDOWS, MESSAGE_STYLE_WINDOWS);
SAME(NAME_PCSCLITE, MESSAGE_STYLE_PCSCLITE);
SAME(WATCH_WINDOWS, MESSAGE_RULE_WINDOWS);
SAME(WATCH_PCSCLITE, MESSAGE_RULE_PCSCLITE);
SAME(ABI_WINDOWS, MESSAGE_ABI_WINDOWS);
SAME(ABI_PCSCLITE, MESSAGE_ABI_PCSCLITE);
SAME(ABI_KINDS, MESSAGE_ABI_END);

/* Of winscard.h, and so in the protocol. */
SAME(SHARE_EXCLUSIVE, 1);
SAME(SHARE_SHARED, 2);
SAME(SHARE_DIRECT, 3);
SAME(DISPOSITION_LEAVE, 0);
SAME(DISPOSITION_RESET, 1);
SAME(DISPOSITION_UNPOWER, 2);
SAME(DISPOSITION_EJECT, 3);
SAME(PROTOCOL_T0, 1);
SAME(PROTOCOL_T1, 2);
SAME(PROTOCOL_RAW, 0x10000);

SAME(DRIVER_NAME_MAX, MESSAGE_NAME_MAX);
SAME(DRIVER_TEXT_MAX, MESSAGE_TEXT_MAX);
SAME(DRIVER_ID_MAX, MESSAGE_DEVICE_MAX);
SAME(DRIVER_ATR_MAX, MESSAGE_ATR_MAX);
SAME(DRIVER_TRANSFER_MAX, MESSAGE_TRANSFER_MAX);
SAME(DRIVER_ATTRIBUTE_MAX, MESSAGE_ATTRIBUTE_MAX);
SAME(LIMIT_CACHE_NAME, MESSAGE_CACHE_NAME_MAX);
SAME(LIMIT_CACHE_ITEM, MESSAGE_CACHE_ITEM_MAX);
_Static_assert(LIMIT_WATCH_ENTRIES *(8 + MESSAGE_READER_MAX) <= MESSAGE_WATCH_MAX,
               "a watch of as many readers as may be fits");
_Static_assert(LIMIT_WATCH_ENTRIES *(8 + MESSAGE_ATR_MAX) <= MESSAGE_LIST_MAX,
               "and what comes of it");
