using System.Text.Json;
using Millrace.Cli.Models;

namespace Millrace.Cli.Output;

/// <summary>Writes roles, granted rights and explanations of decisions about access.</summary>
internal static class AccessText
{
    public static void Write(ToolInvocation call, AccessSnapshot found)
    {
        if (found.Roles.Count == 0)
            call.Line("No application has recorded roles in this store.");
        else
            WriteRoles(call, found.Roles);
        call.Line("");
        if (found.Grants.Count == 0)
        {
            call.Line("No rights are granted.");
            return;
        }
        var rows = new TextTable("holder", "granted right", "by", "time", "#position", "~reason");
        foreach (var grant in found.Grants)
            rows.Add(
                grant.To.ToString(),
                grant.Right,
                grant.IsBySystem ? grant.By + " (system)" : grant.By,
                EventView.TimeOf(grant.At),
                TextTable.Number(grant.Position),
                grant.Reason);
        rows.Write(call);
    }

    public static void Write(ToolInvocation call, string user, AccessExplanation found)
    {
        var rules = $"by the rules at position {TextTable.Number(found.Position)}";
        if (found.IsAllowed)
        {
            call.Line($"{user} has the permission '{found.Permission}' {rules}.");
            call.Line($"Rule:  {found.Rule}");
            call.Line($"From:  {string.Join(" → ", found.Path)}");
            if (found.Grant is { } grant)
                call.Line(
                    $"Grant: by {grant.By} at position {TextTable.Number(grant.Position)}, "
                        + $"{EventView.TimeOf(grant.At)}: {grant.Reason}");
        }
        else
        {
            call.Line($"{user} does not have the permission '{found.Permission}' {rules}.");
        }
        call.Line($"Roles: {string.Join(", ", found.Roles)}");
        foreach (var rule in found.ConditionalRules)
            call.Line($"Allowed only under the condition of: {rule}");
        if (found.HiddenMembers.Count > 0)
            call.Line($"Left out: {string.Join(", ", found.HiddenMembers)}");
        if (found.MaskedMembers.Count > 0)
            call.Line($"Masked: {string.Join(", ", found.MaskedMembers)}");
    }

    public static void WriteMembers(Utf8JsonWriter writer, AccessSnapshot found)
    {
        writer.WriteNumber("position"u8, found.Position);
        writer.WriteStartArray("roles"u8);
        foreach (var role in found.Roles)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, role.Name);
            ModelJsonWriter.Texts(writer, "rights", role.Rights);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("grants"u8);
        foreach (var grant in found.Grants)
        {
            writer.WriteStartObject();
            WriteMembers(writer, grant);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    public static void WriteMembers(Utf8JsonWriter writer, AccessGrant grant)
    {
        writer.WriteString("to"u8, grant.To.ToString());
        writer.WriteString("right"u8, grant.Right);
        writer.WriteString("by"u8, grant.By);
        writer.WriteBoolean("bySystem"u8, grant.IsBySystem);
        writer.WriteString("reason"u8, grant.Reason);
        writer.WriteString("at"u8, grant.At);
        writer.WriteNumber("position"u8, grant.Position);
    }

    public static void WriteMembers(Utf8JsonWriter writer, AccessExplanation found)
    {
        writer.WriteBoolean("allowed"u8, found.IsAllowed);
        writer.WriteString("permission"u8, found.Permission);
        writer.WriteNumber("position"u8, found.Position);
        if (found.Rule is not null)
            writer.WriteString("rule"u8, found.Rule);
        ModelJsonWriter.Texts(writer, "path", found.Path.Select(holder => holder.ToString()));
        if (found.Grant is { } grant)
        {
            writer.WriteStartObject("grant"u8);
            WriteMembers(writer, grant);
            writer.WriteEndObject();
        }
        ModelJsonWriter.Texts(writer, "roles", found.Roles);
        ModelJsonWriter.Texts(writer, "conditionalRules", found.ConditionalRules);
        ModelJsonWriter.Texts(writer, "hiddenMembers", found.HiddenMembers);
        ModelJsonWriter.Texts(writer, "maskedMembers", found.MaskedMembers);
    }

    private static void WriteRoles(ToolInvocation call, IReadOnlyList<AccessRole> roles)
    {
        var rows = new TextTable("role", "~rights");
        foreach (var role in roles)
            rows.Add(role.Name, role.Rights.Count == 0 ? "(none)" : string.Join("; ", role.Rights));
        rows.Write(call);
    }
}
