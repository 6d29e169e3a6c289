/* SPDX-License-Identifier: Apache-2.0
 * The default event bus: every event is held against every rule, and delivered to the queues of
 * those that match; late, twice or not at all where that was asked for. */
#include <stdlib.h>

#include "lib/base/time_text.h"
#include "world/region/event_model.h"

#define EVENT_BYTES_MAX ((size_t)1024 * 1024)

struct rule *rule_at(const struct region *region, size_t i)
{
    return region->rules.items[i];
}

bool event_is_wanted(const struct region *region)
{
    for (size_t i = 0; i < region->rules.n; i++) {
        const struct rule *rule = rule_at(region, i);
        if (rule->pattern && !rule->disabled && rule->targets_n) return true;
    }
    return false;
}

static void add_member(struct buf *b, const char *name, struct str value)
{
    buf_add_format(b, "\"%s\":", name);
    buf_add_json_string(b, value);
    buf_add_char(b, ',');
}

static void write_event(const struct region *region, const struct event *event, const char *id,
                        struct buf *out)
{
    struct arena scratch;
    arena_init(&scratch);
    int64_t at_ms = event->time_ms ? event->time_ms : region->now_ms;
    struct str time = time_format_iso(&scratch, at_ms - at_ms % 1000);
    struct str seconds =
        arena_format(&scratch, "%.*sZ", (int)(time.n - sizeof(".000Z") + 1), time.p);
    buf_add_char(out, '{');
    add_member(out, "version", STR("0"));
    add_member(out, "id", str_from(id));
    add_member(out, "detail-type", event->detail_type);
    add_member(out, "source", event->source);
    add_member(out, "account", region->options.account);
    add_member(out, "time", seconds);
    add_member(out, "region", region->options.region);
    buf_add_text(out, "\"resources\":[");
    for (size_t i = 0; i < event->resources.n; i++) {
        if (i) buf_add_char(out, ',');
        buf_add_json_string(out, *LIST_AT(event->resources, struct str, i));
    }
    buf_add_text(out, "],\"detail\":");
    buf_add(out, event->detail);
    buf_add_char(out, '}');
    arena_release(&scratch);
}

static void deliver(struct region *region, const struct rule *rule, struct str detail_type,
                    struct str body)
{
    const struct region_options *options = &region->options;
    struct message_text text = {.body = body};
    for (size_t i = 0; i < rule->targets_n; i++) {
        struct queue *queue = queue_find_arn(region, str_from(rule->targets[i].arn));
        int64_t copies = 1;
        if (!queue || random_percent(region, STREAM_EVENTS, options->event_lost_percent))
            copies = 0;
        else if (random_percent(region, STREAM_EVENTS, options->event_duplicate_percent))
            copies = 2;
        for (int64_t k = 0; k < copies; k++) {
            int64_t late_ms =
                options->event_delay_max_ms
                    ? random_below(region, STREAM_EVENTS, options->event_delay_max_ms + 1)
                    : 0;
            (void)queue_put(region, queue, &text, late_ms); /* it is in the queue: that is all */
        }
        log_add(region, (struct log_entry){.kind = LOG_EVENT,
                                           .subject = str_from(rule->name),
                                           .reason = detail_type,
                                           .detail = str_from(rule->targets[i].arn),
                                           .count = copies});
    }
}

void event_emit(struct region *region, const struct event *event, char id[UUID_BYTES])
{
    char own_id[UUID_BYTES];
    if (!id) id = own_id;
    random_uuid(region, id);
    struct buf text;
    struct arena scratch;
    struct json *tree;
    buf_init(&text, EVENT_BYTES_MAX);
    arena_init(&scratch);
    write_event(region, event, id, &text);
    /* Only a detail from outside can be too large or deeper than patterns are looked for. */
    bool whole = !buf_failed(&text) && json_parse(buf_view(&text), &scratch, &tree) == 0;
    for (size_t i = 0; i < region->rules.n && whole; i++) {
        const struct rule *rule = rule_at(region, i);
        if (rule->disabled || !rule->pattern || !pattern_matches(rule->pattern, tree)) continue;
        deliver(region, rule, event->detail_type, buf_view(&text));
    }
    arena_release(&scratch);
    buf_release(&text);
}

static void fire(struct region *region, uint64_t number, uint64_t turn)
{
    struct rule *rule = NULL;
    for (size_t i = 0; i < region->rules.n; i++)
        if (rule_at(region, i)->number == number) rule = rule_at(region, i);
    if (!rule || rule->turn != turn || rule->disabled) return;
    char id[UUID_BYTES];
    random_uuid(region, id);
    struct buf text;
    struct str resource = str_from(rule->arn);
    struct event event = {.source = STR("aws.events"),
                          .detail_type = STR("Scheduled Event"),
                          .detail = STR("{}"),
                          .resources = LIST_OF(&resource, 1)};
    buf_init(&text, EVENT_BYTES_MAX);
    write_event(region, &event, id, &text);
    deliver(region, rule, event.detail_type, buf_view(&text));
    buf_release(&text);
    region_at(region, region->now_ms + rule->every_ms, fire, number, turn);
}

void rule_schedule(struct region *region, struct rule *rule)
{
    rule->turn++;
    if (rule->every_ms > 0 && !rule->disabled)
        region_at(region, region->now_ms + rule->every_ms, fire, rule->number, rule->turn);
}

void events_release(struct region *region)
{
    for (size_t i = 0; i < region->rules.n; i++)
        rule_free(rule_at(region, i));
    for (size_t i = 0; i < region->alarms.n; i++)
        alarm_free(alarm_at(region, i));
    for (size_t i = 0; i < region->queues.n; i++)
        queue_free(queue_at(region, i));
    for (size_t i = 0; i < region->targets.n; i++)
        free(region->targets.items[i]);
    functions_release(region);
}
