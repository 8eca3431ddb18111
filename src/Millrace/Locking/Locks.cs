using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Millrace;

/// <summary>
/// Locks between nodes: of all that ask for a name, one has it at a time, for as long as it is heard of. Safe to use
/// from several threads.
/// </summary>
/// <remarks>
/// A lock saves work that would be done twice; alone it does not keep what it protects whole. A holder that stands
/// still for longer than <see cref="LockRequest.Duration"/> has lost the lock without knowing: what must never be
/// written by two passes its <see cref="HeldLock.Token"/> along, and refuses a token that is less than one it has seen,
/// as <see cref="Fences"/> does.
/// <para>Within a process who waits first has it first, and as soon as it is given back. Between processes there is no
/// such order: one where a lock is always wanted lets others ask first once a second. Who does not wait, or no longer,
/// takes what is free at that moment.</para>
/// </remarks>
public sealed class Locks
{
    private static readonly ConditionalWeakTable<object, LockWaitQueues> Queues = [];

    private readonly ILockProvider _provider;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LockWaitQueues _queues;

    /// <summary>Makes the locks of a keeper. In an application <c>AddMillrace</c> does this, with the locks of the
    /// store.</summary>
    /// <param name="keeper">Where they are kept.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="logger">Where to log; null for nowhere.</param>
    public Locks(ILockProvider keeper, TimeProvider? time = null, ILogger<Locks>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(keeper);
        (_provider, _time, _logger) = (keeper, time ?? TimeProvider.System, logger ?? NullLogger<Locks>.Instance);
        // All of this process that ask it stand in the same; of the locks in a store there may be several keepers.
        _queues = Queues.GetOrCreateValue(keeper is StoreLockProvider { Store: var store } ? store : keeper);
    }

    /// <summary>The locks of a store, for who opens one without an application.</summary>
    public static Locks Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Locks(new StoreLockProvider(store), store.Time);
    }

    /// <summary>What keeps them, for people.</summary>
    public string Description => _provider.Description;

    /// <summary>Takes a lock with the default times: see <see cref="LockRequest"/>.</summary>
    /// <inheritdoc cref="Acquire(LockRequest, CancellationToken)"/>
    public Task<HeldLock> Acquire(string name, CancellationToken cancellationToken = default) =>
        Acquire(new LockRequest(name), cancellationToken);

    /// <summary>Takes a lock, and waits while another has it.</summary>
    /// <exception cref="LockTakenException">It was not free in time.</exception>
    /// <exception cref="MillraceException">The keeper of locks was away when it was asked last; tells so by being
    /// transient.</exception>
    /// <exception cref="InvalidNameException">The name or the owner is not allowed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A time of the request is out of its range.</exception>
    public async Task<HeldLock> Acquire(LockRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Check();
        var owner = request.Owner ?? Guid.CreateVersion7(_time.GetUtcNow()).ToString("N");
        var started = _time.GetTimestamp();
        var turn = await _queues.Wait(request, owner, _time, cancellationToken).ConfigureAwait(false);
        try
        {
            if (turn is { Chance: var chance }
                && chance > TimeSpan.Zero
                && request.Wait - _time.GetElapsedTime(started) > chance)
            {
                await Task.Delay(chance, _time, cancellationToken).ConfigureAwait(false);
                turn.NoteYield();
            }
            return await Ask(request, owner, started, turn, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            turn?.End(); // Once it has the lock, it ends with that.
            throw;
        }
    }

    private async Task<HeldLock> Ask(
        LockRequest request, string owner, long started, LockQueueSlot? turn, CancellationToken cancellationToken)
    {
        var (holder, since) = ((string?)null, started);
        while (true)
        {
            var asked = _time.GetTimestamp();
            var (answer, failure) = await Ask(request, owner, cancellationToken).ConfigureAwait(false);
            if (answer.IsTaken)
                return new HeldLock(_provider, request, owner, answer.Token, asked, turn, _time, _logger);
            var left = request.Wait - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                throw failure ?? new LockTakenException(request.Name, answer.Holder, _time.GetElapsedTime(started));
            if (failure is null)
                turn?.NoteYield(); // Another has it.
            if (answer.Holder != holder)
                (holder, since) = (answer.Holder, asked);
            var pause = LockRetryDelays.DelayWhenHeldFor(_time.GetElapsedTime(since));
            var next = Shortest(left, pause, answer.FreeIn > TimeSpan.Zero ? answer.FreeIn : pause);
            await Task.Delay(next, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<(LockResponse Answer, MillraceException? Failure)> Ask(
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

    private static TimeSpan Shortest(TimeSpan one, TimeSpan other, TimeSpan third)
    {
        var least = one < other ? one : other;
        least = least < third ? least : third;
        return least > TimeSpan.FromMilliseconds(1) ? least : TimeSpan.FromMilliseconds(1);
    }
}
