using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Cli.CloudEvents;

/// <summary>Checks lines in the same way as an import, but writes nothing.</summary>
/// <param name="open">The store, or null when it does not exist yet.</param>
/// <param name="options">The differences that are allowed.</param>
/// <param name="now">The current time. The time of an event must not be later.</param>
internal sealed class ImportDryRun(OpenStore? open, ImportOptions options, DateTimeOffset now) : IImportTarget
{
    private const int MaxScratchEvents = 1_000;

    private readonly StreamHashMap<DryRunStream> _streams = new();
    private readonly HashSet<StreamId> _deleted = [];
    private DateTimeOffset? _last;
    private EventStore? _scratch;

    public ImportCounts Counts { get; } = new();

    public async ValueTask Add(ImportedEvent line, CancellationToken cancellationToken)
    {
        var stream = _streams.Find(line.Stream) ?? await LoadStream(line.Stream, cancellationToken);
        _streams.Put(
            line.Stream, line.Event is null ? Remove(line, stream) : await Append(line, stream, cancellationToken));
    }

    public ValueTask Flush(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_scratch is not null)
            await _scratch.DisposeAsync();
    }

    private async ValueTask<DryRunStream> Append(
        ImportedEvent line, DryRunStream stream, CancellationToken cancellationToken)
    {
        // The reader gives every event an id.
        var found = open is null
            ? null
            : await open.Storage.Log.FindEvent(line.Stream, line.Event!.Id!.Value, cancellationToken);
        if (ImportDecision.IsAlreadyStored(line, found, options))
        {
            Counts.Skipped++;
            return stream with { Last = found!.Version }; // The event is already stored.
        }
        await CheckEvent(line, cancellationToken);
        if (stream.Head.State == StreamState.Closed)
            throw ImportError(line, new StreamDeletedException(line.Stream, isClosed: true));
        var expected = ImportDecision.Expected(line, options, startsAgain: _deleted.Remove(line.Stream));
        if (!expected.Accepts(stream.Head.VisibleVersion))
            throw ImportError(line, new VersionConflictException(line.Stream, expected, stream.Head.VisibleVersion));
        await CheckTime(line, cancellationToken);
        Counts.Imported++;
        var version = stream.Head.Version + 1;
        return stream with { Head = stream.Head with { Version = version, State = StreamState.Open }, Last = version };
    }

    private DryRunStream Remove(ImportedEvent line, DryRunStream stream)
    {
        var head = stream.Head;
        if (ImportDecision.Removal(line, head, stream.Last, stream.WasDeleted, options) is not { } expected)
        {
            Counts.Skipped++;
            if (head.State == StreamState.Deleted)
                _deleted.Add(line.Stream);
            return stream;
        }
        if (!expected.Accepts(head.VisibleVersion))
            throw ImportError(line, new VersionConflictException(line.Stream, expected, head.VisibleVersion));
        if (head.Version == 0 || (head.State == StreamState.Deleted && line.Removal == RemovalKind.Delete))
            throw ImportError(line, new StreamNotFoundException(line.Stream));
        Counts.Removals++;
        var isDeletion = line.Removal == RemovalKind.Delete;
        if (isDeletion)
            _deleted.Add(line.Stream);
        var after = new StreamHead(
            head.Version, head.Version + 1, isDeletion ? StreamState.Deleted : StreamState.Closed);
        return stream with { Head = after, WasDeleted = stream.WasDeleted || isDeletion };
    }

    /// <summary>Appends the event to a store in memory, which validates names and sizes like the real store.</summary>
    private async ValueTask CheckEvent(ImportedEvent line, CancellationToken cancellationToken)
    {
        if (Counts.Imported % MaxScratchEvents == 0)
        {
            await DisposeAsync();
            _scratch = null;
        }
        _scratch ??= await EventStore.Open(
            new InMemoryStorage(), EventTypeMap.Empty, new StoreOptions { Limits = OpenStore.LimitsOfAll },
            cancellationToken: cancellationToken);
        try
        {
            // A line that reaches this method has an event.
            await _scratch.Append(line.Stream, ExpectedVersion.Any, [line.Event!], cancellationToken);
        }
        catch (Exception problem) when (problem is MillraceException or ArgumentException)
        {
            throw ImportError(line, problem);
        }
    }

    private async ValueTask<DryRunStream> LoadStream(StreamId stream, CancellationToken cancellationToken)
    {
        if (open is null)
            return new DryRunStream(StreamHead.None, Last: 0, WasDeleted: false);
        var head = await open.Storage.Log.GetStream(stream, cancellationToken);
        var removals = head.Version == 0 ? [] : await open.Storage.Log.ListRemovals(stream, cancellationToken);
        return new DryRunStream(head, Last: 0, removals.Any(removal => removal.Kind == RemovalKind.Delete));
    }

    private async ValueTask CheckTime(ImportedEvent line, CancellationToken cancellationToken)
    {
        if (options.Retimes)
            return;
        _last ??= await FindLastTime(cancellationToken);
        var time = line.Time ?? now;
        if (time < _last || time > now)
            throw ImportError(line, new RecordedTimeException(time, _last.Value, now));
        _last = time;
    }

    private async ValueTask<DateTimeOffset> FindLastTime(CancellationToken cancellationToken)
    {
        if (open is null)
            return DateTimeOffset.MinValue;
        var page = await open.Storage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, long.MaxValue, IsBackwards: true, Limit: 1), cancellationToken);
        return page.Events.Count == 0 ? DateTimeOffset.MinValue : page.Events[0].Timestamp;
    }

    private static ImportException ImportError(ImportedEvent line, Exception problem) =>
        new(line.Line, problem.Message, problem);

    /// <summary>The state of a stream after the lines that were already checked.</summary>
    /// <param name="Head">The versions and the state of the stream.</param>
    /// <param name="Last">The version of the stream's last event in the file, or 0 when the file had no event of the
    /// stream yet.</param>
    /// <param name="WasDeleted">True when the stream was already deleted.</param>
    private readonly record struct DryRunStream(StreamHead Head, long Last, bool WasDeleted);
}
