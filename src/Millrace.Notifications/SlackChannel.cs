using System.Text.Json;

namespace Millrace.Notifications;

/// <summary>Sends notices as messages in the format of Slack's incoming webhooks.</summary>
internal sealed class SlackChannel(string name, Uri url, TimeProvider time) : INotificationChannel, IDisposable
{
    private readonly WebhookSender _sender = new(url, time);

    public string Name => name;

    public Task Send(AlertNotice notice, CancellationToken cancellationToken)
    {
        var message = new SlackMessage(Escape($"{NoticeText.Subject(notice)}\n{NoticeText.Body(notice)}"));
        var body = JsonSerializer.SerializeToUtf8Bytes(message, NotificationJson.Default.SlackMessage);
        return _sender.Send(notice.Id, body, null, cancellationToken);
    }

    public void Dispose() => _sender.Dispose();

    /// <summary>Escapes the control characters of Slack, so that a subject cannot mention users or add links.</summary>
    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);
}
