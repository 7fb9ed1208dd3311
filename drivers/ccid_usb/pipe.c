/* SPDX-License-Identifier: BSD-2-Clause */
/* A transport over libusb. Transfers are asynchronous and never time out by themselves:
 * the thread that waits for one cancels it, so that what had come by then is known. */
#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "drivers/ccid_usb/usb.h"
#include "os/lock.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

enum { FAILURES_MAX = 5 }; /* of the interrupt endpoint in a row: polled from then on */

enum sc_error usb_error(int code)
{
    switch (code) {
    case LIBUSB_SUCCESS:
        return SC_OK;
    case LIBUSB_ERROR_NO_DEVICE:
    case LIBUSB_ERROR_NOT_FOUND:
        return SC_E_READER_UNAVAILABLE;
    case LIBUSB_ERROR_BUSY:
        return SC_E_SHARING_VIOLATION;
    case LIBUSB_ERROR_ACCESS:
        return SC_E_NO_ACCESS;
    case LIBUSB_ERROR_NO_MEM:
        return SC_E_NO_MEMORY;
    case LIBUSB_ERROR_TIMEOUT:
        return SC_E_TIMEOUT;
    default:
        return SC_F_COMM_ERROR;
    }
}

static enum sc_error status_error(enum libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return SC_OK;
    case LIBUSB_TRANSFER_NO_DEVICE:
        return SC_E_READER_UNAVAILABLE;
    case LIBUSB_TRANSFER_CANCELLED:
    case LIBUSB_TRANSFER_TIMED_OUT:
        return SC_E_CANCELLED;
    case LIBUSB_TRANSFER_ERROR:
    case LIBUSB_TRANSFER_STALL:
    case LIBUSB_TRANSFER_OVERFLOW:
        break;
    }
    return SC_F_COMM_ERROR;
}

/* --- Resets ------------------------------------------------------------------------- */

/* When a device is reset, by another process (USBDEVFS_RESET) or with the machine's
 * sleep, the kernel ends its transfers as if it had left, and takes its interfaces from
 * us; the next transfer claims them again. All transfers of before tell of the same
 * reset. */

/* The interface is told of those resets of its device that it does not know of. */
static void heed_reset(struct usb_pipe *pipe)
{
    uint32_t known = atomic_load_u32(&pipe->resets);
    uint32_t resets = atomic_load_u32(&pipe->device->resets);
    /* It knows of its own one before the device does. */
    if ((int32_t)(resets - known) <= 0
        || !atomic_compare_exchange_u32(&pipe->resets, known, resets))
        return; /* or another thread tells it */
    if (pipe->transport.was_reset != NULL)
        pipe->transport.was_reset(pipe->transport.owner);
}

/* A transfer has ended so that was begun after `resets` of them. */
static void note_reset(struct usb_pipe *pipe, uint32_t resets)
{
    struct usb_device *device = pipe->device;
    (void)atomic_compare_exchange_u32(&device->resets, resets, resets + 1);
    heed_reset(pipe);
    ccid_device_wake(&device->ccid);
}

/* Nothing goes over the bus for this, and while somebody resets the device it waits for
 * the end of that. Where libusb does not know, it has left. */
static bool is_plugged(const struct usb_pipe *pipe)
{
    return libusb_kernel_driver_active(pipe->device->handle, pipe->number) >= 0;
}

/* --- One transfer ------------------------------------------------------------------- */

struct wait {
    struct usb_pipe *pipe;
    bool done;
};

static void LIBUSB_CALL on_done(struct libusb_transfer *transfer)
{
    struct wait *wait = transfer->user_data;
    struct usb_pipe *pipe = wait->pipe;
    os_mutex_lock(&pipe->lock);
    wait->done = true;
    os_cond_broadcast(&pipe->done);
    os_mutex_unlock(&pipe->lock);
}

/* Until the reader has answered, it is not waited for any longer than the device is there.
 */
static bool must_leave(struct usb_pipe *pipe) NEEDS_LOCK(pipe->lock)
{
    return pipe->phase == PIPE_OPENING && ccid_device_is_leaving(&pipe->device->ccid);
}

/* Why nothing is to be waited for. */
static enum sc_error why_transfer_ends(struct usb_pipe *pipe, uint32_t slot)
    NEEDS_LOCK(pipe->lock)
{
    if (must_leave(pipe))
        return SC_E_READER_UNAVAILABLE;
    return (pipe->interrupted & UINT32_C(1) << slot) != 0 ? SC_E_CANCELLED : SC_OK;
}

/* What concerns the whole device is not begun any more. */
static bool may_begin(struct usb_pipe *pipe)
{
    os_mutex_lock(&pipe->lock);
    bool leaves = must_leave(pipe);
    os_mutex_unlock(&pipe->lock);
    return !leaves;
}

/* Submits a prepared transfer and waits for its end. The transfer's own end is awaited in
 * any case: the kernel reports it soon after a cancellation. */
static enum sc_error run_usb_transfer(struct usb_pipe *pipe, uint32_t slot,
                                      struct libusb_transfer *transfer,
                                      uint64_t deadline_ms)
{
    struct wait wait = {.pipe = pipe};
    assert(slot < 32); /* a bit of pipe->interrupted */
    uint32_t resets = atomic_load_u32(&pipe->device->resets);
    transfer->user_data = &wait;
    transfer->actual_length = 0;
    os_mutex_lock(&pipe->lock);
    enum sc_error why = why_transfer_ends(pipe, slot);
    os_mutex_unlock(&pipe->lock);
    if (why == SC_OK)
        why = usb_error(libusb_submit_transfer(transfer));
    if (why != SC_OK)
        return why == SC_E_SHARING_VIOLATION ? SC_F_COMM_ERROR : why;

    os_mutex_lock(&pipe->lock);
    while (!wait.done && why == SC_OK) {
        why = why_transfer_ends(pipe, slot);
        if (why == SC_OK && !os_cond_wait(&pipe->done, &pipe->lock, deadline_ms)
            && !wait.done)
            why = SC_E_TIMEOUT;
    }
    if (!wait.done) {
        os_mutex_unlock(&pipe->lock);
        (void)libusb_cancel_transfer(transfer); /* NOT_FOUND: it ends by itself */
        os_mutex_lock(&pipe->lock);
        while (!wait.done)
            os_cond_wait(&pipe->done, &pipe->lock, OS_FOREVER);
    }
    os_mutex_unlock(&pipe->lock);
    enum sc_error error = status_error(transfer->status);
    if (error == SC_E_READER_UNAVAILABLE && is_plugged(pipe)) {
        log_info("usb: the device was reset during a transfer");
        note_reset(pipe, resets);
        error = SC_F_COMM_ERROR;
    }
    return error == SC_E_CANCELLED && why != SC_OK ? why : error;
}

/* --- The transport ------------------------------------------------------------------ */

static struct usb_pipe *pipe_of(struct ccid_transport *transport)
{
    return CONTAINER_OF(transport, struct usb_pipe, transport);
}

static enum sc_error pipe_send(struct ccid_transport *transport, uint32_t slot,
                               const uint8_t *bytes, size_t size, uint64_t deadline_ms)
{
    struct usb_pipe *pipe = pipe_of(transport);
    /* libusb does not write to what it sends, but says so with no const. */
    libusb_fill_bulk_transfer(pipe->out, pipe->device->handle, pipe->endpoint_out,
                              (unsigned char *)(uintptr_t)bytes, (int)size, on_done, NULL,
                              0);
    enum sc_error error = run_usb_transfer(pipe, slot, pipe->out, deadline_ms);
    if (error == SC_OK && (size_t)pipe->out->actual_length != size)
        return SC_F_COMM_ERROR;
    return error;
}

static enum sc_error pipe_receive(struct ccid_transport *transport, uint32_t slot,
                                  uint8_t *bytes, size_t room, size_t *size,
                                  uint64_t deadline_ms)
{
    struct usb_pipe *pipe = pipe_of(transport);
    libusb_fill_bulk_transfer(pipe->in, pipe->device->handle, pipe->endpoint_in, bytes,
                              (int)room, on_done, NULL, 0);
    enum sc_error error = run_usb_transfer(pipe, slot, pipe->in, deadline_ms);
    int actual = pipe->in->actual_length;
    *size = actual > 0 && (size_t)actual <= room ? (size_t)actual : 0;
    return error;
}

static enum sc_error pipe_control(struct ccid_transport *transport, uint32_t slot,
                                  struct ccid_control *control, uint64_t deadline_ms)
{
    struct usb_pipe *pipe = pipe_of(transport);
    uint8_t buffer[LIBUSB_CONTROL_SETUP_SIZE + 4096];
    bool in = (control->type & LIBUSB_ENDPOINT_IN) != 0;
    control->done = 0;
    if (control->size > sizeof(buffer) - LIBUSB_CONTROL_SETUP_SIZE)
        return SC_E_INVALID_PARAMETER;
    struct libusb_transfer *transfer = libusb_alloc_transfer(0);
    if (transfer == NULL)
        return SC_E_NO_MEMORY;
    libusb_fill_control_setup(buffer, control->type, control->request, control->value,
                              pipe->number, control->size);
    if (!in && control->size > 0)
        memcpy(buffer + LIBUSB_CONTROL_SETUP_SIZE, control->bytes, control->size);
    libusb_fill_control_transfer(transfer, pipe->device->handle, buffer, on_done, NULL,
                                 0);
    enum sc_error error = run_usb_transfer(pipe, slot, transfer, deadline_ms);
    if (error == SC_OK && transfer->actual_length >= 0
        && transfer->actual_length <= control->size) {
        control->done = (uint16_t)transfer->actual_length;
        if (in && control->done > 0)
            memcpy(control->bytes, buffer + LIBUSB_CONTROL_SETUP_SIZE, control->done);
    }
    secret_clear(buffer, LIBUSB_CONTROL_SETUP_SIZE + control->size);
    libusb_free_transfer(transfer);
    return error;
}

static void pipe_interrupt(struct ccid_transport *transport, uint32_t slot)
{
    struct usb_pipe *pipe = pipe_of(transport);
    os_mutex_lock(&pipe->lock);
    pipe->interrupted |= UINT32_C(1) << slot;
    os_cond_broadcast(&pipe->done);
    os_mutex_unlock(&pipe->lock);
}

static void pipe_resume(struct ccid_transport *transport, uint32_t slot)
{
    struct usb_pipe *pipe = pipe_of(transport);
    os_mutex_lock(&pipe->lock);
    pipe->interrupted &= ~(UINT32_C(1) << slot);
    os_mutex_unlock(&pipe->lock);
}

static enum sc_error pipe_clear_halt(struct ccid_transport *transport)
{
    struct usb_pipe *pipe = pipe_of(transport);
    libusb_device_handle *handle = pipe->device->handle;
    if (pipe->endpoint_in == 0)
        return SC_OK;
    if (!may_begin(pipe))
        return SC_E_READER_UNAVAILABLE;
    enum sc_error in = usb_error(libusb_clear_halt(handle, pipe->endpoint_in));
    enum sc_error out = usb_error(libusb_clear_halt(handle, pipe->endpoint_out));
    return in != SC_OK ? in : out;
}

/* An interface that was lost is in setting 0 afterwards. */
static void restore_setting(struct usb_pipe *pipe)
{
    if (pipe->setting != 0
        && libusb_set_interface_alt_setting(pipe->device->handle, pipe->number,
                                            pipe->setting)
               != LIBUSB_SUCCESS)
        log_error("usb: the interface's setting is lost");
}

static enum sc_error pipe_reset(struct ccid_transport *transport)
{
    struct usb_pipe *pipe = pipe_of(transport);
    struct usb_device *device = pipe->device;
    if (!may_begin(pipe))
        return SC_E_READER_UNAVAILABLE;
    /* The other interfaces are to be told, this one knows. */
    (void)atomic_add_u32(&pipe->resets, 1);
    (void)atomic_add_u32(&device->resets, 1);
    enum sc_error error = usb_error(libusb_reset_device(device->handle));
    restore_setting(pipe);
    ccid_device_wake(&device->ccid);
    return error;
}

/* --- Notifications ------------------------------------------------------------------ */

/* The kernel ended it. In this order, as the pipe may be closed once the ear rests. */
static void turn_deaf(struct usb_pipe *pipe, enum sc_error error)
{
    os_mutex_lock(&pipe->lock);
    assert(pipe->ear == EAR_LISTENING);
    bool closing = pipe->phase == PIPE_CLOSING;
    bool lost = !closing && error == SC_E_READER_UNAVAILABLE;
    pipe->ear = EAR_ENDING;
    pipe->halted = error == SC_F_COMM_ERROR;
    /* A reset is not a failure of the endpoint. */
    if (lost && os_now_ms() - pipe->listening_ms >= USB_LISTENED_MS)
        pipe->failures = 0;
    os_mutex_unlock(&pipe->lock);
    /* Nobody asks in libusb's thread whether it has left: if it has, this does no harm. */
    if (lost)
        note_reset(pipe, pipe->interrupt_resets);
    os_mutex_lock(&pipe->lock);
    pipe->ear = closing ? EAR_IDLE : EAR_DEAF;
    os_cond_broadcast(&pipe->done);
    os_mutex_unlock(&pipe->lock);
    if (!closing)
        ccid_device_wake(&pipe->device->ccid);
}

static enum sc_error submit_interrupt(struct usb_pipe *pipe)
{
    pipe->interrupt_resets = atomic_load_u32(&pipe->device->resets);
    pipe->listening_ms = os_now_ms();
    return usb_error(libusb_submit_transfer(pipe->interrupt));
}

static void LIBUSB_CALL on_interrupt(struct libusb_transfer *transfer)
{
    struct usb_pipe *pipe = transfer->user_data;
    enum sc_error error = status_error(transfer->status);
    int size = transfer->actual_length;
    if (error == SC_OK && size > 0)
        ccid_interface_notify(&pipe->port.ccid, pipe->interrupt_bytes, (size_t)size);
    os_mutex_lock(&pipe->lock);
    bool again = error == SC_OK && pipe->phase != PIPE_CLOSING;
    if (again)
        pipe->failures = 0;
    os_mutex_unlock(&pipe->lock);
    if (again)
        error = submit_interrupt(pipe);
    if (error != SC_OK || !again)
        turn_deaf(pipe, error);
}

/* Submits it for the first time, or again. The ear listens already, lest two do. */
static enum sc_error begin_to_listen(struct usb_pipe *pipe, bool again, bool halted)
{
    libusb_device_handle *handle = pipe->device->handle;
    if (again)
        restore_setting(pipe);
    if (halted && libusb_clear_halt(handle, pipe->endpoint_interrupt) != LIBUSB_SUCCESS)
        log_debug("usb: the interrupt endpoint's halt could not be cleared");
    libusb_fill_interrupt_transfer(pipe->interrupt, handle, pipe->endpoint_interrupt,
                                   pipe->interrupt_bytes, pipe->interrupt_size,
                                   on_interrupt, pipe, 0);
    ccid_interface_listening(&pipe->port.ccid);
    enum sc_error error = submit_interrupt(pipe);
    if (error == SC_OK)
        return SC_OK;
    os_mutex_lock(&pipe->lock);
    pipe->ear = EAR_BROKEN;
    os_mutex_unlock(&pipe->lock);
    if (error != SC_E_READER_UNAVAILABLE)
        log_error("usb: the interrupt endpoint does not work: polling instead");
    return error;
}

static enum sc_error pipe_listen(struct ccid_transport *transport,
                                 enum ccid_hearing *hearing)
{
    struct usb_pipe *pipe = pipe_of(transport);
    enum sc_error error = SC_OK;
    os_mutex_lock(&pipe->lock);
    while (pipe->ear == EAR_ENDING)
        os_cond_wait(&pipe->done, &pipe->lock, OS_FOREVER);
    bool again = pipe->ear == EAR_DEAF, halted = pipe->halted;
    bool submit = again || pipe->ear == EAR_IDLE;
    pipe->phase = PIPE_OPEN;
    if (submit) {
        pipe->halted = false;
        submit = ++pipe->failures <= FAILURES_MAX;
        pipe->ear = submit ? EAR_LISTENING : EAR_BROKEN;
        if (!submit)
            log_error("usb: the interrupt endpoint fails: polling instead");
    }
    os_mutex_unlock(&pipe->lock);
    if (submit)
        error = begin_to_listen(pipe, again, halted);
    os_mutex_lock(&pipe->lock);
    bool broken = pipe->ear == EAR_BROKEN;
    os_mutex_unlock(&pipe->lock);
    if (pipe->endpoint_interrupt == 0)
        *hearing = CCID_HEARS_NOTHING;
    else if (broken)
        *hearing = CCID_DEAF;
    else
        *hearing = submit && again ? CCID_HEARS_AGAIN : CCID_HEARS;
    if (error == SC_E_READER_UNAVAILABLE)
        return error;
    heed_reset(pipe);
    return SC_OK;
}

static bool is_listening(const struct usb_pipe *pipe) NEEDS_LOCK(pipe->lock)
{
    return pipe->ear == EAR_LISTENING || pipe->ear == EAR_ENDING;
}

static void stop_listening(struct usb_pipe *pipe)
{
    os_mutex_lock(&pipe->lock);
    pipe->phase = PIPE_CLOSING;
    while (is_listening(pipe)) {
        os_mutex_unlock(&pipe->lock);
        (void)libusb_cancel_transfer(pipe->interrupt);
        os_mutex_lock(&pipe->lock);
        /* It may have been on its way to be submitted again just then. */
        if (is_listening(pipe))
            os_cond_wait(&pipe->done, &pipe->lock, os_now_ms() + 100);
    }
    os_mutex_unlock(&pipe->lock);
}

/* --- Life --------------------------------------------------------------------------- */

static void free_transfers(struct usb_pipe *pipe)
{
    libusb_free_transfer(pipe->out);
    libusb_free_transfer(pipe->in);
    libusb_free_transfer(pipe->interrupt);
    pipe->out = pipe->in = pipe->interrupt = NULL;
}

static enum sc_error allocate_transfers(struct usb_pipe *pipe)
{
    pipe->out = libusb_alloc_transfer(0);
    pipe->in = libusb_alloc_transfer(0);
    pipe->interrupt = libusb_alloc_transfer(0);
    if (pipe->out != NULL && pipe->in != NULL && pipe->interrupt != NULL)
        return SC_OK;
    free_transfers(pipe);
    return SC_E_NO_MEMORY;
}

static void begin_to_open(struct usb_pipe *pipe)
{
    os_mutex_lock(&pipe->lock);
    assert(pipe->phase == PIPE_SHUT);
    pipe->interrupted = 0;
    pipe->failures = 0;
    pipe->ear = pipe->endpoint_interrupt != 0 ? EAR_IDLE : EAR_BROKEN;
    pipe->halted = false;
    pipe->phase = PIPE_OPENING;
    os_mutex_unlock(&pipe->lock);
    atomic_store_u32(&pipe->resets, atomic_load_u32(&pipe->device->resets));
}

static enum sc_error pipe_open(struct ccid_transport *transport)
{
    struct usb_pipe *pipe = pipe_of(transport);
    libusb_device_handle *handle = pipe->device->handle;
    enum sc_error error = usb_error(libusb_claim_interface(handle, pipe->number));
    if (error != SC_OK)
        return error;
    if (pipe->setting != 0)
        error = usb_error(
            libusb_set_interface_alt_setting(handle, pipe->number, pipe->setting));
    if (error == SC_OK)
        error = allocate_transfers(pipe);
    if (error == SC_OK)
        begin_to_open(pipe);
    else
        (void)libusb_release_interface(handle, pipe->number);
    return error;
}

static void pipe_close(struct ccid_transport *transport)
{
    struct usb_pipe *pipe = pipe_of(transport);
    stop_listening(pipe);
    assert(pipe->ear != EAR_LISTENING && pipe->ear != EAR_ENDING);
    free_transfers(pipe);
    (void)libusb_release_interface(pipe->device->handle, pipe->number);
    os_mutex_lock(&pipe->lock);
    pipe->phase = PIPE_SHUT;
    os_mutex_unlock(&pipe->lock);
}

static void pipe_leave(struct ccid_transport *transport)
{
    struct usb_pipe *pipe = pipe_of(transport);
    os_mutex_lock(&pipe->lock);
    os_cond_broadcast(&pipe->done);
    os_mutex_unlock(&pipe->lock);
}

void usb_pipe_init(struct usb_pipe *pipe)
{
    struct ccid_transport *transport = &pipe->transport;
    transport->capabilities = CCID_BUS_CONTROL | CCID_BUS_HALT | CCID_BUS_RESET;
    transport->open = pipe_open;
    transport->close = pipe_close;
    transport->listen = pipe_listen;
    transport->leave = pipe_leave;
    transport->send = pipe_send;
    transport->receive = pipe_receive;
    transport->control = pipe_control;
    transport->interrupt = pipe_interrupt;
    transport->resume = pipe_resume;
    transport->clear_halt = pipe_clear_halt;
    transport->reset = pipe_reset;
    pipe->port.ccid.transport = transport;
    os_mutex_init(&pipe->lock);
    os_cond_init(&pipe->done);
}

void usb_pipe_destroy(struct usb_pipe *pipe)
{
    assert(pipe->phase == PIPE_SHUT);
    os_cond_destroy(&pipe->done);
    os_mutex_destroy(&pipe->lock);
}
