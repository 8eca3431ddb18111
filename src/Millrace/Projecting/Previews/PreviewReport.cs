namespace Millrace;

/// <summary>The result of a preview of a build over the history of a store.</summary>
/// <param name="Position">The position up to which the log was read.</param>
/// <param name="Projections">The results of each stored projection of the build.</param>
/// <param name="Unreadable">The stored events that the build cannot read, by type and version.</param>
/// <param name="Unknown">The number of stored events whose types the build does not know.</param>
/// <param name="Time">The duration of the preview.</param>
public sealed record PreviewReport(
    long Position,
    IReadOnlyList<ProjectionPreview> Projections,
    IReadOnlyList<UnreadableType> Unreadable,
    long Unknown,
    TimeSpan Time)
{
    /// <summary>Gets whether all events can be read and folded.</summary>
    public bool IsReadable => Unreadable.Count == 0 && Projections.All(projection => projection.Failed == 0);

    /// <summary>Gets whether all read models would be the same.</summary>
    public bool IsSame => Projections.All(projection => projection.Comparison.IsSame);
}
