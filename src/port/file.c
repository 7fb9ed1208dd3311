/* SPDX-License-Identifier: BSD-2-Clause */
/* Files. A call that uses a descriptor holds its object, so that a handle that is closed
 * meanwhile takes the descriptor from nobody. */
#include "port/object.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static BOOL fail_by_errno(void)
{
    return winport_fail(winport_error_of_errno(errno));
}

/* For read() and write(): an open descriptor that is none for them was opened for the other
 * way alone. */
static void fail_transfer(int descriptor)
{
    int number = errno;
    if (number == EBADF && fcntl(descriptor, F_GETFD) >= 0)
        winport_fail(ERROR_ACCESS_DENIED);
    else
        winport_fail(winport_error_of_errno(number));
}

/* NULL, and the last error: it is no path of this system. */
static const char *unix_path(LPCSTR name, char path[WINPORT_PATH_MAX])
{
    if (name == NULL || name[0] == '\0') {
        winport_fail(name == NULL ? ERROR_INVALID_PARAMETER : ERROR_PATH_NOT_FOUND);
        return NULL;
    }
    size_t size = strlen(name);
    if (size >= WINPORT_PATH_MAX) {
        winport_fail(ERROR_FILENAME_EXCED_RANGE);
        return NULL;
    }
    for (size_t i = 0; i <= size; i++)
        path[i] = (char)(name[i] == '\\' ? '/' : name[i]);
    bool drive = size > 1 && ((path[0] | 0x20) >= 'a' && (path[0] | 0x20) <= 'z')
                 && path[1] == ':';
    if (drive || strncmp(path, "//./", 4) == 0 || strncmp(path, "//?/", 4) == 0) {
        winport_fail(drive ? ERROR_PATH_NOT_FOUND : ERROR_FILE_NOT_FOUND);
        return NULL;
    }
    return path;
}

/* The error of a path that is not there tells whether its folder is. */
static BOOL fail_for(const char *path)
{
    int error = errno;
    if (error != ENOENT)
        return winport_fail(winport_error_of_errno(error));
    char folder[WINPORT_PATH_MAX];
    memcpy(folder, path, strlen(path) + 1);
    char *last = strrchr(folder, '/');
    if (last == NULL || last == folder)
        return winport_fail(ERROR_FILE_NOT_FOUND);
    *last = '\0';
    return winport_fail(access(folder, F_OK) == 0 ? ERROR_FILE_NOT_FOUND
                                                  : ERROR_PATH_NOT_FOUND);
}

/* --- Opening ------------------------------------------------------------------------ */

/* open()'s flags, or -1. */
static int open_flags(DWORD access, DWORD creation, DWORD flags)
{
    bool reads = (access & (GENERIC_READ | GENERIC_ALL)) != 0;
    bool writes = (access & (GENERIC_WRITE | GENERIC_ALL | FILE_APPEND_DATA)) != 0;
    int mode = reads && writes ? O_RDWR : writes ? O_WRONLY : O_RDONLY;
    if ((access & FILE_APPEND_DATA) != 0 && (access & GENERIC_WRITE) == 0)
        mode |= O_APPEND;
    if (flags & FILE_FLAG_WRITE_THROUGH)
        mode |= O_DSYNC;
    mode |= O_CLOEXEC | O_NOCTTY;
    switch (creation) {
    case CREATE_NEW:
        return mode | O_CREAT | O_EXCL;
    case CREATE_ALWAYS:
        return mode | O_CREAT | O_TRUNC;
    case OPEN_EXISTING:
        return mode;
    case OPEN_ALWAYS:
        return mode | O_CREAT;
    case TRUNCATE_EXISTING:
        return writes ? mode | O_TRUNC : -1;
    default:
        return -1;
    }
}

static HANDLE new_file_handle(int descriptor)
{
    pthread_mutex_lock(&winport_lock);
    struct winport_object *file = winport_object_new(WINPORT_FILE);
    HANDLE handle = NULL;
    if (file == NULL) {
        winport_fail(ERROR_NOT_ENOUGH_MEMORY);
        close(descriptor);
    } else {
        file->file.descriptor = descriptor;
        handle = winport_handle_new(file);
        winport_object_drop(file);
    }
    pthread_mutex_unlock(&winport_lock);
    return handle == NULL ? INVALID_HANDLE_VALUE : handle;
}

/* A folder is opened by none of these calls. */
static bool is_folder(int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}

HANDLE CreateFileA(LPCSTR name, DWORD access, DWORD sharing,
                   LPSECURITY_ATTRIBUTES attributes, DWORD creation, DWORD flags,
                   HANDLE template_file)
{
    (void)sharing;
    (void)attributes;
    (void)template_file;
    char path[WINPORT_PATH_MAX];
    if (unix_path(name, path) == NULL)
        return INVALID_HANDLE_VALUE;
    if (flags & (FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE)) {
        winport_fail(ERROR_NOT_SUPPORTED);
        return INVALID_HANDLE_VALUE;
    }
    int mode = open_flags(access, creation, flags);
    if (mode == -1) {
        winport_fail(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    bool always = creation == CREATE_ALWAYS || creation == OPEN_ALWAYS;
    bool was_there = always && faccessat(AT_FDCWD, path, F_OK, 0) == 0;
    int descriptor = open(path, mode, 0666);
    if (descriptor < 0) {
        fail_for(path);
        return INVALID_HANDLE_VALUE;
    }
    if (is_folder(descriptor)) {
        close(descriptor);
        winport_fail(ERROR_ACCESS_DENIED);
        return INVALID_HANDLE_VALUE;
    }
    HANDLE handle = new_file_handle(descriptor);
    if (handle != INVALID_HANDLE_VALUE)
        SetLastError(was_there ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
    return handle;
}

HANDLE CreateFileW(LPCWSTR name, DWORD access, DWORD sharing,
                   LPSECURITY_ATTRIBUTES attributes, DWORD creation, DWORD flags,
                   HANDLE template_file)
{
    char *narrow = winport_narrow(name);
    if (narrow == NULL)
        return INVALID_HANDLE_VALUE;
    HANDLE handle =
        CreateFileA(narrow, access, sharing, attributes, creation, flags, template_file);
    free(narrow);
    return handle;
}

/* --- Using -------------------------------------------------------------------------- */

struct winport_object *winport_file_hold(HANDLE handle)
{
    pthread_mutex_lock(&winport_lock);
    struct winport_object *file = winport_object_of(handle, WINPORT_FILE);
    if (file != NULL)
        winport_object_hold(file);
    pthread_mutex_unlock(&winport_lock);
    return file;
}

void winport_file_let_go(struct winport_object *file)
{
    pthread_mutex_lock(&winport_lock);
    winport_object_drop(file);
    pthread_mutex_unlock(&winport_lock);
}

/* Where a terminal gives lines, each ends with "\r\n", as programs for Windows expect it,
 * which cut off two characters. There is room for one more than is read. */
static bool gives_lines(int descriptor, size_t room)
{
    struct termios terminal;
    return room > 1 && tcgetattr(descriptor, &terminal) == 0
           && (terminal.c_lflag & ICANON) != 0;
}

static DWORD end_line(char *text, DWORD size)
{
    if (size == 0 || text[size - 1] != '\n')
        return size;
    text[size - 1] = '\r';
    text[size] = '\n';
    return size + 1;
}

BOOL ReadFile(HANDLE handle, LPVOID buffer, DWORD bytes, LPDWORD done,
              LPOVERLAPPED overlapped)
{
    if (done != NULL)
        *done = 0;
    if (overlapped != NULL)
        return winport_fail(ERROR_NOT_SUPPORTED);
    if (done == NULL || (buffer == NULL && bytes > 0))
        return winport_fail(ERROR_INVALID_PARAMETER);
    struct winport_object *file = winport_file_hold(handle);
    if (file == NULL)
        return FALSE;
    size_t wanted = bytes > INT_MAX ? INT_MAX : bytes;
    bool lines = gives_lines(file->file.descriptor, wanted);
    wanted -= lines ? 1 : 0;
    ssize_t got;
    do
        got = read(file->file.descriptor, buffer, wanted);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        fail_transfer(file->file.descriptor);
    else
        *done = lines ? end_line(buffer, (DWORD)got) : (DWORD)got;
    winport_file_let_go(file);
    return got >= 0;
}

BOOL WriteFile(HANDLE handle, LPCVOID buffer, DWORD bytes, LPDWORD done,
               LPOVERLAPPED overlapped)
{
    if (done != NULL)
        *done = 0;
    if (overlapped != NULL)
        return winport_fail(ERROR_NOT_SUPPORTED);
    if (done == NULL || (buffer == NULL && bytes > 0))
        return winport_fail(ERROR_INVALID_PARAMETER);
    struct winport_object *file = winport_file_hold(handle);
    if (file == NULL)
        return FALSE;
    ssize_t sent = 0;
    while (*done < bytes) {
        sent = write(file->file.descriptor, (const char *)buffer + *done, bytes - *done);
        if (sent > 0)
            *done += (DWORD)sent;
        else if (sent == 0 || errno != EINTR)
            break;
    }
    if (sent < 0)
        fail_transfer(file->file.descriptor);
    winport_file_let_go(file);
    return *done == bytes;
}

BOOL FlushFileBuffers(HANDLE handle)
{
    struct winport_object *file = winport_file_hold(handle);
    if (file == NULL)
        return FALSE;
    int result = fsync(file->file.descriptor);
    if (result != 0)
        winport_fail(errno == EINVAL ? ERROR_INVALID_HANDLE
                                     : winport_error_of_errno(errno));
    winport_file_let_go(file);
    return result == 0;
}

BOOL GetFileSizeEx(HANDLE handle, PLARGE_INTEGER size)
{
    if (size == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    struct winport_object *file = winport_file_hold(handle);
    if (file == NULL)
        return FALSE;
    struct stat status;
    int result = fstat(file->file.descriptor, &status);
    if (result != 0)
        fail_by_errno();
    else
        size->QuadPart = status.st_size;
    winport_file_let_go(file);
    return result == 0;
}

DWORD GetFileSize(HANDLE handle, LPDWORD high)
{
    LARGE_INTEGER size;
    if (!GetFileSizeEx(handle, &size))
        return INVALID_FILE_SIZE;
    if (high != NULL)
        *high = (DWORD)size.HighPart;
    SetLastError(ERROR_SUCCESS); /* the low half may be INVALID_FILE_SIZE */
    return size.LowPart;
}

BOOL SetFilePointerEx(HANDLE handle, LARGE_INTEGER distance, PLARGE_INTEGER place,
                      DWORD from)
{
    static const int origins[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    if (from > FILE_END)
        return winport_fail(ERROR_INVALID_PARAMETER);
    struct winport_object *file = winport_file_hold(handle);
    if (file == NULL)
        return FALSE;
    off_t at = lseek(file->file.descriptor, distance.QuadPart, origins[from]);
    if (at < 0)
        winport_fail(errno == EINVAL ? ERROR_NEGATIVE_SEEK
                                     : winport_error_of_errno(errno));
    else if (place != NULL)
        place->QuadPart = at;
    winport_file_let_go(file);
    return at >= 0;
}

DWORD SetFilePointer(HANDLE handle, LONG distance, PLONG high, DWORD from)
{
    LARGE_INTEGER wanted, place = {.QuadPart = 0}, before = {.QuadPart = 0};
    wanted.QuadPart = distance;
    if (high != NULL) {
        wanted.LowPart = (DWORD)distance;
        wanted.HighPart = *high;
    }
    if (!SetFilePointerEx(handle, before, &before, FILE_CURRENT)
        || !SetFilePointerEx(handle, wanted, &place, from))
        return INVALID_SET_FILE_POINTER;
    if (high == NULL && place.HighPart != 0) {
        SetFilePointerEx(handle, before, NULL, FILE_BEGIN);
        winport_fail(ERROR_INVALID_PARAMETER);
        return INVALID_SET_FILE_POINTER;
    }
    if (high != NULL)
        *high = place.HighPart;
    SetLastError(ERROR_SUCCESS);
    return place.LowPart;
}

BOOL SetEndOfFile(HANDLE handle)
{
    struct winport_object *file = winport_file_hold(handle);
    if (file == NULL)
        return FALSE;
    off_t at = lseek(file->file.descriptor, 0, SEEK_CUR);
    int result = at < 0 ? -1 : ftruncate(file->file.descriptor, at);
    if (result != 0 && at >= 0 && (errno == EBADF || errno == EINVAL))
        winport_fail(ERROR_ACCESS_DENIED); /* not opened for writing */
    else if (result != 0)
        fail_by_errno();
    winport_file_let_go(file);
    return result == 0;
}

DWORD GetFileType(HANDLE handle)
{
    struct winport_object *file = winport_file_hold(handle);
    if (file == NULL)
        return FILE_TYPE_UNKNOWN;
    struct stat status;
    DWORD type = FILE_TYPE_UNKNOWN;
    if (fstat(file->file.descriptor, &status) != 0)
        fail_by_errno();
    else if (S_ISCHR(status.st_mode))
        type = FILE_TYPE_CHAR;
    else if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode))
        type = FILE_TYPE_PIPE;
    else
        type = FILE_TYPE_DISK;
    winport_file_let_go(file);
    return type;
}

/* --- By their paths ----------------------------------------------------------------- */

BOOL DeleteFileA(LPCSTR name)
{
    char path[WINPORT_PATH_MAX];
    if (unix_path(name, path) == NULL)
        return FALSE;
    return unlink(path) == 0 || fail_for(path);
}

BOOL DeleteFileW(LPCWSTR name)
{
    char *narrow = winport_narrow(name);
    BOOL done = narrow != NULL && DeleteFileA(narrow);
    free(narrow);
    return done;
}

BOOL CreateDirectoryA(LPCSTR name, LPSECURITY_ATTRIBUTES attributes)
{
    (void)attributes;
    char path[WINPORT_PATH_MAX];
    if (unix_path(name, path) == NULL)
        return FALSE;
    if (mkdir(path, 0777) == 0)
        return TRUE;
    if (errno == EEXIST)
        return winport_fail(ERROR_ALREADY_EXISTS);
    return errno == ENOENT ? winport_fail(ERROR_PATH_NOT_FOUND) : fail_by_errno();
}

BOOL CreateDirectoryW(LPCWSTR name, LPSECURITY_ATTRIBUTES attributes)
{
    char *narrow = winport_narrow(name);
    BOOL done = narrow != NULL && CreateDirectoryA(narrow, attributes);
    free(narrow);
    return done;
}

DWORD GetFileAttributesA(LPCSTR name)
{
    char path[WINPORT_PATH_MAX];
    struct stat status;
    if (unix_path(name, path) == NULL)
        return INVALID_FILE_ATTRIBUTES;
    if (stat(path, &status) != 0) {
        fail_for(path);
        return INVALID_FILE_ATTRIBUTES;
    }
    DWORD read_only = access(path, W_OK) == 0 ? 0 : FILE_ATTRIBUTE_READONLY;
    if (S_ISDIR(status.st_mode))
        return FILE_ATTRIBUTE_DIRECTORY | read_only;
    return read_only != 0 ? read_only : FILE_ATTRIBUTE_NORMAL;
}

DWORD GetFileAttributesW(LPCWSTR name)
{
    char *narrow = winport_narrow(name);
    DWORD attributes =
        narrow == NULL ? INVALID_FILE_ATTRIBUTES : GetFileAttributesA(narrow);
    free(narrow);
    return attributes;
}

/* --- Folders ------------------------------------------------------------------------ */

static DWORD temp_path(const struct winport_out *out)
{
    const char *folder = getenv("TMPDIR");
    char path[WINPORT_PATH_MAX];
    if (folder == NULL || folder[0] != '/' || strlen(folder) >= sizeof(path) - 1)
        folder = "/tmp";
    bool closed = folder[strlen(folder) - 1] == '/';
    snprintf(path, sizeof(path), "%s%s", folder, closed ? "" : "/");
    return winport_out_answer(out, path);
}

DWORD GetTempPathA(DWORD size, LPSTR path)
{
    struct winport_out out = {.narrow = path, .room = size};
    return temp_path(&out);
}

DWORD GetTempPathW(DWORD size, LPWSTR path)
{
    struct winport_out out = winport_out_wide(path, size);
    return temp_path(&out);
}

static DWORD current_directory(const struct winport_out *out)
{
    char path[WINPORT_PATH_MAX];
    if (getcwd(path, sizeof(path)) == NULL) {
        fail_by_errno();
        return 0;
    }
    return winport_out_answer(out, path);
}

DWORD GetCurrentDirectoryA(DWORD size, LPSTR path)
{
    struct winport_out out = {.narrow = path, .room = size};
    return current_directory(&out);
}

DWORD GetCurrentDirectoryW(DWORD size, LPWSTR path)
{
    struct winport_out out = winport_out_wide(path, size);
    return current_directory(&out);
}
