/* SPDX-License-Identifier: Apache-2.0
 * The groups in their order, and the words of findings. */
#include "lib/verify/assume.h"

const struct verify_group *const VERIFY_GROUPS[] = {
    &VERIFY_READS,  &VERIFY_PROTECTION, &VERIFY_SCALE_IN,   &VERIFY_HELD_BACK,
    &VERIFY_EXPIRY, &VERIFY_STOP_TASK,  &VERIFY_DEPLOYMENT, &VERIFY_DELETION,
};
const size_t VERIFY_GROUPS_N = EBB_COUNT(VERIFY_GROUPS);

static struct finding find(enum verify_end end, struct arena *a, const char *format, va_list args)
{
    return (struct finding){end, arena_format_list(a, format, args)};
}

#define FINDING(name, end)                                                                         \
    struct finding name(struct arena *a, const char *format, ...)                                  \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        struct finding f = find((end), a, format, args);                                           \
        va_end(args);                                                                              \
        return f;                                                                                  \
    }
FINDING(proven, VERIFY_PROVEN)
FINDING(broken, VERIFY_BROKEN)
FINDING(not_checked, VERIFY_NOT_CHECKED)

struct finding never_seen(void)
{
    return (struct finding){VERIFY_NOT_CHECKED, STR_NONE};
}
