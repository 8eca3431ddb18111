using System.Globalization;
using System.Text;
using Millrace.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Millrace.RabbitMq;

/// <summary>
/// Maps the attributes of CloudEvents to AMQP headers. Also reads messages of senders that do not use CloudEvents.
/// </summary>
internal static class MessageHeaders
{
    // The AMQP binding of CloudEvents allows both prefixes. Senders should write the first one.
    private const string Prefix = "cloudEvents_";
    private const string OtherPrefix = "cloudEvents:";

    public static CloudEventBinding Binding { get; } = new(Prefix, OtherPrefix);

    public static (Message Message, string? Problem) Read(BasicDeliverEventArgs delivered)
    {
        var properties = delivered.BasicProperties;
        var headers = new List<KeyValuePair<string, string>>();
        var isCloudEvent = CloudEventJson.Is(properties.ContentType);
        foreach (var (name, value) in properties.Headers ?? new Dictionary<string, object?>())
        {
            if (TextOf(value) is not { } text)
                continue;
            headers.Add(new(name, text));
            isCloudEvent |= name is Prefix + "id" or OtherPrefix + "id";
        }
        if (!isCloudEvent)
            AddFromProperties(headers, properties, delivered.RoutingKey);
        // The bytes are copied, because the client reuses them after this call.
        return Binding.Read(properties.ContentType, headers, delivered.Body.ToArray());
    }

    /// <summary>Adds attributes from the AMQP properties of a message that is not a CloudEvent.</summary>
    private static void AddFromProperties(
        List<KeyValuePair<string, string>> headers, IReadOnlyBasicProperties properties, string routingKey)
    {
        if (properties.MessageId is { Length: > 0 } id)
            headers.Add(new(Prefix + "id", id));
        headers.Add(new(Prefix + "type", properties.Type is { Length: > 0 } type ? type : routingKey));
        if (properties.CorrelationId is { Length: > 0 } correlation)
            headers.Add(new(Prefix + "correlationid", correlation));
    }

    private static string? TextOf(object? value) => value switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        string text => text,
        bool yes => yes ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null, // A CloudEvent cannot contain tables and lists.
    };
}
