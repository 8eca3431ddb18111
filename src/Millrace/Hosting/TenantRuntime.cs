using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Auditing;
using Millrace.Commands;
using Millrace.Consuming;
using Millrace.Hosting.Access;
using Millrace.Materializing;
using Millrace.Protection;
using Millrace.Queries;
using Millrace.Security;
using Millrace.Storage;
using Millrace.Store;
using Millrace.Tenancy;

namespace Millrace.Hosting;

/// <summary>The services of one open tenant, with a service scope that belongs to the tenant.</summary>
internal sealed class TenantRuntime : ITenantRuntime
{
    private readonly MillraceBuilder _builder;
    private readonly TenantMeters _meters;
    private readonly AsyncServiceScope _scope;
    private readonly TenantId _tenant;
    private readonly QueryCache? _cache;
    private ConsumerHost? _consumers;
    private AuditService? _audit;
    private QueryUseService? _queryUses;
    private AdvisedIndexService? _advisedIndexes;

    public TenantRuntime(IServiceProvider application, MillraceBuilder builder, IStorage storage, TenantId tenant)
    {
        (_builder, _tenant) = (builder, tenant);
        _scope = application.CreateAsyncScope();
        _meters = new TenantMeters(application.GetService<IMeterFactory>(), tenant);
        var provider = _scope.ServiceProvider;
        Store = StoreServiceFactory.Store(
            provider, storage, _meters, new ProtectionScope(tenant.Value, HasTenantPrefixes: false));
        Store.IsHostOwned = true;
        Access = AccessRegistration.TryCreateLog(provider, Store);
        Aggregates = StoreServiceFactory.Aggregates(provider, Store);
        Commands = StoreServiceFactory.Commands(provider, Aggregates, _meters);
        _cache = QueryCacheRegistration.TryCreate(provider, Store, tenant.Value, _meters);
        Queries = StoreServiceFactory.Queries(provider, Store, _meters, _cache);
    }

    public EventStore Store { get; }

    /// <summary>Gets the access rules of the tenant; null without access control.</summary>
    public AccessRulesLog? Access { get; }

    public AggregateRepository Aggregates { get; }

    public CommandDispatcher Commands { get; }

    public QueryDispatcher Queries { get; }

    /// <summary>Gets the materialized views of the tenant; null without views.</summary>
    public ViewHost? Views { get; private set; }

    public bool IsBuilding => _advisedIndexes is { IsBuilding: true };

    public ConsumerHost Consumers =>
        _consumers
        ?? throw new InvalidOperationException(
            "The consumers are still being created. Resolve read models when an event is handled, not before.");

    public async Task Start(OpenTenant tenant, CancellationToken cancellationToken)
    {
        var provider = _scope.ServiceProvider;
        provider.GetRequiredService<CurrentTenant>().Set(tenant);
        await Store.Start(cancellationToken).ConfigureAwait(false);
        if (Access is not null)
            await Access.Start(cancellationToken).ConfigureAwait(false);
        if (_cache is not null)
            await _cache.Start(cancellationToken).ConfigureAwait(false);
        _audit = AuditRegistration.TryCreateService(provider, _builder, Store, _tenant.Value);
        if (_audit is not null)
            await _audit.Start(cancellationToken).ConfigureAwait(false);
        _queryUses = StoreServiceFactory.QueryUses(provider, Store);
        await _queryUses.Start(cancellationToken).ConfigureAwait(false);
        _advisedIndexes = StoreServiceFactory.AdvisedIndexes(provider, Store);
        await _advisedIndexes.Start(cancellationToken).ConfigureAwait(false);
        _consumers = StoreServiceFactory.Consumers(provider, _builder, Store, _meters);
        await _consumers.Start(cancellationToken).ConfigureAwait(false);
        Views = ViewRegistration.TryCreate(provider, _consumers, _meters);
        if (Views is not null)
            await Views.Start(cancellationToken).ConfigureAwait(false);
    }

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
        if (Access is not null)
            await Access.DisposeAsync().ConfigureAwait(false);
        if (_cache is not null)
            await _cache.DisposeAsync().ConfigureAwait(false);
        await _scope.DisposeAsync().ConfigureAwait(false);
        await Store.Close().ConfigureAwait(false);
        _meters.Dispose();
    }

    public async ValueTask<bool> IsSettled(bool isVisit, CancellationToken cancellationToken)
    {
        if (IsBuilding || Views is { IsRefreshing: true })
            return false;
        if (_consumers is not { IsRunning: true } consumers || consumers.All.Count == 0)
            return true;
        if (!Store.IsIdle)
            return false;
        var table = await Store.Storage.Leases.Inspect(Store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        // A visit must not wait for what fails, so that other tenants have their turn.
        var head = Store.Tail.Head.Position;
        foreach (var consumer in consumers.All)
        {
            var record = table.Consumers.FirstOrDefault(record => record.Consumer == consumer.Name);
            var isElsewhere =
                record is not null && (record.IsPaused || (table.IsHeld(record) && record.Holder != consumers.Node));
            var isHealthy = consumer.Progress.State is ConsumerState.CatchingUp or ConsumerState.Live;
            var hasWork = consumer.Processor.MustStayOpen || consumer.Progress.Position < head;
            if (!isElsewhere && isHealthy && (consumer.Lease is null || hasWork))
                return false;
            if (!isVisit && !isElsewhere
                && await consumer.Processor.HasUnsaved(cancellationToken).ConfigureAwait(false))
                return false;
        }
        return true;
    }
}
