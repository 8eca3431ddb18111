using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Millrace.Telemetry;

/// <summary>
/// Exports what is still in memory after all other services have stopped, within a limit. The SDK would wait for up to
/// five seconds for each of traces, metrics and logs, one after the other, and only if the container is disposed. It is
/// the first hosted service, so that it stops last.
/// </summary>
internal sealed partial class TelemetryShutdown(
    IServiceProvider services,
    MillraceTelemetryOptions options,
    TimeProvider time,
    ILogger<TelemetryShutdown> logger) : IHostedLifecycleService
{
    private const string Metrics = "metrics";

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        var limit = (int)options.FlushTimeout.TotalMilliseconds;
        var flushes = new List<(string Signal, Task<bool> Flush)>();
        Add("traces", services.GetService<TracerProvider>(), provider => provider.Shutdown(limit));
        Add(Metrics, services.GetService<MeterProvider>(), provider => provider.Shutdown(limit));
        Add("logs", services.GetService<LoggerProvider>(), provider => provider.Shutdown(limit));
        // Not the token of the host: it may be cancelled already, and the limit is short.
        await ((Task)Task.WhenAll(flushes.Select(one => one.Flush))
            .WaitAsync(options.FlushTimeout, time, CancellationToken.None))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var late = flushes
            .Where(one => !IsDone(one.Signal, one.Flush))
            .Select(one => one.Signal)
            .ToList();
        if (late.Count > 0)
            Log.NotExported(logger, string.Join(", ", late), options.FlushTimeout.TotalMilliseconds);

        void Add<T>(string signal, T? provider, Func<T, bool> shutDown)
            where T : class
        {
            if (provider is not null)
                flushes.Add((signal, Task.Run(() => shutDown(provider), CancellationToken.None)));
        }
    }

    // The exporter for Prometheus always reports a failure, since only requests read its metrics.
    private static bool IsDone(string signal, Task<bool> flush) =>
        flush.IsCompletedSuccessfully && (flush.Result || signal == Metrics);

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 22001, Level = LogLevel.Warning,
            Message = "Not all telemetry ({Signals}) was exported within {TimeoutMs} ms, while the host was stopping. "
                + "Check the collector of OTEL_EXPORTER_OTLP_ENDPOINT, or increase Millrace:Telemetry:FlushTimeout.")]
        public static partial void NotExported(ILogger logger, string signals, double timeoutMs);
    }
}
