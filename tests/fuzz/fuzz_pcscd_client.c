/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes what the carrier to pcscd makes of pcscd's answers: all of its calls, over
 * sockets of this file that answer with the input. Input: bytes, each of them a call or
 * what a socket does, and the answers between. */
#include "client/client.h"
#include "client/trust.h"
#include "os/cancel.h"
#include "os/environment.h"
#include "os/fork.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"
#include "os/unix_socket.h"
#include "tests/fuzz/fuzz_os.h"
#include "tests/fuzz/property.h"

enum { CALLS_MAX = 40 };

static struct input answers;

/* --- Sockets that read the input ---------------------------------------------------- */

enum sc_error os_unix_connect(const char *path, uint64_t deadline_ms,
                              struct os_socket *connection)
{
    (void)path;
    (void)deadline_ms;
    connection->native = 3;
    return SC_OK;
}

void os_socket_close(struct os_socket *socket)
{
    socket->native = -1;
}

void os_socket_shut(struct os_socket socket)
{
    PROPERTY(socket.native >= 0);
}

bool os_socket_is_readable(struct os_socket socket)
{
    PROPERTY(socket.native >= 0);
    return answers.left == 0;
}

enum sc_error os_socket_write(struct os_socket socket, const void *head, size_t head_size,
                              const void *body, size_t body_size, uint64_t deadline_ms,
                              const struct os_wake *wake)
{
    uint8_t *copy = property_copy(head, head_size);
    PROPERTY(socket.native >= 0 && deadline_ms != 0 && wake == NULL);
    PROPERTY(head_size >= 8);
    free(copy);
    copy = property_copy(body, body_size);
    free(copy);
    return answers.left > 0 ? SC_OK : SC_F_COMM_ERROR;
}

enum sc_error os_socket_read(struct os_socket socket, void *bytes, size_t size,
                             uint64_t deadline_ms, const struct os_wake *wake)
{
    (void)deadline_ms;
    (void)wake;
    PROPERTY(socket.native >= 0);
    if (answers.left < size) {
        answers.left = 0;
        return SC_W_EOF;
    }
    if (size > 0)
        memcpy(bytes, answers.at, size);
    answers.at += size;
    answers.left -= size;
    return SC_OK;
}

/* --- What no call here needs -------------------------------------------------------- */

bool client_trusts(struct os_socket socket, const char *path, const char *setting,
                   const char *usual)
{
    (void)path;
    (void)setting;
    (void)usual;
    return socket.native >= 0;
}

const char *os_getenv(const char *name)
{
    (void)name;
    return NULL;
}

void os_at_fork_child(void (*child)(void))
{
    (void)child;
}

int os_ms_left(uint64_t deadline_ms)
{
    uint64_t now_ms = os_now_ms();
    if (deadline_ms == OS_FOREVER)
        return -1;
    return deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0;
}

bool os_cond_wait_cancellable(struct os_cond *cond, struct os_mutex *mutex,
                              uint64_t deadline_ms, void (*undo)(void *), void *context)
{
    (void)undo;
    (void)context;
    return os_cond_wait(cond, mutex, deadline_ms);
}

enum sc_error os_thread_start(struct os_thread *thread, const char *name,
                              void (*run)(void *), void *context)
{
    (void)thread;
    (void)name;
    (void)run;
    (void)context;
    return SC_E_NO_MEMORY;
}

void os_thread_join(struct os_thread *thread)
{
    (void)thread;
    PROPERTY(false);
}

/* --- Calls -------------------------------------------------------------------------- */

static void check_list(uint32_t context, enum name_style style)
{
    struct multistring names;
    multistring_init(&names, 1000000);
    if (carrier_pcscd.list_readers(context, style, &names) == SC_OK)
        PROPERTY(multistring_size(names.bytes, names.size) == names.size);
    multistring_clear(&names);
}

static void check_watch(uint32_t context, uint8_t what)
{
    static const char *const names[] = {"A B 0", "\\\\?PnP?\\Notification", "A B 00 00"};
    struct watch_entry entry = {.name = names[what % 3], .current = what};
    enum watch_rule rule = (what & 0x40) != 0 ? WATCH_WINDOWS : WATCH_PCSCLITE;
    /* Waits that go on would need the thread. */
    uint64_t timeout_ms = (what & 0x80) != 0 ? 10 : 0;
    enum sc_error error = carrier_pcscd.watch(context, rule, timeout_ms, &entry, 1);
    PROPERTY(error != SC_OK || entry.atr_size <= DRIVER_ATR_MAX);
}

static void check_transfer(uint32_t card, enum request_kind kind, uint8_t number)
{
    size_t room = number & 0x1F;
    uint8_t *out = property_room(room);
    struct request request = {.kind = kind, .number = 0x00313520};
    request.transfer.in = &number;
    request.transfer.in_size = 1;
    request.transfer.out = out;
    request.transfer.out_room = room;
    enum sc_error error = carrier_pcscd.card_call(card, &request);
    PROPERTY(error != SC_OK || request.transfer.out_size <= room);
    PROPERTY(request.transfer.out_size <= DRIVER_TRANSFER_MAX);
    free(out);
}

static void check_status(uint32_t card)
{
    struct card_status status = {.state = CARD_ABSENT};
    enum sc_error error = carrier_pcscd.card_status(card, NAME_WINDOWS, &status);
    PROPERTY(error != SC_OK || status.atr_size <= DRIVER_ATR_MAX);
    PROPERTY(memchr(status.name, '\0', sizeof(status.name)) != NULL);
}

static void check_attribute(uint32_t card, uint32_t id)
{
    uint8_t value[DRIVER_ATTRIBUTE_MAX];
    size_t size = 0;
    if (carrier_pcscd.get_attribute(card, NAME_PCSCLITE, id, value, &size) == SC_OK)
        PROPERTY(size <= sizeof(value));
}

static void call(uint32_t context, uint32_t *card)
{
    struct request request = {.share = SHARE_SHARED, .protocols = PROTOCOL_T1};
    struct reader_info info;
    char shown[DRIVER_NAME_MAX];
    uint8_t what = input_byte(&answers), more = input_byte(&answers);
    switch (what % 12) {
    case 0:
        check_list(context, (enum name_style)(more & 1));
        break;
    case 1:
        (void)carrier_pcscd.reader_info(context, "A B 0", NAME_WINDOWS, &info, shown);
        break;
    case 2:
        check_watch(context, more);
        break;
    case 3:
        (void)carrier_pcscd.connect(context, "A B 0", &request, card);
        break;
    case 4:
        check_transfer(*card, REQUEST_TRANSMIT, more);
        break;
    case 5:
        check_transfer(*card, REQUEST_CONTROL, more);
        break;
    case 6:
        check_transfer(*card, REQUEST_GET_ATTRIBUTE, more);
        break;
    case 7:
        check_attribute(*card, more < 8 ? 0x7FFF0000U + more : 0x00080200U + more);
        break;
    case 8:
        check_status(*card);
        break;
    case 9:
        request.kind = REQUEST_RECONNECT;
        (void)carrier_pcscd.card_call(*card, &request);
        break;
    case 10:
        request.kind = (more & 1) != 0 ? REQUEST_BEGIN : REQUEST_END;
        (void)carrier_pcscd.card_call(*card, &request);
        break;
    default:
        request.kind = REQUEST_DISCONNECT;
        request.disposition = more & 3;
        (void)carrier_pcscd.card_call(*card, &request);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = property_copy(data, size);
    uint32_t context = 0, card = 0;
    answers = (struct input){bytes, size};
    fuzz_os_begin();
    if (carrier_pcscd.establish(ABI_WINDOWS, &context) == SC_OK) {
        for (int i = 0; i < CALLS_MAX && answers.left > 0; i++)
            call(context, &card);
        PROPERTY(carrier_pcscd.release(context) == SC_OK);
        PROPERTY(carrier_pcscd.check_context(context) == SC_E_INVALID_HANDLE);
    }
    free(bytes);
    return 0;
}
