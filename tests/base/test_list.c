/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists: order, removal at each place, and removal of what is in none. */
#include "base/list.h"

#include "tests/support/check.h"

struct item {
    int number;
    struct list_link link; /* not first, so that LIST_ENTRY has something to do */
};

/* The numbers of the list as decimal digits, both ways round or -1. */
static int digits(const struct list_link *head)
{
    int forward = 0, backward = 0, unit = 1;
    const struct list_link *link;
    LIST_FOR_EACH(link, head)
    {
        int number = LIST_ENTRY(link, const struct item, link)->number;
        forward = forward * 10 + number;
    }
    for (link = head->prev; link != head; link = link->prev, unit *= 10)
        backward += LIST_ENTRY(link, const struct item, link)->number * unit;
    return forward == backward ? forward : -1;
}

int main(void)
{
    struct list_link head;
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    for (int removed = 0; removed < 3; removed++) {
        static const int left[] = {13, 23, 21}; /* of 2 1 3, without 2, 1 or 3 */
        static const int index[] = {1, 0, 2};
        struct item *item = &items[index[removed]];
        list_init(&head);
        CHECK(list_empty(&head));
        CHECK_EQ(digits(&head), 0);
        list_append(&head, &items[0].link);
        CHECK(!list_empty(&head));
        list_prepend(&head, &items[1].link);
        list_append(&head, &items[2].link);
        CHECK_EQ(digits(&head), 213);
        CHECK(LIST_ENTRY(head.next, struct item, link) == &items[1]);
        list_remove(&item->link);
        CHECK_EQ(digits(&head), left[removed]);
        list_remove(&item->link); /* again: nothing happens */
        CHECK_EQ(digits(&head), left[removed]);
        CHECK(list_empty(&item->link));
    }
    while (!list_empty(&head))
        list_remove(head.next);
    CHECK(head.prev == &head && head.next == &head);
    return check_result();
}
