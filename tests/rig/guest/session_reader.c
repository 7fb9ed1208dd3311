/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reader says of itself: attributes and the features of PC/SC part 10. */
#include "tests/rig/guest/session.h"

void session_attributes(const struct session *session)
{
    /* PC/SC part 3, 3.1.1, by number: names differ between headers. */
    static const DWORD tags[] = {
        0x00010100, 0x00010101, 0x00010102, 0x00010103, 0x00020110, 0x00030120,
        0x00030121, 0x00030122, 0x00030123, 0x00030124, 0x00030125, 0x00030126,
        0x00040131, 0x00050140, 0x00050142, 0x00060150, 0x0007A000, 0x0007A007,
        0x0007A00F, 0x00080201, 0x00080202, 0x00080203, 0x00080204, 0x00080205,
        0x00080206, 0x00080207, 0x00080208, 0x00080209, 0x0008020A, 0x0008020B,
        0x0008020C, 0x00090300, 0x00090301, 0x00090302, 0x00090303, 0x00090304,
        0x7FFF0001, 0x7FFF0002, 0x7FFF0003, 0x7FFF0004, 0x7FFF0005, 0x7FFF0008,
        0x0001FFFF};
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        unsigned char value[264];
        DWORD size = sizeof(value);
        LONG error = SCardGetAttrib(session->card, tags[i], value, &size);
        printf("attribute %08lX: ", (unsigned long)tags[i]);
        if (error == SCARD_S_SUCCESS)
            print_bytes(value, size);
        else
            printf("%s", name_of(error));
        printf("\n");
    }
}

/* Tag, length, value; by tag, for the order means nothing. */
static void print_records(const unsigned char *bytes, size_t size)
{
    for (unsigned tag = 0; tag < 256; tag++) {
        for (size_t at = 0; at + 2 <= size; at += 2 + (size_t)bytes[at + 1]) {
            if (bytes[at] != tag || at + 2 + bytes[at + 1] > size)
                continue;
            printf("property %02X: ", tag);
            print_bytes(bytes + at + 2, bytes[at + 1]);
            printf("\n");
        }
    }
}

static void ask_feature(const struct session *session, unsigned tag, DWORD code)
{
    unsigned char out[264];
    DWORD got = 0;
    LONG error;
    /* The properties have no effect but their answer. */
    if (tag != FEATURE_IFD_PIN_PROPERTIES && tag != FEATURE_GET_TLV_PROPERTIES
        && tag != FEATURE_IFD_DISPLAY_PROPERTIES)
        return;
    error = SCardControl(session->card, code, NULL, 0, out, sizeof(out), &got);
    printf("properties %02X: %s", tag, name_of(error));
    if (error != SCARD_S_SUCCESS || tag == FEATURE_GET_TLV_PROPERTIES) {
        printf("\n");
        if (error == SCARD_S_SUCCESS)
            print_records(out, got <= sizeof(out) ? got : 0);
        return;
    }
    printf(" ");
    print_bytes(out, got <= sizeof(out) ? got : 0);
    printf("\n");
}

/* The control codes are the driver's own affair and not printed. */
void session_features(const struct session *session)
{
    unsigned char list[264], tags[264] = {0};
    DWORD size = 0, codes[256] = {0};
    LONG error = SCardControl(session->card, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, list,
                              sizeof(list), &size);
    printf("features: %s\n", name_of(error));
    if (error != SCARD_S_SUCCESS)
        return;
    for (DWORD at = 0; at + 6 <= size; at += 6) {
        const unsigned char *record = list + at;
        tags[record[0]] = 1;
        codes[record[0]] = (DWORD)record[2] << 24 | (DWORD)record[3] << 16
                           | (DWORD)record[4] << 8 | record[5];
    }
    for (unsigned tag = 0; tag < 256; tag++) {
        if (tags[tag] == 0)
            continue;
        printf("feature: %02X\n", tag);
        ask_feature(session, tag, codes[tag]);
    }
}
