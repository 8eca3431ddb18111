namespace Millrace.Generators;

/// <summary>Whether what was written in one shape can be read as another.</summary>
internal static class ShapeComparison
{
    // Numbers by how much they hold: each can be read as those behind it in its row.
    private static readonly string[][] Wider =
    [
        ["sByte", "int16", "int32", "int64", "decimal"],
        ["byte", "uInt16", "uInt32", "uInt64", "decimal"],
        ["byte", "int16"], ["uInt16", "int32"], ["uInt32", "int64"],
        ["int16", "double"], ["int32", "double"], ["byte", "double"], ["single", "double"],
    ];

    private static readonly string[] Texts = ["guid", "dateOnly", "timeOnly", "dateTime", "dateTimeOffset", "timeSpan", "char", "uri"];

    /// <summary>What keeps the members of one shape from being read as those of another.</summary>
    /// <param name="reader">The members that are read.</param>
    /// <param name="writer">The members that were written.</param>
    /// <param name="mayDrop">Whether members may be passed over that the reader does not have.</param>
    public static IEnumerable<string> Problems(
        IReadOnlyDictionary<string, string> reader, IReadOnlyDictionary<string, string> writer, bool mayDrop) =>
        Members(NodeOf(reader), NodeOf(writer), "", mayDrop);

    private static ShapeNode NodeOf(IReadOnlyDictionary<string, string> members) => new(
        "{",
        [.. members.Keys],
        [.. members.Values.Select(text => ShapeNode.Parse(text) ?? new ShapeNode(text, [], [], false))],
        false);

    private static IEnumerable<string> Members(ShapeNode reader, ShapeNode writer, string path, bool mayDrop)
    {
        foreach (var (name, isOptional, item) in All(reader))
        {
            var stored = All(writer).FirstOrDefault(other => other.Name == name);
            if (stored.Item is null && !isOptional)
                yield return $"'{path}{name}' is required, but was not stored";
            else if (stored.Item is not null && stored.IsOptional && !isOptional)
                yield return $"'{path}{name}' is required, but may be missing in what was stored";
            else if (stored.Item is not null)
            {
                foreach (var problem in Values(item, stored.Item, path + name, mayDrop))
                    yield return problem;
            }
        }
        foreach (var (name, _, _) in All(writer).Where(stored => !mayDrop && All(reader).All(member => member.Name != stored.Name)))
            yield return $"'{path}{name}' was stored, but is not read any more";
    }

    private static IEnumerable<string> Values(ShapeNode reader, ShapeNode writer, string path, bool mayDrop)
    {
        if (writer.AllowsNull && !reader.AllowsNull)
            yield return $"'{path}' may be null in what was stored";
        if (reader.Kind != writer.Kind)
        {
            if (!IsWider(reader.Kind, writer.Kind))
                yield return $"'{path}' was stored as {Name(writer)}, but is read as {Name(reader)}";
            yield break;
        }
        if (reader.Kind == "(" && writer.Names.Except(reader.Names).ToList() is { Count: > 0 } gone)
            yield return $"'{path}' may hold {string.Join(", ", gone)}, which is no value of it any more";
        if (reader.Kind == "{")
        {
            foreach (var problem in Members(reader, writer, path + ".", mayDrop))
                yield return problem;
        }
        for (var i = 0; reader.Kind is "[" or "<" && i < Math.Min(reader.Items.Count, writer.Items.Count); i++)
        {
            foreach (var problem in Values(reader.Items[i], writer.Items[i], path + "[]", mayDrop))
                yield return problem;
        }
    }

    private static IEnumerable<(string Name, bool IsOptional, ShapeNode Item)> All(ShapeNode node) => node.Names.Select(
        (name, index) => (name.TrimEnd('?'), name.EndsWith("?", StringComparison.Ordinal), node.Items[index]));

    private static bool IsWider(string reader, string writer) =>
        (reader == "string" && (writer == "(" || Texts.Contains(writer)))
        || Wider.Any(row => Array.IndexOf(row, writer) is var from and >= 0 && Array.IndexOf(row, reader) > from);

    private static string Name(ShapeNode node) => node.Kind switch
    {
        "[" => "a list",
        "<" => "a map",
        "{" => "an object",
        "(" => "an enumeration",
        var primitive => primitive,
    };
}
