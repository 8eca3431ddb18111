namespace Millrace.Generators.Contracts;

/// <summary>Checks whether JSON of one shape can be read as another shape.</summary>
/// <param name="mayDrop">True if a reader may ignore members that it does not have.</param>
/// <param name="flagsMayBeTexts">True if a shape may be in the older format, which writes flags like other
/// enumerations.</param>
internal sealed class ShapeComparison(bool mayDrop, bool flagsMayBeTexts)
{
    // A number of the first type can be read as the second type. A double cannot read a 64-bit number without losing
    // digits.
    private static readonly (string Narrow, string Wide)[] WideningSteps =
    [
        ("sByte", "int16"),
        ("byte", "int16"),
        ("byte", "uInt16"),
        ("int16", "int32"),
        ("uInt16", "int32"),
        ("uInt16", "uInt32"),
        ("int32", "int64"),
        ("uInt32", "int64"),
        ("uInt32", "uInt64"),
        ("int64", "decimal"),
        ("uInt64", "decimal"),
        ("int32", "double"),
        ("uInt32", "double"),
        ("single", "double"),
    ];

    private static readonly ILookup<string, string> Wider = WideningSteps.ToLookup(
        step => step.Narrow, step => step.Wide, StringComparer.Ordinal);

    private static readonly string[] Texts =
    [
        "guid",
        "dateOnly",
        "timeOnly",
        "dateTime",
        "dateTimeOffset",
        "timeSpan",
        "char",
        "uri",
    ];

    /// <summary>Returns the reasons why the reader's members cannot read the writer's members.</summary>
    /// <param name="reader">The members that are read.</param>
    /// <param name="writer">The members that were written.</param>
    public IEnumerable<string> Problems(
        IReadOnlyDictionary<string, string> reader,
        IReadOnlyDictionary<string, string> writer) => Members(ShapeNode.Of(reader), ShapeNode.Of(writer), "");

    private IEnumerable<string> Members(ShapeNode reader, ShapeNode writer, string path)
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
                foreach (var problem in Values(item, stored.Item, path + name))
                    yield return problem;
            }
        }
        foreach (var (name, _, _) in All(writer)
                .Where(stored => !mayDrop && All(reader).All(member => member.Name != stored.Name)))
            yield return $"'{path}{name}' was stored, but is no longer read";
    }

    private IEnumerable<string> Values(ShapeNode reader, ShapeNode writer, string path)
    {
        if (reader.Kind == "element")
            yield break; // The reader accepts any JSON, including null.
        if (writer.AllowsNull && !reader.AllowsNull)
            yield return $"'{path}' may be null in what was stored";
        if (reader.Kind == ShapeNode.Listed)
        {
            foreach (var problem in Listed(reader, writer, path))
                yield return problem;
            yield break;
        }
        if (reader.Kind != writer.Kind)
        {
            var isUnknown =
                flagsMayBeTexts && ((reader.IsFlags && writer.Kind == "(") || (reader.Kind == "(" && writer.IsFlags));
            if (!isUnknown && !IsWider(reader.Kind, writer.Kind))
            {
                yield return $"'{path}' was stored as {Name(writer)}, but is read as {Name(reader)}";
                yield break;
            }
        }
        else if (reader.Kind == "(" && writer.Names.Except(reader.Names).ToList() is { Count: > 0 } removed)
            yield return $"'{path}' may contain {string.Join(", ", removed)}, which no longer exists";
        if (reader.IsFlags
            && writer.IsFlags
            && FlagValueComparison.ChangedValues(reader.Names, writer.Names) is { Count: > 0 } renumbered)
            yield return $"'{path}' may contain {string.Join(", ", renumbered)}, which now has another meaning or none";
        foreach (var problem in reader.Kind == writer.Kind ? Inner(reader, writer, path) : [])
            yield return problem;
    }

    /// <summary>
    /// Returns the problems of listed types. The reader must list every type that the writer lists, including a type
    /// without a discriminator.
    /// </summary>
    private IEnumerable<string> Listed(ShapeNode reader, ShapeNode writer, string path)
    {
        if (writer.Kind == "{")
            writer = new(ShapeNode.Listed, [""], [writer], false) { Discriminator = reader.Discriminator };
        if (writer.Kind != ShapeNode.Listed)
            yield return $"'{path}' was stored as {Name(writer)}, but is read as {Name(reader)}";
        else if (writer.Discriminator != reader.Discriminator)
            yield return $"'{path}' was stored with the discriminator '{writer.Discriminator}', but is read by "
                + $"'{reader.Discriminator}'";
        else
        {
            for (var i = 0; i < writer.Names.Count; i++)
            {
                var index = reader.Names.ToList().IndexOf(writer.Names[i]);
                var name = writer.Names[i].Length == 0 ? "an object without a discriminator" : writer.Names[i];
                if (index < 0)
                    yield return $"'{path}' may contain {name}, which is no longer listed";
                foreach (var problem in index < 0
                        ? []
                        : Values(reader.Items[index], writer.Items[i], $"{path}[{writer.Names[i]}]"))
                    yield return problem;
            }
        }
    }

    private IEnumerable<string> Inner(ShapeNode reader, ShapeNode writer, string path)
    {
        if (reader.Kind == "{")
        {
            foreach (var problem in Members(reader, writer, path + "."))
                yield return problem;
        }
        for (var i = 0; reader.Kind is "[" or "<" && i < Math.Min(reader.Items.Count, writer.Items.Count); i++)
        {
            foreach (var problem in Values(reader.Items[i], writer.Items[i], path + "[]"))
                yield return problem;
        }
    }

    private static IEnumerable<(string Name, bool IsOptional, ShapeNode Item)> All(ShapeNode node) =>
        node.Names.Select((name, index) => (name, node.Optional.Contains(name), node.Items[index]));

    private static bool IsWider(string reader, string writer) =>
        (reader == "string" && (writer == "(" || Texts.Contains(writer)))
        || Wider[writer].Any(wide => wide == reader || IsWider(reader, wide));

    private static string Name(ShapeNode node) => node.Kind switch
    {
        "[" => "a list",
        "<" => "a map",
        "{" => "an object",
        "(" => "an enumeration",
        ShapeNode.Listed => "one of several objects",
        var number when node.IsFlags => number + " of flags",
        var primitive => primitive,
    };
}
