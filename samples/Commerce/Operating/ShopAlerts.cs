using Commerce.Mailing;

namespace Commerce.Operating;

/// <summary>
/// Declares the alerts of the shop. They are written to the log, and sent to the channels <c>mail</c>, <c>webhook</c>
/// and <c>slack</c> that the configuration contains (<c>Millrace:Notifications:mail:To:0</c>).
/// </summary>
internal static class ShopAlerts
{
    private const string Section = "Millrace:Notifications";
    private const string Mail = "mail";
    private const string Webhook = "webhook";
    private const string Slack = "slack";

    /// <summary>Adds the rules and the channels.</summary>
    public static MillraceBuilder UseShopAlerts(
        this MillraceBuilder millrace, ShopOptions options, IConfiguration configuration) =>
        millrace.UseAlerts(alerts =>
        {
            AddRules(alerts, options);
            var channels = AddChannels(alerts, options.Smtp, configuration);
            alerts.Configure(settings => settings.Channels = ["log", .. channels]);
        });

    private static void AddRules(AlertsBuilder alerts, ShopOptions options)
    {
        alerts.Change("dead-letters", rule => rule with
        {
            Description = "Events wait for a decision: see #/dead-letters on the page of the shop.",
        });
        alerts.Add(new AlertRule
        {
            Name = "query-latency",
            Description = "Pages of the shop are slow.",
            Metric = MonitorMetrics.QueryLatency,
            Subject = "",
            Threshold = 1_000,
            ResolveAt = 800,
            For = TimeSpan.FromMinutes(5),
        });
        if (options.Simulates)
            alerts.Add(new AlertRule
            {
                Name = "no-events",
                Description = "The simulated customers do nothing.",
                Metric = MonitorMetrics.EventRate,
                Aggregate = AlertAggregate.Sum,
                Condition = AlertCondition.Below,
                Threshold = 0.1,
                For = TimeSpan.FromMinutes(10),
            });
    }

    /// <summary>Adds the configured channels, and returns their names.</summary>
    private static List<string> AddChannels(AlertsBuilder alerts, SmtpOptions smtp, IConfiguration configuration)
    {
        var names = new List<string>();
        if (Has(Mail))
            alerts.AddMail(Mail, mail => UseServer(mail, smtp));
        if (Has(Webhook))
            alerts.AddWebhook(Webhook);
        if (Has(Slack))
            alerts.AddSlackWebhook(Slack);
        return names;

        bool Has(string channel)
        {
            if (!configuration.GetSection($"{Section}:{channel}").GetChildren().Any())
                return false;
            names.Add(channel);
            return true;
        }
    }

    /// <summary>Uses the mail server of the shop, if it has one. The configuration overrides it.</summary>
    internal static void UseServer(MailOptions mail, SmtpOptions smtp)
    {
        if (smtp.Host is null)
            return;
        (mail.Host, mail.Port, mail.User, mail.Password) = (smtp.Host, smtp.Port, smtp.User, smtp.Password);
        // Without TLS, the options of mail refuse the file, which the shop accepts and does not use.
        mail.CertificateAuthorityFile = smtp.Security == SmtpSecurity.None ? null : smtp.TrustedCertificates;
        mail.Security = smtp.Security switch
        {
            SmtpSecurity.None => MailSecurity.None,
            SmtpSecurity.Implicit => MailSecurity.Implicit,
            _ => MailSecurity.StartTls,
        };
    }
}
