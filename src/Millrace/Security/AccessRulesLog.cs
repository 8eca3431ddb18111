using Microsoft.Extensions.Logging;
using Millrace.Store;

namespace Millrace.Security;

/// <summary>
/// The rules of a store at the end of its log, as this node knows it. A loop follows the log, so that a change on
/// another node is known within <see cref="Pause"/> after this node sees the commit.
/// </summary>
internal sealed partial class AccessRulesLog(EventStore store, AccessDeclaration? declaration, ILogger logger)
    : IStoreService, IAsyncDisposable
{
    /// <summary>The pause between two reads while the log grows.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The maximum time between two checks of the log while it does not grow.</summary>
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The maximum age of the last check. With older rules, a decision reads the log first, and fails if it cannot.
    /// </summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _reading = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private volatile AccessState? _state;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _checkedAt;
    private int _isDisposed;
    private Task _following = Task.CompletedTask;

    public EventStore Store => store;

    public AccessDeclaration? Declaration => declaration;

    /// <summary>Gets a task that completes when the rules change.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Returns the types of the claims with the id and the roles of users.</summary>
    public AccessClaims ClaimsOf(AccessState state) =>
        declaration?.Claims
        ?? (state.Declared is { } declared
            ? new AccessClaims(declared.UserIdClaim, declared.RoleClaim)
            : AccessClaims.Default);

    /// <summary>Returns the rules.</summary>
    /// <param name="isCurrent">Whether the rules must be those at the end of the log.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public ValueTask<AccessState> Get(bool isCurrent, CancellationToken cancellationToken) =>
        _state is { } state && !isCurrent && store.Time.GetElapsedTime(Volatile.Read(ref _checkedAt)) < MaxAge
            ? new ValueTask<AccessState>(state)
            : Refresh(cancellationToken);

    /// <summary>Returns the rules at a position of the log, with the roles that were declared until then.</summary>
    public async ValueTask<AccessState> GetAt(long position, CancellationToken cancellationToken)
    {
        var state = Empty(usesDeclared: true);
        await foreach (var recorded in store
            .ReadStream(AccessEvents.Stream, cancellationToken: cancellationToken)
            .ConfigureAwait(false))
        {
            if (recorded.Position > position)
                break;
            state = AccessEvents.Apply(state, recorded, usesDeclared: true);
        }
        return state;
    }

    /// <summary>Reads the changes of the rules up to the end of the log.</summary>
    public async ValueTask<AccessState> Refresh(CancellationToken cancellationToken)
    {
        var arrived = store.Time.GetTimestamp();
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_state is { } other && Volatile.Read(ref _checkedAt) > arrived)
                return other; // Another caller started to read after this call.
            var started = store.Time.GetTimestamp();
            var before = _state;
            var after = await Read(before, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _checkedAt, started);
            if (!ReferenceEquals(before, after))
                Publish(after);
            return after;
        }
        catch (UnreadableAccessEventException)
        {
            if (_state is not null)
                Publish(null); // The rules before the event may allow too much.
            throw;
        }
        finally
        {
            _reading.Release();
        }
    }

    public async Task Start(CancellationToken cancellationToken)
    {
        if (declaration is not null)
            await Declare(declaration.ToRecord(), cancellationToken).ConfigureAwait(false);
        _following = Task.Run(() => Follow(_stopping.Token), CancellationToken.None);
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _following.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await Stop(CancellationToken.None).ConfigureAwait(false);
        _stopping.Dispose();
        _reading.Dispose();
    }

    /// <summary>Sets the rules, and notifies those who wait for a change.</summary>
    private void Publish(AccessState? state)
    {
        _state = state;
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _changed, next).TrySetResult();
    }

    private async ValueTask<AccessState> Read(AccessState? before, CancellationToken cancellationToken)
    {
        var epoch = store.Tail.Head.Epoch;
        var head = await store.Storage.Log.GetStream(AccessEvents.Stream, cancellationToken).ConfigureAwait(false);
        if (before is not null && before.Epoch == epoch && before.Version == head.Version)
            return before;
        // In another epoch, events that this node has read may not exist.
        var state = before is not null && before.Epoch == epoch && before.Version < head.Version
            ? before
            : Empty(usesDeclared: declaration is null) with { Epoch = epoch };
        await foreach (var recorded in store
            .ReadStream(AccessEvents.Stream, state.Version + 1, cancellationToken)
            .ConfigureAwait(false))
            state = AccessEvents.Apply(state, recorded, usesDeclared: declaration is null);
        return state;
    }

    private AccessState Empty(bool usesDeclared) => new(
        declaration is not null && !usesDeclared ? AccessRules.Empty.WithRoles(declaration.Roles) : AccessRules.Empty,
        0, 0, store.Tail.Head.Epoch);

    /// <summary>Records the roles in code, unless the last application that started has recorded the same.</summary>
    private async Task Declare(AccessDeclarationRecord declared, CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = await Refresh(cancellationToken).ConfigureAwait(false);
            if (state.Declared is { } recorded && AccessEvents.AreEqual(recorded, declared))
                return;
            try
            {
                await store
                    .Append(AccessEvents.RequestOf(AccessEvents.Declared(declared), state), cancellationToken)
                    .ConfigureAwait(false);
                Log.Declared(logger, declared.Roles.Count);
            }
            catch (VersionConflictException)
            {
                // Another node started, or granted a right, at the same time.
            }
        }
    }

    private async Task Follow(CancellationToken cancellationToken)
    {
        var isFailing = false;
        var seen = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await WaitBeyond(seen, cancellationToken).ConfigureAwait(false);
                seen = store.Tail.Head.Position;
                await Refresh(cancellationToken).ConfigureAwait(false);
                isFailing = false;
                await Task.Delay(Pause, store.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The loop must not stop: this node would not see that a right is revoked.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!isFailing)
                    Log.CannotFollow(logger, exception);
                isFailing = true;
                await Task.Delay(MaxPause, store.Time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitBeyond(long position, CancellationToken cancellationToken)
    {
        // A separate timer could still run after the source is disposed, and end the process.
        using var timeout = new CancellationTokenSource(MaxPause, store.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await store.Tail.WaitBeyond(position, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The log did not grow. The check still shows that the storage can be read.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 15004, Level = LogLevel.Information, Message = "Recorded {Roles} access roles.")]
        public static partial void Declared(ILogger logger, int roles);

        [LoggerMessage(
            EventId = 15005, Level = LogLevel.Warning,
            Message = "Cannot read changes of access rules. Decisions read the log directly after 15 seconds.")]
        public static partial void CannotFollow(ILogger logger, Exception exception);
    }
}
