using System.ComponentModel;
using System.Text.Json;
using Millrace.Messaging;

namespace Millrace.AspNetCore;

/// <summary>A transport as operators see it.</summary>
[Description("A transport as the node sees it that answers.")]
internal sealed record TransportView(
    [property: Description("Its name.")] string Name,
    [property: Description("The kind of broker, such as rabbitmq.")] string System,
    [property: Description("idle, which is not needed yet, connected or unavailable.")] string State,
    [property: Description("Since when it has been so; absent when it was not needed yet.")] DateTimeOffset? Since,
    [property: Description("What the failure said with which it went away; absent when nothing is wrong.")]
        string? Problem,
    [property: Description(
        "What waits at the broker to be tried again, by receiver; empty where that waits in the store.")]
        IReadOnlyList<RetryQueueView> Retries,
    [property: Description("The receivers of this node, with what each has passed over since the node started.")]
    IReadOnlyList<ReceiverView> Receivers)
{
    public static TransportView Of(TransportStatus status) => new(
        status.Name,
        status.System,
        JsonNamingPolicy.CamelCase.ConvertName(status.State.ToString()),
        status.Since,
        status.Problem,
        [.. status.Retries.Select(RetryQueueView.Of)],
        [.. status.Receivers.Select(ReceiverView.Of)]);
}
