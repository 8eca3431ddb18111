using System.Runtime.CompilerServices;
using Millrace.Storage;
using Millrace.Storage.Archives;

namespace Millrace.Auditing.Sealing;

/// <summary>Reads a log that may be damaged. Continues after an event that cannot be read.</summary>
internal sealed class RobustReader(ILogStorage log)
{
    private const int PageEvents = 512;
    private const int MaxUnreadable = 1_000;

    /// <summary>Gets the position at which the reader stopped before the end of the log; null if it did not.</summary>
    public long? StoppedAt { get; private set; }

    /// <summary>Reads the matching events in order, from one position through another.</summary>
    /// <remarks>Stops after a thousand events that cannot be read.</remarks>
    public async IAsyncEnumerable<Item> Read(
        EventFilter filter, long from, long through, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (next, limit, unreadable) = (from, PageEvents, 0);
        while (next <= through)
        {
            var query = new LogPageQuery(filter, next, IsBackwards: false, limit);
            var (page, problem) = await TryRead(query, cancellationToken).ConfigureAwait(false);
            if (page is { } read)
            {
                foreach (var recorded in read.Events)
                {
                    if (recorded.Position <= through)
                        yield return new Item(recorded.Position, recorded, null);
                }
                if (read.IsEnd)
                    yield break;
                (next, limit) = (read.Next, PageEvents);
            }
            else if (limit > 1)
            {
                limit = 1; // Finds the event that cannot be read.
            }
            else
            {
                if (++unreadable > MaxUnreadable)
                {
                    StoppedAt = next; // The events up to here are findings, and the rest of the log is missing.
                    yield break;
                }
                var position = await FindNext(filter, next, cancellationToken).ConfigureAwait(false);
                yield return new Item(position, null, problem);
                next = position + 1;
            }
        }
    }

    private async ValueTask<(EventPage? Page, string? Problem)> TryRead(
        LogPageQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return (await log.ReadLog(query, cancellationToken).ConfigureAwait(false), null);
        }
        catch (StorageException exception) when (exception.Problem != StorageProblem.Damaged)
        {
            throw; // For example, the database is not available.
        }
        catch (Exception exception)
            when (exception is ArchiveException { PlaceProblem: not null } or ArchiveRequiredException)
        {
            throw; // The archive is not available. A damaged or missing segment is a finding.
        }
#pragma warning disable CA1031 // A manipulated row can cause any error. Each is a finding.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return (null, exception.Message);
        }
    }

    /// <summary>Returns the position of the next event, which cannot be read as a whole.</summary>
    private async ValueTask<long> FindNext(EventFilter filter, long next, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(filter, next, IsBackwards: false, 1) { IsBrief = true };
        var (page, _) = await TryRead(query, cancellationToken).ConfigureAwait(false);
        return page is { Events: [var found, ..] } ? found.Position : next;
    }

    /// <summary>An event, or the position of an event that cannot be read.</summary>
    /// <param name="Position">The position.</param>
    /// <param name="Event">The event; null if it cannot be read.</param>
    /// <param name="Problem">The reason; null if the event can be read.</param>
    internal readonly record struct Item(long Position, RecordedEvent? Event, string? Problem);
}
