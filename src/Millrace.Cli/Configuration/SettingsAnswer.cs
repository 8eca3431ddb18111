using System.Text.Json;

namespace Millrace.Cli.Configuration;

/// <summary>The settings of an application or of a folder, and their errors.</summary>
internal sealed record SettingsAnswer(
    IReadOnlyList<EffectiveSetting> Settings, IReadOnlyList<ConfigurationProblem> Problems)
{
    /// <summary>Reads the answer of a running application.</summary>
    public static SettingsAnswer Of(JsonElement answer) => new(
        [.. answer.GetProperty("settings").EnumerateArray().Select(SettingOf)],
        [.. answer.GetProperty("problems").EnumerateArray().Select(ProblemOf)]);

    private static EffectiveSetting SettingOf(JsonElement json) =>
        new(TextOf(json, "key") ?? "", TextOf(json, "value"), TextOf(json, "source") ?? "")
        {
            IsRead = json.GetProperty("isRead").GetBoolean(),
            IsReloadable = json.GetProperty("isReloadable").GetBoolean(),
            PendingValue = TextOf(json, "pendingValue"),
            PendingReason = TextOf(json, "pendingReason"),
        };

    private static ConfigurationProblem ProblemOf(JsonElement json) => new(
        TextOf(json, "key"), TextOf(json, "value"), TextOf(json, "source") ?? "", TextOf(json, "message") ?? "");

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var text) ? text.GetString() : null;
}
