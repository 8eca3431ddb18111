using Millrace.Messaging;
using Millrace.Redis.Client;
using Millrace.Redis.Streams;

namespace Millrace.Redis.Retries;

/// <summary>Receives the messages of a consumer group, and the messages in its retry queue.</summary>
internal sealed class RetryingReceiver(RedisReceiver stream, RetryQueue queue) : IRetryingReceiver
{
    private bool _isNewFirst;
    private bool _wasStalled;

    public long Waiting => queue.Waiting;

    // A passive receiver takes no messages in any case.
    public string? StallReason => stream.IsActive ? queue.Stall : null;

    public async ValueTask<IReadOnlyList<Delivery>> Take(int maxCount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RequireQueue();
            if (await TakeDue(maxCount).ConfigureAwait(false) is { Count: > 0 } due)
                return due;
            var hasStallEnded = _wasStalled && queue.Stall is null;
            _wasStalled = queue.Stall is not null;
            if (hasStallEnded)
                return []; // So that the caller reports the end of the stall now.
            if (_wasStalled)
                await Task.WhenAny(queue.Arrived, stream.WaitForActivation())
                    .WaitAsync(cancellationToken)
                    .ConfigureAwait(false);
            else if (await TakeNew(maxCount, cancellationToken).ConfigureAwait(false) is { Count: > 0 } taken)
                return taken;
        }
    }

    public async ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deliveries);
        RequireQueue();
        await stream.Acknowledge(deliveries, cancellationToken).ConfigureAwait(false);
        await ConvertErrors(queue.Remove(deliveries, cancellationToken)).ConfigureAwait(false);
    }

    public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deliveries);
        RequireQueue();
        queue.Requeue(deliveries);
        return stream.Return(deliveries, cancellationToken);
    }

    public bool MustWait(Delivery delivery) => queue.Waits(delivery);

    public async ValueTask<bool> Enqueue(Delivery delivery, CancellationToken cancellationToken)
    {
        RequireQueue();
        try
        {
            return await queue.Enqueue(delivery, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisErrorException or RedisConnectionLostException)
        {
            throw RedisTransport.Unavailable(exception);
        }
    }

    public ValueTask Postpone(Delivery delivery, TimeSpan delay, string error, CancellationToken cancellationToken)
    {
        RequireQueue();
        return ConvertErrors(queue.Postpone(delivery, delay, error, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        // First, because the queue uses the connections of the stream.
        await queue.DisposeAsync().ConfigureAwait(false);
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Takes messages whose retry is due, and about as many new messages, so that neither kind delays the other. Does
    /// not wait.
    /// </summary>
    private async ValueTask<IReadOnlyList<Delivery>> TakeDue(int maxCount)
    {
        _isNewFirst = !_isNewFirst;
        var ready =
            queue.HasDue && queue.Stall is null
                ? stream.TakeReady(_isNewFirst ? (maxCount + 1) / 2 : maxCount / 2)
                : [];
        var due = queue.HandOut(maxCount - ready.Count);
        if (ready.Count == 0)
            return due;
        await FindWaitingKeys(ready).ConfigureAwait(false);
        return [.. due, .. ready];
    }

    /// <summary>
    /// Reads which keys of the taken messages have earlier messages in the retry queue. It cannot be cancelled, because
    /// the caller would not get the taken messages. The answer of Redis has a time limit.
    /// </summary>
    private ValueTask FindWaitingKeys(IReadOnlyList<Delivery> taken) => ConvertErrors(
        queue.FindWaitingKeys(taken, CancellationToken.None));

    /// <summary>Takes new messages; returns none if a retry is due first.</summary>
    private async ValueTask<IReadOnlyList<Delivery>> TakeNew(int maxCount, CancellationToken cancellationToken)
    {
        using var cancelTaking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var taking = stream.Take(maxCount, cancelTaking.Token).AsTask();
        if (!taking.IsCompleted && await Task.WhenAny(taking, queue.Arrived).ConfigureAwait(false) != taking)
            await cancelTaking.CancelAsync().ConfigureAwait(false);
        IReadOnlyList<Delivery> taken;
        try
        {
            taken = await taking.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
        await FindWaitingKeys(taken).ConfigureAwait(false);
        return taken;
    }

    private static async ValueTask ConvertErrors(ValueTask call)
    {
        try
        {
            await call.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisErrorException or RedisConnectionLostException)
        {
            throw RedisTransport.Unavailable(exception);
        }
    }

    private void RequireQueue()
    {
        if (queue.Failure is { } failure)
            throw RedisTransport.Unavailable(failure);
    }
}
