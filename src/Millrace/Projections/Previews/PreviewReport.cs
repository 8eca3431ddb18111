namespace Millrace;

/// <summary>What a build would make of the history of a store.</summary>
/// <param name="Position">The position up to which history was read.</param>
/// <param name="Projections">Each stored projection of the build.</param>
/// <param name="Unreadable">The stored events that the build cannot read, by type and version.</param>
/// <param name="Unknown">How many stored events are of types that the build does not know at all.</param>
/// <param name="Time">How long the preview took.</param>
public sealed record PreviewReport(
    long Position,
    IReadOnlyList<ProjectionPreview> Projections,
    IReadOnlyList<UnreadableType> Unreadable,
    long Unknown,
    TimeSpan Time)
{
    /// <summary>Whether every event can be read and folded.</summary>
    public bool IsReadable => Unreadable.Count == 0 && Projections.All(one => one.Failed == 0);

    /// <summary>Whether every read model would be the same.</summary>
    public bool IsSame => Projections.All(one => one.Comparison.IsSame);
}
