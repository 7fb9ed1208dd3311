/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes drivers/READERS.md: the simulated readers, and those of quirks.def.
 *
 *     readers_page              writes the page
 *     readers_page --check FILE says whether FILE is that page */
#include "base/compiler.h"
#include "drivers/ccid/quirks.h"
#include "proto/ccid.h"
#include "tests/rig/sim/readers.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_MAX = 131072, TEXT_MAX = 256 };

static char page[PAGE_MAX];
static size_t page_size;

PRINTF_LIKE(1, 2) static void put(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    int size = vsnprintf(page + page_size, PAGE_MAX - page_size, format, values);
    va_end(values);
    if (size > 0 && (size_t)size < PAGE_MAX - page_size)
        page_size += (size_t)size;
}

/* Adds a word to a list in `text`. */
static void add(char text[TEXT_MAX], const char *word)
{
    size_t size = strlen(text);
    snprintf(text + size, TEXT_MAX - size, "%s%s", size > 0 ? "; " : "", word);
}

static const char *or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

/* --- What quirks make us do --------------------------------------------------------- */

struct deed {
    uint32_t quirk;
    const char *words;
};

static const struct deed deeds[] = {
    {QUIRK_GEMALTO, "its firmware and keypad are told"},
    {QUIRK_IFSD_254, "T=1 blocks of 254 bytes"},
    {QUIRK_WAIT_OPEN, "a second's wait at the beginning"},
    {QUIRK_SLOW_STATUS, "patience with its first answers"},
    {QUIRK_TOO_OLD, "not served"},
    {QUIRK_ONE_AT_A_TIME, "its interfaces are used one at a time"},
    {QUIRK_SHORT, "short APDU level"},
    {QUIRK_EXTENDED, "extended APDU level"},
    {QUIRK_STRAY_ZLP, "empty packets are looked for before a command"},
    {QUIRK_PATIENT, "five minutes more for a command"},
    {QUIRK_ISO_MODE, "switched to ISO mode if a power-on fails"},
    {QUIRK_OFF_FIRST, "power off before power on"},
    {QUIRK_9600, "the default rate, no PPS"},
    {QUIRK_200000, "200,000 bit/s at most"},
    {QUIRK_OWN_PARAMETERS, "works on when parameters are refused"},
    {QUIRK_NO_IFSD, "T=1 blocks of 32 bytes from the card"},
    {QUIRK_NO_PIN, "no PIN entry"},
    {QUIRK_PIN_TEXTS, "gets its display's texts at the beginning"},
    {QUIRK_ESCAPE, "escape commands always allowed"},
    {QUIRK_E_GATE, "vendor requests in place of ICCD's"},
    {QUIRK_MCT, "Secoder commands (MCT_READER_DIRECT)"},
    {QUIRK_NO_FULL_PACKET, "answers that fill a packet are avoided"},
    {QUIRK_SEQ_BEHIND, "answers to long messages with the number before are taken"},
    {QUIRK_SLOW_SLOTS, "125,000 bit/s at most in slots from 1 on"},
    {QUIRK_BLIND_SLOTS, "slots from 1 on count as having a card"},
};

static const struct deed pin_deeds[] = {
    {PIN_VERIFY_0, "verify: no message"},
    {PIN_VERIFY_1, "verify: one message"},
    {PIN_VERIFY_SWAP, "verify: lengths swapped"},
    {PIN_MODIFY_3, "modify: three messages"},
    {PIN_MODIFY_FF, "modify: the reader's messages in place of none"},
    {PIN_MODIFY_INDEXES, "modify: three message indexes always"},
    {PIN_MODIFY_ZEROS, "modify: three message indexes of 0, no message"},
    {PIN_KEY, "ended by the key alone"},
    {PIN_TELL_KEY, "programs are told that the key ends a PIN"},
    {PIN_CASE_1, "an escape command before a PIN for a command without data"},
    {PIN_WAIT, "250 ms before each"},
};

/* False: a quirk has no words here. */
static bool deed_words(const struct deed *of, size_t count, uint32_t quirks,
                       char text[TEXT_MAX])
{
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if ((quirks & of[i].quirk) != 0)
            add(text, of[i].words);
        quirks &= ~of[i].quirk;
    }
    return quirks == 0;
}

static bool quirk_words(uint32_t quirks, char text[TEXT_MAX])
{
    return deed_words(deeds, ARRAY_SIZE(deeds), quirks, text);
}

/* --- Tested readers ----------------------------------------------------------------- */

static const char *level_word(const struct sim_interface_data *iface,
                              const struct ccid_descriptor *d)
{
    static const char *const levels[] = {"character", "TPDU", "short APDU",
                                         "extended APDU"};
    if (iface->bulk_in == 0)
        return iface->protocol == 1 ? "ICCD A" : "ICCD B";
    return levels[d->level];
}

/* What a reader at a low level does by itself; the library does the rest. */
static void automatic_words(const struct ccid_descriptor *d, char text[TEXT_MAX])
{
    text[0] = '\0';
    if ((d->features & CCID_AUTO_NEGOTIATION) != 0)
        add(text, "all");
    else {
        if ((d->features & CCID_AUTO_PPS) != 0)
            add(text, "PPS");
        if ((d->features & CCID_AUTO_PARAMETERS) != 0)
            add(text, "parameters");
        if ((d->features & CCID_AUTO_IFSD) != 0)
            add(text, "IFSD");
    }
    if ((d->features & CCID_AUTO_VOLTAGE) != 0)
        add(text, "voltage");
}

static void remark_words(const struct sim_interface_data *iface,
                         const struct ccid_descriptor *d, char text[TEXT_MAX])
{
    char words[64];
    text[0] = '\0';
    if (iface->class_code != 0x0B)
        add(text, "class FF");
    if (iface->bulk_in != 0 && iface->interrupt_in == 0)
        add(text, "polled");
    if (iface->after_endpoints)
        add(text, "descriptor behind endpoints");
    if (d->message_max_raw < CCID_HEADER_SIZE + CCID_TPDU_MAX) {
        snprintf(words, sizeof(words), "messages of %u bytes",
                 (unsigned)d->message_max_raw);
        add(text, words);
    }
    if (d->slot_count > 1) {
        snprintf(words, sizeof(words), "%u slots, %u at once", d->slot_count,
                 d->busy_slots);
        add(text, words);
    }
}

static void pin_words(const struct ccid_descriptor *d, uint32_t quirks,
                      char text[TEXT_MAX])
{
    char words[32];
    text[0] = '\0';
    if ((quirks & QUIRK_NO_PIN) != 0)
        return;
    if ((d->pin & CCID_PIN_VERIFY) != 0)
        add(text, "verify");
    if ((d->pin & CCID_PIN_MODIFY) != 0)
        add(text, "modify");
    if (d->lcd_lines != 0) {
        snprintf(words, sizeof(words), "display %u x %u", d->lcd_lines, d->lcd_columns);
        add(text, words);
    }
}

static bool put_interface(const struct sim_reader_data *reader,
                          const struct sim_interface_data *iface)
{
    static const char *const protocols[] = {"", "0", "1", "0 1"};
    char automatic[TEXT_MAX], pin[TEXT_MAX], remarks[TEXT_MAX], quirks[TEXT_MAX];
    struct ccid_descriptor d;
    if (!ccid_descriptor_parse(iface->descriptor, &d))
        return false;
    automatic_words(&d, automatic);
    uint32_t known = ccid_quirks(reader->vendor, reader->product, reader->version);
    pin_words(&d, known, pin);
    remark_words(iface, &d, remarks);
    bool worded = quirk_words(known, quirks);
    put("| %s %s", reader->strings[0], reader->strings[1]);
    if (reader->interface_count > 1)
        put(" (%u)", (unsigned)iface->number);
    put(" | %04X:%04X %X.%02X | %s | %s | %s | %s | %s | %s |\n", reader->vendor,
        reader->product, reader->version >> 8, reader->version & 0xFFu,
        level_word(iface, &d), protocols[d.protocols & 3], or_dash(automatic),
        or_dash(pin), or_dash(remarks), or_dash(quirks));
    return worded;
}

static bool put_readers(void)
{
    struct sim_reader_data reader;
    bool good = true;
    size_t count = 0;
    put("\n## Readers that the tests simulate\n"
        "Each of them as its own descriptors describe it (`tests/rig/sim/readers.list`), "
        "with cards of\nboth protocols, and with faults. None of them has been tested as "
        "a piece of hardware yet.\n\n"
        "*By itself*: what the reader does; the library does the rest. *(n)*: the "
        "interface.\n\n"
        "| reader | USB number | level | T= | by itself | PIN entry | remarks | "
        "what is done for it |\n|---|---|---|---|---|---|---|---|\n");
    for (; sim_reader_get(count, &reader); count++)
        for (size_t i = 0; i < reader.interface_count; i++)
            good &= put_interface(&reader, &reader.interfaces[i]);
    return good && count > 0;
}

/* --- Quirks ------------------------------------------------------------------------- */

static void put_versions(const struct ccid_quirk *quirk)
{
    unsigned first = quirk->first_version, last = quirk->last_version;
    if (first == 0 && last == 0xFFFF)
        put("all");
    else if (first == last)
        put("%X.%02X", first >> 8, first & 0xFF);
    else if (first == 0)
        put("to %X.%02X", last >> 8, last & 0xFF);
    else
        put("%X.%02X to %X.%02X", first >> 8, first & 0xFF, last >> 8, last & 0xFF);
}

static void put_number(unsigned vendor, unsigned product)
{
    if (product == 0)
        put("%04X, all | ", vendor);
    else
        put("%04X:%04X | ", vendor, product);
}

static bool put_pin_quirks(void)
{
    size_t count = 0;
    bool good = true;
    const struct ccid_quirk *table = ccid_pin_quirk_table(&count);
    put("\n## PIN entry\n"
        "What is changed in the structures of programs; lines of one reader add up. A "
        "reader whose firmware\ntells of its keypad has what it tells.\n\n"
        "| reader | USB number | what is done | why | source |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        char words[TEXT_MAX];
        good &= deed_words(pin_deeds, ARRAY_SIZE(pin_deeds), table[i].quirks, words);
        put("| %s | ", table[i].name);
        put_number(table[i].vendor, table[i].product);
        put("%s | %s | %s |\n", words, table[i].why, table[i].source);
    }
    return good;
}

static bool put_escapes(void)
{
    size_t count = 0;
    const struct ccid_escape *table = ccid_escape_table(&count);
    put("\n## Escape commands that need no `escape=on`\n"
        "Besides all of those whose escape commands are always allowed.\n\n"
        "| reader | USB number | command | what it does | source |\n"
        "|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        put("| %s | ", table[i].name);
        put_number(table[i].vendor, table[i].product);
        for (size_t k = 0; k < table[i].size; k++)
            if (k < table[i].bytes_size)
                put("%02X ", (unsigned)(unsigned char)table[i].bytes[k]);
            else
                put("xx ");
        put("| %s | %s |\n", table[i].what, table[i].source);
    }
    return count > 0;
}

static bool put_quirks(void)
{
    size_t count = 0;
    bool good = true;
    const struct ccid_quirk *table = ccid_quirk_table(&count);
    put("\n## Readers that need something of their own\n"
        "`drivers/ccid/quirks.def`; no other code knows a reader by its number. "
        "*Version*: bcdDevice.\n\n"
        "| reader | USB number | version | what is done | why | source |\n"
        "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        char words[TEXT_MAX];
        good &= quirk_words(table[i].quirks, words);
        put("| %s | ", table[i].name);
        put_number(table[i].vendor, table[i].product);
        put_versions(&table[i]);
        put(" | %s | %s | %s |\n", words, table[i].why, table[i].source);
    }
    return good;
}

/* --- Readers of a vendor's class ---------------------------------------------------- */

static bool put_left_out(void)
{
    size_t count = 0;
    const struct ccid_vendor_reader *readers = ccid_left_out_table(&count);
    put("\n## Readers of class FF that are not served\n"
        "Those known by number, of `drivers/ccid/vendor_class.def`, and all that it does "
        "not have.\n\n"
        "| reader | USB number | why |\n|---|---|---|\n");
    for (size_t i = 0; i < count; i++)
        put("| %s | %04X:%04X | %s |\n", readers[i].name, readers[i].vendor,
            readers[i].product, readers[i].why);
    return count > 0;
}

static const char introduction[] =
    "<!-- SPDX-License-Identifier: BSD-2-Clause -->\n"
    "<!-- Made by tests/rig/readers_page.c; the test readers_page compares. -->\n"
    "# USB readers\n"
    "Every reader that follows one of these classes is served by `usb:`; it need not be "
    "listed here.\n"
    "`winscard-usb(7)` (packaging/man) says how it is set up.\n"
    "\n"
    "| class | what works |\n"
    "|---|---|\n"
    "| CCID 1.1, interface class 0B | at the level of characters, TPDUs, short and "
    "extended APDUs; T=0 and T=1; up to 16 slots, several at once if the reader can; "
    "with and without an interrupt endpoint |\n"
    "| the same behind class FF | the devices of `drivers/ccid/vendor_class.def`, those "
    "that libccid knows |\n"
    "| ICCD 1.0 version A (control requests) | T=0 |\n"
    "| ICCD 1.0 version B (control requests) | T=0 and T=1, short and extended APDUs |\n"
    "\n"
    "PPS, parameters, IFSD and supply voltage are the library's work where the reader "
    "leaves them to it.\n"
    "PIN entry is by PC/SC part 10 (VERIFY_PIN_DIRECT, MODIFY_PIN_DIRECT), and so are "
    "the properties; escape\n"
    "commands if `escape=on`.\n"
    "\n"
    "Not supported: memory cards with synchronous protocols (2-wire, 3-wire, I2C) that "
    "the "
    "reader does not\npresent as others; PIN entry in steps\n"
    "(VERIFY_PIN_START); slots that move cards (eject, capture, lock); readers with more "
    "than 16 slots;\n"
    "readers with protocols of their vendors. Serial readers: winscard-serial(7).\n";

/* --- The page ----------------------------------------------------------------------- */

static int check(const char *path)
{
    static char found[PAGE_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "cannot open %s\n", path);
        return 1;
    }
    size_t size = fread(found, 1, sizeof(found), file);
    fclose(file);
    if (size == page_size && memcmp(found, page, size) == 0) {
        printf("%s is up to date\n", path);
        return 0;
    }
    fprintf(stderr, "%s is out of date: write it anew with readers_page > %s\n", path,
            path);
    return 1;
}

int main(int argc, char **argv)
{
    put("%s", introduction);
    if (!put_readers() || !put_quirks() || !put_pin_quirks() || !put_escapes()
        || !put_left_out() || page_size >= PAGE_MAX - TEXT_MAX) {
        fprintf(stderr, "a reader or a quirk without words, or no room\n");
        return 1;
    }
    if (argc == 3 && strcmp(argv[1], "--check") == 0)
        return check(argv[2]);
    return fwrite(page, 1, page_size, stdout) == page_size ? 0 : 1;
}
