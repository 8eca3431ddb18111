using Microsoft.Extensions.Logging;
using Millrace.Locking;

namespace Millrace;

/// <summary>
/// A lock that the caller holds. It is renewed automatically until the caller releases it. Thread-safe.
/// </summary>
/// <remarks>
/// Disposal releases the lock. If the release fails, the error is logged, and the lock expires later.
/// </remarks>
public sealed partial class HeldLock : IAsyncDisposable
{
    private readonly ILockProvider _provider;
    private readonly LockRequest _request;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LockQueueSlot? _slot;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly ITimer _expiryTimer;
    private readonly Task _renewing;

    private readonly Lock _lock = new(); // Guards the three fields below.
    private long _renewedAt;
    private bool _isLost;
    private bool _isReleased;

    internal HeldLock(
        ILockProvider provider,
        LockRequest request,
        string owner,
        long token,
        long requestedAt,
        LockQueueSlot? slot,
        TimeProvider time,
        ILogger logger)
    {
        _provider = provider;
        _request = request;
        Owner = owner;
        Token = token;
        _renewedAt = requestedAt;
        _slot = slot;
        _time = time;
        _logger = logger;
        Lost = _lost.Token;
        var remaining = RemainingOrZero(); // Zero if the lock expired before the response arrived.
        // The state is this object, so it is never null.
        _expiryTimer = time.CreateTimer(
            static state => ((HeldLock)state!).LoseIfExpired(), this, remaining, Timeout.InfiniteTimeSpan);
        _renewing = request.RenewsAutomatically ? RunRenewal() : Task.CompletedTask;
    }

    /// <summary>Gets the name of the lock.</summary>
    public string Name => _request.Name;

    /// <summary>Gets the owner.</summary>
    public string Owner { get; }

    /// <summary>
    /// Gets the fencing token, which is greater than the tokens of all earlier holders. The protected resource must
    /// refuse a token that is lower than a token that was used before, as <see cref="Fences"/> does.
    /// </summary>
    public long Token { get; }

    /// <summary>Gets a token that is canceled when the lock is lost, but not when it is released.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Gets whether the lock is held, as far as this node knows.</summary>
    public bool IsHeld
    {
        get
        {
            lock (_lock)
                return !_isLost && !_isReleased && Remaining() > TimeSpan.Zero;
        }
    }

    /// <summary>Extends the lock to its full duration from now.</summary>
    /// <exception cref="LockLostException">The lock is lost or released.</exception>
    /// <exception cref="MillraceException">The lock provider is unavailable. The caller holds the lock until the lock
    /// expires.</exception>
    public async Task Renew(CancellationToken cancellationToken = default)
    {
        if (!IsHeld)
        {
            LoseIfExpired();
            throw new LockLostException(Name, Token);
        }
        var requestedAt = _time.GetTimestamp();
        if (await _provider.Renew(Name, Owner, Token, _request.Duration, cancellationToken).ConfigureAwait(false)
            && TryRecordRenewal(requestedAt))
            return;
        Lose();
        throw new LockLostException(Name, Token);
    }

    /// <summary>Releases the lock.</summary>
    /// <returns>False if the lock was lost before; otherwise true.</returns>
    /// <exception cref="MillraceException">The lock provider is unavailable. The lock remains held until it
    /// expires.</exception>
    public async Task<bool> Release(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_isReleased)
                return !_isLost;
            _isReleased = true;
        }
        try
        {
            await _ending.CancelAsync().ConfigureAwait(false);
            await _renewing.ConfigureAwait(false);
            return await _provider.Release(Name, Owner, Token, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _slot?.End(); // If the release failed, the next caller waits until the lock expires.
            await _expiryTimer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(_request.Duration, _time); // After that the lock has expired.
        try
        {
            await Release(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MillraceException or OperationCanceledException)
        {
            Log.NotReleased(_logger, Name, Token, exception);
        }
        _ending.Dispose();
        _lost.Dispose();
    }

    private async Task RunRenewal()
    {
        var pause = _request.Duration / 3;
        while (true)
        {
            await Task.Delay(pause, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ending.IsCancellationRequested)
                return;
            try
            {
                await Renew(_ending.Token).ConfigureAwait(false);
                pause = _request.Duration / 3;
            }
            catch (LockLostException)
            {
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (MillraceException exception)
            {
                Log.NotRenewed(_logger, Name, Token, exception);
                pause = _request.Duration / 10;
            }
        }
    }

    /// <summary>
    /// Returns the remaining time of the lock, by this node's clock. The time starts with the last successful request.
    /// The provider starts later, when it receives the request, so the lock does not expire earlier there.
    /// </summary>
    private TimeSpan Remaining() => _request.Duration - _time.GetElapsedTime(_renewedAt);

    private TimeSpan RemainingOrZero() =>
        Remaining() is var remaining && remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;

    /// <summary>
    /// Records the time of the request that renewed the lock. Returns false if the lock was lost before the response
    /// arrived.
    /// </summary>
    private bool TryRecordRenewal(long requestedAt)
    {
        lock (_lock)
        {
            if (_isLost)
                return false;
            _renewedAt = requestedAt;
            if (!_isReleased)
                _expiryTimer.Change(RemainingOrZero(), Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    private void LoseIfExpired()
    {
        lock (_lock)
        {
            if (_isReleased)
            {
                _slot?.End(); // The provider responds slowly; another holder may have the lock.
                return;
            }
            if (Remaining() is var remaining && remaining > TimeSpan.Zero)
            {
                _expiryTimer.Change(remaining, Timeout.InfiniteTimeSpan);
                return;
            }
        }
        Lose();
    }

    private void Lose()
    {
        lock (_lock)
        {
            if (_isLost || _isReleased)
                return;
            _isLost = true;
        }
        Log.Lost(_logger, Name, Token);
        _slot?.End();
        _lost.Cancel();
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 11001, Level = LogLevel.Warning, Message = "The lock '{Lock}' with the token {Token} is lost.")]
        public static partial void Lost(ILogger logger, string @lock, long token);

        [LoggerMessage(
            EventId = 11002,
            Level = LogLevel.Warning,
            Message = "The lock '{Lock}' with the token {Token} could not be renewed yet.")]
        public static partial void NotRenewed(ILogger logger, string @lock, long token, Exception exception);

        [LoggerMessage(
            EventId = 11003, Level = LogLevel.Warning,
            Message = "The lock '{Lock}' with the token {Token} could not be released; it will expire.")]
        public static partial void NotReleased(ILogger logger, string @lock, long token, Exception exception);
    }
}
