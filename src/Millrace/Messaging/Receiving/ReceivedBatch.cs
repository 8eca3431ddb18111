using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Messaging.Receiving;

/// <summary>
/// Handles the messages that one call of the receiver returned. Messages of different keys are handled concurrently.
/// Their writes are committed in one call, but independently of each other. Messages of one key are handled in order,
/// after the messages of earlier batches.
/// </summary>
internal sealed class ReceivedBatch
{
    private const int None = -1;

    private readonly MessageInbox _inbox;
    private readonly HeldMessageKeys _heldKeys;
    private readonly IRetryingReceiver? _retries;
    private readonly ReceiverLoad? _load;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<Delivery> _deliveries;
    private readonly CancellationToken _abandoned;
    private readonly Dictionary<string, int> _lastOfKey;
    private readonly int[] _next; // For each message, the index of the next message of its key.
    private readonly bool[] _isDone;
    private Exception? _failure;
    private int _doneCount;

    private ReceivedBatch(
        MessageInbox inbox,
        HeldMessageKeys heldKeys,
        IRetryingReceiver? retries,
        ReceiverLoad? load,
        ILogger logger,
        TimeProvider time,
        IReadOnlyList<Delivery> deliveries,
        CancellationToken abandoned)
    {
        (_inbox, _heldKeys, _retries, _load) = (inbox, heldKeys, retries, load);
        (_logger, _time, _deliveries, _abandoned) = (logger, time, deliveries, abandoned);
        StartedAt = time.GetTimestamp();
        _lastOfKey = new Dictionary<string, int>(deliveries.Count, StringComparer.Ordinal);
        _next = new int[deliveries.Count];
        _isDone = new bool[deliveries.Count];
    }

    /// <summary>Gets the number of messages.</summary>
    public int Count => _deliveries.Count;

    /// <summary>Gets the time at which the batch started.</summary>
    public long StartedAt { get; }

    /// <summary>Gets the time at which <see cref="Ended"/> completed.</summary>
    public long EndedAt { get; private set; }

    /// <summary>
    /// Gets a task that completes without an error when the batch has handled all messages that it can handle.
    /// </summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Gets the error that stopped the batch; null if the batch has none. No message caused this error, and the broker
    /// delivers the unfinished messages again.
    /// </summary>
    public Exception? Failure => _failure;

    /// <summary>Starts to handle messages. Returns when handlers that complete synchronously have run.</summary>
    /// <param name="inbox">Handles each message once.</param>
    /// <param name="heldKeys">The keys with held messages.</param>
    /// <param name="retries">The receiver that keeps messages for a retry; null if the store keeps them.</param>
    /// <param name="load">Bounds the handlers that run at the same time; null without a bound.</param>
    /// <param name="logger">Logs messages that are held.</param>
    /// <param name="deliveries">The messages, in order within a key.</param>
    /// <param name="earlierBatches">Earlier batches that may be unfinished. Messages of this batch wait for earlier
    /// messages of their keys.</param>
    /// <param name="time">The clock.</param>
    /// <param name="abandoned">Abandons unfinished messages.</param>
    public static ReceivedBatch Start(
        MessageInbox inbox,
        HeldMessageKeys heldKeys,
        IRetryingReceiver? retries,
        ReceiverLoad? load,
        ILogger logger,
        IReadOnlyList<Delivery> deliveries,
        List<ReceivedBatch> earlierBatches,
        TimeProvider time,
        CancellationToken abandoned)
    {
        var batch = new ReceivedBatch(inbox, heldKeys, retries, load, logger, time, deliveries, abandoned);
        batch.Ended = batch.Run(batch.FindFirstOfKeys(), earlierBatches);
        return batch;
    }

    /// <summary>Adds the handled messages to the messages to acknowledge.</summary>
    public void AddDone(List<Delivery> done)
    {
        for (var i = 0; i < _isDone.Length; i++)
        {
            if (_isDone[i])
                done.Add(_deliveries[i]);
        }
    }

    private List<int> FindFirstOfKeys()
    {
        var firstOfKeys = new List<int>(_deliveries.Count);
        Array.Fill(_next, None);
        for (var i = 0; i < _deliveries.Count; i++)
        {
            ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(
                _lastOfKey, _deliveries[i].Message.Key, out var isKnown);
            if (isKnown)
                _next[last] = i;
            else
                firstOfKeys.Add(i);
            last = i;
        }
        return firstOfKeys;
    }

    private async Task Run(List<int> firstOfKeys, List<ReceivedBatch> earlierBatches)
    {
        using var inFlight = _inbox.RecordReceived(_deliveries);
        try
        {
            // Reads Ended first. When it is completed, Failure no longer changes.
            if (earlierBatches.Find(static batch => batch.Ended.IsCompleted && batch.Failure is not null) is
                { Failure: { } known }
            )
            {
                Fail(known);
                return;
            }
            var blocked = TakeBlocked(earlierBatches, firstOfKeys);
            await RunKeys(firstOfKeys).ConfigureAwait(false);
            foreach (var (other, waiting) in blocked)
            {
                await other.Ended.ConfigureAwait(false);
                if (other.Failure is { } failure)
                    // The broker delivers the failed batch again, and its messages are older. So this batch fails too.
                    Fail(failure);
                else
                    await RunKeys(waiting).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // After any error, unfinished messages are not acknowledged.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(exception);
        }
        finally
        {
            _load?.Finished(Count - _doneCount); // Unfinished messages of a batch that failed.
            EndedAt = _time.GetTimestamp();
        }
    }

    /// <summary>
    /// Removes the messages whose keys are in earlier batches, and returns them with the batch for which they wait.
    /// This is the last earlier batch that has the key, because that batch itself waits for the batches before it. The
    /// result lists the oldest batch first.
    /// </summary>
    private List<(ReceivedBatch Before, List<int> Waiting)> TakeBlocked(
        List<ReceivedBatch> earlierBatches, List<int> firstOfKeys)
    {
        var blocked = new List<(ReceivedBatch, List<int>)>();
        for (var i = earlierBatches.Count - 1; i >= 0; i--)
        {
            var other = earlierBatches[i];
            if (other.Ended.IsCompleted && other.Failure is null)
                continue;
            var waiting = firstOfKeys.FindAll(index => other.HasKey(_deliveries[index].Message.Key));
            if (waiting.Count == 0)
                continue;
            firstOfKeys.RemoveAll(index => other.HasKey(_deliveries[index].Message.Key));
            blocked.Insert(0, (other, waiting));
        }
        return blocked;
    }

    private bool HasKey(string key) => _lastOfKey.ContainsKey(key);

    /// <summary>
    /// Handles the messages of keys, starting with <paramref name="round"/>, in rounds of one message of each key. If
    /// the handler of a key waits, the key continues separately, so that it does not delay the others.
    /// </summary>
    private async Task RunKeys(List<int> round)
    {
        var separate = new List<Task>();
        try
        {
            while (round.Count > 0)
                round = await RunRound(round, separate).ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll(separate).ConfigureAwait(false); // These tasks do not throw. They record their errors.
        }
    }

    /// <summary>
    /// Handles one message of each key. Returns the next messages of the keys that do not continue separately.
    /// </summary>
    private async ValueTask<List<int>> RunRound(List<int> round, List<Task> separate)
    {
        var (requests, indexes, next) = (
            new List<CommitRequest>(round.Count), new List<int>(round.Count), new List<int>());
        foreach (var i in round)
        {
            var prepared = Prepare(_deliveries[i]);
            if (!prepared.IsCompletedSuccessfully)
            {
                separate.Add(RunSeparately(i, prepared));
            }
            else if (prepared.Result is { } request)
            {
                requests.Add(request);
                indexes.Add(i);
            }
            else
            {
                Finish(i, next);
            }
        }
        if (requests.Count > 0)
            await CommitAll(requests, indexes, next).ConfigureAwait(false);
        return next;
    }

    private async ValueTask CommitAll(List<CommitRequest> requests, List<int> indexes, List<int> next)
    {
        var answers = await _inbox.CommitAll(requests, _abandoned).ConfigureAwait(false);
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].Problem is not { } problem
                || await TryHold(_deliveries[indexes[i]], problem).ConfigureAwait(false))
                Finish(indexes[i], next);
        }
    }

    private async Task RunSeparately(int index, ValueTask<CommitRequest?> prepared)
    {
        while (await TryCommit(_deliveries[index], prepared).ConfigureAwait(false))
        {
            SetDone(index);
            if (_next[index] == None)
                return;
            index = _next[index];
            prepared = Prepare(_deliveries[index]);
        }
    }

    private async ValueTask<bool> TryCommit(Delivery delivery, ValueTask<CommitRequest?> prepared)
    {
        try
        {
            if (await prepared.ConfigureAwait(false) is { } request)
                await _inbox.Commit(request, _abandoned).ConfigureAwait(false);
            return true;
        }
#pragma warning disable CA1031 // Holds the message, or fails the batch.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return await TryHold(delivery, exception).ConfigureAwait(false);
        }
    }

    private void SetDone(int index)
    {
        _isDone[index] = true;
        Interlocked.Increment(ref _doneCount);
        _load?.Finished(1);
    }

    private void Finish(int index, List<int> next)
    {
        SetDone(index);
        if (_next[index] != None)
            next.Add(_next[index]);
    }

    /// <summary>
    /// Handles a message up to its commit. Holds the message if an earlier message of its key is held.
    /// </summary>
    private async ValueTask<CommitRequest?> Prepare(Delivery delivery)
    {
        if (_inbox.TrySkip(delivery))
            return null;
        // Checks the broker first, because messages that wait there are older than this one.
        if (_retries is not null && _retries.MustWait(delivery)
            && await _retries.Enqueue(delivery, _abandoned).ConfigureAwait(false))
            return null;
        if (!_heldKeys.IsEmpty && _heldKeys.Holds(HeldMessage.StreamOf(_inbox.Subscription.Name, delivery.Message)))
        {
            await Hold(delivery, delivery.Attempts).ConfigureAwait(false);
            return null;
        }
        if (_load is null)
            return await _inbox.Prepare(delivery, _abandoned).ConfigureAwait(false);
        await _load.Enter(_abandoned).ConfigureAwait(false);
        try
        {
            return await _inbox.Prepare(delivery, _abandoned).ConfigureAwait(false);
        }
        finally
        {
            _load.Leave();
        }
    }

    /// <summary>
    /// Holds a message that could not be handled. Returns false, without holding it, if the message is not the cause of
    /// the error.
    /// </summary>
    private async ValueTask<bool> TryHold(Delivery delivery, Exception exception)
    {
        if (!IsCausedByMessage(exception))
        {
            Fail(exception);
            return false;
        }
        if (_inbox.StopsFor(exception) is { } stop)
        {
            Fail(stop);
            return false;
        }
        try
        {
            if (await TryPostpone(delivery, exception).ConfigureAwait(false))
                return true;
            await Hold(delivery, _retries is null ? 0 : delivery.Attempts + 1).ConfigureAwait(false);
            MessagingLog.Held(_logger, _inbox.Subscription.Name, delivery.Message, _inbox.Consumer, exception);
            return true;
        }
#pragma warning disable CA1031 // After any error, unfinished messages are not acknowledged.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(failure);
            return false;
        }
    }

    /// <summary>Lets a message wait at the broker. Returns false if the broker does not retry it.</summary>
    private async ValueTask<bool> TryPostpone(Delivery delivery, Exception exception)
    {
        if (_retries is null
            || _inbox.Rules.RetryAfter(delivery.Attempts + 1, _inbox.Rules.ClassOf(exception)) is not { } delay)
            return false;
        await _retries
            .Postpone(delivery, delay, ErrorTexts.NoteOf(exception, delivery.Message), _abandoned)
            .ConfigureAwait(false);
        _inbox.RecordPostponed();
        MessagingLog.PutOff(_logger, _inbox.Subscription.Name, delivery, delay, exception);
        return true;
    }

    private async ValueTask Hold(Delivery delivery, int attempts)
    {
        var (stream, position) = await _inbox.Hold(delivery, attempts, _abandoned).ConfigureAwait(false);
        _heldKeys.Add(stream, position);
    }

    private void Fail(Exception exception) => Interlocked.CompareExchange(ref _failure, exception, null);

    private bool IsCausedByMessage(Exception exception) =>
        !_abandoned.IsCancellationRequested
        && (
            _retries is null ? FailurePolicy.Default.ClassOf(exception, isPure: false) : _inbox.Rules.ClassOf(exception)
        ) != FailureClass.System;
}
