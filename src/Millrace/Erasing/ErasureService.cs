using Microsoft.Extensions.Logging;
using Millrace.Store;

namespace Millrace.Erasing;

/// <summary>Continues the erasures that were interrupted when the previous program ended.</summary>
internal sealed partial class ErasureService(Func<Erasures> getErasures, ILogger<ErasureService> logger)
    : IStoreService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public Task Start(CancellationToken cancellationToken)
    {
        var erasures = getErasures(); // Throws if the application has no keys.
        _running = Task.Run(() => Resume(erasures, _stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task Resume(Erasures erasures, CancellationToken cancellationToken)
    {
        try
        {
            var ended = await erasures.Resume(cancellationToken).ConfigureAwait(false);
            if (ended > 0)
                Log.Resumed(logger, ended);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // The next start, or a call, continues.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 16001, Level = LogLevel.Information, Message = "{Erasures} interrupted erasures were completed.")]
        public static partial void Resumed(ILogger logger, int erasures);

        [LoggerMessage(
            EventId = 16002,
            Level = LogLevel.Error,
            Message = "An interrupted erasure could not be continued. Carry it out again, or restart the application.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
