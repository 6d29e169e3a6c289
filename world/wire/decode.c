/* SPDX-License-Identifier: Apache-2.0
 * See decode.h. Decides what becomes of a malformed input; what a well-formed one may say is the
 * region's to decide. */
#include "world/wire/decode.h"

#include "lib/record/walkers.h"

#include <stdio.h>
#include <string.h>

/* Members whose absence is not zero: what an operation takes for "not given". */
static const struct {
    const char *operation, *field;
    int64_t value;
} NOT_GIVEN[] = {
    {"ecs:CreateService", "desiredCount", -1},
    {"ecs:UpdateService", "desiredCount", -1},
    {"sqs:ReceiveMessage", "WaitTimeSeconds", -1},
    {"sqs:ReceiveMessage", "VisibilityTimeout", -1},
    {"sqs:SendMessage", "DelaySeconds", -1},
    {"application-autoscaling:RegisterScalableTarget", "MinCapacity", -1},
    {"application-autoscaling:RegisterScalableTarget", "MaxCapacity", -1},
    {"cloudwatch:PutMetricAlarm", "ActionsEnabled", true},
    {"cloudwatch:PutCompositeAlarm", "ActionsEnabled", true},
};

/* No client sends it: what stands in an integer until the input does. */
#define NOT_SENT INT64_MIN

static const struct field *field_of_row(const struct region_operation *operation, size_t i)
{
    if (!str_eq(str_from(operation->id), str_from(NOT_GIVEN[i].operation))) return NULL;
    const struct field *f = record_field(operation->shape->input, str_from(NOT_GIVEN[i].field));
    EBB_ASSERT(f && (f->kind == FIELD_INT || f->kind == FIELD_BOOL));
    return f;
}

static void mark_not_sent(const struct region_operation *operation, void *in)
{
    for (size_t i = 0; i < EBB_COUNT(NOT_GIVEN); i++) {
        const struct field *f = field_of_row(operation, i);
        if (f && f->kind == FIELD_INT) *(int64_t *)field_at(f, in) = NOT_SENT;
        if (f && f->kind == FIELD_BOOL) *(bool *)field_at(f, in) = NOT_GIVEN[i].value != 0;
    }
}

/* None of these members may be negative, so that "not given" cannot be sent. Returns the one that
 * is. */
static const struct field *settle_not_sent(const struct region_operation *operation, void *in)
{
    for (size_t i = 0; i < EBB_COUNT(NOT_GIVEN); i++) {
        const struct field *f = field_of_row(operation, i);
        if (!f || f->kind != FIELD_INT) continue;
        int64_t *value = field_at(f, in);
        if (*value == NOT_SENT)
            *value = NOT_GIVEN[i].value;
        else if (*value < 0)
            return f;
    }
    return NULL;
}

/* How each service names an input it refuses before looking at what it means. %s is the member. */
struct manners {
    const char *host_prefix;
    const char *missing_code, *missing_text;
    const char *limit_code;
    bool capital; /* the member as a person would write it: "Services", not "services" */
};
static const struct manners MANNERS[] = {
    {"ecs", "InvalidParameterException", "%s cannot be empty.", "InvalidParameterException", true},
    {"sqs", "MissingParameter", "The request must contain the parameter %s.",
     "InvalidParameterValue", true},
    {"monitoring", "MissingParameter", "The parameter %s is required.", "InvalidParameterValue",
     true},
    {"sts", "ValidationError",
     "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must "
     "not be null",
     "ValidationError", false},
};
static const struct manners OTHER_MANNERS = {
    "", "ValidationException",
    "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not "
    "be null",
    "ValidationException", false};

static const struct manners *manners_of(const struct aws_service *service)
{
    for (size_t i = 0; i < EBB_COUNT(MANNERS); i++)
        if (str_eq(str_from(service->host_prefix), str_from(MANNERS[i].host_prefix)))
            return &MANNERS[i];
    return &OTHER_MANNERS;
}

static void refuse_missing(const struct manners *manners, struct str path, struct arena *a,
                           struct aws_error *refusal)
{
    char *member = (char *)arena_alloc(a, path.n + 1);
    memcpy(member, path.p, path.n);
    bool is_lower = member[0] >= 'a' && member[0] <= 'z';
    bool is_upper = member[0] >= 'A' && member[0] <= 'Z';
    if (manners->capital && is_lower) member[0] = (char)(member[0] - 'a' + 'A');
    if (!manners->capital && is_upper) member[0] = (char)(member[0] - 'A' + 'a');
    refusal->code = manners->missing_code;
    const char *at = strstr(manners->missing_text, "%s");
    (void)snprintf(refusal->message, sizeof(refusal->message), "%.*s%s%s",
                   (int)(at - manners->missing_text), manners->missing_text, member, at + 2);
}

/* Whether the words begin with the path of a member, and so speak of it and not of the document. */
static bool names_a_member(const struct record *input, struct str words)
{
    for (size_t i = 0; i < input->n; i++) {
        struct str name = str_from(input->fields[i].name);
        bool begins = str_starts(words, name) && words.n > name.n;
        if (begins && memchr(":.[", words.p[name.n], 3)) return true;
    }
    return false;
}

/* Sorts what a walker refused: a member that is missing, one over a limit, or bytes that are not
 * this shape. */
static void refuse_input(const struct route *route, const struct err *e, struct arena *a,
                         struct aws_error *refusal)
{
    const struct manners *manners = manners_of(route->service);
    struct str words = str_from(e->text), missing = STR(": required, and missing");
    *refusal = (struct aws_error){.http_status = 400, .sender = true};
    if (str_ends(words, missing)) {
        words.n -= missing.n;
        refuse_missing(manners, words, a, refusal);
        return;
    }
    bool over_limit =
        e->code == E_TOO_LARGE && names_a_member(route->operation->shape->input, words);
    refusal->code = over_limit ? manners->limit_code : "SerializationException";
    if (!over_limit && route->protocol == AWS_QUERY) refusal->code = "MalformedInput";
    (void)snprintf(refusal->message, sizeof(refusal->message), "%s", e->text);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static struct str percent_decoded(struct arena *a, struct str s)
{
    char *out = (char *)arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool escape = s.p[i] == '%' && i + 2 < s.n && hex_digit(s.p[i + 1]) >= 0 &&
                      hex_digit(s.p[i + 2]) >= 0;
        if (!escape) {
            out[n++] = s.p[i];
            continue;
        }
        out[n++] = (char)(hex_digit(s.p[i + 1]) * 16 + hex_digit(s.p[i + 2]));
        i += 2;
    }
    return (struct str){out, n};
}

/* The value of {wire} in the path: the operation's form and the path were found to match. */
static struct str path_value(const struct aws_rest *rest, const char *wire, struct str path,
                             struct arena *a)
{
    struct str values[ROUTE_NAMES_MAX], form = str_from(rest->path);
    if (!route_path_matches(rest->path, path, values)) return STR_NONE;
    size_t names = 0;
    while (form.p) {
        struct str step = str_cut(&form, '/');
        if (step.n <= 2 || step.p[0] != '{') continue;
        if (str_eq((struct str){step.p + 1, step.n - 2}, str_from(wire)))
            return percent_decoded(a, values[names]);
        names++;
    }
    return STR_NONE;
}

static struct str query_value(struct str query, const char *wire, struct arena *a)
{
    while (query.p) {
        struct str value = str_cut(&query, '&'), name = str_cut(&value, '=');
        if (str_eq(percent_decoded(a, name), str_from(wire)))
            return value.p ? percent_decoded(a, value) : STR("");
    }
    return STR_NONE;
}

static int decode_rest(const struct aws_operation *shape, const struct http_incoming *request,
                       struct arena *a, void *in, struct err *e)
{
    for (size_t i = 0; i < shape->rest->input_n; i++) {
        const struct aws_binding *binding = &shape->rest->input[i];
        const struct field *f = record_field(shape->input, str_from(binding->field));
        struct str value = STR_NONE;
        EBB_ASSERT(f);
        switch (binding->place) {
        case AWS_IN_PATH: value = path_value(shape->rest, binding->wire, request->path, a); break;
        case AWS_IN_QUERY: value = query_value(request->query, binding->wire, a); break;
        case AWS_IN_HEADER: value = http_incoming_header(request, str_from(binding->wire)); break;
        case AWS_IN_PAYLOAD: value = request->body; break;
        case AWS_IN_STATUS: break;
        }
        if (!value.p) continue;
        if (f->kind == FIELD_STR)
            *(struct str *)field_at(f, in) = value;
        else if (field_from_text(f, value, a, in, e))
            return e->code;
        int rc = field_check(f, in, e);
        if (rc) return rc;
    }
    return E_OK;
}

void *decode_input(const struct route *route, const struct http_incoming *request, struct arena *a,
                   struct aws_error *refusal)
{
    const struct aws_operation *shape = route->operation->shape;
    struct err e = {0};
    int rc = E_BUG;
    void *in = arena_alloc(a, shape->input->size);
    mark_not_sent(route->operation, in);
    switch (shape->service->protocol) {
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        rc = json_decode(shape->input, request->body.n ? request->body : STR("{}"), a, in, &e);
        break;
    case AWS_QUERY: rc = query_decode(shape->input, request->body, a, in, &e); break;
    case AWS_REST_JSON: rc = decode_rest(shape, request, a, in, &e); break;
    }
    if (rc) {
        refuse_input(route, &e, a, refusal);
        return NULL;
    }
    const struct field *negative = settle_not_sent(route->operation, in);
    if (!negative) return in;
    *refusal = (struct aws_error){
        .http_status = 400, .sender = true, .code = manners_of(shape->service)->limit_code};
    (void)snprintf(refusal->message, sizeof(refusal->message),
                   "Value %lld for parameter %s is invalid. Reason: Must be >= 0.",
                   (long long)*(const int64_t *)field_in(negative, in), negative->name);
    return NULL;
}
