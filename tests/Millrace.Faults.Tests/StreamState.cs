namespace Millrace.Faults.Tests;

/// <summary>
/// The state of a stream in the model, which is a list of ids. Equal states are the same object, so callers compare
/// them by reference.
/// </summary>
internal sealed class StreamState
{
    private readonly Dictionary<int, StreamState> _next = [];

    private StreamState(long version, ulong hash) => (Version, Hash) = (version, hash);

    /// <summary>Returns the state of an empty stream.</summary>
    public static StreamState Empty() => new(0, HashOf([]));

    public long Version { get; }

    /// <summary>Gets the hash of all ids in order.</summary>
    public ulong Hash { get; }

    /// <summary>Returns the hash of ids in order.</summary>
    public static ulong HashOf(IReadOnlyList<Guid> ids) => Add(0xcbf29ce484222325, ids);

    /// <summary>
    /// Returns the state after an operation, or null if the result of the operation is impossible in this state.
    /// </summary>
    /// <param name="operation">The operation.</param>
    /// <param name="number">The number of the operation in the history, which represents its events.</param>
    public StreamState? Apply(Operation operation, int number)
    {
        if (operation.Kind == OperationKind.Read)
            return operation.Ids.Count == Version && HashOf(operation.Ids) == Hash ? this : null;
        if (operation.Answer == AnswerKind.Conflict)
            return operation.Expected >= 0 && operation.Expected != Version && operation.Version == Version
                ? this
                : null;
        if (operation.Expected >= 0 && operation.Expected != Version)
            return null;
        if (operation.Answer == AnswerKind.Done && operation.Version != Version + operation.Ids.Count)
            return null;
        if (!_next.TryGetValue(number, out var next))
            _next.Add(number, next = new StreamState(Version + operation.Ids.Count, Add(Hash, operation.Ids)));
        return next;
    }

    private static ulong Add(ulong hash, IReadOnlyList<Guid> ids)
    {
        Span<byte> bytes = stackalloc byte[16];
        foreach (var id in ids)
        {
            id.TryWriteBytes(bytes);
            foreach (var value in bytes)
                hash = (hash ^ value) * 0x100000001b3;
            hash ^= hash >> 29;
        }
        return hash;
    }
}
