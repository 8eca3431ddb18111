using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Kafka;
using Millrace.Messaging;
using Millrace.Shared.Settings;

namespace Millrace;

/// <summary>Sends an application's messages over Kafka.</summary>
public static class KafkaMillraceBuilderExtensions
{
    /// <summary>Sends messages over Kafka: a destination is a topic, a subscription is a consumer group.</summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="servers">Some of the brokers: <c>host:port</c>, several separated by commas. The configuration
    /// value <c>Millrace:Kafka:Servers</c> overrides it.</param>
    /// <param name="configure">Defines what is published and received.</param>
    /// <param name="options">Sets further options, which are checked when the application starts.</param>
    public static MillraceBuilder UseKafka(
        this MillraceBuilder millrace,
        string servers,
        Action<TransportBuilder>? configure = null,
        Action<KafkaOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentException.ThrowIfNullOrWhiteSpace(servers);
        return millrace.UseTransport(
            KafkaTransport.Name,
            provider => Create(provider, new KafkaOptions { Servers = servers }, options),
            configure);
    }

    /// <summary>Lets the configuration select Kafka, by the name <c>kafka</c>.</summary>
    /// <param name="choices">The alternatives.</param>
    /// <param name="options">Sets the options; values in <c>Millrace:Kafka</c> of the configuration, such as
    /// <c>Servers</c>, override them.</param>
    public static TransportAlternatives AddKafka(
        this TransportAlternatives choices, Action<KafkaOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(choices);
        return choices.Add(KafkaTransport.Name, provider => Create(provider, new KafkaOptions(), options));
    }

    private static KafkaTransport Create(IServiceProvider provider, KafkaOptions chosen, Action<KafkaOptions>? options)
    {
        options?.Invoke(chosen);
        var configuration = provider.GetService<MillraceConfiguration>();
        KafkaSettings.Apply(configuration, chosen);
        var setting = $"{KafkaSettings.Section}:{nameof(chosen.Servers)}";
        chosen.Servers = TransportAddress.Of(configuration, KafkaTransport.Name, setting) ?? chosen.Servers;
        return new KafkaTransport(
            chosen, provider.GetService<ILogger<KafkaTransport>>() ?? NullLogger<KafkaTransport>.Instance);
    }
}
