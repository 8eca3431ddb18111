using System.ComponentModel;
using System.Text.Json;
using Millrace.Messaging;

namespace Millrace.AspNetCore.Messaging;

/// <summary>The status of a transport, for operators.</summary>
[Description("The status of a transport on the node that answers the request.")]
internal sealed record TransportView(
    [property: Description("The name of the transport.")] string Name,
    [property: Description("The kind of broker, such as rabbitmq.")] string System,
    [property: Description("idle (not used yet), connected or unavailable.")] string State,
    [property: Description("The time at which it entered this state; absent if it was not used yet.")]
    DateTimeOffset? Since,
    [property: Description("The message of the error that made it unavailable; absent if there is none.")]
        string? Problem,
    [property: Description(
        "The messages that wait at the broker for a retry, by receiver; empty if they wait in the store.")]
        IReadOnlyList<RetryQueueView> Retries,
    [property: Description("The receivers of this node, and what each has skipped since the node started.")]
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
