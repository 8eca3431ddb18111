using Microsoft.Extensions.Configuration;
using Millrace.Alerting;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads alert rules from the configuration section <c>Millrace:Alerts:Rules</c>. A rule with the name of another one
/// changes only the members that the configuration contains.
/// </summary>
internal static class AlertRuleSettings
{
    /// <summary>Returns the rules. A rule with problems lacks the members that are not valid.</summary>
    public static List<(string Name, AlertRuleForm Form, IReadOnlyList<string> Problems)> Read(
        IConfigurationSection section) =>
        [.. section.GetChildren().Select(ReadRule)];

    private static (string Name, AlertRuleForm Form, IReadOnlyList<string> Problems) ReadRule(
        IConfigurationSection section)
    {
        var form = new AlertRuleForm();
        var settings = new Settings(section);
        settings.Read(nameof(form.Description), form.Description, value => form.Description = value);
        settings.Read(nameof(form.Metric), form.Metric, value => form.Metric = value);
        settings.Read(nameof(form.Subject), form.Subject, value => form.Subject = value);
        settings.ReadName(nameof(form.Aggregate), form.Aggregate, value => form.Aggregate = value);
        settings.ReadName(nameof(form.Condition), form.Condition, value => form.Condition = value);
        settings.Read(nameof(form.Threshold), form.Threshold, value => form.Threshold = value);
        settings.Read(nameof(form.ResolveAt), form.ResolveAt, value => form.ResolveAt = value);
        settings.ReadName(nameof(form.Severity), form.Severity, value => form.Severity = value);
        settings.Read(nameof(form.For), form.For, value => form.For = value);
        settings.Read(nameof(form.ResolveAfter), form.ResolveAfter, value => form.ResolveAfter = value);
        settings.Read(nameof(form.NoDataAfter), form.NoDataAfter, value => form.NoDataAfter = value);
        settings.Read(nameof(form.AlertsOnNoData), form.AlertsOnNoData, value => form.AlertsOnNoData = value);
        settings.ReadList(nameof(form.Channels), form.Channels, value => form.Channels = value);
        settings.Read(nameof(form.RepeatEvery), form.RepeatEvery, value => form.RepeatEvery = value);
        settings.Read(nameof(form.IsEnabled), form.IsEnabled, value => form.IsEnabled = value);
        ReadEscalations(settings.Subsection(nameof(form.Escalations)), section, form);
        settings.RefuseOthers();
        return (section.Key, form, settings.Problems);
    }

    private static void ReadEscalations(Settings settings, IConfigurationSection section, AlertRuleForm form)
    {
        var steps = new List<AlertEscalation>();
        foreach (var child in section.GetSection(nameof(form.Escalations)).GetChildren())
        {
            var step = settings.Subsection(child.Key);
            var after = TimeSpan.Zero;
            IReadOnlyList<string> channels = [];
            step.Read(nameof(AlertEscalation.After), default(TimeSpan?), value => after = value);
            step.ReadList(nameof(AlertEscalation.Channels), null, value => channels = value);
            step.RefuseOthers();
            steps.Add(new AlertEscalation(after, channels));
        }
        settings.RefuseOthers();
        if (steps.Count > 0)
            form.Escalations = steps;
    }
}
