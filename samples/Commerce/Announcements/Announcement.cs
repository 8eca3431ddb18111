using System.Buffers;
using System.Text.Json;
using Commerce.Services;
using Millrace.Messaging;

namespace Commerce.Announcements;

/// <summary>
/// The published form of an event, which stays stable when the event changes. It contains some members of the event,
/// with their own names. Members that are not announced, such as a customer's address, stay private.
/// </summary>
/// <param name="Topic">The topic to publish to.</param>
/// <param name="Event">The stored name of the event.</param>
/// <param name="Fields">The fields, separated by spaces. <c>time=occurredAt</c> publishes a member under another
/// name.</param>
internal sealed record Announcement(string Topic, string Event, string Fields)
{
    private readonly (string Name, string Member)[] _fields = [.. Fields.Split(' ').Select(Parse)];

    /// <summary>The name of the published type; by default the name of the event.</summary>
    public string Type { get; init; } = Event;

    /// <summary>The part of the shop that publishes the event. A shop in one program publishes all events.</summary>
    public ShopRole Publisher { get; init; } = ShopRole.Orders;

    /// <summary>The members of the event that are published.</summary>
    public IEnumerable<string> Members => _fields.Select(one => one.Member);

    /// <summary>The condition under which the event is published. Used for an event with several meanings.</summary>
    public Func<Message, JsonElement, bool> Condition { get; init; } = static (_, _) => true;

    /// <summary>The field whose value is the name of the event's stream without the prefix.</summary>
    public (string Name, string Prefix)? StreamField { get; init; }

    /// <summary>Returns the published form of a message, or null when the event is not announced.</summary>
    /// <exception cref="JsonException">The event is not written as JSON.</exception>
    public Message? Of(Message message)
    {
        using var document = JsonDocument.Parse(message.Body);
        return Condition(message, document.RootElement)
            ? message with { Type = Type, SchemaVersion = 1, Body = Write(message, document.RootElement) }
            : null;
    }

    private static (string Name, string Member) Parse(string field) =>
        field.Split('=') is [var name, var member] ? (name, member) : (field, field);

    private byte[] Write(Message message, JsonElement eventData)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            if (StreamField is { } streamField)
                json.WriteString(streamField.Name, message.Subject?[streamField.Prefix.Length..]);
            foreach (var (name, member) in _fields)
            {
                if (!eventData.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null)
                    continue; // Absent members are left out.
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
            json.WriteEndObject();
        }
        return body.WrittenSpan.ToArray();
    }
}
