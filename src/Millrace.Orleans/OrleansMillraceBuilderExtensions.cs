using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Orleans;
using Millrace.Orleans.Activations;
using Millrace.Orleans.Calls;
using Millrace.Orleans.Membership;
using Orleans.Configuration;
using Orleans.Serialization;

namespace Millrace;

/// <summary>Handles commands on the node that has their aggregate in memory.</summary>
public static class OrleansMillraceBuilderExtensions
{
    /// <summary>
    /// Makes this application a node of an Orleans cluster. A command with one aggregate or decider is then handled on
    /// the node to which the cluster has assigned its stream. This node has the state in memory, unless it was evicted.
    /// </summary>
    /// <remarks>
    /// All other commands are handled on this node: commands without a stream or with several, commands of timers,
    /// processes and messages, commands whose JSON is missing or omits data, and all commands while the cluster cannot
    /// be reached.
    /// The nodes trust each other. Protect <see cref="OrleansOptions.Port"/> from everyone else, because a program that
    /// reaches the port can send commands on behalf of any user.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="address">The connection string or address of the PostgreSQL database in which the nodes find each
    /// other, such as that of the store. Null if the application configures the clustering with <c>AddOrleans</c>. The
    /// configuration value <c>Millrace:Orleans:Address</c> overrides it.</param>
    /// <param name="options">Sets further options, which are checked when the application starts.</param>
    /// <exception cref="InvalidOperationException">The method was called before.</exception>
    public static MillraceBuilder UseOrleans(
        this MillraceBuilder millrace, string? address = null, Action<OrleansOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        var services = millrace.Services;
        if (services.Any(service => service.ServiceType == typeof(CommandRouter)))
            throw new InvalidOperationException("UseOrleans was called twice: call it once.");
        services.AddSingleton(provider =>
        {
            var chosen = new OrleansOptions { Address = address };
            options?.Invoke(chosen);
            return OrleansSettings.Apply(provider.GetService<MillraceConfiguration>(), chosen);
        });
        AddSilo(services);
        services.AddSingleton<RoutedRequestUser>();
        services.AddKeyedSingleton<IRequestUser>(
            IRequestUser.Routed, (provider, _) => provider.GetRequiredService<RoutedRequestUser>());
        services.AddSingleton<StoreIdentities>();
        services.AddSingleton<ActivationService>();
        services.AddSingleton<CommandRouter>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider =>
            provider.GetRequiredService<CommandRouter>());
        ReplaceBus(services);
        return millrace;
    }

    private static void AddSilo(IServiceCollection services)
    {
        services.AddOrleans(_ => { });
        services.AddSerializer(serializer => serializer.AddAssembly(typeof(AggregateGrain).Assembly));
        services.AddOptions<ClusterOptions>().Configure<OrleansOptions>((cluster, options) =>
            (cluster.ClusterId, cluster.ServiceId) = (options.Cluster, options.Cluster));
        services.AddOptions<EndpointOptions>().Configure<OrleansOptions>((endpoint, options) =>
        {
            endpoint.SiloPort = options.Port;
            endpoint.GatewayPort = 0; // There are no clients outside of the cluster.
            if (options.HostAddress is { } host)
                endpoint.AdvertisedIPAddress = host;
        });
        services.AddOptions<GrainCollectionOptions>().Configure<OrleansOptions>((collection, options) =>
            collection.ClassSpecificCollectionAge[typeof(AggregateGrain).FullName!] = options.IdleAfter);
        // A cancelled command is either committed or not when its sender gets the exception, as without Orleans.
        services.Configure<SiloMessagingOptions>(messaging => messaging.WaitForCancellationAcknowledgement = true);
        services.AddSingleton<IMembershipTable>(provider =>
            provider.GetRequiredService<OrleansOptions>() is { Address: { } address } options
                ? new PostgreSqlMembershipTable(address, options.Cluster)
                : throw new InvalidOperationException(
                    "The nodes of Orleans cannot find each other: give UseOrleans the address of a PostgreSQL database "
                    + "or set Millrace:Orleans:Address, or configure another clustering with AddOrleans after "
                    + "UseOrleans."));
    }

    /// <summary>Puts the routing before the bus that handles commands on this node.</summary>
    private static void ReplaceBus(IServiceCollection services)
    {
        var bus = services.Last(service => service.ServiceType == typeof(ICommandBus) && !service.IsKeyedService);
        var create = bus.ImplementationFactory
            ?? throw new InvalidOperationException("The command bus was replaced: call UseOrleans before.");
        services.Remove(bus);
        services.AddKeyedTransient(
            LocalCommandBus.Key, (provider, _) => (ICommandBus)create(provider));
        services.AddTransient<ICommandBus>(provider => new RoutingCommandBus(
            (ICommandBus)create(provider), provider.GetRequiredService<CommandRouter>(), provider));
    }
}
