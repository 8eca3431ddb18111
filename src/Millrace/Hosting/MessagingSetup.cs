using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Millrace.Consuming;
using Millrace.Hosting.Configuration;
using Millrace.Messaging;
using Millrace.Messaging.Bodies;
using Millrace.Messaging.Receiving;
using Millrace.Messaging.Requesting;

namespace Millrace.Hosting;

/// <summary>Creates the transports of an application from its code and configuration.</summary>
internal static class MessagingSetup
{
    public static Transports Create(IServiceProvider provider, MillraceBuilder builder)
    {
        var options = provider.GetRequiredService<IOptionsFactory<TransportOptions>>();
        var types = provider.GetRequiredService<ModelCatalog>().EventTypes;
        var logger = StoreServiceFactory.Loggers(provider).CreateLogger<Transports>();
        var bodies = builder.HasTransports ? CreateClaimCheck(provider) : null;
        var metrics = new MessagingMetrics(provider.GetService<IMeterFactory>());
        TransportSettings.RequireKnown(provider.GetService<MillraceConfiguration>(), NamesOf(builder));
        var all = new List<TransportRuntime>(builder.Transports.Count + 1);
        foreach (var (transport, create) in Chosen(provider, builder))
        {
            var chosen = options.Create(transport.Name);
            var routes = new RouteTable(transport.Name, [.. transport.Routes, .. chosen.Routes], types);
            all.Add(new TransportRuntime(
                transport.Name, create(provider), chosen, routes, provider.GetRequiredService<TimeProvider>(), logger)
            {
                Receivers = transport.Receivers,
                Requests = transport.Requests,
                Metrics = metrics,
                Bodies = bodies,
            });
        }
        metrics.Watch(all);
        return new Transports(all);
    }

    /// <summary>Adds the consumers of publishers and receivers to a host.</summary>
    public static void AddConsumers(IServiceProvider provider, MillraceBuilder builder, ConsumerHost host)
    {
        var transports = TransportsOf(provider, builder);
        foreach (var transport in transports)
        {
            transport.Protection = host.Store.Stored.Protection;
            if (transport.Routes.Destinations.Count > 0)
                host.Add(new PublishProcessor(transport));
        }
        if (transports.Count == 0)
            return;
        foreach (var inbox in provider.GetRequiredService<ReceiverHost>().Inboxes)
        {
            host.Add(new EventHandlerProcessor(inbox.HeldConsumer(), host.Store.Types, () => host.Options.WorkerCount)
            {
                HasFixedWorkers = true,
            });
            inbox.Reports = host.ReportsOf(inbox.Consumer, inbox.Rules);
        }
    }

    /// <summary>Creates the receivers, and adds their subscriptions to the transports.</summary>
    public static ReceiverHost CreateReceivers(IServiceProvider provider, MillraceBuilder builder)
    {
        var inboxes = new List<MessageInbox>();
        if (!builder.HasTransports)
        {
            var noRequests = new Requests(
                [],
                provider.GetRequiredService<ModelCatalog>(),
                provider.GetRequiredService<TimeProvider>());
            return new ReceiverHost(inboxes, noRequests, null, new ConsumerOptions(), NullLogger.Instance);
        }
        var options = provider.GetRequiredService<LiveConsumerOptions>().Value;
        var logger = StoreServiceFactory.Loggers(provider).CreateLogger<Transports>();
        var channels = new List<RequestReplyChannel>();
        var store = provider.GetRequiredService<EventStore>();
        var model = provider.GetRequiredService<ModelCatalog>();
        foreach (var transport in TransportsOf(provider, builder))
        {
            RequireRetries(transport);
            var receivers = transport
                .Receivers.Select(receiver => new MessageInbox(
                    receiver, transport, store, model, provider, options, builder.Policies))
                .ToList();
            transport.Subscriptions = [.. receivers.Select(inbox => inbox.Subscription)];
            inboxes.AddRange(receivers);
            if (transport.Requests.Count == 0)
                continue;
            var channel = new RequestReplyChannel(transport, options, store.Time, logger);
            transport.Subscriptions = [.. transport.Subscriptions, channel.Subscription];
            channels.Add(channel);
        }
        return new ReceiverHost(inboxes, new Requests(channels, model, store.Time), store, options, logger);
    }

    /// <exception cref="InvalidOperationException">A receiver is configured for retries at the broker, and the
    /// transport does not support them.</exception>
    private static void RequireRetries(TransportRuntime transport)
    {
        if (transport.Transport.KeepsRetries
            || transport.Receivers.FirstOrDefault(static transport => transport.KeepsRetries) is not { } receiver)
            return;
        throw new InvalidOperationException(
            $"Receiver '{receiver.Name}' uses retries at the broker, but the transport '{transport.Name}' does not "
                + $"support them; only Redis does. Remove {nameof(ReceiverBuilder.RetryAtBroker)} to keep retries in "
                + "the store.");
    }

    /// <summary>Creates the store for the bodies of messages, as the options specify.</summary>
    public static IBodyStore CreateBodies(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<MessageBodyOptions>>().Value.Folder is { } folder
            ? new FolderBodyStore(folder)
            : new DatabaseBodyStore(provider.GetRequiredService<EventStore>());

    /// <summary>Creates the service that removes expired bodies. It only runs on nodes that store bodies.</summary>
    public static ExpiredBodyCleaner CreateBodyRemoval(IServiceProvider provider, MillraceBuilder builder)
    {
        var transports = TransportsOf(provider, builder);
        return new ExpiredBodyCleaner(
            transports.Count > 0 ? provider.GetRequiredService<IBodyStore>() : null,
            () =>
                transports.Any(static transport =>
                    transport.Options.ClaimCheckAbove is not null || transport.Bodies is { HasStoredBodies: true }
                ),
            provider.GetRequiredService<TimeProvider>(),
            StoreServiceFactory.Loggers(provider).CreateLogger<Transports>());
    }

    /// <summary>Returns all transports. Returns none if the application has tenants.</summary>
    /// <exception cref="InvalidOperationException">The application has transports and tenants.</exception>
    public static IReadOnlyList<TransportRuntime> TransportsOf(IServiceProvider provider, MillraceBuilder builder)
    {
        if (!builder.HasTransports)
            return [];
        if (builder.HasTenants)
        {
            throw new InvalidOperationException(
                "Transports cannot be used together with tenants, because messages do not contain the tenant. Give "
                    + "each tenant its own application, or publish from a consumer.");
        }
        return provider.GetRequiredService<Transports>().All;
    }

    private static MessageBodies CreateClaimCheck(IServiceProvider provider) => new(
        provider.GetRequiredService<IBodyStore>(),
        provider.GetRequiredService<IOptions<MessageBodyOptions>>().Value,
        provider.GetRequiredService<TimeProvider>());

    private static IEnumerable<string> NamesOf(MillraceBuilder builder) =>
        builder
            .Transports.Select(transport => transport.Transport.Name)
            .Concat(builder.Selection?.All.Select(transport => transport.Name) ?? []);

    /// <summary>
    /// Returns the transports from the application's code, and the one that the configuration selects.
    /// </summary>
    private static IEnumerable<(TransportBuilder Transport, Func<IServiceProvider, ITransport> Create)> Chosen(
        IServiceProvider provider, MillraceBuilder builder)
    {
        if (builder.Selection is not { } selection)
            return builder.Transports;
        var chosen = selection.Choose(provider.GetService<MillraceConfiguration>()?[TransportAlternatives.Setting]);
        return builder.Transports.All(transport => transport.Transport.Name != chosen.Transport.Name)
            ? builder.Transports.Append(chosen)
            : throw new InvalidOperationException(
                $"{TransportAlternatives.Setting} selects '{chosen.Transport.Name}', which the application already "
                    + "uses. Configure the transport in one place.");
    }
}
