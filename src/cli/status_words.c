/* SPDX-License-Identifier: BSD-2-Clause */
/* The meanings of status words and instructions: ISO/IEC 7816-4:2013, tables 4 to 6. */
#include "cli/status_words.h"

#include "cli/text.h"

struct meaning {
    uint16_t sw;
    const char *words;
};

static const struct meaning exact[] = {
    {0x9000, "success"},
    {0x6200, "warning, nothing stored: no details given"},
    {0x6281, "part of the returned data may be wrong"},
    {0x6282, "the file or record ended before as many bytes as asked for"},
    {0x6283, "the selected file is deactivated"},
    {0x6284, "the file's control information is not well formed"},
    {0x6285, "the selected file is terminated for good"},
    {0x6286, "a sensor on the card gave no data"},
    {0x6287, "a record that was named is deactivated"},
    {0x6300, "warning, data stored or check failed: no details given"},
    {0x6381, "the last write filled the file up"},
    {0x6400, "execution error, nothing was changed"},
    {0x6401, "the card wants an answer at once (at a PIN pad: cancelled)"},
    {0x6481, "the file is in use on another logical channel"},
    {0x6482, "no further logical channel can be opened"},
    {0x6500, "execution error, something was changed"},
    {0x6581, "the card's memory failed"},
    {0x6700, "wrong length"},
    {0x6701, "the command is not laid out as the standard asks"},
    {0x6702, "the length of the command data is not the one expected"},
    {0x6800, "a function asked for by the class byte is not supported"},
    {0x6881, "logical channels are not supported"},
    {0x6882, "secure messaging is not supported"},
    {0x6883, "the last command of a chain was expected"},
    {0x6884, "command chaining is not supported"},
    {0x6900, "command not allowed"},
    {0x6981, "the command does not suit this kind of file"},
    {0x6982, "access conditions not met: a PIN or key comes first"},
    {0x6983, "this PIN or key is blocked"},
    {0x6984, "the PIN or key cannot be used"},
    {0x6985, "the conditions of use are not met"},
    {0x6986, "command not allowed: no file is selected"},
    {0x6987, "secure messaging data is missing"},
    {0x6988, "secure messaging data is wrong"},
    {0x6A00, "wrong parameters P1-P2"},
    {0x6A80, "wrong values in the command data"},
    {0x6A81, "function not supported"},
    {0x6A82, "file or application not found"},
    {0x6A83, "record not found"},
    {0x6A84, "not enough room in the file"},
    {0x6A85, "the length of the data contradicts its TLV structure"},
    {0x6A86, "wrong parameters P1-P2"},
    {0x6A87, "the length of the data contradicts P1-P2"},
    {0x6A88, "the data or key that was named is not there"},
    {0x6A89, "a file of this name exists already"},
    {0x6A8A, "an application of this name exists already"},
    {0x6B00, "wrong parameters P1-P2 (offset outside of the file)"},
    {0x6D00, "instruction not supported"},
    {0x6E00, "class not supported"},
    {0x6F00, "error without a diagnosis"},
};

/* What SW1 alone says, when the pair is not one of the above. */
static const struct meaning group[] = {
    {0x62, "warning, nothing was changed"},
    {0x63, "warning, something was changed"},
    {0x64, "execution error, nothing was changed"},
    {0x65, "execution error, something was changed"},
    {0x66, "a security problem"},
    {0x67, "wrong length"},
    {0x68, "a function asked for by the class byte is not supported"},
    {0x69, "command not allowed"},
    {0x6A, "wrong parameters"},
    {0x6B, "wrong parameters P1-P2"},
    {0x6D, "instruction not supported"},
    {0x6E, "class not supported"},
    {0x6F, "error without a diagnosis"},
};

static const char *find_meaning(const struct meaning *table, size_t count, uint16_t sw)
{
    for (size_t i = 0; i < count; i++)
        if (table[i].sw == sw)
            return table[i].words;
    return NULL;
}

/* The words that carry a number: 61xx, 63Cx, 6Cxx, and the queries of 6202 and 6402. */
static bool write_counted(struct text *text, uint16_t sw)
{
    unsigned sw2 = sw & 0xFFU;
    if (sw >> 8 == 0x61) {
        text_add(text, "success, %u more byte%s to fetch", sw2 == 0 ? 256 : sw2,
                 sw2 == 1 ? "" : "s");
        return true;
    }
    if (sw >> 4 == 0x63C) {
        unsigned tries = sw & 0xFU;
        text_add(text,
                 tries == 0   ? "wrong, no tries left"
                 : tries == 1 ? "wrong, %u try left"
                              : "wrong, %u tries left",
                 tries);
        return true;
    }
    if (sw >> 8 == 0x6C) {
        text_add(text, "wrong expected length, right would be %u", sw2 == 0 ? 256 : sw2);
        return true;
    }
    if ((sw >> 8 == 0x62 || sw >> 8 == 0x64) && sw2 >= 2 && sw2 <= 0x80) {
        text_add(text, "%s: the card has a query of %u bytes",
                 sw >> 8 == 0x62 ? "not finished" : "stopped", sw2);
        return true;
    }
    return false;
}

void status_words_write(uint16_t sw, char words[STATUS_WORDS_MAX])
{
    struct text text;
    text_start(&text, words, STATUS_WORDS_MAX);
    const char *known = find_meaning(exact, TEXT_COUNT(exact), sw);
    if (known == NULL && write_counted(&text, sw))
        return;
    if (known == NULL)
        known = find_meaning(group, TEXT_COUNT(group), (uint16_t)(sw >> 8));
    if (known != NULL)
        text_add(&text, "%s", known);
    else if (sw >> 12 == 9)
        text_add(&text, "defined by this card's application");
    else
        text_add(&text, "not a status word of ISO/IEC 7816-4");
}

bool status_is_success(uint16_t sw)
{
    return sw == 0x9000 || sw >> 8 == 0x61;
}

struct instruction {
    uint8_t code;
    const char *name;
};

static const struct instruction instructions[] = {
    {0x04, "DEACTIVATE FILE"},
    {0x0C, "ERASE RECORD"},
    {0x0E, "ERASE BINARY"},
    {0x0F, "ERASE BINARY"},
    {0x10, "PERFORM SCQL OPERATION"},
    {0x12, "PERFORM TRANSACTION OPERATION"},
    {0x14, "PERFORM USER OPERATION"},
    {0x20, "VERIFY"},
    {0x21, "VERIFY"},
    {0x22, "MANAGE SECURITY ENVIRONMENT"},
    {0x24, "CHANGE REFERENCE DATA"},
    {0x25, "CHANGE REFERENCE DATA"},
    {0x26, "DISABLE VERIFICATION REQUIREMENT"},
    {0x28, "ENABLE VERIFICATION REQUIREMENT"},
    {0x2A, "PERFORM SECURITY OPERATION"},
    {0x2C, "RESET RETRY COUNTER"},
    {0x2D, "RESET RETRY COUNTER"},
    {0x44, "ACTIVATE FILE"},
    {0x46, "GENERATE ASYMMETRIC KEY PAIR"},
    {0x47, "GENERATE ASYMMETRIC KEY PAIR"},
    {0x70, "MANAGE CHANNEL"},
    {0x82, "EXTERNAL AUTHENTICATE"},
    {0x84, "GET CHALLENGE"},
    {0x86, "GENERAL AUTHENTICATE"},
    {0x87, "GENERAL AUTHENTICATE"},
    {0x88, "INTERNAL AUTHENTICATE"},
    {0xA0, "SEARCH BINARY"},
    {0xA1, "SEARCH BINARY"},
    {0xA2, "SEARCH RECORD"},
    {0xA4, "SELECT"},
    {0xB0, "READ BINARY"},
    {0xB1, "READ BINARY"},
    {0xB2, "READ RECORD"},
    {0xB3, "READ RECORD"},
    {0xC0, "GET RESPONSE"},
    {0xC2, "ENVELOPE"},
    {0xC3, "ENVELOPE"},
    {0xCA, "GET DATA"},
    {0xCB, "GET DATA"},
    {0xD0, "WRITE BINARY"},
    {0xD1, "WRITE BINARY"},
    {0xD2, "WRITE RECORD"},
    {0xD6, "UPDATE BINARY"},
    {0xD7, "UPDATE BINARY"},
    {0xDA, "PUT DATA"},
    {0xDB, "PUT DATA"},
    {0xDC, "UPDATE RECORD"},
    {0xDD, "UPDATE RECORD"},
    {0xE0, "CREATE FILE"},
    {0xE2, "APPEND RECORD"},
    {0xE4, "DELETE FILE"},
    {0xE6, "TERMINATE DF"},
    {0xE8, "TERMINATE EF"},
    {0xFE, "TERMINATE CARD USAGE"},
};

const char *instruction_name(uint8_t instruction)
{
    for (size_t i = 0; i < TEXT_COUNT(instructions); i++)
        if (instructions[i].code == instruction)
            return instructions[i].name;
    return "";
}

/* VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER, plain (even) and inside TLV
 * (odd), and the two that switch the need for a PIN off and on, since they prove it
 * first. */
static bool carries_secret(uint8_t instruction)
{
    uint8_t even = instruction & 0xFEU;
    return even == 0x20 || even == 0x24 || even == 0x2C || even == 0x26 || even == 0x28;
}

size_t command_secret(const uint8_t *command, size_t command_size, size_t *size)
{
    *size = 0;
    if (command_size <= 5 || !carries_secret(command[1]))
        return 0;
    size_t lc = command[4];
    if (lc != 0 && command_size >= 5 + lc && command_size <= 6 + lc) {
        *size = lc;
        return 5;
    }
    if (lc == 0 && command_size >= 7) {
        lc = (size_t)command[5] << 8 | command[6];
        if (command_size == 7 && lc != 0)
            return 0; /* extended Le and no body: nothing to hide */
        if (lc != 0 && command_size >= 7 + lc && command_size <= 9 + lc) {
            *size = lc;
            return 7;
        }
    }
    *size = command_size - 4;
    return 4;
}
