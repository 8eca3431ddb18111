using Microsoft.Extensions.Logging;

namespace Millrace.Hosting.Nodes;

/// <summary>Opens a store, and waits for its database for <see cref="StoreOptions.OpenTimeout"/>.</summary>
internal sealed partial class StoreOpener(TimeSpan timeout, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    public async Task Open(Func<CancellationToken, Task> open, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var failures = 0; ; failures++)
        {
            try
            {
                await open(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (MillraceException failure)
                when (failure.IsTransient && time.GetElapsedTime(started) < timeout)
            {
                if (failures == 0)
                    Log.Waits(logger, timeout, failure);
            }
            await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 5021, Level = LogLevel.Warning,
            Message = "The store cannot be opened yet. The start waits for it, for at most {Timeout}.")]
        public static partial void Waits(ILogger logger, TimeSpan timeout, Exception exception);
    }
}
