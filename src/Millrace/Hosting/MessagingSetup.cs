using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Messaging;

namespace Millrace;

/// <summary>Makes the transports of an application from what was said in code and in its configuration.</summary>
internal static class MessagingSetup
{
    public static Transports Create(IServiceProvider provider, MillraceBuilder builder)
    {
        var options = provider.GetRequiredService<IOptionsFactory<TransportOptions>>();
        var types = provider.GetRequiredService<ModelCatalog>().EventTypes;
        var logger = StoreParts.Loggers(provider).CreateLogger<Transports>();
        var all = new List<TransportRuntime>(builder.Transports.Count);
        foreach (var (transport, create) in builder.Transports)
        {
            var chosen = options.Create(transport.Name);
            var routes = new RouteTable(transport.Name, [.. transport.Routes, .. chosen.Routes], types);
            all.Add(new TransportRuntime(
                transport.Name, create(provider), chosen, routes, provider.GetRequiredService<TimeProvider>(), logger));
        }
        return new Transports(all);
    }

    /// <summary>The transports, all of them; none where there are tenants.</summary>
    /// <exception cref="InvalidOperationException">There are transports and tenants.</exception>
    public static IReadOnlyList<TransportRuntime> TransportsOf(IServiceProvider provider, MillraceBuilder builder)
    {
        if (builder.Transports.Count == 0)
            return [];
        if (builder.HasTenants)
        {
            throw new InvalidOperationException(
                "Transports cannot be used together with tenants: their messages would not be told apart. Give each tenant an application "
                + "of its own, or publish from a consumer.");
        }
        return provider.GetRequiredService<Transports>().All;
    }
}
