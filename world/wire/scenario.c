/* SPDX-License-Identifier: Apache-2.0
 * See scenario.h. */
#include "world/wire/scenario.h"

#include "lib/record/walkers.h"
#include "world/region/departures.h"
#include "world/region/distributor.h"
#include "world/region/fault.h"
#include "world/wire/control_records.h"
#include "world/wire/decode.h"

#include <string.h>

/* Sections that are lists of inputs of an operation, in the order they are carried out. */
static const struct {
    const char *section, *host_prefix, *operation;
} CALLS[] = {
    {"clusters", "ecs", "CreateCluster"},
    {"taskDefinitions", "ecs", "RegisterTaskDefinition"},
    {"services", "ecs", "CreateService"},
    {"tasks", "ecs", "RunTask"},
    {"scalableTargets", "application-autoscaling", "RegisterScalableTarget"},
    {"queues", "sqs", "CreateQueue"},
    {"rules", "events", "PutRule"},
    {"targets", "events", "PutTargets"},
    {"alarms", "monitoring", "PutMetricAlarm"},
    {"compositeAlarms", "monitoring", "PutCompositeAlarm"},
};
_Static_assert(EBB_COUNT(CALLS) <= SCENARIO_CALLS_MAX, "a list for each section");

static const struct field OWN_SECTIONS[] = {
    F_RECORD(struct scenario, region, struct region_options, region_options_record, "region"),
    F_LIST(struct scenario, keys, key_record, "keys"),
    F_LIST(struct scenario, functions, function_options_record, "functions"),
    F_LIST(struct scenario, applications, app_options_record, "applications"),
    F_LIST(struct scenario, faults, fault_rule_record, "faults"),
    F_STRS(struct scenario, departures, "departures"),
};

static const struct region_operation *operation_of(size_t section)
{
    const struct region_operation *operation = region_operation_find(
        str_from(CALLS[section].host_prefix), str_from(CALLS[section].operation));
    EBB_ASSERT(operation);
    return operation;
}

/* The table of the whole document; the records of AWS's inputs are known only through the
 * operations, so it is put together here. */
static struct record document_record(struct arena *a)
{
    size_t own = EBB_COUNT(OWN_SECTIONS);
    struct field *fields = ARENA_ARRAY(a, own + EBB_COUNT(CALLS), struct field);
    memcpy(fields, OWN_SECTIONS, sizeof(OWN_SECTIONS));
    for (size_t i = 0; i < EBB_COUNT(CALLS); i++)
        fields[own + i] = (struct field){
            .name = CALLS[i].section,
            .kind = FIELD_LIST,
            .offset = offsetof(struct scenario, calls) + i * sizeof(struct list),
            .of = operation_of(i)->shape->input,
        };
    return (struct record){.name = "scenario",
                           .size = sizeof(struct scenario),
                           .fields = fields,
                           .n = own + EBB_COUNT(CALLS)};
}

int scenario_decode(struct str text, struct arena *a, struct scenario *out, struct err *e)
{
    struct record record = document_record(a);
    *out = (struct scenario){0};
    int rc = control_decode(&record, text, a, out, e);
    out->has_region = !field_is_absent(&OWN_SECTIONS[0], out);
    return rc;
}

/* An item of a list had no chance to be marked before it was decoded; what the sections need of it
 * is that alarms act, as they do when AWS is told nothing else. */
static void complete(const struct region_operation *operation, void *item)
{
    const struct field *acts = record_field(operation->shape->input, STR("ActionsEnabled"));
    if (acts) *(bool *)field_at(acts, item) = true;
}

static int call_all(struct region *region, size_t section, struct list inputs, struct arena *a,
                    struct err *e)
{
    const struct region_operation *operation = operation_of(section);
    const struct record *input = operation->shape->input, *output = operation->shape->output;
    const struct caller root = {0};
    for (size_t i = 0; i < inputs.n; i++) {
        void *item = (char *)inputs.items + i * input->size;
        struct aws_error error = {0};
        complete(operation, item);
        /* Past the token buckets: a world is not set up at the pace of an account. */
        int rc = operation->run(region, &root, item, a, arena_alloc(a, output ? output->size : 1),
                                &error);
        if (rc)
            return err_set(e, E_REFUSED, "%s[%zu]: %s: %s", CALLS[section].section, i, error.code,
                           error.message);
    }
    return E_OK;
}

static int put_keys(struct wire *wire, struct list keys, struct arena *a, struct err *e)
{
    for (size_t i = 0; i < keys.n; i++) {
        int rc = wire_put_key(wire, LIST_AT(keys, struct key, i), a, e);
        if (rc) return err_prefix(e, "keys[%zu].", i);
    }
    return E_OK;
}

int scenario_apply(struct wire *wire, const struct scenario *s, struct arena *a, struct err *e)
{
    int rc = put_keys(wire, s->keys, a, e);
    for (size_t i = 0; !rc && i < s->functions.n; i++) {
        rc =
            region_function_set(wire->region, LIST_AT(s->functions, struct function_options, i), e);
        if (rc) (void)err_prefix(e, "functions[%zu]", i);
    }
    if (!rc) rc = region_depart(wire->region, s->departures, e);
    /* Before the services: their first tasks already behave so. */
    for (size_t i = 0; !rc && i < s->applications.n; i++) {
        rc = applications_set(&wire->applications, wire->region,
                              LIST_AT(s->applications, struct app_options, i), e);
        if (rc) (void)err_prefix(e, "applications[%zu]", i);
    }
    for (size_t i = 0; !rc && i < EBB_COUNT(CALLS); i++)
        rc = call_all(wire->region, i, s->calls[i], a, e);
    for (size_t i = 0; !rc && i < s->faults.n; i++) {
        rc = region_fault_add(wire->region, LIST_AT(s->faults, struct fault_rule, i), e);
        if (rc) (void)err_prefix(e, "faults[%zu]", i);
    }
    return rc;
}

/* Fields of region_options that have a function of their own to change them. */
static bool may_change(const struct field *f)
{
    static const char *const NAMES[] = {"consistencyDelay", "throttlingOff",
                                        "eventDuplicatePercent", "eventDelayMax",
                                        "eventLostPercent"};
    for (size_t i = 0; i < EBB_COUNT(NAMES); i++)
        if (str_eq(str_from(f->name), str_from(NAMES[i]))) return true;
    return false;
}

int scenario_change_region(struct wire *wire, const struct region_options *change, struct err *e)
{
    for (size_t i = 0; i < region_options_record.n; i++) {
        const struct field *f = &region_options_record.fields[i];
        if (!may_change(f) && !field_is_absent(f, change))
            return err_set(e, E_REFUSED, "region.%s: can only be set when the world starts",
                           f->name);
    }
    region_set_consistency_delay_ms(wire->region, change->consistency_delay_ms);
    region_set_throttling(wire->region, !change->throttling_off);
    region_set_event_faults(wire->region, change->event_duplicate_percent,
                            change->event_delay_max_ms, change->event_lost_percent);
    return E_OK;
}
