using Microsoft.Extensions.Logging;

namespace Millrace;

/// <summary>
/// Runs the asynchronous projections of a build in this program, without an application around them: no command is
/// handled, no other consumer runs, nothing is sent. For tools and jobs that build read models; beside nodes of the
/// application or alone.
/// </summary>
public sealed class ProjectionRun : IAsyncDisposable
{
    private readonly ConsumerHost _host;

    private ProjectionRun(ConsumerHost host, IReadOnlyList<ProjectionDefinition> projections)
    {
        _host = host;
        Projections = new Projections(host, projections);
    }

    /// <summary>What can be done with them: build beside, compare, switch.</summary>
    public Projections Projections { get; }

    /// <summary>Starts to run projections; those that are not asynchronous are left out.</summary>
    /// <param name="store">The store, opened with the event types of the build. It stays open when this is disposed
    /// of.</param>
    /// <param name="projections">The projections of the build. One whose version is newer than the live one begins to
    /// be built.</param>
    /// <param name="options">How consumers run; null for the defaults.</param>
    /// <param name="loggers">Where failures are told; null for nowhere.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
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

    /// <summary>Finishes what is in hand, within <see cref="ConsumerOptions.StopTimeout"/>, and gives the leases
    /// back.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
