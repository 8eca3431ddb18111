namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>Creates random members with names, attributes, accessors and defaults.</summary>
internal sealed class MemberDrawing(SeededRandom chance, TypeDrawing types, bool mayBeRefused)
{
    private static readonly string[] Words =
    [
        "Total",
        "URL",
        "_part",
        "@class",
        "x_",
        "Größe",
        "iOS",
        "Value",
        "Name",
        "Items",
        "Id",
        "Key",
        "reader",
        "Type",
    ];

    private static readonly string[] JsonNames =
    [
        "a b",
        "",
        "\\\"q\\\"",
        "ünï",
        "$type",
        "$id",
        "\\u0001",
        "😀",
        "with/slash",
        "Upper",
        "id",
        "<&>",
        "a.b",
        "\\\\",
    ];

    private static readonly string[] Conditions = ["Never", "WhenWritingDefault", "WhenWritingNull"];

    private static readonly string[] Marks =
        ["Obsolete", "Obsolete(\"old\")", "Obsolete(\"old\", DiagnosticId = \"OWN1\")", "Experimental(\"OWN2\")"];

    private int _number;

    public string Number() => (++_number).ToString(System.Globalization.CultureInfo.InvariantCulture);

    public DrawnMember Draw() => new(chance.Pick(Words) + Number(), types.Draw());

    /// <summary>Returns a member whose type is a type parameter or is constructed from it.</summary>
    public DrawnMember Draw(string parameter)
    {
        string[] constructed =
        [
            $"{parameter}[]",
            $"List<{parameter}>",
            $"IReadOnlyList<{parameter}?>",
            $"Dictionary<string, {parameter}>",
        ];
        return new(
            chance.Pick(Words) + Number(), new(chance.Pick([parameter, parameter + "?", .. constructed]), false));
    }

    public List<DrawnMember> Several(int from, int to) =>
        [.. Enumerable.Range(0, from + chance.Next(to - from + 1)).Select(_ => Draw())];

    /// <summary>Returns the parameters of a positional record. The last parameters can have default values.</summary>
    public string Positional(IReadOnlyList<DrawnMember> members, string mark = "")
    {
        var first = members.Count;
        while (first > 0 && members[first - 1].Type.Constant is not null && chance.Is(40))
            first--;
        return string.Join(", ", members.Select((member, index) =>
        {
            var isOptional = index >= first;
            var constant = isOptional ? $" = {member.Type.Constant}" : "";
            return $"{Attributes(member, "property: ", isOptional, mark)}{member.Type.Name} {member.Name}{constant}";
        }));
    }

    /// <summary>Returns parameters without attributes or default values.</summary>
    public static string Plain(IEnumerable<DrawnMember> members) =>
        string.Join(", ", members.Select(member => $"{member.Type.Name} {member.Name}"));

    /// <summary>Returns the declaration of a property.</summary>
    public string Property(DrawnMember member, bool isStruct, bool mayInitialize, string mark = "")
    {
        var (accessors, isPublic) = Accessors(isStruct);
        var isRequired = isPublic && chance.Is(25);
        var initial =
            mayInitialize && member.Type.Initial is { } value && !isRequired && chance.Is(40) ? $" = {value};" : "";
        var attributes = Attributes(member, "", !isRequired || (mayBeRefused && chance.Is(20)), mark);
        if (!isPublic && !attributes.Contains("JsonI", StringComparison.Ordinal) && chance.Is(85))
            attributes = "[JsonInclude] " + attributes;
        var required = isRequired ? "required " : "";
        return $"{attributes}public {required}{member.Type.Name} {member.Name} {{ {accessors} }}{initial}";
    }

    /// <summary>
    /// Returns a member that is not an ordinary property, such as a computed, static or ignored member.
    /// </summary>
    public string UnusualMember(string type)
    {
        var number = Number();
        return chance.Pick(
            $"public int Twice{number} => 2;",
            $"[JsonInclude] public int Computed{number} => 2;",
            $"public static int Shared{number} {{ get; set; }} = 3;",
            $"public const string Constant{number} = \"c\";",
            $"public int Method{number}() => 1;",
            $"public string this[int index, long number{number}] => \"i\";",
            $"private enum Own{number} {{ A }}",
            $"[JsonIgnore] public Action? Handler{number} {{ get; init; }}",
            $"public static {type}? Last{number};",
            $"public event Action? Changed{number} {{ add {{ }} remove {{ }} }}",
            $"[JsonExtensionData] public Dictionary<string, JsonElement>? Extra{number} {{ get; init; }}");
    }

    public string Attributes(DrawnMember member, string target, bool isOptional, string mark)
    {
        var attributes = new List<string>();
        void May(int percent, Func<string> attribute)
        {
            if (chance.Is(percent))
                attributes.Add($"[{target}{attribute()}] ");
        }
        May(8, () => $"JsonPropertyName(\"{chance.Pick(JsonNames)}{Number()}\")");
        May(5, () => $"JsonPropertyOrder({chance.Next(7) - 3})");
        May(4, () => chance.Pick(Marks));
        if (isOptional && chance.Is(4))
            attributes.Add($"[{target}JsonIgnore] ");
        else
            May(5, () => $"JsonIgnore(Condition = JsonIgnoreCondition.{chance.Pick(Conditions)})");
        if (member.Type.Name is "int" or "int?")
            May(10, () => "JsonConverter(typeof(NumberText))");
        if (mark.Length > 0 && member.Type.IsKey)
            May(20, () => mark);
        if (mayBeRefused)
        {
            May(1, () => "JsonNumberHandling(JsonNumberHandling.WriteAsString)");
            May(1, () => "JsonIgnore");
            May(1, () => "JsonConverter(typeof(Temperature))");
            if (target.Length == 0 && isOptional)
                May(2, () => "Obsolete(\"never\", true)");
        }
        return string.Concat(attributes.DistinctBy(text => text.Split('(', ']')[0]));
    }

    private (string Accessors, bool IsPublic) Accessors(bool isStruct) => chance.Next(16) switch
    {
        < 6 => ("get; init;", true),
        < 11 => ("get; set;", true),
        11 => ("get; private set;", false),
        12 => ("get; private init;", false),
        13 => ("get; internal set;", false),
        14 when !isStruct => ("get; protected set;", false),
        _ => ("get; internal init;", false),
    };
}
