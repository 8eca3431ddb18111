using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
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
        var logger = StoreServiceFactory.Loggers(provider).CreateLogger<Transports>();
        var bodies = builder.HasTransports ? CreateClaimCheck(provider) : null;
        var metrics = new MessagingMetrics(provider.GetService<IMeterFactory>());
        TransportSettings.RequireKnown(provider.GetService<IConfiguration>(), NamesOf(builder));
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
            if (transport.Routes.Destinations.Count > 0)
                host.Add(new PublishProcessor(transport));
        }
        if (transports.Count == 0)
            return;
        foreach (var inbox in provider.GetRequiredService<ReceiverHost>().Inboxes)
        {
            host.Add(new EventHandlerProcessor(inbox.HeldConsumer(), host.Store.Types, host.Options.WorkerCount));
            inbox.Reports = host.ReportsOf(inbox.Consumer, inbox.Rules);
        }
    }

    /// <summary>Makes what receives, and tells the transports what that asks for.</summary>
    public static ReceiverHost CreateReceivers(IServiceProvider provider, MillraceBuilder builder)
    {
        var inboxes = new List<MessageInbox>();
        if (!builder.HasTransports)
        {
            var none = new Requests(
                [],
                provider.GetRequiredService<ModelCatalog>(),
                provider.GetRequiredService<TimeProvider>());
            return new ReceiverHost(inboxes, none, null, new ConsumerOptions(), NullLogger.Instance);
        }
        var options = provider.GetRequiredService<IOptions<ConsumerOptions>>().Value;
        var logger = StoreServiceFactory.Loggers(provider).CreateLogger<Transports>();
        var lines = new List<RequestReplyChannel>();
        var (store, model) = (provider.GetRequiredService<EventStore>(), provider.GetRequiredService<ModelCatalog>());
        foreach (var transport in TransportsOf(provider, builder))
        {
            RequireRetries(transport);
            var own = transport
                .Receivers.Select(receiver => new MessageInbox(
                    receiver, transport, store, model, provider, options, builder.Policies))
                .ToList();
            transport.Subscriptions = [.. own.Select(inbox => inbox.Subscription)];
            inboxes.AddRange(own);
            if (transport.Requests.Count == 0)
                continue;
            var line = new RequestReplyChannel(transport, options, store.Time, logger);
            transport.Subscriptions = [.. transport.Subscriptions, line.Subscription];
            lines.Add(line);
        }
        return new ReceiverHost(inboxes, new Requests(lines, model, store.Time), store, options, logger);
    }

    /// <exception cref="InvalidOperationException">Receivers want retries kept where none are.</exception>
    private static void RequireRetries(TransportRuntime transport)
    {
        if (transport.Transport.KeepsRetries
            || transport.Receivers.FirstOrDefault(static one => one.KeepsRetries) is not { } receiver)
            return;
        throw new InvalidOperationException(
            $"Receiver '{receiver.Name}' is to have its retries at the broker, but the transport '{transport.Name}' "
                + $"keeps none: only Redis "
            + $"does. Leave out {nameof(ReceiverBuilder.RetryAtBroker)}, and they wait in the store.");
    }

    /// <summary>Where bodies of messages lie, as the options say.</summary>
    public static IBodyStore CreateBodies(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<MessageBodyOptions>>().Value.Folder is { } folder
            ? new FolderBodyStore(folder)
            : new DatabaseBodyStore(provider.GetRequiredService<EventStore>());

    /// <summary>Makes what removes bodies that have ended: at work only where bodies are put away.</summary>
    public static ExpiredBodyCleaner CreateBodyRemoval(IServiceProvider provider, MillraceBuilder builder)
    {
        var transports = TransportsOf(provider, builder);
        return new ExpiredBodyCleaner(
            transports.Count > 0 ? provider.GetRequiredService<IBodyStore>() : null,
            () =>
                transports.Any(static one =>
                    one.Options.ClaimCheckAbove is not null || one.Bodies is { HasStoredBodies: true }
                ),
            provider.GetRequiredService<TimeProvider>(),
            StoreServiceFactory.Loggers(provider).CreateLogger<Transports>());
    }

    /// <summary>The transports, all of them; none where there are tenants.</summary>
    /// <exception cref="InvalidOperationException">There are transports and tenants.</exception>
    public static IReadOnlyList<TransportRuntime> TransportsOf(IServiceProvider provider, MillraceBuilder builder)
    {
        if (!builder.HasTransports)
            return [];
        if (builder.HasTenants)
        {
            throw new InvalidOperationException(
                "Transports cannot be used together with tenants: their messages would not be told apart. Give each "
                    + "tenant an application "
                + "of its own, or publish from a consumer.");
        }
        return provider.GetRequiredService<Transports>().All;
    }

    private static MessageBodies CreateClaimCheck(IServiceProvider provider) => new(
        provider.GetRequiredService<IBodyStore>(),
        provider.GetRequiredService<IOptions<MessageBodyOptions>>().Value,
        provider.GetRequiredService<TimeProvider>());

    private static IEnumerable<string> NamesOf(MillraceBuilder builder) =>
        builder
            .Transports.Select(one => one.Transport.Name)
            .Concat(builder.Selection?.All.Select(one => one.Name) ?? []);

    /// <summary>The transports that were said in code, and the one that the configuration names.</summary>
    private static IEnumerable<(TransportBuilder Transport, Func<IServiceProvider, ITransport> Create)> Chosen(
        IServiceProvider provider, MillraceBuilder builder)
    {
        if (builder.Selection is not { } selection)
            return builder.Transports;
        var chosen = selection.Choose(provider.GetService<IConfiguration>()?[TransportAlternatives.Setting]);
        return builder.Transports.All(one => one.Transport.Name != chosen.Transport.Name)
            ? builder.Transports.Append(chosen)
            : throw new InvalidOperationException(
                $"{TransportAlternatives.Setting} names '{chosen.Transport.Name}', which the application uses already "
                    + $"whatever is chosen: say "
                + "what goes over it in one place.");
    }
}
