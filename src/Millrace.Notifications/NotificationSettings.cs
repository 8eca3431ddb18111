using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Notifications;

/// <summary>
/// Reads the options of a channel from the configuration section <c>Millrace:Notifications:{channel}</c>, which
/// overrides the application's code, and checks them.
/// </summary>
internal static class NotificationSettings
{
    public const string Section = "Millrace:Notifications";

    public static WebhookOptions Apply(IConfiguration? configuration, string channel, WebhookOptions options)
    {
        if (Find(configuration, channel) is { } settings)
        {
            settings.Read(
                nameof(options.Url),
                options.Url?.OriginalString,
                value => options.Url = Uri.TryCreate(value, UriKind.Absolute, out var url) ? url : null);
            settings.Read(nameof(options.Secret), options.Secret, value => options.Secret = value);
            settings.RefuseOthers();
            settings.Finish(typeof(WebhookOptions));
        }
        ThrowIfAny(channel, typeof(WebhookOptions), options.Problems());
        return options;
    }

    public static MailOptions Apply(IConfiguration? configuration, string channel, MailOptions options)
    {
        if (Find(configuration, channel) is { } settings)
        {
            settings.Read(nameof(options.Host), options.Host, value => options.Host = value);
            settings.Read(nameof(options.Port), options.Port, value => options.Port = value);
            settings.ReadName(nameof(options.Security), options.Security, value => options.Security = value);
            settings.Read(
                nameof(options.CertificateAuthorityFile),
                options.CertificateAuthorityFile,
                value => options.CertificateAuthorityFile = value);
            settings.Read(nameof(options.User), options.User, value => options.User = value);
            settings.Read(nameof(options.Password), options.Password, value => options.Password = value);
            settings.Read(nameof(options.From), options.From, value => options.From = value);
            settings.ReadList(nameof(options.To), options.To, value => options.To = value);
            settings.RefuseOthers();
            settings.Finish(typeof(MailOptions));
        }
        ThrowIfAny(channel, typeof(MailOptions), options.Problems());
        return options;
    }

    private static Settings? Find(IConfiguration? configuration, string channel) =>
        configuration?.GetSection($"{Section}:{channel}") is { } section ? new Settings(section) : null;

    private static void ThrowIfAny(string channel, Type options, IEnumerable<string> problems)
    {
        List<string> all = [.. problems.Select(problem => $"{Section}:{channel}:{problem}")];
        if (all.Count > 0)
            throw new OptionsValidationException(channel, options, all);
    }
}
