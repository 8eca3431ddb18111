using System.Text.Json;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Store1Space.Journal;

/// <summary>
/// A store in memory whose every change is on the disk before anybody sees it: a change is made in memory, written to the journal, and only
/// then is the lock given back.
/// </summary>
/// <remarks>The part to replace by your database. One program at a time; all of it must fit into memory; the file only grows.</remarks>
internal sealed class JournaledMemory(string path, TimeProvider time, Func<string, JournalFile> open) : IDisposable
{
    private readonly Lock _lock = new();
    private InMemoryStorage _memory = new(time);
    private JournalFile? _file;

    /// <summary>The file's path in full, and how many bytes it holds.</summary>
    public (string Path, long Bytes) File
    {
        get
        {
            lock (_lock)
                return (Opened.Path, Opened.Length);
        }
    }

    private JournalFile Opened => _file ?? throw new StorageException($"The journal '{path}' is not open.", StorageProblem.Closed);

    /// <summary>Opens the journal and does again what it tells; called again it does nothing.</summary>
    public void Open()
    {
        lock (_lock)
        {
            if (_file is not null)
                return;
            var file = open(path);
            try
            {
                Replay(file);
                _file = file;
            }
            finally
            {
                if (_file is null)
                    file.Dispose();
            }
        }
    }

    /// <summary>Reads what is there; memory answers at once.</summary>
    public ValueTask<T> Read<T>(Func<IStorage, ValueTask<T>> read)
    {
        lock (_lock)
        {
            _ = Opened;
            return read(_memory);
        }
    }

    /// <summary>Waits for what memory is waiting for, without the lock.</summary>
    public ValueTask Wait(Func<IStorage, ValueTask> wait)
    {
        IStorage memory;
        lock (_lock)
        {
            _ = Opened;
            memory = _memory;
        }
        return wait(memory);
    }

    /// <summary>Changes something.</summary>
    public ValueTask<T> Change<T>(JournalChange<T> change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            _ = Opened;
            var answer = change.Make(_memory);
            if (answer.IsCompletedSuccessfully) // It works at once; what it refuses changes nothing.
                Write(change);
            return answer;
        }
    }

    /// <summary>Commits a batch.</summary>
    public CommitOutcome[] Commit(IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _ = Opened;
            var outcomes = _memory.Log.Commit(batch, now, cancellationToken).AsTask().GetAwaiter().GetResult();
            if (Committed.Of(batch, outcomes, now) is { } committed)
                Write(committed);
            return outcomes;
        }
    }

    /// <summary>Copies the journal as it is now to a new file; changes go on meanwhile.</summary>
    public void CopyTo(string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        JournalFile file;
        long length;
        lock (_lock)
            (file, length) = (Opened, Opened.Length);
        file.CopyTo(destination, length, progress, cancellationToken);
    }

    /// <summary>Closes the journal; it can be opened again.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
            _memory.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private void Write(JournalChange change)
    {
        try
        {
            Opened.Append(JsonSerializer.SerializeToUtf8Bytes(change, JournalJson.Default.JournalChange));
        }
        catch (Exception exception)
        {
            Undo(exception); // Whatever it was: memory must not hold what the disk does not.
            throw new StorageException(
                $"The journal '{path}' cannot be written: {exception.Message}", StorageProblem.Unavailable, exception);
        }
    }

    /// <summary>Cuts off what a failed write left, and reads what is really there, so that memory holds no more than the disk.</summary>
    private void Undo(Exception cause)
    {
        try
        {
            Opened.Cut();
            Replay(Opened);
        }
        catch (Exception exception)
        {
            Dispose();
            throw new StorageException(
                $"The journal '{path}' can be neither written nor cut: whether the last change is in it, only opening it again tells. "
                + exception.Message,
                StorageProblem.InDoubt,
                cause);
        }
    }

    private void Replay(JournalFile file)
    {
        var memory = new InMemoryStorage(time);
        memory.Open(default).AsTask().GetAwaiter().GetResult();
        foreach (var line in file.Read())
            Parse(line).Replay(memory);
        var before = _memory;
        _memory = memory;
        before.DisposeAsync().AsTask().GetAwaiter().GetResult(); // Wakes those who wait for a change.
    }

    private JournalChange Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            if (JsonSerializer.Deserialize(line.Span, JournalJson.Default.JournalChange) is { } change)
                return change;
        }
        catch (JsonException exception)
        {
            throw NotAJournal(exception);
        }
        throw NotAJournal(null);
    }

    private StorageException NotAJournal(JsonException? cause) =>
        new($"'{path}' holds a change that this version does not know.", StorageProblem.NotAStore, cause);
}
