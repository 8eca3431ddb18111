using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Alerting;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads the options of alerts from the configuration section <c>Millrace:Alerts</c>, which overrides the application's
/// code, and validates them with the rules.
/// </summary>
internal sealed class AlertSettings(IServiceProvider provider, AlertsBuilder builder)
    : IPostConfigureOptions<AlertOptions>, IValidateOptions<AlertOptions>
{
    public const string Section = $"{StoreSettings.Section}:Alerts";

    private const string Rules = nameof(Rules);

    public void PostConfigure(string? name, AlertOptions options)
    {
        if (provider.GetService<MillraceConfiguration>()?.GetSection(Section) is { } section)
            Read(section, options);
    }

    public static void Read(IConfigurationSection section, AlertOptions options)
    {
        var settings = new Settings(section);
        settings.Read(nameof(options.Interval), options.Interval, value => options.Interval = value);
        settings.Read(nameof(options.GroupInterval), options.GroupInterval, value => options.GroupInterval = value);
        settings.Read(nameof(options.SendTimeout), options.SendTimeout, value => options.SendTimeout = value);
        settings.Read(nameof(options.MaxRetryDelay), options.MaxRetryDelay, value => options.MaxRetryDelay = value);
        settings.ReadList(nameof(options.Channels), options.Channels, value => options.Channels = value);
        settings.Read(nameof(options.UsesCatalogue), options.UsesCatalogue, value => options.UsesCatalogue = value);
        settings.RefuseOthersButSections(Rules);
        settings.Report(AlertRuleSettings.Read(section.GetSection(Rules)).SelectMany(static rule => rule.Problems));
        settings.Finish(typeof(AlertOptions));
    }

    public ValidateOptionsResult Validate(string? name, AlertOptions options)
    {
        var problems = options.Problems().ToList();
        var rules = BuildRules(options, problems).Values;
        List<string> failures = [];
        if (FindChannels(failures) is { } channels)
        {
            problems.AddRange(options.Channels
                .Where(channel => !channels.Contains(channel, StringComparer.Ordinal))
                .Select(channel => $"Channels: there is no channel '{channel}'."));
            foreach (var rule in rules)
            {
                problems.AddRange(AlertSettingsCheck.UnknownChannels(rule.Rule, channels)
                    .Select(problem => $"{Rules}:{rule.Rule.Name}: {problem}"));
            }
        }
        failures.AddRange(problems.Select(static problem => $"{Section}:{problem}"));
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    /// <summary>Returns the rules and channels of the application, which were validated.</summary>
    public AlertSetup Build(AlertOptions options, IEnumerable<INotificationChannel> channels) => new(
        options.Copy(),
        BuildRules(options, []),
        channels.ToDictionary(static channel => channel.Name, StringComparer.Ordinal));

    /// <summary>Returns the names of the channels; null if a channel cannot be created.</summary>
    private List<string>? FindChannels(List<string> failures)
    {
#pragma warning disable CA1031 // The error of a channel must not hide the other errors.
        try
        {
            var names = provider.GetServices<INotificationChannel>().Select(static channel => channel.Name).ToList();
            failures.AddRange(names.GroupBy(static name => name, StringComparer.Ordinal)
                .Where(static group => group.Count() > 1)
                .Select(static group => $"{Section}:Channels: two channels have the name '{group.Key}'. Rename one."));
            return names;
        }
        catch (OptionsValidationException exception)
        {
            failures.AddRange(exception.Failures);
        }
        catch (Exception exception)
        {
            failures.Add($"{Section}:Channels: a channel cannot be created: {exception.Message}");
        }
#pragma warning restore CA1031
        return null;
    }

    private Dictionary<string, DeclaredAlertRule> BuildRules(AlertOptions options, List<string> problems)
    {
        var all = new Dictionary<string, DeclaredAlertRule>(StringComparer.Ordinal);
        if (options.UsesCatalogue)
        {
            foreach (var rule in AlertCatalogue.Rules)
                all[rule.Name] = new DeclaredAlertRule(rule, AlertRuleSource.Catalogue);
        }
        foreach (var rule in builder.Rules.Values)
            all[rule.Name] = new DeclaredAlertRule(rule, AlertRuleSource.Code);
        foreach (var (name, change) in builder.Changes)
        {
            if (all.TryGetValue(name, out var found))
                all[name] = new DeclaredAlertRule(change(found.Rule), AlertRuleSource.Code);
            else
                problems.Add($"{Rules}:{name}: there is no such rule to change.");
        }
        foreach (var declared in all.Values)
            problems.AddRange(declared.Rule.Problems().Select(problem => $"{Rules}:{declared.Rule.Name}:{problem}"));
        AddConfigured(all, problems);
        return all;
    }

    private void AddConfigured(Dictionary<string, DeclaredAlertRule> all, List<string> problems)
    {
        if (provider.GetService<MillraceConfiguration>()?.GetSection($"{Section}:{Rules}") is not { } section)
            return;
        foreach (var (configured, form, errors) in AlertRuleSettings.Read(section))
        {
            if (errors.Count > 0)
                continue; // They were reported when the options were read.
            // Environment variables often have capitals, which names of rules cannot contain.
            var name = configured.ToLowerInvariant();
            try
            {
                var rule = form.ToRule(name, all.GetValueOrDefault(name)?.Rule);
                all[name] = new DeclaredAlertRule(rule, AlertRuleSource.Configuration);
            }
            catch (AlertRuleException exception)
            {
                problems.AddRange(exception.Problems.Select(problem => $"{Rules}:{name}:{problem}"));
            }
        }
    }
}
