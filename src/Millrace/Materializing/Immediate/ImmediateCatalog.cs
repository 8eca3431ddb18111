using Millrace.Storage;

namespace Millrace.Materializing.Immediate;

/// <summary>
/// Keeps the record of an immediate view for a collection of its read model. The record names the collections of rows,
/// so that tools list them and nodes remove former ones. It contains the requests of operators and the last error.
/// Whether the rows are valid is in the state, which the projection commits.
/// </summary>
internal sealed class ImmediateCatalog(HostedImmediate hosted, string source)
{
    /// <summary>The policy in the records, for tools.</summary>
    public const string Policy = "immediate";

    // Two builds of a read model can start at the same time. Their rows must have different names.
    private const int SourceBits = 16;

    private readonly string _key = hosted.View.KeyOf(source);
    private DateTimeOffset? _begun;
    private string? _switchedTo;
    private Exception? _failure;
    private long _failedFrom;

    /// <summary>Gets the collections of rows in the record that was last read, without former ones.</summary>
    public IReadOnlyCollection<string> Listed { get; private set; } = [];

    /// <summary>Gets whether a switch or a failure is not in the record yet.</summary>
    public bool MustReport => _switchedTo is not null || _failure is not null;

    private ViewServices Services => hosted.Services;

    /// <summary>Reads the record; null if there is none.</summary>
    public async ValueTask<ViewRecord?> Read(CancellationToken cancellationToken)
    {
        var (record, _) = await Services.States.Find(_key, cancellationToken).ConfigureAwait(false);
        return Note(record);
    }

    /// <summary>Creates a collection for a build, after the record names it. Returns its name.</summary>
    public async ValueTask<string> Begin(CancellationToken cancellationToken)
    {
        var now = await Services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var build = now.ToUnixTimeMilliseconds() << SourceBits;
        build += Convert.ToUInt16(hosted.View.DeclarationOf(source)[..(SourceBits / 4)], 16);
        var record = await Services.States
            .Change(_key, stored => BegunFrom(stored ?? NewRecord(), build, now), cancellationToken)
            .ConfigureAwait(false);
        Note(record);
        _begun = now;
        var collection = record!.Building!; // Set by the change.
        var definition = new CollectionDefinition(collection, hosted.View.Columns);
        await Services.Store.Storage.Documents.EnsureCollection(definition, cancellationToken).ConfigureAwait(false);
        Services.Store.IndexRequests.Add(definition);
        return collection;
    }

    /// <summary>Notes that the rows of a build are read now.</summary>
    public void Switched(string collection) => (_switchedTo, _failure) = (collection, null);

    /// <summary>Notes that the view failed.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="from">The timestamp at which the failed work started.</param>
    public void Failed(Exception failure, long from) => (_switchedTo, _failure, _failedFrom) = (null, failure, from);

    /// <summary>Writes what was noted to the record.</summary>
    public async ValueTask<ViewRecord?> Report(CancellationToken cancellationToken)
    {
        var now = await Services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var record = await Services.States
            .Change(
                _key,
                stored => _failure is { } failure
                    ? ImmediateFailures.Add(
                        stored ?? NewRecord(), failure, now - Services.Store.Time.GetElapsedTime(_failedFrom), now)
                    : stored is null ? null : SwitchedFrom(stored, now),
                cancellationToken)
            .ConfigureAwait(false);
        if (_failure is not null)
            Services.Metrics.RecordFailure(hosted.View.Name, TimeSpan.Zero);
        (_switchedTo, _failure) = (null, null);
        return Note(record);
    }

    private ViewRecord? Note(ViewRecord? record)
    {
        string?[] current = [record?.Live, record?.Building];
        Listed = [.. current.OfType<string>()];
        return record;
    }

    private ViewRecord NewRecord() => new()
    {
        Name = hosted.View.Name,
        Version = hosted.View.Version,
        Declaration = hosted.View.DeclarationOf(source),
        Policy = Policy,
        Query = hosted.View.Query,
        Sources = [source],
    };

    private ViewRecord BegunFrom(ViewRecord stored, long build, DateTimeOffset now)
    {
        build = Math.Max(build, stored.Builds + 1);
        return stored with
        {
            Builds = build,
            Building = hosted.View.CollectionOf(build),
            Replaced = stored.Building is { } interrupted
                // A run that has not noticed that it lost its lease calls this, too. The projection still writes then.
                ? [.. stored.Replaced, new ReplacedCollection(interrupted, now + ViewRefresher.KeepReplaced)]
                : stored.Replaced,
        };
    }

    private ViewRecord? SwitchedFrom(ViewRecord stored, DateTimeOffset now)
    {
        if (stored.Building != _switchedTo)
            return null; // The view was dropped.
        var begun = _begun ?? stored.RequestedAt ?? now;
        return ImmediateFailures.End(stored) with
        {
            Live = stored.Building,
            Building = null,
            Replaced = stored.Live is { } former
                ? [.. stored.Replaced, new ReplacedCollection(former, now + ViewRefresher.KeepReplaced)]
                : stored.Replaced,
            RefreshedAt = begun,
            DurationSeconds = Math.Max(0, (now - begun).TotalSeconds),
            RequestedAt = stored.RequestedAt <= begun ? null : stored.RequestedAt,
        };
    }
}
