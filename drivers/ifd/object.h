/* SPDX-License-Identifier: BSD-2-Clause */
/* The object of an IFD handler: its calls, once in a process, however many readers it has. */
#ifndef DRIVERS_IFD_OBJECT_H
#define DRIVERS_IFD_OBJECT_H

#include "drivers/ifd/handler.h"
#include "ifd/ifd.h"
#include "os/lock.h"

typedef RESPONSECODE ifd_wait_call(DWORD Lun, int timeout_ms);
typedef RESPONSECODE ifd_stop_call(DWORD Lun);

struct ifd_object {
    char path[IFD_TARGET_MAX / 2];
    uint32_t version;                                            /* 2 or 3 */
    RESPONSECODE (*create_by_name)(DWORD Lun, LPSTR DeviceName); /* NULL: version 2 */
    RESPONSECODE (*create)(DWORD Lun, DWORD Channel);
    RESPONSECODE (*close)(DWORD Lun);
    RESPONSECODE (*get)(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value);
    RESPONSECODE (*set)(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value);
    RESPONSECODE(*protocol)
    (DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1, UCHAR PTS2, UCHAR PTS3);
    RESPONSECODE (*power)(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength);
    RESPONSECODE(*transmit)
    (DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer,
     PDWORD RxLength, PSCARD_IO_HEADER RecvPci);
    RESPONSECODE (*presence)(DWORD Lun);
    RESPONSECODE(*control)
    (DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer,
     DWORD RxLength, PDWORD pdwBytesReturned);
    /* The same of version 2. */
    RESPONSECODE(*control_2)
    (DWORD Lun, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer, PDWORD RxLength);
    struct os_mutex lock; /* of its calls, unless it says that it needs none */
    bool safe;            /* TAG_IFD_THREAD_SAFE; under the list's lock, as `readers` */
    uint32_t readers;     /* a bit for each that is open */
};

/* The object at the path, loaded if it is not yet; and a number for one more reader of it.
 * Errors: SC_E_READER_UNAVAILABLE, SC_E_NO_MEMORY. */
enum sc_error ifd_object_take(const char *path, struct ifd_object **object,
                              uint32_t *number, struct ifd_refusal *refusal) MUST_CHECK;
/* That reader is closed. */
void ifd_object_release(struct ifd_object *object, uint32_t number);

#endif
