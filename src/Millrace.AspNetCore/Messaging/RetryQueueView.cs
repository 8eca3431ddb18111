using System.ComponentModel;
using Millrace.Messaging;

namespace Millrace.AspNetCore.Messaging;

/// <summary>The messages that wait at a broker for a retry, for operators.</summary>
[Description("The messages of a receiver that wait at the broker for a retry.")]
internal sealed record RetryQueueView(
    [property: Description("The receiver's name.")] string Receiver,
    [property: Description("The number of messages that wait, including those behind others with the same key.")]
    long Waiting,
    [property: Description("Why the receiver waits for retries before it accepts messages; absent if it accepts them.")]
    string? Stall)
{
    public static RetryQueueView Of(RetryQueueStatus status) => new(status.Receiver, status.Waiting, status.Stall);
}
