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
                    .DeadLetters.All.Where(letter => letter.Id > query.After && Matches(letter, query))
                    .Take(query.Limit)
                    .Select(letter => query.IsBrief ? letter with { Message = null, Stack = null } : letter),
            ]);
        }
    }

    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.DeadLetters.All.LongCount(letter => Matches(letter, query)));
    }

    public ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
        {
            var groups = data
                .DeadLetters.All.Where(letter =>
                    letter.IsOpen && letter.Cause is not null && (consumer is null || letter.Consumer == consumer))
                .GroupBy(letter => (letter.Consumer, Cause: letter.Cause!)) // Just found not to be null.
                .Select(group => new DeadLetterGroup(
                    group.Key.Consumer,
                    group.Key.Cause,
                    group.LongCount(),
                    group.Min(letter => letter.FirstFailedAt ?? DateTimeOffset.MaxValue),
                    group.Max(letter => letter.LastFailedAt ?? DateTimeOffset.MinValue),
                    group.First()));
            return ValueTask.FromResult<IReadOnlyList<DeadLetterGroup>>(
                [.. groups.OrderByDescending(group => group.DeadLetters).ThenBy(group => group.Sample.Id).Take(limit)]);
        }
    }

    private static bool Matches(DeadLetter letter, DeadLetterQuery query) =>
        letter.Position > query.AfterPosition
        && (query.Consumer is null || letter.Consumer == query.Consumer)
        && (query.States.Count == 0 || query.States.Contains(letter.State))
        && (query.Cause is null || letter.Cause == query.Cause)
        && (query.Key is null || letter.Key == query.Key)
        && (query.Stream is null || letter.Stream == query.Stream)
        && (query.EventType is null || letter.EventType == query.EventType);
}
