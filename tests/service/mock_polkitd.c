/* SPDX-License-Identifier: BSD-2-Clause */
/* A polkitd that answers as it is told: interface org.freedesktop.PolicyKit1.Authority as
 * its documentation has it, as far as our questions need it. */
#include "tests/service/mock_polkitd.h"

#include <gio/gio.h>
#include <stdlib.h>

static const char interface_xml[] =
    "<node><interface name='org.freedesktop.PolicyKit1.Authority'>"
    "<method name='CheckAuthorization'>"
    "<arg type='(sa{sv})' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='a{ss}' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='(bba{ss})' direction='out'/></method>"
    "<method name='CancelCheckAuthorization'><arg type='s' direction='in'/></method>"
    "<property name='BackendName' type='s' access='read'/>"
    "<property name='BackendVersion' type='s' access='read'/>"
    "<property name='BackendFeatures' type='u' access='read'/>"
    "</interface></node>";

static GTestDBus *bus;
static GMutex mutex; /* of the two after it */
static enum mock_answer current_answer;
static struct mock_question last;
static GThread *thread;
static GMainContext *context;
static GMainLoop *loop;
static GAsyncQueue *ready;

static void check(GVariant *parameters, GDBusMethodInvocation *invocation)
{
    const char *kind = NULL, *action = NULL, *reader = "", *id = NULL;
    GVariant *subject = NULL, *details = NULL;
    guint32 flags = 0;
    g_variant_get(parameters, "((&s@a{sv})&s@a{ss}u&s)", &kind, &subject, &action,
                  &details, &flags, &id);
    g_mutex_lock(&mutex);
    g_strlcpy(last.kind, kind, sizeof(last.kind));
    g_strlcpy(last.action, action, sizeof(last.action));
    (void)g_variant_lookup(details, "reader", "&s", &reader);
    g_strlcpy(last.reader, reader, sizeof(last.reader));
    (void)g_variant_lookup(subject, "pid", "u", &last.pid);
    (void)g_variant_lookup(subject, "start-time", "t", &last.start_time);
    (void)g_variant_lookup(subject, "uid", "i", &last.uid);
    last.flags = flags;
    last.count++;
    enum mock_answer answer = current_answer;
    g_mutex_unlock(&mutex);
    g_variant_unref(subject);
    g_variant_unref(details);
    if (answer == MOCK_ERROR)
        g_dbus_method_invocation_return_dbus_error(
            invocation, "org.freedesktop.PolicyKit1.Error.Failed",
            "as the test wants it");
    else if (answer == MOCK_SILENT)
        g_object_unref(invocation); /* no reply is ever sent */
    else
        g_dbus_method_invocation_return_value(
            invocation, g_variant_new("((bba{ss}))", answer == MOCK_YES, FALSE, NULL));
}

static void on_method(GDBusConnection *connection, const gchar *sender, const gchar *path,
                      const gchar *iface, const gchar *method, GVariant *parameters,
                      GDBusMethodInvocation *invocation, gpointer data)
{
    (void)connection;
    (void)sender;
    (void)path;
    (void)iface;
    (void)data;
    if (g_strcmp0(method, "CheckAuthorization") == 0) {
        check(parameters, invocation);
        return;
    }
    g_mutex_lock(&mutex);
    last.cancelled++;
    g_mutex_unlock(&mutex);
    g_dbus_method_invocation_return_value(invocation, NULL);
}

static GVariant *on_property(GDBusConnection *connection, const gchar *sender,
                             const gchar *path, const gchar *iface, const gchar *name,
                             GError **error, gpointer data)
{
    (void)connection;
    (void)sender;
    (void)path;
    (void)iface;
    (void)error;
    (void)data;
    return g_strcmp0(name, "BackendFeatures") == 0 ? g_variant_new_uint32(0)
                                                   : g_variant_new_string("mock");
}

/* A step of setting up that cannot go wrong but by a broken system. */
static void must(const void *made, GError *error)
{
    if (made == NULL) {
        g_printerr("mock polkitd: %s\n", error != NULL ? error->message : "nothing");
        abort();
    }
}

static gpointer serve(gpointer data)
{
    static const GDBusInterfaceVTable table = {.method_call = on_method,
                                               .get_property = on_property};
    GError *error = NULL;
    (void)data;
    g_main_context_push_thread_default(context);
    GDBusConnection *connection = g_dbus_connection_new_for_address_sync(
        g_test_dbus_get_bus_address(bus),
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
            | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
        NULL, NULL, &error);
    must(connection, error);
    GDBusNodeInfo *node = g_dbus_node_info_new_for_xml(interface_xml, &error);
    must(node, error);
    guint id = g_dbus_connection_register_object(
        connection, "/org/freedesktop/PolicyKit1/Authority", node->interfaces[0], &table,
        NULL, NULL, &error);
    must(id != 0 ? node : NULL, error);
    GVariant *reply = g_dbus_connection_call_sync(
        connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
        "org.freedesktop.DBus", "RequestName",
        g_variant_new("(su)", "org.freedesktop.PolicyKit1", 4), NULL,
        G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
    must(reply, error);
    g_variant_unref(reply);
    g_async_queue_push(ready, context);
    g_main_loop_run(loop);
    g_dbus_connection_unregister_object(connection, id);
    g_dbus_node_info_unref(node);
    (void)g_dbus_connection_close_sync(connection, NULL, NULL);
    g_object_unref(connection);
    g_main_context_pop_thread_default(context);
    return NULL;
}

void mock_bus_start(void)
{
    bus = g_test_dbus_new(G_TEST_DBUS_NONE);
    g_test_dbus_up(bus);
    (void)g_setenv("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address(bus), TRUE);
}

void mock_bus_stop(void)
{
    g_test_dbus_stop(bus); /* not _down(), which waits for polkit's own connection */
    g_object_unref(bus);
}

void mock_polkitd_start(void)
{
    ready = g_async_queue_new();
    context = g_main_context_new();
    loop = g_main_loop_new(context, FALSE);
    thread = g_thread_new("polkitd", serve, NULL);
    (void)g_async_queue_pop(ready);
}

void mock_polkitd_stop(void)
{
    g_main_loop_quit(loop);
    (void)g_thread_join(thread);
    g_main_loop_unref(loop);
    g_main_context_unref(context);
    g_async_queue_unref(ready);
}

void mock_polkitd_answer(enum mock_answer answer)
{
    g_mutex_lock(&mutex);
    current_answer = answer;
    g_mutex_unlock(&mutex);
}

void mock_polkitd_look(struct mock_question *question)
{
    g_mutex_lock(&mutex);
    *question = last;
    g_mutex_unlock(&mutex);
}
