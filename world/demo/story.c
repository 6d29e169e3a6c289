/* SPDX-License-Identifier: Apache-2.0
 * See story.h. */
#include "world/demo/story.h"

#include "lib/aws/shapes/cloudwatch.h"
#include "world/demo/frame.h"

#define FRAME_BYTES_MAX ((size_t)64 * 1024)
#define FRAME_COLUMNS   110 /* more are not used */

/* Every task holds sessions, so whichever is stopped, some are cut; and the load is nearly whole.
 */
#define TASK_SESSIONS_MIN    5
#define SERVICE_SESSIONS_MIN (DEMO_ARRIVALS_PER_S * DEMO_SESSION_S * 3 / 4)

#define FULL_MS_MAX  ((int64_t)25 * 1000)
#define STOP_MS_MAX  ((int64_t)15 * 1000)
#define DRAIN_MS_MAX ((int64_t)40 * 1000)
#define SETTLE_MS    ((int64_t)2000) /* anything else that stops, stops by then */
#define LOOK_AT_MS   ((int64_t)1500) /* so that a person sees it before it goes on */

static void draw(struct demo *d)
{
    struct buf frame;
    if (!d->live) return;
    screen_measure(&d->screen);
    int columns = d->screen.columns > FRAME_COLUMNS ? FRAME_COLUMNS : d->screen.columns;
    /* The last column stays free: a terminal that has written it is between two lines. */
    struct frame_style style = {
        .columns = columns - 1, .rows = d->screen.rows, .color = d->screen.color, .live = true};
    buf_init(&frame, FRAME_BYTES_MAX);
    frame_draw(d, &style, &frame);
    screen_write(buf_view(&frame));
    buf_release(&frame);
}

static int look(struct demo *d, struct err *e)
{
    int rc = sight_look(d, e);
    if (rc) return rc;
    tell_news(d);
    draw(d);
    return E_OK;
}

typedef bool condition(const struct demo *d);

/* Looks until the condition holds; is_true NULL: for all of that time. */
static int watch(struct demo *d, condition *is_true, int64_t ms, const char *what, struct err *e)
{
    int64_t until_ms = demo_now_ms(d) + ms;
    for (;;) {
        int rc = look(d, e);
        if (rc) return rc;
        if (is_true && is_true(d)) return E_OK;
        if (demo_now_ms(d) >= until_ms) break;
        rc = demo_pause(d, DEMO_TICK_MS, e);
        if (rc) return rc;
    }
    if (!is_true) return E_OK;
    return err_set(e, E_TIMEOUT, "waited %lld s for %s", (long long)(ms / 1000), what);
}

static bool is_full(const struct demo *d)
{
    const struct sight *s = &d->sight;
    return sight_serving(s) == DEMO_TASKS && sight_fewest_sessions(s) >= TASK_SESSIONS_MIN &&
           s->service.sessions >= SERVICE_SESSIONS_MIN && s->service.pending == 0;
}

static bool is_lowered(const struct demo *d)
{
    const struct snapshot_service *service = &d->sight.service;
    size_t gone = 0;
    for (size_t i = 0; i < service->tasks.n; i++)
        gone +=
            str_eq(LIST_AT(service->tasks, struct snapshot_task, i)->last_status, STR("STOPPED"));
    return gone > 0 && service->running == DEMO_TASKS - 1 && d->cut[PART_AWS] > 0;
}

static bool is_drained(const struct demo *d)
{
    return d->sight.drain_known && drain_is_final(d->sight.drain.state);
}

static void begin_part(struct demo *d, enum demo_part part, const char *title)
{
    d->part = part;
    d->part_from[part] = d->sight.last_number;
    tale_add(&d->tale, demo_now_ms(d), TONE_TITLE, "", "%s", title);
}

static int set_desired(struct demo *d, int desired, struct err *e)
{
    struct arena *a = &d->sight.arena;
    struct str body =
        arena_format(a, "{\"service\": \"" DEMO_SERVICE_KEY "\", \"desired\": %d}", desired);
    return sight_control(d, "/world/desired", body, a, NULL, e);
}

int story_set_alarm(struct demo *d, const char *state, struct err *e)
{
    struct aws_port port = aws_client_port(d->aws);
    struct aws_failure failure = {0};
    struct cloudwatch_set_alarm_state_input in = {.alarm_name = STR(DEMO_ALARM),
                                                  .state_value = str_from(state),
                                                  .state_reason = STR("the demo says so")};
    int rc = aws_call(&port, &CLOUDWATCH_SET_ALARM_STATE, STR_NONE, &in, &d->sight.arena, NULL, 0,
                      &failure);
    if (rc) *e = failure.err;
    return rc;
}

static int tell_the_way_of_aws(struct demo *d, struct err *e)
{
    begin_part(d, PART_AWS, "Part 1, the way AWS does it: somebody lowers desired by one");
    int rc = set_desired(d, DEMO_TASKS - 1, e);
    if (!rc) rc = watch(d, is_lowered, STOP_MS_MAX, "ECS to stop a task", e);
    if (!rc) rc = watch(d, NULL, LOOK_AT_MS, "", e);
    if (rc) return rc;
    tale_add(&d->tale, demo_now_ms(d), TONE_TITLE, "",
             "Back to %d tasks, and the same load as before", DEMO_TASKS);
    rc = set_desired(d, DEMO_TASKS, e);
    return rc ? rc : watch(d, is_full, FULL_MS_MAX, "the service to be as busy as before", e);
}

static int tell_the_way_of_ebb(struct demo *d, struct err *e)
{
    begin_part(d, PART_EBB, "Part 2, Ebb's way: the service's alarm goes off");
    int rc = story_set_alarm(d, "ALARM", e);
    if (!rc) rc = watch(d, is_drained, DRAIN_MS_MAX, "Ebb's drain to be over", e);
    return rc ? rc : watch(d, NULL, SETTLE_MS, "", e);
}

int story_run(struct demo *d, struct err *e)
{
    tale_add(&d->tale, demo_now_ms(d), TONE_TITLE, "",
             "%d tasks; %d sessions arrive a second, all the time; each lasts %d s", DEMO_TASKS,
             DEMO_ARRIVALS_PER_S, DEMO_SESSION_S);
    int rc = watch(d, is_full, FULL_MS_MAX, "every task to hold sessions", e);
    if (!rc) rc = tell_the_way_of_aws(d, e);
    return rc ? rc : tell_the_way_of_ebb(d, e);
}
