using System.ComponentModel;
using Millrace.Messaging;

namespace Millrace.AspNetCore;

/// <summary>What waits at a broker to be tried again, as operators see it.</summary>
[Description("The messages of a receiver that wait at the broker to be tried again.")]
internal sealed record RetryQueueView(
    [property: Description("The receiver's name.")] string Receiver,
    [property: Description("How many wait, those behind others of their keys among them.")] long Waiting,
    [property: Description("Why it takes no further messages until some are done; absent when it does.")] string? Stall)
{
    public static RetryQueueView Of(RetryQueueStatus status) => new(status.Receiver, status.Waiting, status.Stall);
}
