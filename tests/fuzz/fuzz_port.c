/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes scard port. Input: a byte, of which bit 0 says C (else C++), and bit 1 that _WIN32
 * is defined; then a source file. Its tokens are in it, one after the other, and what it
 * defines and uses is found without harm. */
#include "cli/port/port_look.h"
#include "cli/port/port_own.h"
#include "tests/fuzz/property.h"

static void check_tokens(const struct port_text *text)
{
    struct port_lexer lexer;
    struct port_token token;
    const char *last = text->at;
    uint32_t line = 1;
    port_lex_start(&lexer, text->at, text->size);
    do {
        struct port_token peeked = port_lex_peek(&lexer);
        port_lex_next(&lexer, &token);
        PROPERTY(peeked.at == token.at && peeked.kind == token.kind);
        PROPERTY(token.at >= last && token.size <= (size_t)(lexer.end - token.at));
        PROPERTY(token.line >= line);
        PROPERTY(token.size > 0 || token.kind == PORT_END || token.kind == PORT_LINE_END);
        last = token.at + token.size;
        line = token.line;
    } while (token.kind != PORT_END);
}

static void see_include(void *context, const char *name, size_t size, bool quoted)
{
    const struct port_text *text = context;
    PROPERTY(name >= text->at && size < text->size);
    PROPERTY(name[-1] == (quoted ? '"' : '<'));
}

static void check_report(const struct port_report *report)
{
    PROPERTY(report->count <= PORT_FINDINGS_MAX);
    for (size_t i = 0; i < report->count; i++) {
        PROPERTY(report->findings[i].family < PORT_FAMILIES);
        PROPERTY(report->findings[i].count > 0 && report->findings[i].lines[0] > 0);
        PROPERTY(strlen(report->findings[i].name) <= PORT_NAME_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct port_sources sources;
    if (size == 0)
        return 0;
    if (sources.known.names.count == 0 && !port_known_start(&sources.known))
        abort();
    struct port_text text = {malloc(size), size - 1};
    if (text.at == NULL)
        abort();
    memcpy(text.at, data + 1, size - 1);
    text.at[size - 1] = '\0';
    if (port_text_decode(&text) == NULL) {
        struct port_file file = {(data[0] & 1) != 0 ? "a.c" : "a.cpp", &text,
                                 &sources.defined};
        struct port_report report;
        if ((data[0] & 2) != 0)
            PROPERTY(port_map_put(&sources.defined, "_WIN32", 6, 1));
        check_tokens(&text);
        PROPERTY(port_own_add(&sources.own, &file, see_include, &text));
        PROPERTY(port_look(&sources, &file, &report));
        check_report(&report);
        port_report_clear(&report);
        port_map_clear(&sources.own);
        port_map_clear(&sources.defined);
    }
    port_text_clear(&text);
    return 0;
}
