/* SPDX-License-Identifier: Apache-2.0
 * What a reply that is not a success means. */
#ifndef EBB_AWS_CLASSIFY_H
#define EBB_AWS_CLASSIFY_H

#include "lib/base/str.h"

enum aws_meaning {
    AWS_MEANS_THROTTLED, /* surely not done; later */
    AWS_MEANS_NOT_DONE,  /* surely not done: it never came to AWS; later */
    AWS_MEANS_TRANSIENT, /* AWS's own trouble; may have been done */
    AWS_MEANS_CONFLICT,  /* surely not done: another change was under way */
    AWS_MEANS_EXPIRED,   /* surely not done: the credentials are old */
    AWS_MEANS_SIGNATURE, /* surely not done: wrong keys, or a wrong clock */
    AWS_MEANS_DENIED,
    AWS_MEANS_NOT_FOUND,
    AWS_MEANS_REFUSED,
};

enum aws_meaning aws_classify(struct str code, int http_status);

#endif
