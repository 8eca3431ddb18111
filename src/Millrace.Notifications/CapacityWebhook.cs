using System.Text.Json;

namespace Millrace.Notifications;

/// <summary>
/// Posts each change of the number of nodes as JSON, signed with HMAC-SHA256 if there is a secret
/// (<see cref="WebhookSignature"/>). The receiver must set the number before it answers with a status of success.
/// </summary>
/// <param name="url">The address.</param>
/// <param name="secret">The secret of the signature; null for none.</param>
/// <param name="time">The clock of the signature; null for the system's.</param>
public sealed class CapacityWebhook(Uri url, string? secret = null, TimeProvider? time = null)
    : ICapacityHook, IDisposable
{
    private readonly WebhookSender _sender = new(url, time ?? TimeProvider.System);

    /// <inheritdoc/>
    public Task SetNodes(CapacityChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var body = JsonSerializer.SerializeToUtf8Bytes(change, NotificationJson.Default.CapacityChange);
        return _sender.Send(change.Id, body, secret, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _sender.Dispose();
}
