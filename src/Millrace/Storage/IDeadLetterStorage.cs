namespace Millrace.Storage;

/// <summary>The dead letters of a storage. They are written by commits and read here.</summary>
public interface IDeadLetterStorage
{
    /// <summary>Reads a letter by its number, or null.</summary>
    ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken);

    /// <summary>Reads the letter of an event and key, or null.</summary>
    ValueTask<DeadLetter?> Find(
        string consumer, int partition, long position, string key, CancellationToken cancellationToken);

    /// <summary>Reads a page of the letters that match, in the order of their numbers.</summary>
    ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken);

    /// <summary>Counts the letters that match, whatever the query's page.</summary>
    ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Brings together the open letters that failed, by consumer and cause: the largest groups first, ties by their
    /// first letter's number.
    /// </summary>
    /// <param name="consumer">Of one consumer; null for all.</param>
    /// <param name="limit">The most groups, from 1.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken);
}

/// <summary>Dead letters of a consumer that failed for the same cause.</summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="Cause">What they have in common.</param>
/// <param name="DeadLetters">How many there are.</param>
/// <param name="FirstFailedAt">When the first of them first failed.</param>
/// <param name="LastFailedAt">When the last of them last failed.</param>
/// <param name="Sample">The first of them.</param>
public sealed record DeadLetterGroup(
    string Consumer,
    string Cause,
    long DeadLetters,
    DateTimeOffset FirstFailedAt,
    DateTimeOffset LastFailedAt,
    DeadLetter Sample);
