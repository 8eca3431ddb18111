using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads the options of a store from the configuration section <c>Millrace</c>, which overrides the application's code.
/// </summary>
internal sealed class StoreSettings(IConfiguration? configuration) : IPostConfigureOptions<StoreOptions>
{
    public const string Section = "Millrace";

    /// <summary>The names of the subsections that this package and its adapters read.</summary>
    private static readonly string[] SectionNames =
        [
            "Alerts", "Archive", "ArchiveSchedule", "Audit", "AuditTrail", "Backup", "Capacity", "Commands",
            "Consumers", "Drain", "Etcd", "Kafka", "KpiMonitor", "Messaging", "Monitor", "Notifications", "Orleans",
            "Pkcs11", "QueryCache", "Readiness", "Recovery", "Redis", "Retention", "Seals", "Shards", "Telemetry",
            "Tenants",
        ];

    public void PostConfigure(string? name, StoreOptions options)
    {
        Read(options);
        options.ApplicationVersion ??= VersionOfProgram();
    }

    /// <summary>Returns the program's informational version, which usually contains the commit.</summary>
    private static string? VersionOfProgram() =>
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private void Read(StoreOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(
            nameof(options.MaxQueuedRequests), options.MaxQueuedRequests, value => options.MaxQueuedRequests = value);
        settings.Read(nameof(options.MaxQueuedBytes), options.MaxQueuedBytes, value => options.MaxQueuedBytes = value);
        settings.Read(nameof(options.QueueTimeout), options.QueueTimeout, value => options.QueueTimeout = value);
        settings.Read(
            nameof(options.MaxBatchRequests), options.MaxBatchRequests, value => options.MaxBatchRequests = value);
        settings.Read(nameof(options.MaxBatchEvents), options.MaxBatchEvents, value => options.MaxBatchEvents = value);
        settings.Read(nameof(options.DrainTimeout), options.DrainTimeout, value => options.DrainTimeout = value);
        settings.Read(nameof(options.OpenTimeout), options.OpenTimeout, value => options.OpenTimeout = value);
        settings.Read(nameof(options.TailEvents), options.TailEvents, value => options.TailEvents = value);
        settings.Read(nameof(options.MaxQueryShapes), options.MaxQueryShapes, value => options.MaxQueryShapes = value);
        settings.Read(nameof(options.PageEvents), options.PageEvents, value => options.PageEvents = value);
        settings.ReadName(nameof(options.EventFormat), options.EventFormat, value => options.EventFormat = value);
        settings.Read(nameof(options.Source), options.Source, value => options.Source = value);
        settings.Read(
            nameof(options.ApplicationVersion),
            options.ApplicationVersion,
            value => options.ApplicationVersion = value);
        ReadLimits(settings.Subsection(nameof(options.Limits)), options.Limits);
        settings.RefuseMisspelled(SectionNames);
        settings.Finish(typeof(StoreOptions));
    }

    private static void ReadLimits(Settings settings, EventLimits limits)
    {
        settings.Read(nameof(limits.MaxPayloadBytes), limits.MaxPayloadBytes, value => limits.MaxPayloadBytes = value);
        settings.Read(
            nameof(limits.MaxMetadataBytes), limits.MaxMetadataBytes, value => limits.MaxMetadataBytes = value);
        settings.Read(
            nameof(limits.MaxEventsPerAppend), limits.MaxEventsPerAppend, value => limits.MaxEventsPerAppend = value);
        settings.Read(
            nameof(limits.MaxBytesPerAppend), limits.MaxBytesPerAppend, value => limits.MaxBytesPerAppend = value);
        settings.Read(nameof(limits.MaxTagsPerEvent), limits.MaxTagsPerEvent, value => limits.MaxTagsPerEvent = value);
        settings.RefuseOthers();
    }
}
