using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Repository.Tests;

/// <summary>Checks the reference of options, which is written from the code.</summary>
public sealed partial class OptionsTests
{
    private const string Page = "docs/reference/options.md";

    private const string Opening = """
        # Options

        All options with their types and defaults. Ranges and units are in the text. The store or the application checks its options when it
        starts. If some are invalid, it reports all of them and does not start. Some can [change while it
        runs](../how-to/configure.md#changes-while-the-application-runs). This page is generated
        from the code (`UPDATE_DOCS=1 ./test --only Options`), and a test compares both.

        """;

    [Fact]
    public void Every_option_is_in_the_reference()
    {
        var actual = Describe();

        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(RepositoryFiles.FullPath(Page), actual);
        }

        var recorded = File.Exists(RepositoryFiles.FullPath(Page)) ? RepositoryFiles.Text(Page) : "";
        Findings.AssertNone(
            $"{Page} differs from the code. UPDATE_DOCS=1 ./test --only Options writes it.",
            actual.Split('\n').Except(recorded.Split('\n')).Concat(recorded.Split('\n').Except(actual.Split('\n'))));
    }

    [Fact]
    public void Every_option_documents_its_default()
        => Findings.AssertNone(
            "The doc comment of an option says its default, and its range and unit where it has one.",
            from type in OptionTypes()
            let defaults = Activator.CreateInstance(type)
            from property in Properties(type)
            where property.GetValue(defaults) is not null // the column says "none"
            where !Summary(property).Contains("default", StringComparison.OrdinalIgnoreCase) && !IsGroup(property)
            select $"{type.Name}.{property.Name}: {Summary(property)}");

    private static IEnumerable<Type> OptionTypes() =>
        from project in RepositoryFiles.All
        where
            project.StartsWith("src/", StringComparison.Ordinal)
            && project.EndsWith(".csproj", StringComparison.Ordinal)
        where !project.EndsWith("Generators.csproj", StringComparison.Ordinal)
        where !project.EndsWith("CodeFixes.csproj", StringComparison.Ordinal)
        from type in Assembly.Load(Path.GetFileNameWithoutExtension(project)).GetExportedTypes()
        where
            type.Name.EndsWith("Options", StringComparison.Ordinal)
            || type.Name.EndsWith("Limits", StringComparison.Ordinal)
        where type.GetConstructor(Type.EmptyTypes) is not null
        orderby type.Assembly.GetName().Name, type.Name
        select type;

    private static IEnumerable<PropertyInfo> Properties(Type type)
        => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true }
                || property.PropertyType == typeof(IDictionary<string, int>)
                || property.PropertyType == typeof(IDictionary<string, string>));

    private static bool IsGroup(PropertyInfo property) => OptionTypes().Contains(property.PropertyType);

    private static string Describe()
    {
        var text = new StringBuilder(Opening.ReplaceLineEndings("\n"));
        foreach (var type in OptionTypes())
        {
            var about = Text(Member("T", type.FullName!, type.Assembly));
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n## {type.Name}\n{about} Package `{type.Assembly.GetName().Name}`.\n\n");
            text.Append("| option | type | default | meaning |\n|---|---|---|---|\n");
            var defaults = Activator.CreateInstance(type)!;
            foreach (var property in Properties(type))
            {
                var value = Value(property, property.GetValue(defaults));
                text.Append(CultureInfo.InvariantCulture,
                    $"| `{property.Name}` | {TypeName(property)} | {value} | {Summary(property)} |\n");
            }
        }

        return text.ToString();
    }

    private static string Summary(PropertyInfo property)
        => WithoutVerb(
            Text(
                Member("P", property.DeclaringType!.FullName + "." + property.Name, property.DeclaringType.Assembly)));

    /// <summary>Removes "Gets or sets", with which the comments of properties start.</summary>
    private static string WithoutVerb(string text)
    {
        var verb = new[] { "Gets or sets ", "Gets " }
            .FirstOrDefault(verb => text.StartsWith(verb, StringComparison.Ordinal)) ?? "";
        var rest = text[verb.Length..];
        return rest.Length == 0 ? rest : char.ToUpperInvariant(rest[0]) + rest[1..];
    }

    private static XElement Member(string kind, string name, Assembly assembly)
    {
        var path = Path.ChangeExtension(assembly.Location, ".xml");
        Assert.True(File.Exists(path), $"{path} is missing: the library writes no documentation file.");
        var id = $"{kind}:{name.Replace('+', '.')}";
        return XDocument
                .Load(path)
                .Descendants("member")
                .SingleOrDefault(member => (string?)member.Attribute("name") == id)
            ?? throw new InvalidOperationException($"{id} has no doc comment.");
    }

    private static string Text(XElement member)
    {
        var parts = from name in new[] { "summary", "value", "remarks" }
                    from element in member.Elements(name)
                    select string.Concat(element.Nodes().Select(Plain));
        return Blanks().Replace(string.Join(" ", parts), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Plain(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "paramref" or "typeparamref" } reference => $"`{Target(reference)}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement element => string.Concat(element.Nodes().Select(Plain)),
        _ => "",
    };

    private static string Target(XElement reference)
    {
        var name = (string?)reference.Attribute("cref") ?? (string?)reference.Attribute("langword")
            ?? (string?)reference.Attribute("name") ?? "";
        return name.Split(':')[^1].Split('(')[0].Split('.')[^1].Split('`')[0];
    }

    private static string TypeName(PropertyInfo property)
    {
        var nullable = Nullable.GetUnderlyingType(property.PropertyType);
        var type = nullable ?? property.PropertyType;
        var name = type switch
        {
            _ when type == typeof(int) => "int",
            _ when type == typeof(long) => "long",
            _ when type == typeof(bool) => "bool",
            _ when type == typeof(double) => "double",
            _ when type == typeof(string) => "string",
            _ => type.Name.Split('`')[0],
        };
        var arguments = type.IsGenericType
            ? "<" + string.Join(", ", type.GetGenericArguments().Select(argument => argument.Name)) + ">"
            : "";
        return $"`{name}{arguments}{(nullable is null ? "" : "?")}`";
    }

    private static string Value(PropertyInfo property, object? value) => value switch
    {
        null => "none",
        bool flag => flag ? "`true`" : "`false`",
        int or long => "`" + ((IFormattable)value).ToString("N0", CultureInfo.InvariantCulture) + "`",
        TimeSpan span => "`" + span.ToString("c", CultureInfo.InvariantCulture) + "`",
        string { Length: 0 } => "empty",
        _ when IsGroup(property) => "see there",
        _ when value.GetType().IsPrimitive || value.GetType().IsEnum || value is string
            => "`" + Convert.ToString(value, CultureInfo.InvariantCulture) + "`",
        System.Collections.ICollection { Count: 0 } => "empty",
        _ => "see the text",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
