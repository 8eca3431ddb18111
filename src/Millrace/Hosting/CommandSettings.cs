using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads the command options from the configuration section <c>Millrace:Commands</c>, which overrides the application's
/// code.
/// </summary>
internal sealed class CommandSettings(IConfiguration? configuration) : IPostConfigureOptions<CommandOptions>
{
    public const string Section = $"{StoreSettings.Section}:Commands";

    public void PostConfigure(string? name, CommandOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(
            nameof(options.CachedAggregates), options.CachedAggregates, value => options.CachedAggregates = value);
        settings.Read(
            nameof(options.IdempotencyWindow), options.IdempotencyWindow, value => options.IdempotencyWindow = value);
        ReadRetry(settings.Subsection(nameof(options.Retry)), options);
        settings.RefuseOthers();
        settings.Finish(typeof(CommandOptions));
    }

    private static void ReadRetry(Settings settings, CommandOptions options)
    {
        var retry = options.Retry;
        settings.Read(
            nameof(retry.MaxRetries),
            retry.MaxRetries,
            value => options.Retry = options.Retry with { MaxRetries = value });
        settings.Read(
            nameof(retry.MinDelay), retry.MinDelay, value => options.Retry = options.Retry with { MinDelay = value });
        settings.Read(
            nameof(retry.MaxDelay), retry.MaxDelay, value => options.Retry = options.Retry with { MaxDelay = value });
        settings.RefuseOthers();
    }
}
