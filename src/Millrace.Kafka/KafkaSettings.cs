using Microsoft.Extensions.Configuration;
using Millrace.Shared.Settings;

namespace Millrace.Kafka;

/// <summary>
/// Reads options from the configuration section <c>Millrace:Kafka</c>, after the application's own code.
/// </summary>
internal static class KafkaSettings
{
    public const string Section = "Millrace:Kafka";

    public static void Apply(IConfiguration? configuration, KafkaOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.Servers), options.Servers, value => options.Servers = value);
        settings.Read(nameof(options.GroupPrefix), options.GroupPrefix, value => options.GroupPrefix = value);
        settings.Read(nameof(options.CreatesTopics), options.CreatesTopics, value => options.CreatesTopics = value);
        settings.Read(nameof(options.Partitions), options.Partitions, value => options.Partitions = value);
        settings.Read(nameof(options.Copies), options.Copies, value => options.Copies = value);
        settings.Read(nameof(options.Linger), options.Linger, value => options.Linger = value);
        settings.Read(nameof(options.FetchWait), options.FetchWait, value => options.FetchWait = value);
        settings.Read(
            nameof(options.DeliveryTimeout), options.DeliveryTimeout, value => options.DeliveryTimeout = value);
        settings.Read(nameof(options.RequestTimeout), options.RequestTimeout, value => options.RequestTimeout = value);
        settings.Read(nameof(options.TakeOverAfter), options.TakeOverAfter, value => options.TakeOverAfter = value);
        settings.Read(nameof(options.MaxBodyBytes), options.MaxBodyBytes, value => options.MaxBodyBytes = value);
        foreach (var setting in section.GetSection(nameof(options.Settings)).GetChildren())
        {
            if (setting.Value is { } value)
                options.Settings[setting.Key] = value;
        }
        settings.RefuseOthers(nameof(options.Settings));
        settings.Finish(typeof(KafkaOptions));
    }
}
