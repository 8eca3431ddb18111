using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Messaging;

/// <summary>
/// Messages that were taken together. Those of different keys are handled at the same time, and what their handlers
/// want written is committed together, each by itself; those of one key are handled one after the other, behind those
/// of the batches before.
/// </summary>
internal sealed class ReceivedBatch
{
    private const int None = -1;

    private readonly MessageInbox _inbox;
    private readonly HeldMessageKeys _held;
    private readonly IRetryingReceiver? _retries;
    private readonly ILogger _logger;
    private readonly IReadOnlyList<Delivery> _deliveries;
    private readonly CancellationToken _abandoned;
    private readonly Dictionary<string, int> _lastOfKey;
    private readonly int[] _next; // Of each message the next of its key.
    private readonly bool[] _isDone;
    private Exception? _failure;

    private ReceivedBatch(
        MessageInbox inbox,
        HeldMessageKeys held,
        IRetryingReceiver? retries,
        ILogger logger,
        IReadOnlyList<Delivery> deliveries,
        CancellationToken abandoned)
    {
        (_inbox, _held, _retries, _logger, _deliveries, _abandoned) = (
            inbox, held, retries, logger, deliveries, abandoned);
        _lastOfKey = new Dictionary<string, int>(deliveries.Count, StringComparer.Ordinal);
        (_next, _isDone) = (new int[deliveries.Count], new bool[deliveries.Count]);
    }

    /// <summary>How many messages it has.</summary>
    public int Count => _deliveries.Count;

    /// <summary>Ends, without an error, when all is handled that can be.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>What is no message's fault: what is not done then comes again. Null when all is done.</summary>
    public Exception? Failure => _failure;

    /// <summary>Begins to handle messages; returns when handlers that need not wait have run.</summary>
    /// <param name="inbox">Handles each once.</param>
    /// <param name="held">The keys of which messages are held.</param>
    /// <param name="retries">Keeps what is to be tried again; null when the store does.</param>
    /// <param name="logger">Told of messages that are held.</param>
    /// <param name="deliveries">The messages, in order within a key.</param>
    /// <param name="before">The batches before that may not be at their end: messages of their keys wait for
    /// that.</param>
    /// <param name="abandoned">Gives up what is not done.</param>
    public static ReceivedBatch Start(
        MessageInbox inbox,
        HeldMessageKeys held,
        IRetryingReceiver? retries,
        ILogger logger,
        IReadOnlyList<Delivery> deliveries,
        List<ReceivedBatch> before,
        CancellationToken abandoned)
    {
        var batch = new ReceivedBatch(inbox, held, retries, logger, deliveries, abandoned);
        batch.Ended = batch.Run(batch.FirstOfKeys(), before);
        return batch;
    }

    /// <summary>Adds what is done, to be acknowledged.</summary>
    public void AddDone(List<Delivery> done)
    {
        for (var i = 0; i < _isDone.Length; i++)
        {
            if (_isDone[i])
                done.Add(_deliveries[i]);
        }
    }

    private List<int> FirstOfKeys()
    {
        var first = new List<int>(_deliveries.Count);
        Array.Fill(_next, None);
        for (var i = 0; i < _deliveries.Count; i++)
        {
            ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(
                _lastOfKey, _deliveries[i].Message.Key, out var isKnown);
            if (isKnown)
                _next[last] = i;
            else
                first.Add(i);
            last = i;
        }
        return first;
    }

    private async Task Run(List<int> first, List<ReceivedBatch> before)
    {
        using var inHand = _inbox.Took(_deliveries);
        try
        {
            // Ended is looked at first: what failed until then is known.
            if (before.Find(static batch => batch.Ended.IsCompleted && batch.Failure is not null) is
                { Failure: { } known }
            )
            {
                Fail(known);
                return;
            }
            var behind = TakeBlocked(before, first);
            await RunLanes(first).ConfigureAwait(false);
            foreach (var (other, waiting) in behind)
            {
                await other.Ended.ConfigureAwait(false);
                if (other.Failure is { } failure)
                    // Messages of their keys come again, and before these: for those behind this batch as well.
                    Fail(failure);
                else
                    await RunLanes(waiting).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Whatever it is, what is not done is not acknowledged.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(exception);
        }
    }

    /// <summary>
    /// Takes out the messages whose keys are in batches before: each waits for the last of those that has its key,
    /// which itself waits for those before. The batches that began first come first.
    /// </summary>
    private List<(ReceivedBatch Before, List<int> Waiting)> TakeBlocked(List<ReceivedBatch> before, List<int> first)
    {
        var behind = new List<(ReceivedBatch, List<int>)>();
        for (var i = before.Count - 1; i >= 0; i--)
        {
            var other = before[i];
            if (other.Ended.IsCompleted && other.Failure is null)
                continue;
            var waiting = first.FindAll(index => other.Has(_deliveries[index].Message.Key));
            if (waiting.Count == 0)
                continue;
            first.RemoveAll(index => other.Has(_deliveries[index].Message.Key));
            behind.Insert(0, (other, waiting));
        }
        return behind;
    }

    private bool Has(string key) => _lastOfKey.ContainsKey(key);

    /// <summary>
    /// Handles the messages of keys, from the given ones on, in waves of one message of each key. A key whose handler
    /// waits for something goes on by itself, and holds up no other.
    /// </summary>
    private async Task RunLanes(List<int> wave)
    {
        var alone = new List<Task>();
        try
        {
            while (wave.Count > 0)
                wave = await RunRound(wave, alone).ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll(alone).ConfigureAwait(false); // They tell by themselves what goes wrong.
        }
    }

    /// <summary>Handles one message of each key; returns the next of those keys that do not go on by
    /// themselves.</summary>
    private async ValueTask<List<int>> RunRound(List<int> wave, List<Task> alone)
    {
        var (requests, places, next) = (
            new List<CommitRequest>(wave.Count), new List<int>(wave.Count), new List<int>());
        foreach (var i in wave)
        {
            var prepared = Prepare(_deliveries[i]);
            if (!prepared.IsCompletedSuccessfully)
            {
                alone.Add(RunAlone(i, prepared));
            }
            else if (prepared.Result is { } request)
            {
                requests.Add(request);
                places.Add(i);
            }
            else
            {
                Finish(i, next);
            }
        }
        if (requests.Count > 0)
            await CommitAll(requests, places, next).ConfigureAwait(false);
        return next;
    }

    private async ValueTask CommitAll(List<CommitRequest> requests, List<int> places, List<int> next)
    {
        var answers = await _inbox.CommitAll(requests, _abandoned).ConfigureAwait(false);
        for (var i = 0; i < answers.Length; i++)
        {
            if (answers[i].Problem is not { } problem
                || await TryHold(_deliveries[places[i]], problem).ConfigureAwait(false))
                Finish(places[i], next);
        }
    }

    private async Task RunAlone(int index, ValueTask<CommitRequest?> prepared)
    {
        while (await TryCommit(_deliveries[index], prepared).ConfigureAwait(false))
        {
            _isDone[index] = true;
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
#pragma warning disable CA1031 // The message is held, or the batch fails.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return await TryHold(delivery, exception).ConfigureAwait(false);
        }
    }

    private void Finish(int index, List<int> next)
    {
        _isDone[index] = true;
        if (_next[index] != None)
            next.Add(_next[index]);
    }

    /// <summary>Handles a message up to its commit; behind one of its key that is held, it is held as well.</summary>
    private async ValueTask<CommitRequest?> Prepare(Delivery delivery)
    {
        if (_inbox.TrySkip(delivery))
            return null;
        // First: what waits at the broker came before it, also where the one before that is a dead letter by now.
        if (_retries is not null && _retries.Waits(delivery)
            && await _retries.PutBehind(delivery, _abandoned).ConfigureAwait(false))
            return null;
        if (!_held.IsEmpty && _held.Holds(HeldMessage.StreamOf(_inbox.Subscription.Name, delivery.Message)))
        {
            await Hold(delivery, delivery.Attempts).ConfigureAwait(false);
            return null;
        }
        return await _inbox.Prepare(delivery, _abandoned).ConfigureAwait(false);
    }

    /// <summary>Keeps a message that could not be handled. False when that is no message's fault: nothing is done
    /// then.</summary>
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
#pragma warning disable CA1031 // Whatever it is, what is not done is not acknowledged.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(failure);
            return false;
        }
    }

    /// <summary>Has a message wait at the broker; false when it is not tried again from there.</summary>
    private async ValueTask<bool> TryPostpone(Delivery delivery, Exception exception)
    {
        if (_retries is null
            || _inbox.Rules.RetryAfter(delivery.Attempts + 1, _inbox.Rules.ClassOf(exception)) is not { } delay)
            return false;
        await _retries
            .PutOff(delivery, delay, $"{exception.GetType().FullName}: {exception.Message}", _abandoned)
            .ConfigureAwait(false);
        _inbox.HasPutOff();
        MessagingLog.PutOff(_logger, _inbox.Subscription.Name, delivery, delay, exception);
        return true;
    }

    private async ValueTask Hold(Delivery delivery, int attempts)
    {
        var (stream, position) = await _inbox.Hold(delivery, attempts, _abandoned).ConfigureAwait(false);
        _held.Add(stream, position);
    }

    private void Fail(Exception exception) => Interlocked.CompareExchange(ref _failure, exception, null);

    private bool IsCausedByMessage(Exception exception) =>
        !_abandoned.IsCancellationRequested
        && (
            _retries is null ? FailurePolicy.Default.ClassOf(exception, isPure: false) : _inbox.Rules.ClassOf(exception)
        ) != FailureClass.System;
}
