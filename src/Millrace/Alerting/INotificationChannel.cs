namespace Millrace;

/// <summary>Sends notices about alerts, such as by mail.</summary>
/// <remarks>
/// A notice that was sent immediately before a crash is sent again with the same id. The channel is called for one
/// notice at a time.
/// </remarks>
public interface INotificationChannel
{
    /// <summary>Gets the stable name, by which rules refer to the channel.</summary>
    string Name { get; }

    /// <summary>
    /// Sends a notice. If the method throws, the notice is sent again after a pause. Other channels do not wait.
    /// </summary>
    Task Send(AlertNotice notice, CancellationToken cancellationToken);
}
