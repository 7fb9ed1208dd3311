/* SPDX-License-Identifier: BSD-2-Clause */
/* SELECT, READ BINARY and UPDATE BINARY of the software card, after ISO/IEC 7816-4:2013,
 * 11.1.1, 11.2.3 and 11.2.5. */
#include "drivers/soft/card.h"

#include "base/alloc.h"
#include "proto/tlv.h"

#include <string.h>

enum {
    P1_BY_ID = 0x00,
    P1_CHILD_DF = 0x01,
    P1_CHILD_EF = 0x02,
    P1_PARENT = 0x03,
    P1_BY_NAME = 0x04,
    P1_PATH_FROM_MF = 0x08,
    P1_PATH_FROM_DF = 0x09,
    TAG_OFFSET = 0x54,
    TAG_DATA = 0x53,
    SHORT_LE_MAX = 256,
    EXTENDED_LE_MAX = 65536
};

static int find_child(int df, const struct apdu *apdu, bool want_df)
{
    if (apdu->data_size != 2)
        return SOFT_FILE_NONE;
    int file = soft_file_child(df, (uint16_t)(apdu->data[0] << 8 | apdu->data[1]));
    bool fits = file != SOFT_FILE_NONE && soft_files[file].is_df == want_df;
    return fits ? file : SOFT_FILE_NONE;
}

static int find_by_id(int df, const struct apdu *apdu)
{
    if (apdu->data_size == 0)
        return SOFT_FILE_MF;
    if (apdu->data_size != 2)
        return SOFT_FILE_NONE;
    return soft_file_near(df, (uint16_t)(apdu->data[0] << 8 | apdu->data[1]));
}

/* The MF itself may begin the path: 11.1.1 leaves it out, many programs do not. */
static int find_from_mf(const struct apdu *apdu)
{
    const uint8_t *path = apdu->data;
    size_t size = apdu->data_size;
    if (size >= 2 && path[0] == 0x3F && path[1] == 0x00) {
        path += 2;
        size -= 2;
        if (size == 0)
            return SOFT_FILE_MF;
    }
    return soft_file_by_path(SOFT_FILE_MF, path, size);
}

static int find_selected(const struct soft_card *card, const struct apdu *apdu)
{
    switch (apdu->p1) {
    case P1_BY_ID:
        return find_by_id(card->df, apdu);
    case P1_CHILD_DF:
        return find_child(card->df, apdu, true);
    case P1_CHILD_EF:
        return find_child(card->df, apdu, false);
    case P1_PARENT:
        return soft_files[card->df].parent;
    case P1_BY_NAME:
        return soft_file_by_name(apdu->data, apdu->data_size);
    case P1_PATH_FROM_MF:
        return find_from_mf(apdu);
    default:
        return soft_file_by_path(card->df, apdu->data, apdu->data_size);
    }
}

uint16_t soft_card_select(struct soft_card *card, const struct apdu *apdu,
                          struct soft_answer *answer)
{
    static const uint32_t templates[] = {0x6F, 0x62}; /* FCI, FCP */
    bool known = apdu->p1 <= P1_BY_NAME || apdu->p1 == P1_PATH_FROM_MF
                 || apdu->p1 == P1_PATH_FROM_DF;
    unsigned wanted = apdu->p2 >> 2; /* 2: management data, 3: nothing */
    if (!known || (apdu->p2 & 0xF3) != 0 || wanted == 2)
        return SW_WRONG_P1P2;
    if (apdu->p1 == P1_PARENT && apdu->data_size != 0)
        return SW_WRONG_LENGTH;
    int file = find_selected(card, apdu);
    if (file == SOFT_FILE_NONE)
        return SW_FILE_NOT_FOUND;
    bool is_df = soft_files[file].is_df;
    card->df = is_df ? file : soft_files[file].parent;
    card->ef = is_df ? SOFT_FILE_NONE : file;
    if (wanted < ARRAY_SIZE(templates))
        answer->size = soft_file_control(file, templates[wanted], answer->data, 256);
    return SW_OK;
}

/* --- Reading and writing ------------------------------------------------------------ */

struct place {
    int file;
    size_t offset;
};

static bool may_do(const struct soft_card *card, enum soft_access access)
{
    return access == SOFT_ACCESS_ALWAYS || (access == SOFT_ACCESS_PIN && card->verified);
}

/* P1 P2 of an even instruction: short identifier and 8 bits of offset, or 15 bits. */
static uint16_t find_place(const struct soft_card *card, const struct apdu *apdu,
                           struct place *place)
{
    if ((apdu->p1 & 0x80) == 0) {
        place->file = card->ef;
        place->offset = (size_t)apdu->p1 << 8 | apdu->p2;
        return place->file == SOFT_FILE_NONE ? SW_NO_CURRENT_EF : SW_OK;
    }
    uint8_t sfi = apdu->p1 & 0x1F;
    if ((apdu->p1 & 0x60) != 0 || sfi == 0 || sfi == 0x1F)
        return SW_WRONG_P1P2;
    place->file = soft_file_by_sfi(card->df, sfi);
    place->offset = apdu->p2;
    return place->file == SOFT_FILE_NONE ? SW_FILE_NOT_FOUND : SW_OK;
}

/* P1 P2 of an odd instruction: file identifier, short identifier, or 0 for the current
 * EF; the offset stands in the data. */
static uint16_t find_place_odd(const struct soft_card *card, const struct apdu *apdu,
                               const struct tlv *offset, struct place *place)
{
    uint16_t id = (uint16_t)(apdu->p1 << 8 | apdu->p2);
    if (offset->tag != TAG_OFFSET || offset->size == 0 || offset->size > 3)
        return SW_WRONG_DATA;
    if (id == 0) {
        place->file = card->ef;
        if (place->file == SOFT_FILE_NONE)
            return SW_NO_CURRENT_EF;
    } else if (id < 0x1F) {
        place->file = soft_file_by_sfi(card->df, (uint8_t)id);
    } else {
        place->file = soft_file_child(card->df, id);
    }
    if (place->file == SOFT_FILE_NONE || soft_files[place->file].is_df)
        return SW_FILE_NOT_FOUND;
    place->offset = 0;
    for (size_t i = 0; i < offset->size; i++)
        place->offset = place->offset << 8 | offset->value[i];
    return SW_OK;
}

/* Makes the file the current one, if it may be used so. */
static uint16_t enter_file(struct soft_card *card, const struct place *place,
                           enum soft_access access)
{
    card->ef = place->file;
    if (!may_do(card, access))
        return SW_NOT_ALLOWED;
    return place->offset < soft_files[place->file].size ? SW_OK : SW_WRONG_OFFSET;
}

static void copy_out(const struct soft_card *card, const struct place *place,
                     uint8_t *out, size_t size)
{
    const uint8_t *content = card->contents[place->file];
    if (content != NULL)
        memcpy(out, content + place->offset, size);
    else
        soft_file_initial(place->file, card->serial, place->offset, out, size);
}

static uint16_t write_in(struct soft_card *card, const struct place *place,
                         const uint8_t *bytes, size_t size)
{
    size_t file_size = soft_files[place->file].size;
    uint8_t **content = &card->contents[place->file];
    if (size > file_size - place->offset)
        return SW_FILE_FULL;
    if (*content == NULL) {
        *content = mem_alloc(file_size);
        if (*content == NULL)
            return SW_MEMORY_FAILURE;
        soft_file_initial(place->file, card->serial, 0, *content, file_size);
    }
    memcpy(*content + place->offset, bytes, size);
    return SW_OK;
}

/* Le of zeros only means: up to the end. */
static bool wants_all(const struct apdu *apdu)
{
    return apdu->le == (apdu_is_extended(apdu->shape) ? EXTENDED_LE_MAX : SHORT_LE_MAX);
}

uint16_t soft_card_read(struct soft_card *card, const struct apdu *apdu,
                        struct soft_answer *answer)
{
    struct place place = {0};
    if (apdu->le == 0 || apdu->data_size != 0)
        return SW_WRONG_LENGTH;
    uint16_t status = find_place(card, apdu, &place);
    if (status == SW_OK)
        status = enter_file(card, &place, soft_files[place.file].read);
    if (status != SW_OK)
        return status;
    size_t left = soft_files[place.file].size - place.offset;
    answer->size = left < apdu->le ? left : apdu->le;
    copy_out(card, &place, answer->data, answer->size);
    return answer->size == apdu->le || wants_all(apdu) ? SW_OK : SW_END_OF_FILE;
}

/* Bytes of tag and length of an object with a value of so many bytes. */
static size_t header_size(size_t size)
{
    if (size < 0x80)
        return 2;
    if (size <= 0xFF)
        return 3;
    return size <= 0xFFFF ? 4 : 5;
}

static void put_header(uint8_t *out, size_t size)
{
    size_t last = header_size(size) - 1;
    out[0] = TAG_DATA;
    if (last > 1)
        out[1] = (uint8_t)(0x80 | (last - 1));
    for (size_t at = last; at > (last > 1 ? 1U : 0U); at--) {
        out[at] = (uint8_t)size;
        size >>= 8;
    }
}

static uint16_t find_with_offset(struct soft_card *card, const struct apdu *apdu,
                                 struct tlv_reader *reader, struct place *place)
{
    struct tlv offset;
    tlv_reader_init(reader, apdu->data, apdu->data_size);
    if (apdu->data_size == 0)
        return SW_WRONG_LENGTH;
    if (tlv_reader_next(reader, &offset) != TLV_ITEM)
        return SW_WRONG_DATA;
    return find_place_odd(card, apdu, &offset, place);
}

uint16_t soft_card_read_odd(struct soft_card *card, const struct apdu *apdu,
                            struct soft_answer *answer)
{
    struct place place = {0};
    struct tlv_reader reader;
    uint16_t status = find_with_offset(card, apdu, &reader, &place);
    if (status == SW_OK)
        status = enter_file(card, &place, soft_files[place.file].read);
    if (status != SW_OK)
        return status;
    /* Without Le, which T=0 does not carry: what one GET RESPONSE can fetch. */
    size_t room = apdu->le != 0 ? apdu->le : SHORT_LE_MAX;
    size_t left = soft_files[place.file].size - place.offset;
    if (room <= header_size(room))
        return SW_WRONG_LENGTH;
    size_t size = left < room ? left : room;
    while (size + header_size(size) > room)
        size--; /* five times at most */
    put_header(answer->data, size);
    copy_out(card, &place, answer->data + header_size(size), size);
    answer->size = header_size(size) + size;
    return SW_OK;
}

uint16_t soft_card_update(struct soft_card *card, const struct apdu *apdu,
                          struct soft_answer *answer)
{
    struct place place = {0};
    (void)answer;
    if (apdu->data_size == 0)
        return SW_WRONG_LENGTH;
    uint16_t status = find_place(card, apdu, &place);
    if (status == SW_OK)
        status = enter_file(card, &place, soft_files[place.file].update);
    if (status != SW_OK)
        return status;
    return write_in(card, &place, apdu->data, apdu->data_size);
}

uint16_t soft_card_update_odd(struct soft_card *card, const struct apdu *apdu,
                              struct soft_answer *answer)
{
    struct place place = {0};
    struct tlv_reader reader;
    struct tlv data;
    (void)answer;
    uint16_t status = find_with_offset(card, apdu, &reader, &place);
    if (status == SW_OK
        && (tlv_reader_next(&reader, &data) != TLV_ITEM || data.tag != TAG_DATA
            || data.size == 0))
        status = SW_WRONG_DATA;
    if (status == SW_OK)
        status = enter_file(card, &place, soft_files[place.file].update);
    if (status != SW_OK)
        return status;
    return write_in(card, &place, data.value, data.size);
}
