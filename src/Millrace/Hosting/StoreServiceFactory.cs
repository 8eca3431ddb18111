using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Millrace.Auditing;
using Millrace.Backups;
using Millrace.Commands;
using Millrace.Consuming;
using Millrace.Hosting.Access;
using Millrace.Hosting.Configuration;
using Millrace.Model;
using Millrace.ProcessManagers;
using Millrace.Projecting;
using Millrace.Protection;
using Millrace.Queries;
using Millrace.Scheduling;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>Creates the services of a store, once for an application or once for each open tenant.</summary>
internal static class StoreServiceFactory
{
    public static EventStore Store(
        IServiceProvider provider, IStorage storage, IMeterFactory? meters, ProtectionScope scope = default) =>
        EventStore.Create(
            storage is ISharedCommitQueue ? storage : WithCopy(provider, storage),
            provider.GetRequiredService<ModelCatalog>().EventTypes,
            Options(provider),
            Services(provider, meters, scope));

    /// <summary>
    /// Returns the storage that reads archived events, and reads the log from memory if the application chose this.
    /// </summary>
    public static IStorage WithCopy(IServiceProvider provider, IStorage storage)
    {
        var archived = provider.GetService<ArchiveSetup>() is { } archive
            ? archive.Wrap(storage)
            : ArchivedStorage.Over(storage);
        return provider.GetService<LogCopySetup>() is { } setup ? setup.Wrap(archived) : archived;
    }

    /// <summary>Returns the options. Throws if they have a problem, such as a missing storage.</summary>
    public static StoreOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<StoreOptions>>().Value;

    /// <param name="provider">The services of the application.</param>
    /// <param name="meters">The factory of meters; may be null.</param>
    /// <param name="scope">The tenant of the store.</param>
    /// <exception cref="InvalidOperationException">The model has marked members, but there are no keys.</exception>
    public static StoreServices Services(IServiceProvider provider, IMeterFactory? meters, ProtectionScope scope) =>
        new(provider.GetRequiredService<TimeProvider>(), Loggers(provider), meters)
        {
            Protection = ProtectionOf(provider, scope),
            Unmarked = provider.GetService<UnmarkedMembers>(),
        };

    public static UnmarkedMembers UnmarkedMembers(IServiceProvider provider)
    {
        var model = provider.GetRequiredService<ModelCatalog>();
        return new UnmarkedMembers(
            model.EventTypes,
            model.Protection,
            model.PlainMembers,
            Loggers(provider).CreateLogger<UnmarkedMembers>());
    }

    public static QueryUseService QueryUses(IServiceProvider provider, EventStore store) =>
        new(store, Loggers(provider).CreateLogger<QueryUseService>());

    public static AdvisedIndexService AdvisedIndexes(IServiceProvider provider, EventStore store) =>
        new(
            store,
            provider.GetRequiredService<IndexBuildGate>(),
            Loggers(provider).CreateLogger<AdvisedIndexService>());

    public static AggregateRepository Aggregates(IServiceProvider provider, EventStore store) => new(
        store,
        provider.GetRequiredService<ModelCatalog>().Aggregates,
        provider.GetRequiredService<IOptions<CommandOptions>>().Value.CachedAggregates,
        Loggers(provider).CreateLogger<AggregateRepository>());

    public static CommandDispatcher Commands(
        IServiceProvider provider, AggregateRepository aggregates, IMeterFactory? meters)
    {
        var model = provider.GetRequiredService<ModelCatalog>();
        return new CommandDispatcher(
            model.Commands,
            aggregates,
            provider.GetRequiredService<IOptions<CommandOptions>>().Value,
            model.Json,
            HasAuthorizers(provider),
            new CommandMetrics(meters),
            Audit(provider, aggregates.Store))
        {
            Users = AccessRegistration.UsersOf(provider),
        };
    }

    public static QueryDispatcher Queries(
        IServiceProvider provider, EventStore store, IMeterFactory? meters, QueryCache? cache) =>
        new(
            provider.GetRequiredService<ModelCatalog>().Queries,
            HasAuthorizers(provider),
            provider.GetRequiredService<TimeProvider>(),
            meters,
            cache)
        {
            Audit = Audit(provider, store),
            Reads = Reads(provider, store),
            Users = AccessRegistration.UsersOf(provider),
            HasAccessControl = IsRegistered(provider, typeof(AccessControl)),
        };

    public static ConsumerHost Consumers(
        IServiceProvider provider, MillraceBuilder builder, EventStore store, IMeterFactory? meters)
    {
        provider.GetRequiredService<CircuitBreakers>(); // Validates their options before anything runs.
        var host = new ConsumerHost(
            store, provider.GetRequiredService<LiveConsumerOptions>().Value, Loggers(provider), meters);
        foreach (var (consumer, policy) in builder.Policies)
            host.Policies[consumer] = policy;
        ProjectionSetup.Add(host, provider.GetRequiredService<ModelCatalog>().Projections);
        foreach (var projection in builder.SqlProjections)
        {
            ConsumerProcessor Create() => new SqlProjectionProcessor(projection, store, host.Options);
            host.Add(Create(), _ => Create());
        }
        foreach (var definition in builder.Model.Consumers.Concat(builder.Consumers.Select(create => create(provider))))
        {
            ConsumerProcessor Create() => new EventHandlerProcessor(
                definition, store.Types, () => host.Options.WorkerCount);
            host.Add(Create(), definition.IsSafeToSimulate ? _ => Create() : null);
        }
        MessagingSetup.AddConsumers(provider, builder, host);
        AddSenders(host, provider, builder);
        AddSeals(host, provider, builder);
        // A log that tenants share is backed up once for all.
        if (provider.GetService<BackupSetup>() is { } backup
            && (!builder.HasTenants || builder.TenantStorage is not null))
            backup.AddTo(host, host.Logger);
        host.Validate();
        return host;
    }

    /// <summary>Adds the consumers that seal the log. A log that tenants share is sealed once for all.</summary>
    private static void AddSeals(ConsumerHost host, IServiceProvider provider, MillraceBuilder builder)
    {
        if (provider.GetService<SealSetup>() is not { } seals)
            return;
        if (!builder.HasTenants)
            seals.AddTo(host, host.Logger);
        else if (builder.TenantStorage is not null)
            seals.AddTo(host, host.Logger, provider.GetRequiredService<CurrentTenant>().Id.Value);
    }

    /// <summary>Adds the processors that send the commands of timers, schedules and processes.</summary>
    private static void AddSenders(ConsumerHost host, IServiceProvider provider, MillraceBuilder builder)
    {
        var model = provider.GetRequiredService<ModelCatalog>();
        var sender = new ScopedCommandSender(provider);
        var shards = provider.GetService<StreamShards>();
        if (builder.HasTimers)
            host.Add(new TimerProcessor(host.Store, model, sender.Send, host.Logger));
        if (builder.HasSchedules && (shards is null || ReferenceEquals(host.Store, shards.HomeStore)))
            host.Add(new ScheduleProcessor(host.Store, builder.Schedules, model, sender.Send, host.Logger));
        foreach (var process in model.Processes.GroupBy(definition => definition.Name, StringComparer.Ordinal))
        {
            var plans = new ProcessPlans(process.Key, process);
            host.Add(
                new ProcessEventProcessor(
                    host.Store,
                    plans,
                    model,
                    sender.Send,
                    () => host.Options.WorkerCount,
                    host.Logger,
                    provider.GetService<IMeterFactory>(),
                    shards is null ? null : new ProcessShards(shards, provider.GetRequiredService<EventStore>())));
        }
    }

    public static ILoggerFactory Loggers(IServiceProvider provider) =>
        provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;

    private static StoreProtection? ProtectionOf(IServiceProvider provider, ProtectionScope scope)
    {
        var model = provider.GetRequiredService<ModelCatalog>().Protection;
        if (provider.GetService<KeyRing>() is { } keys)
            return new StoreProtection(model, keys, scope with { Tenant = scope.Tenant ?? "" });
        return model.Events.Keys.Concat(model.ReadModels.Keys).Concat(model.Claims.Keys).FirstOrDefault() is { } marked
            ? throw new InvalidOperationException(
                $"'{marked}' has values that are marked as personal data or as secrets, but there are no keys. Add "
                    + "UseSqliteKeys or UsePostgreSqlKeys.")
            : null;
    }

    /// <summary>Returns the recorder of the audit trail; null if the application has none.</summary>
    private static CommandAudit? Audit(IServiceProvider provider, EventStore store) =>
        IsRegistered(provider, typeof(IAuditTrail))
            ? new CommandAudit(
                store,
                provider.GetRequiredService<IOptions<AuditTrailOptions>>().Value.Copy(),
                Loggers(provider).CreateLogger<CommandAudit>())
            : null;

    /// <summary>Returns the recorder of answers; null if they are not recorded, or no read model has marks.</summary>
    private static ReadAudit? Reads(IServiceProvider provider, EventStore store) =>
        IsRegistered(provider, typeof(IAuditTrail))
        && provider.GetRequiredService<IOptions<AuditTrailOptions>>().Value.RecordsReads
        && provider.GetRequiredService<MarkedReadModels>() is { Any: true } marked
            ? new ReadAudit(store, marked.In)
            : null;

    private static bool HasAuthorizers(IServiceProvider provider) => IsRegistered(provider, typeof(IAuthorizer));

    public static bool IsRegistered(IServiceProvider provider, Type service) =>
        provider.GetRequiredService<IServiceProviderIsService>().IsService(service);
}
