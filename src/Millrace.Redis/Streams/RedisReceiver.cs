using Millrace.Messaging;
using Millrace.Redis.Client;
using Millrace.Redis.Retries;
using Millrace.Shared.Transports;

namespace Millrace.Redis.Streams;

/// <summary>A receiver for a group of a stream.</summary>
internal sealed class RedisReceiver : IReceiver
{
    private static readonly TimeSpan MaxStandbyDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstUnblockInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MaxUnblockInterval = TimeSpan.FromMilliseconds(100);

    private readonly GroupClient _group;
    private readonly IGroupLease _lease;
    private readonly EntryReader _entries;
    private readonly int _prefetch;
    private readonly TimeSpan _answerTimeout;
    private readonly bool _removesHandled;
    private readonly TimeSpan? _keptFor;
    private readonly bool _mayFindRetries;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _renewLoop;

    private readonly Lock _lock = new(); // Guards the next two fields, which the renewal loop reads as well.
    private readonly Dictionary<EntryId, RedisDelivery> _inFlight = [];
    private readonly DeliveryQueue<EntryId, RedisDelivery> _waiting = new();

    // A read continues when its caller cancels: the next caller gets its result.
    private Task? _reading;
    private volatile bool _isActive;
    private volatile bool _hasAcknowledged;
    private volatile Exception? _failure;
    private int _isDisposed;

    /// <param name="group">The group, over the receiver's own connections.</param>
    /// <param name="lease">The lease of the group.</param>
    /// <param name="subscription">The subscription.</param>
    /// <param name="options">The options of Redis.</param>
    /// <param name="time">The clock.</param>
    /// <param name="mayFindRetries">True if no component delivers waiting retries of the group: the receiver fails if
    /// it finds any.</param>
    public RedisReceiver(
        GroupClient group,
        IGroupLease lease,
        Subscription subscription,
        RedisOptions options,
        TimeProvider time,
        bool mayFindRetries)
    {
        _group = group;
        _lease = lease;
        _time = time;
        _mayFindRetries = mayFindRetries;
        _prefetch = subscription.Prefetch;
        _answerTimeout = options.AnswerTimeout;
        _removesHandled = options.RemovesHandled;
        _keptFor = subscription.Retention;
        _entries = new EntryReader(group, lease, subscription, time);
        _renewLoop = RenewPeriodically();
    }

    /// <summary>Gets whether this receiver is active.</summary>
    public bool IsActive => _isActive;

    /// <summary>Gets why this receiver is broken; null while it works.</summary>
    public Exception? Failure => _failure ?? _group.Failure;

    public async ValueTask<IReadOnlyList<Delivery>> Take(int maxCount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RequireOpen();
            if (HandOut(maxCount) is { Count: > 0 } taken)
            {
                ReadAhead();
                return taken;
            }
            if (Room() == 0)
            {
                // The caller must acknowledge messages before more can be taken.
                await _group.Broken.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }
            var reading = _reading ??= Read(Room());
            await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            _reading = null;
        }
    }

    /// <summary>Takes messages that were already read, without waiting, and continues to read.</summary>
    public List<Delivery> TakeReady(int maxCount)
    {
        RequireOpen();
        var taken = HandOut(maxCount);
        ReadAhead();
        return taken;
    }

    /// <summary>
    /// Tries to become active without taking messages; completes when that may have happened, or when the connection
    /// breaks.
    /// </summary>
    public Task WaitForActivation()
    {
        RequireOpen();
        if (!_isActive)
            ReadAhead();
        return _isActive || _reading is null ? _group.Broken : _reading;
    }

    public async ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deliveries);
        RequireOpen();
        var ids = UnsettledOf(deliveries);
        if (ids.Count == 0)
            return;
        try
        {
            await _group.Acknowledge(ids, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisErrorException or RedisConnectionLostException)
        {
            _failure ??= exception;
            throw RedisTransport.Unavailable(exception);
        }
        _hasAcknowledged = true;
        lock (_lock)
        {
            foreach (var id in ids)
                _inFlight.Remove(id);
        }
    }

    /// <summary>Removes a delivery that needs no acknowledgement any more.</summary>
    public void Forget(RedisDelivery delivery)
    {
        _hasAcknowledged = true;
        lock (_lock)
            _inFlight.Remove(delivery.Id);
    }

    public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deliveries);
        RequireOpen();
        lock (_lock)
        {
            foreach (var delivery in deliveries)
            {
                if (delivery is RedisDelivery entry && _inFlight.Remove(entry.Id))
                    _waiting.TryAdd(entry.Id, entry.AsRedelivered());
            }
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return;
        _failure ??= new RedisConnectionLostException("the receiver is closed.");
        using var limit = new CancellationTokenSource(_answerTimeout, _time);
        try
        {
            await StopReading(limit.Token).ConfigureAwait(false);
            if (_group.Failure is null)
                await _lease.Release(UnacknowledgedIds(), limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is RedisErrorException or RedisConnectionLostException or OperationCanceledException)
        {
            // Redis is unavailable: another receiver takes the entries over after the timeout.
        }
        await _closing.CancelAsync().ConfigureAwait(false);
        await _group.DisposeAsync().ConfigureAwait(false);
        await _renewLoop.ConfigureAwait(false);
        _lease.Leave();
        _closing.Dispose();
    }

    /// <summary>Ends a pending read, so that no message is delivered to a closed receiver.</summary>
    private async ValueTask StopReading(CancellationToken cancellationToken)
    {
        if (_reading is not { IsCompleted: false } reading || _group.Failure is not null)
            return;
        if (!_entries.IsBlocked && !_isActive)
            return; // The read only waits to become active.
        // Repeated, because the blocking read uses another connection, and may reach Redis after this command.
        var interval = FirstUnblockInterval;
        while (_group.CanUnblock && _entries.IsBlocked && !reading.IsCompleted
            && !await _group.Unblock(cancellationToken).ConfigureAwait(false))
        {
            await Task.WhenAny(reading, Task.Delay(interval, _time, cancellationToken)).ConfigureAwait(false);
            interval = interval * 2 < MaxUnblockInterval ? interval * 2 : MaxUnblockInterval;
        }
        await reading.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.None);
    }

    /// <summary>Reads more messages while earlier ones are handled, as far as there is space.</summary>
    private void ReadAhead()
    {
        if (_reading is { IsCompleted: true })
            _reading = null;
        if (_reading is null && _failure is null && Room() is > 0 and var room)
            _reading = Read(room);
    }

    /// <summary>Reads available messages once.</summary>
    private async Task Read(int maxCount)
    {
        try
        {
            var isActive = await _lease.TryTake(_closing.Token).ConfigureAwait(false);
            if (isActive && !_isActive)
                // The previous owner of the group may have postponed messages.
                await RequireNoRetries().ConfigureAwait(false);
            _isActive = isActive;
            if (!isActive)
            {
                await Task.Delay(MaxStandbyDelay, _time, _closing.Token).ConfigureAwait(false);
                return;
            }
            var read = await _entries.Read(maxCount, _closing.Token).ConfigureAwait(false);
            lock (_lock)
            {
                foreach (var delivery in read)
                {
                    if (!_inFlight.ContainsKey(delivery.Id))
                        _waiting.TryAdd(delivery.Id, delivery);
                }
            }
        }
        catch (Exception exception)
            when (exception is RedisErrorException or RedisConnectionLostException or OperationCanceledException)
        {
            _failure ??= exception;
        }
    }

    /// <summary>Renews the lease periodically, and removes acknowledged entries.</summary>
    private async Task RenewPeriodically()
    {
        using var ticks = new PeriodicTimer(_group.TakeOverAfter / 3, _time);
        try
        {
            while (await ticks.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false) && _failure is null)
            {
                await _lease.Renew(UnacknowledgedIds(), _closing.Token).ConfigureAwait(false);
                if (_lease.Owner.Length == 0)
                    // Other receivers share the group, and may postpone messages.
                    await RequireNoRetries().ConfigureAwait(false);
                if (_keptFor is { } keptFor)
                    await StreamTrimmer.Remove(_group, keptFor, _closing.Token).ConfigureAwait(false);
                if (!_removesHandled || !_hasAcknowledged)
                    continue;
                _hasAcknowledged = false;
                await AcknowledgedEntryRemover.Remove(_group, _closing.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
            when (exception is RedisErrorException or RedisConnectionLostException or OperationCanceledException)
        {
            _failure ??= exception;
        }
    }

    /// <summary>
    /// Throws if the group has waiting retries that no component delivers. The next receiver of the group then delivers
    /// them, before new messages.
    /// </summary>
    private async ValueTask RequireNoRetries()
    {
        if (_mayFindRetries && await LeftoverRetries.Exist(_group, _closing.Token).ConfigureAwait(false))
            throw new RedisConnectionLostException(
                $"messages wait in the queue of retries of '{_group.Name.Group}', and come first.");
    }

    private List<Delivery> HandOut(int maxCount)
    {
        lock (_lock)
        {
            var taken = _waiting.Take(Math.Min(maxCount, _prefetch - _inFlight.Count));
            foreach (var delivery in taken)
                _inFlight.Add(((RedisDelivery)delivery).Id, (RedisDelivery)delivery);
            return taken;
        }
    }

    private int Room()
    {
        lock (_lock)
            return Math.Max(0, _prefetch - _inFlight.Count - _waiting.Count);
    }

    private List<EntryId> UnsettledOf(IReadOnlyList<Delivery> deliveries)
    {
        var ids = new List<EntryId>(deliveries.Count);
        lock (_lock)
        {
            for (var i = 0; i < deliveries.Count; i++)
            {
                if (deliveries[i] is RedisDelivery entry && _inFlight.ContainsKey(entry.Id))
                    ids.Add(entry.Id);
            }
        }
        return ids;
    }

    private List<EntryId> UnacknowledgedIds()
    {
        lock (_lock)
        {
            var ids = new List<EntryId>(_inFlight.Keys);
            _waiting.AddKeysTo(ids);
            return ids;
        }
    }

    private void RequireOpen()
    {
        if (Failure is { } failure)
            throw RedisTransport.Unavailable(failure);
    }
}
