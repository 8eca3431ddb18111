using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Collects the rows of a page: events up to a limit, and the location of the first event after them.
/// </summary>
/// <param name="limit">The maximum number of events.</param>
/// <param name="stream">The stream of all rows, if known. Locations are then versions, otherwise positions.</param>
/// <param name="isFolded">True if the rows contain only the columns for a fold; requires a known stream.</param>
internal sealed class PageCollector(int limit, StreamId? stream = null, bool isFolded = false)
{
    private const int MaxReserved = 64;
    private const long MaxPageBytes = 32L * 1024 * 1024; // A page ends at this size, whatever its limit.

    private readonly List<RecordedEvent> _events = new(Math.Min(limit, MaxReserved));
    private long _bytes;
    private long? _beyond;

    /// <summary>Gets whether no further row belongs to this page.</summary>
    private bool IsFull => _events.Count == limit || _bytes >= MaxPageBytes;

    /// <summary>Reads all rows. Returns false if there are more that do not belong to the page.</summary>
    public async ValueTask<bool> Read(NpgsqlDataReader row, RowBuffer memory, CancellationToken cancellationToken)
    {
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!Take(row, memory))
                return false;
        }
        return true;
    }

    /// <summary>
    /// Adds the current row of a reader. Returns false if the page is full by size, although the row is within the
    /// limit.
    /// </summary>
    public bool Take(NpgsqlDataReader row, RowBuffer memory)
    {
        if (isFolded)
            EventRow.CopyFolded(row, memory);
        else
            EventRow.Copy(row, memory);
        return Take(memory.Block, memory.Start);
    }

    /// <inheritdoc cref="Read(NpgsqlDataReader, RowBuffer, CancellationToken)"/>
    public async ValueTask<bool> Read(CopyRowReader rows, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (rows.TryNext())
            {
                if (!Take(rows.Block, rows.Start))
                    return false;
            }
            if (rows.IsComplete)
                break;
            await rows.Fill(cancellationToken).ConfigureAwait(false);
        }
        await rows.End(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// Reads rows until the page is full, and leaves the rest for the next page. Returns false if no rows are left.
    /// </summary>
    public async ValueTask<bool> Fill(CopyRowReader rows, CancellationToken cancellationToken)
    {
        while (!IsFull)
        {
            if (rows.TryNext())
                Take(rows.Block, rows.Start);
            else if (rows.IsComplete)
                break;
            else
                await rows.Fill(cancellationToken).ConfigureAwait(false);
        }
        if (rows.IsComplete)
            await rows.End(cancellationToken).ConfigureAwait(false);
        return !rows.IsComplete;
    }

    /// <summary>
    /// Returns the log page with the rows read so far, without knowing what follows; null if no rows were read.
    /// </summary>
    public EventPage? PartialPage(bool isBackwards) => _events.Count == 0
        ? null
        : new EventPage(_events, _events[^1].Position + (isBackwards ? -1 : 1), IsEnd: false);

    /// <summary>Returns the log page.</summary>
    /// <param name="query">The query of the page.</param>
    /// <param name="last">The end of the log when the read started, as far as known. The read covers all events up to
    /// it.</param>
    public EventPage OfLog(LogPageQuery query, long last)
    {
        if (_beyond is { } beyond)
            return new EventPage(_events, beyond, IsEnd: false);
        var end = query.IsBackwards
            ? 0
            : Math.Max(query.From, Math.Max(last, _events.Count == 0 ? 0 : _events[^1].Position) + 1);
        return new EventPage(_events, end, IsEnd: true);
    }

    /// <summary>Returns the stream page.</summary>
    public EventPage OfStream(StreamPageQuery query)
    {
        if (_beyond is { } beyond)
            return new EventPage(_events, beyond, IsEnd: false);
        var end = query.IsBackwards ? 0 : Math.Max(query.From, _events.Count == 0 ? 1 : _events[^1].Version + 1);
        return new EventPage(_events, end, IsEnd: true);
    }

    private bool Take(byte[] block, int start)
    {
        if (IsFull)
        {
            _beyond ??= stream is null ? EventRow.ReadPosition(block, start) : EventRow.ReadVersion(block, start);
            return _events.Count == limit; // A full page by count: the row is the last one.
        }
        var recorded = isFolded && stream is { } known
            ? EventRow.ReadFolded(block, start, known)
            : EventRow.Read(block, start, stream);
        _bytes += recorded.Payload.Length + recorded.MetadataBytes.Length;
        _events.Add(recorded);
        return true;
    }
}
