namespace Millrace.Storage.InMemory;

/// <summary>Reads the dead letters in memory.</summary>
internal sealed class InMemoryDeadLetters(InMemoryData data) : IDeadLetterStorage
{
    public ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.DeadLetters.Get(id));
    }

    public ValueTask<DeadLetter?> Find(
        string consumer, int partition, long position, string key, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.DeadLetters.Find(consumer, partition, position, key));
    }

    public ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        using (data.Reading(cancellationToken))
        {
            return ValueTask.FromResult<IReadOnlyList<DeadLetter>>([
                .. data
                    .DeadLetters.All.Where(row => row.Id > query.After && Matches(row, query))
                    .Take(query.Limit)
                    .Select(row => query.IsBrief ? row with { Message = null, Stack = null } : row),
            ]);
        }
    }

    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.DeadLetters.All.LongCount(row => Matches(row, query)));
    }

    public ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
        {
            var groups = data
                .DeadLetters.All.Where(row =>
                    row.IsOpen && row.Cause is not null && (consumer is null || row.Consumer == consumer))
                .GroupBy(row => (row.Consumer, Cause: row.Cause!)) // The filter above excludes null.
                .Select(group => new DeadLetterGroup(
                    group.Key.Consumer,
                    group.Key.Cause,
                    group.LongCount(),
                    group.Min(row => row.FirstFailedAt ?? DateTimeOffset.MaxValue),
                    group.Max(row => row.LastFailedAt ?? DateTimeOffset.MinValue),
                    group.First()));
            return ValueTask.FromResult<IReadOnlyList<DeadLetterGroup>>(
                [.. groups.OrderByDescending(group => group.DeadLetters).ThenBy(group => group.Sample.Id).Take(limit)]);
        }
    }

    private static bool Matches(DeadLetter row, DeadLetterQuery query) =>
        row.Position > query.AfterPosition
        && (query.Consumer is null || row.Consumer == query.Consumer)
        && (query.States.Count == 0 || query.States.Contains(row.State))
        && (query.Cause is null || row.Cause == query.Cause)
        && (query.Key is null || row.Key == query.Key)
        && (query.Stream is null || row.Stream == query.Stream)
        && (query.EventType is null || row.EventType == query.EventType);
}
