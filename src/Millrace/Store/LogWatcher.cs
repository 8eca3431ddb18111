using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace;

/// <summary>Tells the tail what other nodes have written. One loop per store, owned by it.</summary>
internal sealed partial class LogWatcher(ILogStorage log, LogTail tail, TimeProvider time, ILogger<LogWatcher> logger)
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>Ends after the token given to <see cref="Start"/> was cancelled.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public void Start(CancellationToken cancellationToken) => Ended = Task.Run(() => Run(cancellationToken), CancellationToken.None);

    private async Task Run(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await log.WaitForChange(tail.Head, cancellationToken).ConfigureAwait(false);
                await Notice(await log.GetHead(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StorageException exception)
            {
                Log.CannotLook(logger, exception);
                await Task.Delay(PauseAfterFailure, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Reads what another node wrote, once for all consumers, before they hear of it.</summary>
    private async ValueTask Notice(LogHead head, CancellationToken cancellationToken)
    {
        if (tail.Gap(head) is { } gap)
        {
            var query = new LogPageQuery(EventFilter.All, gap.From, IsBackwards: false, gap.Count);
            var page = await log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            tail.Fill(head.Epoch, page.Events);
        }
        tail.Noticed(head);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "Cannot look for what other nodes have written; trying again.")]
        public static partial void CannotLook(ILogger logger, Exception exception);
    }
}
