namespace Millrace.Explaining;

/// <summary>
/// A change that an earlier part of a search found. The next part of the search starts with the value after the change.
/// </summary>
/// <param name="Position">The position of the event that caused the change.</param>
/// <param name="Rules">The rules that folded the event.</param>
/// <param name="Before">The JSON before the change, or null if there was no value.</param>
internal sealed record EarlierChange(long Position, IReadOnlyList<string> Rules, byte[]? Before)
{
    /// <summary>Recreates the change.</summary>
    /// <param name="track">The document.</param>
    /// <param name="after">The JSON after the change.</param>
    /// <param name="store">The store that contains the event.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The change, or null if the event has been removed or is now blocked.</returns>
    public async ValueTask<ValueChange?> Describe(
        DocumentTracker track, byte[]? after, EventStore store, CancellationToken cancellationToken)
    {
        if (await store.Reader.FindAt(Position, cancellationToken).ConfigureAwait(false) is not { } recorded
            || track.AsFolded(recorded) is not { } folded)
            return null;
        return new ValueChange
        {
            Event = folded,
            Rules = Rules,
            Before = ValueHistory.Text(Before),
            After = ValueHistory.Text(after),
            ReadAs = ValueHistory.ReadAs(store.Types, folded),
            IsCorrected = !ReferenceEquals(folded, recorded),
        };
    }
}
