/* SPDX-License-Identifier: BSD-2-Clause */
/* Bundles and the objects in them. */
#include "bundle/bundle.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "bundle/plist.h"
#include "os/files.h"

#include <stdio.h>
#include <string.h>

/* --- Numbers as they stand in these files ---------------------------------------------- */

/* "0x08E6" of 16 bits. */
static bool read_id(const char *text, uint16_t *id)
{
    uint32_t number = 0;
    if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X') || text[2] == '\0')
        return false;
    for (text += 2; *text != '\0'; text++) {
        int digit = hex_digit(*text);
        if (digit < 0 || number > 0xFFF)
            return false;
        number = number << 4 | (uint32_t)digit;
    }
    *id = (uint16_t)number;
    return true;
}

/* --- Bundles --------------------------------------------------------------------------- */

struct plist_walk {
    struct bundle *bundle;
    size_t counts[3]; /* vendors, products, names */
    bool wrong;       /* a number is none, or there are too many */
};

static void take_executable(struct bundle *bundle, const char *name)
{
    int size = snprintf(bundle->object, sizeof(bundle->object), "%s/Contents/Linux/%s",
                        bundle->directory, name);
    if (size < 0 || (size_t)size >= sizeof(bundle->object) || name[0] == '\0'
        || strchr(name, '/') != NULL)
        bundle->object[0] = '\0';
}

static void take_plist_value(void *context, const char *key, size_t index,
                             const char *value)
{
    static const char *const keys[] = {"ifdVendorID", "ifdProductID", "ifdFriendlyName"};
    struct plist_walk *walk = context;
    struct bundle *bundle = walk->bundle;
    size_t which = 0;
    if (strcmp(key, "CFBundleExecutable") == 0 && index == 0)
        take_executable(bundle, value);
    while (which < ARRAY_SIZE(keys) && strcmp(key, keys[which]) != 0)
        which++;
    if (which == ARRAY_SIZE(keys))
        return;
    if (walk->counts[which] == BUNDLE_IDS_MAX) {
        walk->wrong = true;
        return;
    }
    struct bundle_id *id = &bundle->ids[walk->counts[which]++];
    if (which == 2)
        (void)snprintf(id->name, sizeof(id->name), "%s", value);
    else
        walk->wrong |= !read_id(value, which == 0 ? &id->vendor : &id->product);
}

static enum sc_error refuse_bundle(struct bundle *bundle, const char *why)
{
    (void)snprintf(bundle->why, sizeof(bundle->why), "%s", why);
    return SC_E_INVALID_VALUE;
}

static enum sc_error read_plist(struct bundle *bundle, const uint8_t *bytes, size_t size)
{
    struct plist_walk walk = {.bundle = bundle};
    char why[BUNDLE_WHY_MAX];
    const char *wrong = plist_read((const char *)bytes, size, take_plist_value, &walk);
    if (wrong != NULL) {
        (void)snprintf(why, sizeof(why), "has an Info.plist that %s", wrong);
        return refuse_bundle(bundle, why);
    }
    if (walk.wrong || walk.counts[0] != walk.counts[1]
        || walk.counts[0] != walk.counts[2])
        return refuse_bundle(bundle, "has an Info.plist whose numbers and names of "
                                     "readers do not fit each other");
    bundle->id_count = walk.counts[0];
    if (bundle->object[0] == '\0')
        return refuse_bundle(bundle, "has an Info.plist that names no object "
                                     "(CFBundleExecutable)");
    return SC_OK;
}

enum sc_error bundle_read(const char *directory, struct bundle *bundle)
{
    char path[BUNDLE_PATH_MAX], why[BUNDLE_WHY_MAX];
    uint8_t *bytes = NULL;
    size_t size = 0;
    memset(bundle, 0, sizeof(*bundle));
    int length = snprintf(bundle->directory, sizeof(bundle->directory), "%s", directory);
    int all = snprintf(path, sizeof(path), "%s/Contents/Info.plist", directory);
    if (length < 0 || all < 0 || (size_t)all >= sizeof(path))
        return refuse_bundle(bundle, "has too long a path");
    enum sc_error error = os_read_file(path, BUNDLE_PLIST_MAX, &bytes, &size);
    if (error != SC_OK)
        return refuse_bundle(bundle, "has no Info.plist that can be read");
    bundle->ids = mem_alloc_array(BUNDLE_IDS_MAX, sizeof(*bundle->ids));
    error = bundle->ids != NULL ? read_plist(bundle, bytes, size) : SC_E_NO_MEMORY;
    mem_free(bytes);
    if (error == SC_OK && !bundle_check_object(bundle->object, why))
        error = refuse_bundle(bundle, why);
    return error;
}

void bundle_forget(struct bundle *bundle)
{
    mem_free(bundle->ids);
    bundle->ids = NULL;
    bundle->id_count = 0;
}

enum sc_error bundle_copy(const struct bundle *bundle, struct bundle *copy)
{
    *copy = *bundle;
    copy->ids = mem_alloc_array(bundle->id_count, sizeof(*bundle->ids));
    if (copy->ids == NULL)
        return SC_E_NO_MEMORY;
    if (bundle->id_count > 0)
        memcpy(copy->ids, bundle->ids, bundle->id_count * sizeof(*bundle->ids));
    return SC_OK;
}

struct bundle_taker {
    void (*take)(void *context, const struct bundle *bundle);
    void *context;
};

static void read_listed_bundle(void *context, const char *path)
{
    const struct bundle_taker *taker = context;
    struct bundle bundle;
    if (bundle_read(path, &bundle) != SC_E_NO_MEMORY)
        taker->take(taker->context, &bundle);
    bundle_forget(&bundle);
}

void bundle_list(const char *directory,
                 void (*take)(void *context, const struct bundle *bundle), void *context)
{
    struct bundle_taker taker = {.take = take, .context = context};
    (void)os_list_names(directory, ".bundle", BUNDLES_MAX, read_listed_bundle, &taker);
}

const struct bundle_id *bundle_find(const struct bundle *bundle, uint16_t vendor,
                                    uint16_t product)
{
    for (size_t i = 0; i < bundle->id_count; i++)
        if (bundle->ids[i].vendor == vendor && bundle->ids[i].product == product)
            return &bundle->ids[i];
    return NULL;
}

/* --- Objects --------------------------------------------------------------------------- */

/* Whether a name stands in the object, as in its table of names. */
static bool has_symbol(const uint8_t *bytes, size_t size, const char *name)
{
    size_t length = strlen(name) + 1;
    const uint8_t *at = bytes, *end = bytes + size;
    while (at < end && (at = memchr(at, name[0], (size_t)(end - at))) != NULL) {
        if ((size_t)(end - at) >= length && memcmp(at, name, length) == 0)
            return true;
        at++;
    }
    return false;
}

static bool refuse_object(char why[BUNDLE_WHY_MAX], const char *path, const char *what)
{
    const char *slash = strrchr(path, '/');
    (void)snprintf(why, BUNDLE_WHY_MAX, "cannot be used: %.80s %s",
                   slash != NULL ? slash + 1 : path, what);
    return false;
}

/* System V ABI, "ELF Header": the class, the byte order and the machine of this program. */
static const char *wrong_header(const uint8_t *bytes, size_t size)
{
    enum { CLASS = 4, ORDER = 5, MACHINE = 18, HEADER = 20, CLASS_32 = 1, CLASS_64 = 2 };
    const uint16_t one = 1;
    uint8_t class_wanted = sizeof(void *) == 8 ? CLASS_64 : CLASS_32;
    uint8_t order_wanted = *(const uint8_t *)&one == 1 ? 1 : 2;
    if (size < HEADER
        || memcmp(bytes,
                  "\x7F"
                  "ELF",
                  4)
               != 0)
        return "is not a shared object";
    if (bytes[CLASS] != class_wanted)
        return class_wanted == CLASS_64 ? "is for 32-bit programs"
                                        : "is for 64-bit programs";
    if (bytes[ORDER] != order_wanted)
        return "is for another machine";
#if defined(__x86_64__)
    enum { MACHINE_X86_64 = 62 };
    if (bytes[MACHINE] != MACHINE_X86_64 || bytes[MACHINE + 1] != 0)
        return "is for another machine";
#endif
    return NULL;
}

static bool check_symbols(const uint8_t *bytes, size_t size, const char *path,
                          char why[BUNDLE_WHY_MAX])
{
    static const char *const names[] = {
        "IFDHCreateChannel", "IFDHCloseChannel",    "IFDHGetCapabilities",
        "IFDHControl",       "IFDHSetCapabilities", "IFDHSetProtocolParameters",
        "IFDHPowerICC",      "IFDHTransmitToICC",   "IFDHICCPresence"};
    char what[64];
    if (has_symbol(bytes, size, "IO_Create_Channel")
        && !has_symbol(bytes, size, "IFDHICCPresence"))
        return refuse_object(why, path, "is an IFD handler 1.0, which is not supported");
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (has_symbol(bytes, size, names[i]))
            continue;
        (void)snprintf(what, sizeof(what), "has no %s: no IFD handler", names[i]);
        return refuse_object(why, path, what);
    }
    return true;
}

bool bundle_check_object(const char *path, char why[BUNDLE_WHY_MAX])
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!os_file_exists(path))
        return refuse_object(why, path, "is not there");
    if (os_read_file(path, BUNDLE_OBJECT_MAX, &bytes, &size) != SC_OK)
        return refuse_object(why, path, "cannot be read");
    const char *wrong = wrong_header(bytes, size);
    bool good = wrong == NULL ? check_symbols(bytes, size, path, why)
                              : refuse_object(why, path, wrong);
    mem_free(bytes);
    return good;
}
