using System.ComponentModel;

namespace Millrace.AspNetCore.Configuration;

/// <summary>The settings of a node, for operators.</summary>
[Description("The settings of the node that answers the request, and the errors of changes that it refused.")]
internal sealed record SettingsView(
    [property: Description("The settings, by key.")] IReadOnlyList<SettingView> Settings,
    [property: Description("The errors of the last change, if it was refused.")]
    IReadOnlyList<ConfigurationProblem> Problems);
