namespace Millrace.Reporting;

/// <summary>A request to erase data of a data subject.</summary>
internal sealed record RequestRow(
    string Id, string Subject, IReadOnlyList<string> Kinds, string Reason, string By, DateTimeOffset ReceivedAt)
{
    public required ErasureState State { get; init; }

    public required RequestStatus Status { get; init; }

    /// <summary>The last day on which the request must be answered, in UTC.</summary>
    public required DateOnly Due { get; init; }

    public string? ExtensionReason { get; init; }

    public bool IsExtended { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? Refusal { get; init; }

    /// <summary>The reason for which the started erasure was stopped; null if it was not stopped.</summary>
    public string? StopReason { get; init; }

    /// <summary>The SHA-256 hash of the file of the certificate.</summary>
    public string? Certificate { get; init; }

    /// <summary>Whether the certificate was changed, so that it cannot be read.</summary>
    public bool IsCertificateChanged { get; init; }

    /// <summary>The id of the key that signed the certificate.</summary>
    public string? CertificateKey { get; init; }

    public static RequestRow Of(
        ErasureInfo erasure, (DeadlineExtension Extension, DateTimeOffset At)? extension, DateTimeOffset now)
    {
        var request = erasure.Request;
        var recorded = erasure.Steps[0].At; // An erasure has at least the step of its request.
        var received = request.RequestedAt is { } asked && asked < recorded ? asked : recorded;
        var ended = erasure.IsFinal ? EndOf(erasure) : (DateTimeOffset?)null;
        var deadline = RequestDeadline.Of(received, extension?.At);
        return new RequestRow(request.Id, request.Subject, request.Kinds, request.Reason, request.By, received)
        {
            State = erasure.State,
            Status = deadline.StatusOf(ended, now),
            Due = deadline.Due,
            IsExtended = deadline.IsExtended,
            ExtensionReason = extension?.Extension.Reason,
            EndedAt = ended,
            Refusal = erasure.Refusal,
            StopReason = erasure.StopReason,
            Certificate = erasure.Certificate?.HashOfFile(),
            CertificateKey = erasure.Certificate?.KeyId,
        };
    }

    /// <summary>Returns the time of the last step; keys that are destroyed again later do not count.</summary>
    private static DateTimeOffset EndOf(ErasureInfo erasure) =>
        erasure.Steps.LastOrDefault(step => step.Name is "confirmed" or "refused" or "stopped")?.At
            ?? erasure.Steps[^1].At;
}
