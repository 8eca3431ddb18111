using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>
/// Checks whether a collection may replace the live collection, apart from its lag. Readers must not find less than
/// before.
/// </summary>
internal sealed class SwitchoverCheck(EventStore store)
{
    private const int DeadLettersPerPage = 1_000;

    /// <summary>
    /// Returns a message with the number of events that the next collection holds back and the live collection does
    /// not. Returns null if there are none.
    /// </summary>
    public async ValueTask<string?> DeadLettersBlockingSwitch(
        string live, string next, CancellationToken cancellationToken)
    {
        var count = await CountMissing(live, next, cancellationToken).ConfigureAwait(false);
        return count == 0 ? null
            : $"'{next}' holds back {count} {(count == 1 ? "event" : "events")} as dead letters that '{live}' does "
                + $"not: readers would find less than now. Decide about them ('dead-letters list --consumer {next}'), "
                + "or let it take over even so";
    }

    /// <summary>
    /// Returns whether a node keeps the live collection up to date, but no node updates at least one partition of the
    /// next collection.
    /// </summary>
    public async ValueTask<bool> IsAbandoned(string live, string next, CancellationToken cancellationToken)
    {
        var leases = await store
            .Storage.Leases.Inspect(store.Time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
        var isKeptUp =
            IsMaintained(leases, next) && !leases.Consumers.Any(
                lease => lease.Consumer == next && !leases.IsHeld(lease));
        return IsMaintained(leases, live) && !isKeptUp;
    }

    /// <summary>Returns whether a node keeps a collection up to date.</summary>
    public async ValueTask<bool> IsMaintained(string collection, CancellationToken cancellationToken) =>
        IsMaintained(
            await store.Storage.Leases.Inspect(store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false),
            collection);

    private static bool IsMaintained(LeaseTable table, string collection)
    {
        foreach (var lease in table.Consumers)
        {
            if (lease.Consumer == collection && table.IsHeld(lease))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Returns whether a consumer has an open dead letter of the same event and key, in any of its partitions.
    /// </summary>
    private async ValueTask<bool> IsOpen(string consumer, DeadLetter letter, CancellationToken cancellationToken)
    {
        var letters = store.Storage.DeadLetters;
        var same = await letters
            .Find(consumer, letter.Partition, letter.Position, letter.Key, cancellationToken)
            .ConfigureAwait(false);
        if (same is { IsOpen: true })
            return true;
        var query = new DeadLetterQuery
        {
            Consumer = consumer,
            States = DeadLetter.OpenStates,
            Key = letter.Key,
            AfterPosition = letter.Position - 1,
            Stream = letter.Stream,
            IsBrief = true,
            Limit = DeadLettersPerPage,
        };
        while (true)
        {
            var page = await letters.List(query, cancellationToken).ConfigureAwait(false);
            if (page.Any(other => other.Position == letter.Position))
                return true;
            if (page.Count < DeadLettersPerPage)
                return false;
            query = query with { After = page[^1].Id };
        }
    }

    private async ValueTask<long> CountMissing(string live, string next, CancellationToken cancellationToken)
    {
        var count = 0L;
        var query = new DeadLetterQuery { Consumer = next, States = DeadLetter.OpenStates, Limit = DeadLettersPerPage };
        while (true)
        {
            var page = await store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
            foreach (var letter in page)
            {
                if (!await IsOpen(live, letter, cancellationToken).ConfigureAwait(false))
                    count++;
            }
            if (page.Count < DeadLettersPerPage)
                return count;
            query = query with { After = page[^1].Id };
        }
    }
}
