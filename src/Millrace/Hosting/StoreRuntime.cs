using System.Diagnostics.Metrics;
using Millrace.Auditing;
using Millrace.Consuming;
using Millrace.Materializing;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>
/// The services that run on one open store: consumers, views, indexes and the audit trail. An application with several
/// stores has one object for each open tenant or shard.
/// </summary>
/// <param name="provider">The services of the application, or of the scope of a tenant.</param>
/// <param name="builder">The configuration of the application.</param>
/// <param name="store">The store, which its owner starts first and closes last.</param>
/// <param name="meters">The factory of meters; null for none.</param>
/// <param name="tenant">The name of the tenant; empty without tenants.</param>
internal sealed class StoreRuntime(
    IServiceProvider provider, MillraceBuilder builder, EventStore store, IMeterFactory? meters, string tenant)
    : IAsyncDisposable
{
    private ConsumerHost? _consumers;
    private AuditService? _audit;
    private QueryUseService? _queryUses;
    private AdvisedIndexService? _advisedIndexes;

    public EventStore Store { get; } = store;

    /// <summary>Gets or sets since when the log had no further event before the start; null if it is unknown.</summary>
    public QuietLog? Quiet { get; set; }

    /// <summary>Gets the materialized views of the store; null without views.</summary>
    public ViewHost? Views { get; private set; }

    /// <summary>Gets whether an index is being built.</summary>
    public bool IsBuilding => _advisedIndexes is { IsBuilding: true };

    /// <summary>Gets the consumers; null until they were created.</summary>
    public ConsumerHost? CreatedConsumers => _consumers;

    public ConsumerHost Consumers =>
        _consumers
        ?? throw new InvalidOperationException(
            "The consumers are still being created. Resolve read models when an event is handled, not before.");

    /// <summary>Starts the services. After a failure, dispose this object.</summary>
    public async Task Start(CancellationToken cancellationToken)
    {
        _audit = AuditRegistration.TryCreateService(provider, builder, Store, tenant);
        if (_audit is not null)
            await _audit.Start(cancellationToken).ConfigureAwait(false);
        _queryUses = StoreServiceFactory.QueryUses(provider, Store);
        await _queryUses.Start(cancellationToken).ConfigureAwait(false);
        _advisedIndexes = StoreServiceFactory.AdvisedIndexes(provider, Store);
        await _advisedIndexes.Start(cancellationToken).ConfigureAwait(false);
        _consumers = StoreServiceFactory.Consumers(provider, builder, Store, meters);
        _consumers.SetQuiet(Quiet);
        Views = ViewRegistration.TryCreate(provider, _consumers, meters); // Immediate views follow the consumers.
        await _consumers.Start(cancellationToken).ConfigureAwait(false);
        if (Views is not null)
            await Views.Start(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the services in the opposite order.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        if (Views is not null)
            await Views.Stop(cancellationToken).ConfigureAwait(false);
        if (_consumers is { } consumers)
            await consumers.Stop(cancellationToken).ConfigureAwait(false);
        if (_advisedIndexes is not null)
            await _advisedIndexes.Stop(cancellationToken).ConfigureAwait(false);
        if (_queryUses is not null)
            await _queryUses.Stop(cancellationToken).ConfigureAwait(false);
        if (_audit is not null)
            await _audit.Stop(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        Views?.Dispose();
        if (_consumers is { } consumers)
            await consumers.DisposeAsync().ConfigureAwait(false);
        _advisedIndexes?.Dispose();
        _queryUses?.Dispose();
        if (_audit is not null)
            await _audit.DisposeAsync().ConfigureAwait(false);
    }
}
