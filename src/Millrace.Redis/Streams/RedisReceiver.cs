using Millrace.Adapters;
using Millrace.Messaging;

namespace Millrace.Redis;

/// <summary>A line to a group of a stream.</summary>
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

    private readonly Lock _lock = new(); // Guards the two below; the keeper reads them as well.
    private readonly Dictionary<EntryId, RedisDelivery> _inHand = [];
    private readonly DeliveryQueue<EntryId, RedisDelivery> _waiting = new();

    // What is asked for goes on when a caller gives up: its answer is the next caller's.
    private Task? _reading;
    private volatile bool _isActive;
    private volatile bool _hasAcknowledged;
    private volatile Exception? _failure;
    private int _isDisposed;

    /// <param name="group">The group, over the receiver's own connections.</param>
    /// <param name="hold">How it has its part of the group.</param>
    /// <param name="subscription">What is received.</param>
    /// <param name="options">How Redis is used.</param>
    /// <param name="time">The time.</param>
    /// <param name="mayFindRetries">Whether nobody hands over what waits of the group's retries: it fails when it finds
    /// any.</param>
    public RedisReceiver(
        GroupClient group,
        IGroupLease hold,
        Subscription subscription,
        RedisOptions options,
        TimeProvider time,
        bool mayFindRetries)
    {
        (_group, _lease, _time, _mayFindRetries) = (group, hold, time, mayFindRetries);
        (_prefetch, _answerTimeout) = (subscription.Prefetch, options.AnswerTimeout);
        (_removesHandled, _keptFor) = (options.RemovesHandled, subscription.Retention);
        _entries = new EntryReader(group, hold, subscription, time);
        _renewLoop = Keep();
    }

    /// <summary>Whether it is this receiver's turn.</summary>
    public bool IsActive => _isActive;

    /// <summary>Why nothing goes over this receiver any more; null as long as something does.</summary>
    public Exception? Failure => _failure ?? _group.Failure;

    public async ValueTask<IReadOnlyList<Delivery>> Take(int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            RequireOpen();
            if (HandOut(most) is { Count: > 0 } taken)
            {
                ReadAhead();
                return taken;
            }
            if (Room() == 0)
            {
                // Nothing may be taken until something is acknowledged, which this caller has to do.
                await _group.Broken.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }
            var reading = _reading ??= Read(Room());
            await reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            _reading = null;
        }
    }

    /// <summary>Takes what has come, and does not wait; has more come meanwhile.</summary>
    public List<Delivery> TakeReady(int most)
    {
        RequireOpen();
        var taken = HandOut(most);
        ReadAhead();
        return taken;
    }

    /// <summary>Asks for its turn, for who does not take; ends when that may have come, or with the line.</summary>
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
                _inHand.Remove(id);
        }
    }

    /// <summary>A delivery is not this receiver's any more, and needs no acknowledgement.</summary>
    public void Forget(RedisDelivery delivery)
    {
        _hasAcknowledged = true;
        lock (_lock)
            _inHand.Remove(delivery.Id);
    }

    public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deliveries);
        RequireOpen();
        lock (_lock)
        {
            foreach (var delivery in deliveries)
            {
                if (delivery is RedisDelivery own && _inHand.Remove(own.Id))
                    _waiting.TryAdd(own.Id, own.Again());
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
                await _lease.Release(Held(), limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is RedisErrorException or RedisConnectionLostException or OperationCanceledException)
        {
            // Redis is away: another takes over what is here when this one has not been heard of for a while.
        }
        await _closing.CancelAsync().ConfigureAwait(false);
        await _group.DisposeAsync().ConfigureAwait(false);
        await _renewLoop.ConfigureAwait(false);
        _lease.Leave();
        _closing.Dispose();
    }

    /// <summary>Ends what is still asked for, so that nothing comes to a receiver that is gone.</summary>
    private async ValueTask StopReading(CancellationToken cancellationToken)
    {
        if (_reading is not { IsCompleted: false } reading || _group.Failure is not null)
            return;
        if (!_entries.IsBlocked && !_isActive)
            return; // It only waits for its turn.
        // Again and again: what asks for messages goes over another connection, and may come to Redis later.
        var interval = FirstUnblockInterval;
        while (_group.CanUnblock && _entries.IsBlocked && !reading.IsCompleted
            && !await _group.Unblock(cancellationToken).ConfigureAwait(false))
        {
            await Task.WhenAny(reading, Task.Delay(interval, _time, cancellationToken)).ConfigureAwait(false);
            interval = interval * 2 < MaxUnblockInterval ? interval * 2 : MaxUnblockInterval;
        }
        await reading.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.None);
    }

    /// <summary>Has more come while what has come is handled, as far as there is room for it.</summary>
    private void ReadAhead()
    {
        if (_reading is { IsCompleted: true })
            _reading = null;
        if (_reading is null && _failure is null && Room() is > 0 and var room)
            _reading = Read(room);
    }

    /// <summary>Asks once for what is there; who waits looks afterwards.</summary>
    private async Task Read(int most)
    {
        try
        {
            var isActive = await _lease.TryTake(_closing.Token).ConfigureAwait(false);
            if (isActive && !_isActive)
                await RequireNoRetries().ConfigureAwait(false); // Who had the group before may have put some off.
            _isActive = isActive;
            if (!isActive)
            {
                await Task.Delay(MaxStandbyDelay, _time, _closing.Token).ConfigureAwait(false);
                return;
            }
            var read = await _entries.Read(most, _closing.Token).ConfigureAwait(false);
            lock (_lock)
            {
                foreach (var delivery in read)
                {
                    if (!_inHand.ContainsKey(delivery.Id))
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

    /// <summary>Says again and again that this receiver is there, and tidies up behind it.</summary>
    private async Task Keep()
    {
        using var ticks = new PeriodicTimer(_group.TakeOverAfter / 3, _time);
        try
        {
            while (await ticks.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false) && _failure is null)
            {
                await _lease.Renew(Held(), _closing.Token).ConfigureAwait(false);
                if (_lease.Owner.Length == 0)
                    // Others have the group as well, and may put some off.
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

    /// <summary>Fails when retries wait that nobody else hands over: the next receiver of the group does, before
    /// anything new.</summary>
    private async ValueTask RequireNoRetries()
    {
        if (_mayFindRetries && await LeftoverRetries.Wait(_group, _closing.Token).ConfigureAwait(false))
            throw new RedisConnectionLostException(
                $"messages wait in the queue of retries of '{_group.Name.Group}', and come first.");
    }

    private List<Delivery> HandOut(int most)
    {
        lock (_lock)
        {
            var taken = _waiting.Take(Math.Min(most, _prefetch - _inHand.Count));
            foreach (var delivery in taken)
                _inHand.Add(((RedisDelivery)delivery).Id, (RedisDelivery)delivery);
            return taken;
        }
    }

    private int Room()
    {
        lock (_lock)
            return Math.Max(0, _prefetch - _inHand.Count - _waiting.Count);
    }

    private List<EntryId> UnsettledOf(IReadOnlyList<Delivery> deliveries)
    {
        var ids = new List<EntryId>(deliveries.Count);
        lock (_lock)
        {
            for (var i = 0; i < deliveries.Count; i++)
            {
                if (deliveries[i] is RedisDelivery own && _inHand.ContainsKey(own.Id))
                    ids.Add(own.Id);
            }
        }
        return ids;
    }

    private List<EntryId> Held()
    {
        lock (_lock)
        {
            var held = new List<EntryId>(_inHand.Keys);
            _waiting.AddKeysTo(held);
            return held;
        }
    }

    private void RequireOpen()
    {
        if (Failure is { } failure)
            throw RedisTransport.Unavailable(failure);
    }
}
