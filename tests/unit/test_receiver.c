/* SPDX-License-Identifier: Apache-2.0
 * Goal: a receiver deletes from SQS exactly what Kafka has acknowledged, and sends again only the
 * rest. Method: one pass on scripted ports; what was published and deleted is compared. */
#include "producers/receiver.h"
#include "tests/support/fake_ports.h"

#define BODY                                                                                       \
    "{\\\"version\\\":\\\"0\\\",\\\"id\\\":\\\"e-1\\\",\\\"detail-type\\\":\\\"Scheduled "         \
    "Event\\\","                                                                                   \
    "\\\"source\\\":\\\"aws.events\\\",\\\"account\\\":\\\"123456789012\\\","                      \
    "\\\"time\\\":\\\"2023-11-14T22:13:20Z\\\",\\\"region\\\":\\\"us-east-1\\\","                  \
    "\\\"resources\\\":[],"                                                                        \
    "\\\"detail\\\":{}}"
#define THREE                                                                                      \
    "{\"Messages\":[{\"MessageId\":\"m-1\",\"ReceiptHandle\":\"r-1\",\"Body\":\"" BODY "\"},"      \
    "{\"MessageId\":\"m-2\",\"ReceiptHandle\":\"r-2\",\"Body\":\"nothing readable\"},"             \
    "{\"MessageId\":\"m-3\",\"ReceiptHandle\":\"r-3\",\"Body\":\"" BODY "\"}]}"

struct receiving {
    struct fake_ports ports;
    struct role_context context;
    struct receiver receiver;
    _Atomic int64_t one_until_ms;
    int waits, stops_after;
};

static bool wait_or_stop(void *ctx, int64_t ms)
{
    struct receiving *r = ctx;
    (void)ms;
    return ++r->waits >= r->stops_after;
}

static void open_receiving(struct receiving *r)
{
    *r = (struct receiving){.stops_after = 100};
    fake_ports_open(&r->ports);
    r->context = (struct role_context){.ports = r->ports.ports, .config = &r->ports.config};
    r->context.log.least = LOG_ERROR + 1;
    r->ports.config.sqs.visibility_ms = 30000;
    r->receiver = (struct receiver){.context = &r->context,
                                    .log = &r->context.log,
                                    .queue = STR("http://sqs/queue"),
                                    .wait = wait_or_stop,
                                    .wait_ctx = r,
                                    .one_until_ms = &r->one_until_ms};
}

static int pass(struct receiving *r)
{
    struct err e = {0};
    return receiver_pass(&r->receiver, &e);
}

TEST(receiver_deletes_what_kafka_has_and_sends_the_rest_again)
{
    struct receiving r;
    open_receiving(&r);
    struct fake_ports *f = &r.ports;
    fake_aws_says(f, "ReceiveMessage", THREE);
    f->bus_codes[1] = E_UNKNOWN_OUTCOME;
    fake_aws_says(f, "DeleteMessageBatch", "{}");
    fake_aws_says(f, "ChangeMessageVisibilityBatch", "{}");
    fake_aws_says(f, "DeleteMessageBatch", "{}");
    assert_int_equal(pass(&r), E_OK);
    assert_int_equal(f->published_n, 4);
    assert_str(f->published[1].topic, "ebb.dead");
    assert_str(f->published[3].topic, "ebb.dead");
    assert_contains(f->calls[1].input, "r-1");
    assert_contains(f->calls[1].input, "r-3");
    assert_false(str_contains(f->calls[1].input, STR("r-2")));
    assert_contains(f->calls[2].input, "r-2");
    assert_false(str_contains(f->calls[2].input, STR("r-1")));
    assert_contains(f->calls[3].input, "r-2");
    fake_ports_close(f);
}

TEST(receiver_that_is_to_stop_leaves_the_rest_to_sqs)
{
    struct receiving r;
    open_receiving(&r);
    r.stops_after = 1;
    fake_aws_says(&r.ports, "ReceiveMessage", THREE);
    for (int i = 0; i < 3; i++)
        r.ports.bus_codes[i] = E_UNREACHABLE;
    assert_int_equal(pass(&r), E_OK);
    assert_int_equal(r.ports.calls_n, 1);
    assert_false(r.receiver.ready);
    fake_ports_close(&r.ports);
}

TEST(receiver_buries_what_kafka_will_never_take)
{
    struct receiving r;
    open_receiving(&r);
    struct fake_ports *f = &r.ports;
    fake_aws_says(f, "ReceiveMessage", THREE);
    f->bus_codes[0] = E_TOO_LARGE;
    fake_aws_says(f, "DeleteMessageBatch", "{}");
    fake_aws_says(f, "ChangeMessageVisibilityBatch", "{}");
    fake_aws_says(f, "DeleteMessageBatch", "{}");
    assert_int_equal(pass(&r), E_OK);
    assert_str(f->published[0].topic, "ebb.history");
    assert_str(f->published[3].topic, "ebb.dead");
    fake_ports_close(f);
}

/* It is hidden and comes again: for two visibilities everybody takes one at a time. */
TEST(receiver_takes_one_by_one_what_was_too_large_together)
{
    static const char *const WANTED[] = {"\"MaxNumberOfMessages\":1,",
                                         "\"MaxNumberOfMessages\":10,"};
    struct receiving r;
    open_receiving(&r);
    fake_aws_fails(&r.ports, "ReceiveMessage", E_TOO_LARGE, "");
    assert_int_equal(pass(&r), E_TOO_LARGE);
    for (size_t i = 0; i < EBB_COUNT(WANTED); i++) {
        fake_aws_says(&r.ports, "ReceiveMessage", "{}");
        assert_int_equal(pass(&r), E_OK);
        assert_contains(r.ports.calls[i + 1].input, WANTED[i]);
        r.ports.now_ms = atomic_load(&r.one_until_ms);
    }
    fake_ports_close(&r.ports);
}

TEST(receiver_takes_no_more_than_it_asked_for)
{
    struct receiving r;
    struct buf b;
    open_receiving(&r);
    buf_init(&b, 4096);
    for (int i = 0; i < 11; i++)
        buf_add_format(&b, "%s{\"MessageId\":\"m\",\"ReceiptHandle\":\"r\",\"Body\":\"x\"}",
                       i ? "," : "{\"Messages\":[");
    buf_add_text(&b, "]}");
    struct str answer = arena_copy(&r.ports.arena, buf_view(&b));
    fake_aws_says(&r.ports, "ReceiveMessage", answer.p);
    assert_int_equal(pass(&r), E_UNAVAILABLE);
    assert_int_equal(r.ports.published_n, 0);
    buf_release(&b);
    fake_ports_close(&r.ports);
}

/* What SQS would not delete comes again, so nothing is done about it now. */
TEST(receiver_leaves_to_sqs_what_it_does_not_delete)
{
    struct receiving r;
    open_receiving(&r);
    fake_aws_says(&r.ports, "ReceiveMessage", THREE);
    fake_aws_says(&r.ports, "DeleteMessageBatch",
                  "{\"Failed\":[{\"Id\":\"1\",\"Code\":\"InternalError\",\"Message\":\"later\"}]}");
    assert_int_equal(pass(&r), E_OK);
    assert_int_equal(r.ports.published_n, 3);
    assert_int_equal(r.ports.calls_n, 2);
    fake_ports_close(&r.ports);
}
