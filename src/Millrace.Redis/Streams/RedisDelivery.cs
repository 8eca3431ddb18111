using Millrace.Messaging;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>A delivery with its place in the stream.</summary>
internal sealed class RedisDelivery : Delivery
{
    public RedisDelivery(EntryId id, Message message, string? problem, bool isAgain)
        : base(message, problem)
    {
        Id = id;
        MayBeRepeated = isAgain;
    }

    public EntryId Id { get; }

    /// <summary>Gets the fields of the entry if it may be kept for a retry; else empty.</summary>
    public RedisValue[] Fields { get; init; } = [];

    public RedisDelivery Again() =>
        MayBeRepeated ? this : new RedisDelivery(Id, Message, Problem, isAgain: true) { Fields = Fields };
}
