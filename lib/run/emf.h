/* SPDX-License-Identifier: Apache-2.0
 * The original documents' CloudWatch metrics, namespace ECS/SafeScaleIn, in the embedded metric
 * format: lines of JSON on standard output, which the awslogs and FireLens log drivers carry to
 * CloudWatch. Dimensions are few and bounded; tasks, addresses and drains are properties, which
 * cost nothing and can be searched. Thread-safe. */
#ifndef EBB_RUN_EMF_H
#define EBB_RUN_EMF_H

#include "lib/run/look.h"

/* A metric's dimension: one at most. */
enum emf_dimension { EMF_NO_DIMENSION, EMF_REASON, EMF_SERVICE_ARN };

/*    name                       in CloudWatch                   dimension */
#define EMF_METRICS(X)                                                                             \
    X(SCALE_IN_SKIPPED, "ScaleInSkipped", REASON)                                                  \
    X(SCALE_IN_ERRORS, "ScaleInErrors", REASON)                                                    \
    X(DISTRIBUTOR_FAILURES, "KamailioInvocationFailures", NO_DIMENSION)                            \
    X(START_FAILURES, "AsteriskDrainStartFailures", NO_DIMENSION)                                  \
    X(DRAIN_STARTED, "DrainStarted", SERVICE_ARN)                                                  \
    X(DRAINING_COUNT, "DrainingCount", SERVICE_ARN)                                                \
    X(SCALE_OUT_COMPLETED, "ScaleOutCompleted", SERVICE_ARN)                                       \
    X(SCALER_AUTH_FAILURES, "ScalerAuthFailures", NO_DIMENSION)                                    \
    X(SCALER_INVALID_STATE, "ScalerInvalidState", NO_DIMENSION)                                    \
    X(SCALER_SKIPPED, "ScalerSkipped", REASON)                                                     \
    X(SCALER_ERRORS, "ScalerErrors", REASON)                                                       \
    X(WRONG_TASK_STOPPED, "WrongTaskStopped", SERVICE_ARN)

enum emf_metric {
#define X(name, word, dimension) EMF_##name,
    EMF_METRICS(X)
#undef X
        EMF_METRICS_N
};

struct emf;

/* Lines go to fd, one write each; a line that cannot be written is lost, and counted. */
struct emf *emf_new(struct clock clock, int fd);
void emf_free(struct emf *emf);

/* What a line tells of. Absent members are left out; a metric whose dimension is absent is sent
 * without dimensions. */
struct emf_about {
    struct str reason;
    struct str service; /* key; becomes the dimension or property ServiceArn */
    struct str task_arn, address, drain_id, cause;
};

/* emf NULL: nothing, for processes that were not told to. */
void emf_count(struct emf *emf, enum emf_metric metric, const struct emf_about *about);
/* What one look means to these metrics. */
void emf_look(struct emf *emf, struct str stage, const struct view *v,
              const struct look_report *report);

/* Lines that could not be written so far. */
int64_t emf_lost(const struct emf *emf);

/* One line as it is written, with its newline. */
void emf_line(enum emf_metric metric, int64_t value, const struct emf_about *about, int64_t now_ms,
              struct buf *out);

#endif
