using Store1Space.Journal;

namespace Store1Space;

/// <summary>Reads the dead letters. Commits write them.</summary>
/// <param name="store">The store in memory that does the work until you replace it.</param>
internal sealed class DatabaseDeadLetters(JournaledMemory store) : IDeadLetterStorage
{
    public ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        store.Read(memory => memory.DeadLetters.Get(id, cancellationToken), cancellationToken);

    public ValueTask<DeadLetter?> Find(
        string consumer,
        int partition,
        long position,
        string key,
        CancellationToken cancellationToken) =>
        store.Read(
            memory => memory.DeadLetters.Find(consumer, partition, position, key, cancellationToken),
            cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken) =>
        store.Read(memory => memory.DeadLetters.List(query, cancellationToken), cancellationToken);

    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken) =>
        store.Read(memory => memory.DeadLetters.Count(query, cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer,
        int limit,
        CancellationToken cancellationToken
    ) => store.Read(memory => memory.DeadLetters.ListGroups(consumer, limit, cancellationToken), cancellationToken);
}
