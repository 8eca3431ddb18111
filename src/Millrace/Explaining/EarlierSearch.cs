namespace Millrace.Explaining;

/// <summary>An earlier part of a search.</summary>
/// <param name="Position">The position that it reached.</param>
internal sealed record EarlierSearch(long Position)
{
    /// <summary>
    /// Gets the document whose events are read again; null if the documents already contain their events.
    /// </summary>
    public DocumentTracker? Document { get; init; }

    /// <summary>Gets the text of the continuation.</summary>
    public string Text { get; init; } = "";

    /// <summary>Gets the ranges of positions that contain the events of the document.</summary>
    public IReadOnlyList<(long First, long Last)> Ranges { get; init; } = [];
}
