/* SPDX-License-Identifier: BSD-2-Clause */
/* A hundred thousand card types: importing, listing and matching them, as times and as
 * ratios to a floor: looking at as many ATRs under their masks in plain memory. */
#include "tests/database/place.h"

#include "os/time.h"

enum { ATR_ROOM = 36, CARDS = 100000, MASKS = 24, TIMES = 20 };

static char *text;
static size_t text_size, text_room;

static void add(const char *line)
{
    size_t size = strlen(line);
    while (text_size + size + 1 > text_room) {
        text_room = text_room != 0 ? 2 * text_room : 1 << 20;
        text = realloc(text, text_room);
        if (text == NULL)
            abort();
    }
    memcpy(text + text_size, line, size + 1);
    text_size += size;
}

/* Cards have ATRs of 12 to 15 bytes under one of MASKS masks for each size. What does not
 * count of an ATR is 0. */
static void make_atr(unsigned card, uint8_t atr[ATR_ROOM], uint8_t mask[ATR_ROOM],
                     size_t *size)
{
    *size = 12 + card % 4;
    for (size_t i = 0; i < *size; i++) {
        atr[i] = (uint8_t)(i < 4 ? card >> 8 * i : 0x31 + i);
        mask[i] = 0xFF;
    }
    unsigned which = card % MASKS;
    mask[5 + which % 6] = (uint8_t)(which / 6 * 0x11);
    atr[5 + which % 6] &= mask[5 + which % 6];
}

static void make_text(void)
{
    add("REGEDIT4\r\n");
    for (unsigned i = 0; i < CARDS; i++) {
        char line[256], hex[64], masks[64];
        uint8_t atr[ATR_ROOM], mask[ATR_ROOM];
        size_t size, at = 0;
        make_atr(i, atr, mask, &size);
        for (size_t k = 0; k < size; k++, at += 3) {
            snprintf(hex + at, sizeof(hex) - at, "%02x,", (unsigned)atr[k]);
            snprintf(masks + at, sizeof(masks) - at, "%02x,", (unsigned)mask[k]);
        }
        snprintf(line, sizeof(line),
                 "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\\Calais\\"
                 "SmartCards\\Some vendor's card %u]\r\n",
                 i * 7919U % CARDS);
        add(line);
        snprintf(line, sizeof(line), "\"ATR\"=hex:%s\r\n\"ATRMask\"=hex:%s\r\n", hex,
                 masks);
        add(line);
    }
}

static uint64_t now_us(void)
{
    return os_now_ns() / 1000;
}

/* The best of several: what the machine does besides is not ours. */
static uint64_t time_list(const uint8_t *atr, size_t size, size_t want)
{
    uint64_t best = UINT64_MAX;
    for (unsigned i = 0; i < TIMES; i++) {
        struct multistring list;
        multistring_init(&list, DATABASE_LIST_MAX);
        uint64_t begin = now_us();
        CHECK_EQ(database_list_cards(atr, size, NULL, 0, &list), SC_OK);
        uint64_t took = now_us() - begin;
        CHECK_EQ(list.size != 0 ? multistring_count(list.bytes) : 0, want);
        multistring_clear(&list);
        best = took < best ? took : best;
    }
    return best;
}

/* The best of several, as time_list(); in ns. */
static uint64_t time_floor(const uint8_t *atr, size_t atr_size)
{
    static struct {
        uint8_t atr[ATR_ROOM], mask[ATR_ROOM];
        size_t size;
    } types[CARDS];
    uint64_t best = UINT64_MAX;
    for (unsigned i = 0; i < CARDS; i++)
        make_atr(i, types[i].atr, types[i].mask, &types[i].size);
    for (unsigned time = 0; time < TIMES; time++) {
        size_t found = 0;
        uint64_t begin = os_now_ns();
        for (unsigned i = 0; i < CARDS; i++) {
            size_t k = 0, size = types[i].size;
            while (k < size && size == atr_size
                   && (atr[k] & types[i].mask[k]) == (types[i].atr[k] & types[i].mask[k]))
                k++;
            found += k == atr_size;
        }
        uint64_t took = os_now_ns() - begin;
        CHECK_EQ(found, 1);
        best = took < best ? took : best;
    }
    return best;
}

static void check_scope(const char *name, uint64_t floor_ns)
{
    uint8_t atr[ATR_ROOM], mask[ATR_ROOM];
    size_t size;
    make_atr(4242, atr, mask, &size);
    uint64_t list = time_list(NULL, 0, CARDS), match = time_list(atr, size, 1);
    atr[2] ^= 0x55;
    uint64_t none = time_list(atr, size, 0);
    struct database_card card;
    uint64_t begin = now_us();
    CHECK_EQ(database_get_card("some VENDOR'S card 4711", &card), SC_OK);
    uint64_t get = now_us() - begin;
    printf("%s: list %u us, match %u us, no match %u us, get %u us; of the floor: list "
           "%.2f, match %.2f\n",
           name, (unsigned)list, (unsigned)match, (unsigned)none, (unsigned)get,
           (double)list * 1000 / (double)floor_ns,
           (double)match * 1000 / (double)floor_ns);
}

int main(void)
{
    struct database_import report = {.line = 0};
    place_make();
    make_text();
    uint64_t begin = now_us();
    CHECK_EQ(database_import(DATABASE_SYSTEM, (const uint8_t *)text, text_size, &report),
             SC_OK);
    printf("import of %d cards (%zu bytes): %u ms\n", CARDS, text_size,
           (unsigned)((now_us() - begin) / 1000));
    uint8_t atr[ATR_ROOM], mask[ATR_ROOM];
    size_t size;
    make_atr(4242, atr, mask, &size);
    uint64_t floor_ns = time_floor(atr, size);
    printf("floor: %u us\n", (unsigned)(floor_ns / 1000));
    check_scope("sqlite", floor_ns);
    setenv("WINSCARD_DATABASE_DIR", place_path("none"), 1);
    CHECK_EQ(mkdir(place_path("cards.d"), 0755), 0);
    place_write("cards.d/all.reg", text, text_size);
    begin = now_us();
    struct database_card card;
    CHECK_EQ(database_get_card("none", &card), SC_E_UNKNOWN_CARD);
    printf("cards.d, first time: %u ms\n", (unsigned)((now_us() - begin) / 1000));
    check_scope("cards.d", floor_ns);
    free(text);
    place_remove();
    return check_result();
}
