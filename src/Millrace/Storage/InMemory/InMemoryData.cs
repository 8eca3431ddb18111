using System.Security.Cryptography;
using Millrace.Streams;

namespace Millrace.Storage.InMemory;

/// <summary>
/// All data of an in-memory storage. One lock protects the data and allows either several readers or one writer.
/// </summary>
// CA1001: the lock is not disposed, because the storage can be opened again. The lock has no resources that must be
// released.
#pragma warning disable CA1001
internal sealed class InMemoryData(TimeProvider time)
#pragma warning restore CA1001
{
    private readonly ReaderWriterLockSlim _lock = new();
    private int _openCount;

    public TimeProvider Time { get; } = time;

    /// <summary>Gets the id of this data.</summary>
    public Guid Id { get; } = new(RandomNumberGenerator.GetBytes(16));

    public long Epoch { get; set; } = 1;

    public EventTable Events { get; } = new();

    public StreamTable Streams { get; } = new();

    public Dictionary<(string Scope, string Value), string> Claims { get; } = [];

    public HandledTable Handled { get; } = new();

    public Dictionary<string, CollectionTable> Collections { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets or sets the greatest version that any document ever had.</summary>
    public long LastDocumentVersion { get; set; }

    /// <summary>Gets the catalog of read models.</summary>
    public SortedDictionary<string, ReadModelRecord> ReadModels { get; } = new(CodePointOrder.Instance);

    public ConsumerTable Consumers { get; } = new();

    /// <summary>Gets the announced nodes.</summary>
    public SortedDictionary<string, NodeRecord> Nodes { get; } = new(CodePointOrder.Instance);

    public DeadLetterTable DeadLetters { get; } = new();

    public List<RemovalRecord> Removals { get; } = [];

    /// <summary>Gets a signal that completes when the end of the log moves. A new signal then replaces it.</summary>
    public TaskCompletionSource Moved { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LogHead Head => new(Epoch, Events.LastPosition);

    public void Open() => Interlocked.Increment(ref _openCount);

    public void Close()
    {
        if (Interlocked.Decrement(ref _openCount) < 0)
            Interlocked.Increment(ref _openCount);
        using (new WritingScope(_lock))
            NotifyMoved();
    }

    /// <summary>Enters the read lock; dispose the scope to leave it.</summary>
    public ReadingScope Reading(CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        return new ReadingScope(_lock);
    }

    /// <summary>Enters the write lock; dispose the scope to leave it.</summary>
    public WritingScope Writing(CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        return new WritingScope(_lock);
    }

    /// <summary>Wakes the callers that wait for a change. The caller must hold the write lock.</summary>
    public void NotifyMoved()
    {
        var moved = Moved;
        Moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        moved.TrySetResult();
    }

    public CollectionTable GetCollection(string name) =>
        Collections.TryGetValue(name, out var collection)
            ? collection
            : throw new StorageException(
                $"Collection '{name}' does not exist. Create it with EnsureCollection first.", StorageProblem.Other);

    private void Check(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Volatile.Read(ref _openCount) == 0)
            throw new StorageException("The in-memory storage is closed. Open it first.", StorageProblem.Closed);
    }

    internal readonly ref struct ReadingScope
    {
        private readonly ReaderWriterLockSlim _scopeLock;

        public ReadingScope(ReaderWriterLockSlim scopeLock)
        {
            scopeLock.EnterReadLock();
            _scopeLock = scopeLock;
        }

        public void Dispose() => _scopeLock.ExitReadLock();
    }

    internal readonly ref struct WritingScope
    {
        private readonly ReaderWriterLockSlim _scopeLock;

        public WritingScope(ReaderWriterLockSlim scopeLock)
        {
            scopeLock.EnterWriteLock();
            _scopeLock = scopeLock;
        }

        public void Dispose() => _scopeLock.ExitWriteLock();
    }
}
