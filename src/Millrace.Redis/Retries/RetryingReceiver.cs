using Millrace.Messaging;

namespace Millrace.Redis;

/// <summary>A line to a group of a stream, and to the queue of what is to be tried again.</summary>
internal sealed class RetryingReceiver(RedisReceiver stream, RetryQueue queue) : IRetryingReceiver
{
    private bool _isNewFirst;
    private bool _wasStalled;

    public long Waiting => queue.Waiting;

    // Who stands by takes nothing either way, and does not look.
    public string? Stall => stream.IsActive ? queue.Stall : null;

    public async ValueTask<IReadOnlyList<Delivery>> Take(int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RequireQueue();
            if (await TakeDue(most).ConfigureAwait(false) is { Count: > 0 } due)
                return due;
            var isOver = _wasStalled && queue.Stall is null;
            _wasStalled = queue.Stall is not null;
            if (isOver)
                return []; // It is told now, and not with the next message.
            if (_wasStalled)
                await Task.WhenAny(queue.Arrived, stream.WaitForActivation())
                    .WaitAsync(cancellationToken)
                    .ConfigureAwait(false);
            else if (await TakeNew(most, cancellationToken).ConfigureAwait(false) is { Count: > 0 } taken)
                return taken;
        }
    }

    public async ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deliveries);
        RequireQueue();
        await stream.Acknowledge(deliveries, cancellationToken).ConfigureAwait(false);
        await Ask(queue.Remove(deliveries, cancellationToken)).ConfigureAwait(false);
    }

    public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deliveries);
        RequireQueue();
        queue.Requeue(deliveries);
        return stream.Return(deliveries, cancellationToken);
    }

    public bool Waits(Delivery delivery) => queue.Waits(delivery);

    public async ValueTask<bool> PutBehind(Delivery delivery, CancellationToken cancellationToken)
    {
        RequireQueue();
        try
        {
            return await queue.PutBehind(delivery, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisErrorException or RedisConnectionLostException)
        {
            throw RedisTransport.Unavailable(exception);
        }
    }

    public ValueTask PutOff(Delivery delivery, TimeSpan delay, string error, CancellationToken cancellationToken)
    {
        RequireQueue();
        return Ask(queue.PutOff(delivery, delay, error, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await queue.DisposeAsync().ConfigureAwait(false); // First: it goes over the connections of the other.
        await stream.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Takes what is due, and about as much of what is new, so that neither keeps the other waiting. Does not
    /// wait.</summary>
    private async ValueTask<IReadOnlyList<Delivery>> TakeDue(int most)
    {
        _isNewFirst = !_isNewFirst;
        var ready =
            queue.HasDue && queue.Stall is null ? stream.TakeReady(_isNewFirst ? (most + 1) / 2 : most / 2) : [];
        var due = queue.HandOut(most - ready.Count);
        if (ready.Count == 0)
            return due;
        await Learn(ready).ConfigureAwait(false);
        return [.. due, .. ready];
    }

    /// <summary>Learns which keys of what was taken wait. Not to be given up: what was taken would be lost to the
    /// caller. Redis has a limit for its answer.</summary>
    private ValueTask Learn(IReadOnlyList<Delivery> taken) => Ask(queue.Learn(taken, CancellationToken.None));

    /// <summary>Takes what is new; none when something was due before.</summary>
    private async ValueTask<IReadOnlyList<Delivery>> TakeNew(int most, CancellationToken cancellationToken)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var taking = stream.Take(most, cut.Token).AsTask();
        if (!taking.IsCompleted && await Task.WhenAny(taking, queue.Arrived).ConfigureAwait(false) != taking)
            await cut.CancelAsync().ConfigureAwait(false);
        IReadOnlyList<Delivery> taken;
        try
        {
            taken = await taking.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
        await Learn(taken).ConfigureAwait(false);
        return taken;
    }

    private static async ValueTask Ask(ValueTask asked)
    {
        try
        {
            await asked.ConfigureAwait(false);
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
