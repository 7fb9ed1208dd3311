/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands of the session: those of drivers/soft/card.h. */
#include "tests/rig/guest/session.h"

enum { COMMAND_ROOM = 65536 + 16, RESPONSE_ROOM = 65536 + 2 };

#define HASH_START  2166136261U
#define HASH_FACTOR 16777619U

static unsigned char command[COMMAND_ROOM], response[RESPONSE_ROOM];

/* FNV-1a, from `hash` on. */
static unsigned hash_more(unsigned hash, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * HASH_FACTOR;
    return hash;
}

/* Sends `size` bytes of command[]. Gives the status word, 0 if none came; *got is the
 * size of the data before it. */
static unsigned transmit(const struct session *session, size_t size, LONG *error,
                         size_t *got)
{
    const SCARD_IO_REQUEST *pci =
        session->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    DWORD length = sizeof(response);
    *error =
        SCardTransmit(session->card, pci, command, (DWORD)size, NULL, response, &length);
    *got = 0;
    if (*error != SCARD_S_SUCCESS || length < 2)
        return 0;
    *got = length - 2;
    return (unsigned)response[length - 2] << 8 | response[length - 1];
}

/* Sends `size` bytes of command[] and prints what comes. */
static unsigned send_one(const struct session *session, const char *name, size_t size)
{
    LONG error;
    size_t got;
    unsigned status = transmit(session, size, &error, &got);
    printf("apdu %s: %s ", name, name_of(error));
    if (got > 32)
        printf("%zu bytes of hash %08X ", got, hash_more(HASH_START, response, got));
    else if (got > 0)
        print_bytes(response, got);
    if (got > 0 && got <= 32)
        printf(" ");
    printf("%04X\n", status);
    return status;
}

/* What is left after 61xx, all of it in one line. */
static void send_get_response(const struct session *session, unsigned status)
{
    unsigned hash = HASH_START;
    size_t total = 0, got = 0;
    LONG error = SCARD_S_SUCCESS;
    for (int i = 0; status >> 8 == 0x61 && i < 300; i++) {
        static const unsigned char get_response[] = {0x00, 0xC0, 0x00, 0x00};
        memcpy(command, get_response, sizeof(get_response));
        command[4] = (unsigned char)status;
        status = transmit(session, 5, &error, &got);
        hash = hash_more(hash, response, got);
        total += got;
    }
    printf("apdu   GET RESPONSE: %s %zu bytes of hash %08X %04X\n", name_of(error), total,
           hash, status);
}

/* As programs do over T=0: 61xx is followed by GET RESPONSE, 6Cxx by the same with Le. */
static void send_command(const struct session *session, const char *name, size_t size)
{
    unsigned status = send_one(session, name, size);
    if (status >> 8 == 0x6C) {
        command[size - 1] = (unsigned char)status;
        status = send_one(session, "  with Le", size);
    }
    if (status >> 8 == 0x61)
        send_get_response(session, status);
}

static void send_bytes(const struct session *session, const char *name,
                       const unsigned char *bytes, size_t size)
{
    memcpy(command, bytes, size);
    send_command(session, name, size);
}

#define SEND(session, name, ...)                                                         \
    send_bytes((session), (name), (const unsigned char[]){__VA_ARGS__},                  \
               sizeof((const unsigned char[]){__VA_ARGS__}))

/* 80 E1: the answer is the data, 00 01 02 ... with the high byte of the place in it. */
static void send_echo(const struct session *session, size_t size, int extended)
{
    char name[40];
    size_t at = 0;
    snprintf(name, sizeof(name), "echo %zu%s", size, extended ? " extended" : "");
    command[at++] = 0x80;
    command[at++] = 0xE1;
    command[at++] = 0;
    command[at++] = 0;
    if (extended) {
        command[at++] = 0;
        command[at++] = (unsigned char)(size >> 8);
    }
    command[at++] = (unsigned char)size;
    for (size_t i = 0; i < size; i++)
        command[at++] = (unsigned char)(i ^ i >> 8);
    if (session->protocol != SCARD_PROTOCOL_T0 || extended) {
        if (extended)
            command[at++] = 0;
        command[at++] = 0;
    }
    send_command(session, name, at);
}

static void send_extended(const struct session *session)
{
    static const size_t sizes[] = {1, 256, 257, 1000, 4096, 16384, 65535};
    char name[40];
    if (session->longest == 0)
        return;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        /* There are no extended APDUs over T=0: the first two show how that is said. */
        if (sizes[i] > session->longest
            || (session->protocol == SCARD_PROTOCOL_T0 && sizes[i] > 256))
            return;
        snprintf(name, sizeof(name), "answer %zu extended", sizes[i]);
        SEND(session, name, 0x80, 0xE0, (unsigned char)(sizes[i] >> 8),
             (unsigned char)sizes[i], 0x00, 0x00, 0x00);
        send_echo(session, sizes[i], 1);
    }
}

static void send_files(const struct session *session)
{
    SEND(session, "SELECT MF", 0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00);
    SEND(session, "SELECT application", 0x00, 0xA4, 0x04, 0x00, 0x05, 0xF0, 0x53, 0x4F,
         0x46, 0x54);
    SEND(session, "SELECT nothing", 0x00, 0xA4, 0x04, 0x00, 0x05, 0xF0, 0x00, 0x00, 0x00,
         0x00);
    SEND(session, "READ BINARY text", 0x00, 0xB0, 0x81, 0x00, 0x20);
    SEND(session, "READ BINARY big", 0x00, 0xB0, 0x82, 0x00, 0x00);
    SEND(session, "READ BINARY at its end", 0x00, 0xB0, 0x81, 0xF0, 0x20);
    SEND(session, "READ BINARY secret", 0x00, 0xB0, 0x83, 0x00, 0x10);
    SEND(session, "UPDATE BINARY text", 0x00, 0xD6, 0x81, 0x40, 0x04, 1, 2, 3, 4);
    SEND(session, "READ BINARY updated", 0x00, 0xB0, 0x81, 0x40, 0x04);
}

void session_probe(const struct session *session, const char *when)
{
    /* Without an answer, which would come otherwise over T=0. */
    static const unsigned char select[] = {0x00, 0xA4, 0x04, 0x0C, 0x05,
                                           0xF0, 0x53, 0x4F, 0x46, 0x54};
    char name[60];
    send_bytes(session, "SELECT application", select, sizeof(select));
    snprintf(name, sizeof(name), "READ BINARY secret %s", when);
    SEND(session, name, 0x00, 0xB0, 0x83, 0x00, 0x10);
}

void session_apdus(const struct session *session)
{
    static const size_t short_sizes[] = {1,  2,  30,  31,  32,  33,
                                         54, 55, 100, 200, 254, 255};
    char name[40];
    send_files(session);
    SEND(session, "VERIFY wrong", 0x00, 0x20, 0x00, 0x81, 0x04, '0', '0', '0', '0');
    SEND(session, "VERIFY how often", 0x00, 0x20, 0x00, 0x81);
    SEND(session, "VERIFY", 0x00, 0x20, 0x00, 0x81, 0x06, '1', '2', '3', '4', '5', '6');
    session_probe(session, "after VERIFY");
    SEND(session, "no such instruction", 0x00, 0x02, 0x00, 0x00);
    SEND(session, "no such class", 0x40, 0xA4, 0x00, 0x00, 0x00);
    SEND(session, "status word", 0x80, 0xE6, 0x63, 0x42);
    SEND(session, "500 ms", 0x80, 0xE2, 0x01, 0xF4);
    SEND(session, "answer 1", 0x80, 0xE0, 0x00, 0x01, 0x01);
    SEND(session, "answer 16 of 32", 0x80, 0xE0, 0x00, 0x20, 0x10);
    SEND(session, "answer 32 of 16", 0x80, 0xE0, 0x00, 0x10, 0x20);
    for (size_t i = 0; i < sizeof(short_sizes) / sizeof(short_sizes[0]); i++) {
        unsigned char size = (unsigned char)short_sizes[i];
        snprintf(name, sizeof(name), "answer %u", size);
        SEND(session, name, 0x80, 0xE0, 0x00, size, size);
        send_echo(session, size, 0);
    }
    SEND(session, "answer 256", 0x80, 0xE0, 0x01, 0x00, 0x00);
    send_extended(session);
}
