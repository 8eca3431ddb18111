namespace Millrace.Storage.Moves;

/// <summary>Reads the dead letters in the storage that the store currently uses.</summary>
internal sealed class MoveAwareDeadLetters(MoveAwareStorage moveAware) : IDeadLetterStorage
{
    public ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        moveAware.Current.DeadLetters.Get(id, cancellationToken);

    public ValueTask<DeadLetter?> Find(
        string consumer,
        int partition,
        long position,
        string key,
        CancellationToken cancellationToken
    ) => moveAware.Current.DeadLetters.Find(consumer, partition, position, key, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken) =>
        moveAware.Current.DeadLetters.List(query, cancellationToken);

    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken) =>
        moveAware.Current.DeadLetters.Count(query, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer,
        int limit,
        CancellationToken cancellationToken
    ) => moveAware.Current.DeadLetters.ListGroups(consumer, limit, cancellationToken);
}
