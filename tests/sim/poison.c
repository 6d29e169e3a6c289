/* SPDX-License-Identifier: Apache-2.0
 * See poison.h. */
#include "tests/sim/poison.h"

#include "tests/sim/bus_internal.h"
#include "tests/sim/story.h"

void poison_next_message(struct sim *sim)
{
    sim->bus->poisons_next = true;
}

bool poison_strikes(const struct task *task, struct str what)
{
    static const char *const HARMLESS[] = {"count_taken", "DEL", TOPIC_DEAD};
    if (!task->kills || task->is_dead) return false;
    for (size_t i = 0; i < EBB_COUNT(HARMLESS); i++)
        if (str_eq(what, str_from(HARMLESS[i]))) return false;
    sim_trace(task->sim, "%s works on a message that kills it", task->process->name);
    tell(task->sim, task->about, task->process->name, "works on a message that kills it");
    task->process->dies_of_poison = true;
    return true;
}

bool poison_is_given_back(const struct script *script, const struct str *args)
{
    return str_eq(str_from(script->name), STR("count_taken")) && str_eq(args[0], STR("give back"));
}
