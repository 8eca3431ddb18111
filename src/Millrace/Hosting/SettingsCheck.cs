using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Hosting.Checking;
using Millrace.Hosting.Nodes;

namespace Millrace.Hosting;

/// <summary>
/// Reads and validates the sections of a configuration without an application. Sections of features that an application
/// must add are only read if the configuration contains them.
/// </summary>
internal sealed class SettingsCheck(MillraceConfiguration configuration)
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
        CheckIf(new MessageBodySettings(configuration), MessageBodySettings.Section, static _ => []);
        CheckIf(new DrainSettings(configuration), DrainSettings.Section, static _ => []);
        // The code of the application sets further members of these, such as the place of a backup.
        CheckIf(new SealSettings(configuration), SealSettings.Section, static _ => []);
        CheckIf(new BackupSettings(configuration), BackupSettings.Section, static _ => []);
        CheckIf(new ArchiveSettings(configuration), ArchiveSettings.Section, static _ => []);
        CheckIf(new ArchiveScheduleSettings(configuration), ArchiveScheduleSettings.Section, static _ => []);
        CheckIf(new ShardSettings(configuration), ShardSettings.Section, static _ => []);
        CheckSection<AlertOptions>(AlertSettings.Section, AlertSettings.Read, static options => options.Problems());
        CheckSection<RecoveryOptions>(
            RecoverySettings.Section, RecoverySettings.Read, static options => options.Problems());
        CheckSection<KpiMonitorOptions>(
            KpiMonitorSettings.Section, KpiMonitorSettings.Read, static options => options.Problems());
        CheckSection<RetentionOptions>(
            RetentionOptionsSettings.Section, RetentionOptionsSettings.Read, static _ => []);
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
        _failures.AddRange(problems(options).Select(problem => $"{section}:{problem}"));
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
        _failures.AddRange(problems(options).Select(problem => $"{path}:{problem}"));
    }

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
