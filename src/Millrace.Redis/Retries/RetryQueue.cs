using System.Collections.Concurrent;
using Millrace.Messaging;
using Millrace.Redis.Client;
using Millrace.Redis.Streams;

namespace Millrace.Redis.Retries;

/// <summary>
/// The queue of retries of a group, for one of its receivers. Leases the due messages, and holds them until they are
/// delivered. Redis keeps each message until it is handled. Concurrent calls are safe if they concern different keys.
/// </summary>
internal sealed class RetryQueue : IAsyncDisposable
{
    private const int MaxBatch = 250;
    private const long BatchBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    private readonly RetryCommands _commands;
    private readonly RedisReceiver _receiver;
    private readonly RetryBackpressure _backpressure;
    private readonly bool _isLeftover;
    private readonly int _takeSize;
    private readonly TimeProvider _time;
    private readonly TimeSpan _renewEvery;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _working;

    // Keys that may have waiting messages. The value is the value of _changes when the key was last updated.
    private readonly ConcurrentDictionary<string, long> _known = new(StringComparer.Ordinal);
    private long _changes;
    private long _emptyAt = -1; // The value of _changes at the last query that found no waiting messages.
    private long _totalCount;

    private readonly Lock _lock = new(); // Guards the next four fields.
    private readonly List<RetryDelivery> _due = [];
    // Messages that are due or in flight, by key.
    private readonly Dictionary<string, HashSet<RetryDelivery>> _leased = new(StringComparer.Ordinal);
    private TaskCompletionSource _arrived = NewSignal();
    private TaskCompletionSource _wake = NewSignal();

    private bool _hasTaken; // Used by the worker only.
    private volatile Exception? _failure;

    /// <param name="commands">The commands to Redis.</param>
    /// <param name="receiver">The receiver of the stream.</param>
    /// <param name="limits">The limits; null if the group no longer keeps retries. The remaining retries are then due
    /// immediately, before new messages.</param>
    /// <param name="prefetch">The maximum number of messages in flight.</param>
    public RetryQueue(RetryCommands commands, RedisReceiver receiver, RetryLimits? limits, int prefetch)
    {
        _isLeftover = limits is null;
        _commands = commands;
        _receiver = receiver;
        _time = commands.Group.Time;
        _backpressure = new RetryBackpressure(limits, commands.Group.Name.Group);
        _takeSize = Math.Clamp(prefetch / 4, 1, MaxBatch);
        _renewEvery = TimeSpan.FromTicks(Math.Min(MaxPause.Ticks, commands.Group.TakeOverAfter.Ticks / 3));
        _working = Work();
    }

    /// <summary>
    /// Gets a task that completes when a message is due, when a stall has ended, or when the queue has stopped.
    /// </summary>
    public Task Arrived
    {
        get
        {
            lock (_lock)
                return _arrived.Task;
        }
    }

    public Exception? Failure => _failure;

    /// <summary>Gets whether a message can be delivered.</summary>
    public bool HasDue => !HasNothingDue();

    public long Waiting => Volatile.Read(ref _totalCount);

    public string? Stall => _backpressure.Reason;

    /// <summary>Delivers due messages.</summary>
    public List<RetryDelivery> HandOut(int maxCount)
    {
        lock (_lock)
        {
            var taken = _due.GetRange(0, Math.Min(maxCount, _due.Count));
            _due.RemoveRange(0, taken.Count);
            if (_due.Count > 0)
                return taken;
            if (_arrived.Task.IsCompleted && _failure is null)
                _arrived = NewSignal();
            if (taken.Count > 0)
                _wake.TrySetResult(); // There may be more due messages.
            return taken;
        }
    }

    /// <summary>Takes deliveries back, which are then delivered before all others.</summary>
    public void Requeue(IReadOnlyList<Delivery> deliveries)
    {
        lock (_lock)
        {
            _due.InsertRange(
                0,
                [.. deliveries.OfType<RetryDelivery>().Where(IsLeased).Where(one => !_due.Contains(one))]);
            if (_due.Count > 0)
                _arrived.TrySetResult();
        }
    }

    /// <summary>
    /// Asks Redis which keys of the deliveries have waiting messages. Sends no command if no key can have any.
    /// </summary>
    public async ValueTask FindWaitingKeys(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        // With an exclusive lease, no other receiver can have added messages since the queue was empty.
        if (_commands.HasExclusiveLease && Volatile.Read(ref _emptyAt) == Volatile.Read(ref _changes))
            return;
        var keys = new HashSet<string>(deliveries.Count, StringComparer.Ordinal);
        for (var i = 0; i < deliveries.Count; i++)
        {
            if (!_known.ContainsKey(deliveries[i].Message.Key))
                keys.Add(deliveries[i].Message.Key);
        }
        if (keys.Count == 0)
            return;
        var isWaiting = await _commands.HaveWaiting(keys, cancellationToken).ConfigureAwait(false);
        var index = 0;
        foreach (var key in keys)
        {
            if (isWaiting[index++])
                _known[key] = Interlocked.Increment(ref _changes);
        }
    }

    public bool Waits(Delivery delivery)
    {
        if (delivery is not RetryDelivery retry)
            return _known.ContainsKey(delivery.Message.Key);
        lock (_lock)
            return !IsLeased(retry);
    }

    public async ValueTask<bool> Enqueue(Delivery delivery, CancellationToken cancellationToken)
    {
        if (delivery is not RedisDelivery entry)
            return Waits(delivery); // A retry is already at its place in the queue, which delivers it again.
        var change = MarkChanged(entry.Message.Key);
        var answer = await _commands.Add(entry, null, "", cancellationToken).ConfigureAwait(false);
        if (answer is { IsKept: false, IsGone: false })
        {
            _known.TryRemove(new KeyValuePair<string, long>(entry.Message.Key, change));
            return false;
        }
        Note(entry.Message.Key, answer);
        _receiver.Forget(entry);
        return true;
    }

    public async ValueTask Postpone(
        Delivery delivery, TimeSpan delay, string error, CancellationToken cancellationToken)
    {
        if (delivery is RetryDelivery retry)
        {
            if (!TryForget(retry))
                return; // This receiver no longer leases the message. Redis delivers it again unchanged.
            MarkChanged(retry.Message.Key);
            Note(
                retry.Key, await _commands.PostponeAgain(retry, delay, error, cancellationToken).ConfigureAwait(false));
        }
        else if (delivery is RedisDelivery entry)
        {
            MarkChanged(entry.Message.Key);
            Note(entry.Message.Key, await _commands.Add(entry, delay, error, cancellationToken).ConfigureAwait(false));
            _receiver.Forget(entry);
        }
        Wake();
    }

    /// <summary>Removes handled messages.</summary>
    public async ValueTask Remove(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var done = Finish(deliveries);
        if (done.Count == 0)
            return;
        Volatile.Write(ref _totalCount, await _commands.Remove(done, cancellationToken).ConfigureAwait(false));
        Wake(); // The remaining messages of the keys are due.
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _working.ConfigureAwait(false);
        using var limit = new CancellationTokenSource(MaxPause, _time);
        try
        {
            if (LeasedKeys() is { Count: > 0 } keys && _commands.Group.Failure is null)
                await _commands.Release(keys, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is RedisErrorException or RedisConnectionLostException or OperationCanceledException)
        {
            // Redis is unavailable. Another receiver takes the messages over when their leases expire.
        }
        _closing.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Leases due messages as soon as the previous ones are delivered, and renews all leases.</summary>
    private async Task Work()
    {
        var renewed = _time.GetTimestamp();
        try
        {
            while (_receiver.Failure is null)
            {
                var wake = NextWake();
                var pause = _receiver.IsActive && HasNothingDue() ? await TakeDue().ConfigureAwait(false) : _renewEvery;
                await Sleep(wake, pause < _renewEvery ? pause : _renewEvery).ConfigureAwait(false);
                if (_time.GetElapsedTime(renewed) < _renewEvery)
                    continue;
                renewed = _time.GetTimestamp();
                await Renew().ConfigureAwait(false);
            }
            _failure ??= _receiver.Failure; // A caller that waits for due messages does not check the receiver.
        }
        catch (Exception exception)
            when (exception is RedisErrorException or RedisConnectionLostException or OperationCanceledException)
        {
            _failure ??= exception;
        }
        finally
        {
            lock (_lock)
                _arrived.TrySetResult();
        }
    }

    /// <summary>Leases due messages; returns the delay until the next check.</summary>
    private async ValueTask<TimeSpan> TakeDue()
    {
        var changes = Volatile.Read(ref _changes);
        var fullKey = _backpressure.FullKey;
        var due = await _commands
            .Take(_takeSize, BatchBytes, fullKey, !_hasTaken, _isLeftover, _closing.Token)
            .ConfigureAwait(false);
        if (due.Total is not { } total)
            return _renewEvery; // Another receiver has the group.
        _hasTaken = true;
        Volatile.Write(ref _totalCount, total);
        if (total == 0)
            Volatile.Write(ref _emptyAt, changes);
        var hasStallEnded = _backpressure.Update(fullKey, due.CountOfKey, total);
        lock (_lock)
        {
            foreach (var delivery in due.Deliveries)
            {
                if (!_leased.TryGetValue(delivery.Key, out var ofKey))
                    _leased.Add(delivery.Key, ofKey = []);
                ofKey.Add(delivery);
                _known[delivery.Message.Key] = changes;
            }
            _due.AddRange(due.Deliveries);
            if (due.Deliveries.Count > 0 || hasStallEnded)
                _arrived.TrySetResult();
        }
        return due.Deliveries.Count > 0 ? _renewEvery : due.Next ?? _renewEvery;
    }

    /// <summary>Renews the leases of messages in flight, and removes keys without waiting messages.</summary>
    private async ValueTask Renew()
    {
        if (LeasedKeys() is { Count: > 0 } leased)
            await _commands.Renew(leased, _closing.Token).ConfigureAwait(false);
        if (_known.ToArray() is not { Length: > 0 } known)
            return;
        string[] keys = [.. known.Select(static one => one.Key)];
        var isWaiting = await _commands.HaveWaiting(keys, _closing.Token).ConfigureAwait(false);
        for (var i = 0; i < known.Length; i++)
        {
            if (!isWaiting[i])
                _known.TryRemove(known[i]); // Does not remove the key if a message was postponed meanwhile.
        }
    }

    /// <summary>Returns a task that completes when there is something to check.</summary>
    private Task NextWake()
    {
        lock (_lock)
        {
            if (_wake.Task.IsCompleted)
                _wake = NewSignal();
            return _wake.Task;
        }
    }

    private async ValueTask Sleep(Task wake, TimeSpan pause)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        await Task.WhenAny(wake, Task.Delay(pause, _time, ended.Token)).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        _closing.Token.ThrowIfCancellationRequested();
    }

    private void Wake()
    {
        lock (_lock)
            _wake.TrySetResult();
    }

    private bool HasNothingDue()
    {
        lock (_lock)
            return _due.Count == 0;
    }

    private List<string> LeasedKeys()
    {
        lock (_lock)
            return [.. _leased.Keys];
    }

    private bool IsLeased(RetryDelivery delivery) =>
        _leased.TryGetValue(delivery.Key, out var ofKey) && ofKey.Contains(delivery);

    /// <summary>Marks a key as changed, so that earlier information about it is not used any more.</summary>
    private long MarkChanged(string key) => _known[key] = Interlocked.Increment(ref _changes);

    private void Note(string key, RetryEnqueueResult answer)
    {
        if (!answer.IsKept)
            return;
        MarkChanged(key); // A second time: a concurrent query may have found no waiting message and removed the key.
        Volatile.Write(ref _totalCount, answer.Total);
        _backpressure.Note(key, answer.CountOfKey, answer.Total);
    }

    /// <summary>
    /// Forgets the lease of a key after a message has failed, before the key can be due again. Returns false if this
    /// receiver no longer leases the message, for example because an earlier message of the key has failed.
    /// </summary>
    private bool TryForget(RetryDelivery delivery)
    {
        lock (_lock)
        {
            if (!IsLeased(delivery))
                return false;
            _leased.Remove(delivery.Key);
            _due.RemoveAll(one => one.Key == delivery.Key);
            return true;
        }
    }

    private List<(RetryDelivery Delivery, bool IsLast)> Finish(IReadOnlyList<Delivery> deliveries)
    {
        var done = new List<(RetryDelivery, bool)>();
        lock (_lock)
        {
            for (var i = 0; i < deliveries.Count; i++)
            {
                if (deliveries[i] is not RetryDelivery retry || !IsLeased(retry))
                    continue;
                var ofKey = _leased[retry.Key];
                ofKey.Remove(retry);
                if (ofKey.Count == 0)
                    _leased.Remove(retry.Key);
                done.Add((retry, ofKey.Count == 0));
            }
        }
        return done;
    }
}
