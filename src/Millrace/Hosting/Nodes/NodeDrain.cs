using Microsoft.Extensions.Hosting;

namespace Millrace;

/// <summary>Reports whether this node is draining: it stops soon, and still serves requests. Thread-safe.</summary>
/// <remarks>
/// The drain starts when the host is asked to stop, for example by SIGTERM. Responses without an end, such as long
/// polls and event streams, should end then, so that their clients connect to another node.
/// </remarks>
public sealed class NodeDrain : IDisposable
{
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly Func<TimeSpan> _getDelay;

    internal NodeDrain(IHostApplicationLifetime? lifetime, Func<TimeSpan> getDelay)
    {
        _getDelay = getDelay;
        Draining = _draining.Token;
        if (lifetime is not null)
            _registration = lifetime.ApplicationStopping.Register(_draining.Cancel);
    }

    /// <summary>Gets whether the drain has started.</summary>
    public bool IsDraining => Draining.IsCancellationRequested;

    /// <summary>Gets a token that is cancelled when the drain starts.</summary>
    public CancellationToken Draining { get; }

    /// <summary>
    /// Gets the time for which the node still serves requests after the drain has started; 0 if the application does
    /// not use <c>AddMillraceProbes</c> or <c>AddMillraceNodeHealth</c>.
    /// </summary>
    public TimeSpan Delay => _getDelay();

    internal Task Start() => _draining.CancelAsync();

    void IDisposable.Dispose()
    {
        _registration.Dispose();
        _draining.Dispose();
    }
}
