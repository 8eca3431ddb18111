using Microsoft.Extensions.Logging;

namespace Millrace;

/// <summary>A lock that is held: renewed by itself until it is given back. Safe to use from several threads.</summary>
/// <remarks>Disposing gives it back; what goes wrong with that is logged, and the lock then ends by itself.</remarks>
public sealed partial class HeldLock : IAsyncDisposable
{
    private readonly ILockProvider _provider;
    private readonly LockRequest _request;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LockQueueSlot? _slot;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly ITimer _end;
    private readonly Task _renewing;

    private readonly Lock _lock = new(); // Guards the three below.
    private long _renewed;
    private bool _isLost;
    private bool _isGivenBack;

    internal HeldLock(
        ILockProvider keeper,
        LockRequest request,
        string owner,
        long token,
        long asked,
        LockQueueSlot? turn,
        TimeProvider time,
        ILogger logger)
    {
        (_provider, _request, Owner, Token, _renewed) = (keeper, request, owner, token, asked);
        (_slot, _time, _logger) = (turn, time, logger);
        Lost = _lost.Token;
        var left = RemainingOrZero(); // The answer may have taken longer than the lock lasts: then it is lost at once.
        // Its own state.
        _end = time.CreateTimer(static one => ((HeldLock)one!).LoseIfExpired(), this, left, Timeout.InfiniteTimeSpan);
        _renewing = request.RenewsItself ? RunRenewal() : Task.CompletedTask;
    }

    /// <summary>The lock.</summary>
    public string Name => _request.Name;

    /// <summary>Who holds it.</summary>
    public string Owner { get; }

    /// <summary>
    /// The fencing token: greater than that of every holder before. What the lock protects refuses a token that is less
    /// than one it has seen: see <see cref="Fences"/>.
    /// </summary>
    public long Token { get; }

    /// <summary>Cancelled when the lock is lost, and not when it is given back.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Whether it is held as far as this node can know.</summary>
    public bool IsHeld
    {
        get
        {
            lock (_lock)
                return !_isLost && !_isGivenBack && Left() > TimeSpan.Zero;
        }
    }

    /// <summary>Holds the lock for its duration from now.</summary>
    /// <exception cref="LockLostException">It is lost, or given back.</exception>
    /// <exception cref="MillraceException">The keeper of locks is away; the lock is held until its time runs
    /// out.</exception>
    public async Task Renew(CancellationToken cancellationToken = default)
    {
        if (!IsHeld)
        {
            LoseIfExpired();
            throw new LockLostException(Name, Token);
        }
        var asked = _time.GetTimestamp();
        if (await _provider.Renew(Name, Owner, Token, _request.Duration, cancellationToken).ConfigureAwait(false)
            && Note(asked))
            return;
        Lose();
        throw new LockLostException(Name, Token);
    }

    /// <summary>Gives the lock back.</summary>
    /// <returns>False when it was lost before.</returns>
    /// <exception cref="MillraceException">The keeper of locks is away; the lock ends by itself when its time runs
    /// out.</exception>
    public async Task<bool> Release(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_isGivenBack)
                return !_isLost;
            _isGivenBack = true;
        }
        try
        {
            await _ending.CancelAsync().ConfigureAwait(false);
            await _renewing.ConfigureAwait(false);
            return await _provider.Release(Name, Owner, Token, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _slot?.End(); // Where it was not given back, who is next waits until it has run out.
            await _end.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(_request.Duration, _time); // After that it is not ours any more.
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

    /// <summary>What is left of the time, by this node's clock, since the keeper was last asked: it counts from a later
    /// moment.</summary>
    private TimeSpan Left() => _request.Duration - _time.GetElapsedTime(_renewed);

    private TimeSpan RemainingOrZero() => Left() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Notes that the lock is held from a moment on; false when it was lost before the answer came.</summary>
    private bool Note(long asked)
    {
        lock (_lock)
        {
            if (_isLost)
                return false;
            _renewed = asked;
            if (!_isGivenBack)
                _end.Change(RemainingOrZero(), Timeout.InfiniteTimeSpan);
            return true;
        }
    }

    private void LoseIfExpired()
    {
        lock (_lock)
        {
            if (_isGivenBack)
            {
                _slot?.End(); // The keeper takes long to answer, and others may have it by now.
                return;
            }
            if (Left() is var left && left > TimeSpan.Zero)
            {
                _end.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }
        }
        Lose();
    }

    private void Lose()
    {
        lock (_lock)
        {
            if (_isLost || _isGivenBack)
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
            Message = "The lock '{Lock}' with the token {Token} could not be given back; it ends by itself.")]
        public static partial void NotReleased(ILogger logger, string @lock, long token, Exception exception);
    }
}
