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
        {
            while (true)
            {
                var deliveries = await receiver.Take(inbox.Subscription.Prefetch, stopping).ConfigureAwait(false);
                await _held.Release(abandoned).ConfigureAwait(false);
                var (done, failure) = await HandleAll(deliveries, abandoned).ConfigureAwait(false);
                if (done.Count > 0)
                    await receiver.Acknowledge(done, abandoned).ConfigureAwait(false);
                if (failure is not null)
                    throw failure;
                _failures = 0;
            }
        }
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

    private async Task<(List<Delivery> Done, Exception? Failure)> HandleAll(
        IReadOnlyList<Delivery> deliveries, CancellationToken abandoned)
    {
        var lanes = new Dictionary<string, List<Delivery>>(deliveries.Count, StringComparer.Ordinal);
        for (var i = 0; i < deliveries.Count; i++)
        {
            var key = deliveries[i].Message.Key;
            if (!lanes.TryGetValue(key, out var lane))
                lanes[key] = lane = new List<Delivery>(1);
            lane.Add(deliveries[i]);
        }
        var running = new List<Task<Exception?>>(lanes.Count);
        foreach (var lane in lanes.Values)
            running.Add(HandleLane(lane, abandoned));
        await Task.WhenAll(running).ConfigureAwait(false);
        var done = new List<Delivery>(deliveries.Count);
        Exception? failure = null;
        var next = 0;
        foreach (var lane in lanes.Values)
        {
            failure ??= await running[next++].ConfigureAwait(false);
            done.AddRange(lane); // What is not done was taken out of its lane.
        }
        return (done, failure);
    }

    /// <summary>Handles messages of one key in order. Returns what is no message's fault: from there on nothing is done.</summary>
    private async Task<Exception?> HandleLane(List<Delivery> lane, CancellationToken abandoned)
    {
        for (var i = 0; i < lane.Count; i++)
        {
            try
            {
                await HandleOrHold(lane[i], abandoned).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever it is, what is not done is not acknowledged.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                lane.RemoveRange(i, lane.Count - i);
                return exception;
            }
        }
        return null;
    }

    private async ValueTask HandleOrHold(Delivery delivery, CancellationToken abandoned)
    {
        var message = delivery.Message;
        if (!_held.Holds(HeldMessage.StreamOf(inbox.Subscription.Name, message)))
        {
            try
            {
                await inbox.Handle(message, delivery.Problem, delivery.MayBeRepeated, abandoned).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (IsMessagesFault(exception, abandoned))
            {
                MessagingLog.Held(logger, inbox.Subscription.Name, message.Type, message.Id, inbox.Consumer, exception);
            }
        }
        var (stream, position) = await inbox.Hold(message, delivery.Problem, abandoned).ConfigureAwait(false);
        _held.Add(stream, position);
    }

    private static bool IsMessagesFault(Exception exception, CancellationToken abandoned) =>
        !abandoned.IsCancellationRequested
        && FailurePolicy.Default.ClassOf(exception, isPure: false) != Storage.FailureClass.System;
}
