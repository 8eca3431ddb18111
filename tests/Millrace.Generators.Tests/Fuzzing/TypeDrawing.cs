namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>
/// Creates random member types from the types of .NET and the types that the program has declared so far.
/// </summary>
internal sealed class TypeDrawing(SeededRandom chance, bool mayBeRefused)
{
    private const int MaxDepth = 3;

    private static readonly FieldTypeSample[] Primitives =
    [
        Simple("string", false, "\"x\\n\\\"\"") with { IsOrdered = true },
        Simple("bool", true, "true") with { IsKey = false },
        Simple("char", true, "'\\''") with { IsKey = false },
        Simple("sbyte", true, "-128"),
        Simple("byte", true, "255"),
        Simple("short", true, "-7"),
        Simple("ushort", true, "7"),
        Simple("int", true, "int.MinValue"),
        Simple("uint", true, "4000000000"),
        Simple("long", true, "long.MinValue"),
        Simple("ulong", true, "ulong.MaxValue"),
        Simple("float", true, "1.1f"),
        Simple("double", true, "-0.0"),
        Simple("decimal", true, "-1.50m"),
        Simple("Guid", true, "default") with { Initial = "Guid.Parse(\"01234567-89ab-cdef-0123-456789abcdef\")" },
        Simple("DateTime", true, "default") with { Initial = "DateTime.UnixEpoch" },
        Simple("DateTimeOffset", true, "default") with { Initial = "DateTimeOffset.UnixEpoch" },
        Simple("DateOnly", true, "default") with { Initial = "new(2020, 2, 29)" },
        Simple("TimeOnly", true, "default") with { Initial = "new(1, 2, 3)" },
        Simple("TimeSpan", true, "default") with { Initial = "TimeSpan.FromTicks(-1)" },
        new("Uri", false) { Initial = "new(\"https://example.org/\")" },
        new("byte[]", false) { Initial = "[1, 2]" },
        new("JsonElement", true) { Initial = "JsonElement.Parse(\"[1]\")" },
        new("Temperature", false) { Initial = "new(1)" },
    ];

    private static readonly string[] Unsupported =
    [
        "object", "Half", "Int128", "(int, string)", "nint", "Version", "Action", "int[,]", "Queue<int>",
        "System.Numerics.BigInteger", "ReadOnlyMemory<byte>", "dynamic", "Lazy<int>", "Type", "KeyValuePair<int, int>",
        "System.Collections.ArrayList", "System.Collections.Concurrent.ConcurrentDictionary<string, int>", "Tuple<int>",
        "Dictionary<Uri, int>", "Exception", "Stack<int>", "System.Collections.ObjectModel.Collection<int>",
    ];

    private readonly List<FieldTypeSample> _declared = [];
    private readonly List<(Func<string, string> Name, string Constraint)> _generic = [];

    public void Add(FieldTypeSample type) => _declared.Add(type);

    /// <summary>Adds a generic type with a constraint.</summary>
    public void AddGeneric(Func<string, string> name, string constraint) => _generic.Add((name, constraint));

    /// <summary>Returns a random member type. The generator refuses some of these types.</summary>
    public FieldTypeSample Draw(int depth = 0)
    {
        if (mayBeRefused && depth == 0 && chance.Is(2))
            return new(chance.Pick(Unsupported), false) { Initial = "default!" };
        var type = Plain(depth);
        return chance.Is(25) ? type.AsNullable() : type;
    }

    /// <summary>Returns a random type that can be a tag or a key.</summary>
    public FieldTypeSample DrawKey() =>
        chance.Pick([.. Primitives.Where(type => type.IsKey), .. _declared.Where(type => type.IsKey)]);

    private FieldTypeSample Plain(int depth) => chance.Next(20) switch
    {
        < 8 => chance.Pick(Primitives),
        < 13 when _declared.Count > 0 => chance.Pick(_declared),
        < 17 when depth < MaxDepth => Collection(depth + 1),
        < 19 when depth < MaxDepth && _generic.Count > 0 => Generic(depth + 1),
        _ => chance.Pick(Primitives),
    };

    private FieldTypeSample Generic(int depth)
    {
        var (name, constraint) = chance.Pick(_generic);
        while (true)
        {
            var argument = constraint.Length == 0 ? Draw(depth) : Plain(depth);
            if ((constraint == "struct" && !argument.IsValue) || (constraint == "class" && argument.IsValue))
                continue;
            return new(name(argument.Name), false);
        }
    }

    private FieldTypeSample Collection(int depth) => chance.Next(10) switch
    {
        < 4 => List(Draw(depth).Name),
        < 5 => Set(depth),
        < 6 => SortedSet(),
        _ => Map(depth),
    };

    private FieldTypeSample List(string item) => chance.Pick<FieldTypeSample>(
        new($"{item}[]", false) { Initial = "[]" },
        new($"List<{item}>", false) { Initial = "[]" },
        new($"IList<{item}>", false) { Initial = "[]" },
        new($"ICollection<{item}>", false) { Initial = "[]" },
        new($"IReadOnlyList<{item}>", false) { Initial = "[]" },
        new($"IReadOnlyCollection<{item}>", false) { Initial = "[]" },
        new($"IEnumerable<{item}>", false) { Initial = "[]" },
        new($"ImmutableArray<{item}>", true) { Initial = "[]" },
        new($"ImmutableList<{item}>", false) { Initial = "[]" });

    private FieldTypeSample Set(int depth)
    {
        var item = Draw(depth).Name;
        return chance.Pick<FieldTypeSample>(
            new($"HashSet<{item}>", false) { Initial = "[]" },
            new($"ISet<{item}>", false) { Initial = $"new HashSet<{item}>()" },
            new($"IReadOnlySet<{item}>", false) { Initial = $"new HashSet<{item}>()" },
            new($"ImmutableHashSet<{item}>", false) { Initial = "[]" });
    }

    private FieldTypeSample SortedSet()
    {
        var item = chance
            .Pick([.. Primitives.Where(type => type.IsOrdered), .. _declared.Where(type => type.IsOrdered)])
            .Name;
        return chance.Pick<FieldTypeSample>(
            new($"SortedSet<{item}>", false) { Initial = "[]" },
            new($"ImmutableSortedSet<{item}>", false) { Initial = "[]" });
    }

    private FieldTypeSample Map(int depth)
    {
        var (key, value) = (DrawKey(), Draw(depth).Name);
        var pair = $"{key.Name}, {value}";
        var any = chance.Pick<FieldTypeSample>(
            new($"Dictionary<{pair}>", false) { Initial = "new()" },
            new($"IDictionary<{pair}>", false) { Initial = $"new Dictionary<{pair}>()" },
            new($"IReadOnlyDictionary<{pair}>", false) { Initial = $"new Dictionary<{pair}>()" },
            new($"ImmutableDictionary<{pair}>", false) { Initial = $"ImmutableDictionary<{pair}>.Empty" });
        return !key.IsOrdered || chance.Is(60) ? any : chance.Pick<FieldTypeSample>(
            new($"SortedDictionary<{pair}>", false) { Initial = "new()" },
            new($"ImmutableSortedDictionary<{pair}>", false) { Initial = $"ImmutableSortedDictionary<{pair}>.Empty" });
    }

    private static FieldTypeSample Simple(string name, bool isValue, string constant) => new(name, isValue)
    {
        IsKey = true,
        IsOrdered = true,
        Constant = constant,
        Initial = constant,
    };
}
