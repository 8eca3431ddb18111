using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Locking;

namespace Millrace;

/// <summary>
/// Provides locks between nodes. At any time, at most one owner holds the lock with a name. An owner must renew a lock
/// to keep it. Thread-safe.
/// </summary>
/// <remarks>
/// A lock avoids duplicate work, but it does not guarantee exclusive writes. If a holder is suspended for longer than
/// <see cref="LockRequest.Duration"/>, it has lost the lock without noticing. If a resource must never have two
/// writers, pass the <see cref="HeldLock.Token"/> with each write. The resource must refuse a token that is lower than
/// an earlier token, as <see cref="Fences"/> does.
/// <para>
/// Within a program, callers get a lock in the order of their requests. There is no such order between programs. A
/// program that requests a lock continuously waits once a second, so that other programs can request the lock first. A
/// caller that does not wait gets the lock only if the lock is free at that moment.
/// </para>
/// </remarks>
public sealed class Locks
{
    private static readonly ConditionalWeakTable<object, LockWaitQueues> Queues = [];

    private readonly ILockProvider _provider;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LockWaitQueues _queues;

    /// <summary>
    /// Creates an instance that uses a lock provider. In an application, <c>AddMillrace</c> registers an instance that
    /// stores locks in the event store.
    /// </summary>
    /// <param name="provider">The provider that stores the locks.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    /// <param name="logger">The logger; null to log nothing.</param>
    public Locks(ILockProvider provider, TimeProvider? time = null, ILogger<Locks>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(provider);
        _provider = provider;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<Locks>.Instance;
        // All instances for one provider in this program share the queues. Providers of the same store also share them.
        _queues = Queues.GetOrCreateValue(provider is StoreLockProvider { Store: var store } ? store : provider);
    }

    /// <summary>Returns the locks of a store that was opened without an application host.</summary>
    public static Locks Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Locks(new StoreLockProvider(store), store.Time);
    }

    /// <summary>Gets a description of the provider for messages.</summary>
    public string Description => _provider.Description;

    /// <summary>Acquires a lock with the default times of <see cref="LockRequest"/>.</summary>
    /// <inheritdoc cref="Acquire(LockRequest, CancellationToken)"/>
    public Task<HeldLock> Acquire(string name, CancellationToken cancellationToken = default) =>
        Acquire(new LockRequest(name), cancellationToken);

    /// <summary>
    /// Acquires a lock. If another owner holds the lock, the method waits until the lock is free or
    /// <see cref="LockRequest.Wait"/> has elapsed.
    /// </summary>
    /// <exception cref="LockUnavailableException">The lock was not free in time.</exception>
    /// <exception cref="MillraceException">The lock provider was unavailable at the last request; the exception is
    /// transient.</exception>
    /// <exception cref="InvalidNameException">The name or the owner is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time of the request is out of range.</exception>
    public async Task<HeldLock> Acquire(LockRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Check();
        var owner = request.Owner ?? Guid.CreateVersion7(_time.GetUtcNow()).ToString("N");
        var started = _time.GetTimestamp();
        var slot = await _queues.Wait(request, owner, _time, cancellationToken).ConfigureAwait(false);
        try
        {
            if (slot is { YieldTime: var yieldTime }
                && yieldTime > TimeSpan.Zero
                && request.Wait - _time.GetElapsedTime(started) > yieldTime)
            {
                await Task.Delay(yieldTime, _time, cancellationToken).ConfigureAwait(false);
                slot.NoteYield();
            }
            return await RequestUntilTaken(request, owner, started, slot, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            slot?.End(); // After success, the held lock ends the slot.
            throw;
        }
    }

    /// <summary>
    /// Acquires a lock as <see cref="Acquire(LockRequest, CancellationToken)"/> does. Returns null if the lock was not
    /// free in time.
    /// </summary>
    internal async ValueTask<HeldLock?> TryAcquire(LockRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await Acquire(request, cancellationToken).ConfigureAwait(false);
        }
        catch (LockUnavailableException)
        {
            return null;
        }
    }

    private async Task<HeldLock> RequestUntilTaken(
        LockRequest request, string owner, long started, LockQueueSlot? slot, CancellationToken cancellationToken)
    {
        string? holder = null;
        var holderSince = started;
        while (true)
        {
            var requestedAt = _time.GetTimestamp();
            var (response, failure) = await RequestOnce(request, owner, cancellationToken).ConfigureAwait(false);
            if (response.IsTaken)
                return new HeldLock(_provider, request, owner, response.Token, requestedAt, slot, _time, _logger);
            var remaining = request.Wait - _time.GetElapsedTime(started);
            if (remaining <= TimeSpan.Zero)
                throw failure
                    ?? new LockUnavailableException(request.Name, response.Holder, _time.GetElapsedTime(started));
            if (failure is null)
                slot?.NoteYield(); // Another owner holds the lock.
            if (response.Holder != holder)
                (holder, holderSince) = (response.Holder, requestedAt);
            var pause = LockRetryDelays.DelayWhenHeldFor(_time.GetElapsedTime(holderSince));
            var delay = Shortest(remaining, pause, response.ExpiresIn > TimeSpan.Zero ? response.ExpiresIn : pause);
            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<(LockResponse Response, MillraceException? Failure)> RequestOnce(
        LockRequest request, string owner, CancellationToken cancellationToken)
    {
        try
        {
            return (
                await _provider.TryTake(request.Name, owner, request.Duration, cancellationToken).ConfigureAwait(false),
                null);
        }
        catch (MillraceException exception) when (exception.IsTransient)
        {
            return (default, exception);
        }
    }

    private static TimeSpan Shortest(TimeSpan first, TimeSpan second, TimeSpan third)
    {
        var shortest = first < second ? first : second;
        shortest = shortest < third ? shortest : third;
        return shortest > TimeSpan.FromMilliseconds(1) ? shortest : TimeSpan.FromMilliseconds(1);
    }
}
