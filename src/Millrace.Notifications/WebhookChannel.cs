using System.Text.Json;

namespace Millrace.Notifications;

/// <summary>Sends notices as JSON, signed if there is a secret.</summary>
internal sealed class WebhookChannel(string name, Uri url, string? secret, TimeProvider time)
    : INotificationChannel, IDisposable
{
    private readonly WebhookSender _sender = new(url, time);

    public string Name => name;

    public Task Send(AlertNotice notice, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(notice, NotificationJson.Default.AlertNotice);
        return _sender.Send(notice.Id, body, secret, cancellationToken);
    }

    public void Dispose() => _sender.Dispose();
}
