using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>A shard as this node reaches it: opens its store, and checks regularly that it answers.</summary>
/// <remarks>All waits are limited, and shards do not wait for each other.</remarks>
internal sealed partial class ShardConnection(
    ShardId shard, IShardStore store, ShardOptions options, TimeProvider time, ShardMetrics? metrics, ILogger logger)
    : IAsyncDisposable
{
    private const int MaxAttempts = 10;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile Status _status = new(ShardState.Opening, "it is being opened.");
    private volatile bool _isOpened;
    private Task _attempt = Task.CompletedTask;
    private long _mapVersion;

    public ShardId Shard { get; } = shard;

    /// <summary>Gets the store, which may not be open.</summary>
    public IShardStore Inner { get; } = store;

    public ShardDocuments Documents { get; } = new(store.Store);

    public ShardState State => _status.State;

    /// <summary>Gets the reason why the shard cannot be used; null if it can be used.</summary>
    public string? Problem => _status.Problem;

    /// <summary>Gets whether the store was opened, even if it does not answer now.</summary>
    public bool IsOpened => _isOpened;

    /// <summary>Gets the newest version of the map that the shard had at the last check.</summary>
    public long MapVersion => Interlocked.Read(ref _mapVersion);

    /// <summary>Gets the store of a shard that can be used.</summary>
    /// <exception cref="ShardUnavailableException">The shard is not available.</exception>
    /// <exception cref="ShardIdentityException">The store is not the shard.</exception>
    public IShardStore Require() => FindError() is { } error ? throw error : Inner;

    /// <summary>Returns the error of a caller that needs the shard; null if the shard can be used.</summary>
    public MillraceException? FindError() => _status switch
    {
        { State: ShardState.Open } => null,
        { State: ShardState.WrongStore, Problem: { } problem } => new ShardIdentityException(Shard, problem),
        { Problem: var problem } => new ShardUnavailableException(Shard, problem ?? "it is not open."),
    };

    /// <summary>Does something in the shard, and reports an outage with the name of the shard.</summary>
    /// <exception cref="ShardUnavailableException">The shard is not available.</exception>
    public async ValueTask<T> Run<T>(
        Func<IShardStore, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        var store = Require();
        try
        {
            return await work(store, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException exception) when (exception.Problem == StorageProblem.Unavailable)
        {
            throw new ShardUnavailableException(Shard, exception.Message, exception);
        }
    }

    /// <summary>Opens the store within a time limit.</summary>
    /// <exception cref="ShardUnavailableException">It did not open in time.</exception>
    public async ValueTask OpenStore(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            while (!_isOpened)
                await Within(limit, OpenInner, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new ShardUnavailableException(Shard, exception.Message, exception);
        }
    }

    /// <summary>Throws if the map contains the shard, but its file does not exist.</summary>
    public void ThrowIfLost(ShardMap map)
    {
        if (!_isOpened && map.Find(Shard) is { } record)
            LostShardCheck.ThrowIfLost(Inner.Store, record);
    }

    /// <summary>Opens the shard if necessary, and checks that it answers and is the shard of the map.</summary>
    /// <param name="map">The map that the node knows.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task Check(ShardMap map, CancellationToken cancellationToken)
    {
        try
        {
            await Within(
                _isOpened ? options.CheckTimeout : options.OpenTimeout,
                cancel => CheckStore(map, cancel),
                cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (ShardIdentityException exception)
        {
            Become(new Status(ShardState.WrongStore, exception.Problem), exception);
        }
#pragma warning disable CA1031 // The reason does not matter: the shard cannot be used, and is checked again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Become(new Status(ShardState.Unavailable, exception.Message), exception);
        }
    }

    /// <summary>Writes the version of a map to the shard, unless it has a newer one.</summary>
    /// <param name="map">The map, which contains the shard.</param>
    /// <param name="record">The shard in the map.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ShardIdentityException">The store is not the shard. Nothing is written.</exception>
    public async ValueTask RaiseFence(ShardMap map, ShardRecord record, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var (found, document) = await Documents.ReadFence(cancellationToken).ConfigureAwait(false);
            var fence = ShardIdentityCheck.Verify(found, record, map.Catalog);
            if (map.Placement != ShardPlacement.Tenant)
                await MapFences.Raise(Inner.Store, map.Version, cancellationToken).ConfigureAwait(false);
            if (fence.MapVersion >= map.Version
                || await Documents
                    .TryWriteFence(fence with { MapVersion = map.Version }, document, cancellationToken)
                    .ConfigureAwait(false))
            {
                Interlocked.Exchange(ref _mapVersion, Math.Max(fence.MapVersion, map.Version));
                return;
            }
        }
        throw new StorageException(
            $"The version of the map could not be written to the shard '{Shard}', because other nodes changed it at "
                + "the same time. Try again.",
            StorageProblem.Busy);
    }

    /// <summary>Runs an operation on the shard within the time limit of checks.</summary>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public Task WithinCheckTimeout(Func<CancellationToken, Task> work, CancellationToken cancellationToken) =>
        WaitFor(Limit(options.CheckTimeout, work), options.CheckTimeout, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Task attempt;
        lock (_lock)
            attempt = _attempt;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await attempt.WaitAsync(options.CheckTimeout, time, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Inner.DisposeAsync().ConfigureAwait(false);
        if (attempt.IsCompleted)
            _stopping.Dispose();
    }

    private async Task OpenInner(CancellationToken cancellationToken)
    {
        await Inner.Open(cancellationToken).ConfigureAwait(false);
        _isOpened = true;
    }

    private async Task CheckStore(ShardMap map, CancellationToken cancellationToken)
    {
        ThrowIfLost(map);
        if (!_isOpened)
            await OpenInner(cancellationToken).ConfigureAwait(false);
        var fence = MapVersion > 0
            ? (await Documents.ReadFence(cancellationToken).ConfigureAwait(false)).Value
            : await Documents.FindFence(cancellationToken).ConfigureAwait(false);
        if (map.Find(Shard) is not { } record)
        {
            if (fence is not null)
                ShardIdentityCheck.ThrowIfOther(fence, Shard, map.Catalog);
            Become(new Status(
                ShardState.NotAdded, "it is not in the map. Add it when every node has it in its configuration."));
            return;
        }
        var verified = ShardIdentityCheck.Verify(fence, record, map.Catalog);
        Interlocked.Exchange(ref _mapVersion, verified.MapVersion);
        if (verified.MapVersion < map.Version)
            await RaiseFence(map, record, cancellationToken).ConfigureAwait(false);
        await Inner.Activate(cancellationToken).ConfigureAwait(false);
        Become(new Status(ShardState.Open, Problem: null));
    }

    /// <summary>
    /// Runs an operation with a time limit. If an earlier one still runs, waits for it first: a blocked server must not
    /// collect operations.
    /// </summary>
    private async Task Within(TimeSpan limit, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        for (var round = 0; round < MaxAttempts; round++)
        {
            Task attempt;
            var isOwn = false;
            lock (_lock)
            {
                if (_attempt.IsCompleted)
                    (_attempt, isOwn) = (Limit(limit, work), true);
                attempt = _attempt;
            }
            if (isOwn)
            {
                await WaitFor(attempt, limit, cancellationToken).ConfigureAwait(false);
                return;
            }
            await attempt.WaitAsync(limit, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (!attempt.IsCompleted)
                break;
        }
        throw new TimeoutException(NoAnswer(limit));
    }

    /// <summary>Runs an operation with a time limit, independently of its callers, which can share it.</summary>
    private async Task Limit(TimeSpan limit, Func<CancellationToken, Task> work)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        try
        {
            await Task.Run(() => work(linked.Token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException(NoAnswer(limit));
        }
    }

    private async Task WaitFor(Task attempt, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await attempt.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(NoAnswer(limit));
        }
    }

    private static string NoAnswer(TimeSpan limit) =>
        string.Create(CultureInfo.InvariantCulture, $"it did not answer within {limit.TotalSeconds:0.#} seconds.");

    private void Become(Status status, Exception? exception = null)
    {
        var before = _status;
        _status = status;
        if (exception is not null)
            metrics?.RecordFailure(Shard, exception);
        if (before.State == status.State)
            return;
        if (status.State == ShardState.Open)
            Log.Opened(logger, Shard.Value, Inner.Store.Description);
        else if (status.State == ShardState.NotAdded)
            Log.NotAdded(logger, Shard.Value);
        else if (status.State == ShardState.WrongStore)
            Log.WrongStore(logger, Shard.Value, Inner.Store.Description, exception);
        else
            Log.Unavailable(logger, Shard.Value, Inner.Store.Description, exception);
    }

    private sealed record Status(ShardState State, string? Problem);

    private static partial class Log
    {
        [LoggerMessage(EventId = 21001, Level = LogLevel.Information, Message = "The shard {Shard} is open: {Store}.")]
        public static partial void Opened(ILogger logger, string shard, string store);

        [LoggerMessage(
            EventId = 21002,
            Level = LogLevel.Warning,
            Message = "The shard {Shard} is not available; trying again until it is: {Store}.")]
        public static partial void Unavailable(ILogger logger, string shard, string store, Exception? exception);

        [LoggerMessage(
            EventId = 21003,
            Level = LogLevel.Error,
            Message = "The wrong store is configured for the shard {Shard}: {Store}.")]
        public static partial void WrongStore(ILogger logger, string shard, string store, Exception? exception);

        [LoggerMessage(
            EventId = 21004,
            Level = LogLevel.Information,
            Message = "The shard {Shard} is not in the map yet, and takes no new keys.")]
        public static partial void NotAdded(ILogger logger, string shard);
    }
}
