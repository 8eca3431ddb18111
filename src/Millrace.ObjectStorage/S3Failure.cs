using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage;

/// <summary>Translates the errors of S3.</summary>
internal static class S3Failure
{
    private const string MissingBucket = "NoSuchBucket";

    /// <summary>Returns whether an object is missing, but not its bucket.</summary>
    public static bool IsMissingObject(AmazonS3Exception exception) =>
        exception is { StatusCode: HttpStatusCode.NotFound, ErrorCode: not MissingBucket };

    public static CallFailure? Of(Exception exception, string? region) => exception switch
    {
        AmazonServiceException { StatusCode: not 0 } answer => OfAnswer(answer, region),
        AmazonServiceException => null, // The inner exceptions tell why there was no answer.
        AmazonClientException { InnerException: null } => new(
            ObjectStorageProblem.Denied,
            $"there are no credentials ({exception.Message}). Set AccessKeyId and SecretAccessKey, or provide the "
                + "credentials by the environment."),
        _ => null,
    };

    private static CallFailure OfAnswer(AmazonServiceException answer, string? region)
    {
        var reason = $"{answer.Message} ({answer.ErrorCode}, HTTP {(int)answer.StatusCode}).";
        return answer.ErrorCode switch
        {
            MissingBucket => new(
                ObjectStorageProblem.Unavailable,
                $"the bucket does not exist ({reason}) Create it, or check its name."),
            "RequestTimeTooSkewed" => new(ObjectStorageProblem.Denied, $"{reason} Set the clock of this machine."),
            "PermanentRedirect" or "AuthorizationHeaderMalformed" => new(
                ObjectStorageProblem.Other, $"{reason} Check Region, which is '{region}'."),
            _ when IsFull(answer) => new(ObjectStorageProblem.Full, $"{reason} Free space, or increase the quota."),
            _ when IsBusy(answer) => CallFailure.Unreachable($"the server is busy: {reason}"),
            _ when answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(
                ObjectStorageProblem.Denied,
                $"{reason} Check the credentials, and their rights to list, read, write and delete objects."),
            _ => new(ObjectStorageProblem.Other, reason),
        };
    }

    private static bool IsFull(AmazonServiceException answer) =>
        answer.StatusCode == HttpStatusCode.InsufficientStorage
        || answer.ErrorCode is "QuotaExceeded" or "XMinioStorageFull" or "XMinioAdminBucketQuotaExceeded";

    private static bool IsBusy(AmazonServiceException answer) =>
        answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
            or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout
        || answer.ErrorCode is "SlowDown" or "RequestTimeout" or "OperationAborted" or "Throttling"
            or "ThrottlingException" or "RequestLimitExceeded" or "TooManyRequestsException";
}
