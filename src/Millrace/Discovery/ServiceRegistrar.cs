using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Millrace;

/// <summary>
/// Registers an instance and has it heard of until it is disposed: with how it is, and anew when the registry has
/// forgotten it. One that has been critical for <see cref="CriticalFor"/> is taken out, and comes back when it is well.
/// </summary>
public sealed partial class ServiceRegistrar : IAsyncDisposable
{
    /// <summary>How long a health check may take.</summary>
    public static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    /// <summary>After which time a critical instance is taken out.</summary>
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
    private bool _isOut;

    private ServiceRegistrar(
        IServiceRegistry registry,
        ServiceInstance instance,
        TimeSpan timeToLive,
        Func<CancellationToken, ValueTask<bool>> isHealthy,
        TimeProvider time,
        ILogger logger)
    {
        (_registry, _instance, _timeToLive, _isHealthy, _time, _logger) = (
            registry, instance, timeToLive, isHealthy, time, logger);
        _running = Run();
    }

    /// <summary>Registers an instance; returns when it can be found.</summary>
    /// <param name="registry">Where.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="timeToLive">How long it is found without being heard of; it is heard of three times as
    /// often.</param>
    /// <param name="isHealthy">Tells whether it can work, such as a look at its own <c>/health</c>; null for always.
    /// What it throws, and what takes longer than <see cref="CheckTimeout"/>, is a no.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="logger">Where to log; null for nowhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="MillraceException">The registry is away, or refuses the instance.</exception>
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

    /// <summary>Takes the instance out; one that cannot be reached any more ends by itself.</summary>
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
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _ending.Token);
        try
        {
            return await _isHealthy(any.Token).AsTask().WaitAsync(any.Token).ConfigureAwait(false)
                ? ServiceHealth.Passing
                : ServiceHealth.Critical;
        }
#pragma warning disable CA1031 // A check of the application's own: whatever it throws is its answer.
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
            if (!_isOut)
                await _registry.Deregister(_instance.Name, _instance.Id, _ending.Token).ConfigureAwait(false);
            _isOut = true;
            return;
        }
        if (_isOut
            || !await _registry.Heartbeat(_instance.Name, _instance.Id, health, _ending.Token).ConfigureAwait(false))
            await _registry
                .Register(_instance with { Health = health }, _timeToLive, _ending.Token)
                .ConfigureAwait(false);
        _isOut = false;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 12001,
            Level = LogLevel.Warning,
            Message = "The registry was not told that '{Service}' {Id} is there.")]
        public static partial void NotHeard(ILogger logger, string service, string id, Exception exception);

        [LoggerMessage(
            EventId = 12002, Level = LogLevel.Warning, Message = "The health check of '{Service}' {Id} failed.")]
        public static partial void CheckFailed(ILogger logger, string service, string id, Exception exception);

        [LoggerMessage(
            EventId = 12003, Level = LogLevel.Warning,
            Message = "'{Service}' {Id} could not be taken out of the registry; it ends by itself.")]
        public static partial void NotDeregistered(ILogger logger, string service, string id, Exception exception);
    }
}
