using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Caching;

/// <summary>
/// Reads options from the configuration section <c>Millrace:QueryCache</c>, after the application's own code.
/// </summary>
internal static class QueryCacheSettings
{
    public const string Section = "Millrace:QueryCache";

    /// <exception cref="OptionsValidationException">Options are not valid; the message lists all of them.</exception>
    public static void Apply(IConfiguration? configuration, QueryCacheOptions options)
    {
        if (configuration?.GetSection(Section) is { } section)
        {
            var settings = new Settings(section);
            settings.Read(nameof(options.MaxBytes), options.MaxBytes, value => options.MaxBytes = value);
            settings.Read(nameof(options.Redis), options.Redis, value => options.Redis = value);
            settings.Read(nameof(options.KeyPrefix), options.KeyPrefix, value => options.KeyPrefix = value);
            settings.Read(nameof(options.RedisTimeout), options.RedisTimeout, value => options.RedisTimeout = value);
            settings.RefuseOthers();
            settings.Finish(typeof(QueryCacheOptions));
        }
        if (options.Problems().ToList() is { Count: > 0 } problems)
            throw new OptionsValidationException(Options.DefaultName, typeof(QueryCacheOptions), problems);
    }
}
