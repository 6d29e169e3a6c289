/* SPDX-License-Identifier: Apache-2.0
 * See fiber.h. A fiber is entered by ucontext, once; from then on it is left and gone on with by
 * _longjmp, which is no system call. AddressSanitizer is told of every change of stacks. */
#include "tests/sim/fiber.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define LEAVE(kept, stack, bytes)  __sanitizer_start_switch_fiber((kept), (stack), (bytes))
#define ARRIVE(kept, stack, bytes) __sanitizer_finish_switch_fiber((kept), (stack), (bytes))
#else
#define LEAVE(kept, stack, bytes)  ((void)0)
#define ARRIVE(kept, stack, bytes) ((void)0)
#endif

#define STACK_BYTES ((size_t)512 * 1024) /* touched pages only cost */

struct fiber {
    ucontext_t entry;
    jmp_buf own, caller;
    bool is_entered;
    struct fiber_set *set;
    struct fiber *next_free;
    void (*main)(void *ctx);
    void *ctx;
    void *stack;
    bool ended;
    /* AddressSanitizer's, and the stack it was resumed from. */
    void *kept;
    const void *caller_stack;
    size_t caller_bytes;
};

struct fiber_set {
    struct fiber *free;
    size_t unfinished;
};

struct fiber_set *fiber_set_new(void)
{
    struct fiber_set *set = calloc(1, sizeof(*set));
    if (!set) abort();
    return set;
}

void fiber_set_free(struct fiber_set *set)
{
    if (set->unfinished) abort();
    while (set->free) {
        struct fiber *f = set->free;
        set->free = f->next_free;
        (void)munmap(f->stack, STACK_BYTES); /* it was mapped so */
        free(f);
    }
    free(set);
}

static void begin(unsigned high, unsigned low)
{
    /* makecontext passes ints only. */
    struct fiber *f = (struct fiber *)(((uintptr_t)high << 32) | low);
    ARRIVE(NULL, &f->caller_stack, &f->caller_bytes);
    f->main(f->ctx);
    f->ended = true;
    LEAVE(NULL, f->caller_stack, f->caller_bytes); /* NULL: this stack is not come back to */
    _longjmp(f->caller, 1);
}

static void prepare(struct fiber *f)
{
    if (getcontext(&f->entry)) abort();
    f->entry.uc_stack.ss_sp = f->stack;
    f->entry.uc_stack.ss_size = STACK_BYTES;
    f->entry.uc_link = NULL;
    makecontext(&f->entry, (void (*)(void))begin, 2, (unsigned)((uintptr_t)f >> 32),
                (unsigned)(uintptr_t)f);
}

static struct fiber *take_or_make(struct fiber_set *set)
{
    struct fiber *f = set->free;
    if (f) {
        set->free = f->next_free;
        return f;
    }
    f = calloc(1, sizeof(*f));
    if (!f) abort();
    f->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (f->stack == MAP_FAILED) abort();
    f->set = set;
    return f;
}

struct fiber *fiber_new(struct fiber_set *set, void (*main)(void *ctx), void *ctx)
{
    struct fiber *const f = take_or_make(set);
    f->main = main;
    f->ctx = ctx;
    f->ended = f->is_entered = false;
    prepare(f);
    set->unfinished++;
    return f;
}

bool fiber_resume(struct fiber *f)
{
    void *volatile kept = NULL; /* is read after the jump back */
    (void)kept;
    LEAVE((void **)&kept, f->stack, STACK_BYTES);
    if (!_setjmp(f->caller)) {
        if (f->is_entered) _longjmp(f->own, 1);
        f->is_entered = true;
        (void)setcontext(&f->entry); /* returns only when it cannot be entered */
        abort();
    }
    ARRIVE(kept, NULL, NULL);
    if (!f->ended) return false;
    f->set->unfinished--;
    f->next_free = f->set->free;
    f->set->free = f;
    return true;
}

void fiber_pause(struct fiber *f)
{
    LEAVE(&f->kept, f->caller_stack, f->caller_bytes);
    if (!_setjmp(f->own)) _longjmp(f->caller, 1);
    ARRIVE(f->kept, &f->caller_stack, &f->caller_bytes);
}
