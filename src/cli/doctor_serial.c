/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers on serial lines, as pcscd is told of them: reader.conf(5), and libccid's way to say
 * which reader is at a line, PATH:TYPE. */
#include "cli/doctor.h"

#include <string.h>

struct serial_walk {
    struct doctor *doctor;
    const char *directory;
};

/* libccid's names, and ours. */
static const struct {
    const char *theirs, *ours;
} types[] = {{"gempctwin", "gempctwin"},         {"gempcexpress", "gempctwin"},
             {"gempcpinpad", "gempcpinpad"},     {"gemcorepospro", "gemcorepospro"},
             {"gemcoresimpro", "gemcoresimpro"}, {"sec1210", "sec1210"},
             {"sec1210ur2", "sec1210"},          {"sec1210urt", "sec1210urt"}};

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool is_same(const char *text, const char *word)
{
    while (*word != '\0' && lower(*text) == *word) {
        text++;
        word++;
    }
    return *text == '\0' && *word == '\0';
}

static bool is_named(const struct doctor *doctor, const char *path)
{
    const char *readers = doctor->settings[SETTING_READERS];
    if (readers != NULL && strstr(readers, path) != NULL)
        return true;
    for (size_t i = 0; i < doctor->source_count; i++)
        if (strstr(doctor->sources[i].uri, path) != NULL)
            return true;
    return false;
}

/* The path of a line, a colon, and the reader. */
static void note_device(struct doctor *doctor, const char *file, char *device)
{
    char *type = strrchr(device, ':');
    const char *ours = NULL;
    char remedy[DOCTOR_LINE_MAX];
    struct text text;
    if (type == NULL)
        return; /* another driver's */
    *type++ = '\0';
    for (size_t i = 0; i < TEXT_COUNT(types); i++)
        if (is_same(type, types[i].theirs))
            ours = types[i].ours;
    if (ours == NULL || is_named(doctor, device))
        return;
    text_start(&text, remedy, sizeof remedy);
    text_add(&text,
             "To have it here, name serial:%s?type=%s in WINSCARD_READERS or readers.d: "
             "winscard-serial(7).",
             device, ours);
    doctor_find(doctor, DOCTOR_NOTE, remedy,
                "%s has a reader on a serial line (%s at %s) for pcscd.", file, type,
                device);
}

static void read_file(void *context, const char *name)
{
    static const char key[] = "DEVICENAME";
    struct serial_walk *walk = context;
    char path[PLATFORM_PATH_MAX], line[512];
    struct text text;
    text_start(&text, path, sizeof path);
    text_add(&text, "%s/%s", walk->directory, name);
    FILE *stream = fopen(path, "r");
    while (stream != NULL && fgets(line, sizeof line, stream) != NULL) {
        char *at = line + strspn(line, " \t");
        if (strncmp(at, key, sizeof key - 1) != 0)
            continue;
        at += sizeof key - 1;
        at += strspn(at, " \t\"");
        at[strcspn(at, " \t\"\r\n")] = '\0';
        note_device(walk->doctor, path, at);
    }
    if (stream != NULL)
        fclose(stream);
}

void doctor_look_for_serial(struct doctor *doctor, const char *directory)
{
    struct serial_walk walk = {doctor, directory};
    if (*directory != '\0')
        (void)platform_directory(directory, read_file, &walk);
}
