using System.ComponentModel;

namespace Millrace.AspNetCore.Configuration;

/// <summary>A setting of the application, for operators.</summary>
[Description("A setting of the node that answers the request. Secrets are masked.")]
internal sealed record SettingView(
    [property: Description("The key, such as Millrace:Consumers:Workers.")] string Key,
    [property: Description("The value in effect; missing if there is none.")] string? Value,
    [property: Description("default, code, a file, an environment variable or the command line.")] string Source,
    [property: Description("False if no part of Millrace reads the setting.")] bool IsRead,
    [property: Description("True if a change takes effect without a restart.")] bool IsReloadable,
    [property: Description("The value in the configuration, if it is not in effect.")] string? PendingValue,
    [property: Description("The reason why the configured value is not in effect.")] string? PendingReason)
{
    public static SettingView Of(EffectiveSetting setting) => new(
        setting.Key,
        setting.Value,
        setting.Source,
        setting.IsRead,
        setting.IsReloadable,
        setting.PendingValue,
        setting.PendingReason);
}
