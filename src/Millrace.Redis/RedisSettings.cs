using Microsoft.Extensions.Configuration;
using Millrace.Shared.Settings;

namespace Millrace.Redis;

/// <summary>
/// Reads options from the configuration section <c>Millrace:Redis</c>, after the application's own code.
/// </summary>
internal static class RedisSettings
{
    public const string Section = "Millrace:Redis";

    public static void Apply(IConfiguration? configuration, RedisOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.Address), value => options.Address = value);
        settings.Read(nameof(options.SentinelService), value => options.SentinelService = value);
        settings.Read(nameof(options.SentinelUser), value => options.SentinelUser = value);
        settings.Read(nameof(options.SentinelPassword), value => options.SentinelPassword = value);
        settings.Read(nameof(options.KeyPrefix), value => options.KeyPrefix = value);
        settings.Read(nameof(options.SharesSubscriptions), (bool value) => options.SharesSubscriptions = value);
        settings.Read(nameof(options.TakeOverAfter), (TimeSpan value) => options.TakeOverAfter = value);
        settings.Read(nameof(options.BeginsAtEnd), (bool value) => options.BeginsAtEnd = value);
        settings.Read(nameof(options.MaxLength), (long value) => options.MaxLength = value);
        settings.Read(nameof(options.RemovesHandled), (bool value) => options.RemovesHandled = value);
        settings.Read(nameof(options.AnswerTimeout), (TimeSpan value) => options.AnswerTimeout = value);
        settings.Read(nameof(options.Replicas), (int value) => options.Replicas = value);
        settings.Read(nameof(options.MaxBodyBytes), (long value) => options.MaxBodyBytes = value);
        settings.RefuseOthers();
        settings.Finish(typeof(RedisOptions));
    }
}
