using Microsoft.Extensions.Logging;

namespace Millrace.Messaging;

/// <summary>
/// A receiver at work: takes messages, handles those of different keys at the same time and those of one key in order, and acknowledges
/// when their effects are committed.
/// </summary>
internal sealed class ReceiverRun(MessageInbox inbox, EventStore store, ConsumerOptions options, string prefix, ILogger logger)
{
    private readonly RetrySchedule _retries = new(options.RetryDelay, options.MaxRetryDelay, Random.Shared);
    private readonly HeldKeys _held = new(inbox, store, options);
    private readonly int _most = Math.Max(1, inbox.Subscription.Prefetch / 2);
    private int _failures;

    /// <summary>Receives until <paramref name="stopping"/>, and finishes what is in hand unless <paramref name="abandoned"/> comes
    /// first.</summary>
    public async Task Run(CancellationToken stopping, CancellationToken abandoned)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Receive(stopping, abandoned).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The top of the receiver's loop: whatever goes wrong is told, and it begins anew after a pause.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                await Pause(exception, stopping).ConfigureAwait(false);
            }
        }
    }

    private async Task Receive(CancellationToken stopping, CancellationToken abandoned)
    {
        await inbox.Transport.Declare(stopping).ConfigureAwait(false);
        await _held.Load(prefix, stopping).ConfigureAwait(false);
        var receiver = await inbox.Transport.Receive(inbox.Subscription, stopping).ConfigureAwait(false);
        await using (receiver.ConfigureAwait(false))
            await TakeAll(receiver, stopping, abandoned).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes half of what may be in hand, and, while it is being committed, the other half where there is as much: so neither the broker
    /// nor the store waits for the other.
    /// </summary>
    private async Task TakeAll(IReceiver receiver, CancellationToken stopping, CancellationToken abandoned)
    {
        ReceivedBatch? before = null;
        try
        {
            while (true)
            {
                var deliveries = await Take(receiver, before, stopping).ConfigureAwait(false);
                await _held.Release(abandoned).ConfigureAwait(false);
                var batch = deliveries.Count > 0 ? ReceivedBatch.Begin(inbox, _held, logger, deliveries, before, abandoned) : null;
                (var last, before) = (before, batch);
                if (last is not null)
                    await Finish(receiver, last, abandoned).ConfigureAwait(false);
                if (batch is null || (deliveries.Count == _most && _most < inbox.Subscription.Prefetch))
                    continue;
                before = null;
                await Finish(receiver, batch, abandoned).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && before is not null)
        {
            await Finish(receiver, before, abandoned).ConfigureAwait(false);
            throw;
        }
        finally
        {
            if (before is not null)
                await before.Ended.ConfigureAwait(false); // Its messages may come again over the next line: not while they are in hand.
        }
    }

    /// <summary>Takes messages; none when all that was in hand is done before any come, so that it can be acknowledged.</summary>
    private async ValueTask<IReadOnlyList<Delivery>> Take(IReceiver receiver, ReceivedBatch? before, CancellationToken stopping)
    {
        if (before is null)
            return await receiver.Take(_most, stopping).ConfigureAwait(false);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var taking = receiver.Take(_most, cut.Token).AsTask();
        if (await Task.WhenAny(taking, before.Ended).ConfigureAwait(false) != taking)
            await cut.CancelAsync().ConfigureAwait(false);
        try
        {
            return await taking.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return [];
        }
    }

    private async ValueTask Finish(IReceiver receiver, ReceivedBatch batch, CancellationToken abandoned)
    {
        await batch.Ended.ConfigureAwait(false);
        if (batch.Done() is { Count: > 0 } done)
        {
            var begun = store.Time.GetTimestamp();
            await receiver.Acknowledge(done, abandoned).ConfigureAwait(false);
            inbox.Transport.Metrics.Acknowledged(inbox.Transport, inbox.Subscription, store.Time.GetElapsedTime(begun));
        }
        if (batch.Failure is { } failure)
            throw failure;
        _failures = 0;
    }

    private async Task Pause(Exception exception, CancellationToken stopping)
    {
        _failures++;
        var delay = _retries.DelayAfter(_failures);
        if (exception is TransportUnavailableException or TransportRefusedException)
            inbox.Transport.NoteFailure(exception.Message);
        else
            MessagingLog.ReceiverFailed(logger, inbox.Subscription.Name, _failures, delay.TotalMilliseconds, exception);
        await Task.Delay(delay, store.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
