using Millrace.Messaging;

namespace Millrace.Redis.Retries;

/// <summary>A delivery from the queue of retries.</summary>
internal sealed class RetryDelivery : Delivery
{
    public RetryDelivery(string key, string number, int attempts, Message message, string? problem)
        : base(message, problem)
    {
        Key = key;
        Number = number;
        Attempts = attempts;
        MayBeRepeated = true;
    }

    /// <summary>Gets the key whose messages wait for each other.</summary>
    public string Key { get; }

    /// <summary>Gets its place in the queue.</summary>
    public string Number { get; }
}
