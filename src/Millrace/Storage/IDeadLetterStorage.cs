namespace Millrace.Storage;

/// <summary>Reads the dead letters of a storage. Only commits write dead letters.</summary>
public interface IDeadLetterStorage
{
    /// <summary>Gets a dead letter by its number; null if it does not exist.</summary>
    ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken);

    /// <summary>Finds the dead letter of an event and key; null if it does not exist.</summary>
    ValueTask<DeadLetter?> Find(
        string consumer, int partition, long position, string key, CancellationToken cancellationToken);

    /// <summary>Lists a page of matching dead letters, ordered by number.</summary>
    ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken);

    /// <summary>Counts the matching dead letters on all pages.</summary>
    ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Groups the open dead letters that failed by consumer and cause, and lists the largest groups first. Groups of
    /// the same size are ordered by the number of their first dead letter.
    /// </summary>
    /// <param name="consumer">The consumer; null for all consumers.</param>
    /// <param name="limit">The maximum number of groups, at least 1.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken);
}

/// <summary>The dead letters of a consumer that failed for the same cause.</summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="Cause">The common cause.</param>
/// <param name="DeadLetters">The number of dead letters.</param>
/// <param name="FirstFailedAt">The time of the first failure in the group.</param>
/// <param name="LastFailedAt">The time of the last failure in the group.</param>
/// <param name="Sample">The first dead letter.</param>
public sealed record DeadLetterGroup(
    string Consumer,
    string Cause,
    long DeadLetters,
    DateTimeOffset FirstFailedAt,
    DateTimeOffset LastFailedAt,
    DeadLetter Sample)
{
    /// <summary>Gets the name of the shard that contains the dead letters; null without shards.</summary>
    public string? Shard => Sample.Shard;
}
