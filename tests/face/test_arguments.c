/* SPDX-License-Identifier: BSD-2-Clause */
/* Bad arguments, call by call: NULL, wrong sizes, handles that are none, and the
 * documented code for each. Nothing is lost by any of them: a session goes on through it
 * all. */
#include "tests/face/face_test.h"

static SCARDCONTEXT context;
static SCARDHANDLE card;

static void check_contexts(void)
{
    SCARDCONTEXT other = 0;
    EXPECT(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, NULL),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardEstablishContext(99, NULL, NULL, &other), SCARD_E_INVALID_VALUE);
    EXPECT(SCardEstablishContext(3, NULL, NULL, &other),
           EITHER(SCARD_E_INVALID_VALUE, 0));
    if (!IS_WINDOWS)
        EXPECT(SCardReleaseContext(other), 0);
    EXPECT(SCardEstablishContext(SCARD_SCOPE_SYSTEM, "x", "y", &other), 0);
    EXPECT(SCardReleaseContext(other), 0);
    const SCARDCONTEXT bad[] = {0, other, (SCARDCONTEXT)card, (SCARDCONTEXT)-1,
                                0x7FFFFFFF};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        DWORD size = 0;
        EXPECT(SCardIsValidContext(bad[i]), BAD_HANDLE);
        EXPECT(SCardReleaseContext(bad[i]), BAD_HANDLE);
        EXPECT(SCardCancel(bad[i]), BAD_HANDLE);
        if (bad[i] != 0 || !IS_WINDOWS) {
            EXPECT(SCardListReaders(bad[i], NULL, NULL, &size), BAD_HANDLE);
            EXPECT(SCardListReaderGroups(bad[i], NULL, &size), BAD_HANDLE);
            EXPECT(SCardFreeMemory(bad[i], NULL), BAD_HANDLE);
        }
    }
    EXPECT(SCardIsValidContext(context), 0);
    EXPECT(SCardCancel(context), 0);
}

/* pcsc-lite's callers see that nothing came; Windows' length stays as it was. */
static void check_length_after(SCARDHANDLE bad)
{
    static const BYTE bytes[] = {0x00, 0xB0, 0x00, 0x00, 0x00};
    BYTE answer[4];
    DWORD size = sizeof(answer);
    EXPECT(SCardTransmit(bad, SCARD_PCI_T0, bytes, 5, NULL, answer, &size), BAD_HANDLE);
    CHECK_EQ(size, EITHER(sizeof(answer), 0));
}

static void check_card_handles(void)
{
    SCARDHANDLE stale = new_card(context, READER_0);
    EXPECT(SCardDisconnect(stale, SCARD_LEAVE_CARD), 0);
    const SCARDHANDLE bad[] = {0, stale, (SCARDHANDLE)context, (SCARDHANDLE)-1};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        BYTE byte = 0;
        DWORD number = 0;
        EXPECT(SCardDisconnect(bad[i], SCARD_LEAVE_CARD), BAD_HANDLE);
        EXPECT(SCardReconnect(bad[i], SCARD_SHARE_SHARED, T01, 0, &number), BAD_HANDLE);
        EXPECT(SCardBeginTransaction(bad[i]), BAD_HANDLE);
        EXPECT(SCardEndTransaction(bad[i], SCARD_LEAVE_CARD), BAD_HANDLE);
        EXPECT(SCardStatus(bad[i], NULL, NULL, NULL, NULL, NULL, NULL), BAD_HANDLE);
        EXPECT(command(bad[i]), BAD_HANDLE);
        check_length_after(bad[i]);
        EXPECT(SCardControl(bad[i], SCARD_CTL_CODE(2048), NULL, 0, NULL, 0, &number),
               BAD_HANDLE);
        EXPECT(SCardGetAttrib(bad[i], SCARD_ATTR_ATR_STRING, NULL, &number), BAD_HANDLE);
        EXPECT(SCardSetAttrib(bad[i], SCARD_ATTR_ATR_STRING, &byte, 1), BAD_HANDLE);
    }
}

static void check_connect(void)
{
    SCARDHANDLE other = 77;
    DWORD active = 0;
    char name[300];
    EXPECT(SCardConnect(context, READER_0, SCARD_SHARE_SHARED, T01, NULL, &active),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardConnect(context, NULL, SCARD_SHARE_SHARED, T01, &other, &active),
           EITHER(SCARD_E_INVALID_PARAMETER, SCARD_E_UNKNOWN_READER));
    CHECK_EQ(other, 0);
    EXPECT(SCardConnect(context, "", SCARD_SHARE_SHARED, T01, &other, &active),
           SCARD_E_UNKNOWN_READER);
    EXPECT(
        SCardConnect(context, "\xFF\xFE\xC0", SCARD_SHARE_SHARED, T01, &other, &active),
        SCARD_E_UNKNOWN_READER);
    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    EXPECT(SCardConnect(context, name, SCARD_SHARE_SHARED, T01, &other, &active),
           EITHER(SCARD_E_UNKNOWN_READER, SCARD_E_INVALID_VALUE));
    EXPECT(SCardConnect(context, READER_0, 0, T01, &other, &active),
           SCARD_E_INVALID_VALUE);
    EXPECT(SCardConnect(context, READER_0, 4, T01, &other, &active),
           SCARD_E_INVALID_VALUE);
    EXPECT(SCardConnect(context, READER_0, SCARD_SHARE_SHARED, 0, &other, &active),
           SCARD_E_PROTO_MISMATCH);
    EXPECT(SCardConnect(context, READER_0, SCARD_SHARE_SHARED, T01, &other, NULL),
           EITHER(0, SCARD_E_INVALID_PARAMETER));
    if (IS_WINDOWS)
        EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardConnect(0, READER_0, SCARD_SHARE_SHARED, T01, &other, &active),
           BAD_HANDLE);
    EXPECT(SCardDisconnect(card, 4), SCARD_E_INVALID_VALUE);
    EXPECT(SCardEndTransaction(card, 4), SCARD_E_INVALID_VALUE);
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, T01, SCARD_EJECT_CARD, &active),
           SCARD_E_INVALID_VALUE);
    EXPECT(SCardReconnect(card, 9, T01, SCARD_LEAVE_CARD, &active),
           SCARD_E_INVALID_VALUE);
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, NULL),
           EITHER(0, SCARD_E_INVALID_PARAMETER));
}

static void check_transmit(void)
{
    static const BYTE bytes[] = {0x00, 0xB0, 0x00, 0x00, 0x00};
    static BYTE big[70000];
    SCARD_IO_REQUEST pci = {9, sizeof(pci)};
    BYTE answer[300];
    DWORD size = sizeof(answer);
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, NULL, answer, NULL),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, NULL, 5, NULL, answer, &size),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 0, NULL, answer, &size),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, NULL, NULL, &size),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, big, sizeof(big), NULL, answer, &size),
           EITHER(SCARD_E_INVALID_PARAMETER, SCARD_E_INSUFFICIENT_BUFFER));
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 0xFFFFFFFF, NULL, answer, &size),
           EITHER(SCARD_E_INVALID_PARAMETER, SCARD_E_INSUFFICIENT_BUFFER));
    EXPECT(SCardTransmit(card, SCARD_PCI_T1, bytes, 5, NULL, answer, &size),
           SCARD_E_PROTO_MISMATCH);
    EXPECT(SCardTransmit(card, &pci, bytes, 5, NULL, answer, &size),
           EITHER(SCARD_E_INVALID_PARAMETER, SCARD_E_PROTO_MISMATCH));
    EXPECT(SCardTransmit(card, NULL, bytes, 5, NULL, answer, &size),
           EITHER(0, SCARD_E_INVALID_PARAMETER));
    size = sizeof(answer);
    memset(&pci, 0, sizeof(pci));
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, &pci, answer, &size), 0);
    CHECK_EQ(pci.dwProtocol, SCARD_PROTOCOL_T0);
    CHECK_EQ(pci.cbPciLength, sizeof(pci));
    CHECK_EQ(size, 2);
}

/* Answers of odd lengths, and buffers too small for them. */
static void check_answers(void)
{
    static const BYTE bytes[] = {0x00, 0xB0, 0x00, 0x00, 0x00};
    static BYTE big[70000];
    DWORD size = 100;
    memset(big, 0x77, sizeof(big));
    for (DWORD room = 0; room < 2; room++) {
        size = room;
        EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, NULL, big, &size), TOO_SMALL);
        CHECK_EQ(size, 2);
        CHECK_EQ(big[0], 0x77);
    }
    fake_behaviour(0)->answer_size = 258;
    size = 100;
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, NULL, big, &size), TOO_SMALL);
    CHECK_EQ(size, 258);
    CHECK_EQ(big[0], 0x77);
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, NULL, big, &size), 0);
    CHECK_EQ(big[0], 0xA5);
    CHECK_EQ(big[258], 0x77);
    fake_behaviour(0)->answer_size = 1;
    size = sizeof(big);
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, NULL, big, &size),
           SCARD_F_COMM_ERROR);
    fake_behaviour(0)->answer_size = 70000;
    size = sizeof(big);
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, NULL, big, &size), TOO_SMALL);
    fake_behaviour(0)->answer_size = 65538;
    size = sizeof(big);
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, NULL, big, &size), 0);
    CHECK_EQ(size, 65538);
    fake_behaviour(0)->answer_size = 0;
#if IS_WINDOWS
    BYTE *allocated = NULL;
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardTransmit(card, SCARD_PCI_T0, bytes, 5, NULL, (LPBYTE)&allocated, &size),
           0);
    CHECK_EQ(size, 2);
    CHECK(allocated != NULL && allocated[0] == 0x90);
    EXPECT(SCardFreeMemory(context, allocated), 0);
#endif
}

static void check_control(void)
{
    const DWORD echo = SCARD_CTL_CODE(2100);
    static BYTE large[70000];
    static const DWORD rooms[] = {65548, 65549, sizeof(large)};
    BYTE in[4] = {1, 2, 3, 4}, out[8] = {0};
    DWORD returned = 9;
    EXPECT(SCardControl(card, echo, in, 4, out, sizeof(out), &returned), 0);
    CHECK_EQ(returned, 4);
    CHECK_MEM(out, in, 4);
    EXPECT(SCardControl(card, echo, in, 4, out, 3, &returned),
           SCARD_E_INSUFFICIENT_BUFFER);
    for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
        EXPECT(SCardControl(card, echo, in, 4, large, rooms[i], &returned), 0);
        CHECK_EQ(returned, 4);
        CHECK_MEM(large, in, 4);
    }
    EXPECT(SCardControl(card, echo, large, sizeof(large), out, sizeof(out), &returned),
           EITHER(SCARD_E_INVALID_PARAMETER, SCARD_E_INSUFFICIENT_BUFFER));
    EXPECT(SCardControl(card, echo, NULL, 0, NULL, 0, &returned), 0);
    CHECK_EQ(returned, 0);
    EXPECT(SCardControl(card, echo, NULL, 4, out, 8, &returned),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardControl(card, echo, in, 4, NULL, 8, &returned),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardControl(card, echo, in, 4, out, 8, NULL),
           EITHER(SCARD_E_INVALID_PARAMETER, 0));
    EXPECT(SCardControl(card, SCARD_CTL_CODE(16), in, 4, out, 8, &returned),
           EITHER(1 /* ERROR_INVALID_FUNCTION */, 0x8010001F));
    CHECK_EQ(returned, 0);
    /* Both families of codes are taken by both. */
    EXPECT(SCardControl(card, 0x42000000 + 2100, in, 4, out, 8, &returned), 0);
    EXPECT(SCardControl(card, 0x00310000 + (2100 << 2), in, 4, out, 8, &returned), 0);
}

static void check_groups(void)
{
    DWORD size = 0;
    EXPECT(SCardListReaderGroups(context, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardListReaderGroups(context, NULL, &size), 0);
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardListReaderGroups(context, NULL, &size),
           EITHER(0, SCARD_E_INVALID_PARAMETER));
}

static void check_attributes(void)
{
    BYTE value[300];
    DWORD size = sizeof(value);
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, value, NULL),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, NULL, &size), 0);
    CHECK_EQ(size, fake_atr_size);
    size = 2;
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, value, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, fake_atr_size);
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, value, &size), 0);
    CHECK_MEM(value, fake_atr, fake_atr_size);
    BYTE *allocated = NULL;
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, (LPBYTE)&allocated, &size), 0);
    CHECK(allocated != NULL && size == fake_atr_size);
    EXPECT(SCardFreeMemory(context, allocated), 0);
    size = sizeof(value);
    EXPECT(SCardGetAttrib(card, 0x12345678, value, &size), EITHER(50, 0x8010001F));
    size = sizeof(value);
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_VENDOR_NAME, value, &size), 0);
    CHECK_STR((const char *)value, "Fake");
    size = sizeof(value);
    EXPECT(SCardGetAttrib(card, 0x7FFF0003, value, &size), 0);
    CHECK_STR((const char *)value, READER_0);
    EXPECT(SCardSetAttrib(card, 1, NULL, 4), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardSetAttrib(card, 1, value, 0), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardSetAttrib(card, 1, value, 265),
           EITHER(SCARD_E_INVALID_PARAMETER, SCARD_E_INSUFFICIENT_BUFFER));
    EXPECT(SCardSetAttrib(card, 1, value, 4),
           EITHER(50 /* ERROR_NOT_SUPPORTED */, 0x8010001F));
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2&cards=1", 1);
    DWORD size = 0;
    EXPECT(SCardListReaders(0x12345, NULL, NULL, &size), BAD_HANDLE);
    context = new_context();
    card = new_card(context, READER_0);
    check_contexts();
    check_card_handles();
    check_connect();
    check_transmit();
    check_answers();
    check_control();
    check_groups();
    check_attributes();
    EXPECT(command(card), 0); /* after all that */
    EXPECT(SCardReleaseContext(context), 0);
    EXPECT(command(card), BAD_HANDLE);
    return check_result();
}
