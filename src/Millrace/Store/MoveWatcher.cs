using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Caching;
using Millrace.Storage.Moves;

namespace Millrace.Store;

/// <summary>
/// Checks periodically whether the store was moved. A storage reports a move only when it refuses a write, so a node
/// that only reads would continue to read the old data. An application that follows moves continues with the new
/// storage. Any other application logs an error that names the new storage. Each store has one such loop.
/// </summary>
internal sealed partial class MoveWatcher(IStorage storage, TimeProvider time, ILogger<MoveWatcher> logger)
{
    private const int PollsPerReport = 20;

    private readonly IStorage _storage =
        ArchivedStorage.InnerOf(CachedStorage.PrimaryOf(storage));

    /// <summary>The interval between checks.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    /// <summary>Gets a task that completes after the token passed to <see cref="Start"/> was cancelled.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Starts the checks, if the storage can be moved. A second call has no effect.</summary>
    public void Start(CancellationToken cancellationToken)
    {
        if (ReferenceEquals(Ended, Task.CompletedTask) && _storage is MoveAwareStorage or IMovableStorage)
            Ended = Task.Run(() => Run(cancellationToken), CancellationToken.None);
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        var reports = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(CheckInterval, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await Poll(cancellationToken).ConfigureAwait(false);
                reports = 0;
            }
            catch (StorageException moved) when (moved.Problem == StorageProblem.Moved)
            {
                if (reports++ % PollsPerReport == 0)
                    Log.WasMoved(logger, moved.Message);
            }
#pragma warning disable CA1031 // Readers receive any other error of the storage when they read.
            catch (Exception)
#pragma warning restore CA1031
            {
                continue;
            }
        }
    }

    private async ValueTask Poll(CancellationToken cancellationToken)
    {
        if (_storage is MoveAwareStorage moveAware)
            await moveAware
                .Execute(static (current, _, cancel) => ThrowIfMoved(current, cancel), 0, cancellationToken)
                .ConfigureAwait(false);
        else
            await ThrowIfMoved(_storage, cancellationToken).ConfigureAwait(false);
    }

    private static ValueTask ThrowIfMoved(IStorage target, CancellationToken cancellationToken) =>
        target is IMovableStorage movable ? movable.Moves.ThrowIfClosed(cancellationToken) : ValueTask.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1014, Level = LogLevel.Error,
            Message = "Reads on this node return data from before the store was moved. {Moved}")]
        public static partial void WasMoved(ILogger logger, string moved);
    }
}
