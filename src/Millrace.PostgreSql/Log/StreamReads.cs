using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>
/// Reads pages of streams: each at once as long as few are read, and from then on those together that wait at the same moment, by one
/// statement on one connection, as commits are.
/// </summary>
/// <remarks>
/// A page is read by a statement that begins after it was asked for, so that it shows whatever was committed before. What fails together is
/// tried again one by one, so that each fails by itself.
/// </remarks>
internal sealed class StreamReads(Database database, StreamQueries streams)
{
    private const int MostTogether = 32;

    /// <summary>
    /// How many are read at once; further ones wait until one of these is done. More than there are processors would only take turns on
    /// them, and the fewer they are, the more are read together.
    /// </summary>
    private static readonly int Lanes = Math.Clamp(Environment.ProcessorCount, 2, 4);

    private readonly Lock _lock = new();
    private readonly Queue<PendingRead> _waiting = new();
    private int _lanesInUse;

    /// <summary>How many pages were read together with others.</summary>
    public long Joined { get; private set; }

    public ValueTask<EventPage> Read(StreamPageQuery query, CancellationToken cancellationToken)
    {
        if (query.IsBackwards)
            return ReadAlone(query, cancellationToken);
        PendingRead pending;
        lock (_lock)
        {
            if (_lanesInUse < Lanes)
            {
                _lanesInUse++;
                return ReadInLane(query, cancellationToken);
            }
            pending = new PendingRead(query, cancellationToken);
            _waiting.Enqueue(pending);
        }
        return new ValueTask<EventPage>(pending.Task.WaitAsync(cancellationToken));
    }

    private ValueTask<EventPage> ReadAlone(StreamPageQuery query, CancellationToken cancellationToken) => database.Read(
        static (connection, ask, cancel) => ask.streams.Read(connection, ask.query, cancel), (streams, query), cancellationToken);

    private async ValueTask<EventPage> ReadInLane(StreamPageQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAlone(query, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (Take() is { } batch)
                _ = Task.Run(() => ReadOn(batch), CancellationToken.None);
        }
    }

    /// <summary>Reads what waits, as long as something does.</summary>
    private async Task ReadOn(List<PendingRead>? batch)
    {
        for (; batch is not null; batch = Take())
        {
            if (batch.Count > 1)
                await ReadTogether(batch).ConfigureAwait(false);
            await Task.WhenAll(batch.ConvertAll(Finish)).ConfigureAwait(false);
        }
    }

    private async ValueTask ReadTogether(List<PendingRead> batch)
    {
        try
        {
            await database.Read(
                static (connection, ask, cancel) => ask.streams.Read(connection, ask.batch, cancel), (streams, batch),
                CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is: those who wait must not wait for ever.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Each is read by itself, and fails by itself.
        }
    }

    private async Task Finish(PendingRead pending)
    {
        if (pending.IsDone)
            return;
        try
        {
            pending.TrySetResult(await ReadAlone(pending.Query, pending.Cancellation).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // Whatever it is, it is told to whoever waits.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            pending.TrySetException(exception);
        }
    }

    /// <summary>Takes what waits; null when nothing does, and the lane is left.</summary>
    private List<PendingRead>? Take()
    {
        lock (_lock)
        {
            List<PendingRead>? batch = null;
            while (_waiting.Count > 0 && (batch?.Count ?? 0) < MostTogether)
            {
                if (_waiting.Dequeue() is { IsDone: false } next)
                    (batch ??= []).Add(next);
            }
            if (batch is null)
                _lanesInUse--;
            else if (batch.Count > 1)
                Joined += batch.Count;
            return batch;
        }
    }
}
