/* SPDX-License-Identifier: BSD-2-Clause */
/* The IFD handler interface 3.0 by which pcscd calls a reader's driver: pcsc-lite's
 * documentation "MUSCLE PC/SC IFD Driver Developer Kit", and its installed ifdhandler.h,
 * whose names, widths and values these are. handler.c is such a driver; drivers/ifd calls
 * others. */
#ifndef IFD_IFD_H
#define IFD_IFD_H

#include <stdint.h>

typedef unsigned char UCHAR, *PUCHAR;
typedef unsigned long DWORD, *PDWORD;
typedef char *LPSTR;
typedef long RESPONSECODE;

typedef struct _SCARD_IO_HEADER {
    DWORD Protocol;
    DWORD Length;
} SCARD_IO_HEADER, *PSCARD_IO_HEADER;

/* Tags of IFDHGetCapabilities(), besides the attributes of PC/SC part 3. */
enum {
    TAG_IFD_SLOT_THREAD_SAFE = 0x0FAC,
    TAG_IFD_THREAD_SAFE = 0x0FAD,
    TAG_IFD_SLOTS_NUMBER = 0x0FAE,
    TAG_IFD_SIMULTANEOUS_ACCESS = 0x0FAF,
    TAG_IFD_POLLING_THREAD_KILLABLE = 0x0FB1,
    TAG_IFD_STOP_POLLING_THREAD = 0x0FB2,
    TAG_IFD_POLLING_THREAD_WITH_TIMEOUT = 0x0FB3,
    TAG_IFD_ATR = 0x0303
};

enum { IFD_POWER_UP = 500, IFD_POWER_DOWN = 501, IFD_RESET = 502 };

enum {
    IFD_SUCCESS = 0,
    IFD_ERROR_TAG = 600,
    IFD_ERROR_SET_FAILURE = 601,
    IFD_ERROR_VALUE_READ_ONLY = 602,
    IFD_ERROR_PTS_FAILURE = 605,
    IFD_ERROR_NOT_SUPPORTED = 606,
    IFD_PROTOCOL_NOT_SUPPORTED = 607,
    IFD_ERROR_POWER_ACTION = 608,
    IFD_COMMUNICATION_ERROR = 612,
    IFD_RESPONSE_TIMEOUT = 613,
    IFD_NOT_SUPPORTED = 614,
    IFD_ICC_PRESENT = 615,
    IFD_ICC_NOT_PRESENT = 616,
    IFD_NO_SUCH_DEVICE = 617,
    IFD_ERROR_INSUFFICIENT_BUFFER = 618
};

#define IFDAPI __attribute__((visibility("default")))

/* `Lun`: the reader in the upper 16 bits, its slot in the lower. */
IFDAPI RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName);
IFDAPI RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD Channel);
IFDAPI RESPONSECODE IFDHCloseChannel(DWORD Lun);
IFDAPI RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length,
                                        PUCHAR Value);
IFDAPI RESPONSECODE IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value);
IFDAPI RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags,
                                              UCHAR PTS1, UCHAR PTS2, UCHAR PTS3);
IFDAPI RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength);
IFDAPI RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer,
                                      DWORD TxLength, PUCHAR RxBuffer, PDWORD RxLength,
                                      PSCARD_IO_HEADER RecvPci);
IFDAPI RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer,
                                DWORD TxLength, PUCHAR RxBuffer, DWORD RxLength,
                                PDWORD pdwBytesReturned);
IFDAPI RESPONSECODE IFDHICCPresence(DWORD Lun);

#endif
