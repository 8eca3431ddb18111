using System.Text.Json;
using Millrace.Storage.InMemory;

namespace Store1Space.Journal;

/// <summary>
/// A store in memory whose every change is on the disk before anybody sees it: a change is made in memory, written to
/// the journal, and only then does the next one get its turn.
/// </summary>
/// <remarks>The part to replace by your database. One program at a time; all of it must fit into memory; the file only
/// grows.</remarks>
internal sealed class JournaledMemory(string path, TimeProvider time, Func<string, JournalFile> open) : IAsyncDisposable
{
    private readonly SemaphoreSlim _mutex = new(1, 1); // Never disposed: it has no handle unless somebody asks for one.
    private InMemoryStorage _memory = new(time);
    private JournalFile? _file;

    private JournalFile Opened =>
        _file ?? throw new StorageException($"The journal '{path}' is not open.", StorageProblem.Closed);

    /// <summary>Opens the journal and does again what it tells; called again it does nothing.</summary>
    public Task Open(CancellationToken cancellationToken) => RunExclusively(
        async () =>
        {
            if (_file is not null)
                return true;
            var file = open(path);
            try
            {
                await Replay(file);
                _file = file;
                return true;
            }
            finally
            {
                if (_file is null)
                    file.Dispose();
            }
        },
        cancellationToken);

    /// <summary>The file's path in full, and how many bytes it holds.</summary>
    public Task<(string Path, long Bytes)> GetFile(CancellationToken cancellationToken) =>
        RunExclusively(() => ValueTask.FromResult((Opened.Path, Opened.Length)), cancellationToken);

    /// <summary>Reads what is there.</summary>
    public async ValueTask<T> Read<T>(Func<IStorage, ValueTask<T>> read, CancellationToken cancellationToken) =>
        await RunExclusively(
            () =>
            {
                _ = Opened;
                return read(_memory);
            },
            cancellationToken);

    /// <summary>Waits for what memory is waiting for, while others have their turn.</summary>
    public async ValueTask Wait(Func<IStorage, ValueTask> wait, CancellationToken cancellationToken)
    {
        var memory = await RunExclusively(
            () =>
            {
                _ = Opened;
                return ValueTask.FromResult<IStorage>(_memory);
            },
            cancellationToken);
        await wait(memory);
    }

    /// <summary>Changes something. What memory refuses changes nothing, and is not written.</summary>
    public async ValueTask<T> Change<T>(JournalChange<T> change, CancellationToken cancellationToken) =>
        await RunExclusively(
            async () =>
            {
                _ = Opened;
                var answer = await change.Make(_memory);
                await Write(change);
                return answer;
            },
            cancellationToken);

    /// <summary>Commits a batch.</summary>
    public async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await RunExclusively(
            async () =>
            {
                _ = Opened;
                var outcomes = await _memory.Log.Commit(batch, now, cancellationToken);
                if (Committed.Of(batch, outcomes, now) is { } committed)
                    await Write(committed);
                return outcomes;
            },
            cancellationToken);

    /// <summary>Copies the journal as it is now to a new file; changes go on meanwhile.</summary>
    public async Task CopyTo(
        string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        var (file, length) = await RunExclusively(
            () => ValueTask.FromResult((Opened, Opened.Length)), cancellationToken);
        await file.CopyTo(destination, length, progress, cancellationToken);
    }

    /// <summary>Closes the journal; it can be opened again.</summary>
    public async ValueTask DisposeAsync() => await RunExclusively(
        async () =>
        {
            await Close();
            return true;
        },
        CancellationToken.None);

    /// <summary>One after the other. Who has begun is not interrupted: memory and disk change together.</summary>
    private async Task<T> RunExclusively<T>(Func<ValueTask<T>> act, CancellationToken cancellationToken)
    {
        await _mutex.WaitAsync(cancellationToken);
        try
        {
            return await act();
        }
        finally
        {
            _mutex.Release();
        }
    }

    private async ValueTask Close()
    {
        _file?.Dispose();
        _file = null;
        await _memory.DisposeAsync();
    }

    private async ValueTask Write(JournalChange change)
    {
        try
        {
            Opened.Append(JsonSerializer.SerializeToUtf8Bytes(change, JournalJson.Default.JournalChange));
        }
        catch (Exception exception)
        {
            await Undo(exception); // Whatever it was: memory must not hold what the disk does not.
            throw new StorageException(
                $"The journal '{path}' cannot be written: {exception.Message}", StorageProblem.Unavailable, exception);
        }
    }

    /// <summary>Cuts off what a failed write left, and reads what is really there, so that memory holds no more than
    /// the disk.</summary>
    private async ValueTask Undo(Exception cause)
    {
        try
        {
            Opened.Cut();
            await Replay(Opened);
        }
        catch (Exception exception)
        {
            await Close();
            throw new StorageException(
                $"The journal '{path}' can be neither written nor cut: whether the last change is in it, only opening "
                    + $"it again tells. "
                + exception.Message,
                StorageProblem.InDoubt,
                cause);
        }
    }

    private async ValueTask Replay(JournalFile file)
    {
        var memory = new InMemoryStorage(time);
        await memory.Open(default);
        foreach (var line in file.Read())
            await Parse(line).Replay(memory);
        var before = _memory;
        _memory = memory;
        await before.DisposeAsync(); // Wakes those who wait for a change.
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
