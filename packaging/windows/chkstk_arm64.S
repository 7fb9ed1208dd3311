/* SPDX-License-Identifier: BSD-2-Clause */
/* What compilers call where a function has more than a page on its stack: touches each page
 * of it in order, as the system moves its guard page by one at a time. x15 has the size in 16
 * bytes, and stays; x16 and x17 alone may change ("ARM64 ABI conventions", Microsoft Learn). */
    .text
    .globl __chkstk
    .p2align 2
__chkstk:
    lsl x16, x15, #4
    mov x17, sp
next_page:
    cmp x16, #4096
    b.lo last_page
    sub x17, x17, #4096
    ldr xzr, [x17]
    sub x16, x16, #4096
    b next_page
last_page:
    sub x17, x17, x16
    ldr xzr, [x17]
    ret
