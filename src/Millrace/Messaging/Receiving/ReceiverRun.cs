using Microsoft.Extensions.Logging;
using Millrace.Consuming;

namespace Millrace.Messaging.Receiving;

/// <summary>
/// Runs the loop of a receiver. It accepts messages, handles them, and acknowledges them when their effects are
/// committed. It handles messages of different keys concurrently, and messages of one key in order.
/// </summary>
internal sealed class ReceiverRun(
    MessageInbox inbox,
    EventStore store,
    ConsumerOptions options,
    string prefix,
    ReceiverLoad? load,
    ILogger logger)
{
    // Of the messages in flight, one batch arrives, one is handled, one is committed and one is acknowledged.
    public const int BatchesInFlight = 4;

    private readonly RetryBackoff _backoff = new(options, Random.Shared);
    private readonly HeldMessageKeys _heldKeys = new(inbox, store, options, prefix);
    private readonly int _prefetch = inbox.Subscription.Prefetch;
    private IRetryingReceiver? _retryingReceiver; // The open receiver; null if messages do not wait at the broker.
    private string? _stallReason;
    private int _failures;

    /// <summary>
    /// Receives messages until <paramref name="stopping"/> is cancelled. Then finishes the messages in flight, until
    /// <paramref name="abandoned"/> is cancelled.
    /// </summary>
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
            catch (ReceiverStoppedException exception)
            {
                inbox.Stopped(exception);
                MessagingLog.ReceiverStopped(logger, inbox.Subscription.Name, exception);
                return;
            }
#pragma warning disable CA1031 // The loop logs every failure, and restarts after a pause.
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
        await _heldKeys.Load(stopping).ConfigureAwait(false);
        var receiver = await inbox.Transport.Receive(inbox.Subscription, stopping).ConfigureAwait(false);
        await using (receiver.ConfigureAwait(false))
        {
            _retryingReceiver = receiver as IRetryingReceiver;
            if (_retryingReceiver is not null)
                inbox.Transport.Opened(inbox.Subscription.Name, _retryingReceiver);
            try
            {
                await TakeAll(receiver, stopping, abandoned).ConfigureAwait(false);
            }
            finally
            {
                inbox.Transport.Closed(inbox.Subscription.Name);
            }
        }
    }

    /// <summary>
    /// Accepts messages in batches, also while earlier messages are being committed. A batch has at most a quarter of
    /// the maximum number of messages in flight. The broker, the handlers and the store therefore work at the same
    /// time.
    /// </summary>
    private async Task TakeAll(IReceiver receiver, CancellationToken stopping, CancellationToken abandoned)
    {
        var underway = new List<ReceivedBatch>(BatchesInFlight);
        load?.Restart();
        try
        {
            while (true)
            {
                var deliveries = await Take(receiver, underway, stopping).ConfigureAwait(false);
                await RefreshHeldKeys(deliveries, abandoned).ConfigureAwait(false);
                var ended = TakeEnded(underway);
                var acknowledging = Acknowledge(receiver, ended, abandoned);
                Report(ended, underway);
                if (deliveries.Count > 0 && !ended.Exists(static batch => batch.Failure is not null))
                    underway.Add(Start(deliveries, underway, abandoned)); // Starts while the acknowledgement is sent.
                await acknowledging.ConfigureAwait(false);
                ReportStall();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && underway.Count > 0)
        {
            await FinishAll(receiver, underway, abandoned).ConfigureAwait(false);
            throw;
        }
        finally
        {
            // The broker may deliver the messages again over the next connection. Waits until none is being handled.
            await Task.WhenAll(underway.Select(static batch => batch.Ended)).ConfigureAwait(false);
        }
    }

    private ReceivedBatch Start(
        IReadOnlyList<Delivery> deliveries, List<ReceivedBatch> underway, CancellationToken abandoned)
    {
        load?.Started(deliveries.Count);
        return ReceivedBatch.Start(
            inbox,
            _heldKeys,
            inbox.Subscription.Retries is null ? null : _retryingReceiver,
            load,
            logger,
            deliveries,
            underway,
            store.Time,
            abandoned);
    }

    /// <summary>Reports handled batches to the adaptation.</summary>
    private void Report(List<ReceivedBatch> ended, List<ReceivedBatch> underway)
    {
        if (load is null)
            return;
        load.Ended(
            [
                .. ended
                    .Where(static batch => batch.Failure is null)
                    .Select(static batch => (batch.Count, batch.StartedAt, batch.EndedAt)),
            ],
            underway.Sum(static batch => batch.Count));
    }

    /// <summary>Logs once when the receiver stops accepting messages, and once when it resumes.</summary>
    private void ReportStall()
    {
        var before = _stallReason;
        _stallReason = _retryingReceiver?.StallReason;
        if (_stallReason is not null && before is null)
        {
            MessagingLog.RetriesStalled(logger, inbox.Subscription.Name, _stallReason);
            inbox.Reports?.Stalled(_stallReason);
        }
        else if (_stallReason is null && before is not null)
        {
            MessagingLog.RetriesGoOn(logger, inbox.Subscription.Name);
            inbox.Reports?.Recovered();
        }
    }

    /// <summary>
    /// Reads the held keys after messages arrive, because another node may hold earlier messages of their keys.
    /// </summary>
    private async ValueTask RefreshHeldKeys(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        if (deliveries.Count > 0)
            // Refreshes first, because this also reads the messages that this node has held.
            await _heldKeys.Refresh(cancellationToken).ConfigureAwait(false);
        await _heldKeys.Release(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Waits for messages. Returns none if an earlier batch completes first, so that the caller can acknowledge that
    /// batch.
    /// </summary>
    private async ValueTask<IReadOnlyList<Delivery>> Take(
        IReceiver receiver, List<ReceivedBatch> underway, CancellationToken stopping)
    {
        var batchSize = load?.BatchMessages ?? Math.Max(1, _prefetch / BatchesInFlight);
        var freeCount = _prefetch - underway.Sum(static batch => batch.Count);
        // A batch that adapts is not divided into small remainders, which would hide its duration.
        var minCount = load is null ? 1 : Math.Max(1, batchSize / 2);
        // With an adapted size, only unfinished messages count: a slow message does not stop those of other keys.
        var maxUnfinished = batchSize * BatchesInFlight;
        var isFull = load?.UnfinishedCount > maxUnfinished - minCount;
        if (freeCount < minCount || isFull)
        {
            load?.Limited();
            var changes = underway.Select(static batch => batch.Ended);
            if (freeCount >= minCount && load is not null)
                changes = changes.Append(load.WhenUnfinished(maxUnfinished - minCount));
            await Task.WhenAny(changes).WaitAsync(stopping).ConfigureAwait(false);
            return [];
        }
        if (load is not null)
            freeCount = Math.Min(freeCount, Math.Max(minCount, maxUnfinished - load.UnfinishedCount));
        var maxCount = Math.Min(freeCount, batchSize);
        var deliveries = await Take(receiver, maxCount, underway, stopping).ConfigureAwait(false);
        if (deliveries.Count >= maxCount)
            load?.Limited();
        return deliveries;
    }

    private static async ValueTask<IReadOnlyList<Delivery>> Take(
        IReceiver receiver, int maxCount, List<ReceivedBatch> underway, CancellationToken stopping)
    {
        if (underway.Count == 0)
            return await receiver.Take(maxCount, stopping).ConfigureAwait(false);
        using var takeCancellation = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var taking = receiver.Take(maxCount, takeCancellation.Token).AsTask();
        if (!taking.IsCompleted
            && await Task.WhenAny([taking, .. underway.Select(static batch => batch.Ended)]).ConfigureAwait(false)
                != taking)
            await takeCancellation.CancelAsync().ConfigureAwait(false);
        try
        {
            return await taking.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return [];
        }
    }

    /// <summary>Finishes and acknowledges the messages in flight, each as soon as possible.</summary>
    private async ValueTask FinishAll(IReceiver receiver, List<ReceivedBatch> underway, CancellationToken abandoned)
    {
        while (underway.Count > 0)
        {
            await Task.WhenAny(underway.Select(static batch => batch.Ended)).ConfigureAwait(false);
            await Acknowledge(receiver, TakeEnded(underway), abandoned).ConfigureAwait(false);
        }
    }

    private static List<ReceivedBatch> TakeEnded(List<ReceivedBatch> underway)
    {
        var ended = underway.FindAll(static batch => batch.Ended.IsCompleted);
        underway.RemoveAll(ended.Contains);
        return ended;
    }

    /// <summary>Acknowledges the handled messages of finished batches. Throws the error of a failed batch.</summary>
    private async Task Acknowledge(IReceiver receiver, List<ReceivedBatch> ended, CancellationToken abandoned)
    {
        if (ended.Count == 0)
            return;
        var done = new List<Delivery>(ended.Sum(static batch => batch.Count));
        foreach (var batch in ended)
            batch.AddDone(done);
        if (done.Count > 0)
        {
            var startedAt = store.Time.GetTimestamp();
            await receiver.Acknowledge(done, abandoned).ConfigureAwait(false);
            inbox.Transport.Metrics.Acknowledged(
                inbox.Transport, inbox.Subscription, store.Time.GetElapsedTime(startedAt));
        }
        if (ended.Find(static batch => batch.Failure is not null) is { Failure: { } failure })
            throw failure;
        _failures = 0;
    }

    private async Task Pause(Exception exception, CancellationToken stopping)
    {
        _failures++;
        var delay = _backoff.DelayAfter(_failures);
        if (exception is TransportUnavailableException or TransportRefusedException)
            inbox.Transport.NoteFailure(exception.Message);
        else
            MessagingLog.ReceiverFailed(logger, inbox.Subscription.Name, _failures, delay.TotalMilliseconds, exception);
        await Task.Delay(delay, store.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
