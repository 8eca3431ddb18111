namespace Millrace;

/// <summary>A channel that can also send whole messages, such as the weekly report of business figures.</summary>
/// <remarks>
/// A message that was sent immediately before a crash is sent again with the same id.
/// </remarks>
public interface IMessageChannel : INotificationChannel
{
    /// <summary>Sends a message. If the method throws, the message is sent again after a pause.</summary>
    Task Send(ChannelMessage message, CancellationToken cancellationToken);
}
