using System.Globalization;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;
using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage;

/// <summary>Translates the errors of Azure Blob Storage.</summary>
internal static class AzureBlobFailure
{
    /// <summary>Returns whether a blob is missing, but not its container.</summary>
    public static bool IsMissingObject(RequestFailedException exception) =>
        exception.Status == 404 && exception.ErrorCode != BlobErrorCode.ContainerNotFound;

    public static CallFailure? Of(Exception exception) => exception switch
    {
        AuthenticationFailedException => new( // Or that there are no credentials.
            ObjectStorageProblem.Denied,
            $"there are no valid credentials ({FirstLine(exception)}). Set AccountKey, SasToken or ConnectionString, "
                + "or provide the credentials by the environment."),
        RequestFailedException { Status: not 0 } answer => OfAnswer(answer),
        _ => null, // The inner exceptions tell why there was no answer.
    };

    private static CallFailure OfAnswer(RequestFailedException answer)
    {
        var reason = string.Create(
            CultureInfo.InvariantCulture, $"{FirstLine(answer)} ({answer.ErrorCode}, HTTP {answer.Status}).");
        return answer.Status switch
        {
            404 => new(
                ObjectStorageProblem.Unavailable,
                $"the container does not exist ({reason}) Create it, or check its name."),
            401 or 403 => new(
                ObjectStorageProblem.Denied,
                $"{reason} Check the credentials, and their rights to list, read, write and delete blobs."),
            507 => new(ObjectStorageProblem.Full, $"{reason} Free space, or increase the quota."),
            408 or 429 or 500 or 502 or 503 or 504 => CallFailure.Unreachable($"the server is busy: {reason}"),
            409 when answer.ErrorCode == BlobErrorCode.ContainerBeingDeleted => CallFailure.Unreachable(reason),
            _ => new(ObjectStorageProblem.Other, reason),
        };
    }

    /// <summary>Returns the first line of the message. The next lines have the headers of the answer.</summary>
    private static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].TrimEnd('\r', '.');
}
