/* SPDX-License-Identifier: Apache-2.0
 * How long a drain's task is protected: shared by the stages, each of which keeps the task of the
 * drain it looks at. ECS protects a task for two days at most and takes the last word of whoever
 * spoke, so a protection is read before it is set, and whose it is stands in the drain's record.
 * Pure.
 *
 * Clauses:
 *  K1 a task is protected from its claim until it is given to ECS, or accepts work again; given and
 *     then undone, it is protected again before it does; a protection that ends too early is
 *     renewed before it ends
 *  K2 it is read first, and one that lasts longer is left: it is another's, and as good as ours
 *  K3 what there was before ours, and what is asked for, is durable before it is asked for; what was
 *     taken off when the task was given to ECS counts as before ours; asked for again, it counts as
 *     given no more
 *  K4 a renewal that fails, or cannot be read, holds nothing up: the next look tries again
 *  K5 undone: ours is made as short as that which stage scale gives to all others, and ends by
 *     itself; it is never taken off, because stage scale may be about to lower the count and rely on
 *     it. Another's that ours took the place of is set again for the rest of its time, and what
 *     another has set since is left; what ECS refuses, also to be read, or as long as more tasks are
 *     protected than desired, is left to its end
 */
#ifndef EBB_WORKERS_KEEP_H
#define EBB_WORKERS_KEEP_H

#include "lib/effect/view.h"

/* K1 to K4. False while something is left to do for it, which is *out. */
bool is_kept(const struct view *v, const struct held *h, int64_t now_ms, struct step *out);

/* The same of all drains of a look of stage scale. */
bool are_all_kept(const struct view *v, int64_t now_ms, struct step *out);

/* K5. Whether something of ours, or that we took off, is to be seen to before the drain is RESTORED. */
bool owes_protection(const struct drain *d, int64_t now_ms);
/* K5. False while something is left to do, which is *out. */
bool is_given_back(const struct view *v, const struct held *h, int64_t now_ms, struct step *out);

#endif
