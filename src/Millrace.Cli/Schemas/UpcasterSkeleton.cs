using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Millrace.Cli.Schemas;

/// <summary>Creates the start of an upcaster for unreadable events, from a stored event.</summary>
internal static class UpcasterSkeleton
{
    private const int MaxMembers = 40;

    /// <summary>Returns code for the application.</summary>
    /// <param name="stored">An unreadable event.</param>
    /// <param name="newest">The newest version of its type in the build; null when there is none.</param>
    public static string For(RecordedEvent stored, EventType? newest)
    {
        var code = new StringBuilder();
        var version = stored.SchemaVersion.ToString(CultureInfo.InvariantCulture);
        if (newest is not null && newest.SchemaVersion < stored.SchemaVersion)
        {
            return $"// A newer build stored version {version}, and this build knows {newest.ClrType.Name} only up to "
                + $"version {newest.SchemaVersion.ToString(CultureInfo.InvariantCulture)}: copy the record and its "
                + $"upcasters from the sources\n// of that build, or deploy it. Stored as version {version}: "
                + $"{MembersOf(stored)}";
        }
        if (newest is not null && newest.SchemaVersion == stored.SchemaVersion)
        {
            var next = (stored.SchemaVersion + 1).ToString(CultureInfo.InvariantCulture);
            code.Append("// The stored version ")
                .Append(version)
                .Append(" has another shape: raise the version of ")
                .Append(newest.ClrType.Name)
                .Append(" to ")
                .Append(next)
                .Append(".\n");
        }
        code.Append("// Stored as version ").Append(version).Append(": ").Append(MembersOf(stored)).Append('\n');
        code.Append("[Upcast(\"").Append(stored.Type).Append("\", ").Append(version).Append(")]\n");
        code.Append("public static JsonObject ")
            .Append(NameOf(stored.Type))
            .Append("FromV")
            .Append(version)
            .Append("(JsonObject old)\n");
        code.Append("{\n    // old[\"member\"] = …; old.Remove(\"member\");\n    return old;\n}");
        return code.ToString();
    }

    private static string MembersOf(RecordedEvent stored)
    {
        try
        {
            using var document = JsonDocument.Parse(stored.ReadablePayload);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return "not a JSON object";
            return string.Join(
                ", ",
                document
                    .RootElement.EnumerateObject()
                    .Take(MaxMembers)
                    .Select(member => $"{member.Name} ({Kind(member.Value)})"));
        }
        catch (JsonException)
        {
            return $"{stored.ContentType}, not JSON";
        }
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "text",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    private static string NameOf(string type)
    {
        var name = new StringBuilder();
        foreach (var word in type.Split('.', '-', '_').Where(word => word.Length > 0))
            name.Append(char.ToUpperInvariant(word[0])).Append(word, 1, word.Length - 1);
        return name.ToString();
    }
}
