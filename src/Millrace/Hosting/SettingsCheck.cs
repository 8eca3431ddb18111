using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Hosting.Checking;
using Millrace.Hosting.Nodes;

namespace Millrace.Hosting;

/// <summary>
/// Reads and validates the sections of a configuration without an application. Sections of features that an application
/// must add are only read if the configuration contains them. The application's code can set all other options, so only
/// errors of settings that the configuration contains are known.
/// </summary>
internal sealed partial class SettingsCheck(MillraceConfiguration configuration)
{
    private static readonly string[] Transports = ["rabbitmq", "kafka", "redis", "memory"];

    private readonly List<string> _failures = [];

    /// <summary>Returns all errors, each with the key of its setting.</summary>
    public IReadOnlyList<string> Run()
    {
        Check(new StoreSettings(configuration), StoreSettings.Section, static options => options.Problems());
        Check(new CommandSettings(configuration), CommandSettings.Section, static options => options.Problems());
        Check(new ConsumerSettings(configuration), ConsumerSettings.Section, static options => options.Problems());
        CheckIf(new MonitorSettings(configuration), MonitorSettings.Section, static options => options.Problems());
        CheckIf(new CapacitySettings(configuration), CapacitySettings.Section, static options => options.Problems());
        CheckIf(new ReadinessSettings(configuration), ReadinessSettings.Section, static options => options.Problems());
        CheckIf(new LogAuditSettings(configuration), LogAuditSettings.Section, static options => options.Problems());
        CheckIf(
            new AuditTrailSettings(configuration), AuditTrailSettings.Section, static options => options.Problems());
        CheckIf(new TenantSettings(configuration), TenantSettings.Section, static options => options.Problems());
        CheckIf(
            new MessageBodySettings(configuration), MessageBodySettings.Section, static options => options.Problems());
        CheckIf(new DrainSettings(configuration), DrainSettings.Section, static options => options.Problems());
        CheckIf(new SealSettings(configuration), SealSettings.Section, static options => options.Problems());
        CheckIf(new BackupSettings(configuration), BackupSettings.Section, static options => options.Problems());
        CheckIf(new ArchiveSettings(configuration), ArchiveSettings.Section, static options => options.Problems());
        CheckIf(
            new ArchiveScheduleSettings(configuration),
            ArchiveScheduleSettings.Section,
            static options => options.Problems());
        CheckIf(new ShardSettings(configuration), ShardSettings.Section, static options => options.Problems());
        CheckSection<AlertOptions>(AlertSettings.Section, AlertSettings.Read, static options => options.Problems());
        CheckSection<RecoveryOptions>(
            RecoverySettings.Section, RecoverySettings.Read, static options => options.Problems());
        CheckSection<KpiMonitorOptions>(
            KpiMonitorSettings.Section, KpiMonitorSettings.Read, static options => options.Problems());
        CheckSection<RetentionOptions>(
            RetentionOptionsSettings.Section, RetentionOptionsSettings.Read, static options => options.Problems());
        foreach (var transport in Transports)
            CheckIf(
                new TransportSettings(configuration),
                $"{TransportSettings.Section}:{transport}",
                static options => options.Problems(),
                transport);
        return _failures;
    }

    private void CheckIf<T>(
        IPostConfigureOptions<T> settings,
        string section,
        Func<T, IEnumerable<string>> problems,
        string? name = null)
        where T : class, new()
    {
        if (configuration.GetSection(section).GetChildren().Any())
            Check(settings, section, problems, name);
    }

    private void Check<T>(
        IPostConfigureOptions<T> settings,
        string section,
        Func<T, IEnumerable<string>> problems,
        string? name = null)
        where T : class, new()
    {
        var options = new T();
        Collect(() => settings.PostConfigure(name ?? Options.DefaultName, options));
        _failures.AddRange(problems(options).Select(problem => $"{section}:{problem}").Where(IsOfConfiguration));
    }

    private void CheckSection<T>(
        string path, Action<IConfigurationSection, T> read, Func<T, IEnumerable<string>> problems)
        where T : new()
    {
        var section = configuration.GetSection(path);
        if (!section.GetChildren().Any())
            return;
        var options = new T();
        Collect(() => read(section, options));
        _failures.AddRange(problems(options).Select(problem => $"{path}:{problem}").Where(IsOfConfiguration));
    }

    /// <summary>
    /// Returns true if the configuration contains the setting of an error, and those with which the error compares it.
    /// </summary>
    private bool IsOfConfiguration(string failure)
    {
        var end = failure.IndexOf(": ", StringComparison.Ordinal);
        if (end < 0 || !IsSet(failure[..end]))
            return false;
        var parent = failure[..(failure.LastIndexOf(':', end - 1) + 1)];
        return OtherOptions().Matches(failure[end..]).All(other =>
            other.Value[0] == '\'' || IsSet(parent + other.Value));
    }

    private bool IsSet(string key) =>
        configuration[key] is not null || configuration.GetSection(key).GetChildren().Any();

    /// <summary>
    /// Returns a pattern of quoted values, and of names of options, which have several words, such as MinNodes.
    /// </summary>
    [GeneratedRegex("'[^']*'|[A-Z][a-z]+[A-Z][A-Za-z]+")]
    private static partial Regex OtherOptions();

    private void Collect(Action read)
    {
        try
        {
            read();
        }
        catch (OptionsValidationException exception)
        {
            _failures.AddRange(exception.Failures);
        }
    }
}
