using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Millrace.AspNetCore.Probes;

/// <summary>Warns at the start if the shutdown timeout of the host is too short for the drain.</summary>
internal sealed partial class ShutdownTimeoutCheck(
    NodeDrain drain, IOptions<HostOptions> host, ILogger<ShutdownTimeoutCheck> logger) : IHostedService
{
    /// <summary>The time that running requests, consumers and the store need at least after the drain.</summary>
    public static readonly TimeSpan MinTimeAfterDrain = TimeSpan.FromSeconds(10);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var timeout = host.Value.ShutdownTimeout;
        var minimum = drain.Delay + MinTimeAfterDrain;
        if (drain.Delay > TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan && timeout < minimum)
            Log.ShortShutdown(logger, timeout, drain.Delay, minimum);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 5025, Level = LogLevel.Warning,
            Message = "HostOptions.ShutdownTimeout ({Timeout}) includes the drain ({Delay}), so that too little time "
                + "remains for running requests. Set it to at least {Minimum}, or reduce Millrace:Drain:Delay.")]
        public static partial void ShortShutdown(ILogger logger, TimeSpan timeout, TimeSpan delay, TimeSpan minimum);
    }
}
