/* SPDX-License-Identifier: BSD-2-Clause */
/* scard features: a reader's attributes and its features of PC/SC part 10. */
#include "cli/attributes.h"
#include "cli/commands.h"
#include "cli/connect.h"
#include "cli/part10.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 1024, WORDS_MAX = 3 * VALUE_MAX };

/* A name and its words, on a line or as an object. */
static void show_named_words(struct cli *cli, const char *name, const char *words)
{
    if (cli->json_wanted)
        return;
    fprintf(cli->out, "  %-26s ", name);
    text_print(cli->out, words);
    fputc('\n', cli->out);
}

static void show_attribute(struct cli *cli, const struct attribute *attribute,
                           const uint8_t *value, size_t size)
{
    char words[WORDS_MAX];
    struct text text;
    text_start(&text, words, sizeof words);
    attribute_words(attribute, value, size, &text);
    show_named_words(cli, attribute->name, words);
    if (!cli->json_wanted)
        return;
    json_object(&cli->json, NULL);
    json_string(&cli->json, "name", attribute->name);
    json_number(&cli->json, "id", attribute->id);
    json_hex(&cli->json, "bytes", value, size);
    json_string(&cli->json, "words", words);
    json_end(&cli->json);
}

static void show_attributes(struct cli *cli, SCARDHANDLE card)
{
    uint8_t value[VALUE_MAX];
    if (!cli->json_wanted)
        fputs(" Attributes\n", cli->out);
    else
        json_array(&cli->json, "attributes");
    for (size_t i = 0; i < attribute_count; i++) {
        DWORD size = sizeof value;
        LONG result = SCardGetAttrib(card, attributes[i].id, value, &size);
        if (result == SCARD_S_SUCCESS && size <= sizeof value)
            show_attribute(cli, &attributes[i], value, size);
    }
    if (cli->json_wanted)
        json_end(&cli->json);
}

static void show_property(struct cli *cli, const struct part10_property *property)
{
    char words[WORDS_MAX];
    struct text text;
    bool is_id = property->tag == PCSCv2_PART10_PROPERTY_wIdVendor
                 || property->tag == PCSCv2_PART10_PROPERTY_wIdProduct;
    text_start(&text, words, sizeof words);
    if (property->is_text)
        text_add(&text, "%.*s", (int)property->size, (const char *)property->bytes);
    else
        text_add(&text, is_id ? "%04X" : "%u", (unsigned)property->number);
    show_named_words(cli, property->name, words);
    if (!cli->json_wanted)
        return;
    json_object(&cli->json, NULL);
    json_number(&cli->json, "tag", property->tag);
    json_string(&cli->json, "name", property->name);
    if (property->is_text)
        json_string(&cli->json, "value", words);
    else
        json_number(&cli->json, "value", property->number);
    json_end(&cli->json);
}

static void show_properties(struct cli *cli, const uint8_t *bytes, size_t size)
{
    struct part10_property property;
    size_t at = 0;
    if (!cli->json_wanted)
        fputs(" Properties\n", cli->out);
    else
        json_array(&cli->json, "properties");
    while (part10_next_property(bytes, size, &at, &property))
        show_property(cli, &property);
    if (cli->json_wanted)
        json_end(&cli->json);
}

/* The reader's answer to a control code without data; 0 bytes if it has none. */
static DWORD ask_by_control_code(SCARDHANDLE card, DWORD code, uint8_t answer[VALUE_MAX])
{
    DWORD size = 0;
    LONG result = SCardControl(card, code, NULL, 0, answer, VALUE_MAX, &size);
    return result == SCARD_S_SUCCESS && size <= VALUE_MAX ? size : 0;
}

static void show_feature(struct cli *cli, SCARDHANDLE card,
                         const struct part10_feature *feature)
{
    char words[64];
    uint8_t answer[VALUE_MAX];
    struct text text;
    DWORD size = 0;
    const char *name = part10_feature_name(feature->tag);
    if (feature->tag == FEATURE_IFD_PIN_PROPERTIES
        || feature->tag == FEATURE_IFD_DISPLAY_PROPERTIES)
        size = ask_by_control_code(card, feature->code, answer);
    text_start(&text, words, sizeof words);
    text_add(&text, "code %08X", (unsigned)feature->code);
    if (size == 4 && feature->tag == FEATURE_IFD_PIN_PROPERTIES)
        text_add(&text, ", display %u x %u, entry %02X", answer[0], answer[1], answer[2]);
    if (size == 4 && feature->tag == FEATURE_IFD_DISPLAY_PROPERTIES)
        text_add(&text, ", display %u x %u", answer[0] | answer[1] << 8,
                 answer[2] | answer[3] << 8);
    show_named_words(cli, name, words);
    if (!cli->json_wanted)
        return;
    json_object(&cli->json, NULL);
    json_number(&cli->json, "tag", feature->tag);
    json_string(&cli->json, "name", name);
    json_number(&cli->json, "code", feature->code);
    if (size > 0)
        json_hex(&cli->json, "bytes", answer, size);
    json_end(&cli->json);
}

static void show_features(struct cli *cli, SCARDHANDLE card)
{
    uint8_t list[VALUE_MAX];
    uint8_t answer[VALUE_MAX];
    struct part10_feature feature;
    DWORD properties_code = 0;
    DWORD size = ask_by_control_code(card, CM_IOCTL_GET_FEATURE_REQUEST, list);
    size_t at = 0;
    if (!cli->json_wanted)
        fputs(size > 0 ? " Features\n" : " Features\n  none\n", cli->out);
    else
        json_array(&cli->json, "features");
    while (part10_next_feature(list, size, &at, &feature)) {
        show_feature(cli, card, &feature);
        if (feature.tag == FEATURE_GET_TLV_PROPERTIES)
            properties_code = feature.code;
    }
    if (cli->json_wanted)
        json_end(&cli->json);
    size = properties_code != 0 ? ask_by_control_code(card, properties_code, answer) : 0;
    if (size > 0)
        show_properties(cli, answer, size);
}

static int show_reader_features(struct cli *cli, struct connection *connection,
                                size_t index)
{
    const char *reader = connection->readers.name[index];
    uint32_t result = connection_open_any(connection, reader);
    if (result != SCARD_S_SUCCESS)
        return cli_fail(cli, result, "%s", reader);
    if (cli->json_wanted) {
        json_object(&cli->json, NULL);
        json_string(&cli->json, "name", reader);
    } else {
        text_print(cli->out, reader);
        fputc('\n', cli->out);
    }
    show_attributes(cli, connection->card);
    show_features(cli, connection->card);
    if (cli->json_wanted)
        json_end(&cli->json);
    connection_disconnect(connection, SCARD_LEAVE_CARD);
    return CLI_OK;
}

static int show_all_features(struct cli *cli, struct connection *connection)
{
    int code = CLI_OK;
    for (size_t i = 0; i < connection->readers.count; i++) {
        int shown = show_reader_features(cli, connection, i);
        code = shown != CLI_OK ? shown : code;
    }
    return code;
}

static int features_main(struct cli *cli)
{
    struct connection connection;
    const char *wanted =
        cli->options.positional_count > 0 ? cli->options.positional[0] : cli->reader;
    if (cli->json_wanted) {
        json_object(&cli->json, NULL);
        json_array(&cli->json, "readers");
    }
    int code = connection_choose(cli, &connection, wanted);
    if (code == CLI_OK)
        code = wanted != NULL ? show_reader_features(cli, &connection, connection.index)
                              : show_all_features(cli, &connection);
    connection_close(&connection);
    return code;
}

const struct command cmd_features = {
    .name = "features",
    .arguments = "[READER]",
    .summary = "a reader's attributes, and its features of PC/SC part 10",
    .help = "Shows every SCARD_ATTR_ attribute that the reader answers, the control "
            "codes of\n"
            "its features, and its properties. Without READER every reader is asked.\n",
    .options = NULL,
    .positional_max = 1,
    .run = features_main,
};
