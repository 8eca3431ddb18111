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
        settings.Read(nameof(options.Address), options.Address, value => options.Address = value);
        settings.Read(
            nameof(options.SentinelService), options.SentinelService, value => options.SentinelService = value);
        settings.Read(nameof(options.SentinelUser), options.SentinelUser, value => options.SentinelUser = value);
        settings.Read(
            nameof(options.SentinelPassword), options.SentinelPassword, value => options.SentinelPassword = value);
        settings.Read(nameof(options.KeyPrefix), options.KeyPrefix, value => options.KeyPrefix = value);
        settings.Read(
            nameof(options.SharesSubscriptions),
            options.SharesSubscriptions,
            value => options.SharesSubscriptions = value);
        settings.Read(nameof(options.TakeOverAfter), options.TakeOverAfter, value => options.TakeOverAfter = value);
        settings.Read(nameof(options.BeginsAtEnd), options.BeginsAtEnd, value => options.BeginsAtEnd = value);
        settings.Read(nameof(options.MaxLength), options.MaxLength, value => options.MaxLength = value);
        settings.Read(nameof(options.RemovesHandled), options.RemovesHandled, value => options.RemovesHandled = value);
        settings.Read(nameof(options.AnswerTimeout), options.AnswerTimeout, value => options.AnswerTimeout = value);
        settings.Read(nameof(options.Replicas), options.Replicas, value => options.Replicas = value);
        settings.Read(nameof(options.MaxBodyBytes), options.MaxBodyBytes, value => options.MaxBodyBytes = value);
        settings.RefuseOthers();
        settings.Finish(typeof(RedisOptions));
    }
}
