using Millrace.Storage;

namespace Millrace.Testing.Conformance;

/// <summary>
/// Has the storage under test and the operations that the checks share. The clock of the probe advances by a
/// millisecond with each commit.
/// </summary>
internal sealed class StorageProbe(StorageConformance suite, IStorage storage, CancellationToken cancel)
    : IAsyncDisposable
{
    private readonly List<IStorage> _others = [];

    public static readonly DateTimeOffset Beginning = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public IStorage Storage { get; private set; } = storage;

    public CancellationToken Cancel { get; } = cancel;

    public DateTimeOffset Now { get; set; } = Beginning;

    public ILogStorage Log => Storage.Log;

    public IDocumentStorage Documents => Storage.Documents;

    public ILeaseStorage Leases => Storage.Leases;

    public IDeadLetterStorage DeadLetters => Storage.DeadLetters;

    public async Task<CommitOutcome[]> Commit(params CommitRequest[] batch)
    {
        var outcomes = await Log.Commit(batch, Now, Cancel);
        Now += TimeSpan.FromMilliseconds(1);
        Expect.Equal(batch.Length, outcomes.Length, "the number of outcomes");
        return outcomes;
    }

    /// <summary>Commits one request and returns its outcome.</summary>
    public async Task<CommitOutcome> Try(CommitRequest request) => (await Commit(request))[0];

    /// <summary>Commits one request that the storage must accept.</summary>
    public async Task<CommitOutcome> Do(CommitRequest request)
    {
        var outcome = await Try(request);
        Expect.Committed(outcome);
        return outcome;
    }

    /// <summary>Commits one request that the storage must refuse.</summary>
    public async Task<TRefusal> Refuse<TRefusal>(CommitRequest request)
        where TRefusal : MillraceException =>
        Expect.Refused<TRefusal>(await Try(request));

    public Task<CommitOutcome> Append(string stream, ExpectedVersion expected, params EncodedEvent[] events) =>
        Do(Sample.Append(stream, expected, events));

    public async Task<long> LastPosition() => (await Log.GetHead(Cancel)).Position;

    public async Task<StreamHead> Head(string stream) => await Log.GetStream(new StreamId(stream), Cancel);

    /// <summary>Reads all pages of the log and checks each page.</summary>
    public Task<List<RecordedEvent>> ReadLog(EventFilter? filter = null, long from = 1, int limit = 7) =>
        PageWalk.Forwards(
            next => Log.ReadLog(new LogPageQuery(filter ?? EventFilter.All, next, false, limit), Cancel),
            one => one.Position,
            from,
            limit);

    public Task<List<RecordedEvent>> ReadLogBackwards(
        EventFilter? filter = null, long from = long.MaxValue, int limit = 7) =>
        PageWalk.Backwards(
            next => Log.ReadLog(new LogPageQuery(filter ?? EventFilter.All, next, true, limit), Cancel),
            one => one.Position,
            from,
            limit);

    /// <summary>Reads all pages of a stream and checks each page.</summary>
    public Task<List<RecordedEvent>> ReadStream(string stream, long from = 1, int limit = 7) =>
        PageWalk.Forwards(
            next => Log.ReadStream(new StreamPageQuery(new StreamId(stream), next, false, limit), Cancel),
            one => one.Version,
            from,
            limit);

    public Task<List<RecordedEvent>> ReadStreamBackwards(string stream, long from = long.MaxValue, int limit = 7) =>
        PageWalk.Backwards(
            next => Log.ReadStream(new StreamPageQuery(new StreamId(stream), next, true, limit), Cancel),
            one => one.Version,
            from,
            limit);

    /// <summary>Closes the storage and opens it again on the same data.</summary>
    public async Task Reopen()
    {
        await Storage.DisposeAsync();
        Storage = await suite.ReopenFor(this);
        await Storage.Open(Cancel);
    }

    /// <summary>Opens another storage on the same data. The probe disposes it.</summary>
    public async Task<IStorage> OpenAnother() => await OpenOther(await suite.OpenAnotherFor(this));

    public string NewBackupDestination() => suite.NewBackupDestinationFor(this);

    /// <summary>Opens a backup. The probe disposes it.</summary>
    public async Task<IStorage> OpenBackup(string destination) =>
        await OpenOther(await suite.OpenBackupFor(this, destination));

    /// <summary>
    /// Returns a probe of another storage with the same time. The new probe does not dispose the storage.
    /// </summary>
    public StorageProbe Of(IStorage other) => new(suite, other, Cancel) { Now = Now };

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others)
            await other.DisposeAsync();
        await Storage.DisposeAsync();
    }

    private async Task<IStorage> OpenOther(IStorage other)
    {
        _others.Add(other);
        await other.Open(Cancel);
        return other;
    }
}
