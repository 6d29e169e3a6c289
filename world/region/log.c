/* SPDX-License-Identifier: Apache-2.0
 * See log.h. A ring of entries; each owns one block that holds its strings. The hash covers them in
 * the order they were written, so it stays comparable after old entries are gone. */
#include "world/region/log.h"

#include <stdlib.h>
#include <string.h>

#include "world/region/model.h"

#define HASH_BEGIN 14695981039346656037U /* FNV-1a, 64 bits */
#define HASH_PRIME 1099511628211U

static const struct str kind_words[] = {
    [LOG_OTHER] = STR("other"),
    [LOG_CALL] = STR("call"),
    [LOG_DESIRED] = STR("desired"),
    [LOG_TASK_STARTED] = STR("task_started"),
    [LOG_TASK_STOPPING] = STR("task_stopping"),
    [LOG_TASK_STOPPED] = STR("task_stopped"),
    [LOG_SESSIONS_CUT] = STR("sessions_cut"),
    [LOG_PROTECTION] = STR("protection"),
    [LOG_DRAIN] = STR("drain"),
    [LOG_CALLBACK] = STR("callback"),
    [LOG_DISTRIBUTOR] = STR("distributor"),
    [LOG_ALARM] = STR("alarm"),
    [LOG_EVENT] = STR("event"),
    [LOG_FAULT] = STR("fault"),
};
const struct enum_names log_kind_names = {kind_words, EBB_COUNT(kind_words)};

static const struct str cause_words[] = {
    [STOP_NONE] = STR("none"),
    [STOP_USER] = STR("StopTask"),
    [STOP_SCALE_IN] = STR("scale-in"),
    [STOP_DEPLOYMENT] = STR("deployment"),
    [STOP_SERVICE] = STR("service"),
    [STOP_EXITED] = STR("exited"),
    [STOP_NOT_STARTED] = STR("not-started"),
    [STOP_RECLAIMED] = STR("reclaimed"),
};
const struct enum_names stop_cause_names = {cause_words, EBB_COUNT(cause_words)};

static const struct field log_entry_fields[] = {
    F_INT(struct log_entry, number, "number", .flags = FIELD_ALWAYS),
    F_TIME(struct log_entry, at_ms, "at", .flags = FIELD_ALWAYS),
    F_ENUM(struct log_entry, kind, log_kind_names, "kind", .flags = FIELD_ALWAYS),
    F_STR(struct log_entry, access_key_id, "accessKeyId"),
    F_STR(struct log_entry, operation, "operation"),
    F_STR(struct log_entry, code, "code"),
    F_STR(struct log_entry, service, "service"),
    F_STR(struct log_entry, subject, "subject"),
    F_STR(struct log_entry, reason, "reason"),
    F_STR(struct log_entry, detail, "detail"),
    F_ENUM(struct log_entry, cause, stop_cause_names, "cause"),
    F_INT(struct log_entry, before, "before"),
    F_INT(struct log_entry, after, "after"),
    F_INT(struct log_entry, count, "count"),
};
const struct record log_entry_record = RECORD_OF(struct log_entry, log_entry_fields);

static const struct field log_query_fields[] = {
    F_ENUM(struct log_query, kind, log_kind_names, "kind"),
    F_ENUM(struct log_query, cause, stop_cause_names, "cause"),
    F_STR(struct log_query, service, "service"),
    F_STR(struct log_query, subject, "subject"),
    F_STR(struct log_query, operation, "operation"),
    F_STR(struct log_query, reason, "reason"),
    F_STR(struct log_query, access_key_id, "accessKeyId"),
    F_BOOL(struct log_query, succeeded, "succeeded"),
    F_INT(struct log_query, after_number, "afterNumber"),
    F_INT(struct log_query, limit, "limit"),
};
const struct record log_query_record = RECORD_OF(struct log_query, log_query_fields);

static void hash_bytes(uint64_t *hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        *hash = (*hash ^ p[i]) * HASH_PRIME;
}

/* The strings of an entry, for whoever treats them all alike. */
static void strings_of(struct log_entry *entry, struct str *out[7])
{
    struct str *all[] = {&entry->access_key_id, &entry->operation, &entry->code,  &entry->service,
                         &entry->subject,       &entry->reason,    &entry->detail};
    memcpy(out, all, sizeof(all));
}

static void hash_entry(uint64_t *hash, struct log_entry *entry)
{
    int64_t numbers[] = {entry->at_ms,  entry->kind,  entry->cause,
                         entry->before, entry->after, entry->count};
    hash_bytes(hash, numbers, sizeof(numbers));
    struct str *strings[7];
    strings_of(entry, strings);
    for (size_t i = 0; i < EBB_COUNT(strings); i++) {
        hash_bytes(hash, &strings[i]->n, sizeof(strings[i]->n));
        hash_bytes(hash, strings[i]->p, strings[i]->n);
    }
}

/* access_key_id is the first of them and never absent in what is kept: it holds the block. */
static void own_strings(struct log_entry *entry)
{
    struct str *strings[7];
    strings_of(entry, strings);
    size_t bytes = 1;
    for (size_t i = 0; i < EBB_COUNT(strings); i++)
        bytes += strings[i]->n;
    char *block = malloc(bytes);
    if (!block) abort();
    for (size_t i = 0; i < EBB_COUNT(strings); i++) {
        bool absent = strings[i]->n == 0 && i > 0;
        if (strings[i]->n) memcpy(block, strings[i]->p, strings[i]->n);
        strings[i]->p = absent ? NULL : block;
        block += strings[i]->n;
    }
}

static void release_strings(struct log_entry *entry)
{
    free((void *)entry->access_key_id.p); /* rule 26: the one place that owns it casts const away */
}

/* Doubles the ring up to its limit; then the oldest makes place. */
static struct log_entry *next_slot(struct kept_log *log)
{
    if (log->n == log->size && log->size < LOG_ENTRIES_MAX) {
        size_t size = log->size ? log->size * 2 : 256;
        if (size > LOG_ENTRIES_MAX) size = LOG_ENTRIES_MAX;
        EBB_ASSERT(log->first == 0);
        log->entries = reallocarray(log->entries, size, sizeof(*log->entries));
        if (!log->entries) abort();
        log->size = size;
    }
    if (log->n == log->size) {
        release_strings(&log->entries[log->first]);
        log->first = (log->first + 1) % log->size;
        log->n--;
    }
    return &log->entries[(log->first + log->n++) % log->size];
}

void log_add(struct region *region, struct log_entry entry)
{
    struct kept_log *log = &region->log;
    entry.number = ++log->written;
    entry.at_ms = region->now_ms;
    if (str_is_empty(entry.access_key_id)) entry.access_key_id = region->caller_key;
    if (str_is_empty(entry.operation)) entry.operation = str_from(region->caller_operation);
    own_strings(&entry);
    if (!log->hash) log->hash = HASH_BEGIN;
    hash_entry(&log->hash, &entry);
    *next_slot(log) = entry;
}

void log_release(struct kept_log *log)
{
    for (size_t i = 0; i < log->n; i++)
        release_strings(&log->entries[(log->first + i) % log->size]);
    free(log->entries);
    *log = (struct kept_log){0};
}

size_t region_log_count(const struct region *region)
{
    return region->log.n;
}

const struct log_entry *region_log_at(const struct region *region, size_t i)
{
    const struct kept_log *log = &region->log;
    if (i >= log->n) return NULL;
    return &log->entries[(log->first + i) % log->size];
}

uint64_t region_log_hash(const struct region *region)
{
    return region->log.hash;
}

static bool fits(struct str wanted, struct str is)
{
    return str_is_empty(wanted) || str_eq(wanted, is);
}

static bool matches(const struct log_query *q, const struct log_entry *entry)
{
    if (q->kind != LOG_OTHER && q->kind != entry->kind) return false;
    if (q->cause != STOP_NONE && q->cause != entry->cause) return false;
    if (q->succeeded && !str_is_empty(entry->code)) return false;
    return entry->number > q->after_number && fits(q->service, entry->service) &&
           fits(q->subject, entry->subject) && fits(q->operation, entry->operation) &&
           fits(q->reason, entry->reason) && fits(q->access_key_id, entry->access_key_id);
}

/* Where the entries later than the query's begin: their numbers have no gaps. */
static size_t begin_of(const struct region *region, const struct log_query *query)
{
    const struct log_entry *first = region_log_at(region, 0);
    if (!first || query->after_number < first->number) return 0;
    return (size_t)(query->after_number - first->number) + 1;
}

int64_t region_log_total(const struct region *region, const struct log_query *query)
{
    int64_t n = 0;
    for (size_t i = begin_of(region, query); i < region->log.n; i++)
        n += matches(query, region_log_at(region, i));
    return n;
}

struct list region_log_find(const struct region *region, const struct log_query *query,
                            struct arena *a)
{
    size_t found = (size_t)region_log_total(region, query);
    if (query->limit > 0 && found > (size_t)query->limit) found = (size_t)query->limit;
    struct log_entry *entries = ARENA_ARRAY(a, found + 1, struct log_entry);
    size_t n = 0;
    for (size_t i = begin_of(region, query); i < region->log.n && n < found; i++) {
        const struct log_entry *entry = region_log_at(region, i);
        if (!matches(query, entry)) continue;
        entries[n] = *entry;
        struct str *strings[7];
        strings_of(&entries[n++], strings);
        for (size_t k = 0; k < EBB_COUNT(strings); k++)
            *strings[k] = strings[k]->n ? arena_copy(a, *strings[k]) : STR_NONE;
    }
    return LIST_OF(entries, n);
}
