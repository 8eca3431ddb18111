using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Messaging;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads <see cref="MessageBodyOptions"/> from the configuration section <c>Millrace:Messaging:Bodies</c>, which
/// overrides the application's code, and validates them.
/// </summary>
internal sealed class MessageBodySettings(IConfiguration? configuration)
    : IPostConfigureOptions<MessageBodyOptions>, IValidateOptions<MessageBodyOptions>
{
    public const string Section = $"{TransportSettings.Section}:Bodies";

    public void PostConfigure(string? name, MessageBodyOptions options)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.Folder), options.Folder, value => options.Folder = value);
        settings.Read(nameof(options.KeptFor), options.KeptFor, value => options.KeptFor = value);
        settings.RefuseOthers();
        settings.Finish(typeof(MessageBodyOptions));
    }

    public ValidateOptionsResult Validate(string? name, MessageBodyOptions options) =>
        SectionProblems.In(Section, options.Problems());
}
