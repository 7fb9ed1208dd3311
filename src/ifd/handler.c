/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of pcscd (ifd.h). */
#include "base/attribute.h"
#include "base/compiler.h"
#include "ifd/channel.h"
#include "ifd/ifd.h"
#include "message/pcscd.h"
#include "os/time.h"

#include <string.h>

enum {
    POWER_MS = 60000,     /* pcscd waits for as long as it takes */
    COMMAND_MS = 3600000, /* the drivers' own limits are shorter */
    PROTOCOL_T0_NUMBER = 0,
    PROTOCOL_T1_NUMBER = 1,
    GET_FEATURES =
        0x00313520 /* CM_IOCTL_GET_FEATURE_REQUEST of PC/SC part 10, as we have it */
};

static RESPONSECODE code_of(enum sc_error error)
{
    switch ((int)error) {
    case SC_OK:
        return IFD_SUCCESS;
    case SC_E_TIMEOUT:
        return IFD_RESPONSE_TIMEOUT;
    case SC_E_NO_SMARTCARD:
    case SC_W_REMOVED_CARD:
        return IFD_ICC_NOT_PRESENT;
    case SC_E_READER_UNAVAILABLE:
        return IFD_NO_SUCH_DEVICE;
    case SC_E_INSUFFICIENT_BUFFER:
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    case SC_E_UNSUPPORTED_FEATURE:
    case SC_X_NOT_SUPPORTED:
        return IFD_NOT_SUPPORTED;
    case SC_E_PROTO_MISMATCH:
        return IFD_PROTOCOL_NOT_SUPPORTED;
    default:
        return IFD_COMMUNICATION_ERROR;
    }
}

RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
    if (DeviceName == NULL)
        return IFD_COMMUNICATION_ERROR;
    switch ((int)channel_open((uint32_t)Lun, DeviceName)) {
    case SC_OK:
        return IFD_SUCCESS;
    case SC_E_READER_UNAVAILABLE:
        return IFD_NO_SUCH_DEVICE;
    default:
        return IFD_COMMUNICATION_ERROR;
    }
}

/* A number of a port says nothing of which reader is there. */
RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
    (void)Lun;
    (void)Channel;
    return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHCloseChannel(DWORD Lun)
{
    return channel_close((uint32_t)Lun) ? IFD_SUCCESS : IFD_NO_SUCH_DEVICE;
}

/* --- Capabilities ---------------------------------------------------------------------- */

static RESPONSECODE give(PDWORD length, PUCHAR value, const void *bytes, size_t size)
{
    DWORD room = *length;
    *length = size;
    if (room < size)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(value, bytes, size);
    return IFD_SUCCESS;
}

static RESPONSECODE give_byte(PDWORD length, PUCHAR value, size_t number)
{
    uint8_t byte = (uint8_t)number;
    return give(length, value, &byte, 1);
}

static RESPONSECODE give_text(PDWORD length, PUCHAR value, const char *text)
{
    return text[0] != '\0' ? give(length, value, text, strlen(text) + 1) : IFD_ERROR_TAG;
}

static RESPONSECODE give_number(PDWORD length, PUCHAR value, uint32_t number)
{
    return give(length, value, &number, sizeof(number));
}

/* pcscd asks each reader in a thread of its own, and for no longer than it says: until the
 * card moves, or the reader goes. */
static RESPONSECODE wait_for_card(DWORD Lun, int timeout_ms)
{
    struct channel *channel = channel_find((uint32_t)Lun);
    uint64_t limit_ms = os_now_ms() + (timeout_ms > 0 ? (uint64_t)timeout_ms : 0);
    if (channel == NULL)
        return IFD_NO_SUCH_DEVICE;
    struct ifd_slot *slot = &channel->slots[Lun & 0xFFFF];
    os_mutex_lock(&channel->lock);
    uint32_t moves = slot->moves;
    while (slot->moves == moves && !slot->stopping
           && os_cond_wait(&channel->changed, &channel->lock, limit_ms)) {
    }
    slot->stopping = false;
    os_mutex_unlock(&channel->lock);
    return IFD_SUCCESS;
}

static RESPONSECODE stop_waiting(DWORD Lun)
{
    struct channel *channel = channel_find((uint32_t)Lun);
    if (channel == NULL)
        return IFD_NO_SUCH_DEVICE;
    os_mutex_lock(&channel->lock);
    channel->slots[Lun & 0xFFFF].stopping = true;
    os_cond_broadcast(&channel->changed);
    os_mutex_unlock(&channel->lock);
    return IFD_SUCCESS;
}

static size_t count_slots(struct channel *channel)
{
    size_t count = 0;
    os_mutex_lock(&channel->lock);
    for (size_t i = 0; i < CHANNEL_SLOTS_MAX; i++)
        count += channel->slots[i].reader != NULL ? 1 : 0;
    os_mutex_unlock(&channel->lock);
    return count;
}

static RESPONSECODE give_atr(struct channel *channel, const struct ifd_slot *slot,
                             PDWORD length, PUCHAR value)
{
    uint8_t atr[DRIVER_ATR_MAX];
    os_mutex_lock(&channel->lock);
    size_t size = slot->atr_size;
    memcpy(atr, slot->atr, size);
    os_mutex_unlock(&channel->lock);
    return give(length, value, atr, size);
}

/* What only the driver knows. */
static RESPONSECODE ask_driver(struct channel *channel, uint32_t number, uint32_t tag,
                               PDWORD length, PUCHAR value)
{
    uint8_t bytes[DRIVER_ATTRIBUTE_MAX];
    struct transfer t = {.out = bytes, .out_room = sizeof(bytes)};
    if (channel->driver->get_attribute == NULL)
        return IFD_ERROR_TAG;
    struct ifd_slot *slot = channel_begin(channel, number, &t.job, POWER_MS);
    if (slot == NULL)
        return IFD_NO_SUCH_DEVICE;
    enum sc_error error = channel->driver->get_attribute(slot->reader, tag, &t);
    channel_end(channel, slot);
    if (error == SC_X_NOT_SUPPORTED)
        return IFD_ERROR_TAG;
    return error == SC_OK ? give(length, value, bytes, t.out_size) : code_of(error);
}

static RESPONSECODE give_attribute(struct channel *channel, uint32_t number, uint32_t tag,
                                   PDWORD length, PUCHAR value)
{
    const struct ifd_slot *slot = &channel->slots[number];
    const struct reader_info *info = &slot->info;
    switch (tag) {
    case TAG_IFD_ATR:
    case ATTR_ATR_STRING:
        return give_atr(channel, slot, length, value);
    case ATTR_VENDOR_NAME:
        return give_text(length, value, info->vendor);
    case ATTR_VENDOR_IFD_TYPE:
        return give_text(length, value, info->product);
    case ATTR_VENDOR_IFD_SERIAL_NO:
        return give_text(length, value, info->serial);
    case ATTR_VENDOR_IFD_VERSION:
        return info->version != 0 ? give_number(length, value, info->version)
                                  : IFD_ERROR_TAG;
    case ATTR_CHANNEL_ID:
        return give_number(length, value, info->channel_id);
    case ATTR_ICC_PRESENCE:
        return give_byte(length, value, slot->present ? 2 : 0);
    case ATTR_ICC_INTERFACE_STATUS:
        return give_byte(length, value, slot->atr_size > 0 ? 1 : 0);
    default:
        return ask_driver(channel, number, tag, length, value);
    }
}

RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
    typedef RESPONSECODE wait_call(DWORD Lun, int timeout_ms);
    typedef RESPONSECODE stop_call(DWORD Lun);
    static wait_call *const wait = wait_for_card;
    static stop_call *const stop = stop_waiting;
    struct channel *channel = channel_find((uint32_t)Lun);
    if (Length == NULL || Value == NULL)
        return IFD_COMMUNICATION_ERROR;
    switch (Tag) {
    case TAG_IFD_SIMULTANEOUS_ACCESS:
        return give_byte(Length, Value, CHANNELS_MAX);
    case TAG_IFD_THREAD_SAFE:
    case TAG_IFD_SLOT_THREAD_SAFE:
        return give_byte(Length, Value, 1);
    case TAG_IFD_POLLING_THREAD_KILLABLE: /* it may hold a lock */
        return give_byte(Length, Value, 0);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
        return give(Length, Value, &wait, sizeof(wait));
    case TAG_IFD_STOP_POLLING_THREAD:
        return give(Length, Value, &stop, sizeof(stop));
    default:
        break;
    }
    if (channel == NULL)
        return IFD_NO_SUCH_DEVICE;
    if (Tag == TAG_IFD_SLOTS_NUMBER)
        return give_byte(Length, Value, count_slots(channel));
    return give_attribute(channel, Lun & 0xFFFF, (uint32_t)Tag, Length, Value);
}

RESPONSECODE IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
    struct channel *channel = channel_find((uint32_t)Lun);
    struct transfer t = {.in = Value, .in_size = Length};
    if (channel == NULL)
        return IFD_NO_SUCH_DEVICE;
    if (channel->driver->set_attribute == NULL || Value == NULL
        || Length > DRIVER_ATTRIBUTE_MAX)
        return IFD_ERROR_TAG;
    struct ifd_slot *slot = channel_begin(channel, Lun & 0xFFFF, &t.job, POWER_MS);
    if (slot == NULL)
        return IFD_NO_SUCH_DEVICE;
    enum sc_error error = channel->driver->set_attribute(slot->reader, (uint32_t)Tag, &t);
    channel_end(channel, slot);
    if (error == SC_X_NOT_SUPPORTED)
        return IFD_ERROR_TAG;
    return error == SC_OK ? IFD_SUCCESS : IFD_ERROR_SET_FAILURE;
}

/* --- Cards ----------------------------------------------------------------------------- */

RESPONSECODE IFDHICCPresence(DWORD Lun)
{
    struct channel *channel = channel_find((uint32_t)Lun);
    if (channel == NULL)
        return IFD_NO_SUCH_DEVICE;
    const struct ifd_slot *slot = &channel->slots[Lun & 0xFFFF];
    os_mutex_lock(&channel->lock);
    bool gone = slot->reader == NULL || slot->gone, present = slot->present;
    os_mutex_unlock(&channel->lock);
    if (gone)
        return IFD_NO_SUCH_DEVICE;
    return present ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
}

static void note_atr(struct channel *channel, struct ifd_slot *slot, const uint8_t *atr,
                     size_t size)
{
    os_mutex_lock(&channel->lock);
    memcpy(slot->atr, atr, size);
    slot->atr_size = size;
    slot->protocol = 0;
    os_mutex_unlock(&channel->lock);
}

RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
    struct channel *channel = channel_find((uint32_t)Lun);
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    struct driver_job job;
    enum power_action action = POWER_OFF;
    if (channel == NULL)
        return IFD_NO_SUCH_DEVICE;
    if (AtrLength == NULL || Atr == NULL)
        return IFD_COMMUNICATION_ERROR;
    if (Action == IFD_POWER_UP)
        action = POWER_COLD_RESET;
    else if (Action == IFD_RESET)
        action = POWER_WARM_RESET;
    else if (Action != IFD_POWER_DOWN)
        return IFD_NOT_SUPPORTED;
    struct ifd_slot *slot = channel_begin(channel, Lun & 0xFFFF, &job, POWER_MS);
    if (slot == NULL)
        return IFD_NO_SUCH_DEVICE;
    enum sc_error error = channel->driver->power(slot->reader, action, &job, atr, &size);
    note_atr(channel, slot, atr, error == SC_OK ? size : 0);
    channel_end(channel, slot);
    if (error == SC_W_UNRESPONSIVE_CARD)
        return IFD_ERROR_POWER_ACTION;
    if (error != SC_OK)
        return code_of(error);
    *AtrLength = size; /* its room is MAX_ATR_SIZE, 33, whatever it says */
    memcpy(Atr, atr, size);
    return IFD_SUCCESS;
}

/* PTS1 to PTS3 are the driver's business: it chooses by the ATR and by what the reader can. */
RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1,
                                       UCHAR PTS2, UCHAR PTS3)
{
    struct channel *channel = channel_find((uint32_t)Lun);
    struct driver_job job;
    (void)Flags;
    (void)PTS1;
    (void)PTS2;
    (void)PTS3;
    if (channel == NULL)
        return IFD_NO_SUCH_DEVICE;
    if (Protocol != PROTOCOL_T0 && Protocol != PROTOCOL_T1)
        return IFD_PROTOCOL_NOT_SUPPORTED;
    struct ifd_slot *slot = channel_begin(channel, Lun & 0xFFFF, &job, POWER_MS);
    if (slot == NULL)
        return IFD_NO_SUCH_DEVICE;
    enum sc_error error = SC_OK;
    if (slot->protocol != Protocol)
        error = channel->driver->set_protocol(slot->reader, (uint32_t)Protocol, &job);
    slot->protocol = error == SC_OK ? (uint32_t)Protocol : 0;
    channel_end(channel, slot);
    return code_of(error);
}

RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer,
                               DWORD TxLength, PUCHAR RxBuffer, PDWORD RxLength,
                               PSCARD_IO_HEADER RecvPci)
{
    struct channel *channel = channel_find((uint32_t)Lun);
    if (RxLength == NULL)
        return IFD_COMMUNICATION_ERROR;
    struct transfer t = {
        .in = TxBuffer, .in_size = TxLength, .out = RxBuffer, .out_room = *RxLength};
    *RxLength = 0;
    if (channel == NULL)
        return IFD_NO_SUCH_DEVICE;
    if (TxBuffer == NULL || RxBuffer == NULL || TxLength > DRIVER_TRANSFER_MAX)
        return IFD_COMMUNICATION_ERROR;
    if (SendPci.Protocol != PROTOCOL_T0_NUMBER && SendPci.Protocol != PROTOCOL_T1_NUMBER)
        return IFD_PROTOCOL_NOT_SUPPORTED;
    struct ifd_slot *slot = channel_begin(channel, Lun & 0xFFFF, &t.job, COMMAND_MS);
    if (slot == NULL)
        return IFD_NO_SUCH_DEVICE;
    uint32_t protocol =
        SendPci.Protocol == PROTOCOL_T0_NUMBER ? PROTOCOL_T0 : PROTOCOL_T1;
    enum sc_error error = SC_E_PROTO_MISMATCH; /* pcscd chooses one first */
    if (slot->protocol == protocol)
        error = channel->driver->transmit(slot->reader, protocol, &t);
    channel_end(channel, slot);
    *RxLength = error == SC_OK ? t.out_size : 0;
    if (error == SC_OK && RecvPci != NULL)
        RecvPci->Protocol = SendPci.Protocol;
    return code_of(error);
}

RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
                         PUCHAR RxBuffer, DWORD RxLength, PDWORD pdwBytesReturned)
{
    struct channel *channel = channel_find((uint32_t)Lun);
    struct transfer t = {
        .in = TxBuffer, .in_size = TxLength, .out = RxBuffer, .out_room = RxLength};
    uint32_t code = wire_control_in((uint32_t)dwControlCode);
    if (pdwBytesReturned == NULL)
        return IFD_COMMUNICATION_ERROR;
    *pdwBytesReturned = 0;
    if (channel == NULL)
        return IFD_NO_SUCH_DEVICE;
    struct ifd_slot *slot = channel_begin(channel, Lun & 0xFFFF, &t.job, COMMAND_MS);
    if (slot == NULL)
        return IFD_NO_SUCH_DEVICE;
    enum sc_error error = channel->driver->control(slot->reader, code, &t);
    channel_end(channel, slot);
    if (error == SC_OK && code == GET_FEATURES)
        wire_features_out(t.out, t.out_size);
    *pdwBytesReturned = error == SC_OK ? t.out_size : 0;
    return code_of(error);
}
