/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol: what no library would say, a thousand connections, and a client that
 * behaves beside it all. */
#include "tests/support/lite_service.h"

#include "os/time.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define OWN "Fake Reader 02 00" /* of the client that behaves: others reset cards */

enum { COMMANDS = 0x40, CROWD = 1000, PIPELINED = 400 };

static struct lite good;
static uint32_t good_card;

static void check_good(void)
{
    static const uint8_t select[] = {0x00, 0xA4, 0x00, 0x00};
    uint8_t answer[256];
    uint32_t size = 0;
    CHECK_EQ(lite_plain(&good, LITE_STATUS, good_card), 0);
    CHECK_EQ(lite_transmit(&good, good_card, 2, select, 4, 256, answer, &size), 0);
    CHECK_EQ(size, 2);
}

/* Sizes of bodies, by command; 0xFFFF: there is none of this number. */
static uint32_t size_of(uint32_t command)
{
    static const uint16_t sizes[] = {0xFFFF, 12, 8,  0xFFFF, 152,    24, 12,     8,
                                     12,     32, 24, 8,      0xFFFF, 8,  0xFFFF, 280,
                                     280,    12, 0,  0,      0,      0,  0,      0};
    return command < sizeof(sizes) / sizeof(sizes[0]) ? sizes[command] : 0xFFFF;
}

static void test_sizes(void)
{
    static const uint8_t nothing[600];
    struct lite lite;
    for (uint32_t command = 0; command < COMMANDS; command++) {
        for (uint32_t size = 0; size <= 280; size += 4) {
            bool old = size == 8 && (command == LITE_WAIT || command == LITE_STOP);
            if (size == size_of(command) || old)
                continue;
            CHECK(lite_open(&lite, service.pcscd_path, 4));
            CHECK(lite_ask(&lite, command, nothing, size));
            CHECK(lite_is_gone(&lite));
            lite_close(&lite);
        }
    }
    check_good();
}

static void send_words(struct lite *lite, uint32_t a, uint32_t b)
{
    const uint32_t words[2] = {a, b};
    CHECK(lite_send(lite, words, sizeof(words)));
}

static void test_headers(void)
{
    static const uint32_t wild[] = {0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 65549, 281, 1};
    struct lite lite;
    for (unsigned i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
        CHECK(lite_open(&lite, service.pcscd_path, 4));
        send_words(&lite, wild[i], LITE_TRANSMIT);
        CHECK(lite_is_gone(&lite));
        lite_close(&lite);
        CHECK(lite_open(&lite, service.pcscd_path, 4));
        send_words(&lite, 0, wild[i] == 1 ? 0xFFFF0001 : wild[i]);
        CHECK(lite_is_gone(&lite));
        lite_close(&lite);
    }
    check_good();
}

/* Lengths beyond what there is room for. */
static void test_lengths(void)
{
    struct lite lite;
    uint32_t transmit[8] = {0, 2, 16, 65549, 3, 16, 256, 0};
    uint32_t control[6] = {0, 0x42000800, 0xFFFFFFFF, 256, 0, 0};
    uint32_t attribute[70] = {0};
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    transmit[0] = lite_card(&lite, READER, 2, 3);
    CHECK(lite_ask(&lite, LITE_TRANSMIT, transmit, sizeof(transmit)));
    CHECK(lite_is_gone(&lite));
    lite_close(&lite);
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    control[0] = lite_card(&lite, READER, 2, 3);
    CHECK(lite_ask(&lite, LITE_CONTROL, control, sizeof(control)));
    CHECK(lite_is_gone(&lite));
    lite_close(&lite);
    for (uint32_t command = LITE_GET_ATTRIB; command <= LITE_SET_ATTRIB; command++) {
        CHECK(lite_open(&lite, service.pcscd_path, 4));
        attribute[0] = lite_card(&lite, READER, 2, 3);
        attribute[68] = 265;
        CHECK(lite_ask(&lite, command, attribute, sizeof(attribute)));
        CHECK(lite_is_gone(&lite));
        lite_close(&lite);
    }
    check_good();
}

/* A handle of another connection, or of nobody, ends the one that uses it. */
static void test_handles(void)
{
    static const uint32_t commands[] = {LITE_RECONNECT, LITE_DISCONNECT, LITE_BEGIN,
                                        LITE_END,       LITE_TRANSMIT,   LITE_CONTROL,
                                        LITE_STATUS,    LITE_GET_ATTRIB, LITE_SET_ATTRIB};
    struct lite lite;
    const uint32_t handles[] = {0, 1, 0xFFFFFFFF, good_card, good_card ^ 0x80000000};
    for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        for (unsigned j = 0; j < sizeof(handles) / sizeof(handles[0]); j++) {
            uint32_t body[70] = {handles[j]};
            CHECK(lite_open(&lite, service.pcscd_path, 4));
            CHECK(lite_ask(&lite, commands[i], body, size_of(commands[i])));
            CHECK(lite_is_gone(&lite));
            lite_close(&lite);
        }
    }
    /* A context of another is only no context. */
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    lite.context = good.context;
    CHECK_EQ(lite_card(&lite, READER, 2, 3), 0);
    CHECK_EQ(lite.words[37], LITE_ERROR + 0x03);
    lite_close(&lite);
    check_good();
}

/* Before it has said which version it speaks, and before it has a context. */
static void test_order(void)
{
    struct lite lite;
    for (uint32_t command = 1; command < 0x18; command++) {
        uint32_t body[70] = {0};
        if (size_of(command) == 0xFFFF || command == LITE_VERSION
            || command == LITE_CANCEL)
            continue;
        CHECK(lite_connect(&lite, service.pcscd_path));
        CHECK(lite_ask(&lite, command, body, size_of(command)));
        CHECK(lite_is_gone(&lite));
        lite_close(&lite);
        if (command < LITE_STATES)
            continue;
        CHECK(lite_connect(&lite, service.pcscd_path));
        CHECK_EQ(lite_version(&lite, 4, 6), 0);
        CHECK(lite_ask(&lite, command, body, size_of(command)));
        CHECK(lite_is_gone(&lite));
        lite_close(&lite);
    }
    check_good();
}

/* Until the service knows that the others have gone, and so many handles are left. */
static void wait_until_shared(int32_t handles)
{
    struct lite_record records[LITE_RECORDS] = {{.sharing = -1}};
    for (unsigned i = 0; i < CHECK_HANG_MS / 10 && records[0].sharing != handles; i++) {
        usleep(10000);
        CHECK(lite_states(&good, records));
    }
    CHECK_EQ(records[0].sharing, handles);
}

/* Byte by byte; and ends at each byte. */
static void test_pieces(void)
{
    static const uint8_t select[] = {0x00, 0xA4, 0x00, 0x00};
    uint8_t bytes[8 + 32 + 4];
    struct lite lite;
    uint32_t card = 0;
    for (size_t end = 0; end <= sizeof(bytes); end++) {
        wait_until_shared(0); /* the end of the one before resets the card */
        CHECK(lite_open(&lite, service.pcscd_path, 4));
        CHECK((card = lite_card(&lite, READER, 2, 3)) != 0);
        const uint32_t words[10] = {32, LITE_TRANSMIT, card, 2, 16, 4, 3, 16, 256, 0};
        memcpy(bytes, words, sizeof(words));
        memcpy(bytes + sizeof(words), select, sizeof(select));
        for (size_t i = 0; i < end; i++)
            CHECK(lite_send(&lite, bytes + i, 1));
        if (end == sizeof(bytes)) {
            CHECK(lite_receive(&lite, lite.words, 34));
            CHECK_EQ(lite.words[7], 0);
        }
        lite_close(&lite);
    }
    check_good();
}

/* Many asks at once, of which none is lost, and the answers in their order; one of them
 * has to wait. */
static void test_pipelined(void)
{
    struct lite lite, holder;
    uint32_t batch[PIPELINED * 4], words[2];
    wait_until_shared(0); /* those of before leave a card that was reset */
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    CHECK(lite_open(&holder, service.pcscd_path, 4));
    uint32_t card = lite_card(&lite, READER, 2, 3);
    uint32_t held = lite_card(&holder, READER, 2, 3);
    for (unsigned i = 0; i < PIPELINED; i++) {
        const uint32_t ask[4] = {8, i % 50 == 25 ? LITE_BEGIN : LITE_STATUS, card, i};
        memcpy(batch + 4 * (size_t)i, ask, sizeof(ask));
    }
    CHECK_EQ(lite_plain(&holder, LITE_BEGIN, held), 0);
    CHECK(lite_send(&lite, batch, sizeof(batch)));
    for (unsigned i = 0; i < 25; i++)
        CHECK(lite_receive(&lite, words, sizeof(words)) && words[1] == 0);
    CHECK(!lite_hears(&lite, 50));
    CHECK_EQ(lite_dispose(&holder, LITE_END, held, 0), 0);
    CHECK(lite_receive(&lite, words, sizeof(words)));
    bool refused = words[1] == LITE_ERROR + 0x0B; /* it was kept for too long */
    CHECK(refused || words[1] == 0);
    for (unsigned i = 26; i < PIPELINED; i++)
        CHECK(lite_receive(&lite, words, sizeof(words)) && words[1] == 0);
    CHECK(!lite_hears(&lite, 20));
    if (refused)
        CHECK_EQ(lite_plain(&lite, LITE_BEGIN, card), 0);
    /* Its end is seen behind asks that nobody has read yet. */
    for (unsigned i = 0; i < 8; i++)
        CHECK_EQ(lite_dispose(&lite, LITE_END, card, 0), 0);
    CHECK_EQ(lite_plain(&holder, LITE_BEGIN, held), 0);
    CHECK(lite_send(&lite, batch, sizeof(batch)));
    CHECK(lite_hears(&lite, 1000));
    lite_close(&lite);
    wait_until_shared(1); /* else it may still get the transaction, and leave a reset card
                         */
    CHECK_EQ(lite_dispose(&holder, LITE_END, held, 0), 0);
    lite_close(&holder);
    check_good();
}

/* It asks and asks, and reads nothing: it fills its socket, and harms nobody. */
static void test_never_reads(void)
{
    static const uint32_t ask[2] = {0, LITE_STATES};
    struct lite lite;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    for (unsigned i = 0; i < 100000; i++)
        if (send(lite.fd, ask, sizeof(ask), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            break;
    for (unsigned i = 0; i < 20; i++)
        check_good();
    lite_close(&lite);
    check_good();
}

static void test_crowd(void)
{
    static struct lite crowd[CROWD];
    uint64_t begin_ms = os_now_ms();
    for (unsigned i = 0; i < CROWD; i++)
        CHECK(lite_open(&crowd[i], service.pcscd_path, 3 + i % 4));
    for (unsigned i = 0; i < CROWD; i++)
        CHECK(lite_ask(&crowd[i], LITE_WAIT, NULL, 0));
    for (unsigned i = 0; i < CROWD; i++) {
        struct lite_record records[LITE_RECORDS];
        /* 4:3 and 4:6 get no answer to it: one to another ask says that it was read. */
        if (i % 4 == 1 || i % 4 == 2)
            CHECK(lite_receive(&crowd[i], records, sizeof(records)));
        else
            CHECK(lite_states(&crowd[i], records));
    }
    check_good();
    fake_insert(1);
    for (unsigned i = 0; i < CROWD; i++)
        CHECK_EQ(lite_event(&crowd[i]), 0);
    for (unsigned i = 0; i < CROWD; i++)
        CHECK(lite_card(&crowd[i], READER, 2, 3) != 0);
    check_good();
    for (unsigned i = 0; i < CROWD; i += 2)
        lite_close(&crowd[i]);
    fake_remove(1);
    for (unsigned i = 1; i < CROWD; i += 2)
        lite_close(&crowd[i]);
    check_good();
    fprintf(stderr, "%d connections: %u ms\n", CROWD, (unsigned)(os_now_ms() - begin_ms));
}

static void want_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < 8192 ? limit.rlim_max : 8192;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(void)
{
    want_files();
    setenv("WINSCARD_READERS", "fake:?count=3", 1);
    if (!running_start(&service, NULL))
        return 1;
    CHECK(lite_open(&good, service.pcscd_path, 4));
    fake_insert(0);
    fake_insert(2);
    good_card = lite_card(&good, OWN, 2, 3);
    CHECK(good_card != 0);
    test_sizes();
    test_headers();
    test_lengths();
    test_handles();
    test_order();
    test_pieces();
    test_pipelined();
    test_never_reads();
    test_crowd();
    lite_close(&good);
    CHECK(running_stop(&service) < STOPS_IN_VAIN_MS);
    return check_result();
}
