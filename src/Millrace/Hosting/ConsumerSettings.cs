using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads the consumer options from the configuration section <c>Millrace:Consumers</c>, which overrides the
/// application's code.
/// </summary>
internal sealed class ConsumerSettings(IConfiguration? configuration) : IPostConfigureOptions<ConsumerOptions>
{
    public const string Section = $"{StoreSettings.Section}:Consumers";

    public void PostConfigure(string? name, ConsumerOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.IsEnabled), (bool value) => options.IsEnabled = value);
        settings.Read(nameof(options.LeaseDuration), (TimeSpan value) => options.LeaseDuration = value);
        settings.Read(nameof(options.LookEvery), (TimeSpan value) => options.LookEvery = value);
        settings.Read(nameof(options.BatchEvents), (int value) => options.BatchEvents = value);
        settings.Read(nameof(options.CatchUpEvents), (int value) => options.CatchUpEvents = value);
        settings.Read(nameof(options.BatchBytes), (long value) => options.BatchBytes = value);
        settings.Read(nameof(options.CommitDocuments), (int value) => options.CommitDocuments = value);
        settings.Read(nameof(options.CommitBytes), (long value) => options.CommitBytes = value);
        settings.Read(nameof(options.CachedDocuments), (int value) => options.CachedDocuments = value);
        settings.Read(nameof(options.Workers), (int value) => options.Workers = value);
        settings.Read(nameof(options.CheckpointEvery), (TimeSpan value) => options.CheckpointEvery = value);
        settings.Read(nameof(options.Retries), (int value) => options.Retries = value);
        settings.Read(nameof(options.RetryDelay), (TimeSpan value) => options.RetryDelay = value);
        settings.Read(nameof(options.MaxRetryDelay), (TimeSpan value) => options.MaxRetryDelay = value);
        settings.Read(nameof(options.MaxDeadLetters), (int value) => options.MaxDeadLetters = value);
        settings.Read(nameof(options.MaxWaitingPerKey), (int value) => options.MaxWaitingPerKey = value);
        settings.Read(nameof(options.StallAfter), (TimeSpan value) => options.StallAfter = value);
        settings.Read(nameof(options.StopTimeout), (TimeSpan value) => options.StopTimeout = value);
        settings.Read(nameof(options.ReadTimeout), (TimeSpan value) => options.ReadTimeout = value);
        settings.Read(nameof(options.KeepRetired), (TimeSpan value) => options.KeepRetired = value);
        ReadLoad(settings.Subsection(nameof(options.Load)), options);
        settings.ReadAll(
            nameof(options.Partitions), (string consumer, int value) => options.Partitions[consumer] = value);
        settings.ReadName(nameof(options.SwitchBuilds), (BuildSwitch value) => options.SwitchBuilds = value);
        settings.RefuseOthers();
        settings.Finish(typeof(ConsumerOptions));
    }

    private static void ReadLoad(Settings settings, ConsumerOptions options)
    {
        if (!settings.Exists)
            return;
        var load = options.Load ??= new LoadOptions();
        settings.ReadName(nameof(load.Priority), (LoadPriority value) => load.Priority = value);
        settings.Read(nameof(load.TargetLatency), (TimeSpan value) => load.TargetLatency = value);
        settings.Read(nameof(load.TargetThroughput), (double value) => load.TargetThroughput = value);
        settings.Read(nameof(load.MinBatchEvents), (int value) => load.MinBatchEvents = value);
        settings.Read(nameof(load.MaxBatchEvents), (int value) => load.MaxBatchEvents = value);
        settings.Read(nameof(load.MinWorkers), (int value) => load.MinWorkers = value);
        settings.Read(nameof(load.MaxWorkers), (int value) => load.MaxWorkers = value);
        settings.RefuseOthers();
    }
}
