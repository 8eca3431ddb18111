namespace Millrace.Generators.Contracts;

/// <summary>The parsed shape of a type's JSON.</summary>
/// <param name="Kind">The name of a primitive, <c>[</c> for a list, <c>&lt;</c> for a map, <c>{</c> for an object,
/// <c>(</c> for an enumeration, or <c>|</c> for one of several objects.</param>
/// <param name="Names">The names of members, or the values of an enumeration. For flags, they contain the number, as in
/// <c>read=1</c>.</param>
/// <param name="Items">The shapes of the items, of the key and the value, or of the members.</param>
/// <param name="AllowsNull">True if the value may be null.</param>
internal sealed record ShapeNode(
    string Kind, IReadOnlyList<string> Names, IReadOnlyList<ShapeNode> Items, bool AllowsNull)
{
    /// <summary>The kind of a node for one of several objects.</summary>
    public const string Listed = "|";

    /// <summary>Gets the members that may be missing.</summary>
    public IReadOnlyCollection<string> Optional { get; init; } = [];

    /// <summary>
    /// Gets the name of the discriminator member of one of several objects, or null for other kinds. If it is not null,
    /// the names are the discriminators.
    /// </summary>
    public string? Discriminator { get; init; }

    /// <summary>Gets whether the node is a number whose values have names and can be combined.</summary>
    public bool IsFlags { get; init; }

    /// <summary>Returns the shape of an event with these members.</summary>
    public static ShapeNode Of(IReadOnlyDictionary<string, string> members)
    {
        var names = members.Keys.Select(ShapeName.Parse).ToList();
        return new(
            "{",
            [.. names.Select(name => name.Name)],
            [.. members.Values.Select(text => Parse(text) ?? new ShapeNode(text, [], [], false))],
            false)
        {
            Optional = [.. names.Where(name => name.IsOptional).Select(name => name.Name)],
        };
    }

    /// <summary>Parses a text. Returns null if the text is invalid.</summary>
    public static ShapeNode? Parse(string text)
    {
        var position = 0;
        var node = Read(text, ref position);
        return node is not null && position == text.Length ? node : null;
    }

    private static ShapeNode? Read(string text, ref int position)
    {
        if (position >= text.Length)
            return null;
        var node = text[position] switch
        {
            '[' => ReadItems(text, ref position, '[', ']'),
            '<' => ReadItems(text, ref position, '<', '>'),
            '{' => ReadMembers(text, ref position),
            '(' => ReadValues(text, ref position),
            _ => ReadWord(text, ref position),
        };
        return node is not null && Skip(text, ref position, '?') ? node with { AllowsNull = true } : node;
    }

    private static ShapeNode? ReadItems(string text, ref int position, char open, char close)
    {
        position++;
        var items = new List<ShapeNode>();
        do
        {
            if (Read(text, ref position) is not { } item)
                return null;
            items.Add(item);
        }
        while (Skip(text, ref position, ','));
        return Skip(text, ref position, close) ? new(open.ToString(), [], items, false) : null;
    }

    private static ShapeNode? ReadMembers(string text, ref int position)
    {
        position++;
        var names = new List<string>();
        var items = new List<ShapeNode>();
        var optional = new List<string>();
        while (!Skip(text, ref position, '}'))
        {
            var name = ShapeName.Read(text, ref position);
            if (Skip(text, ref position, '?'))
                optional.Add(name);
            if (!Skip(text, ref position, ':') || Read(text, ref position) is not { } item)
                return null;
            names.Add(name);
            items.Add(item);
            Skip(text, ref position, ',');
        }
        return new("{", names, items, false) { Optional = optional };
    }

    private static ShapeNode? ReadValues(string text, ref int position)
    {
        position++;
        var names = new List<string>();
        while (!Skip(text, ref position, ')'))
        {
            if (position >= text.Length)
                return null;
            names.Add(ShapeName.Read(text, ref position));
            if (!Skip(text, ref position, '|') && (position >= text.Length || text[position] != ')'))
                return null;
        }
        return new("(", names, [], false);
    }

    private static ShapeNode? ReadWord(string text, ref int position)
    {
        var word = ShapeName.Read(text, ref position);
        if (word.Length == 0)
            return null;
        if (position < text.Length && text[position] == '{')
            return ReadMembers(text, ref position) is { } listed
                ? listed with { Kind = Listed, Discriminator = word }
                : null;
        if (position >= text.Length || text[position] != '(')
            return new(word, [], [], false);
        return ReadValues(text, ref position) is { } values ? values with { Kind = word, IsFlags = true } : null;
    }

    private static bool Skip(string text, ref int position, char character)
    {
        if (position >= text.Length || text[position] != character)
            return false;
        position++;
        return true;
    }
}
