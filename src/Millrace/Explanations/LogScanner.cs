namespace Millrace;

/// <summary>Goes through the events of some types page by page, until the end, or until the time is over.</summary>
internal static class LogScanner
{
    /// <summary>Searches from a position up to another, when it is its turn.</summary>
    /// <param name="store">The store.</param>
    /// <param name="types">The stored names of the types.</param>
    /// <param name="from">The first position.</param>
    /// <param name="until">The last one.</param>
    /// <param name="time">How long it may take; waiting for the turn does not count.</param>
    /// <param name="take">Takes in the events of a page up to the last position, and returns the position of the first
    /// that it left because the time was over; null when it left none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The position up to which was searched: before the last one where the time was over.</returns>
    /// <exception cref="ExplanationsBusyException">Its turn did not come in time.</exception>
    public static async Task<long> Run(
        EventStore store, string[] types, long from, long until, SearchTimeBudget time,
        Func<IReadOnlyList<RecordedEvent>, ValueTask<long?>> take, CancellationToken cancellationToken)
    {
        time.Pause();
        using var turn = await SearchThrottle.Take(cancellationToken).ConfigureAwait(false);
        time.Start();
        var pages = store.Reader.ReadPages(EventFilter.OfTypes(types), from, cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            do
            {
                var page = await pages.Next().ConfigureAwait(false);
                if (await take(page.Events).ConfigureAwait(false) is { } left)
                    return left - 1;
                if (page.IsEnd || page.Next > until)
                    return until;
                from = page.Next;
            }
            while (!time.IsOver);
            return from - 1;
        }
    }
}
