/* SPDX-License-Identifier: Apache-2.0
 * The one table of AWS's error codes. A code that is not in it means what its HTTP status means. */
#include "lib/aws/classify.h"

struct row {
    struct str code;
    enum aws_meaning meaning;
};

static const struct row TABLE[] = {
    {STR("Throttling"), AWS_MEANS_THROTTLED},
    {STR("ThrottlingException"), AWS_MEANS_THROTTLED},
    {STR("ThrottledException"), AWS_MEANS_THROTTLED},
    {STR("RequestThrottled"), AWS_MEANS_THROTTLED},
    {STR("RequestThrottledException"), AWS_MEANS_THROTTLED},
    {STR("TooManyRequestsException"), AWS_MEANS_THROTTLED},
    {STR("ProvisionedThroughputExceededException"), AWS_MEANS_THROTTLED},
    {STR("TransactionInProgressException"), AWS_MEANS_THROTTLED},
    {STR("RequestLimitExceeded"), AWS_MEANS_THROTTLED},
    {STR("BandwidthLimitExceeded"), AWS_MEANS_THROTTLED},
    {STR("LimitExceededException"), AWS_MEANS_THROTTLED},
    {STR("SlowDown"), AWS_MEANS_THROTTLED},
    {STR("PriorRequestNotComplete"), AWS_MEANS_THROTTLED},
    {STR("EC2ThrottledException"), AWS_MEANS_THROTTLED},
    {STR("KmsThrottled"), AWS_MEANS_THROTTLED},
    {STR("OverLimit"), AWS_MEANS_THROTTLED},

    {STR("RequestTimeout"), AWS_MEANS_TRANSIENT},
    {STR("RequestTimeoutException"), AWS_MEANS_TRANSIENT},
    {STR("InternalError"), AWS_MEANS_TRANSIENT},
    {STR("InternalFailure"), AWS_MEANS_TRANSIENT},
    {STR("InternalException"), AWS_MEANS_TRANSIENT},
    {STR("InternalServerError"), AWS_MEANS_TRANSIENT},
    {STR("InternalServiceError"), AWS_MEANS_TRANSIENT},
    {STR("InternalServiceException"), AWS_MEANS_TRANSIENT},
    {STR("ServerException"), AWS_MEANS_TRANSIENT},
    {STR("ServiceException"), AWS_MEANS_TRANSIENT},
    {STR("ServiceUnavailable"), AWS_MEANS_TRANSIENT},
    {STR("ServiceUnavailableException"), AWS_MEANS_TRANSIENT},

    {STR("ConcurrentUpdateException"), AWS_MEANS_CONFLICT},
    {STR("ConcurrentModificationException"), AWS_MEANS_CONFLICT},
    {STR("ResourceNotReadyException"), AWS_MEANS_CONFLICT},
    {STR("ResourceConflictException"), AWS_MEANS_CONFLICT},

    {STR("ExpiredToken"), AWS_MEANS_EXPIRED},
    {STR("ExpiredTokenException"), AWS_MEANS_EXPIRED},
    {STR("TokenRefreshRequired"), AWS_MEANS_EXPIRED},

    {STR("RequestTimeTooSkewed"), AWS_MEANS_SIGNATURE},
    {STR("RequestExpired"), AWS_MEANS_SIGNATURE},
    {STR("RequestInTheFuture"), AWS_MEANS_SIGNATURE},
    {STR("SignatureDoesNotMatch"), AWS_MEANS_SIGNATURE},
    {STR("InvalidSignatureException"), AWS_MEANS_SIGNATURE},
    {STR("AuthFailure"), AWS_MEANS_SIGNATURE},

    {STR("AccessDenied"), AWS_MEANS_DENIED},
    {STR("AccessDeniedException"), AWS_MEANS_DENIED},
    {STR("UnauthorizedOperation"), AWS_MEANS_DENIED},
    {STR("NotAuthorized"), AWS_MEANS_DENIED},
    {STR("OptInRequired"), AWS_MEANS_DENIED},
    {STR("InvalidClientTokenId"), AWS_MEANS_DENIED},
    {STR("InvalidAccessKeyId"), AWS_MEANS_DENIED},
    {STR("InvalidSecurity"), AWS_MEANS_DENIED},
    {STR("UnrecognizedClientException"), AWS_MEANS_DENIED},
    {STR("MissingAuthenticationToken"), AWS_MEANS_DENIED},
    {STR("MissingAuthenticationTokenException"), AWS_MEANS_DENIED},
    {STR("IncompleteSignature"), AWS_MEANS_DENIED},
    {STR("IncompleteSignatureException"), AWS_MEANS_DENIED},
    {STR("KmsAccessDenied"), AWS_MEANS_DENIED},
    {STR("KMSAccessDeniedException"), AWS_MEANS_DENIED},

    {STR("ClusterNotFoundException"), AWS_MEANS_NOT_FOUND},
    {STR("ServiceNotFoundException"), AWS_MEANS_NOT_FOUND},
    {STR("ResourceNotFoundException"), AWS_MEANS_NOT_FOUND},
    {STR("ResourceNotFound"), AWS_MEANS_NOT_FOUND},
    {STR("ObjectNotFoundException"), AWS_MEANS_NOT_FOUND},
    {STR("NotFoundException"), AWS_MEANS_NOT_FOUND},
    {STR("QueueDoesNotExist"), AWS_MEANS_NOT_FOUND},
    {STR("AWS.SimpleQueueService.NonExistentQueue"), AWS_MEANS_NOT_FOUND},
};

static enum aws_meaning meaning_of_status(int status)
{
    switch (status) {
    case 401:
    case 403: return AWS_MEANS_DENIED;
    case 404: return AWS_MEANS_NOT_FOUND;
    case 408: return AWS_MEANS_TRANSIENT;
    case 429: return AWS_MEANS_THROTTLED;
    default: return status >= 500 ? AWS_MEANS_TRANSIENT : AWS_MEANS_REFUSED;
    }
}

enum aws_meaning aws_classify(struct str code, int http_status)
{
    for (size_t i = 0; i < EBB_COUNT(TABLE); i++)
        if (str_eq(code, TABLE[i].code)) return TABLE[i].meaning;
    return meaning_of_status(http_status);
}
