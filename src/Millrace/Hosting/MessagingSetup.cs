using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
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
                transport.Name, create(provider), chosen, routes, provider.GetRequiredService<TimeProvider>(), logger)
            {
                Receivers = transport.Receivers,
                Requests = transport.Requests,
            });
        }
        return new Transports(all);
    }

    /// <summary>Adds the consumers of publishers and receivers to a host.</summary>
    public static void AddConsumers(IServiceProvider provider, MillraceBuilder builder, ConsumerHost host)
    {
        var transports = TransportsOf(provider, builder);
        foreach (var transport in transports)
        {
            if (transport.Routes.Destinations.Count > 0)
                host.Add(new PublisherWork(transport));
        }
        if (transports.Count == 0)
            return;
        foreach (var inbox in provider.GetRequiredService<ReceiverHost>().Inboxes)
            host.Add(new HandlerWork(inbox.HeldConsumer(), host.Store.Types, host.Options.WorkerCount));
    }

    /// <summary>Makes what receives, and tells the transports what that asks for.</summary>
    public static ReceiverHost CreateReceivers(IServiceProvider provider, MillraceBuilder builder)
    {
        var inboxes = new List<MessageInbox>();
        if (builder.Transports.Count == 0)
        {
            var none = new Requests([], provider.GetRequiredService<ModelCatalog>(), provider.GetRequiredService<TimeProvider>());
            return new ReceiverHost(inboxes, none, null, new ConsumerOptions(), NullLogger.Instance);
        }
        var options = provider.GetRequiredService<IOptions<ConsumerOptions>>().Value;
        var logger = StoreParts.Loggers(provider).CreateLogger<Transports>();
        var lines = new List<ReplyLine>();
        var (store, model) = (provider.GetRequiredService<EventStore>(), provider.GetRequiredService<ModelCatalog>());
        foreach (var transport in TransportsOf(provider, builder))
        {
            var own = transport.Receivers.Select(receiver => new MessageInbox(receiver, transport, store, model, provider)).ToList();
            transport.Subscriptions = [.. own.Select(inbox => inbox.Subscription)];
            inboxes.AddRange(own);
            if (transport.Requests.Count == 0)
                continue;
            var line = new ReplyLine(transport, options, store.Time, logger);
            transport.Subscriptions = [.. transport.Subscriptions, line.Subscription];
            lines.Add(line);
        }
        return new ReceiverHost(inboxes, new Requests(lines, model, store.Time), store, options, logger);
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
