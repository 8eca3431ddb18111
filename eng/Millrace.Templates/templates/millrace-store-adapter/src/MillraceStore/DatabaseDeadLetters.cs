using Millrace.Storage;

namespace Store1Space;

/// <summary>The dead letters: written by commits, read here.</summary>
/// <param name="memory">What it hands on to until it is made real.</param>
internal sealed class DatabaseDeadLetters(IDeadLetterStorage memory) : IDeadLetterStorage
{
    public ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        memory.Get(id, cancellationToken);

    public ValueTask<DeadLetter?> Find(
        string consumer, int partition, long position, string key, CancellationToken cancellationToken) =>
        memory.Find(consumer, partition, position, key, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken) =>
        memory.List(query, cancellationToken);

    public ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken) =>
        memory.Count(query, cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(string? consumer, int limit, CancellationToken cancellationToken) =>
        memory.ListGroups(consumer, limit, cancellationToken);
}
