/* SPDX-License-Identifier: BSD-2-Clause */
/* FormatMessage(): a text with inserts, found by its code or given. The work is done in
 * UTF-8, once for both encodings. */
#include "port/convert.h"
#include "port/port.h"
#include "port/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MOST 65535 /* characters of a message */

static const char *sentence(DWORD code)
{
    static const struct {
        DWORD code;
        const char *text;
    } sentences[] = {
#define MESSAGE(name, words) {(DWORD)(name), words},
#include "port/message.def"
#undef MESSAGE
    };
    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
        if (sentences[i].code == code)
            return sentences[i].text;
    return NULL;
}

/* The code within a HRESULT of the system's own facility stands for itself. */
static const char *system_sentence(DWORD code)
{
    const char *text = sentence(code);
    if (text == NULL && HRESULT_FACILITY(code) == FACILITY_WIN32 && (code >> 31) == 1)
        text = sentence(HRESULT_CODE(code));
    return text;
}

/* --- The text as it grows ----------------------------------------------------------- */

struct message {
    char *text;
    size_t size, room;
    DWORD flags;
    bool wide; /* inserts are wide unless they say otherwise */
    DWORD error;
};

static void put(struct message *message, const char *text, size_t size)
{
    if (message->error != 0 || size == 0)
        return;
    if (size > (size_t)MOST * 4 || message->size + size > (size_t)MOST * 4) {
        message->error = ERROR_INSUFFICIENT_BUFFER;
        return;
    }
    if (message->room - message->size < size) {
        size_t room = 2 * (message->size + size) + 64;
        char *more = realloc(message->text, room);
        if (more == NULL) {
            message->error = ERROR_NOT_ENOUGH_MEMORY;
            return;
        }
        message->text = more;
        message->room = room;
    }
    assert(message->size + size <= message->room);
    memcpy(message->text + message->size, text, size);
    message->size += size;
}

static void put_sentence(struct message *message, const char *text)
{
    put(message, text, strlen(text));
}

/* --- Inserts ------------------------------------------------------------------------ */

#define INSERTS 99

struct inserts {
    const DWORD_PTR *array; /* FORMAT_MESSAGE_ARGUMENT_ARRAY */
    va_list *list;          /* or this, read up to `known` */
    DWORD_PTR values[INSERTS];
    unsigned known;
};

/* What number `number` has, 1 to 99. All are read as wide as a pointer, as on Windows. */
static DWORD_PTR insert(struct inserts *inserts, unsigned number)
{
    if (inserts->array != NULL)
        return inserts->array[number - 1];
    while (inserts->known < number)
        inserts->values[inserts->known++] = va_arg(*inserts->list, DWORD_PTR);
    return inserts->values[number - 1];
}

/* A width or precision, which may be an argument. */
static const char *skip_number(struct message *message, const char *at, unsigned *stars)
{
    if (*at == '*') {
        (*stars)++;
        return at + 1;
    }
    for (unsigned long number = 0; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (unsigned)(*at - '0');
        if (number > MOST) {
            message->error = ERROR_INSUFFICIENT_BUFFER;
            break;
        }
    }
    return at;
}

#define STARS 2 /* arguments of a conversion before its value */

/* Whether it is one conversion of printf(), without its %, and no more: the arguments are
 * not read by what a text says. `at` ends with a "!". */
static bool is_conversion(struct message *message, const char *at, size_t size,
                          unsigned *stars)
{
    static const char *const marks[] = {"hh", "h", "ll", "l", "w", "I64", "I32", "I"};
    const char *end = at + size;
    at += strspn(at, "-+ #0");
    at = skip_number(message, at, stars);
    if (*at == '.')
        at = skip_number(message, at + 1, stars);
    bool string = size > 0 && strchr("sScC", end[-1]) != NULL;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        size_t length = strlen(marks[i]);
        if (strncmp(at, marks[i], length) == 0 && !(string && strlen(marks[i]) > 1)) {
            at += length;
            break;
        }
    }
    return at + 1 == end && strchr("diouxXpsScC", *at) != NULL;
}

/* One conversion, as between two exclamation marks: `format` without them. */
static void put_insert(struct message *message, const char *format, size_t size,
                       const DWORD_PTR values[STARS + 1])
{
    char spec[64];
    spec[0] = '%';
    memcpy(spec + 1, format, size);
    spec[size + 1] = '\0';
    char kind = format[size - 1];
    bool capital = kind == 'S' || kind == 'C';
    bool marked = size > 1 && strchr("hlw", format[size - 2]) != NULL;
    if (strchr("sScC", kind) != NULL && !marked) {
        /* In a wide message %s is wide and %S narrow; in a narrow one it is the other way. */
        spec[size] = message->wide != capital ? 'l' : 'h';
        spec[size + 1] = (kind == 's' || kind == 'S') ? 's' : 'c';
        spec[size + 2] = '\0';
    }
    char *text = winport_print(spec, values);
    if (text == NULL)
        message->error = ERROR_NOT_ENOUGH_MEMORY;
    else
        put_sentence(message, text);
    free(text);
}

/* The insert of that number, after the arguments for its width and precision. */
static void put_number(struct message *message, unsigned number, const char *format,
                       size_t size, struct inserts *inserts)
{
    unsigned stars = 0;
    if (size > 60 || !is_conversion(message, format, size, &stars)
        || number + stars > INSERTS
        || (inserts->array == NULL && inserts->list == NULL)) {
        if (message->error == 0)
            message->error = ERROR_INVALID_PARAMETER;
        return;
    }
    DWORD_PTR values[STARS + 1] = {0};
    for (unsigned i = 0; i <= stars; i++)
        values[i] = insert(inserts, number + i);
    for (unsigned i = 0; i < stars; i++)
        if ((LONG)values[i] > MOST || (LONG)values[i] < -MOST)
            message->error = ERROR_INSUFFICIENT_BUFFER;
    if (message->error == 0)
        put_insert(message, format, size, values);
}

/* Goes past "1" to "99" and what stands between "!". */
static const char *put_numbered(struct message *message, const char *at,
                                struct inserts *inserts)
{
    unsigned number = (unsigned)(*at++ - '0');
    if (*at >= '0' && *at <= '9')
        number = number * 10 + (unsigned)(*at++ - '0');
    const char *format = "s";
    size_t size = 1;
    if (*at == '!') {
        const char *end = strchr(at + 1, '!');
        if (end == NULL) {
            message->error = ERROR_INVALID_PARAMETER;
            return at;
        }
        format = at + 1;
        size = (size_t)(end - format);
        at = end + 1;
    }
    put_number(message, number, format, size, inserts);
    return at;
}

/* After a '%'. NULL: the text ends here. */
static const char *put_escape(struct message *message, const char *at,
                              struct inserts *inserts)
{
    if (*at >= '1' && *at <= '9') {
        if (!(message->flags & FORMAT_MESSAGE_IGNORE_INSERTS))
            return put_numbered(message, at, inserts);
        put(message, "%", 1);
        return at;
    }
    switch (*at) {
    case '0':
        return NULL;
    case 'n':
        put_sentence(message, "\r\n");
        break;
    case 'r':
        put_sentence(message, "\r");
        break;
    case 't':
        put_sentence(message, "\t");
        break;
    case 'b':
        put_sentence(message, " ");
        break;
    case '\0':
        message->error = ERROR_INVALID_PARAMETER;
        return NULL;
    default:
        put(message, at, 1); /* as %% %. %! say */
    }
    return at + 1;
}

static bool is_end_of_line(char c)
{
    return c == '\r' || c == '\n';
}

/* The lines of `text`: ended as Windows does, or with blanks between them where the flags say
 * that the text is to have no lines of its own. */
static void put_lines(struct message *message, const char *text, struct inserts *inserts)
{
    bool joins = (message->flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) != 0;
    const char *at = text;
    while (at != NULL && *at != '\0' && message->error == 0) {
        if (*at == '%') {
            at = put_escape(message, at + 1, inserts);
        } else if (is_end_of_line(*at)) {
            at += at[0] == '\r' && at[1] == '\n' ? 2 : 1;
            put_sentence(message, joins ? " " : "\r\n");
        } else {
            put(message, at, 1);
            at++;
        }
    }
}

/* --- The call ----------------------------------------------------------------------- */

/* Nobody frees what a failed call leaves there. */
static void begin_message(struct message *message, void *buffer)
{
    if (buffer == NULL)
        message->error = ERROR_INVALID_PARAMETER;
    else if (message->flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)
        memset(buffer, 0, sizeof(void *));
}

static bool is_english(DWORD language)
{
    DWORD primary = PRIMARYLANGID(language);
    return primary == LANG_NEUTRAL || primary == LANG_ENGLISH;
}

/* Makes the text in UTF-8. */
static void make(struct message *message, const char *source, DWORD code, DWORD language,
                 va_list *arguments)
{
    struct inserts inserts = {0};
    if (message->flags & FORMAT_MESSAGE_ARGUMENT_ARRAY)
        inserts.array = (const DWORD_PTR *)(const void *)arguments;
    else
        inserts.list = arguments;
    bool joins = (message->flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) != 0;
    if (message->flags & FORMAT_MESSAGE_FROM_STRING) {
        if (source == NULL)
            message->error = ERROR_INVALID_PARAMETER;
        else
            put_lines(message, source, &inserts);
    } else if (message->flags & FORMAT_MESSAGE_FROM_SYSTEM) {
        const char *text = system_sentence(code);
        if (text == NULL)
            message->error = ERROR_MR_MID_NOT_FOUND;
        else if (!is_english(language))
            message->error = ERROR_RESOURCE_LANG_NOT_FOUND;
        else
            put_sentence(message, text);
        put_sentence(message, joins ? " " : "\r\n");
    } else {
        message->error = message->flags & FORMAT_MESSAGE_FROM_HMODULE
                             ? ERROR_NOT_SUPPORTED
                             : ERROR_INVALID_PARAMETER;
    }
    if (message->error == 0 && message->size == 0)
        message->error = ERROR_NO_WORK_DONE;
    put(message, "", 1);
}

/* Where the text goes: `buffer` as it was given, of characters of `width` bytes. */
static void *buffer_for(struct message *message, void *buffer, DWORD size, size_t needed,
                        size_t width)
{
    if (message->flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) {
        void *memory = LocalAlloc(LMEM_FIXED, (needed > size ? needed : size) * width);
        if (memory == NULL)
            message->error = ERROR_NOT_ENOUGH_MEMORY;
        memcpy(buffer, &memory, sizeof(memory));
        return memory;
    }
    if (needed > size) {
        message->error = ERROR_INSUFFICIENT_BUFFER;
        return NULL;
    }
    return buffer;
}

static DWORD finish(struct message *message, size_t length)
{
    free(message->text);
    if (message->error == 0)
        return (DWORD)length;
    winport_fail(message->error);
    return 0;
}

DWORD FormatMessageA(DWORD flags, LPCVOID source, DWORD code, DWORD language,
                     LPSTR buffer, DWORD size, va_list *arguments)
{
    struct message message = {.flags = flags};
    begin_message(&message, buffer);
    make(&message, source, code, language, arguments);
    if (message.error == 0 && message.size > MOST + 1)
        message.error = ERROR_INSUFFICIENT_BUFFER;
    if (message.error == 0) {
        void *place = buffer_for(&message, buffer, size, message.size, sizeof(CHAR));
        if (place != NULL)
            memcpy(place, message.text, message.size);
    }
    return finish(&message, message.size - 1);
}

DWORD FormatMessageW(DWORD flags, LPCVOID source, DWORD code, DWORD language,
                     LPWSTR buffer, DWORD size, va_list *arguments)
{
    struct message message = {.flags = flags, .wide = true};
    char *narrow = NULL;
    begin_message(&message, buffer);
    if ((flags & FORMAT_MESSAGE_FROM_STRING) && source != NULL) {
        narrow = winport_utf8_copy(source);
        if (narrow == NULL)
            message.error = ERROR_NOT_ENOUGH_MEMORY;
    }
    make(&message, narrow, code, language, arguments);
    free(narrow);
    size_t needed = 0;
    if (message.error == 0) {
        needed = winport_utf8_to_utf16(message.text, message.size, NULL, 0, NULL);
        if (needed > MOST + 1)
            message.error = ERROR_INSUFFICIENT_BUFFER;
    }
    if (message.error == 0) {
        void *place = buffer_for(&message, buffer, size, needed, sizeof(WCHAR));
        if (place != NULL)
            winport_utf8_to_utf16(message.text, message.size, place, needed, NULL);
    }
    return finish(&message, needed - 1);
}
