using Millrace.Storage;

namespace Millrace;

/// <summary>A tenant's dead letters in a shared storage: those of its consumers.</summary>
internal sealed class TenantLetters(TenantNames names, IDeadLetterStorage shared, TenantLeases leases) : IDeadLetterStorage
{
    public async ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        await shared.Get(id, cancellationToken).ConfigureAwait(false) is { } letter && names.IsOwn(letter.Consumer)
            ? names.Own(letter)
            : null;

    public async ValueTask<DeadLetter?> Find(
        string consumer, int partition, long position, string key, CancellationToken cancellationToken) =>
        await shared.Find(names.Shared(consumer), partition, position, key, cancellationToken).ConfigureAwait(false) is { } letter
            ? names.Own(letter)
            : null;

    public async ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        foreach (var consumer in await Consumers(query.Consumer, cancellationToken).ConfigureAwait(false))
            letters.AddRange(await shared.List(Shared(query, consumer), cancellationToken).ConfigureAwait(false));
        return [.. letters.OrderBy(letter => letter.Id).Take(query.Limit).Select(names.Own)];
    }

    public async ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        var count = 0L;
        foreach (var consumer in await Consumers(query.Consumer, cancellationToken).ConfigureAwait(false))
            count += await shared.Count(Shared(query, consumer), cancellationToken).ConfigureAwait(false);
        return count;
    }

    public async ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(string? consumer, int limit, CancellationToken cancellationToken)
    {
        var groups = new List<DeadLetterGroup>();
        foreach (var one in await Consumers(consumer, cancellationToken).ConfigureAwait(false))
            groups.AddRange(await shared.ListGroups(names.Shared(one), limit, cancellationToken).ConfigureAwait(false));
        return
        [
            .. groups.OrderByDescending(group => group.Letters).ThenBy(group => group.Sample.Id).Take(limit)
                .Select(group => group with { Consumer = names.Own(group.Consumer), Sample = names.Own(group.Sample) }),
        ];
    }

    private DeadLetterQuery Shared(DeadLetterQuery query, string consumer) => query with
    {
        Consumer = names.Shared(consumer),
        Stream = query.Stream is { } stream ? names.Shared(stream) : null,
    };

    /// <summary>The one that is asked for, or all that ever worked for the tenant: others have no letters of it.</summary>
    private async ValueTask<IReadOnlyList<string>> Consumers(string? one, CancellationToken cancellationToken) => one is not null
        ? [one]
        : [.. (await leases.List(cancellationToken).ConfigureAwait(false)).Select(record => record.Consumer).Distinct()];
}
