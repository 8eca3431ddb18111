using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Millrace;

/// <summary>
/// Registers an instance and sends heartbeats with its health until the registrar is disposed. If the registry has lost
/// the instance, the registrar registers it again. If the instance has been critical for <see cref="CriticalFor"/>, the
/// registrar removes it, and registers it again when it is healthy.
/// </summary>
public sealed partial class ServiceRegistrar : IAsyncDisposable
{
    /// <summary>The maximum duration of a health check.</summary>
    public static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The time after which a critical instance is removed.</summary>
    public static readonly TimeSpan CriticalFor = TimeSpan.FromMinutes(1);

    private readonly IServiceRegistry _registry;
    private readonly ServiceInstance _instance;
    private readonly TimeSpan _timeToLive;
    private readonly Func<CancellationToken, ValueTask<bool>> _isHealthy;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _running;
    private long? _criticalSince;
    private bool _isRemoved;

    private ServiceRegistrar(
        IServiceRegistry registry,
        ServiceInstance instance,
        TimeSpan timeToLive,
        Func<CancellationToken, ValueTask<bool>> isHealthy,
        TimeProvider time,
        ILogger logger)
    {
        _registry = registry;
        _instance = instance;
        _timeToLive = timeToLive;
        _isHealthy = isHealthy;
        _time = time;
        _logger = logger;
        _running = Run();
    }

    /// <summary>Registers an instance, and returns when clients can find it.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="timeToLive">The time after which the registration expires without a heartbeat. The registrar sends
    /// three heartbeats in this time.</param>
    /// <param name="isHealthy">A function that checks whether the instance can work, for example with a request to its
    /// own <c>/health</c>. With null, the instance is always healthy. The instance is unhealthy if the function throws
    /// an exception or runs longer than <see cref="CheckTimeout"/>.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    /// <param name="logger">The logger; null to log nothing.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="MillraceException">The registry is unavailable, or refuses the instance.</exception>
    public static async Task<ServiceRegistrar> Register(
        IServiceRegistry registry,
        ServiceInstance instance,
        TimeSpan timeToLive,
        Func<CancellationToken, ValueTask<bool>>? isHealthy = null,
        TimeProvider? time = null,
        ILogger<ServiceRegistrar>? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(instance);
        await registry.Register(instance, timeToLive, cancellationToken).ConfigureAwait(false);
        return new ServiceRegistrar(
            registry, instance, timeToLive, isHealthy ?? (static _ => new(true)), time ?? TimeProvider.System,
            logger ?? NullLogger<ServiceRegistrar>.Instance);
    }

    /// <summary>Removes the instance. If the registry is unavailable, the registration expires later.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        using var limit = new CancellationTokenSource(_timeToLive, _time);
        try
        {
            await _registry.Deregister(_instance.Name, _instance.Id, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MillraceException or OperationCanceledException)
        {
            Log.NotDeregistered(_logger, _instance.Name, _instance.Id, exception);
        }
        _ending.Dispose();
    }

    private async Task Run()
    {
        while (true)
        {
            await Task.Delay(_timeToLive / 3, _time, _ending.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ending.IsCancellationRequested)
                return;
            try
            {
                await ReportHealth(await Check().ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (MillraceException exception)
            {
                Log.NotHeard(_logger, _instance.Name, _instance.Id, exception);
            }
        }
    }

    private async Task<ServiceHealth> Check()
    {
        using var limit = new CancellationTokenSource(CheckTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _ending.Token);
        try
        {
            return await _isHealthy(linked.Token).AsTask().WaitAsync(linked.Token).ConfigureAwait(false)
                ? ServiceHealth.Passing
                : ServiceHealth.Critical;
        }
#pragma warning disable CA1031 // Any exception of application code means unhealthy.
        catch (Exception exception) when (!_ending.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.CheckFailed(_logger, _instance.Name, _instance.Id, exception);
            return ServiceHealth.Critical;
        }
    }

    private async Task ReportHealth(ServiceHealth health)
    {
        if (health == ServiceHealth.Passing)
            _criticalSince = null;
        else
            _criticalSince ??= _time.GetTimestamp();
        if (_criticalSince is { } since && _time.GetElapsedTime(since) >= CriticalFor)
        {
            if (!_isRemoved)
                await _registry.Deregister(_instance.Name, _instance.Id, _ending.Token).ConfigureAwait(false);
            _isRemoved = true;
            return;
        }
        if (_isRemoved
            || !await _registry.Heartbeat(_instance.Name, _instance.Id, health, _ending.Token).ConfigureAwait(false))
            await _registry
                .Register(_instance with { Health = health }, _timeToLive, _ending.Token)
                .ConfigureAwait(false);
        _isRemoved = false;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 12001,
            Level = LogLevel.Warning,
            Message = "The heartbeat of '{Service}' {Id} did not reach the registry.")]
        public static partial void NotHeard(ILogger logger, string service, string id, Exception exception);

        [LoggerMessage(
            EventId = 12002, Level = LogLevel.Warning, Message = "The health check of '{Service}' {Id} failed.")]
        public static partial void CheckFailed(ILogger logger, string service, string id, Exception exception);

        [LoggerMessage(
            EventId = 12003, Level = LogLevel.Warning,
            Message = "'{Service}' {Id} could not be removed from the registry; it will expire.")]
        public static partial void NotDeregistered(ILogger logger, string service, string id, Exception exception);
    }
}
