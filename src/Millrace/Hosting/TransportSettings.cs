using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Messaging;

namespace Millrace;

/// <summary>
/// Takes the options of a transport from the configuration section <c>Millrace:Messaging:{transport}</c>, after the
/// application's own code.
/// </summary>
internal sealed class TransportSettings(IConfiguration? configuration) : IPostConfigureOptions<TransportOptions>
{
    public const string Section = $"{StoreSettings.Section}:Messaging";

    private const string Every = "*";
    private const string Routes = "Publish";

    // A file of settings may be for several applications, of which each uses another: also one that only they know.
    private static readonly string[] Ours = ["rabbitmq", "kafka", "redis", "memory"];

    /// <summary>Refuses names of the section that are neither a setting nor a transport.</summary>
    /// <param name="configuration">Where the settings are.</param>
    /// <param name="transports">The transports that the application uses or can be told to use.</param>
    /// <exception cref="OptionsValidationException">There is one; says which is the nearest.</exception>
    public static void RequireKnown(IConfiguration? configuration, IEnumerable<string> transports)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.RefuseOthersButSections(["Transport", "Bodies", .. Ours, .. transports]);
        settings.Finish(typeof(TransportOptions));
    }

    public void PostConfigure(string? name, TransportOptions options)
    {
        if (configuration?.GetSection($"{Section}:{name}") is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.ConfirmTimeout), (TimeSpan value) => options.ConfirmTimeout = value);
        settings.Read(nameof(options.BatchMessages), (int value) => options.BatchMessages = value);
        settings.ReadName(nameof(options.Format), (MessageFormat value) => options.Format = value);
        settings.Read(nameof(options.Source), value => options.Source = value);
        settings.Read(nameof(options.ClaimCheckAbove), (long value) => options.ClaimCheckAbove = value);
        settings.Read(nameof(options.AllowsUnroutable), (bool value) => options.AllowsUnroutable = value);
        settings.Read(nameof(options.OverlapsKeys), (bool value) => options.OverlapsKeys = value);
        settings.Read(nameof(options.BeginsAtEnd), (bool value) => options.BeginsAtEnd = value);
        settings.Read(nameof(options.Prefetch), (int value) => options.Prefetch = value);
        settings.Read(nameof(options.InboxWindow), (TimeSpan value) => options.InboxWindow = value);
        settings.Read(nameof(options.IgnoresUnknown), (bool value) => options.IgnoresUnknown = value);
        settings.ReadList(nameof(options.AnswersTo), value => options.AnswersTo = value);
        settings.RefuseOthers([Routes, .. TransportAddress.NamesOf(name)]);
        settings.Finish(typeof(TransportOptions));
        foreach (var destination in section.GetSection(Routes).GetChildren())
            options.Routes.Add(RouteOf(destination));
    }

    /// <summary>A route: its types parted by commas, or one below the other.</summary>
    private static PublishRoute RouteOf(IConfigurationSection destination)
    {
        var types = Settings.ListOf(destination);
        if (types.Count == 0)
        {
            throw new OptionsValidationException(
                Options.DefaultName,
                typeof(TransportOptions),
                [$"{destination.Path}: must name event types, or be '{Every}' for all."]);
        }
        return new PublishRoute(PublishRoute.Checked(destination.Key), types.Contains(Every) ? [] : types);
    }
}
