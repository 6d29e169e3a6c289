/* SPDX-License-Identifier: Apache-2.0
 * Goal: the query protocol and its XML replies read as AWS writes them, and nothing else does harm.
 * Method: bodies as AWS's documentation shows their form, and tables of broken ones. */
#include <string.h>

#include "tests/support/record_sample.h"
#include "tests/support/test.h"

struct row {
    const char *input;
    int code;
    const char *text;
};

TEST(record_query_refuses_with_place)
{
    static const struct row ROWS[] = {
        {"", E_MALFORMED, "name: required, and missing"},
        {"name=xy&name=yz", E_MALFORMED, "name: given twice"},
        {"name=xy&count=1&count.x=2", E_MALFORMED, "count: given twice"},
        {"name=%4", E_MALFORMED, "a % that is not followed by two hex digits"},
        {"name=%zz", E_MALFORMED, "a % that is not followed by two hex digits"},
        {"name=%FF%FE", E_MALFORMED, "name: text that is not UTF-8"},
        {"name=xy&count=", E_MALFORMED, "count: must be a whole number, is text"},
        {"name=xy&count=1001", E_MALFORMED, "count: must be from -10 to 1000"},
        {"name=xy&count.a=1", E_MALFORMED, "count: must be a whole number, is a map"},
        {"name=xy&enabled=True", E_MALFORMED, "enabled: must be true or false, is text"},
        {"name=xy&createdAt=1700000000", E_MALFORMED, "createdAt: must be a time, is text"},
        {"name=xy&trunk=oak", E_MALFORMED, "trunk: must be a map, is text"},
        {"name=xy&tags=a", E_MALFORMED, "tags: must be a list of member"},
        {"name=xy&tags.member=a", E_MALFORMED, "tags: must be a list of member"},
        {"name=xy&tags.1=a", E_MALFORMED, "tags: must be a list of member"},
        {"name=xy&tags.member.2=a", E_MALFORMED,
         "tags: items must be numbered from 1, without gaps"},
        {"name=xy&tags.member.0=a", E_MALFORMED,
         "tags: items must be numbered from 1, without gaps"},
        {"name=xy&tags.member.1=a&tags.member.01=b", E_MALFORMED,
         "tags: items must be numbered from 1, without gaps"},
        {"name=xy&tags.member.4294967297=a", E_MALFORMED,
         "tags: items must be numbered from 1, without gaps"},
        {"name=xy&tags.member.1.x=a", E_MALFORMED, "tags[0]: must be text, is a map"},
        {"name=xy&labels.entry.1.key=a", E_MALFORMED, "labels[0]: an entry needs key and value"},
        {"name=xy&branches.member.1.leaves.member.1.weight=5", E_MALFORMED,
         "branches[0].leaves[0].status: required, and missing"},
        {"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
         "a.a."
         "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1",
         E_TOO_LARGE, NULL},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct sample out = {0};
        struct err e = {0};
        assert_int_equal(query_decode(&SAMPLE, str_from(ROWS[i].input), &a, &out, &e),
                         ROWS[i].code);
        if (ROWS[i].text) assert_string_equal(e.text, ROWS[i].text);
    }
    arena_release(&a);
}

TEST(record_query_reads_forms_as_clients_send_them)
{
    struct arena a;
    struct sample out = {0};
    struct err e = {0};
    struct buf b;
    arena_init(&a);
    buf_init(&b, 1 << 16);
    buf_add_text(&b, "Action=Do&Version=2011-06-15&&=x&name=a+b%2bc&labels=&a..b=1");
    for (int i = 12; i >= 1; i--)
        buf_add_format(&b, "&tags.member.%d=t%d", i, i);
    assert_ok(query_decode(&SAMPLE, buf_view(&b), &a, &out, &e), e);
    assert_str(out.name, "a b+c");
    assert_int_equal(out.tags.n, 12);
    for (int i = 0; i < 12; i++)
        assert_str(*LIST_AT(out.tags, struct str, i), arena_format(&a, "t%d", i + 1).p);
    assert_int_equal(out.labels.n, 0);
    buf_clear(&b);
    buf_add_text(&b, "Action=Do");
    struct sample in = {.name = STR("~ '%")};
    assert_ok(query_encode(&SAMPLE, &in, &b, &e), e);
    assert_str(buf_view(&b), "Action=Do&name=~%20%27%25&always=0");
    buf_release(&b);
    arena_release(&a);
}

TEST(record_query_items_without_fields_keep_their_place)
{
    struct arena a;
    struct branch branches[3] = {[1] = {.id = STR("b")}};
    struct sample in = {.name = STR("xy"), .branches = LIST_OF(branches, 3)}, out = {0};
    struct err e = {0};
    struct buf b;
    arena_init(&a);
    buf_init(&b, 1000);
    assert_ok(query_encode(&SAMPLE, &in, &b, &e), e);
    assert_str(buf_view(&b), "name=xy&branches.member.1=&branches.member.2.id=b"
                             "&branches.member.3=&always=0");
    assert_ok(query_decode(&SAMPLE, buf_view(&b), &a, &out, &e), e);
    sample_assert_equal(&out, &in);
    buf_release(&b);
    arena_release(&a);
}

TEST(record_query_limits_parameters)
{
    struct arena a;
    struct sample out = {0};
    struct err e = {0};
    struct buf b;
    arena_init(&a);
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 20001; i++)
        buf_add_text(&b, "a&");
    assert_int_equal(query_decode(&SAMPLE, buf_view(&b), &a, &out, &e), E_TOO_LARGE);
    assert_string_equal(e.text, "more than 20000 parameters");
    buf_release(&b);
    arena_release(&a);
}

TEST(record_query_limits_the_names_it_writes)
{
    char name[1024 + 2] = {0};
    const struct field field = F_STR(struct sample, detail, name);
    const struct record record = {.fields = &field, .n = 1, .size = sizeof(struct sample)};
    struct sample in = {.detail = STR("x")};
    struct err e = {0};
    struct buf b;
    buf_init(&b, 10000);
    memset(name, 'n', 1024);
    assert_ok(query_encode(&record, &in, &b, &e), e);
    assert_int_equal(b.n, 1024 + 2);
    name[1024] = 'n';
    assert_int_equal(query_encode(&record, &in, &b, &e), E_TOO_LARGE);
    assert_contains(str_from(e.text), "a name of more than 1024 bytes");
    buf_release(&b);
}

#define IN(fields) "<R xmlns=\"http://a/\"><Result><name>xy</name>" fields "</Result></R>"

TEST(record_xml_refuses_with_place)
{
    static const struct row ROWS[] = {
        {"", E_MALFORMED, "line 1, column 1: no element found"},
        {"<R><Result/></R>", E_MALFORMED, "name: required, and missing"},
        {"<R/>", E_MALFORMED, "no element Result"},
        {"<Result>text</Result>", E_MALFORMED, "must be a map, is text"},
        {IN("") "<R/>", E_MALFORMED, NULL},
        {IN("<name>z</name>"), E_MALFORMED, "name: given twice"},
        {IN("<count>7a</count>"), E_MALFORMED, "count: must be a whole number, is text"},
        {IN("<tags>a</tags>"), E_MALFORMED, "tags: must be a list of member"},
        {IN("<tags><item>a</item></tags>"), E_MALFORMED, "tags: must be a list of member"},
        {IN("<tags><member><x/></member></tags>"), E_MALFORMED, "tags[0]: must be text, is a map"},
        {IN("<labels><entry><key>a</key></entry></labels>"), E_MALFORMED,
         "labels[0]: an entry needs key and value"},
        {IN("<trunk><leaves><member><weight>1</weight></member></leaves></trunk>"), E_MALFORMED,
         "trunk.leaves[0].status: required, and missing"},
        {IN("<x>&undefined;</x>"), E_MALFORMED, "line 1, column 48: undefined entity"},
        {IN("<x>&#0;</x>"), E_MALFORMED, NULL},
        {IN("\x01"), E_MALFORMED, NULL},
        {IN("<x>\xff</x>"), E_MALFORMED, NULL},
        {"<!DOCTYPE R>" IN(""), E_MALFORMED, "a DOCTYPE is not accepted"},
        {"<!DOCTYPE R [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><R>&b;</R>", E_MALFORMED,
         "a DOCTYPE is not accepted"},
        {"<!DOCTYPE R SYSTEM \"file:///etc/passwd\"><R/>", E_MALFORMED,
         "a DOCTYPE is not accepted"},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < EBB_COUNT(ROWS); i++) {
        struct sample out = {0};
        struct err e = {0};
        int rc = xml_decode(&SAMPLE, str_from(ROWS[i].input), STR("Result"), &a, &out, &e);
        if (rc != ROWS[i].code) fail_msg("%s: %d %s", ROWS[i].input, rc, e.text);
        /* Where exactly expat stops is its own affair. */
        if (ROWS[i].text) assert_contains(str_from(e.text), ROWS[i].text);
    }
    arena_release(&a);
}

TEST(record_xml_reads_replies)
{
    static const char REPLY[] =
        "<?xml version=\"1.0\"?>\n<Reply xmlns=\"https://a/\">\n"
        " <Result>\n  <name>a<!-- c --><![CDATA[<b>]]>&amp;&#x20AC;</name>\n"
        "  <unknown><deep/></unknown><tags/>\n"
        "  <labels>\n   <entry><value>v</value><key>k</key></entry>\n"
        "  </labels>\n </Result>\n"
        " <Meta><RequestId>1</RequestId></Meta>\n</Reply>\n";
    struct arena a;
    struct sample out = {0};
    struct err e = {0};
    arena_init(&a);
    assert_ok(xml_decode(&SAMPLE, str_from(REPLY), STR("Result"), &a, &out, &e), e);
    assert_str(out.name, "a<b>&\xE2\x82\xAC");
    assert_int_equal(out.tags.n, 0);
    assert_int_equal(out.labels.n, 1);
    assert_str(LIST_AT(out.labels, struct pair, 0)->key, "k");
    assert_str(LIST_AT(out.labels, struct pair, 0)->value, "v");
    arena_release(&a);
}

TEST(record_xml_limits_depth_and_elements)
{
    struct arena a;
    struct sample out = {0};
    struct err e = {0};
    struct buf b;
    arena_init(&a);
    buf_init(&b, (size_t)4 << 20);
    for (int i = 0; i < 1000; i++)
        buf_add_text(&b, "<a>");
    assert_int_equal(xml_decode(&SAMPLE, buf_view(&b), STR("R"), &a, &out, &e), E_MALFORMED);
    assert_contains(str_from(e.text), "elements too deep");
    buf_clear(&b);
    buf_add_text(&b, "<a>");
    for (int i = 0; i < 200000; i++)
        buf_add_text(&b, "<a/>");
    assert_int_equal(xml_decode(&SAMPLE, buf_view(&b), STR("R"), &a, &out, &e), E_MALFORMED);
    assert_contains(str_from(e.text), "too many elements");
    assert_int_equal(a.used_bytes, 0);
    buf_release(&b);
    arena_release(&a);
}

TEST(record_xml_writes_what_xml_can_hold)
{
    struct sample in = {.name = STR("<&>\r\n\x01\xEF\xBF\xBE\"'"), .always = 1}, out = {0};
    struct arena a;
    struct buf b;
    struct err e = {0};
    arena_init(&a);
    buf_init(&b, 1000);
    buf_add_text(&b, "<R>");
    assert_ok(xml_encode(&SAMPLE, &in, &b, &e), e);
    buf_add_text(&b, "</R>");
    assert_str(buf_view(&b), "<R><name>&lt;&amp;&gt;&#13;\n\xEF\xBF\xBD\xEF\xBF\xBD\"'</name>"
                             "<always>1</always></R>");
    assert_ok(xml_decode(&SAMPLE, buf_view(&b), STR("R"), &a, &out, &e), e);
    assert_str(out.name, "<&>\r\n\xEF\xBF\xBD\xEF\xBF\xBD\"'");
    buf_release(&b);
    arena_release(&a);
}
