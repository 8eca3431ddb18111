using System.ComponentModel;
using Millrace.AspNetCore.Consuming;
using Millrace.Messaging;

namespace Millrace.AspNetCore.Messaging;

/// <summary>The status of a receiver, for operators.</summary>
[Description("The status of a receiver of this node since the node started.")]
internal sealed record ReceiverView(
    [property: Description("The receiver's name.")] string Receiver,
    [property: Description("The number of messages that were skipped because they cannot be read.")] long Skipped,
    [property: Description("Why the last message was skipped; absent if none was.")] string? LastSkipped,
    [property: Description("The number of tombstones that were skipped.")] long Tombstones,
    [property: Description("Why the receiver has stopped; absent while it receives.")] string? Stopped,
    [property: Description("The adaptation to the load; absent if the settings are fixed.")] LoadView? Load)
{
    public static ReceiverView Of(ReceiverStatus status) =>
        new(
            status.Receiver,
            status.Skipped,
            status.LastSkipped,
            status.Tombstones,
            status.Stopped,
            LoadView.Of(status.Load));
}
