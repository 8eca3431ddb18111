using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Storage.Archives;

/// <summary>Reads what a store records about its archive, which are documents of one collection.</summary>
internal sealed class ArchiveIndex(IDocumentStorage documents)
{
    /// <summary>The name of the collection.</summary>
    public const string Collection = "archive-segments";

    private const string HeaderKey = "header";
    private const string ProgressPrefix = "progress-"; // Before the keys of restorations.
    private const string RestorationKey = "restoration"; // All restorations: before the keys of segments.
    private const string ScheduledRunKey = "run"; // Before the keys of segments.
    private const string SegmentPrefix = "segment-";
    private const int PageSegments = 500;

    /// <summary>Gets the definition of the collection.</summary>
    public static CollectionDefinition Definition { get; } = new(Collection, []);

    /// <summary>Returns whether the store has or had an archive.</summary>
    public ValueTask<bool> Exists(CancellationToken cancellationToken) =>
        documents.HasCollection(Collection, cancellationToken);

    /// <summary>Returns what is recorded about the archive; null if the store has none.</summary>
    public async ValueTask<ArchiveHeader?> FindHeader(CancellationToken cancellationToken) =>
        await Exists(cancellationToken).ConfigureAwait(false)
        && await documents.Get(Collection, HeaderKey, cancellationToken).ConfigureAwait(false) is { } document
            ? Read(document, ArchiveJson.Default.ArchiveHeader)
            : null;

    /// <summary>Returns the last scheduled run; null if there is none.</summary>
    public async ValueTask<ArchiveScheduledRun?> FindScheduledRun(CancellationToken cancellationToken) =>
        await Exists(cancellationToken).ConfigureAwait(false)
        && await documents.Get(Collection, ScheduledRunKey, cancellationToken).ConfigureAwait(false) is { } document
            ? Read(document, ArchiveJson.Default.ArchiveScheduledRun)
            : null;

    /// <summary>
    /// Returns the time when a stream, or all streams, were last restored; null if they never were. The collection must
    /// exist.
    /// </summary>
    public async ValueTask<DateTimeOffset?> FindRestorationTime(StreamId stream, CancellationToken cancellationToken)
    {
        DateTimeOffset? last = null;
        foreach (var key in (string[])[RestorationKey, KeyOf(stream)])
        {
            if (await documents.Get(Collection, key, cancellationToken).ConfigureAwait(false) is { } document
                && Read(document, ArchiveJson.Default.ArchiveRestoration).At is var at && !(last > at))
                last = at;
        }
        return last;
    }

    /// <summary>
    /// Returns the hash of all recorded restorations, which changes with each restoration. The collection must exist.
    /// </summary>
    public async ValueTask<string> HashRestorations(CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var after = RestorationKey[..^1]; ;)
        {
            var query = new DocumentQuery
            {
                Collection = Collection,
                After = new DocumentCursor(default, after),
                Limit = PageSegments,
            };
            var page = await documents.Query(query, cancellationToken).ConfigureAwait(false);
            foreach (var document in page.Documents)
            {
                if (!document.Key.StartsWith(RestorationKey, StringComparison.Ordinal))
                    return Convert.ToHexString(hash.GetCurrentHash());
                // A version is never used again.
                hash.AppendData(Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"{document.Key}\n{document.Version}\n")));
            }
            if (page.Documents.Count < PageSegments)
                return Convert.ToHexString(hash.GetCurrentHash());
            after = page.Documents[^1].Key;
        }
    }

    /// <summary>
    /// Returns up to where scheduled runs have archived; null if that is unknown. The collection must exist.
    /// </summary>
    /// <param name="isClosed">Whether the runs select only closed streams.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<ArchiveProgress?> FindProgress(bool isClosed, CancellationToken cancellationToken) =>
        await documents.Get(Collection, KeyOfProgress(isClosed), cancellationToken).ConfigureAwait(false)
            is { } document
            ? Read(document, ArchiveJson.Default.ArchiveProgress) with { Version = document.Version }
            : null;

    /// <summary>Finds a segment; null if there is none with this number. The collection must exist.</summary>
    public async ValueTask<ArchiveSegment?> Find(long number, CancellationToken cancellationToken) =>
        await documents.Get(Collection, KeyOf(number), cancellationToken).ConfigureAwait(false) is { } document
            ? ReadSegment(document)
            : null;

    /// <summary>Lists segments in the order of their numbers.</summary>
    /// <param name="after">The number after which the list starts; 0 for all.</param>
    /// <param name="limit">The maximum number of segments.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<ArchiveSegment>> List(
        long after, int limit, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery
        {
            Collection = Collection,
            // The other documents have keys before those of the segments.
            After = new DocumentCursor(default, after == 0 ? SegmentPrefix : KeyOf(after)),
            Limit = limit,
        };
        var page = await documents.Query(query, cancellationToken).ConfigureAwait(false);
        return [.. page.Documents.Select(ReadSegment)];
    }

    /// <summary>Lists all segments in the order of their numbers.</summary>
    public async IAsyncEnumerable<ArchiveSegment> ListAll(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!await Exists(cancellationToken).ConfigureAwait(false))
            yield break;
        for (var after = 0L; ;)
        {
            var page = await List(after, PageSegments, cancellationToken).ConfigureAwait(false);
            foreach (var segment in page)
                yield return segment;
            if (page.Count < PageSegments)
                yield break;
            after = page[^1].Number;
        }
    }

    /// <summary>Returns the change that writes the header, which must not exist.</summary>
    public static DocumentChange Put(ArchiveHeader header) => new()
    {
        Collection = Collection,
        Key = HeaderKey,
        FromVersion = 0,
        Body = JsonSerializer.SerializeToUtf8Bytes(header, ArchiveJson.Default.ArchiveHeader),
    };

    /// <summary>Returns the change that writes a segment, unless it was changed since it was read.</summary>
    public static DocumentChange Put(ArchiveSegment segment) => new()
    {
        Collection = Collection,
        Key = KeyOf(segment.Number),
        FromVersion = segment.Version,
        Body = JsonSerializer.SerializeToUtf8Bytes(segment, ArchiveJson.Default.ArchiveSegment),
    };

    /// <summary>Returns the change that records a restoration.</summary>
    public static DocumentChange Put(ArchiveRestoration restoration) => new()
    {
        Collection = Collection,
        Key = restoration.Stream is { } stream ? KeyOf(new StreamId(stream)) : RestorationKey,
        Body = JsonSerializer.SerializeToUtf8Bytes(restoration, ArchiveJson.Default.ArchiveRestoration),
    };

    /// <summary>Returns the change that records a scheduled run.</summary>
    public static DocumentChange Put(ArchiveScheduledRun run) => new()
    {
        Collection = Collection,
        Key = ScheduledRunKey,
        Body = JsonSerializer.SerializeToUtf8Bytes(run, ArchiveJson.Default.ArchiveScheduledRun),
    };

    /// <summary>Returns the change that records up to where scheduled runs have archived, unless another run has
    /// recorded it.</summary>
    public static DocumentChange Put(ArchiveProgress progress, bool isClosed) => new()
    {
        Collection = Collection,
        Key = KeyOfProgress(isClosed),
        FromVersion = progress.Version,
        Body = JsonSerializer.SerializeToUtf8Bytes(progress, ArchiveJson.Default.ArchiveProgress),
    };

    private static string KeyOfProgress(bool isClosed) => ProgressPrefix + (isClosed ? "closed" : "inactive");

    private static string KeyOf(long number) =>
        SegmentPrefix + number.ToString("D12", CultureInfo.InvariantCulture);

    private static string KeyOf(StreamId stream) => $"{RestorationKey}-{stream}";

    private static ArchiveSegment ReadSegment(Document document) =>
        Read(document, ArchiveJson.Default.ArchiveSegment) with { Version = document.Version };

    private static T Read<T>(Document document, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(document.Body.Span, type)
                ?? throw new JsonException("The document is null.");
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                $"The document '{document.Key}' of the archive cannot be read. Restore the store from a backup.",
                StorageProblem.Damaged,
                exception);
        }
    }
}
