using System.Globalization;
using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>Writes lines into a store, in their order, many in one commit.</summary>
internal sealed class ImportTarget(OpenStore open, ImportOptions options) : IImportTarget
{
    private const int MostLines = 1_000;
    private const int MostBytes = 16 * 1024 * 1024;

    private readonly List<ImportedLine> _lines = [];

    // A deleted stream begins again with the next version, and is as one that does not exist until then.
    private readonly HashSet<StreamId> _deleted = [];
    private long _bytes;
    private bool _isNew;

    public ImportCounts Counts { get; } = new();

    public async ValueTask Add(ImportedLine line, CancellationToken cancellationToken)
    {
        if (line.Event is null)
        {
            await Flush(cancellationToken);
            await Remove(line, cancellationToken);
            return;
        }
        if (!_isNew && await Stands(line, cancellationToken))
        {
            Counts.Skipped++;
            return;
        }
        _isNew = true;
        _lines.Add(line);
        _bytes += line.Bytes;
        if (_lines.Count >= MostLines || _bytes >= MostBytes)
            await Flush(cancellationToken);
    }

    public async ValueTask Flush(CancellationToken cancellationToken)
    {
        var appends = new Task<AppendResult>[_lines.Count];
        for (var i = 0; i < appends.Length; i++)
            appends[i] = Append(_lines[i], cancellationToken);
        for (var i = 0; i < appends.Length; i++)
        {
            try
            {
                Counts.Add((await appends[i]).WasRepeated);
            }
            catch (Exception problem) when (problem is MillraceException and not StorageException)
            {
                await Task.WhenAll(appends)
                    .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                throw new ImportException(_lines[i].Line, problem.Message, problem);
            }
        }
        _lines.Clear();
        _bytes = 0;
    }

    /// <summary>
    /// An import that was interrupted left a beginning of the file: what stands there is looked up until the first that does not.
    /// </summary>
    private async ValueTask<bool> Stands(ImportedLine line, CancellationToken cancellationToken)
    {
        // A reader gives every event an id.
        var found = await open.Storage.Log.FindEvent(line.Stream, line.Event!.Id!.Value, cancellationToken);
        if (found is null)
            return false;
        return options.Renumbers || line.Version is null || line.Version == found.Version
            ? true
            : throw new ImportException(
                line.Line,
                $"the event stands in stream '{line.Stream}' already, but at version {found.Version} instead of {line.Version}.");
    }

    private Task<AppendResult> Append(ImportedLine line, CancellationToken cancellationToken)
    {
        var isExact = line.Version is not null && !options.Renumbers;
        var expected = !isExact ? ExpectedVersion.Any
            : line.Version == 1 || _deleted.Remove(line.Stream) ? ExpectedVersion.NoStream
            : ExpectedVersion.Exactly(line.Version!.Value - 1);
        var keepsTime = line.Time is not null && !options.Retimes;
        var added = line.Event!; // Lines without one are removals, which do not come here.
        if (line.Time is { } time && !keepsTime)
            added = added with { Metadata = WithTime(added.Metadata ?? EventMetadata.Empty, time) };
        var request = new AppendRequest { RecordedAt = keepsTime ? line.Time : null }.To(line.Stream, expected, added);
        return open.Store.Append(request, cancellationToken);
    }

    private static EventMetadata WithTime(EventMetadata metadata, DateTimeOffset time) => metadata with
    {
        Extensions = metadata.Extensions.SetItem(CloudEventNames.Time, time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
    };

    private async ValueTask Remove(ImportedLine line, CancellationToken cancellationToken)
    {
        var head = await open.Storage.Log.GetStream(line.Stream, cancellationToken);
        if (head.State == StreamState.Closed || (line.Removal == RemovalKind.Delete && head.FirstVersion > (line.Version ?? head.Version)))
        {
            Counts.Skipped++;
            if (head.State == StreamState.Deleted)
                _deleted.Add(line.Stream);
            return;
        }
        try
        {
            if (line.Removal == RemovalKind.Tombstone)
                await open.Store.Tombstone(line.Stream, ExpectedVersion.Any, line.Reason, line.By, cancellationToken);
            else
                await open.Store.Delete(line.Stream, ExpectedVersion.Any, line.Reason, line.By, cancellationToken);
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
