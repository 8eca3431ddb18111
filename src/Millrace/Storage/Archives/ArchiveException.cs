using Millrace.Storage.Objects;

namespace Millrace.Storage.Archives;

/// <summary>Thrown when archived events cannot be read, or a store cannot be archived.</summary>
public sealed class ArchiveException : MillraceException
{
    /// <summary>Creates an error.</summary>
    /// <param name="message">What failed, where, and what to do.</param>
    /// <param name="innerException">The cause; may be null.</param>
    public ArchiveException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Gets the name of the segment that is damaged or missing; null for another problem.</summary>
    public string? DamagedSegment { get; init; }

    /// <summary>
    /// Gets why the place of the archive cannot be used; null if it can. The inner exception has the details.
    /// </summary>
    public ObjectStorageProblem? PlaceProblem { get; init; }

    /// <summary>
    /// Gets whether the segment is no longer known, for example because it was replaced after the event was read.
    /// </summary>
    internal bool IsMissing { get; init; }

    /// <summary>Gets whether the place has no segment at all, such as a disk that is not mounted.</summary>
    internal bool IsPlaceEmpty { get; init; }

    /// <inheritdoc/>
    public override bool IsTransient =>
        IsPlaceEmpty || PlaceProblem is ObjectStorageProblem.Unavailable or ObjectStorageProblem.Full;
}
