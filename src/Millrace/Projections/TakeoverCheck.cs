using Millrace.Storage;

namespace Millrace;

/// <summary>What keeps a collection from taking over, beyond being behind: readers must not find less than before.</summary>
internal sealed class TakeoverCheck(EventStore store)
{
    private const int LettersPerPage = 1_000;

    /// <summary>How many events the next collection holds back that the live one does not; null when none.</summary>
    public async ValueTask<string?> LettersAgainst(string live, string next, CancellationToken cancellationToken)
    {
        var more = await CountMore(live, next, cancellationToken).ConfigureAwait(false);
        return more == 0 ? null
            : $"'{next}' holds back {more} events as dead letters that '{live}' does not: readers would lose what they find now. Decide "
                + $"about them ('dead-letters list --consumer {next}'), or have it take over even so";
    }

    /// <summary>Whether nobody keeps the next collection up to date while somebody keeps the live one.</summary>
    public async ValueTask<bool> IsAbandoned(string live, string next, CancellationToken cancellationToken)
    {
        var leases = await store.Storage.Leases.Look(store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        return IsHeld(leases, live) && !IsHeld(leases, next);
    }

    /// <summary>Whether a node keeps a collection up to date.</summary>
    public async ValueTask<bool> IsHeld(string collection, CancellationToken cancellationToken) =>
        IsHeld(await store.Storage.Leases.Look(store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false), collection);

    private static bool IsHeld(LeaseTable table, string collection)
    {
        foreach (var lease in table.Consumers)
        {
            if (lease.Consumer == collection && table.IsHeld(lease))
                return true;
        }
        return false;
    }

    private async ValueTask<long> CountMore(string live, string next, CancellationToken cancellationToken)
    {
        var more = 0L;
        var query = new DeadLetterQuery { Consumer = next, States = DeadLetter.OpenStates, Limit = LettersPerPage };
        while (true)
        {
            var page = await store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
            foreach (var letter in page)
            {
                var same = await store.Storage.DeadLetters
                    .Find(live, letter.Partition, letter.Position, letter.Key, cancellationToken).ConfigureAwait(false);
                if (same is not { IsOpen: true })
                    more++;
            }
            if (page.Count < LettersPerPage)
                return more;
            query = query with { After = page[^1].Id };
        }
    }
}
