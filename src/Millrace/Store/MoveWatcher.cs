using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace;

/// <summary>
/// Looks now and then whether the store was moved: who writes is told so by the storage, and who only reads would go on
/// with what was there before. An application that follows goes on at the other place; any other is told in its log
/// where the store is. One loop per store, owned by it.
/// </summary>
internal sealed partial class MoveWatcher(IStorage storage, TimeProvider time, ILogger<MoveWatcher> logger)
{
    private const int PollsPerReport = 20;

    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <summary>Ends after the token given to <see cref="Start"/> was cancelled.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Begins, where the storage is one that can be moved.</summary>
    public void Start(CancellationToken cancellationToken)
    {
        if (storage is MoveAwareStorage or IMovableStorage)
            Ended = Task.Run(() => Run(cancellationToken), CancellationToken.None);
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        var looks = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Every, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await Poll(cancellationToken).ConfigureAwait(false);
                looks = 0;
            }
            catch (StorageException moved) when (moved.Problem == StorageProblem.Moved)
            {
                if (looks++ % PollsPerReport == 0)
                    Log.WasMoved(logger, moved.Message);
            }
#pragma warning disable CA1031 // The top of the loop. Whatever else is wrong with the storage, those who read are told.
            catch (Exception)
#pragma warning restore CA1031
            {
                continue;
            }
        }
    }

    private async ValueTask Poll(CancellationToken cancellationToken)
    {
        if (storage is MoveAwareStorage following)
            await following
                .Execute(static (place, _, cancel) => RefuseMoved(place, cancel), 0, cancellationToken)
                .ConfigureAwait(false);
        else
            await RefuseMoved(storage, cancellationToken).ConfigureAwait(false);
    }

    private static ValueTask RefuseMoved(IStorage place, CancellationToken cancellationToken) =>
        place is IMovableStorage movable ? movable.Moves.RefuseClosed(cancellationToken) : ValueTask.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1014, Level = LogLevel.Error,
            Message = "What is read here is what was here before the store was moved. {Moved}")]
        public static partial void WasMoved(ILogger logger, string moved);
    }
}
