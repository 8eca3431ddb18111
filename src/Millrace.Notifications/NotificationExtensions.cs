using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Notifications;

namespace Millrace;

/// <summary>
/// Adds channels for notices about alerts. The configuration section <c>Millrace:Notifications:{name}</c> overrides the
/// options of a channel. The host does not start if they are not valid.
/// </summary>
public static class NotificationExtensions
{
    /// <summary>Adds a channel that sends mail by SMTP.</summary>
    /// <param name="alerts">The builder.</param>
    /// <param name="name">The stable name, by which rules refer to the channel.</param>
    /// <param name="configure">Sets the options.</param>
    public static AlertsBuilder AddMail(
        this AlertsBuilder alerts, string name, Action<MailOptions>? configure = null) =>
        Add(alerts, name, (configuration, time) =>
        {
            var options = new MailOptions();
            configure?.Invoke(options);
            return new MailChannel(name, NotificationSettings.Apply(configuration, name, options), time);
        });

    /// <summary>
    /// Adds a channel that posts notices as JSON, signed with HMAC-SHA256 if there is a secret
    /// (<see cref="WebhookSignature"/>).
    /// </summary>
    /// <inheritdoc cref="AddMail"/>
    public static AlertsBuilder AddWebhook(
        this AlertsBuilder alerts, string name, Action<WebhookOptions>? configure = null) =>
        Add(alerts, name, (configuration, time) =>
        {
            var options = Read(configuration, name, configure);
            return new WebhookChannel(name, options.Url!, options.Secret, time); // The options were checked.
        });

    /// <summary>Adds a channel that posts messages in the format of Slack's incoming webhooks, without a
    /// signature.</summary>
    /// <inheritdoc cref="AddMail"/>
    public static AlertsBuilder AddSlackWebhook(
        this AlertsBuilder alerts, string name, Action<WebhookOptions>? configure = null) =>
        Add(alerts, name, (configuration, time) =>
            new SlackChannel(name, Read(configuration, name, configure).Url!, time)); // The options were checked.

    private static WebhookOptions Read(IConfiguration? configuration, string name, Action<WebhookOptions>? configure)
    {
        var options = new WebhookOptions();
        configure?.Invoke(options);
        return NotificationSettings.Apply(configuration, name, options);
    }

    private static AlertsBuilder Add(
        AlertsBuilder alerts, string name, Func<IConfiguration?, TimeProvider, INotificationChannel> create)
    {
        ArgumentNullException.ThrowIfNull(alerts);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return alerts.AddChannel(provider =>
            create(provider.GetService<MillraceConfiguration>(), provider.GetRequiredService<TimeProvider>()));
    }
}
