using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Recovering;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads the options of the recovery manager from the configuration section <c>Millrace:Recovery</c>, which overrides
/// the application's code, and validates them with the rules and actions.
/// </summary>
internal sealed class RecoverySettings(IServiceProvider provider)
    : IPostConfigureOptions<RecoveryOptions>, IValidateOptions<RecoveryOptions>
{
    public const string Section = $"{StoreSettings.Section}:Recovery";

    public void PostConfigure(string? name, RecoveryOptions options)
    {
        if (provider.GetService<MillraceConfiguration>()?.GetSection(Section) is { } section)
            Read(section, options);
    }

    public static void Read(IConfigurationSection section, RecoveryOptions options)
    {
        var settings = new Settings(section);
        settings.Read(nameof(options.Interval), options.Interval, value => options.Interval = value);
        settings.Read(nameof(options.IsDryRun), options.IsDryRun, value => options.IsDryRun = value);
        settings.Read(nameof(options.UsesCatalogue), options.UsesCatalogue, value => options.UsesCatalogue = value);
        settings.RefuseOthers();
        settings.Finish(typeof(RecoveryOptions));
    }

    public ValidateOptionsResult Validate(string? name, RecoveryOptions options)
    {
        var (rules, problems) = options.BuildRules();
        var names = provider.GetServices<IRecoveryAction>().Select(static action => action.Name).ToList();
        var unknown = rules.SelectMany(rule => rule.Actions
            .Where(action => !names.Contains(action, StringComparer.Ordinal))
            .Select(action => $"Rules:{rule.Name}:actions: there is no action '{action}'. There are: "
                + $"{string.Join(", ", names.Order(StringComparer.Ordinal))}."));
        var twice = names.GroupBy(static action => action, StringComparer.Ordinal)
            .Where(static group => group.Count() > 1)
            .Select(static group => $"Actions:{group.Key}: two actions have this name. Rename one.");
        var invalid = names.Select(static action => (action, ConsumerDefinition.NameProblem(action)))
            .Where(static one => one.Item2 is not null)
            .Select(static one => $"Actions:{one.action}: {one.Item2}.");
        return SectionProblems.In(Section, [.. options.Problems(), .. problems, .. unknown, .. twice, .. invalid]);
    }

    /// <summary>Returns the rules and actions of the application, which were validated.</summary>
    public static RecoverySetup Build(RecoveryOptions options, IEnumerable<IRecoveryAction> actions) => new(
        options.Interval,
        options.IsDryRun,
        options.BuildRules().Rules,
        actions.ToDictionary(static action => action.Name, StringComparer.Ordinal));
}
