using System.Globalization;
using System.Runtime.ExceptionServices;
using Millrace.Shared.CloudEvents;
using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Writes lines to a store in order, with many lines in one commit. After a rejected line, the import writes no more
/// lines.
/// </summary>
internal sealed class ImportTarget(OpenStore open, ImportOptions options) : IImportTarget
{
    private const int MaxBatchEvents = 1_000;
    private const int MaxBatchBytes = 16 * 1024 * 1024;

    private readonly List<(ImportedEvent Line, ExpectedVersion Expected)> _lines = [];
    private readonly PipelinedAppender _chain = new(open.Store);

    // The version of each stream's last event from the file. With --renumber it differs from the version in the file.
    private readonly StreamHashMap<long> _last = new();

    // The streams that the file has deleted. The next event of such a stream starts it again, as if the stream did not
    // exist.
    private readonly HashSet<StreamId> _deleted = [];
    private long _bytes;
    private bool _hasReachedNewEvents;

    public ImportCounts Counts { get; } = new();

    public async ValueTask Add(ImportedEvent line, CancellationToken cancellationToken)
    {
        if (line.Event is null)
        {
            await Flush(cancellationToken);
            await Remove(line, cancellationToken);
            return;
        }
        // After an interrupted import, the store already contains the first events of the file. The import looks up
        // each event until it finds an event that is not stored.
        if (!_hasReachedNewEvents && await IsSkipped(line, cancellationToken))
            return;
        _hasReachedNewEvents = true;
        _lines.Add((line, ImportDecision.Expected(line, options, startsAgain: _deleted.Remove(line.Stream))));
        _bytes += line.Bytes;
        if (_lines.Count >= MaxBatchEvents || _bytes >= MaxBatchBytes)
            await Flush(cancellationToken);
    }

    public async ValueTask Flush(CancellationToken cancellationToken)
    {
        while (_lines.Count > 0)
        {
            var (done, problem) = await _chain.Send([.. _lines.Select(Request)], cancellationToken);
            for (var i = 0; i < done.Count; i++)
            {
                Counts.Add(done[i].WasRepeated);
                _last.Put(_lines[i].Line.Stream, done[i].Version);
            }
            if (problem is not null)
                Fail(_lines[done.Count].Line, problem);
            _lines.RemoveRange(0, done.Count);
            await SkipExistingEvents(cancellationToken);
        }
        _bytes = 0;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _chain.End();
        }
        catch (MillraceException)
        {
            // The next import takes over the claim. This import reports the first problem.
        }
    }

    private static void Fail(ImportedEvent line, Exception problem)
    {
        if (PipelinedAppender.IsChainConflict(problem))
            throw new ImportException(
                line.Line, "another import writes to this store at the same time. Wait until it completes.", problem);
        if (problem is MillraceException and not StorageException)
            throw new ImportException(line.Line, problem.Message, problem);
        ExceptionDispatchInfo.Throw(problem);
    }

    /// <summary>
    /// Skips the pending lines that are already stored. If one line is stored, later lines may also be stored.
    /// </summary>
    private async ValueTask SkipExistingEvents(CancellationToken cancellationToken)
    {
        (ImportedEvent Line, ExpectedVersion Expected)[] pending = [.. _lines];
        _lines.Clear();
        foreach (var line in pending)
        {
            if (!await IsSkipped(line.Line, cancellationToken))
                _lines.Add(line);
        }
    }

    private async ValueTask<bool> IsSkipped(ImportedEvent line, CancellationToken cancellationToken)
    {
        // The reader gives every event an id.
        var found = await open.Storage.Log.FindEvent(line.Stream, line.Event!.Id!.Value, cancellationToken);
        if (!ImportDecision.IsAlreadyStored(line, found, options))
            return false;
        _last.Put(line.Stream, found!.Version); // The event is already stored.
        Counts.Skipped++;
        return true;
    }

    private AppendRequest Request((ImportedEvent Line, ExpectedVersion Expected) pending)
    {
        var keepsTime = pending.Line.Time is not null && !options.Retimes;
        var newEvent = pending.Line.Event!; // Only lines with an event are sent.
        if (pending.Line.Time is { } time && !keepsTime)
            newEvent = newEvent with { Metadata = WithTime(newEvent.Metadata ?? EventMetadata.Empty, time) };
        return new AppendRequest
        {
            RecordedAt = keepsTime ? pending.Line.Time : null,
            CopiesReservedEvents = true, // A copy of a store has the same rights.
        }.To(
            pending.Line.Stream, pending.Expected, newEvent);
    }

    private static EventMetadata WithTime(EventMetadata metadata, DateTimeOffset time) =>
        metadata with
        {
            Extensions = metadata.Extensions.SetItem(
                CloudEventNames.Time, time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
        };

    private async ValueTask Remove(ImportedEvent line, CancellationToken cancellationToken)
    {
        var head = await open.Storage.Log.GetStream(line.Stream, cancellationToken);
        var removals = await open.Storage.Log.ListRemovals(line.Stream, cancellationToken);
        var wasDeleted = removals.Any(removal => removal.Kind == RemovalKind.Delete);
        if (ImportDecision.Removal(line, head, _last.Find(line.Stream) ?? 0, wasDeleted, options) is not { } expected)
        {
            Counts.Skipped++;
            if (head.State == StreamState.Deleted)
                _deleted.Add(line.Stream);
            return;
        }
        try
        {
            if (line.Removal == RemovalKind.Tombstone)
                await open.Store.Tombstone(line.Stream, expected, line.Reason, line.By, cancellationToken);
            else
                await open.Store.Delete(line.Stream, expected, line.Reason, line.By, cancellationToken);
            Counts.Removals++;
            if (line.Removal == RemovalKind.Delete)
                _deleted.Add(line.Stream);
        }
        catch (Exception problem) when (problem is MillraceException and not StorageException)
        {
            throw new ImportException(line.Line, problem.Message, problem);
        }
    }
}
