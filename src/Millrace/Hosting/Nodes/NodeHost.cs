using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Hosting.Nodes;

/// <summary>
/// Monitors the store while the application runs. When the host stops, drains the node before any other service,
/// such as the web server, stops.
/// </summary>
internal sealed partial class NodeHost(
    StoreMonitor monitor,
    NodeDrain drain,
    TimeProvider time,
    ILogger logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        monitor.Start();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await drain.Start().ConfigureAwait(false);
        var delay = drain.Delay;
        if (delay <= TimeSpan.Zero)
            return;
        Log.Drains(logger, delay);
        // Not disposed, because a handler of a signal may still run after its registration was removed.
        var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminated = EndOn(PosixSignal.SIGTERM, ending);
        using var interrupted = EndOn(PosixSignal.SIGINT, ending);
        await Task.Delay(delay, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StopAsync(CancellationToken cancellationToken) => monitor.Stop();

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends the drain at a further signal.</summary>
    private static PosixSignalRegistration EndOn(PosixSignal signal, CancellationTokenSource ending) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true; // The host is stopping already.
            ending.Cancel();
        });

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 5024, Level = LogLevel.Information,
            Message = "The node is draining. It is not ready any more, and stops in {Delay}.")]
        public static partial void Drains(ILogger logger, TimeSpan delay);
    }
}
