namespace Millrace.Generators;

/// <summary>What JSON of a type looks like, read from its text.</summary>
/// <param name="Kind">
/// A primitive's name; else <c>[</c>, <c>&lt;</c>, <c>{</c> or <c>(</c>, or <c>|</c> for one of several objects.
/// </param>
/// <param name="Names">The names of members, or the values of an enumeration; those of flags with their number,
/// <c>read=1</c>.</param>
/// <param name="Items">What the items, the key and the value, or the members look like.</param>
/// <param name="AllowsNull">Whether it may be null.</param>
internal sealed record ShapeNode(
    string Kind, IReadOnlyList<string> Names, IReadOnlyList<ShapeNode> Items, bool AllowsNull)
{
    /// <summary>The kind of one of several objects.</summary>
    public const string Listed = "|";

    /// <summary>Which members may be missing.</summary>
    public IReadOnlyCollection<string> Optional { get; init; } = [];

    /// <summary>
    /// The name of the member that says which of several objects it is; null for all else. The names are then the
    /// discriminators.
    /// </summary>
    public string? Discriminator { get; init; }

    /// <summary>Whether it is a number whose values have names and may be joined.</summary>
    public bool IsFlags { get; init; }

    /// <summary>The members of an event.</summary>
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

    /// <summary>Reads a text; null when it is none.</summary>
    public static ShapeNode? Parse(string text)
    {
        var place = 0;
        var node = Read(text, ref place);
        return node is not null && place == text.Length ? node : null;
    }

    private static ShapeNode? Read(string text, ref int place)
    {
        if (place >= text.Length)
            return null;
        var node = text[place] switch
        {
            '[' => Several(text, ref place, '[', ']'),
            '<' => Several(text, ref place, '<', '>'),
            '{' => Members(text, ref place),
            '(' => Values(text, ref place),
            _ => Word(text, ref place),
        };
        return node is not null && Skip(text, ref place, '?') ? node with { AllowsNull = true } : node;
    }

    private static ShapeNode? Several(string text, ref int place, char open, char close)
    {
        place++;
        var items = new List<ShapeNode>();
        do
        {
            if (Read(text, ref place) is not { } item)
                return null;
            items.Add(item);
        }
        while (Skip(text, ref place, ','));
        return Skip(text, ref place, close) ? new(open.ToString(), [], items, false) : null;
    }

    private static ShapeNode? Members(string text, ref int place)
    {
        place++;
        var names = new List<string>();
        var items = new List<ShapeNode>();
        var optional = new List<string>();
        while (!Skip(text, ref place, '}'))
        {
            var name = ShapeName.Read(text, ref place);
            if (Skip(text, ref place, '?'))
                optional.Add(name);
            if (!Skip(text, ref place, ':') || Read(text, ref place) is not { } item)
                return null;
            names.Add(name);
            items.Add(item);
            Skip(text, ref place, ',');
        }
        return new("{", names, items, false) { Optional = optional };
    }

    private static ShapeNode? Values(string text, ref int place)
    {
        place++;
        var names = new List<string>();
        while (!Skip(text, ref place, ')'))
        {
            if (place >= text.Length)
                return null;
            names.Add(ShapeName.Read(text, ref place));
            if (!Skip(text, ref place, '|') && (place >= text.Length || text[place] != ')'))
                return null;
        }
        return new("(", names, [], false);
    }

    private static ShapeNode? Word(string text, ref int place)
    {
        var word = ShapeName.Read(text, ref place);
        if (word.Length == 0)
            return null;
        if (place < text.Length && text[place] == '{')
            return Members(text, ref place) is { } listed ? listed with { Kind = Listed, Discriminator = word } : null;
        if (place >= text.Length || text[place] != '(')
            return new(word, [], [], false);
        return Values(text, ref place) is { } values ? values with { Kind = word, IsFlags = true } : null;
    }

    private static bool Skip(string text, ref int place, char mark)
    {
        if (place >= text.Length || text[place] != mark)
            return false;
        place++;
        return true;
    }
}
