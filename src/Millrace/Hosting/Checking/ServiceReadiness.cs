using Microsoft.Extensions.DependencyInjection;
using Millrace.Alerting;

namespace Millrace.Hosting.Checking;

/// <summary>Answers the questions about alerts, access control and probes.</summary>
internal sealed class ServiceReadiness(IServiceProvider services) : IReadinessCheck
{
    public async ValueTask<IReadOnlyList<ReadinessItem>> Check(CancellationToken cancellationToken) =>
    [
        await AlertsItem(cancellationToken).ConfigureAwait(false),
        StoreServiceFactory.IsRegistered(services, typeof(AccessBuilder))
            ? ReadinessQuestion.AccessControl.Yes("The application uses access control.")
            : ReadinessQuestion.AccessControl.No("Every user may send every command and query."),
        StoreServiceFactory.IsRegistered(services, typeof(NodeHealth))
            ? ReadinessQuestion.Probes.Yes("The node reports its state, and drains before it stops.")
            : ReadinessQuestion.Probes.No("The node has no probes, and does not drain."),
    ];

    private async Task<ReadinessItem> AlertsItem(CancellationToken cancellationToken)
    {
        if (services.GetService<Alerts>() is not { } alerts)
            return ReadinessQuestion.Alerts.No("The application has no alerts.");
        var defaults = services.GetRequiredService<AlertSetup>().Options.Channels;
        var rules = await alerts.ListRules(cancellationToken).ConfigureAwait(false);
        var enabled = rules.Select(static one => one.Rule).Where(static rule => rule.IsEnabled).ToList();
        if (enabled.Count == 0)
            return ReadinessQuestion.Alerts.No("No alert rule is enabled.");
        var channels = enabled
            .SelectMany(rule => rule.Channels.Count > 0 ? rule.Channels : defaults)
            .Distinct(StringComparer.Ordinal)
            .Where(static name => name != LogChannel.ChannelName)
            .Order(StringComparer.Ordinal)
            .ToList();
        return channels.Count == 0
            ? ReadinessQuestion.Alerts.No(
                "Alerts are only written to the log: no enabled rule uses another channel.") with
            {
                Remedy = "Add a channel to UseAlerts, such as mail or a webhook, and name it in the rules.",
            }
            : ReadinessQuestion.Alerts.Yes(
                $"{ModelReadiness.Counted(enabled.Count, "rule")}, sent by {string.Join(", ", channels)}.");
    }
}
