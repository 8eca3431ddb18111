using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>A page as its rows come in: events up to a limit, and where the first one beyond it stands.</summary>
/// <param name="limit">The most events.</param>
/// <param name="stream">The stream of all rows, where it is known: then they stand at versions, else at
/// positions.</param>
/// <param name="isFolded">Whether the rows hold but what folding needs; of a known stream.</param>
internal sealed class PageCollector(int limit, StreamId? stream = null, bool isFolded = false)
{
    private const int MaxReserved = 64;
    private const long MaxPageBytes = 32L * 1024 * 1024; // Beyond it a page ends, whatever its limit.

    private readonly List<RecordedEvent> _events = new(Math.Min(limit, MaxReserved));
    private long _bytes;
    private long? _beyond;

    /// <summary>Whether no more of what follows belongs to this page.</summary>
    private bool IsFull => _events.Count == limit || _bytes >= MaxPageBytes;

    /// <summary>Reads all rows; false when there are more which are not wanted.</summary>
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
    /// Takes the row that a reader stands on; false when it and what follows is not wanted, though it is within the
    /// limit.
    /// </summary>
    public bool Take(NpgsqlDataReader row, RowBuffer memory)
    {
        if (isFolded)
            EventRow.CopyFolded(row, memory);
        else
            EventRow.Copy(row, memory);
        return Take(memory.Piece, memory.Start);
    }

    /// <inheritdoc cref="Read(NpgsqlDataReader, RowBuffer, CancellationToken)"/>
    public async ValueTask<bool> Read(CopyRowReader rows, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (rows.TryNext())
            {
                if (!Take(rows.Piece, rows.Start))
                    return false;
            }
            if (rows.IsComplete)
                break;
            await rows.Fill(cancellationToken).ConfigureAwait(false);
        }
        await rows.End(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Reads rows until the page is full, and leaves those behind it for the next one; false when there are
    /// none left.</summary>
    public async ValueTask<bool> Fill(CopyRowReader rows, CancellationToken cancellationToken)
    {
        while (!IsFull)
        {
            if (rows.TryNext())
                Take(rows.Piece, rows.Start);
            else if (rows.IsComplete)
                break;
            else
                await rows.Fill(cancellationToken).ConfigureAwait(false);
        }
        if (rows.IsComplete)
            await rows.End(cancellationToken).ConfigureAwait(false);
        return !rows.IsComplete;
    }

    /// <summary>The page of the log as far as it was read: what follows is not known. Null when nothing was.</summary>
    public EventPage? PartialPage(bool isBackwards) => _events.Count == 0
        ? null
        : new EventPage(_events, _events[^1].Position + (isBackwards ? -1 : 1), IsEnd: false);

    /// <summary>The page of the log that was read.</summary>
    /// <param name="query">What was asked for.</param>
    /// <param name="last">The end of the log when the reading began, as far as it is known: all up to it have been
    /// looked at.</param>
    public EventPage OfLog(LogPageQuery query, long last)
    {
        if (_beyond is { } beyond)
            return new EventPage(_events, beyond, IsEnd: false);
        var end = query.IsBackwards
            ? 0
            : Math.Max(query.From, Math.Max(last, _events.Count == 0 ? 0 : _events[^1].Position) + 1);
        return new EventPage(_events, end, IsEnd: true);
    }

    /// <summary>The page of a stream that was read.</summary>
    public EventPage OfStream(StreamPageQuery query)
    {
        if (_beyond is { } beyond)
            return new EventPage(_events, beyond, IsEnd: false);
        var end = query.IsBackwards ? 0 : Math.Max(query.From, _events.Count == 0 ? 1 : _events[^1].Version + 1);
        return new EventPage(_events, end, IsEnd: true);
    }

    private bool Take(byte[] piece, int start)
    {
        if (IsFull)
        {
            _beyond ??= stream is null ? EventRow.ReadPosition(piece, start) : EventRow.ReadVersion(piece, start);
            return _events.Count == limit; // Then it is the last one anyway.
        }
        var recorded = isFolded && stream is { } known
            ? EventRow.ReadFolded(piece, start, known)
            : EventRow.Read(piece, start, stream);
        _bytes += recorded.Payload.Length + recorded.MetadataBytes.Length;
        _events.Add(recorded);
        return true;
    }
}
