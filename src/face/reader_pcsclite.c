/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers as the pcsc-lite ABI has them. pcsc-lite has no database: its SCardListReaders
 * lists all readers whatever it is asked for, and the default group is all that
 * SCardListReaderGroups knows (winscard_clnt of 1.9.9, observed). Programs made for it
 * expect nothing else, so this face never looks into the database, nor are introduced
 * names taken for readers in it. */
#include "face/readers.h"

enum sc_error face_connect_reader(uint32_t context, const char *name,
                                  struct request *request, uint32_t *card)
{
    return client_carrier()->connect(context, name, request, card);
}

enum sc_error face_list_readers(SCARDCONTEXT handle, const struct multistring *groups,
                                struct multistring *names)
{
    const struct carrier *carrier = client_carrier();
    (void)groups;
    if (carrier == NULL)
        return SC_E_NO_SERVICE;
    return carrier->list_readers(face_handle((uint64_t)handle), FACE_STYLE, names);
}

enum sc_error face_reader_groups(SCARDCONTEXT handle, struct multistring *names)
{
    const struct carrier *carrier = client_carrier();
    if (carrier == NULL || carrier->check_context(face_handle((uint64_t)handle)) != SC_OK)
        return SC_E_INVALID_HANDLE;
    return multistring_add(names, "SCard$DefaultReaders");
}

enum sc_error face_watch_entries(uint32_t context, uint64_t timeout_ms,
                                 struct watch_entry *entries,
                                 struct face_entry_name *names, size_t count)
{
    (void)names;
    return client_carrier()->watch(context, FACE_WATCH_RULE, timeout_ms, entries,
                                   (uint32_t)count);
}
