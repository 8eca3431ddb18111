using Microsoft.Extensions.DependencyInjection;
using Millrace.Messaging;
using Millrace.RabbitMq;
using Millrace.Shared.Settings;

namespace Millrace;

/// <summary>Connects an application to RabbitMQ.</summary>
public static class RabbitMqMillraceBuilderExtensions
{
    /// <summary>
    /// Connects RabbitMQ. A destination is a durable topic exchange, and the routing key is the type of the message. A
    /// subscription is a quorum queue.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="uri">The broker's address: <c>amqp://user:password@host:port/virtual-host</c>.</param>
    /// <param name="configure">Defines what is published and received.</param>
    public static MillraceBuilder UseRabbitMq(
        this MillraceBuilder builder, string uri, Action<TransportBuilder>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(uri);
        return builder.UseRabbitMq(options => options.Uri = uri, configure);
    }

    /// <summary>Connects RabbitMQ with options.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">Sets the options, which are checked when the application starts.</param>
    /// <param name="configure">Defines what is published and received.</param>
    public static MillraceBuilder UseRabbitMq(
        this MillraceBuilder builder, Action<RabbitMqOptions> options, Action<TransportBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        return builder.UseTransport(RabbitMqTransport.Name, provider => Create(provider, options), configure);
    }

    /// <summary>Lets the configuration select RabbitMQ, by the name <c>rabbitmq</c>.</summary>
    /// <param name="choices">The alternatives.</param>
    /// <param name="options">Sets the options; the configuration values <c>Millrace:Messaging:rabbitmq:Uri</c> and
    /// <c>:Nodes</c> override the address.</param>
    public static TransportAlternatives AddRabbitMq(
        this TransportAlternatives choices, Action<RabbitMqOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(choices);
        return choices.Add(RabbitMqTransport.Name, provider => Create(provider, options));
    }

    private static RabbitMqTransport Create(IServiceProvider provider, Action<RabbitMqOptions>? options)
    {
        var chosen = new RabbitMqOptions();
        options?.Invoke(chosen);
        var configuration = provider.GetService<MillraceConfiguration>();
        var section = $"Millrace:Messaging:{RabbitMqTransport.Name}:";
        if (TransportAddress.Of(configuration, RabbitMqTransport.Name, section + nameof(chosen.Uri)) is { } uri)
            (chosen.Uri, chosen.Nodes) = (uri, ""); // The nodes in the code may be those of another cluster.
        chosen.Nodes = configuration?[section + nameof(chosen.Nodes)] ?? chosen.Nodes;
        return new RabbitMqTransport(chosen);
    }
}
