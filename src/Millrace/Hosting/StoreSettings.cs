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
            "Alerts", "Audit", "AuditTrail", "Commands", "Consumers", "Drain", "Etcd", "Kafka", "Messaging", "Monitor",
            "Notifications", "Pkcs11", "Recovery", "Redis", "Seals", "Shards", "Tenants",
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
        settings.Read(nameof(options.MaxQueuedRequests), (int value) => options.MaxQueuedRequests = value);
        settings.Read(nameof(options.MaxQueuedBytes), (long value) => options.MaxQueuedBytes = value);
        settings.Read(nameof(options.QueueTimeout), (TimeSpan value) => options.QueueTimeout = value);
        settings.Read(nameof(options.MaxBatchRequests), (int value) => options.MaxBatchRequests = value);
        settings.Read(nameof(options.MaxBatchEvents), (int value) => options.MaxBatchEvents = value);
        settings.Read(nameof(options.DrainTimeout), (TimeSpan value) => options.DrainTimeout = value);
        settings.Read(nameof(options.OpenTimeout), (TimeSpan value) => options.OpenTimeout = value);
        settings.Read(nameof(options.TailEvents), (int value) => options.TailEvents = value);
        settings.Read(nameof(options.MaxQueryShapes), (int value) => options.MaxQueryShapes = value);
        settings.Read(nameof(options.PageEvents), (int value) => options.PageEvents = value);
        settings.ReadName(nameof(options.EventFormat), (EventFormat value) => options.EventFormat = value);
        settings.Read(nameof(options.Source), (string value) => options.Source = value);
        settings.Read(nameof(options.ApplicationVersion), (string value) => options.ApplicationVersion = value);
        ReadLimits(settings.Subsection(nameof(options.Limits)), options.Limits);
        settings.RefuseMisspelled(SectionNames);
        settings.Finish(typeof(StoreOptions));
    }

    private static void ReadLimits(Settings settings, EventLimits limits)
    {
        settings.Read(nameof(limits.MaxPayloadBytes), (int value) => limits.MaxPayloadBytes = value);
        settings.Read(nameof(limits.MaxMetadataBytes), (int value) => limits.MaxMetadataBytes = value);
        settings.Read(nameof(limits.MaxEventsPerAppend), (int value) => limits.MaxEventsPerAppend = value);
        settings.Read(nameof(limits.MaxBytesPerAppend), (int value) => limits.MaxBytesPerAppend = value);
        settings.Read(nameof(limits.MaxTagsPerEvent), (int value) => limits.MaxTagsPerEvent = value);
        settings.RefuseOthers();
    }
}
