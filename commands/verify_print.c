/* SPDX-License-Identifier: Apache-2.0
 * ebb verify-aws: what it says before it does anything, and what it found. */
#include "commands/verify_aws.h"
#include "lib/base/time_text.h"

static const char *or_made(struct str given, const char *otherwise, struct arena *a)
{
    return given.n ? arena_cstr(a, given) : otherwise;
}

int verify_aws_plan(const struct verify_aws_options *options, struct str region, struct arena *a)
{
    const struct verify_options *run = &options->run;
    struct list actions = verify_actions(a);
    bool fargate = str_eq(run->launch_type, STR("FARGATE"));
    printf("Nothing was done; --yes does it. In %.*s this would\n\n", STR_ARG(region));
    printf("  find and remove what earlier runs left whose time is over (names %.*s-*, tag %s)\n",
           STR_ARG(run->prefix), VERIFY_TAG);
    printf("  make     cluster %s\n", or_made(run->cluster, "of its own (or --cluster NAME)", a));
    printf("           task definition, family %.*s" VERIFY_FAMILY_END
           ", 0.25 vCPU and 512 MB, image %.*s\n",
           STR_ARG(run->prefix), STR_ARG(run->image));
    printf("           service %.*s-XXXXXXXX of %d tasks, launch type %.*s%s\n",
           STR_ARG(run->prefix), VERIFY_TASKS, STR_ARG(run->launch_type),
           run->public_ip ? ", with public addresses" : "");
    printf("  try      %zu assumptions: change its count, protect, stop and deploy its tasks\n",
           verify_assumptions(a).n);
    printf("  remove   all of that, also when it fails or is interrupted\n\n");
    printf("It takes some 15 minutes, at most %.*s. %s\n\n",
           STR_ARG(time_format_span(a, run->timeout_ms)),
           fargate
               ? "Five of the smallest Fargate tasks for that long cost a few US cents; nothing "
                 "else is paid for\nbut the image's way through a NAT gateway, or public "
                 "addresses."
               : "The tasks run on instances of yours, which need room for 7 of them.");
    printf("Permissions (docs/iam-policy-verify.json):\n");
    for (size_t i = 0; i < actions.n; i++)
        printf("%s%.*s%s", i % 3 ? " " : "  ", STR_ARG(*LIST_AT(actions, struct str, i)),
               i % 3 == 2 || i + 1 == actions.n ? "\n" : "");
    return EXIT_CODE_OK;
}

/* Two lines each: what is believed, and what was seen. */
void verify_aws_print(const struct verify_report *report, struct arena *a)
{
    struct table t;
    struct str heading[] = {STR(""), STR("result"), STR("what is believed, and what was seen")};
    table_init(&t, a, EBB_COUNT(heading), heading);
    for (size_t i = 0; i < report->results.n; i++) {
        const struct verify_result *r = LIST_AT(report->results, struct verify_result, i);
        struct str believed[] = {r->id, enum_word(&VERIFY_ENDS, r->end), r->words};
        struct str seen[] = {STR(" "), STR(" "), arena_format(a, "  %.*s", STR_ARG(r->seen))};
        table_add(&t, believed);
        table_add(&t, seen);
    }
    table_print(&t, "", stdout);
    printf("\n%lld proven, %lld broken, %lld not checked\n", (long long)report->proven,
           (long long)report->broken, (long long)report->not_checked);
}
