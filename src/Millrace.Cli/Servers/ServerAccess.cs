using System.Text.Json;

namespace Millrace.Cli.Servers;

/// <summary>Reads the answers of a running application about access.</summary>
internal static class ServerAccess
{
    public static AccessSnapshot SnapshotOf(JsonElement json) => new(
        json.GetProperty("position").GetInt64(),
        [.. json.GetProperty("roles").EnumerateArray().Select(static role => new AccessRole(
            TextOf(role, "name"), TextsOf(role, "rights")))],
        [.. json.GetProperty("grants").EnumerateArray().Select(GrantOf)]);

    public static AccessExplanation ExplanationOf(JsonElement json) =>
        new(
            json.GetProperty("isAllowed").GetBoolean(),
            TextOf(json, "permission"),
            json.GetProperty("position").GetInt64())
        {
            Rule = json.TryGetProperty("rule", out var rule) ? rule.GetString() : null,
            Path = [.. TextsOf(json, "path").Select(AccessGrantee.Parse)],
            Grant = json.TryGetProperty("grant", out var grant) ? GrantOf(grant) : null,
            Roles = TextsOf(json, "roles"),
            ConditionalRules = TextsOf(json, "conditionalRules"),
            HiddenMembers = TextsOf(json, "hiddenMembers"),
            MaskedMembers = TextsOf(json, "maskedMembers"),
        };

    public static AccessGrant GrantOf(JsonElement json) =>
        new(
            AccessGrantee.Parse(TextOf(json, "to")),
            TextOf(json, "right"),
            TextOf(json, "by"),
            TextOf(json, "reason"))
        {
            IsBySystem = json.GetProperty("isBySystem").GetBoolean(),
            At = json.GetProperty("at").GetDateTimeOffset(),
            Position = json.GetProperty("position").GetInt64(),
        };

    private static string TextOf(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";

    private static string[] TextsOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var texts)
            ? [.. texts.EnumerateArray().Select(static text => text.GetString() ?? "")]
            : [];
}
