using Microsoft.Extensions.Logging;
using Millrace.Orleans.Activations;

namespace Millrace.Orleans.Calls;

/// <summary>
/// A time in which this node handles all commands itself, because an activation did not answer. Until the cluster has
/// found that a node is dead, commands to this node would otherwise have unknown outcomes.
/// </summary>
internal sealed partial class RoutingPause(TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stop = new();
    private int _isPaused;
    private int _isDisposed;

    public bool IsPaused => Volatile.Read(ref _isPaused) == 1;

    /// <summary>Begins the pause, which ends when the activation answers.</summary>
    public void Begin(IAggregateGrain activation, Exception failure)
    {
        if (Interlocked.Exchange(ref _isPaused, 1) == 1)
            return;
        LogPaused(failure);
        _ = Probe(activation, _stop.Token); // It ends with the pause, or with this object.
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return; // The container disposes the router once for each service type.
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task Probe(IAggregateGrain activation, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(ProbeInterval, time, cancellationToken).ConfigureAwait(false);
                await activation.Ping().WaitAsync(ProbeTimeout, time, cancellationToken).ConfigureAwait(false);
                LogResumed();
                Volatile.Write(ref _isPaused, 0);
                return;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The node of the activation still does not answer.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A node of the cluster did not answer. This node handles all "
        + "commands itself until the activation can be reached.")]
    private partial void LogPaused(Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "Commands are again handled where their aggregate is in "
        + "memory.")]
    private partial void LogResumed();
}
