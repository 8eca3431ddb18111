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
        settings.Read(nameof(options.IsEnabled), options.IsEnabled, value => options.IsEnabled = value);
        settings.Read(nameof(options.LeaseDuration), options.LeaseDuration, value => options.LeaseDuration = value);
        settings.Read(nameof(options.LookEvery), options.LookEvery, value => options.LookEvery = value);
        settings.Read(nameof(options.BatchEvents), options.BatchEvents, value => options.BatchEvents = value);
        settings.Read(nameof(options.CatchUpEvents), options.CatchUpEvents, value => options.CatchUpEvents = value);
        settings.Read(nameof(options.BatchBytes), options.BatchBytes, value => options.BatchBytes = value);
        settings.Read(
            nameof(options.CommitDocuments), options.CommitDocuments, value => options.CommitDocuments = value);
        settings.Read(nameof(options.CommitBytes), options.CommitBytes, value => options.CommitBytes = value);
        settings.Read(
            nameof(options.CachedDocuments), options.CachedDocuments, value => options.CachedDocuments = value);
        settings.Read(nameof(options.Workers), options.Workers, value => options.Workers = value);
        settings.Read(
            nameof(options.CheckpointEvery), options.CheckpointEvery, value => options.CheckpointEvery = value);
        settings.Read(nameof(options.Retries), options.Retries, value => options.Retries = value);
        settings.Read(nameof(options.RetryDelay), options.RetryDelay, value => options.RetryDelay = value);
        settings.Read(nameof(options.MaxRetryDelay), options.MaxRetryDelay, value => options.MaxRetryDelay = value);
        settings.Read(nameof(options.MaxDeadLetters), options.MaxDeadLetters, value => options.MaxDeadLetters = value);
        settings.Read(
            nameof(options.MaxWaitingPerKey), options.MaxWaitingPerKey, value => options.MaxWaitingPerKey = value);
        settings.Read(nameof(options.StallAfter), options.StallAfter, value => options.StallAfter = value);
        settings.Read(nameof(options.StopTimeout), options.StopTimeout, value => options.StopTimeout = value);
        settings.Read(nameof(options.ReadTimeout), options.ReadTimeout, value => options.ReadTimeout = value);
        settings.Read(nameof(options.KeepRetired), options.KeepRetired, value => options.KeepRetired = value);
        ReadLoad(settings.Subsection(nameof(options.Load)), options);
        // Environment variables often have capitals, which names of consumers cannot contain.
        settings.ReadAll(
            nameof(options.Partitions),
            (string consumer, int value) => options.Partitions[consumer.ToLowerInvariant()] = value);
        settings.ReadName(nameof(options.SwitchBuilds), options.SwitchBuilds, value => options.SwitchBuilds = value);
        settings.RefuseOthers();
        settings.Finish(typeof(ConsumerOptions));
    }

    private static void ReadLoad(Settings settings, ConsumerOptions options)
    {
        if (!settings.Exists && options.Load is null)
            return;
        var load = options.Load ??= new LoadOptions();
        settings.ReadName(nameof(load.Priority), load.Priority, value => load.Priority = value);
        settings.Read(nameof(load.TargetLatency), load.TargetLatency, value => load.TargetLatency = value);
        settings.Read(nameof(load.TargetThroughput), load.TargetThroughput, value => load.TargetThroughput = value);
        settings.Read(nameof(load.MinBatchEvents), load.MinBatchEvents, value => load.MinBatchEvents = value);
        settings.Read(nameof(load.MaxBatchEvents), load.MaxBatchEvents, value => load.MaxBatchEvents = value);
        settings.Read(nameof(load.MinWorkers), load.MinWorkers, value => load.MinWorkers = value);
        settings.Read(nameof(load.MaxWorkers), load.MaxWorkers, value => load.MaxWorkers = value);
        settings.RefuseOthers();
    }
}
