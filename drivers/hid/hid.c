/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver: its URI, and the tokens that come and go, which the attendant looks for. */
#include "drivers/hid/token.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "drivers/kit/settings.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

enum { APDU_TIMEOUT_MS = 300000, APDU_TIMEOUT_MAX_MS = 3600000, SETTLE_MS = 2000 };

struct hid {
    struct kit_instance kit; /* first */
    const struct hid_bus *bus;
    struct hid_settings settings;
    bool told_full; /* the attendant's: that there are too many was logged */
    struct os_mutex lock;
    struct os_cond changed;
    bool settled; /* under the lock: the first look is over */
    struct hid_token tokens[HID_TOKENS_MAX];
};

/* --- The URI ------------------------------------------------------------------------- */

static const char *const kind_words[HID_KINDS] = {"fido", "ledger"};

static bool read_only(const char *text, void *value)
{
    struct hid_settings *settings = value;
    for (int i = 0; i < HID_KINDS; i++) {
        if (strcmp(text, kind_words[i]) != 0)
            continue;
        settings->only.kind = (enum hid_kind)i;
        return true;
    }
    return kit_usb_read_ids(text, &settings->only.ids);
}

#define AT(member) offsetof(struct hid_settings, member)
static const char *const off_on[] = {"off", "on", NULL};
static const struct kit_setting hid_settings_table[] = {
    {"", KIT_PARSED, 0, .parse = read_only,
     .wanted = "fido, ledger, idVendor or idVendor:idProduct"},
    {"serial", KIT_TEXT, AT(serial), .max = DRIVER_TEXT_MAX,
     .wanted = "a serial number of fewer than 64 bytes"},
    {"all", KIT_BOOL, AT(all), .words = off_on, .wanted = "off or on"},
    {"apdu_timeout", .offset = AT(apdu_timeout_ms), .min = 1, .max = APDU_TIMEOUT_MAX_MS},
    {.key = NULL}};

static enum sc_error read_hid_uri(const char *uri, struct hid_settings *settings)
{
    *settings =
        (struct hid_settings){.only.kind = HID_ANY, .apdu_timeout_ms = APDU_TIMEOUT_MS};
    return kit_settings_read(uri, hid_settings_table, settings);
}

/* --- Which devices are tokens --------------------------------------------------------- */

static enum hid_kind find_token_kind(const struct hid_found *found)
{
    static const struct {
        enum hid_kind kind;
        uint16_t usage_page, vendor_id;
    } models[] = {
#define MODEL(kind, page, vendor) {kind, page, vendor},
#include "drivers/hid/models.def"
#undef MODEL
    };
    for (size_t i = 0; i < ARRAY_SIZE(models); i++)
        if (models[i].usage_page == found->usage_page
            && (models[i].vendor_id == 0 || models[i].vendor_id == found->vendor_id))
            return models[i].kind;
    return HID_ANY;
}

static bool is_token_wanted(const struct hid_settings *settings, enum hid_kind kind,
                            const struct hid_found *found)
{
    const struct kit_usb_ids *ids = &settings->only.ids;
    return (settings->only.kind == HID_ANY || settings->only.kind == kind)
           && (ids->vendor == 0 || ids->vendor == found->vendor_id)
           && (ids->product == 0 || ids->product == found->product_id)
           && (settings->serial[0] == '\0'
               || strcmp(settings->serial, found->serial) == 0);
}

static bool is_same_token(const struct hid_found *a, const struct hid_found *b)
{
    return strcmp(a->path, b->path) == 0 && a->vendor_id == b->vendor_id
           && a->product_id == b->product_id && strcmp(a->serial, b->serial) == 0;
}

/* --- Tokens that come and go ---------------------------------------------------------- */

static void describe_token(const struct hid_token *token, struct reader_info *info)
{
    const struct hid_found *found = &token->found;
    char part[16] = "";
    (void)snprintf(info->vendor, sizeof(info->vendor), "%s", found->vendor);
    (void)snprintf(info->product, sizeof(info->product), "%s", found->product);
    (void)snprintf(info->serial, sizeof(info->serial), "%s", found->serial);
    (void)snprintf(info->interface_name, sizeof(info->interface_name), "%s",
                   token->card->name);
    if (found->vendor[0] == '\0' && found->product[0] == '\0')
        (void)snprintf(info->product, sizeof(info->product), "HID token %04X:%04X",
                       (unsigned)found->vendor_id, (unsigned)found->product_id);
    if (found->interface_number >= 0)
        (void)snprintf(part, sizeof(part), "&MI_%02X",
                       (unsigned)found->interface_number & 0xFF);
    (void)snprintf(info->device_id, sizeof(info->device_id),
                   "HID\\VID_%04X&PID_%04X%s\\%.150s", (unsigned)found->vendor_id,
                   (unsigned)found->product_id, part,
                   found->serial[0] != '\0' ? found->serial : found->path);
    info->version = (uint32_t)found->version << 16;
    info->type = READER_TYPE_USB;
    info->channel_id = (uint32_t)READER_TYPE_USB << 16;
    info->protocols = PROTOCOL_T1;
}

/* A token that this user may not open is no reader, but may become one: the system gives the
 * right to it a moment after it is plugged in. */
static bool can_be_opened(struct hid_token *token)
{
    struct hid_device *device = NULL;
    enum sc_error error = token->bus->open(token->found.path, &device);
    if (error == SC_OK)
        token->bus->close(device);
    else if (token->state == HID_FREE)
        log_error("hid: %s (%s %s) cannot be opened: %s", token->found.path,
                  token->found.vendor, token->found.product, sc_error_words(error));
    return error == SC_OK;
}

/* Of a token that is there and not served. */
static void serve_token(struct hid_token *token)
{
    struct reader_info info = {.slot = 0};
    if (!can_be_opened(token)) {
        token->state = HID_SHUT;
        return;
    }
    memset(&token->as, 0, sizeof(token->as));
    atomic_store_u32(&token->lost, 0);
    (void)kit_reader_set_card(&token->kit, true);
    describe_token(token, &info);
    enum sc_error error = kit_reader_arrive(&token->kit, &info);
    if (error != SC_OK && token->state == HID_FREE)
        log_error("hid: %s: %s", token->found.path, sc_error_words(error));
    token->state = error == SC_OK ? HID_SERVED : HID_SHUT;
}

static struct hid_token *find_free_token(struct hid *hid)
{
    for (size_t i = 0; i < HID_TOKENS_MAX; i++)
        if (hid->tokens[i].state == HID_FREE)
            return &hid->tokens[i];
    if (!hid->told_full)
        log_error("hid: more than %d tokens", HID_TOKENS_MAX);
    hid->told_full = true;
    return NULL;
}

/* A device that the bus has found. Devices of several collections come several times. */
static void take_found_device(void *context, const struct hid_found *found)
{
    struct hid *hid = context;
    enum hid_kind kind = find_token_kind(found);
    if (kind == HID_ANY || !is_token_wanted(&hid->settings, kind, found))
        return;
    for (size_t i = 0; i < HID_TOKENS_MAX; i++) {
        struct hid_token *token = &hid->tokens[i];
        if (token->state == HID_FREE || !is_same_token(&token->found, found))
            continue;
        token->seen = true;
        if (token->state == HID_SHUT)
            serve_token(token);
        return;
    }
    struct hid_token *token = find_free_token(hid);
    if (token == NULL)
        return;
    token->found = *found;
    token->kind = kind;
    token->card = kind == HID_FIDO ? &hid_fido_card : &hid_ledger_card;
    token->seen = true;
    serve_token(token);
}

/* What the host has closed can be forgotten. True: it has not. */
static bool is_leaving(struct hid_token *token)
{
    kit_reader_lock(&token->kit);
    bool closed = token->kit.state == KIT_AWAY;
    kit_reader_unlock(&token->kit);
    if (!closed)
        return true;
    hid_token_close(token);
    secret_clear(&token->as, sizeof(token->as));
    token->state = HID_FREE;
    return false;
}

/* True: it will be another look until it is forgotten. */
static bool look_after_token(struct hid_token *token)
{
    bool gone = !token->seen || atomic_load_u32(&token->lost) != 0;
    if (token->state == HID_SERVED && gone) {
        log_info("hid: %s has gone", token->found.path);
        kit_reader_leave(&token->kit);
        token->state = HID_LEAVING;
    }
    if (token->state == HID_SHUT && gone)
        token->state = HID_FREE;
    return token->state == HID_LEAVING && is_leaving(token);
}

/* The attendant's look. */
static uint64_t look_for_tokens(void *context)
{
    struct hid *hid = context;
    bool leaving = false;
    for (size_t i = 0; i < HID_TOKENS_MAX; i++)
        hid->tokens[i].seen = false;
    hid->bus->list(take_found_device, hid);
    for (size_t i = 0; i < HID_TOKENS_MAX; i++)
        leaving |= look_after_token(&hid->tokens[i]);
    os_mutex_lock(&hid->lock);
    hid->settled = true;
    os_cond_broadcast(&hid->changed);
    os_mutex_unlock(&hid->lock);
    return os_now_ms() + (leaving ? HID_LEAVE_LOOK_MS : HID_LOOK_MS);
}

/* --- Beginning and end ----------------------------------------------------------------- */

static void destroy_hid(struct kit_instance *instance)
{
    struct hid *hid = (struct hid *)(void *)instance;
    for (size_t i = 0; i < HID_TOKENS_MAX; i++)
        hid_token_close(&hid->tokens[i]);
    os_cond_destroy(&hid->changed);
    os_mutex_destroy(&hid->lock);
    secret_clear(hid->tokens, sizeof(hid->tokens));
    mem_free(hid);
}

static void make_tokens(struct hid *hid)
{
    for (size_t i = 0; i < HID_TOKENS_MAX; i++) {
        struct hid_token *token = &hid->tokens[i];
        kit_reader_init(&token->kit, &hid->kit);
        token->bus = hid->bus;
        token->settings = &hid->settings;
    }
}

enum sc_error hid_start_on(const struct hid_bus *bus, const char *uri,
                           struct driver_host *host, void **self)
{
    struct hid *hid = mem_alloc(sizeof(*hid));
    if (hid == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = read_hid_uri(uri, &hid->settings);
    if (error == SC_OK)
        error = bus->begin();
    if (error != SC_OK) {
        mem_free(hid);
        return error;
    }
    hid->bus = bus;
    os_mutex_init(&hid->lock);
    os_cond_init(&hid->changed);
    kit_instance_init(&hid->kit, host, destroy_hid, "scard-hid", look_for_tokens);
    make_tokens(hid);
    error = kit_attendant_start(&hid->kit.attendant);
    if (error == SC_OK)
        *self = hid;
    else
        kit_instance_stop(hid);
    return error;
}

static enum sc_error hid_start(const char *uri, struct driver_host *host, void **self)
{
    return hid_start_on(&hid_bus_hidapi, uri, host, self);
}

/* Until the first look is over. */
static void hid_settle(void *self, bool cards, uint64_t deadline_ms)
{
    struct hid *hid = self;
    uint64_t limit_ms = os_now_ms() + SETTLE_MS;
    (void)cards; /* a reader has one */
    limit_ms = limit_ms < deadline_ms ? limit_ms : deadline_ms;
    os_mutex_lock(&hid->lock);
    while (!hid->settled && os_cond_wait(&hid->changed, &hid->lock, limit_ms)) {
    }
    os_mutex_unlock(&hid->lock);
}

const struct driver hid_driver = {.scheme = "hid",
                                  .start = hid_start,
                                  .settle = hid_settle,
                                  .stop = kit_instance_stop,
                                  .power = hid_power,
                                  .set_protocol = hid_set_protocol,
                                  .transmit = hid_transmit,
                                  .control = hid_control,
                                  .close = kit_reader_close};
