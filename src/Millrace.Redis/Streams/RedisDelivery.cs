using Millrace.Messaging;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>A delivery from a stream, with the id of its entry.</summary>
internal sealed class RedisDelivery : Delivery
{
    public RedisDelivery(EntryId id, Message message, string? problem, bool isRedelivered)
        : base(message, problem)
    {
        Id = id;
        MayBeRepeated = isRedelivered;
    }

    public EntryId Id { get; }

    /// <summary>Gets the fields of the entry if it may be kept for a retry; otherwise empty.</summary>
    public RedisValue[] Fields { get; init; } = [];

    public RedisDelivery AsRedelivered() =>
        MayBeRepeated ? this : new RedisDelivery(Id, Message, Problem, isRedelivered: true) { Fields = Fields };
}
