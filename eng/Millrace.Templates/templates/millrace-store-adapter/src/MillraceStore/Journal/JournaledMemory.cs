using System.Text.Json;
using Millrace.Storage.InMemory;

namespace Store1Space.Journal;

/// <summary>
/// A store in memory whose changes are on the disk before they become visible. Each change is applied in memory and
/// written to the journal before the next change starts.
/// </summary>
/// <remarks>
/// Replace this class by your database. It supports one program at a time, all data must fit into memory, and the file
/// only grows.
/// </remarks>
internal sealed class JournaledMemory(string path, TimeProvider time, Func<string, JournalFile> open) : IAsyncDisposable
{
    private readonly SemaphoreSlim _mutex = new(1, 1); // Not disposed: it has no wait handle.
    private InMemoryStorage _memory = new(time);
    private JournalFile? _file;

    private JournalFile Opened =>
        _file ?? throw new StorageException($"The journal '{path}' is not open.", StorageProblem.Closed);

    /// <summary>Opens the journal and applies its changes. A second call does nothing.</summary>
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

    /// <summary>Returns the full path and the size of the file.</summary>
    public Task<(string Path, long Bytes)> GetFile(CancellationToken cancellationToken) =>
        RunExclusively(() => ValueTask.FromResult((Opened.Path, Opened.Length)), cancellationToken);

    /// <summary>Reads from memory.</summary>
    public async ValueTask<T> Read<T>(Func<IStorage, ValueTask<T>> read, CancellationToken cancellationToken) =>
        await RunExclusively(
            () =>
            {
                _ = Opened;
                return read(_memory);
            },
            cancellationToken);

    /// <summary>Waits for a change in memory, while other operations run.</summary>
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

    /// <summary>Applies a change. A change that memory rejects is not written.</summary>
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

    /// <summary>Copies the current journal to a new file, while changes continue.</summary>
    public async Task CopyTo(
        string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        var (file, length) = await RunExclusively(
            () => ValueTask.FromResult((Opened, Opened.Length)), cancellationToken);
        await file.CopyTo(destination, length, progress, cancellationToken);
    }

    /// <summary>Closes the journal, which can be opened again.</summary>
    public async ValueTask DisposeAsync() => await RunExclusively(
        async () =>
        {
            await Close();
            return true;
        },
        CancellationToken.None);

    /// <summary>
    /// Runs changes one after the other. A started change is not canceled, because memory and disk change together.
    /// </summary>
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
            await Undo(exception); // Memory must not contain a change that is not on the disk.
            throw new StorageException(
                $"The journal '{path}' cannot be written: {exception.Message}", StorageProblem.Unavailable, exception);
        }
    }

    /// <summary>Removes an incomplete write and reads the journal again, so that memory equals the disk.</summary>
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
                $"The journal '{path}' can be neither written nor cut. It is unknown whether the last change is in "
                    + "it: open it again. "
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
        await before.DisposeAsync(); // Ends all waits for a change.
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
        new($"'{path}' contains a change that this version does not support.", StorageProblem.NotAStore, cause);
}
