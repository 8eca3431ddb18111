namespace Millrace;

/// <summary>A change that an earlier part of a search has found; what it left is the value that the next part begins
/// with.</summary>
/// <param name="Position">Where its event stands, to be read again.</param>
/// <param name="Rules">What folded it.</param>
/// <param name="Before">The JSON before; null when there was nothing.</param>
internal sealed record EarlierChange(long Position, IReadOnlyList<string> Rules, byte[]? Before)
{
    /// <summary>Tells it again.</summary>
    /// <param name="track">The document.</param>
    /// <param name="after">The JSON that it left.</param>
    /// <param name="store">Where its event is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The change; null when its event was removed since, or is held back now.</returns>
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
