using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Commands;
using Millrace.Consuming;
using Millrace.Hosting.Access;
using Millrace.Materializing;
using Millrace.Protection;
using Millrace.Queries;
using Millrace.Security;
using Millrace.Storage;
using Millrace.Tenancy;

namespace Millrace.Hosting;

/// <summary>The services of one open tenant, with a service scope that belongs to the tenant.</summary>
internal sealed class TenantRuntime : ITenantRuntime
{
    private readonly TaggedMeters _meters;
    private readonly AsyncServiceScope _scope;
    private readonly QueryCache? _cache;
    private readonly StoreRuntime _running;

    public TenantRuntime(IServiceProvider application, MillraceBuilder builder, IStorage storage, TenantId tenant)
    {
        _scope = application.CreateAsyncScope();
        _meters = new TaggedMeters(application.GetService<IMeterFactory>(), "millrace.tenant", tenant.Value);
        var provider = _scope.ServiceProvider;
        Store = StoreServiceFactory.Store(
            provider, storage, _meters, new ProtectionScope(tenant.Value, HasTenantPrefixes: false));
        Store.IsHostOwned = true;
        Access = AccessRegistration.TryCreateLog(provider, Store);
        Aggregates = StoreServiceFactory.Aggregates(provider, Store);
        Commands = StoreServiceFactory.Commands(provider, Aggregates, _meters);
        _cache = QueryCacheRegistration.TryCreate(provider, Store, tenant.Value, _meters);
        Queries = StoreServiceFactory.Queries(provider, Store, _meters, _cache);
        _running = new StoreRuntime(provider, builder, Store, _meters, tenant.Value);
    }

    public EventStore Store { get; }

    /// <summary>Gets the access rules of the tenant; null without access control.</summary>
    public AccessRulesLog? Access { get; }

    public AggregateRepository Aggregates { get; }

    public CommandDispatcher Commands { get; }

    public QueryDispatcher Queries { get; }

    /// <summary>Gets the materialized views of the tenant; null without views.</summary>
    public ViewHost? Views => _running.Views;

    public bool IsBuilding => _running.IsBuilding;

    public QuietLog? Quiet
    {
        get => _running.Quiet;
        set => _running.Quiet = value;
    }

    public ConsumerHost Consumers => _running.Consumers;

    public async Task Start(OpenTenant tenant, CancellationToken cancellationToken)
    {
        var provider = _scope.ServiceProvider;
        provider.GetRequiredService<CurrentTenant>().Set(tenant);
        await Store.Start(cancellationToken).ConfigureAwait(false);
        if (Access is not null)
            await Access.Start(cancellationToken).ConfigureAwait(false);
        if (_cache is not null)
            await _cache.Start(cancellationToken).ConfigureAwait(false);
        await _running.Start(cancellationToken).ConfigureAwait(false);
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        Quiet = QuietLog.After(Quiet, Store.Tail.Head, Store.Time.GetUtcNow());
        await _running.Stop(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _running.DisposeAsync().ConfigureAwait(false);
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
        if (_running.CreatedConsumers is not { IsRunning: true } consumers || consumers.All.Count == 0)
            return true;
        if (!Store.Queue.IsIdle)
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
            var hasWork = consumer.Processor.MustStayOpen || consumer.Progress.Position < head
                || (consumer.Processor.Expiring is not null && !consumer.HasRemovedExpired);
            if (!isElsewhere && isHealthy && (consumer.Lease is null || hasWork))
                return false;
            if (!isVisit && !isElsewhere
                && await consumer.Processor.HasUnsaved(cancellationToken).ConfigureAwait(false))
                return false;
        }
        return true;
    }
}
