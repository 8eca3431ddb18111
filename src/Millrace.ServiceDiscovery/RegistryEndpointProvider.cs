using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;

namespace Millrace.ServiceDiscovery;

/// <summary>
/// Provides the endpoints of one service, which are its healthy instances. A change token fires when they change.
/// </summary>
internal sealed partial class RegistryEndpointProvider : IServiceEndpointProvider
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly IServiceRegistry _registry;
    private readonly string _name;
    private readonly string? _tag;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    private readonly Lock _lock = new(); // Guards the following fields.
    private CancellationTokenSource _change = new();
    private IReadOnlyList<ServiceInstance>? _lastProvided;
    private IReadOnlyList<ServiceInstance>? _lastWatched;
    private Task? _watching;

    /// <param name="registry">The registry.</param>
    /// <param name="name">The service.</param>
    /// <param name="tag">The tag that instances must have; null for all instances.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public RegistryEndpointProvider(
        IServiceRegistry registry,
        string name,
        string? tag,
        TimeProvider time,
        ILogger logger)
    {
        _registry = registry;
        _name = name;
        _tag = tag;
        _time = time;
        _logger = logger;
    }

    public async ValueTask PopulateAsync(IServiceEndpointBuilder endpoints, CancellationToken cancellationToken)
    {
        if (endpoints.Endpoints.Count > 0)
            return; // The configuration already has endpoints for the service.
        var found = StartWatchOnce();
        if (found is null)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
            found = await _registry.Find(_name, stop.Token).ConfigureAwait(false);
        }
        lock (_lock)
        {
            _lastProvided = _lastWatched ?? found; // A result of the watch is newer.
            foreach (var instance in _lastProvided.Where(instance =>
                    _tag is null || instance.Tags.Contains(_tag, StringComparer.Ordinal)))
                endpoints.Endpoints.Add(ServiceEndpoint.Create(new UriEndPoint(instance.Url)));
            endpoints.AddChangeToken(new CancellationChangeToken(_change.Token));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task? watching;
        lock (_lock)
            watching = _watching;
        if (watching is not null)
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    public override string ToString() => $"Millrace: {_registry.Description}";

    /// <summary>Returns the last result of the watch, and starts the watch on the first call.</summary>
    private IReadOnlyList<ServiceInstance>? StartWatchOnce()
    {
        lock (_lock)
        {
            _watching ??= Task.Run(Watch);
            return _lastWatched;
        }
    }

    private async Task Watch()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var found in _registry.Watch(_name, _stopping.Token).ConfigureAwait(false))
                    Notify(found);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (MillraceException exception)
            {
                WatchFailed(_logger, _name, exception);
            }
            await Task.Delay(RetryInterval, _time, _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Notify(IReadOnlyList<ServiceInstance> found)
    {
        CancellationTokenSource? obsolete = null;
        lock (_lock)
        {
            _lastWatched = found;
            if (_lastProvided is not null && !AreSame(_lastProvided, found))
            {
                _lastProvided = null;
                obsolete = _change;
                _change = new CancellationTokenSource();
            }
        }
        // Cancel runs callbacks of other components, so it is called outside the lock. A source without a timer does
        // not need to be disposed.
        obsolete?.Cancel();
    }

    private static bool AreSame(IReadOnlyList<ServiceInstance> one, IReadOnlyList<ServiceInstance> other) =>
        one.Select(ComparedValuesOf).SequenceEqual(other.Select(ComparedValuesOf));

    private static (string Id, string Address, int Port, string Tags) ComparedValuesOf(ServiceInstance instance) =>
        (instance.Id, instance.Address, instance.Port, string.Join('\n', instance.Tags));

    [LoggerMessage(
        EventId = 12101,
        Level = LogLevel.Warning,
        Message = "The instances of '{Service}' cannot be watched; retrying.")]
    private static partial void WatchFailed(ILogger logger, string service, Exception exception);
}
