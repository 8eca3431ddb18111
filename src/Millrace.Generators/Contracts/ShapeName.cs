using System.Text;

namespace Millrace.Generators;

/// <summary>Names in the text of a shape, where some marks have a meaning: a backslash before one says that it has
/// none.</summary>
internal static class ShapeName
{
    /// <summary>What parts a shape's text.</summary>
    public const string Marks = "[]<>{}()|,:?";

    /// <summary>The name as it stands within a text.</summary>
    public static string Escape(string name, string marks = Marks)
    {
        if (name.All(character => character != '\\' && marks.IndexOf(character) < 0))
            return name;
        var text = new StringBuilder();
        foreach (var character in name)
        {
            if (character == '\\' || marks.IndexOf(character) >= 0)
                text.Append('\\');
            text.Append(character);
        }
        return text.ToString();
    }

    /// <summary>The name of a member of an event, as the contract's file has it as a name of its own.</summary>
    public static string OfMember(string name, bool isOptional) => Escape(name, "?") + (isOptional ? "?" : "");

    /// <summary>Takes the name of an event's member apart.</summary>
    public static (string Name, bool IsOptional) Parse(string member)
    {
        var place = 0;
        var name = Read(member, ref place, "?");
        return (name, place < member.Length);
    }

    /// <summary>Reads a name up to a mark.</summary>
    public static string Read(string text, ref int place, string marks = Marks)
    {
        var name = new StringBuilder();
        while (place < text.Length && marks.IndexOf(text[place]) < 0)
        {
            if (text[place] == '\\' && place + 1 < text.Length)
                place++;
            name.Append(text[place++]);
        }
        return name.ToString();
    }
}
