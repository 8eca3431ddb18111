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
        settings.Read(nameof(options.CachedAggregates), (int value) => options.CachedAggregates = value);
        settings.Read(nameof(options.IdempotencyWindow), (TimeSpan value) => options.IdempotencyWindow = value);
        settings.Read("Retry:MaxRetries", (int value) => options.Retry = options.Retry with { MaxRetries = value });
        settings.Read("Retry:MinDelay", (TimeSpan value) => options.Retry = options.Retry with { MinDelay = value });
        settings.Read("Retry:MaxDelay", (TimeSpan value) => options.Retry = options.Retry with { MaxDelay = value });
        settings.Finish(typeof(CommandOptions));
    }
}
