using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Projecting;

namespace Millrace;

/// <summary>
/// Runs the asynchronous projections of a build in this program. No commands are handled, no other consumers run, and
/// no messages are sent. Tools and jobs that build read models use this class, alone or together with nodes of the
/// application.
/// </summary>
public sealed class ProjectionRun : IAsyncDisposable
{
    private readonly ConsumerHost _host;

    private ProjectionRun(ConsumerHost host, IReadOnlyList<ProjectionDefinition> projections)
    {
        _host = host;
        Projections = new Projections(host, projections);
    }

    /// <summary>Gets the operations to rebuild, compare and switch projections.</summary>
    public Projections Projections { get; }

    /// <summary>Starts projections. Projections that are not asynchronous are ignored.</summary>
    /// <param name="store">The store, opened with the event types of the build. It remains open after this object is
    /// disposed.</param>
    /// <param name="projections">The projections of the build. If a version is newer than the live version, its build
    /// starts.</param>
    /// <param name="options">The options of consumers, or null for the defaults.</param>
    /// <param name="loggers">The loggers for failures, or null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static async Task<ProjectionRun> Start(
        EventStore store,
        IReadOnlyList<ProjectionDefinition> projections,
        ConsumerOptions? options = null,
        ILoggerFactory? loggers = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(projections);
        var host = new ConsumerHost(store, options ?? new ConsumerOptions(), loggers);
        try
        {
            foreach (var definition in projections)
            {
                if (definition.Lifecycle == ProjectionLifecycle.Asynchronous)
                    RebuildCoordinator.Of(host).Add(definition);
            }
            await host.Start(cancellationToken).ConfigureAwait(false);
            return new ProjectionRun(host, projections);
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Finishes the current batches within <see cref="ConsumerOptions.StopTimeout"/>, and releases the leases.
    /// </summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
