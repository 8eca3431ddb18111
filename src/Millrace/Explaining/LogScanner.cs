namespace Millrace.Explaining;

/// <summary>Reads the events of some types page by page. Stops at the end of the log or at the time limit.</summary>
internal static class LogScanner
{
    /// <summary>Waits for other searches and then searches a range of positions.</summary>
    /// <param name="store">The store.</param>
    /// <param name="types">The stored names of the types.</param>
    /// <param name="from">The first position.</param>
    /// <param name="until">The last position.</param>
    /// <param name="time">The time budget. It does not include waiting for other searches.</param>
    /// <param name="prepare">Runs before the search and its time, or null.</param>
    /// <param name="process">Processes the events of a page at or before the last position. It returns the position of
    /// the first event that it did not process because of the time limit, or null if it processed all.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The position that the search has reached. It is lower than the last position if the time limit
    /// expired.</returns>
    /// <exception cref="ExplanationsBusyException">Other searches did not finish in time.</exception>
    public static async Task<long> Run(
        EventStore store, string[] types, long from, long until, SearchTimeBudget time,
        Func<ValueTask>? prepare, Func<IReadOnlyList<RecordedEvent>, ValueTask<long?>> process,
        CancellationToken cancellationToken)
    {
        time.Pause();
        using var slot = await SearchThrottle.Take(cancellationToken).ConfigureAwait(false);
        if (prepare is not null)
            await prepare().ConfigureAwait(false);
        time.Start();
        var pages = store.Reader.ReadPages(EventFilter.OfTypes(types), from, cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            do
            {
                var page = await pages.Next().ConfigureAwait(false);
                if (await process(page.Events).ConfigureAwait(false) is { } firstUnprocessed)
                    return firstUnprocessed - 1;
                if (page.IsEnd || page.Next > until)
                    return until;
                from = page.Next;
            }
            while (!time.IsOver);
            return from - 1;
        }
    }
}
