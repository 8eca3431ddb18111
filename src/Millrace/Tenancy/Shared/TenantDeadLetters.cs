using System.Runtime.CompilerServices;
using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>The dead letters of one tenant's consumers in a shared storage.</summary>
internal sealed class TenantDeadLetters(TenantNames names, IDeadLetterStorage shared) : IDeadLetterStorage
{
    private const int DeadLettersPerPage = 1_000;

    public async ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        await shared.Get(id, cancellationToken).ConfigureAwait(false) is { } letter
        && names.IsOwn(letter.Consumer)
            ? names.ToTenant(letter)
            : null;

    public async ValueTask<DeadLetter?> Find(
        string consumer,
        int partition,
        long position,
        string key,
        CancellationToken cancellationToken) =>
        await shared.Find(names.ToStored(consumer), partition, position, key, cancellationToken).ConfigureAwait(false)
            is { } letter
            ? names.ToTenant(letter)
            : null;

    public async ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        if (query.Consumer is not null)
            return [.. (
                await shared.List(ToStored(query), cancellationToken).ConfigureAwait(false)).Select(names.ToTenant)];
        var own = new List<DeadLetter>();
        await foreach (var letter in All(query, cancellationToken).ConfigureAwait(false))
        {
            own.Add(names.ToTenant(letter));
            if (own.Count == query.Limit)
                break;
        }
        return own;
    }

    public async ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        if (query.Consumer is not null)
            return await shared.Count(ToStored(query), cancellationToken).ConfigureAwait(false);
        var count = 0L;
        await foreach (var _ in All(query with { IsBrief = true, After = 0 }, cancellationToken).ConfigureAwait(false))
            count++;
        return count;
    }

    public async ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken)
    {
        var groups = consumer is null
            ? await shared.ListGroups(null, int.MaxValue, cancellationToken).ConfigureAwait(false)
            : await shared.ListGroups(names.ToStored(consumer), limit, cancellationToken).ConfigureAwait(false);
        return
        [
            .. groups.Where(group => names.IsOwn(group.Consumer)).Take(limit)
                .Select(group => group with
                {
                    Consumer = names.ToTenant(group.Consumer),
                    Sample = names.ToTenant(group.Sample),
                }),
        ];
    }

    /// <summary>
    /// Returns the tenant's dead letters of all consumers. A query can select one consumer or all consumers. Therefore
    /// this method removes the dead letters of other tenants from the results.
    /// </summary>
    private async IAsyncEnumerable<DeadLetter> All(
        DeadLetterQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = ToStored(query) with { Limit = DeadLettersPerPage };
        while (true)
        {
            var page = await shared.List(next, cancellationToken).ConfigureAwait(false);
            foreach (var letter in page)
            {
                if (names.IsOwn(letter.Consumer))
                    yield return letter;
            }
            if (page.Count < DeadLettersPerPage)
                yield break;
            next = next with { After = page[^1].Id };
        }
    }

    private DeadLetterQuery ToStored(DeadLetterQuery query) => query with
    {
        Consumer = query.Consumer is null ? null : names.ToStored(query.Consumer),
        Stream = query.Stream is { } stream ? names.ToStored(stream) : null,
    };
}
