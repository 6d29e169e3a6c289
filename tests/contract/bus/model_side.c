/* SPDX-License-Identifier: Apache-2.0
 * The model of Kafka (tests/sim/bus_model.*, consumer.c) on the command line, in virtual time, for
 * tests/integration/test_bus_contract.py, which holds it and real brokers to the same promises.
 *
 *   bus-model SEED MEMBERS PUBLISHED OPERATIONS
 *   bus-model SEED compaction
 *
 * MEMBERS join, PUBLISHED records are published in batches, and OPERATIONS befall the members: one
 * joins, leaves in order, dies, stands still for longer than its session. In the end one is alive
 * and works everything off. Handlers finish in random order, and sometimes hold a message. Prints
 * what each saw, a line each, time in ms first: see the words in the test.
 *
 * The other plays ebb.state, which is compacted while records of some keys are published. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/run/handle.h"
#include "tests/sim/bus_internal.h"
#include "world/region/region.h"

#define TOPIC         TOPIC_SELECT
#define KEYS          37
#define BATCH_MAX     40
#define MEMBERS_MAX   40
#define WORK_MS       30
#define SPREAD_MS     ((int64_t)60 * 1000)
#define END_MS        ((int64_t)400 * 1000)
#define HELD          100000 /* of a million */
#define HELD_MS       250
#define STATE_RECORDS 400
#define STATE_KEYS    20
#define FREEZE_MS     (SIM_SESSION_MS + 1000)

struct play {
    struct sim sim;
    struct process members[MEMBERS_MAX];
    int64_t members_n, published;
};

static void say(struct sim *sim, const char *what, const struct process *p,
                const struct bus_message *m)
{
    if (m)
        printf("%lld %s %s %.*s %d %lld\n", (long long)sim->now_ms, what, p->name,
               STR_ARG(m->value), m->partition, (long long)m->offset);
    else
        printf("%lld %s %s\n", (long long)sim->now_ms, what, p->name);
}

static void handed(struct process *to, const struct bus_message *message)
{
    say(to->sim, "got", to, message);
}

static void revoked(struct process *from, int partition)
{
    (void)partition; /* a broker's clients are told of several at once */
    say(from->sim, "revoked", from, NULL);
}

/* In place of those of lib/run: what a member does with a message. */
void handle_wait_turn(const struct worker_options *options, const struct ports *ports,
                      const struct bus_message *message, struct handling *handling)
{
    (void)options, (void)ports, (void)message, (void)handling;
}

enum handled handle(const struct worker_options *options, const struct ports *ports,
                    const struct bus_message *message, struct handling *handling)
{
    struct process *p = ports->bus.ctx;
    struct sim *sim = p->sim;
    (void)options;
    handling->hold_ms = HELD_MS;
    if (!sim_wait(sim->running, 1 + (int64_t)sim_random(sim, WORK_MS))) return HANDLED_HOLD;
    if (!handling->tries++ && sim_chance(sim, HELD)) return HANDLED_HOLD;
    say(sim, "done", p, message);
    return HANDLED_DONE;
}

/* How often a message was taken is counted in Redis, which is not there: that is no answer. */
static int no_command(void *ctx, const struct str *args, size_t n, struct arena *a,
                      struct reply *out, struct err *e)
{
    (void)ctx, (void)args, (void)n, (void)a, (void)out;
    return err_set(e, E_UNREACHABLE, "no Redis here");
}

static int no_script(void *ctx, const struct script *script, const struct str *keys,
                     const struct str *args, size_t n, struct arena *a, struct reply *out,
                     struct err *e)
{
    (void)script, (void)keys;
    return no_command(ctx, args, n, a, out, e);
}

static int64_t virtual_ms(void *ctx)
{
    const struct process *p = ctx;
    return p->sim->now_ms;
}

static void join(struct play *play)
{
    if (play->members_n == MEMBERS_MAX) return;
    struct process *p = &play->members[play->members_n];
    p->sim = &play->sim;
    p->is_up = true;
    (void)snprintf(p->name, sizeof(p->name), "m%lld", (long long)play->members_n++);
    p->ports.bus.ctx = p;
    p->ports.store = (struct store_port){.ctx = p, .command = no_command, .script = no_script};
    p->ports.clock = (struct clock){.ctx = p, .wall_ms = virtual_ms, .mono_ms = virtual_ms};
    p->log = (struct log){.least = LOG_ERROR + 1};
    struct worker_options options = {
        .stage = STR("select"), .topic = TOPIC, .ports = p->ports, .log = p->log};
    say(&play->sim, "join", p, NULL);
    p->consumers[0] = consumer_join(p, &options);
}

static void end(struct process *p)
{
    say(p->sim, "kill", p, NULL);
    p->is_up = false;
    consumer_leave(p->consumers[0], false);
    while (p->tasks)
        sim_end_task(p->tasks);
}

static struct process *any_member(struct play *play)
{
    struct process *up[MEMBERS_MAX];
    size_t n = 0;
    for (int64_t i = 0; i < play->members_n; i++)
        if (play->members[i].is_up && play->members[i].asleep_until <= play->sim.now_ms)
            up[n++] = &play->members[i];
    return n ? up[sim_random(&play->sim, n)] : NULL;
}

static void operate(struct sim *sim, void *ctx, uint64_t unused)
{
    struct play *play = ctx;
    struct process *p = any_member(play);
    uint64_t which = sim_random(sim, 5);
    (void)unused;
    if (!p || which == 0) {
        join(play);
    } else if (which == 1) {
        end(p);
        join(play);
    } else if (which == 2) {
        end(p);
    } else if (which == 3) {
        say(sim, "leave", p, NULL);
        consumer_leave(p->consumers[0], true);
    } else {
        say(sim, "freeze", p, NULL);
        p->asleep_until = sim->now_ms + FREEZE_MS + (int64_t)sim_random(sim, SIM_SESSION_MS);
        consumer_stands_still(p->consumers[0], p->asleep_until);
    }
}

static void publish(struct sim *sim, void *ctx, uint64_t n)
{
    struct play *play = ctx;
    for (uint64_t i = 0; i < n; i++) {
        char key[24], value[24];
        int64_t number = play->published++;
        (void)snprintf(key, sizeof(key), "key-%lld", (long long)number % KEYS);
        (void)snprintf(value, sizeof(value), "%lld", (long long)number);
        struct bus_record record = {
            .topic = STR(TOPIC), .key = str_from(key), .value = str_from(value)};
        bus_model_append(sim->bus, &record);
        printf("%lld published %s %s\n", (long long)sim->now_ms, value, key);
    }
}

static void commits(struct play *play, const char *what)
{
    for (int i = 0; i < SIM_PARTITIONS; i++)
        printf("%lld %s %d %lld\n", (long long)play->sim.now_ms, what, i,
               (long long)topic_named(play->sim.bus, STR(TOPIC))->partitions[i].committed);
}

/* In the end somebody is there to work everything off. */
static void settle(struct sim *sim, void *ctx, uint64_t unused)
{
    struct play *play = ctx;
    (void)sim, (void)unused;
    commits(play, "committed");
    if (!any_member(play)) join(play);
}

static int print_record(void *ctx, const struct bus_message *m, struct err *e)
{
    struct sim *sim = ctx;
    (void)e;
    printf("%lld read %.*s %.*s %d %lld\n", (long long)sim->now_ms, STR_ARG(m->value),
           STR_ARG(m->key), m->partition, (long long)m->offset);
    return 0;
}

static void nothing(struct sim *sim)
{
    (void)sim;
}

static bool is_over(struct sim *sim)
{
    return sim->now_ms > sim->began_ms + SPREAD_MS && bus_model_unfinished(sim->bus) == 0;
}

static void plan(struct play *play, int64_t published, int64_t operations)
{
    struct sim *sim = &play->sim;
    for (int64_t left = published; left > 0;) {
        int64_t n = 1 + (int64_t)sim_random(sim, BATCH_MAX);
        if (n > left) n = left;
        left -= n;
        sim_at(sim, sim->now_ms + (int64_t)sim_random(sim, SPREAD_MS), publish, play, (uint64_t)n);
    }
    for (int64_t i = 0; i < operations; i++)
        sim_at(sim, sim->now_ms + (int64_t)sim_random(sim, SPREAD_MS), operate, play, 0);
    sim_at(sim, sim->now_ms + SPREAD_MS, settle, play, 0);
}

static void begin(struct sim *sim, uint64_t seed)
{
    static const struct sim_options PLAIN;
    struct region_options options = {.seed = 1, .start_ms = 1700000000000};
    struct err e = {0};
    arena_init(&sim->arena);
    EBB_ASSERT(region_new(&options, &sim->region, &e) == 0);
    sim->options = &PLAIN;
    sim->random = seed;
    sim->began_ms = sim->now_ms = region_now_ms(sim->region);
    sim->end_ms = sim->now_ms + END_MS;
    sim->fibers = fiber_set_new();
    sim->after_region = nothing;
    sim->is_over = is_over;
    sim->bus = bus_model_new(sim);
    sim->bus->on_handed = handed;
    sim->bus->on_revoked = revoked;
}

static void finish_play(struct sim *sim)
{
    bus_model_free(sim->bus);
    fiber_set_free(sim->fibers);
    region_free(sim->region);
    free(sim->queue);
    arena_release(&sim->arena);
}

static int play_compaction(struct sim *sim, uint64_t seed)
{
    struct err e = {0};
    begin(sim, seed);
    for (int number = 0; number < STATE_RECORDS; number++) {
        char key[24], value[24];
        (void)snprintf(key, sizeof(key), "drain-%llu",
                       (unsigned long long)sim_random(sim, STATE_KEYS));
        (void)snprintf(value, sizeof(value), "%d", number);
        struct bus_record record = {
            .topic = STR(TOPIC_STATE), .key = str_from(key), .value = str_from(value)};
        bus_model_append(sim->bus, &record);
        printf("%lld published %s %s\n", (long long)sim->now_ms, value, key);
        if (!sim_random(sim, STATE_RECORDS / 4)) bus_model_compact(sim->bus);
    }
    bus_model_compact(sim->bus);
    int code = bus_model_read(sim->bus, STR(TOPIC_STATE), print_record, sim, &e);
    finish_play(sim);
    return code ? 1 : 0;
}

int main(int argc, char **argv)
{
    static struct play play;
    struct sim *sim = &play.sim;
    struct err e = {0};
    int64_t numbers[4];
    if (argc == 3 && str_to_int(str_from(argv[1]), &numbers[0]))
        return play_compaction(sim, (uint64_t)numbers[0]);
    for (int i = 0; i < 4; i++)
        if (argc != 5 || !str_to_int(str_from(argv[i + 1]), &numbers[i])) return 2;
    begin(sim, (uint64_t)numbers[0]);
    for (int64_t i = 0; i < numbers[1]; i++)
        join(&play);
    plan(&play, numbers[2], numbers[3]);
    sim_run(sim);
    if (sim->violation.file)
        printf("%lld violation %s\n", (long long)sim->now_ms, sim->violation.text);
    if (bus_model_read(sim->bus, STR(TOPIC), print_record, sim, &e)) return 1;
    commits(&play, "last");
    for (int64_t i = 0; i < play.members_n; i++)
        while (play.members[i].tasks)
            sim_end_task(play.members[i].tasks);
    finish_play(sim);
    return 0;
}
