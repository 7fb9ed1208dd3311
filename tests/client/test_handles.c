/* SPDX-License-Identifier: BSD-2-Clause */
/* What is noted of contexts, of card handles and of memory; and forks while another
 * thread notes and forgets some. */
#include "client/handles.h"

#include "base/atomic.h"
#include "client/client.h"
#include "os/thread.h"
#include "tests/support/check.h"

#include <sys/wait.h>
#include <unistd.h>

enum { FORKS = 300, PATIENCE_S = 20 };

static uint32_t stop, refused;

/* --- Contexts and cards ------------------------------------------------------------- */

static void check_contexts(void)
{
    CHECK_EQ(client_context_note(1, true), SC_OK);
    CHECK_EQ(client_context_note(2, false), SC_OK);
    CHECK_EQ(client_context_note(1025, false), SC_OK); /* in one bucket with 1 */
    CHECK(client_context_is_known(1) && client_context_is_system(1));
    CHECK(client_context_is_known(2) && !client_context_is_system(2));
    CHECK(!client_context_is_known(3) && !client_context_is_system(3));
    CHECK_EQ(client_context_note(1, false), SC_OK); /* that number again */
    CHECK(client_context_is_known(1) && !client_context_is_system(1));
    CHECK(client_context_is_known(1025));
    client_context_forget(1);
    client_context_forget(3);
    CHECK(!client_context_is_known(1) && client_context_is_known(1025));
    client_context_forget(1025);
    CHECK_EQ(client_context_note(1, true), SC_OK);
}

static void check_cards(void)
{
    char name[8] = "";
    client_card_note(10, 1, NULL);
    client_card_note(11, 2, "Front");
    client_card_note(1034, 2, NULL); /* in one bucket with 10 */
    client_card_note(12, 3, "Lost"); /* of a context that is not there */
    CHECK_EQ(client_card_context(10), 1);
    CHECK_EQ(client_card_context(11), 2);
    CHECK_EQ(client_card_context(1034), 2);
    CHECK_EQ(client_card_context(12), 0);
    CHECK(!client_card_alias(10, name, sizeof(name)));
    CHECK(!client_card_alias(12, name, sizeof(name)));
    CHECK(!client_card_alias(11, name, 5));
    CHECK(client_card_alias(11, name, 6));
    CHECK_STR(name, "Front");
    client_card_note(11, 2, "Back");
    CHECK(client_card_alias(11, name, sizeof(name)));
    CHECK_STR(name, "Back");
    client_card_forget(10);
    CHECK_EQ(client_card_context(10), 0);
    CHECK_EQ(client_card_context(1034), 2);
    client_context_forget(2); /* with its cards */
    CHECK_EQ(client_card_context(11), 0);
    CHECK_EQ(client_card_context(1034), 0);
    CHECK(!client_card_alias(11, name, sizeof(name)));
}

/* --- Memory ------------------------------------------------------------------------- */

enum { BLOCKS = 100000 };

static void *blocks[BLOCKS];

static void give(size_t i, uint32_t context)
{
    CHECK_EQ(client_memory_give(context, 8, &blocks[i]), SC_OK);
}

/* Two contexts' blocks by turns: each goes with its own, and what is none is refused, no
 * matter how many there are. */
static void check_memory(void)
{
    void *memory = &stop;
    CHECK_EQ(client_memory_give(7, 8, &memory), SC_E_INVALID_HANDLE);
    CHECK(memory == NULL);
    CHECK_EQ(client_memory_take(NULL), SC_OK);
    CHECK_EQ(client_memory_take(&stop), SC_E_INVALID_PARAMETER);
    CHECK_EQ(client_context_note(4, false), SC_OK);
    for (size_t i = 0; i < BLOCKS; i++)
        give(i, i % 2 == 0 ? 1 : 4);
    CHECK_EQ(client_memory_take(&stop), SC_E_INVALID_PARAMETER);
    CHECK_EQ(client_memory_take((char *)blocks[0] + 1), SC_E_INVALID_PARAMETER);
    for (size_t i = 0; i < BLOCKS; i += 8) {
        CHECK_EQ(client_memory_take(blocks[i]), SC_OK);
        CHECK_EQ(client_memory_take(blocks[i]), SC_E_INVALID_PARAMETER);
    }
    client_context_forget(4);
    client_memory_release(4);
    for (size_t i = 0; i < BLOCKS; i++)
        CHECK_EQ(client_memory_take(blocks[i]),
                 i % 2 == 0 && i % 8 != 0 ? SC_OK : SC_E_INVALID_PARAMETER);
    give(0, 0);
    give(1, 1);
    client_memory_release(1);
    CHECK_EQ(client_memory_take(blocks[0]), SC_OK);
    CHECK_EQ(client_memory_take(blocks[1]), SC_E_INVALID_PARAMETER);
}

/* --- Forks -------------------------------------------------------------------------- */

static void note_some(void *context)
{
    (void)context;
    while (atomic_load_u32(&stop) == 0)
        for (uint32_t i = 10; i < 40; i++) {
            void *memory;
            if (client_context_note(i, true) != SC_OK
                || client_memory_give(i, 8, &memory) != SC_OK)
                atomic_add_u32(&refused, 1);
            client_card_note(i, i, "Front");
            client_context_forget(i);
            client_memory_release(i);
        }
}

/* No context of the parent is one of the child's; it notes its own. */
static bool is_fine_in_child(void)
{
    char name[8];
    void *memory;
    alarm(PATIENCE_S); /* a lock that nobody holds any more */
    bool fine = !client_context_is_known(1) && client_context_note(2, true) == SC_OK;
    client_card_note(3, 2, "Back");
    return fine && client_context_is_system(2) && client_card_alias(3, name, 8)
           && client_memory_give(1, 8, &memory) == SC_E_INVALID_HANDLE
           && client_memory_give(2, 8, &memory) == SC_OK
           && client_memory_take(memory) == SC_OK;
}

static void check_forks(void)
{
    struct os_thread thread;
    CHECK_EQ(os_thread_start(&thread, "notes", note_some, NULL), SC_OK);
    for (unsigned i = 0; i < FORKS; i++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0)
            _exit(!is_fine_in_child());
        bool fine = child > 0 && waitpid(child, &status, 0) == child && status == 0;
        CHECK(fine);
        if (!fine)
            break;
    }
    atomic_store_u32(&stop, 1);
    os_thread_join(&thread);
    CHECK_EQ(refused, 0);
    CHECK(client_context_is_system(1));
    client_context_forget(1);
}

int main(void)
{
    check_contexts();
    check_cards();
    check_memory();
    check_forks();
    return check_result();
}
