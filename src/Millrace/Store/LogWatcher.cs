using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace;

/// <summary>Tells the tail what other nodes have written. One loop per store, owned by it.</summary>
internal sealed partial class LogWatcher(ILogStorage log, LogTail tail, TimeProvider time, ILogger<LogWatcher> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(10);

    /// <summary>Ends after the token given to <see cref="Start"/> was cancelled.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public void Start(CancellationToken cancellationToken) =>
        Ended = Task.Run(() => Run(cancellationToken), CancellationToken.None);

    private async Task Run(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await log.WaitForChange(tail.Head, cancellationToken).ConfigureAwait(false);
                await Poll(cancellationToken).ConfigureAwait(false);
                if (failures > 0)
                    Log.LooksAgain(logger, failures);
                failures = 0;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The top of the loop: were it to end, this node would never again hear of another's events.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (failures++ == 0)
                    Log.CannotLook(logger, exception);
                await Task.Delay(PauseAfter(failures), time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static TimeSpan PauseAfter(int failures)
    {
        var pause = FirstPause * Math.Pow(2, Math.Min(failures, 10) - 1);
        return pause < MaxPause ? pause : MaxPause;
    }

    /// <summary>Looks where the log ends, and reads what another node wrote, once for all consumers, before they hear
    /// of it.</summary>
    private async ValueTask Poll(CancellationToken cancellationToken)
    {
        var most = tail.MaxFilled;
        if (most == 0)
        {
            tail.Noticed(await log.GetHead(cancellationToken).ConfigureAwait(false));
            return;
        }
        var round = tail.Round;
        var news = await log.ReadNews(tail.Head, most, cancellationToken).ConfigureAwait(false);
        tail.Fill(news.Head.Epoch, round, news.Events);
        tail.Noticed(news.Head);
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1002, Level = LogLevel.Warning,
            Message = "Cannot look for what other nodes have written; trying again until it works.")]
        public static partial void CannotLook(ILogger logger, Exception exception);

        [LoggerMessage(
            EventId = 1004,
            Level = LogLevel.Information,
            Message = "Sees what other nodes have written again, after {Failures} failures.")]
        public static partial void LooksAgain(ILogger logger, int failures);
    }
}
