using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Adds the events of other nodes to the tail. Each store has one such loop.</summary>
internal sealed partial class LogWatcher(
    ILogStorage log, LogTail tail, StoredContents stored, TimeProvider time, ILogger<LogWatcher> logger)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(10);

    private LogHead _checked; // The end of the log up to which the events of other nodes were checked.

    /// <summary>Gets a task that completes after the token passed to <see cref="Start"/> was cancelled.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Starts the loop. A second call has no effect.</summary>
    public void Start(CancellationToken cancellationToken)
    {
        if (!ReferenceEquals(Ended, Task.CompletedTask))
            return;
        _checked = tail.Head;
        Ended = Task.Run(() => Run(cancellationToken), CancellationToken.None);
    }

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
#pragma warning disable CA1031 // The loop must not stop: this node would miss the events of other nodes.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (failures++ == 0)
                    Log.CannotLook(logger, exception);
                await Task.Delay(DelayAfter(failures), time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static TimeSpan DelayAfter(int failures)
    {
        var delay = FirstDelay * Math.Pow(2, Math.Min(failures, 10) - 1);
        return delay < MaxDelay ? delay : MaxDelay;
    }

    /// <summary>
    /// Reads the end of the log and the events of other nodes once for all consumers, and then notifies the consumers.
    /// </summary>
    private async ValueTask Poll(CancellationToken cancellationToken)
    {
        var maxEvents = tail.MaxEventsToFill;
        var seen = tail.Head;
        var round = tail.Round;
        var update = maxEvents == 0
            ? new LogUpdate(await log.GetHead(cancellationToken).ConfigureAwait(false), [])
            : await log.ReadUpdate(seen, maxEvents, cancellationToken).ConfigureAwait(false);
        // Commits of this node move the end of the tail beyond events of other nodes.
        if (await stored.HasDestroyedKeys(_checked, update, cancellationToken).ConfigureAwait(false))
            stored.ForgetValues(); // The events of the update may contain values that were decrypted before.
        else
            tail.Fill(update.Head.Epoch, round, update.Events);
        tail.SetHead(update.Head);
        _checked = update.Head;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1002, Level = LogLevel.Warning,
            Message = "Cannot read the events of other nodes; retrying until it succeeds.")]
        public static partial void CannotLook(ILogger logger, Exception exception);

        [LoggerMessage(
            EventId = 1004,
            Level = LogLevel.Information,
            Message = "Reads the events of other nodes again, after {Failures} failures.")]
        public static partial void LooksAgain(ILogger logger, int failures);
    }
}
