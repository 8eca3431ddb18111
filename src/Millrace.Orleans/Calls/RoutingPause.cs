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

    public bool IsPaused => Volatile.Read(ref _isPaused) == 1;

    /// <summary>
    /// Begins the pause, which ends when the activation answers. If the node was only slow and the activation answers,
    /// there is no pause.
    /// </summary>
    public void Begin(IAggregateGrain activation, Exception failure)
    {
        if (_stop.IsCancellationRequested)
            return;
        if (failure is TimeoutException)
            _ = PauseUnlessReached(activation, failure); // It ends after one ping.
        else
            Pause(activation, failure);
    }

    /// <summary>Ends the probes. The source has no timer, and is not disposed, as commands may still fail.</summary>
    public void Dispose() => _stop.Cancel();

    private void Pause(IAggregateGrain activation, Exception failure)
    {
        if (Interlocked.Exchange(ref _isPaused, 1) == 1)
            return;
        LogPaused(failure);
        _ = Probe(activation, _stop.Token); // It ends with the pause, or with this object.
    }

    private async Task PauseUnlessReached(IAggregateGrain activation, Exception failure)
    {
        try
        {
            await activation.Ping().WaitAsync(ProbeTimeout, time, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // This node stops.
        }
#pragma warning disable CA1031 // Whatever the reason, the activation does not answer.
        catch (Exception)
#pragma warning restore CA1031
        {
            Pause(activation, failure);
        }
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
