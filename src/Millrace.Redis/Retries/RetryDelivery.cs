using Millrace.Messaging;

namespace Millrace.Redis;

/// <summary>A delivery out of the queue of retries.</summary>
internal sealed class RetryDelivery : Delivery
{
    public RetryDelivery(string key, string number, int attempts, Message message, string? problem)
        : base(message, problem) => (Key, Number, Attempts, MayBeRepeated) = (key, number, attempts, true);

    /// <summary>The key whose messages wait for each other.</summary>
    public string Key { get; }

    /// <summary>Its place in the queue.</summary>
    public string Number { get; }
}
