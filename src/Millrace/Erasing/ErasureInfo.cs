namespace Millrace;

/// <summary>An erasure with its recorded steps.</summary>
public sealed record ErasureInfo
{
    /// <summary>Gets the request.</summary>
    public required ErasureRequest Request { get; init; }

    /// <summary>Gets the state.</summary>
    public required ErasureState State { get; init; }

    /// <summary>Gets the steps, oldest first.</summary>
    public required IReadOnlyList<ErasureStep> Steps { get; init; }

    /// <summary>Gets the reason for which the request was refused; null if it was not refused.</summary>
    public string? Refusal { get; init; }

    /// <summary>Gets the places where data was found before the erasure.</summary>
    public IReadOnlyList<ErasureLocation> Found { get; init; } = [];

    /// <summary>Gets the ids of the destroyed keys.</summary>
    public IReadOnlyList<string> KeyIds { get; init; } = [];

    /// <summary>Gets the places from which copies were removed.</summary>
    public IReadOnlyList<ErasureLocation> Copies { get; init; } = [];

    /// <summary>Gets the places that were read again after the erasure.</summary>
    public IReadOnlyList<ErasureLocation> Verified { get; init; } = [];

    /// <summary>Gets the signed certificate; null until the erasure has ended.</summary>
    public ErasureCertificate? Certificate { get; init; }

    /// <summary>Gets the reason for which the started erasure was stopped; null if it was not stopped.</summary>
    public string? StopReason { get; init; }

    /// <summary>Gets whether no step can follow.</summary>
    public bool IsFinal => State is ErasureState.Refused or ErasureState.Confirmed or ErasureState.Incomplete
        or ErasureState.Stopped;
}
