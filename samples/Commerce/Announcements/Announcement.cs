using System.Buffers;
using System.Text.Json;
using Commerce.Services;
using Millrace.Messaging;

namespace Commerce.Announcements;

/// <summary>
/// What others are told of an event of the log, in a form that stays as it is when the event changes: some of its
/// members, under names of their own. What is not told, such as where a customer lives, they cannot build on.
/// </summary>
/// <param name="Topic">Where it is told.</param>
/// <param name="Event">The stored name of the event.</param>
/// <param name="Fields">The fields, parted by spaces; <c>time=occurredAt</c> has another name there
/// than the event's member.</param>
internal sealed record Announcement(string Topic, string Event, string Fields)
{
    private readonly (string Name, string Member)[] _fields = [.. Fields.Split(' ').Select(Parse)];

    /// <summary>The name of its type; that of the event by default.</summary>
    public string Type { get; init; } = Event;

    /// <summary>Which part of the shop tells it; where it is one program, it tells all.</summary>
    public ShopRole Publisher { get; init; } = ShopRole.Orders;

    /// <summary>The members of the event that are told.</summary>
    public IEnumerable<string> Members => _fields.Select(one => one.Member);

    /// <summary>What is told only where it holds: of an event with several meanings.</summary>
    public Func<Message, JsonElement, bool> Holds { get; init; } = static (_, _) => true;

    /// <summary>A field that the stream of the event says, by the beginning of its name.</summary>
    public (string Name, string Prefix)? OfStream { get; init; }

    /// <summary>The event's message in that form; null when there is nothing to tell.</summary>
    /// <exception cref="JsonException">The event is not written as JSON.</exception>
    public Message? Of(Message message)
    {
        using var document = JsonDocument.Parse(message.Body);
        return Holds(message, document.RootElement)
            ? message with { Type = Type, SchemaVersion = 1, Body = Write(message, document.RootElement) }
            : null;
    }

    private static (string Name, string Member) Parse(string field) =>
        field.Split('=') is [var name, var member] ? (name, member) : (field, field);

    private byte[] Write(Message message, JsonElement told)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            if (OfStream is { } known)
                json.WriteString(known.Name, message.Subject?[known.Prefix.Length..]);
            foreach (var (name, member) in _fields)
            {
                if (!told.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null)
                    continue; // What is absent is left out.
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
            json.WriteEndObject();
        }
        return body.WrittenSpan.ToArray();
    }
}
