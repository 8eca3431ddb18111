using System.Security.Cryptography;
using System.Text;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Cli.CloudEvents;

/// <summary>Checks lines as an import would, and writes nothing.</summary>
/// <param name="open">The store; null when there is none yet.</param>
/// <param name="options">What may be given up.</param>
/// <param name="now">The clock: no time may lie behind it.</param>
internal sealed class ImportTrial(OpenStore? open, ImportOptions options, DateTimeOffset now) : IImportTarget
{
    private const int EventsOfScratch = 1_000;

    // Of each stream a hash and a version: some 40 bytes, so that a file of millions of streams can be tried.
    private readonly Dictionary<UInt128, long> _versions = [];
    private DateTimeOffset? _last;
    private EventStore? _scratch;

    public ImportCounts Counts { get; } = new();

    public async ValueTask Add(ImportedLine line, CancellationToken cancellationToken)
    {
        var key = KeyOf(line.Stream);
        if (!_versions.TryGetValue(key, out var version))
            version = await VersionInStore(line.Stream, cancellationToken);
        if (line.Event is null)
        {
            Counts.Removals++;
            return;
        }
        if (open is not null && await open.Storage.Log.FindEvent(line.Stream, line.Event.Id!.Value, cancellationToken) is not null)
        {
            Counts.Skipped++;
            return;
        }
        await CheckEvent(line, cancellationToken);
        if (line.Version is { } wanted && !options.Renumbers && wanted != version + 1)
            throw Refused(line, new VersionConflictException(line.Stream, ExpectedAt(wanted), version));
        await CheckTime(line, cancellationToken);
        _versions[key] = version + 1;
        Counts.Imported++;
    }

    public async ValueTask Flush(CancellationToken cancellationToken)
    {
        if (_scratch is not null)
            await _scratch.DisposeAsync();
        _scratch = null;
    }

    /// <summary>Has a store in memory take the event: names and sizes are judged where they are in earnest.</summary>
    private async ValueTask CheckEvent(ImportedLine line, CancellationToken cancellationToken)
    {
        if (Counts.Imported % EventsOfScratch == 0)
            await Flush(cancellationToken);
        _scratch ??= await EventStore.Open(
            new InMemoryStorage(), EventTypeMap.Empty, new StoreOptions { Limits = OpenStore.LimitsOfAll },
            cancellationToken: cancellationToken);
        try
        {
            await _scratch.Append(line.Stream, ExpectedVersion.Any, [line.Event!], cancellationToken); // Removals were sorted out.
        }
        catch (Exception problem) when (problem is MillraceException or ArgumentException)
        {
            throw Refused(line, problem);
        }
    }

    private async ValueTask<long> VersionInStore(StreamId stream, CancellationToken cancellationToken) =>
        open is null ? 0 : (await open.Storage.Log.GetStream(stream, cancellationToken)).Version;

    private async ValueTask CheckTime(ImportedLine line, CancellationToken cancellationToken)
    {
        if (options.Retimes)
            return;
        _last ??= await LastInStore(cancellationToken);
        var time = line.Time ?? now;
        if (time < _last || time > now)
            throw Refused(line, new RecordedTimeException(time, _last.Value, now));
        _last = time;
    }

    private async ValueTask<DateTimeOffset> LastInStore(CancellationToken cancellationToken)
    {
        if (open is null)
            return DateTimeOffset.MinValue;
        var page = await open.Storage.Log.ReadLog(new LogPageQuery(EventFilter.All, long.MaxValue, IsBackwards: true, Limit: 1),
            cancellationToken);
        return page.Events.Count == 0 ? DateTimeOffset.MinValue : page.Events[0].Timestamp;
    }

    private static ImportException Refused(ImportedLine line, Exception problem) => new(line.Line, problem.Message, problem);

    private static ExpectedVersion ExpectedAt(long version) =>
        version == 1 ? ExpectedVersion.NoStream : ExpectedVersion.Exactly(version - 1);

    private static UInt128 KeyOf(StreamId stream)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(stream.Value));
        return new UInt128(BitConverter.ToUInt64(hash, 0), BitConverter.ToUInt64(hash, 8));
    }
}
