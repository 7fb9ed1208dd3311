/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to polkitd, by its own library, on a main loop of GLib in a thread for it.
 * Everything but polkit_start(), _ask(), _cancel() and _stop() runs in that thread. What
 * those want of it they attach to the loop, which keeps their order. */
#include "service/polkit.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/lock.h"
#include "os/thread.h"

#include <gio/gio.h>
#include <polkit/polkit.h>

struct question {
    struct question *next;
    struct polkit *polkit;
    uint64_t id;
    struct polkit_process process;
    enum policy_right right;
    char *reader;
    polkit_done *done; /* NULL: it has been called */
    void *context;
    GCancellable *cancellable; /* the last three: from begin_question() on */
    GSource *timer;
};

struct polkit {
    struct os_mutex mutex; /* of the four after it */
    struct question *questions;
    uint32_t count;
    uint64_t last_id;
    bool stopping;
    uint32_t wait_ms;
    GMainContext *loop_context;
    GMainLoop *loop;
    GCancellable *end; /* polkit_stop() */
    struct os_thread thread;
};

/* Runs `step` in the thread, after everything that was attached before; then release().
 */
static void run_in_thread(struct polkit *polkit, GSourceFunc step, void *data,
                          GDestroyNotify release)
{
    GSource *source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, step, data, release);
    g_source_attach(source, polkit->loop_context);
    g_source_unref(source);
}

static void answer_question(struct question *question, bool allowed)
{
    polkit_done *done = question->done;
    question->done = NULL;
    if (done != NULL)
        done(question->context, allowed);
}

/* The last step of a question; polkit's library knows it no more. */
static void end_question(struct question *question, bool allowed)
{
    struct polkit *polkit = question->polkit;
    answer_question(question, allowed);
    os_mutex_lock(&polkit->mutex);
    struct question **link = &polkit->questions;
    while (*link != question)
        link = &(*link)->next;
    *link = question->next;
    polkit->count--;
    bool last = polkit->stopping && polkit->count == 0;
    os_mutex_unlock(&polkit->mutex);
    g_source_destroy(question->timer);
    g_source_unref(question->timer);
    g_object_unref(question->cancellable);
    mem_free(question->reader);
    mem_free(question);
    if (last)
        g_main_loop_quit(polkit->loop);
}

/* Answers no; end_question() comes when polkit's library has let go of it. */
static void give_up_question(struct question *question)
{
    g_cancellable_cancel(question->cancellable);
    answer_question(question, false);
}

static gboolean time_is_up(gpointer data)
{
    struct question *question = data;
    log_info("polkit: no answer in time for process %d", (int)question->process.pid);
    give_up_question(question);
    return G_SOURCE_REMOVE;
}

static void log_polkit_failure(const struct question *question, GError *error)
{
    if (question->done != NULL)
        log_error("polkit: %s", error != NULL ? error->message : "no answer");
    g_clear_error(&error);
}

static void got_result(GObject *source, GAsyncResult *result, gpointer data)
{
    struct question *question = data;
    GError *error = NULL;
    PolkitAuthorizationResult *authorization =
        polkit_authority_check_authorization_finish(POLKIT_AUTHORITY(source), result,
                                                    &error);
    bool allowed = authorization != NULL
                   && polkit_authorization_result_get_is_authorized(authorization);
    if (authorization == NULL)
        log_polkit_failure(question, error);
    g_clear_object(&authorization);
    end_question(question, allowed);
}

static void got_authority(GObject *source, GAsyncResult *result, gpointer data)
{
    struct question *question = data;
    GError *error = NULL;
    (void)source;
    PolkitAuthority *authority = polkit_authority_get_finish(result, &error);
    if (authority == NULL) {
        log_polkit_failure(question, error);
        end_question(question, false);
        return;
    }
    const struct polkit_process *process = &question->process;
    PolkitSubject *subject = polkit_unix_process_new_for_owner(
        process->pid, process->start_time, (gint)process->uid);
    PolkitDetails *details = polkit_details_new();
    polkit_details_insert(details, "reader", question->reader);
    polkit_authority_check_authorization(
        authority, subject, polkit_action(question->right), details,
        POLKIT_CHECK_AUTHORIZATION_FLAGS_ALLOW_USER_INTERACTION, question->cancellable,
        got_result, question);
    g_object_unref(details);
    g_object_unref(subject);
    g_object_unref(authority);
}

static gboolean begin_question(gpointer data)
{
    struct question *question = data;
    struct polkit *polkit = question->polkit;
    question->cancellable = g_cancellable_new();
    question->timer = g_timeout_source_new(polkit->wait_ms);
    g_source_set_callback(question->timer, time_is_up, question, NULL);
    g_source_attach(question->timer, polkit->loop_context);
    /* Not the question's own: all questions share one authority of the library's, and
     * with one that is cancelled while it is made ready all of them would fail. */
    polkit_authority_get_async(polkit->end, got_authority, question);
    return G_SOURCE_REMOVE;
}

struct cancellation {
    struct polkit *polkit;
    uint64_t id;
};

static gboolean cancel_question(gpointer data)
{
    struct cancellation *cancellation = data;
    struct polkit *polkit = cancellation->polkit;
    os_mutex_lock(&polkit->mutex);
    struct question *question = polkit->questions;
    while (question != NULL && question->id != cancellation->id)
        question = question->next;
    os_mutex_unlock(&polkit->mutex);
    if (question != NULL) /* only this thread takes it off the list */
        give_up_question(question);
    return G_SOURCE_REMOVE;
}

static gboolean stop_thread(gpointer data)
{
    struct polkit *polkit = data;
    os_mutex_lock(&polkit->mutex);
    struct question *question = polkit->questions;
    bool none = question == NULL;
    os_mutex_unlock(&polkit->mutex);
    g_cancellable_cancel(polkit->end);
    for (; question != NULL; question = question->next) /* none is added any more */
        give_up_question(question);
    if (none)
        g_main_loop_quit(polkit->loop);
    return G_SOURCE_REMOVE;
}

static void run_polkit(void *data)
{
    struct polkit *polkit = data;
    g_main_context_push_thread_default(polkit->loop_context);
    g_main_loop_run(polkit->loop);
    g_main_context_pop_thread_default(polkit->loop_context);
}

static void free_polkit(struct polkit *polkit)
{
    g_object_unref(polkit->end);
    g_main_loop_unref(polkit->loop);
    g_main_context_unref(polkit->loop_context);
    os_mutex_destroy(&polkit->mutex);
    mem_free(polkit);
}

enum sc_error polkit_start(uint32_t wait_ms, struct polkit **out)
{
    struct polkit *polkit = mem_alloc(sizeof(*polkit));
    if (polkit == NULL)
        return SC_E_NO_MEMORY;
    os_mutex_init(&polkit->mutex);
    polkit->wait_ms = wait_ms;
    polkit->end = g_cancellable_new();
    polkit->loop_context = g_main_context_new();
    polkit->loop = g_main_loop_new(polkit->loop_context, FALSE);
    enum sc_error error = os_thread_start(&polkit->thread, "polkit", run_polkit, polkit);
    if (error == SC_OK)
        *out = polkit;
    else
        free_polkit(polkit);
    return error;
}

void polkit_stop(struct polkit *polkit)
{
    if (polkit == NULL)
        return;
    os_mutex_lock(&polkit->mutex);
    polkit->stopping = true;
    os_mutex_unlock(&polkit->mutex);
    run_in_thread(polkit, stop_thread, polkit, NULL);
    os_thread_join(&polkit->thread);
    free_polkit(polkit);
}

enum sc_error polkit_ask(struct polkit *polkit, const struct polkit_process *process,
                         enum policy_right right, const char *reader, polkit_done *done,
                         void *context, uint64_t *asked)
{
    if (process->start_time == 0)
        return SC_E_NO_ACCESS;
    struct question *question = mem_alloc(sizeof(*question));
    char *name = mem_copy_string(reader);
    if (question == NULL || name == NULL) {
        mem_free(question);
        mem_free(name);
        return SC_E_NO_MEMORY;
    }
    *question = (struct question){.polkit = polkit,
                                  .process = *process,
                                  .right = right,
                                  .reader = name,
                                  .done = done,
                                  .context = context};
    os_mutex_lock(&polkit->mutex);
    bool room = polkit->count < POLKIT_PENDING_MAX && !polkit->stopping;
    if (room) {
        question->id = *asked = ++polkit->last_id;
        question->next = polkit->questions;
        polkit->questions = question;
        polkit->count++;
        run_in_thread(polkit, begin_question, question,
                      NULL); /* with the lock: before polkit_stop()'s */
    }
    os_mutex_unlock(&polkit->mutex);
    if (room)
        return SC_OK;
    mem_free(name);
    mem_free(question);
    return SC_E_SERVER_TOO_BUSY;
}

void polkit_cancel(struct polkit *polkit, uint64_t question)
{
    struct cancellation *cancellation = g_new(struct cancellation, 1);
    *cancellation = (struct cancellation){polkit, question};
    run_in_thread(polkit, cancel_question, cancellation, g_free);
}
