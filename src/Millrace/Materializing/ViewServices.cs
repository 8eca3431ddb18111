using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>The services that the views of a store share on a node.</summary>
internal sealed record ViewServices(
    ConsumerHost Host,
    IReadOnlyList<ProjectionDefinition> Projections,
    ViewStore States,
    Locks Locks,
    ViewMetrics Metrics,
    ILogger Logger)
{
    private const int MaxConcurrentRefreshes = 4;

    /// <summary>Creates the services of a program that refreshes no view.</summary>
    public static ViewServices ForTool(EventStore store) => new(
        ConsumerHost.Idle(store),
        [],
        new ViewStore(store),
        Locks.Of(store),
        new ViewMetrics(null),
        NullLogger.Instance);

    public EventStore Store => Host.Store;

    /// <summary>Gets the object that runs SQL statements; null if the application has no SQL.</summary>
    public SqlViewReader? Sql { get; init; }

    /// <summary>Gets the clock for times that other nodes read.</summary>
    public StoreClock Clock => Host.Clock;

    /// <summary>Gets the object that removes former collections.</summary>
    public ViewCollectionCleaner Cleaner { get; } = new(Host, States, Logger);

    /// <summary>Gets the limit of refreshes that run at the same time.</summary>
    public SemaphoreSlim Slots { get; } = new(MaxConcurrentRefreshes);
}
