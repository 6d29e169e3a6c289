/* SPDX-License-Identifier: Apache-2.0
 * The digest SQS gives of message attributes: of each in order of name, the name, type and value
 * with their lengths. Source: SQS Developer Guide, "Calculating the MD5 message digest for message
 * attributes". */
#include <stdlib.h>

#include "lib/base/crypto.h"
#include "world/region/sqs.h"

#define ATTRIBUTES_MAX 10

static void add_part(struct buf *b, struct str s)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_add_char(b, (char)(s.n >> shift & 255));
    buf_add(b, s);
}

static int compare_names(const void *a, const void *b)
{
    const struct json *const *left = a, *const *right = b;
    return str_compare((*left)->name, (*right)->name);
}

static bool add_attribute(struct buf *b, const struct json *attribute, struct arena *a)
{
    const struct json *type = json_member(attribute, STR("DataType"));
    const struct json *text = json_member(attribute, STR("StringValue"));
    const struct json *bytes = json_member(attribute, STR("BinaryValue"));
    const struct json *value = text ? text : bytes;
    if (!type || type->kind != JSON_STRING || !value || value->kind != JSON_STRING) return false;
    struct str raw = value->text;
    if (!text && crypto_base64_decode(a, bytes->text, &raw)) return false;
    add_part(b, attribute->name);
    add_part(b, type->text);
    buf_add_char(b, text ? 1 : 2);
    add_part(b, raw);
    return true;
}

int sqs_attributes_md5(struct str attributes, struct arena *a, struct str *out,
                       struct aws_error *err)
{
    *out = STR_NONE;
    if (str_is_empty(attributes) || str_eq(attributes, STR("{}"))) return 0;
    struct json *root;
    const struct json *sorted[ATTRIBUTES_MAX];
    size_t n = 0;
    bool good = json_parse(attributes, a, &root) == 0 && root->kind == JSON_OBJECT;
    for (const struct json *child = good ? root->first : NULL; child && good; child = child->next) {
        good = n < ATTRIBUTES_MAX;
        if (good) sorted[n++] = child;
    }
    struct buf b;
    buf_init(&b, (size_t)SQS_BODY_MAX * 2);
    if (good && n) qsort(sorted, n, sizeof(sorted[0]), compare_names);
    for (size_t i = 0; i < n && good; i++)
        good = add_attribute(&b, sorted[i], a);
    if (good && n) *out = crypto_md5_hex(a, buf_view(&b));
    buf_release(&b);
    if (good) return 0;
    return sqs_refuse(err, "InvalidParameterValueException", "InvalidParameterValue",
                      "The message attributes are not valid.");
}
